"""The two jobs at their edges: what a run costs, runs at once, runs that are killed, clocks, and ends of sessions."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from unittest.mock import Mock

import pytest
import sqlalchemy as sa

from tests.jobs.plain import Definition
from tests.jobs.support import (
    SYMBOL,
    FakeExchange,
    Tables,
    assert_equal_to_plain_loops,
    at,
    bars_of,
    fill,
    moment,
    patient,
    stored_days,
    tables,
    work_out,
)
from tests.jobs.test_properties import walk
from volatility.domain.errors import DataIncomplete, ExchangeRefused, ExchangeUnreachable, StorageError
from volatility.domain.hours import DAY_MS, HOUR_MS
from volatility.jobs.backfill import BackfillReport, BackfillRequest, backfill
from volatility.storage import session_rows
from volatility.storage.database import Database
from volatility.storage.migrate import migrate

START = at("2017-08-17T04:00")
NOON = at("2017-09-20T12:30")  # 34 sessions are over, the last one at 08:00
SMALL = Definition(windows=(2, 3, 5))


def exchange_until(now_ms: int = NOON, *, start_ms: int = START, without: tuple[str, ...] = ()) -> FakeExchange:
    """A random history from ``start_ms``, its clock at ``now_ms``, without the candles of some hours."""
    hours = (now_ms - start_ms) // HOUR_MS + 240
    absent = {at(hour) for hour in without}
    return FakeExchange((c for c in walk(start_ms, hours, 7) if c.open_time_ms not in absent), now_ms)


def assert_right(database: Database, exchange: FakeExchange, definition: Definition = SMALL) -> Tables:
    """All closed candles are stored, and the sessions and statistics are theirs."""
    found = tables(database)
    assert [row[1] for row in found.candles] == [moment(c.open_time_ms) for c in exchange.closed]
    assert_equal_to_plain_loops(found, bars_of(exchange.closed), moment(exchange.now), definition)
    return found


class TestBackfill:
    """Only what is missing is asked for, and each page is written by itself."""

    def test_the_first_run_asks_for_everything_in_pages_and_tells_how_far_it_is(self, database: Database) -> None:
        exchange = exchange_until(at("2017-11-20T10:30"))
        told: list[tuple[int, int]] = []
        report = fill_telling(database, exchange, told)
        hours = (at("2017-11-20T10:00") - START) // HOUR_MS
        assert [asked.hours for asked in exchange.asked] == [1000, 1000, hours - 2000]
        assert told == [(1000, hours), (2000, hours), (hours, hours)]
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


class TestEndsOfSessions:
    """A session is final only when the candle that ends it is stored, or the exchange does not have it."""

    def test_the_ending_candle_is_fetched_first(self, database: Database) -> None:
        exchange = exchange_until(at("2017-08-25T07:30"))
        fill(database, exchange)
        exchange.now = at("2017-08-25T08:10")
        report = work_out(database, exchange, SMALL)
        assert (report.candles_fetched, report.last_session) == (1, "2017-08-24")
        assert_right(database, exchange)

    def test_with_the_exchange_away_aggregation_fails_and_changes_nothing(self, database: Database) -> None:
        exchange = exchange_until(at("2017-08-25T07:30"))
        fill(database, exchange)
        work_out(database, exchange, SMALL)
        before = tables(database)
        exchange.away = True
        with pytest.raises(
            DataIncomplete, match="a session of BTCUSDT can't be closed: candles of 2017-08-25 07:00 to"
        ):
            work_out(database, exchange, SMALL, machine=at("2017-08-25T08:10"))
        assert tables(database) == before

    def test_the_end_of_an_older_session_is_fetched_too(self, database: Database) -> None:
        exchange = exchange_until()
        fill(database, exchange, until_ms=at("2017-08-25T07:00"))
        fill(database, exchange, since_ms=at("2017-08-25T08:00"))
        report = work_out(database, exchange, SMALL)
        assert report.candles_fetched == 1
        assert_right(database, exchange)

    def test_a_hole_up_to_the_next_start_that_the_exchange_has_too_is_a_shorter_session(
        self, database: Database
    ) -> None:
        """As on 2021-04-25, when 05:00 to 08:00 UTC are missing."""
        holes = tuple(f"2017-08-25T{hour:02}:00" for hour in (5, 6, 7))
        exchange = exchange_until(at("2017-08-25T08:10"), without=holes)
        fill(database, exchange)
        report = work_out(database, exchange, SMALL)
        (last,) = (day for day in stored_days(tables(database)) if day.date == date(2017, 8, 24))
        assert (report.last_session, last.candles, last.expected_candles) == ("2017-08-24", 21, 24)
        assert last.close == exchange.candles[at("2017-08-25T04:00")].close
        assert_right(database, exchange)

    def test_when_it_comes_late_the_session_is_corrected(self, database: Database) -> None:
        exchange = exchange_until(at("2017-08-25T08:10"), without=("2017-08-25T07:00",))
        fill(database, exchange)
        work_out(database, exchange, SMALL)
        exchange.candles[at("2017-08-25T07:00")] = next(
            c for c in walk(START, 500, 7) if c.open_time_ms == at("2017-08-25T07:00")
        )
        exchange.now += HOUR_MS
        fill(database, exchange)
        report = work_out(database, exchange, SMALL)
        assert (report.sessions_computed, report.sessions_written) == (1, 1)
        assert_right(database, exchange)

    def test_days_behind_the_newest_candle_are_fetched_whole(self, database: Database) -> None:
        exchange = exchange_until()
        fill(database, exchange, until_ms=at("2017-09-01T00:00"))
        report = work_out(database, exchange, SMALL)
        assert report.candles_fetched == (at("2017-09-20T08:00") - at("2017-09-01T00:00")) // HOUR_MS
        assert report.last_session == "2017-09-19"


class TestClocks:
    """The exchange's clock decides what is closed; ours serves while it can't be asked."""

    @pytest.mark.parametrize(("before_ms", "last"), [(1, "2017-08-23"), (0, "2017-08-24")])
    def test_a_session_is_closed_at_its_end_and_no_millisecond_before(
        self, on_file: Database, before_ms: int, last: str
    ) -> None:
        exchange = exchange_until(at("2017-08-25T08:00") - before_ms)
        fill(on_file, exchange)
        assert work_out(on_file, exchange, SMALL).last_session == last

    @pytest.mark.parametrize("machine", ["2017-08-20T00:00", "2030-01-01T00:00"])
    def test_a_wrong_clock_of_ours_does_not_matter(self, on_file: Database, machine: str) -> None:
        exchange = exchange_until()
        fill(on_file, exchange)
        work_out(on_file, exchange, SMALL, machine=at(machine))
        assert_right(on_file, exchange)

    def test_with_the_exchange_away_ours_serves(self, database: Database) -> None:
        exchange = exchange_until()
        fill(database, exchange)
        exchange.away = True
        report = work_out(database, exchange, SMALL, machine=at("2017-09-20T08:05"))
        assert report.last_session == "2017-09-19"
        assert_right(database, exchange)

    def test_a_clock_that_goes_back_opens_no_closed_session(self, database: Database) -> None:
        exchange = exchange_until()
        fill(database, exchange)
        work_out(database, exchange, SMALL)
        before = tables(database)
        exchange.now = at("2017-09-10T00:00")
        assert not work_out(database, exchange, SMALL).changed
        assert not work_out(database, exchange, SMALL, rebuild=True).changed
        assert tables(database) == before


class TestDefinitions:
    """Sessions and statistics follow the settings by themselves."""

    def test_without_candles_there_is_nothing_to_aggregate(self, database: Database) -> None:
        with pytest.raises(DataIncomplete, match="no candles of BTCUSDT are stored: run btc-volatility backfill first"):
            work_out(database, exchange_until())

    def test_that_there_are_no_candles_is_said_before_any_wait_for_the_exchange(self, on_file: Database) -> None:
        exchange = exchange_until()
        clock = Mock(side_effect=exchange.now_ms)
        exchange.now_ms = clock  # type: ignore[method-assign]
        with pytest.raises(DataIncomplete, match="no candles of BTCUSDT are stored"):
            work_out(on_file, exchange)
        assert clock.call_count == 0

    def test_before_the_first_whole_session_is_over_there_is_none(self, database: Database) -> None:
        exchange = exchange_until(at("2017-08-17T20:30"))
        fill(database, exchange)
        report = work_out(database, exchange)
        assert (report.changed, report.first_session) == (False, None)
        assert report.as_json()["sessions_written"] == 0
        exchange.now = at("2017-08-18T08:00")
        assert work_out(database, exchange).sessions_written == 1

    @pytest.mark.parametrize(
        "other",
        [
            SMALL._replace(history_start=datetime(2017, 8, 25, tzinfo=UTC)),
            SMALL._replace(zone="America/New_York"),
            SMALL._replace(start=time(17)),
            SMALL._replace(windows=(3, 7)),
            SMALL._replace(windows=tuple(range(1, 120))),  # whose description is longer than its column
        ],
    )
    def test_changed_settings_rebuild_everything_and_changed_back_too(
        self, database: Database, other: Definition
    ) -> None:
        exchange = exchange_until(at("2017-09-05T12:30"))
        fill(database, exchange, SMALL)
        work_out(database, exchange, SMALL)
        before = assert_right(database, exchange)
        assert work_out(database, exchange, other).changed
        assert_right(database, exchange, other)
        assert not work_out(database, exchange, other).changed
        work_out(database, exchange, SMALL)
        assert tables(database) == before

    def test_an_earlier_start_of_history_reaches_back(self, database: Database) -> None:
        exchange, later = exchange_until(), SMALL._replace(history_start=datetime(2017, 9, 1, tzinfo=UTC))
        fill(database, exchange, later)
        work_out(database, exchange, later)
        assert stored_days(tables(database))[0].date == date(2017, 9, 1)
        fill(database, exchange, SMALL)
        work_out(database, exchange, SMALL)
        assert_right(database, exchange)

    def test_history_that_begins_in_a_hole_is_the_same_however_it_was_filled(
        self, database: Database, sqlite_url: str
    ) -> None:
        """The session that begins in the hole exists; what lies before the start of history does not count."""
        exchange = exchange_until(without=tuple(f"2017-09-01T{hour:02}:00" for hour in range(10)))
        later = SMALL._replace(history_start=datetime(2017, 9, 1, tzinfo=UTC))
        fill(database, exchange, SMALL)
        work_out(database, exchange, later)
        other = Database(f"{sqlite_url}.other", patient())
        fill(other, exchange, later)
        work_out(other, exchange, later)
        found, fresh = tables(database), tables(other)
        other.close()
        assert (stored_days(fresh)[0].date, stored_days(fresh)[0].candles) == (date(2017, 9, 1), 22)
        assert (found.sessions, found.statistics) == (fresh.sessions, fresh.statistics)
        assert_equal_to_plain_loops(found, bars_of(exchange.closed), moment(NOON), later, later.history_start)

    def test_the_revision_grows_with_every_change_and_only_then(self, database: Database) -> None:
        exchange = exchange_until()
        revisions = []
        for hours in (0, 0, 24, 1):
            exchange.now += hours * HOUR_MS
            fill(database, exchange)
            work_out(database, exchange, SMALL)
            state = database.read(lambda c: session_rows.read_state(c, SYMBOL))
            assert state
            revisions.append(state.revision)
        assert revisions == [1, 1, 2, 2]


class Counted:
    """What the database was asked to do."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.rows = 0


