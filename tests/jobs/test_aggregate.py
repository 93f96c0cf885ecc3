"""Aggregation at its edges: ends of sessions, clocks, definitions, what a run costs, and a run that fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from unittest.mock import Mock

import pytest
import sqlalchemy as sa

from tests.jobs.made_up import NOON, SMALL, START, assert_right, exchange_until, walk
from tests.jobs.plain import Definition
from tests.jobs.support import (
    SYMBOL,
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
from volatility.domain.errors import DataIncomplete, StorageError
from volatility.domain.hours import DAY_MS, HOUR_MS
from volatility.storage import session_rows
from volatility.storage.database import Database


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
                database.engine, "connect", lambda connection, _, step=step: connection.set_progress_handler(step, 10)
            )
            now = at("2017-08-20T12:30") + years * 365 * DAY_MS
            exchange = exchange_until(now)
            fill(database, exchange)
            work_out(database, exchange)
            exchange.now += DAY_MS
            fill(database, exchange)
            database.engine.dispose()  # a longer run leaves the connection of its record as well
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
            on_server.engine.dispose()  # a longer run leaves the connection of its record as well
            before = self._rows_touched(on_server)
            with counted(on_server) as counts:
                report = work_out(on_server, exchange)
            touched = self._rows_touched(on_server) - before
            assert (report.sessions_written, report.statistics_written) == (1, 8)
            done[years] = (counts.statements, counts.rows, touched)
        assert done[1] == done[6]
        assert done[6][1] < 1500

    def _rows_touched(self, database: Database) -> int:
        with database.engine.connect() as connection:  # the pool has one connection: the same session
            rows = connection.exec_driver_sql("SHOW SESSION STATUS LIKE 'Handler_read%%'").all()
        return sum(int(value) for _, value in rows)


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
