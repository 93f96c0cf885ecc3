"""How a run goes is written down whatever becomes of it, and no run fails or waits because of that."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from exchange_simulator import Clock as ExchangeClock
from exchange_simulator import GeneratedMarket, SimulatedExchange, WeightMeter, serve
from exchange_simulator.presets import too_many_requests
from tests.jobs.made_up import SMALL, exchange_until
from tests.jobs.support import SYMBOL, at, fill, patient, tables, work_out
from volatility.domain.errors import DataIncomplete, ExchangeUnreachable, Stopped, StorageError
from volatility.domain.redaction import keep_secret
from volatility.domain.retry import RetryPolicy
from volatility.exchange.binance import BinanceClient
from volatility.jobs import backfill, recording
from volatility.jobs.recording import belongs_to, recorded
from volatility.storage import run_rows
from volatility.storage.database import Database
from volatility.storage.migrate import migrate
from volatility.storage.run_rows import AGGREGATION, BACKFILL, Progress, StoredRun

SECRET = "h0rse-battery"


def runs(database: Database) -> dict[str, StoredRun]:
    return database.read(lambda connection: run_rows.last_runs(connection, SYMBOL))


def outcome(database: Database, job: str) -> tuple[str, str | None, Progress]:
    run = runs(database)[job]
    assert (run.ended_ms is None) == (run.result == "running")
    return run.result, run.message, run.progress


@contextmanager
def heard(database: Database) -> Iterator[list[str]]:
    """What the database is told of runs meanwhile."""
    told: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if "job_runs" in statement:
            told.append(statement.split(maxsplit=1)[0])

    sa.event.listen(database.engine, "before_cursor_execute", note)
    yield told
    sa.event.remove(database.engine, "before_cursor_execute", note)


def test_both_jobs_are_recorded_with_how_much_they_did(database: Database) -> None:
    exchange = exchange_until()
    asked = fill(database, exchange).hours_asked
    done = work_out(database, exchange, SMALL)
    assert done.sessions_computed > 1
    assert outcome(database, BACKFILL) == ("done", None, Progress(asked, asked))
    assert outcome(database, AGGREGATION) == ("done", None, Progress(done.sessions_computed, done.sessions_computed))
    fill(database, exchange)
    work_out(database, exchange, SMALL)
    assert outcome(database, BACKFILL) == ("done", None, Progress(48, 48))  # which are always asked for again
    assert outcome(database, AGGREGATION) == ("done", None, Progress(0, 0))


def test_a_short_run_costs_two_statements(database: Database) -> None:
    exchange = exchange_until()
    fill(database, exchange)
    with heard(database) as told:
        fill(database, exchange)
    assert told == ["INSERT", "UPDATE"]


def test_a_dry_run_and_what_aggregation_fetches_are_no_backfill(database: Database) -> None:
    exchange = exchange_until()
    fill(database, exchange, dry_run=True)
    migrate(database)
    assert runs(database) == {}
    fill(database, exchange, until_ms=exchange.now - 86_400_000 * 3)
    before = runs(database)[BACKFILL]
    assert work_out(database, exchange, SMALL).candles_fetched > 0
    assert runs(database)[BACKFILL]._replace(now_ms=0) == before._replace(now_ms=0)


def test_a_failure_is_recorded_in_the_words_that_people_see(database: Database) -> None:
    exchange = exchange_until()
    exchange.away = True
    with pytest.raises(ExchangeUnreachable) as caught:
        fill(database, exchange)
    assert outcome(database, BACKFILL) == ("failed", str(caught.value), Progress())
    with pytest.raises(DataIncomplete) as incomplete:
        work_out(database, exchange, SMALL)
    assert outcome(database, AGGREGATION) == ("failed", str(incomplete.value), Progress())


def test_a_message_holds_no_secret_and_no_place(database: Database) -> None:
    migrate(database)
    keep_secret(SECRET)
    words = f"the database {database} said {SECRET}, and the candles in {database} are others"
    with pytest.raises(StorageError), recorded(database, SYMBOL, BACKFILL):
        raise StorageError(words)
    _, message, _ = outcome(database, BACKFILL)
    assert message == "the database said ***, and the candles in the database are others"


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        (KeyboardInterrupt(), "stopped"),
        (SystemExit(143), "stopped"),
        (Stopped(), "stopped"),
        (ZeroDivisionError(SECRET), "an unexpected error; the log has more"),
    ],
)
def test_every_other_way_out_is_recorded_too(on_file: Database, raised: BaseException, message: str) -> None:
    migrate(on_file)

    def run() -> None:
        with recorded(on_file, SYMBOL, BACKFILL) as record:
            record.progress(3, 7)
            raise raised

    with pytest.raises(type(raised)):
        run()
    assert outcome(on_file, BACKFILL) == ("failed", message, Progress(3, 7))


def test_an_aggregation_whose_forecasts_fail_has_failed(on_file: Database) -> None:
    exchange = exchange_until()
    fill(on_file, exchange)
    work_out(on_file, exchange, SMALL)
    sessions = runs(on_file)[AGGREGATION].progress
    with pytest.raises(DataIncomplete), belongs_to(on_file, SYMBOL, AGGREGATION):
        raise DataIncomplete("candles kept changing")
    assert outcome(on_file, AGGREGATION) == ("failed", "candles kept changing", sessions)
    work_out(on_file, exchange, SMALL)
    with belongs_to(on_file, SYMBOL, AGGREGATION):
        pass
    assert outcome(on_file, AGGREGATION)[0] == "done"


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_progress_is_written_while_the_run_goes_on_and_not_more_often_than_said(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "_PROGRESS_SECONDS", 0.2)
    migrate(database)
    with heard(database) as told, recorded(database, SYMBOL, BACKFILL) as run:
        began = time.monotonic()
        for done in range(1, 1001):
            run.progress(done, 1000)
            time.sleep(0.001)
        until(lambda: runs(database)[BACKFILL].progress == Progress(1000, 1000))
        assert 2 <= told.count("UPDATE") <= (time.monotonic() - began) / 0.2 + 1
        assert runs(database)[BACKFILL].result == "running"


def test_a_run_that_waits_for_the_exchange_is_heard_of_all_the_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exchange asks for a wait with Retry-After, and the job sleeps through it."""
    monkeypatch.setattr(recording, "_PROGRESS_SECONDS", 0.05)
    monkeypatch.setattr(recording, "_ALIVE_SECONDS", 0.1)
    market = GeneratedMarket(SYMBOL, gaps=False)
    exchange = SimulatedExchange(
        [market], clock=ExchangeClock("2017-09-01T00:30:00Z", frozen=True), weights=WeightMeter(None)
    )
    exchange.order(too_many_requests(retry_after=3, times=1))
    with serve(exchange) as server:
        client = BinanceClient([server.url], RetryPolicy(20))
        thread = threading.Thread(
            target=backfill.backfill,
            args=(database, client, backfill.BackfillRequest(SYMBOL, at("2017-08-17T00:00"))),
        )
        thread.start()
        until(lambda: bool(exchange.requests()))
        began, heard_ms = time.monotonic(), set()
        while time.monotonic() - began < 2:
            run = runs(database)[BACKFILL]
            assert run.result == "running"
            assert run.now_ms - run.heard_ms < 2000
            heard_ms.add(run.heard_ms)
            time.sleep(0.05)
        thread.join(30)
        client.close()
    assert len(heard_ms) >= 4
    assert outcome(database, BACKFILL)[0] == "done"


