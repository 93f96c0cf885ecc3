"""Killed at any instant, two runs at once, a full disk, a file that may not be written: the tables stay right."""

from __future__ import annotations

import ctypes
import json
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from exchange_simulator import RunningServer, SimulatedExchange
from exchange_simulator.faults import Latency
from tests.faults.conftest import FIRST_MS, HOURS, KLINES, Job
from tests.support import tables
from tests.support.jobs import BACKFILL, ROOT, ended, environment, start
from tests.support.tables import Row
from volatility.domain.errors import DatabaseAway, StorageError
from volatility.domain.retry import ONCE, RetryPolicy
from volatility.exchange.binance import BinanceClient
from volatility.jobs import backfill
from volatility.storage.database import Database

REQUEST = backfill.BackfillRequest("BTCUSDT", FIRST_MS)


def run_backfill(url: str, server: RunningServer, retry: RetryPolicy | None = None) -> backfill.BackfillReport:
    database = Database(url, retry or RetryPolicy(20, attempts=100, first_wait=0.02))
    exchange = BinanceClient([server.url], RetryPolicy(5))
    try:
        return backfill.backfill(database, exchange, REQUEST)
    finally:
        exchange.close()
        database.close()


# Killed at any instant


@pytest.mark.parametrize("requests_before", [1, 2, 3, 4])
def test_a_job_killed_while_it_waits_for_the_exchange_is_completed_by_the_next(
    *,
    requests_before: int,
    settings: dict[str, str],
    exchange: SimulatedExchange,
    sqlite_url: str,
    tmp_path: Path,
    history: list[Row],
) -> None:
    _kill_and_complete(exchange, settings, sqlite_url, tmp_path, requests_before)
    assert tables.candles(sqlite_url) == history
    assert tables.gaps(sqlite_url) == []


@pytest.mark.server
def test_a_job_on_mariadb_killed_between_two_pages_is_completed_by_the_next(
    settings: dict[str, str], exchange: SimulatedExchange, mariadb_url: str, tmp_path: Path, history: list[Row]
) -> None:
    _kill_and_complete(exchange, settings | {"DATABASE_URL": mariadb_url}, mariadb_url, tmp_path, 4)
    assert tables.candles(mariadb_url) == history
    assert tables.changed_hours(mariadb_url) == {row[0] for row in history}


def _kill_and_complete(
    exchange: SimulatedExchange, settings: dict[str, str], url: str, folder: Path, requests_before: int
) -> None:
    slow = exchange.order(Latency(ms=30_000, after=requests_before - 1))
    process = start(BACKFILL, settings, folder)
    deadline = time.monotonic() + 30
    while len(exchange.requests()) < requests_before and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    assert ended(process).code == -signal.SIGKILL
    exchange.clear(slow)
    if requests_before > 1:
        stored = tables.candles(url)
        assert len(stored) == (1000 if requests_before == 4 else 0)  # whole pages, or none
    ended(start(BACKFILL, settings, folder)).succeeded()


