"""Backfill: what it asks for, what it writes, and what it says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from tests.jobs.made_up import NOON, START, exchange_until, walk
from tests.jobs.support import (
    SYMBOL,
    FakeExchange,
    at,
    fill,
    moment,
    tables,
)
from volatility.domain.errors import DataIncomplete, ExchangeRefused, ExchangeUnreachable
from volatility.domain.hours import HOUR_MS
from volatility.jobs.backfill import BackfillReport, BackfillRequest, backfill
from volatility.storage.database import Database


class TestBackfill:
    """Only what is missing is asked for, and each page is written by itself."""

    def test_the_first_run_asks_for_everything_in_pages_and_tells_how_far_it_is(self, database: Database) -> None:
        exchange = exchange_until(at("2017-11-20T10:30"))
        told: list[tuple[int, int]] = []
        report = fill_telling(database, exchange, told)
        hours = (at("2017-11-20T10:00") - START) // HOUR_MS
        assert [asked.hours for asked in exchange.asked] == [1000, 1000, hours - 2000]
        assert told == [(0, hours), (1000, hours), (2000, hours), (hours, hours)]
        assert report.as_json() == {
            "symbol": "BTCUSDT",
            "simulated": False,
            "dry_run": False,
            "start": "2017-08-17T04:00:00+00:00",
            "end": "2017-11-20T10:00:00+00:00",
            "hours_missing": hours,
            "hours_asked": hours,
            "pages": 3,
            "candles_written": hours,
            "candles_new": hours,
            "candles_revised": 0,
            "irregular": 0,
            "gaps_recorded": 0,
            "hours_pending": 0,
        }

    def test_a_revision_within_48_hours_is_taken_over_and_counted(self, database: Database) -> None:
        exchange = exchange_until()
        fill(database, exchange)
        for back, seen in ((1, True), (48, True), (49, False)):
            hour = NOON // HOUR_MS * HOUR_MS - back * HOUR_MS
            exchange.candles[hour] = exchange.candles[hour]._replace(close=exchange.candles[hour].low)
            report = fill(database, exchange)
            assert (report.candles_revised, report.candles_new) == (int(seen), 0)
            assert report.hours_asked == 48

    def test_a_dry_run_says_what_it_would_ask_for_and_touches_nothing(self, database: Database) -> None:
        exchange = exchange_until(without=("2017-09-01T03:00",))
        report = fill(database, exchange, dry_run=True)
        assert report.as_json()["spans"] == ["2017-08-17 04:00 to 2017-09-20 12:00 UTC"]
        assert exchange.asked == []
        if database.file:
            assert not database.file.exists()
        else:
            assert sa.inspect(database.engine).get_table_names() == []
        fill(database, exchange, since_ms=at("2017-09-10T00:00"))
        before, asked = tables(database), len(exchange.asked)
        report = fill(database, exchange, dry_run=True)
        assert report.spans == ["2017-08-17 04:00 to 2017-09-10 00:00 UTC", "2017-09-18 12:00 to 2017-09-20 12:00 UTC"]
        assert tables(database) == before
        assert len(exchange.asked) == asked

    def test_since_and_until_narrow_what_is_asked_for(self, database: Database) -> None:
        exchange = exchange_until()
        report = fill(database, exchange, since_ms=at("2017-08-20T00:00"), until_ms=at("2017-08-22T00:00"))
        assert (report.candles_new, report.start, report.end) == (
            48,
            "2017-08-20T00:00:00+00:00",
            "2017-08-22T00:00:00+00:00",
        )

    def test_a_span_that_holds_no_closed_hour_is_nothing_to_do(self, database: Database) -> None:
        exchange = exchange_until()
        report = fill(database, exchange, since_ms=at("2017-10-01T00:00"))
        assert (report.pages, report.hours_asked, report.start) == (0, 0, None)
        assert exchange.asked == []

    def test_gaps_are_asked_for_again_only_when_told_to(self, database: Database) -> None:
        holes = ("2017-09-01T03:00", "2017-09-01T04:00", "2017-09-20T10:00")
        exchange = exchange_until(without=holes)
        report = fill(database, exchange)
        assert (report.gaps_recorded, report.hours_pending) == (2, 1)
        assert tables(database).gaps == [moment(at(hour)) for hour in holes[:2]]
        late = {c.open_time_ms: c for c in walk(START, 2000, 7)}
        exchange.candles[at(holes[0])] = late[at(holes[0])]
        assert fill(database, exchange).hours_missing == 1
        report = fill(database, exchange, recheck_gaps=True)
        assert (report.hours_missing, report.candles_new) == (3, 1)
        assert tables(database).gaps == [moment(at(holes[1]))]

    def test_an_hour_becomes_a_gap_when_it_has_been_over_for_a_day(self, database: Database) -> None:
        exchange = exchange_until(at("2017-09-20T12:30"), without=("2017-09-19T12:00",))
        exchange.now = at("2017-09-20T13:00") - 1
        assert (fill(database, exchange).hours_pending, tables(database).gaps) == (1, [])
        exchange.now += 1
        assert (fill(database, exchange).gaps_recorded, tables(database).gaps) == (1, [moment(at("2017-09-19T12:00"))])

    def test_the_running_candle_is_not_stored(self, database: Database) -> None:
        exchange = exchange_until(at("2017-08-20T12:00") - 1)
        fill(database, exchange)
        assert tables(database).candles[-1][1] == moment(at("2017-08-20T10:00"))
        exchange.now += 1
        fill(database, exchange)
        assert tables(database).candles[-1][1] == moment(at("2017-08-20T11:00"))

    def test_simulated_candles_are_never_mixed_with_others(self, database: Database) -> None:
        exchange = exchange_until()
        fill(database, exchange)
        before = tables(database)
        exchange.simulated = True
        with pytest.raises(
            DataIncomplete, match="are the exchange's, those of BINANCE_URLS are simulated: the two are"
        ):
            fill(database, exchange)
        assert tables(database) == before

    def test_a_symbol_without_a_candle_is_refused(self, database: Database) -> None:
        with pytest.raises(ExchangeRefused, match="the exchange has no candle of BTCUSDT"):
            fill(database, FakeExchange([], NOON))

    def test_pages_before_a_failure_stay(self, database: Database) -> None:
        exchange = exchange_until(at("2017-11-20T10:30"))

        def away(done: int, _: int) -> None:
            exchange.away = done == 2000

        with pytest.raises(ExchangeUnreachable):
            fill_with(database, exchange, away)
        assert len(tables(database).candles) == 2000
        exchange.away = False
        exchange.asked.clear()
        fill(database, exchange)
        assert len(exchange.asked) == 1


def fill_telling(database: Database, exchange: FakeExchange, told: list[tuple[int, int]]) -> BackfillReport:
    return fill_with(database, exchange, lambda done, whole: told.append((done, whole)))


def fill_with(database: Database, exchange: FakeExchange, progress: Callable[[int, int], object]) -> BackfillReport:
    class Told:
        def __call__(self, done_hours: int, all_hours: int) -> None:
            progress(done_hours, all_hours)

    return backfill(database, exchange, BackfillRequest(SYMBOL, at("2017-08-17T00:00")), Told())