@contextmanager
def counted(database: Database) -> Iterator[Counted]:
    """Count statements and the rows they gave or changed."""
    counts = Counted()

    def told(_c: object, cursor: object, statement: str, *_: object) -> None:
        counts.statements.append(" ".join(statement.split()))
        counts.rows += max(0, getattr(cursor, "rowcount", 0))

    sa.event.listen(database.engine, "after_cursor_execute", told)
    yield counts
    sa.event.remove(database.engine, "after_cursor_execute", told)


class TestCost:
    """One new session costs the same however long history is."""

    def test_statements_and_work_on_sqlite(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        """The work is what SQLite's own machine executes."""
        done = {}
        for years in (1, 6):
            steps = [0]

            def step(steps: list[int] = steps) -> int:
                steps[0] += 1
                return 0

            database = Database(f"sqlite:///{tmp_path_factory.mktemp('cost') / 'candles.sqlite3'}", patient())
            sa.event.listen(
                database.engine, "connect", lambda connection, _, step=step: connection.set_progress_handler(step, 100)
            )
            now = at("2017-08-20T12:30") + years * 365 * DAY_MS
            exchange = exchange_until(now)
            fill(database, exchange)
            work_out(database, exchange)
            exchange.now += DAY_MS
            fill(database, exchange)
            steps[0] = 0
            with counted(database) as counts:
                report = work_out(database, exchange)
            assert (report.sessions_written, report.statistics_written) == (1, 8)
            done[years] = (counts.statements, steps[0])
            database.close()
        assert done[1][0] == done[6][0]
        assert done[6][1] == pytest.approx(done[1][1], rel=0.05)

    @pytest.mark.server
    def test_statements_and_rows_on_mariadb(self, on_server: Database) -> None:
        """The rows are those that the storage engine touched, by the server's own count."""
        done = {}
        for years in (1, 6):  # six years continue what one began
            now = at("2017-08-20T12:30") + years * 365 * DAY_MS
            exchange = exchange_until(now)
            fill(on_server, exchange)
            work_out(on_server, exchange)
            exchange.now += DAY_MS
            fill(on_server, exchange)
            before = self._rows_touched(on_server)
            with counted(on_server) as counts:
                report = work_out(on_server, exchange)
            touched = self._rows_touched(on_server) - before
            assert (report.sessions_written, report.statistics_written) == (1, 8)
            done[years] = (counts.statements, counts.rows, touched)
        assert done[1] == done[6]
        assert done[6][1] < 1500

    def _rows_touched(self, database: Database) -> int:
        with database.engine.connect() as connection:  # the pool has one connection by now: the same session
            rows = connection.exec_driver_sql("SHOW SESSION STATUS LIKE 'Handler_read%%'").all()
        return sum(int(value) for _, value in rows)


class TestAtOnce:
    """Two runs at the same time, on databases that are used by both."""

    def _together(self, database: Database, *jobs: Callable[[Database], object]) -> None:
        """Run jobs at the same moment, each with connections of its own."""
        gate, failed = threading.Barrier(len(jobs)), []

        def run(job: Callable[[Database], object]) -> None:
            own = Database(database.url.render_as_string(hide_password=False), patient())
            try:
                gate.wait(10)
                job(own)
            except BaseException as error:  # noqa: BLE001 - told to the test
                failed.append(error)
            finally:
                own.close()

        threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert failed == []

    def test_two_backfills_then_two_aggregations(self, database: Database) -> None:
        exchange = exchange_until(without=("2017-09-01T03:00",))
        self._together(database, lambda d: fill(d, exchange), lambda d: fill(d, exchange))
        self._together(database, lambda d: work_out(d, exchange, SMALL), lambda d: work_out(d, exchange, SMALL))
        assert_right(database, exchange)
        assert tables(database).gaps == [moment(at("2017-09-01T03:00"))]
        state = database.read(lambda c: session_rows.read_state(c, SYMBOL))
        assert state
        assert state.revision == 1

    def test_everything_at_once_and_again(self, database: Database) -> None:
        exchange = exchange_until()
        fill(database, exchange, until_ms=at("2017-08-30T00:00"))
        jobs = [
            lambda d: fill(d, exchange),
            lambda d: work_out(d, exchange, SMALL),
            lambda d: fill(d, exchange, since_ms=at("2017-09-10T00:00")),
            lambda d: work_out(d, exchange, SMALL, rebuild=True),
        ]
        self._together(database, *jobs)
        work_out(database, exchange, SMALL)
        assert_right(database, exchange)

    @pytest.mark.server
    def test_an_aggregation_that_waited_keeps_the_state_of_the_one_before(self, on_server: Database) -> None:
        migrate(on_server)
        done = session_rows.AggregationState("by the first", date(2017, 8, 17), date(2017, 8, 18), 5)
        second: list[session_rows.AggregationState | None] = []

        def wait_then_look() -> None:
            def work(connection: sa.Connection) -> None:
                assert session_rows.read_state(connection, SYMBOL) is None
                began.set()
                session_rows.ensure_state(connection, SYMBOL)
                second.append(session_rows.read_state(connection, SYMBOL, lock=True))

            on_server.write(work)

        began, thread = threading.Event(), threading.Thread(target=wait_then_look)

        def first(connection: sa.Connection) -> None:
            session_rows.ensure_state(connection, SYMBOL)
            session_rows.write_state(connection, SYMBOL, done)
            thread.start()
            assert began.wait(10)

        on_server.write(first)
        thread.join(30)
        assert second == [done]

    @pytest.mark.server
    def test_an_aggregation_that_waited_does_not_overwrite_newer_sessions_with_older_ones(
        self, on_server: Database
    ) -> None:
        """While it waits for its turn, a candle is revised and the first aggregation works that in."""
        exchange = exchange_until()
        fill(on_server, exchange)
        work_out(on_server, exchange, SMALL)
        hour = at("2017-09-20T07:00")
        waits = threading.Event()

        def told(_c: object, _cursor: object, statement: str, *_: object) -> None:
            if "aggregation_state" in statement and ("INSERT" in statement or "FOR UPDATE" in statement):
                waits.set()

        late = Database(on_server.url.render_as_string(hide_password=False), patient())
        sa.event.listen(late.engine, "before_cursor_execute", told)
        thread = threading.Thread(target=lambda: work_out(late, exchange, SMALL, rebuild=True))

        def first(connection: sa.Connection) -> None:
            assert session_rows.read_state(connection, SYMBOL, lock=True)
            thread.start()
            assert waits.wait(10)
            exchange.candles[hour] = exchange.candles[hour]._replace(close=exchange.candles[hour].low)
            fill(on_server, exchange)

        on_server.write(first)
        thread.join(30)
        late.close()
        work_out(on_server, exchange, SMALL)
        assert_right(on_server, exchange)


KILLED = """
import os, signal, sys
import sqlalchemy as sa
from tests.jobs.support import fill, patient, work_out
from tests.jobs.test_jobs import SMALL, exchange_until
from volatility.storage.database import Database

database, left = Database(sys.argv[1], patient()), [int(sys.argv[2])]

def count(*_):
    left[0] -= 1
    if left[0] <= 0:
        os.kill(os.getpid(), signal.SIGKILL)

sa.event.listen(database.engine, sys.argv[3], count)
exchange = exchange_until(without=("2017-09-01T03:00",))
fill(database, exchange)
work_out(database, exchange, SMALL)
print("done")
"""


@pytest.mark.parametrize(
    ("moment_of_death", "number"),
    [
        ("before_cursor_execute", 9),
        ("before_cursor_execute", 38),
        ("after_cursor_execute", 47),
        ("commit", 3),
        ("commit", 5),
    ],
)
def test_a_run_that_is_killed_is_completed_by_the_next(
    database: Database, database_url: str, moment_of_death: str, number: int
) -> None:
    command = [sys.executable, "-c", KILLED, database_url, str(number), moment_of_death]
    died = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (died.returncode, died.stdout) == (-signal.SIGKILL, ""), died.stderr
    exchange = exchange_until(without=("2017-09-01T03:00",))
    fill(database, exchange)
    work_out(database, exchange, SMALL)
    assert_right(database, exchange)
    assert tables(database).gaps == [moment(at("2017-09-01T03:00"))]


def test_a_failed_aggregation_leaves_the_tables_as_they_were(database: Database) -> None:
    exchange = exchange_until()
    fill(database, exchange)
    work_out(database, exchange, SMALL)
    before = tables(database)
    exchange.now += DAY_MS
    fill(database, exchange)

    def fail(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if "INSERT INTO session_statistics" in statement:
            raise StorageError("the disk is full")

    sa.event.listen(database.engine, "before_cursor_execute", fail)
    with pytest.raises(StorageError, match="the disk is full"):
        work_out(database, exchange, SMALL)
    sa.event.remove(database.engine, "before_cursor_execute", fail)
    found = tables(database)
    assert (found.sessions, found.statistics) == (before.sessions, before.statistics)
    work_out(database, exchange, SMALL)
    assert_right(database, exchange)
