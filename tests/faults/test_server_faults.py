"""A MariaDB that is away, restarted, locked, deadlocked or closed to us: retried within a time limit, then exit 1."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import make_url

from exchange_simulator import RunningServer, SimulatedExchange
from tests.conftest import own_server
from tests.faults.conftest import CLOSED_MS, FIRST_MS, HOURS, Job
from tests.support import tables
from tests.support.canned import nobody_listens
from tests.support.tables import HOUR_MS, Row
from tests.support_mariadb import MariaDBServer
from volatility.domain.errors import DatabaseAway
from volatility.domain.retry import ONCE, RetryPolicy
from volatility.exchange.binance import BinanceClient
from volatility.jobs import backfill
from volatility.storage.database import Database
from volatility.storage.migrate import migrate

REQUEST = backfill.BackfillRequest("BTCUSDT", FIRST_MS)
LOCK_WAIT, DEADLOCK = 1205, 1213


def test_a_server_that_is_not_there_fails_the_job_after_the_time_limit_without_its_password(
    backfill_job: Job, exchange: SimulatedExchange
) -> None:
    address = nobody_listens().removeprefix("http://")
    url = f"mysql+pymysql://btc:hunter2@{address}/market"
    outcome = backfill_job(DATABASE_URL=url, DATABASE_RETRY_SECONDS="0.6").failed()
    assert outcome.reason.startswith(f"the database {address}/market can't be reached or is busy: ")
    assert "hunter2" not in outcome.stderr + outcome.stdout
    assert exchange.requests() == []


def engine_of(url: str) -> sa.Engine:
    return sa.create_engine(url, poolclass=sa.NullPool, connect_args={"ssl_disabled": True})


class Watched:
    """A database whose driver's errors are written down by number."""

    def __init__(self, url: str, retry: RetryPolicy, *, lock_wait_seconds: int = 50) -> None:
        self.database = Database(url, retry)
        self.errors: list[int] = []
        event.listen(self.database.engine, "handle_error", self._note)
        event.listen(self.database.engine, "connect", self._connected)
        self._lock_wait = f"SET SESSION innodb_lock_wait_timeout = {lock_wait_seconds}"

    def _note(self, context: Any) -> None:
        self.errors.append(context.original_exception.args[0])

    def _connected(self, raw: Any, _: object) -> None:
        with raw.cursor() as cursor:
            cursor.execute(self._lock_wait)


@pytest.fixture
def client(server: RunningServer) -> Iterator[BinanceClient]:
    made = BinanceClient([server.url], ONCE)
    yield made
    made.close()


PATIENT = RetryPolicy(30, attempts=1000, first_wait=0.05, longest_wait=0.3)


@pytest.fixture(scope="module")
def own() -> Iterator[MariaDBServer]:
    """A server that may be killed."""
    with own_server() as server:
        yield server


@pytest.mark.server
@pytest.mark.parametrize("end", [MariaDBServer.kill, MariaDBServer.stop], ids=["killed", "stopped"])
def test_a_server_that_is_restarted_between_two_pages_only_delays_the_job(
    own: MariaDBServer, end: Callable[[MariaDBServer], None], client: BinanceClient, history: list[Row]
) -> None:
    with engine_of(own.url()).begin() as connection:
        connection.exec_driver_sql("CREATE OR REPLACE DATABASE restarted")
    url = own.url("restarted")
    database = Database(url, PATIENT)
    ended = threading.Event()
    reports: list[backfill.BackfillReport] = []

    def after_a_page(done_hours: int, all_hours: int) -> None:
        if 0 < done_hours < all_hours:
            end(own)
            ended.set()

    run = threading.Thread(target=lambda: reports.append(backfill.backfill(database, client, REQUEST, after_a_page)))
    run.start()
    assert ended.wait(30)
    time.sleep(0.3)
    own.start()  # by this thread: the server ends with the thread that started it
    run.join()
    database.close()
    assert [report.candles_written for report in reports] == [HOURS]
    assert tables.candles(url) == history
    assert tables.changed_hours(url) == {row[0] for row in history}


@pytest.mark.server
def test_a_server_that_stays_away_fails_the_run_and_the_next_completes_it(
    own: MariaDBServer, client: BinanceClient, history: list[Row]
) -> None:
    with engine_of(own.url()).begin() as connection:
        connection.exec_driver_sql("CREATE OR REPLACE DATABASE away")
    url = own.url("away")
    database = Database(url, RetryPolicy(0.5, attempts=1000, first_wait=0.05))

    def after_a_page(done_hours: int, all_hours: int) -> None:  # noqa: ARG001 - what a progress is told
        if done_hours:
            own.kill()

    with pytest.raises(
        DatabaseAway, match=rf"^the database 127\.0\.0\.1:{own.port}/away can't be reached or is busy: "
    ):
        backfill.backfill(database, client, REQUEST, after_a_page)
    database.close()
    own.start()
    assert tables.candles(url) == history[:1000]
    database = Database(url, PATIENT)
    assert backfill.backfill(database, client, REQUEST).candles_written == HOURS - 1000
    database.close()
    assert tables.candles(url) == history


INSERT = (
    "INSERT INTO klines_hourly VALUES ('BTCUSDT', '{}', 1, 1, 1, 1, 0, '2018-01-01', 0, 0, 0, 0)"  # a foreign candle
)


