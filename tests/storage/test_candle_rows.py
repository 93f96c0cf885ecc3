"""Candles and gaps as they are stored: nothing is lost, nothing is counted, nothing is written twice."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.storage.support import SYMBOL, before_each_statement, candle, execute, hour, rows
from volatility.domain.calendar import SessionBounds
from volatility.domain.candles import Candle
from volatility.domain.errors import StorageError
from volatility.domain.hours import Span
from volatility.domain.sessions import Session
from volatility.storage import ban_rows, candle_rows, session_rows
from volatility.storage.candle_rows import Symbol, Written
from volatility.storage.database import Database
from volatility.storage.schema import daily_sessions, kline_gaps, session_statistics
from volatility.storage.upsert import upsert

# The database is emptied at the start of each example.
examples = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LATER = 1 << 50


def write(
    database: Database, asked: Span, candles: list[Candle], *, gap_before_ms: int = 0, symbol: str = SYMBOL
) -> Written:
    return database.write(
        lambda c: candle_rows.write_page(c, symbol, asked, candles, asked_at_ms=hour(9999), gap_before_ms=gap_before_ms)
    )


def stored(database: Database, asked: Span, symbol: str = SYMBOL) -> list[Candle]:
    return database.read(lambda c: candle_rows.stored_candles(c, symbol, asked))


def empty_out(database: Database) -> None:
    execute(database, "DELETE FROM klines_hourly", "DELETE FROM kline_gaps", "DELETE FROM kline_changes")


def as_sent(digits: int, places: int) -> str:
    """A number as the exchange writes it, such as 4261.48000000."""
    return f"{digits // 10**places}.{digits % 10**places:0{places}d}" if places else str(digits)


sent = st.builds(as_sent, st.integers(0, 10**15 - 1), st.integers(0, 12))


class TestNumbers:
    """What comes out prints as what came in."""

    @examples
    @given(texts=st.lists(sent, min_size=8, max_size=8))
    @example(
        ["4261.48000000", "4313.62000000", "0.00000001", "999999.99999999", "0.00000000"] + ["12345678.9012345"] * 3
    )
    def test_a_decimal_of_up_to_15_digits_comes_back_as_the_same_string(
        self, database: Database, texts: list[str]
    ) -> None:
        empty_out(database)
        open_, high, low, close, volume, quote, taker, taker_quote = map(float, texts)
        write(
            database,
            Span(hour(0), hour(1)),
            [Candle(hour(0), open_, high, low, close, volume, hour(1) - 1, quote, 7, taker, taker_quote)],
        )
        (back,) = stored(database, Span(hour(0), hour(1)))
        numbers = (*back[1:6], back[7], *back[9:])
        for number, text in zip(numbers, texts, strict=True):
            places = len(text.partition(".")[2])
            assert f"{number:.{places}f}" == text
            assert Decimal(repr(number)) == Decimal(text)

    @examples
    @given(value=st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False))
    @example(0.1 + 0.2)
    @example(1.7976931348623157e308)
    @example(2.2250738585072014e-308)
    def test_any_double_comes_back_to_the_last_bit(self, database: Database, value: float) -> None:
        """Statistics have all 17 digits."""
        names = {"mean": value, "median": value, "p10": None, "p25": -value, "p75": value, "p90": value}
        row = {"symbol": SYMBOL, "open_time": hour(0), "metric": "range", "window": 5, "n": 5, **names}
        database.write(lambda c: upsert(c, session_statistics, [row]))
        (found,) = rows(database, "SELECT mean, median, p10, p25, p75, p90 FROM session_statistics")
        assert found == tuple(names.values())

    def test_what_is_not_a_number_is_never_stored(self, database: Database) -> None:
        """Pages are checked long before: the database or its driver is the last to refuse it."""
        with pytest.raises(StorageError, match=r"(?i)nan|not null"):
            write(database, Span(hour(0), hour(1)), [candle(0)._replace(volume=float("nan"))])
        assert rows(database, "SELECT * FROM klines_hourly") == []

    def test_counts_of_trades_have_64_bits(self, database: Database) -> None:
        write(database, Span(hour(0), hour(1)), [candle(0)._replace(number_of_trades=(1 << 63) - 1)])
        assert stored(database, Span(hour(0), hour(1)))[0].number_of_trades == 9223372036854775807


class TestInstants:
    """Milliseconds in Python, readable UTC in the database."""

    def test_a_person_reads_utc_in_the_database(self, database: Database) -> None:
        write(database, Span(hour(0), hour(1)), [candle(0)])
        ((opened, closed),) = rows(database, "SELECT open_time, close_time FROM klines_hourly")
        assert str(opened)[:19] == "2017-08-17 04:00:00"
        assert str(closed)[:23] == "2017-08-17 04:59:59.999"

    @examples
    @given(ms=st.integers(0, 4_102_444_799_999))
    @example(1_521_946_800_000)  # in the hour that clocks in Moscow or Berlin skip or repeat
    @example(1_540_688_400_001)
    def test_a_millisecond_comes_back_as_itself(self, database: Database, ms: int) -> None:
        database.write(lambda c: ban_rows.remember_ban(c, "binance", ms, 0.0))
        found = database.read(lambda c: ban_rows.stored_ban(c, "binance"))
        assert found is not None
        assert found.until_ms == ms
        ((text,),) = rows(database, "SELECT until FROM exchange_bans WHERE exchange = 'binance'")
        whole = datetime.fromisoformat(str(text)).replace(tzinfo=UTC)
        assert round(whole.timestamp() * 1000) == ms

    @pytest.mark.server
    def test_the_servers_own_zone_does_not_matter(self, on_server: Database) -> None:
        write(on_server, Span(hour(0), hour(1)), [candle(0)])

        def in_another_zone(connection: sa.Connection) -> list[Candle]:
            connection.execute(sa.text("SET time_zone = '+09:00'"))
            try:
                return candle_rows.stored_candles(connection, SYMBOL, Span(hour(0), hour(1)))
            finally:
                connection.execute(sa.text("SET time_zone = SYSTEM"))

        assert on_server.read(in_another_zone) == [candle(0)]


class TestUpsert:
    """A row whose key exists takes the new values; all others stay."""

    def test_new_rows_come_and_old_ones_change(self, database: Database) -> None:
        everything = Span(hour(0), hour(9))
        write(database, everything, [candle(0), candle(1), candle(2)])
        assert write(database, everything, [candle(1, 5000), candle(3)]) == Written(new=1, revised=1, gaps=0, pending=5)
        assert stored(database, everything) == [candle(0), candle(1, 5000), candle(2), candle(3)]

    def test_one_call_may_write_both(self, database: Database) -> None:
        facts = {"A1": Symbol(hour(0), False), "B2": Symbol(hour(1), True)}
        for _ in range(2):
            for name, fact in facts.items():
                database.write(partial(candle_rows.remember_symbol, symbol=name, facts=fact))
        assert database.read(candle_rows.stored_symbols) == facts
        assert database.read(lambda c: candle_rows.symbol_facts(c, "B2")) == Symbol(hour(1), True)
        assert database.read(lambda c: candle_rows.symbol_facts(c, "C3")) is None

    def test_nothing_to_write_asks_nothing(self, database: Database) -> None:
        seen: list[str] = []
        with database.engine.connect() as connection, before_each_statement(database, seen.append):
            upsert(connection, daily_sessions, [])
        assert [text for text in seen if "INSERT" in text] == []

    def test_symbols_are_told_apart(self, database: Database) -> None:
        span = Span(hour(0), hour(2))
        write(database, span, [candle(0), candle(1)])
        write(database, span, [candle(0, 1.0)], symbol="ETHUSDT", gap_before_ms=LATER)
        assert stored(database, span) == [candle(0), candle(1)]
        assert database.read(lambda c: candle_rows.gap_hours(c, SYMBOL)) == []
        assert database.read(lambda c: candle_rows.gap_hours(c, "ETHUSDT")) == [hour(1)]
        assert database.read(lambda c: candle_rows.missing_hours(c, "ETHUSDT", span)) == []
        assert database.read(lambda c: candle_rows.first_stored(c, "XRPUSDT")) is None
        assert database.read(lambda c: candle_rows.newest_stored(c, "ETHUSDT")) == hour(0)


numbers = st.sets(st.integers(0, 60), max_size=50)


class TestFirstStoredOrGap:
    """Where history begins: the first hour that is stored or a gap, of those that count."""

    @pytest.mark.parametrize(
        ("since", "first"), [(-5, 3), (3, 3), (4, 5), (5, 5), (6, 8), (8, 8), (9, 20), (20, 20), (21, None)]
    )
    def test_it_is_a_candle_or_a_gap(self, database: Database, since: int, first: int | None) -> None:
        write(database, Span(hour(5), hour(6)), [], gap_before_ms=LATER)
        write(database, Span(hour(25), hour(26)), [], gap_before_ms=LATER)
        for number in (3, 8, 20):
            write(database, Span(hour(number), hour(number + 1)), [candle(number)])
        expected = None if first is None else hour(first)
        assert database.read(lambda c: candle_rows.first_stored_or_gap(c, SYMBOL, hour(since))) == expected

    def test_nothing_is_known_of_another_symbol(self, database: Database) -> None:
        write(database, Span(hour(0), hour(1)), [candle(0)])
        assert database.read(lambda c: candle_rows.first_stored_or_gap(c, "ETHUSDT", hour(0))) is None


class TestMissingHours:
    """Neither stored nor known to be a gap."""

    @settings(examples, max_examples=120)
    @given(held=numbers, gaps=numbers, asked=st.tuples(st.integers(-5, 65), st.integers(0, 70)), recheck=st.booleans())
    @example(held=set(), gaps=set(), asked=(0, 10), recheck=False)
    @example(held={3}, gaps={3}, asked=(3, 1), recheck=False)
    def test_they_are_what_a_plain_loop_finds(
        self, database: Database, held: set[int], gaps: set[int], asked: tuple[int, int], recheck: bool
    ) -> None:
        first, length = asked
        empty_out(database)
        write(database, Span(hour(0), hour(61)), [candle(number) for number in sorted(held)])
        database.write(
            lambda c: upsert(
                c,
                kline_gaps,
                [{"symbol": SYMBOL, "start_time": hour(gap), "asked_at": 0} for gap in sorted(gaps)],
            )
        )
        known = held if recheck else held | gaps
        wanted: list[Span] = []
        for number in range(first, first + length):
            if number in known:
                continue
            if wanted and wanted[-1].end_ms == hour(number):
                wanted[-1] = Span(wanted[-1].start_ms, hour(number + 1))
            else:
                wanted.append(Span(hour(number), hour(number + 1)))
        span = Span(hour(first), hour(first + length))
        assert database.read(lambda c: candle_rows.missing_hours(c, SYMBOL, span, ignore_gaps=recheck)) == wanted

    def test_one_query_finds_them(self, database: Database) -> None:
        write(database, Span(hour(0), hour(100)), [candle(n) for n in range(0, 100, 2)])
        seen: list[str] = []
        with before_each_statement(database, seen.append):
            found = database.read(lambda c: candle_rows.missing_hours(c, SYMBOL, Span(hour(0), hour(100))))
        assert len(found) == 50
        assert len([text for text in seen if "klines_hourly" in text]) == 1

    @pytest.mark.parametrize("span", [Span(hour(5), hour(5)), Span(hour(5), hour(3))])
    def test_a_span_without_an_hour_misses_none(self, database: Database, span: Span) -> None:
        assert database.read(lambda c: candle_rows.missing_hours(c, SYMBOL, span)) == []


def changes(database: Database) -> list[Span]:
    return sorted(database.read(lambda c: session_rows.read_changes(c, SYMBOL)).spans)


class TestWritePage:
    """What a checked answer changes is written, and nothing else."""

    def test_a_repeated_page_writes_nothing(self, database: Database) -> None:
        page = [candle(0), candle(1)]
        span = Span(hour(0), hour(2))
        assert write(database, span, page) == Written(new=2, revised=0, gaps=0, pending=0)
        seen: list[str] = []
        with before_each_statement(database, seen.append):
            assert write(database, span, page) == Written(0, 0, 0, 0)
        assert not [text for text in seen if text.split()[0] in {"INSERT", "UPDATE", "DELETE"}]

    def test_changes_are_noted_as_the_runs_of_hours_they_touch(self, database: Database) -> None:
        span = Span(hour(0), hour(10))
        write(database, span, [candle(0), candle(1), candle(5)])
        write(database, span, [candle(1), candle(5, 1.0), candle(6), candle(8)])
        assert changes(database) == [
            Span(hour(0), hour(2)),
            Span(hour(5), hour(6)),
            Span(hour(5), hour(7)),
            Span(hour(8), hour(9)),
        ]

    @pytest.mark.parametrize("field", [name for name in Candle._fields if name != "open_time_ms"])
    def test_a_revision_of_any_field_is_one(self, database: Database, field: str) -> None:
        span = Span(hour(0), hour(1))
        write(database, span, [candle(0)])
        revised: Any = candle(0)._replace(**{field: getattr(candle(0), field) + 1})
        assert write(database, span, [revised]) == Written(new=0, revised=1, gaps=0, pending=0)
        assert stored(database, span) == [revised]

    def test_an_absent_hour_is_pending_until_its_time_then_a_gap(self, database: Database) -> None:
        span = Span(hour(0), hour(4))
        written = write(database, span, [candle(1)], gap_before_ms=hour(3))
        assert written == Written(new=1, revised=0, gaps=2, pending=1)
        assert database.read(lambda c: candle_rows.gap_hours(c, SYMBOL)) == [hour(0), hour(2)]
        assert database.read(lambda c: candle_rows.missing_hours(c, SYMBOL, span)) == [Span(hour(3), hour(4))]

    def test_a_gap_notes_when_it_was_last_asked_for(self, database: Database) -> None:
        span = Span(hour(0), hour(1))
        for asked_at in (hour(30) + 5, hour(60) + 7):
            page = partial(candle_rows.write_page, symbol=SYMBOL, asked=span, candles=[])
            database.write(partial(page, asked_at_ms=asked_at, gap_before_ms=asked_at))
        ((asked,),) = rows(database, "SELECT asked_at FROM kline_gaps")
        assert str(asked)[:23] == "2017-08-19 16:00:00.007"

    def test_an_hour_that_gets_its_candle_is_a_gap_no_more(self, database: Database) -> None:
        span = Span(hour(0), hour(3))
        write(database, span, [candle(0)], gap_before_ms=LATER)
        assert write(database, span, [candle(0), candle(2)]) == Written(new=1, revised=0, gaps=0, pending=1)
        assert database.read(lambda c: candle_rows.gap_hours(c, SYMBOL)) == [hour(1)]

    def test_a_stored_candle_that_the_answer_lacks_stays_and_is_no_gap(self, database: Database) -> None:
        """The exchange does not take candles back; an answer that lacks one is no reason to lose it."""
        span = Span(hour(0), hour(2))
        write(database, span, [candle(0), candle(1)])
        assert write(database, span, [candle(0)], gap_before_ms=LATER) == Written(0, 0, 0, 0)
        assert stored(database, span) == [candle(0), candle(1)]

    def test_a_page_that_fails_half_way_leaves_nothing(self, database: Database) -> None:
        class Stopped(Exception):
            pass

        def stop(text: str) -> None:
            if "INSERT INTO kline_gaps" in text:
                raise Stopped

        with before_each_statement(database, stop), pytest.raises(Stopped):
            write(database, Span(hour(0), hour(3)), [candle(0)], gap_before_ms=LATER)
        for table in ("klines_hourly", "kline_gaps", "kline_changes"):
            assert rows(database, f"SELECT * FROM {table}") == []


def test_the_newest_sessions_come_newest_first(database: Database) -> None:
    """As many as are asked for, of the symbol that is asked for."""
    sessions = [
        Session(
            SessionBounds(date(2017, 8, 17 + n), hour(24 * n + 4), hour(24 * n + 28)), 1.0, 3.0, 0.5, 2.0, 9.25, 7, 24
        )
        for n in range(4)
    ]
    database.write(lambda c: session_rows.write_sessions(c, SYMBOL, sessions))
    assert database.read(lambda c: session_rows.read_newest_sessions(c, SYMBOL, 2)) == [sessions[3], sessions[2]]
    assert database.read(lambda c: session_rows.read_newest_sessions(c, SYMBOL, 9)) == sessions[::-1]
    assert database.read(lambda c: session_rows.read_newest_sessions(c, "ETHUSDT", 9)) == []