def test_a_run_goes_on_where_nothing_can_be_written_down(database: Database) -> None:
    exchange = exchange_until()
    migrate(database)
    with database.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE job_runs"))
    report = fill(database, exchange)
    assert report.candles_new == len(exchange.closed) == len(tables(database).candles)
    assert work_out(database, exchange, SMALL).sessions_written > 0
    exchange.away = True
    with pytest.raises(ExchangeUnreachable, match="fake: connection refused"):
        fill(database, exchange)


def test_a_file_that_another_program_holds_delays_a_run_little(sqlite_url: str) -> None:
    """Begin and end are given up after a moment; the run itself needs no write here."""
    database = Database(sqlite_url, patient())
    sa.event.listen(database.engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout = 20"))
    migrate(database)
    holder = sa.create_engine(sqlite_url, poolclass=sa.NullPool).connect()
    holder.exec_driver_sql("BEGIN IMMEDIATE")
    began = time.monotonic()
    with recorded(database, SYMBOL, BACKFILL):
        pass
    assert time.monotonic() - began < 10
    holder.close()
    assert runs(database) == {}
    database.close()


def test_while_a_transaction_holds_the_file_the_run_is_heard_of_again_afterwards(
    on_file: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "_PROGRESS_SECONDS", 0.05)
    migrate(on_file)
    with recorded(on_file, SYMBOL, AGGREGATION) as run:

        def long(connection: sa.Connection) -> None:
            connection.execute(sa.text("INSERT INTO symbols VALUES ('BTCUSDT', '2017-08-17 04:00:00.000000', 0)"))
            run.progress(1, 2)
            time.sleep(0.5)

        on_file.write(long)
        until(lambda: runs(on_file)[AGGREGATION].progress == Progress(1, 2))
    assert outcome(on_file, AGGREGATION) == ("done", None, Progress(1, 2))


def test_no_thread_of_a_run_stays_behind(on_file: Database) -> None:
    migrate(on_file)
    before = threading.active_count()
    for _ in range(3):
        with recorded(on_file, SYMBOL, BACKFILL):
            assert threading.active_count() == before + 1
    assert threading.active_count() == before
