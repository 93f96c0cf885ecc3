"""Runs backfills that are killed at their n-th statement, n = 1, 2, …: a program of its own, started by a test.

Arguments: the exchange's URL, a folder. For many an n a fresh SQLite file is begun in a forked process that kills
itself with SIGKILL before the n-th statement; what is left must be whole. Then a run to the end. Prints one line of
JSON for each n: what was stored after the kill and after the next run.

The statements are the job's own and those that write down its begin and its end. How often a run says meanwhile that it
lives depends on the time, so those statements, which come from a thread, are not counted.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
import threading
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.faults.conftest import FIRST_MS
from tests.support import tables
from volatility.domain.retry import RetryPolicy
from volatility.exchange.binance import BinanceClient
from volatility.jobs import backfill
from volatility.storage.database import Database

_EACH_OF_LAST = 17


def run(url: str, exchange_url: str) -> None:
    """One backfill to its end."""
    database, exchange = Database(url, RetryPolicy(5)), BinanceClient([exchange_url], RetryPolicy(5))
    backfill.backfill(database, exchange, backfill.BackfillRequest("BTCUSDT", FIRST_MS))
    exchange.close()
    database.close()


def killed_at(number: int, url: str, exchange_url: str) -> bool:
    """Whether a backfill in a process of its own was killed; if not, it had fewer statements."""
    child = os.fork()
    if not child:
        left = [number]

        def count(*_: object) -> None:
            if not _is_the_jobs():
                return
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "before_cursor_execute", count)
        event.listen(Engine, "commit", count)
        run(url, exchange_url)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _is_the_jobs() -> bool:
    return threading.current_thread() is threading.main_thread()


def stored(file: Path) -> dict[str, object]:
    """What a file holds, by a connection that recovers it."""
    with sqlite3.connect(file) as connection:
        (whole,) = connection.execute("PRAGMA integrity_check").fetchone()
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    url = f"sqlite:///{file}"
    there = "klines_hourly" in names
    return {
        "integrity": whole,
        "candles": tables.candles(url) if there else [],
        "changed": sorted(tables.changed_hours(url)) if "kline_changes" in names else [],
        "gaps": tables.gaps(url) if "kline_gaps" in names else [],
        "run": tables.query(url, "SELECT job, result, ended_at IS NULL FROM job_runs") if "job_runs" in names else [],
    }


def main(exchange_url: str, folder: Path) -> None:
    """Every n of the last statements, which write candles, and some of those before, which make the tables."""
    statements: list[object] = []
    event.listen(Engine, "before_cursor_execute", lambda *_: statements.append(1) if _is_the_jobs() else None)
    event.listen(Engine, "commit", lambda *_: statements.append(1) if _is_the_jobs() else None)
    run(f"sqlite:///{folder / 'whole.sqlite3'}", exchange_url)
    count = len(statements)
    for number in [*range(1, count - _EACH_OF_LAST, 20), *range(count - _EACH_OF_LAST, count + 1)]:
        file = folder / f"{number}.sqlite3"
        url = f"sqlite:///{file}"
        if not killed_at(number, url, exchange_url):
            raise SystemExit(f"not killed at statement {number} of {count}")
        left = stored(file)
        run(url, exchange_url)
        sys.stdout.write(json.dumps({"statement": number, "left": left, "then": stored(file)}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