def test_a_job_killed_at_any_statement_leaves_whole_pages_and_the_next_run_completes_it(
    server: RunningServer, tmp_path: Path, history: list[Row]
) -> None:
    driver = subprocess.run(
        [sys.executable, "-m", "tests.faults.crash_driver", server.url, str(tmp_path)],
        cwd=ROOT,
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert driver.returncode == 0, driver.stderr
    rounds: list[dict[str, Any]] = [json.loads(line) for line in driver.stdout.splitlines()]
    every = [list(row) for row in history]
    hours = [row[0] for row in history]
    assert len(rounds) > 17
    assert {len(one["left"]["candles"]) for one in rounds} == {0, 1000, HOURS}  # it was killed in every phase
    for one in rounds:
        left, then = one["left"], one["then"]
        assert left["integrity"] == then["integrity"] == "ok"
        stored = len(left["candles"])
        assert left["candles"] == every[:stored], one["statement"]
        assert left["changed"] == hours[:stored], one["statement"]  # candles and the note of them are one transaction
        assert left["run"] in ([], [["backfill", "running", 1]], [["backfill", "done", 0]]), one["statement"]
        assert then == {
            "integrity": "ok", "candles": every, "changed": hours, "gaps": [], "run": [["backfill", "done", 0]],
        }, one["statement"]  # fmt: skip
    assert rounds[-1]["left"]["run"] == [["backfill", "running", 1]]  # all was stored but that it was done


# Two runs at once


def at_once(count: int, work: Callable[[], object]) -> list[Exception]:
    """Let threads begin the same work together; what they raised."""
    barrier, raised = threading.Barrier(count), list[Exception]()

    def one() -> None:
        barrier.wait()
        try:
            work()
        except Exception as error:  # noqa: BLE001 - shown by the test
            raised.append(error)

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_runs_at_once_give_the_tables_that_one_gives(
    database_url: str, server: RunningServer, history: list[Row]
) -> None:
    assert at_once(3, lambda: run_backfill(database_url, server)) == []
    assert tables.candles(database_url) == history
    assert tables.gaps(database_url) == []
    assert tables.changed_hours(database_url) == {row[0] for row in history}


def test_two_jobs_at_once_on_a_new_file_both_succeed(
    settings: dict[str, str], sqlite_url: str, tmp_path: Path, history: list[Row]
) -> None:
    processes = [start(BACKFILL, settings, tmp_path) for _ in range(2)]
    reports = [ended(process).succeeded().report for process in processes]
    assert tables.candles(sqlite_url) == history
    assert sum(report["candles_new"] for report in reports) == HOURS


def test_a_writer_that_holds_the_file_for_a_moment_is_waited_for(
    sqlite_url: str, server: RunningServer, history: list[Row]
) -> None:
    run_backfill(sqlite_url, server)
    _forget(sqlite_url, history[-1][0])
    holder = sa.create_engine(sqlite_url, poolclass=sa.NullPool).connect()
    holder.exec_driver_sql("BEGIN IMMEDIATE")
    threading.Timer(0.5, holder.close).start()
    assert run_backfill(sqlite_url, server).candles_new == 1
    assert tables.candles(sqlite_url) == history


def _forget(url: str, hour_ms: int) -> None:
    file = url.removeprefix("sqlite:///")
    engine = sa.create_engine(f"sqlite:///{file}", poolclass=sa.NullPool)
    hour = time.strftime("%Y-%m-%d %H:%M:%S.000000", time.gmtime(hour_ms / 1000))
    with engine.begin() as connection:
        gone = connection.execute(sa.text("DELETE FROM klines_hourly WHERE open_time = :hour"), {"hour": hour})
        assert gone.rowcount == 1


def test_a_writer_that_never_lets_go_of_the_file_fails_the_run_in_plain_words(
    sqlite_url: str, server: RunningServer, history: list[Row]
) -> None:
    run_backfill(sqlite_url, server)
    _forget(sqlite_url, history[-1][0])
    holder = sa.create_engine(sqlite_url, poolclass=sa.NullPool).connect()
    holder.exec_driver_sql("BEGIN IMMEDIATE")
    database = Database(sqlite_url, RetryPolicy(0.3, attempts=100, first_wait=0.05))
    event.listen(database.engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout = 20"))
    exchange = BinanceClient([server.url], ONCE)
    with pytest.raises(DatabaseAway, match="is busy with another program's write"):
        backfill.backfill(database, exchange, REQUEST)
    database.close()
    exchange.close()
    holder.close()
    assert tables.candles(sqlite_url) == history[:-1]


# Disk full, read-only file


def test_a_full_disk_ends_in_plain_words_and_what_was_stored_stays_readable(
    sqlite_url: str, server: RunningServer, exchange: SimulatedExchange, history: list[Row]
) -> None:
    database = Database(sqlite_url, ONCE)
    full = "PRAGMA max_page_count = 90"  # SQLite's own way to a full disk: about 360 kB
    event.listen(database.engine, "connect", lambda raw, _: raw.execute(full))
    client = BinanceClient([server.url], ONCE)
    with pytest.raises(StorageError) as caught:
        backfill.backfill(database, client, REQUEST)
    database.close()
    client.close()
    assert str(caught.value).endswith("can't be used: the disk is full")
    assert tables.candles(sqlite_url) == history[:1000]
    run_backfill(sqlite_url, server)  # somebody made room
    assert tables.candles(sqlite_url) == history
    assert len(exchange.requests(KLINES)) == 4


def test_a_job_that_may_not_write_another_byte_ends_in_plain_words(
    settings: dict[str, str], sqlite_url: str, server: RunningServer, tmp_path: Path, history: list[Row]
) -> None:
    def no_more_than_200_kb() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    outcome = ended(start(BACKFILL, settings, tmp_path, before=no_more_than_200_kb)).failed()
    assert sqlite_url.removeprefix("sqlite:///") in outcome.reason
    assert "disk" in outcome.reason
    stored = tables.candles(sqlite_url)
    assert len(stored) in {0, 1000}
    run_backfill(sqlite_url, server)
    assert tables.candles(sqlite_url) == history


def test_a_file_that_may_not_be_written_ends_in_plain_words(
    settings: dict[str, str], sqlite_url: str, server: RunningServer, tmp_path: Path, history: list[Row]
) -> None:
    run_backfill(sqlite_url, server)
    _forget(sqlite_url, history[-1][0])
    folder = tmp_path / "read-only"
    folder.mkdir()
    file = Path(sqlite_url.removeprefix("sqlite:///")).rename(folder / "candles.sqlite3")
    file.chmod(0o444)
    folder.chmod(0o555)
    url = f"sqlite:///{file}"
    outcome = ended(start(BACKFILL, settings | {"DATABASE_URL": url}, tmp_path, before=_without_roots_rights()))
    folder.chmod(0o755)
    file.chmod(0o644)
    reason = outcome.failed().reason
    assert str(file) in reason
    assert "read-only" in reason or "can't be opened" in reason
    assert tables.candles(url) == history[:-1]


def _without_roots_rights() -> Callable[[], object]:
    """Root may write anything: take that right from the new process (CAP_DAC_OVERRIDE, from its bounding set)."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    return lambda: prctl(24, 1, 0, 0, 0)  # PR_CAPBSET_DROP


def test_a_file_that_is_no_database_ends_in_plain_words(backfill_job: Job, tmp_path: Path) -> None:
    file = tmp_path / "letter.sqlite3"
    file.write_text("Dear reader, this is a letter and no database. " * 100)
    reason = backfill_job(DATABASE_URL=f"sqlite:///{file}").failed().reason
    assert reason.endswith("can't be used: the file is not an SQLite database")
    assert file.read_text().startswith("Dear reader")


def test_a_folder_that_cannot_be_made_ends_in_plain_words(backfill_job: Job, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    reason = backfill_job(DATABASE_URL=f"sqlite:///{tmp_path / 'file' / 'candles.sqlite3'}").failed().reason
    assert str(tmp_path / "file") in reason


# As the container image runs it


def test_the_script_prints_one_json_line_and_exits_with_0(
    settings: dict[str, str], sqlite_url: str, tmp_path: Path, history: list[Row]
) -> None:
    done = ended(start(BACKFILL, settings, tmp_path)).succeeded()
    assert done.report["candles_written"] == HOURS
    assert done.report["simulated"] is True
    assert tables.candles(sqlite_url) == history
    again = ended(start(BACKFILL, settings, tmp_path)).succeeded()
    assert (again.report["candles_written"], again.report["hours_missing"]) == (0, 0)


@pytest.mark.parametrize(
    ("arguments", "changes", "words"),
    [
        (["--since", "yesterday"], {}, "--since"),
        (["--since", "2017-09-01", "--until", "2017-09-01"], {}, "--until must lie after --since 2017-09-01"),
        (["--symbol", "BTC/USDT"], {}, "--symbol"),
        (["--nonsense"], {}, "--nonsense"),
        ([], {"SESSION_START": "11:30"}, "SESSION_START must fall on a candle's start"),
        ([], {"DATABASE_URL": "mysql+pymysql://u:hunter2@host:port/x"}, "DATABASE_URL must be an SQLAlchemy URL"),
    ],
)
def test_a_wrong_call_is_one_line_and_exits_with_2(
    *,
    arguments: list[str],
    changes: dict[str, str],
    words: str,
    backfill_job: Job,
    exchange: SimulatedExchange,
    capsys: pytest.CaptureFixture[str],
) -> None:
    try:
        outcome = backfill_job(*arguments, **changes)
        code, stderr = str(outcome.code), outcome.stderr
    except SystemExit as stopped:  # argparse
        code, stderr = str(stopped.code), capsys.readouterr().err
    assert code == "2"
    assert words in stderr
    assert len(stderr.splitlines()) == 1
    assert "hunter2" not in stderr
    assert exchange.requests() == []
