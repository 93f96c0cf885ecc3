"""Both jobs at the same time, and jobs that are killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa

from tests.jobs.made_up import SMALL, assert_right, exchange_until
from tests.jobs.support import (
    SYMBOL,
    at,
    fill,
    moment,
    patient,
    tables,
    work_out,
)
from volatility.storage import session_rows
from volatility.storage.database import Database
from volatility.storage.migrate import migrate


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
from tests.jobs.made_up import SMALL, exchange_until
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