def hour_text(hour: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime((FIRST_MS + hour * HOUR_MS) // 1000))


@pytest.mark.server
def test_a_lock_is_waited_for(mariadb_url: str, client: BinanceClient, history: list[Row]) -> None:
    watched = Watched(mariadb_url, PATIENT, lock_wait_seconds=1)
    migrate(watched.database)
    holder = engine_of(mariadb_url).connect()
    holder.exec_driver_sql(INSERT.format(hour_text(500)))

    def let_go_once_waited_for() -> None:
        while LOCK_WAIT not in watched.errors:
            time.sleep(0.05)
        holder.close()  # rolls back

    waiter = threading.Thread(target=let_go_once_waited_for)
    waiter.start()
    backfill.backfill(watched.database, client, REQUEST)
    waiter.join()
    watched.database.close()
    assert LOCK_WAIT in watched.errors
    assert tables.candles(mariadb_url) == history


@pytest.mark.server
def test_a_lock_that_is_never_released_fails_the_run_with_nothing_half_written(
    mariadb_url: str, client: BinanceClient
) -> None:
    watched = Watched(mariadb_url, RetryPolicy(0.5, attempts=1000, first_wait=0.05), lock_wait_seconds=1)
    migrate(watched.database)
    holder = engine_of(mariadb_url).connect()
    holder.exec_driver_sql(INSERT.format(hour_text(500)))
    with pytest.raises(DatabaseAway, match="can't be reached or is busy: Lock wait timeout exceeded"):
        backfill.backfill(watched.database, client, REQUEST)
    watched.database.close()
    holder.close()
    assert tables.candles(mariadb_url) == []
    assert tables.changed_hours(mariadb_url) == set()


@pytest.mark.server
def test_the_victim_of_a_deadlock_tries_again(mariadb_url: str, client: BinanceClient, history: list[Row]) -> None:
    watched = Watched(mariadb_url, PATIENT)
    migrate(watched.database)
    holder = engine_of(mariadb_url).connect()
    # The server lets the lighter transaction die: this one is made the heavier.
    holder.exec_driver_sql(
        "INSERT INTO kline_gaps SELECT 'OTHER', '2001-01-01' + INTERVAL seq HOUR, '2001-01-01' FROM seq_1_to_20000"
    )
    holder.exec_driver_sql(INSERT.format(hour_text(900)))

    def close_the_circle() -> None:
        while not watched_waits():
            time.sleep(0.12)  # the server answers from memory for a tenth of a second
        holder.exec_driver_sql(INSERT.format(hour_text(100)))
        holder.close()

    def watched_waits() -> bool:
        query = "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
        return bool(tables.query(mariadb_url, query))

    circle = threading.Thread(target=close_the_circle)
    circle.start()
    backfill.backfill(watched.database, client, REQUEST)
    circle.join()
    watched.database.close()
    assert DEADLOCK in watched.errors
    assert tables.candles(mariadb_url) == history


@pytest.mark.server
def test_a_connection_that_is_killed_is_made_anew(mariadb_url: str, client: BinanceClient, history: list[Row]) -> None:
    watched = Watched(mariadb_url, PATIENT)
    own_id: list[int] = []
    event.listen(watched.database.engine, "checkout", lambda raw, *_: own_id.append(raw.thread_id()))

    def after_a_page(done_hours: int, all_hours: int) -> None:  # noqa: ARG001 - what a progress is told
        if done_hours:
            with engine_of(mariadb_url).begin() as connection:
                connection.exec_driver_sql(f"KILL {own_id[-1]}")

    backfill.backfill(watched.database, client, REQUEST, after_a_page)
    watched.database.close()
    assert watched.errors
    assert tables.candles(mariadb_url) == history


@pytest.mark.server
def test_a_refused_password_an_unknown_database_and_a_missing_right_fail_at_once(
    mariadb_url: str, backfill_job: Job, exchange: SimulatedExchange
) -> None:
    url = make_url(mariadb_url)
    wrong = url.set(password="hunter2").render_as_string(hide_password=False)
    refused = backfill_job(DATABASE_URL=wrong, DATABASE_RETRY_SECONDS="60").failed()
    assert " refuses: user name or password refused, or the account demands TLS: " in refused.reason
    assert "hunter2" not in refused.stderr
    unknown = url.set(database="no_such_database").render_as_string(hide_password=False)
    assert backfill_job(DATABASE_URL=unknown).failed().reason.endswith("refuses: no such database")
    reader = f"reader_{url.database}"[:80]
    with engine_of(mariadb_url).begin() as connection:
        connection.exec_driver_sql(f"CREATE USER '{reader}'@'%%' IDENTIFIED BY 'reader'")
        connection.exec_driver_sql(f"GRANT SELECT ON `{url.database}`.* TO '{reader}'@'%%'")
    try:
        only_reads = url.set(username=reader, password="reader").render_as_string(hide_password=False)
        reason = backfill_job(DATABASE_URL=only_reads).failed().reason
        assert reason.endswith("refuses: the account lacks a right that this needs")
    finally:
        with engine_of(mariadb_url).begin() as connection:
            connection.exec_driver_sql(f"DROP USER '{reader}'@'%%'")
    assert exchange.requests() == []


@pytest.mark.server
def test_the_job_fills_a_server_as_it_fills_a_file(backfill_job: Job, mariadb_url: str, history: list[Row]) -> None:
    done = backfill_job(DATABASE_URL=mariadb_url).succeeded()
    assert done.report["candles_written"] == HOURS
    assert tables.candles(mariadb_url) == history
    assert history[-1][0] == CLOSED_MS - HOUR_MS
