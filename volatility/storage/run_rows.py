"""Queries over the last run of each job. Instants are by the database's clock, which all programs share."""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from volatility.storage.schema import Instant, job_runs
from volatility.storage.upsert import upsert_one

BACKFILL: Final = "backfill"
AGGREGATION: Final = "aggregation"
RUNNING: Final = "running"
DONE: Final = "done"
FAILED: Final = "failed"
Result = Literal["done", "failed"]


class RunKey(NamedTuple):
    """One run of a job; ``run`` is a name that no other run has."""

    symbol: str
    job: str
    run: str


class Progress(NamedTuple):
    """How far a run has come; in hours or sessions, None where it does not know yet."""

    done: int | None = None
    total: int | None = None


class StoredRun(NamedTuple):
    """The last run of a job as it is stored; ``now_ms`` is the database's time at which it was read."""

    began_ms: int
    heard_ms: int
    ended_ms: int | None
    result: str
    message: str | None
    progress: Progress
    now_ms: int


class _Now(FunctionElement[int]):
    """What time it is by the database's clock."""

    inherit_cache = True
    type = Instant(fraction=True)


@compiles(_Now, "sqlite")
def _now_sqlite(*_: Any, **__: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"  # the form in which instants are stored


@compiles(_Now)
def _now_server(*_: Any, **__: Any) -> str:
    return "UTC_TIMESTAMP(3)"


def begin(connection: Connection, key: RunKey) -> None:
    """A run begins; where another one has not ended, its row is this one's from now on."""
    begun = {"began_at": _Now(), "heard_at": _Now(), "ended_at": None, "result": RUNNING, "message": None}
    upsert_one(connection, job_runs, key._asdict() | begun | Progress()._asdict())


def hear(connection: Connection, key: RunKey, progress: Progress) -> None:
    """A run still runs, and has come so far."""
    _update(connection, key, {"heard_at": _Now(), **progress._asdict()})


def end(connection: Connection, key: RunKey, result: Result, message: str | None, progress: Progress) -> None:
    """A run ended."""
    ended = {"heard_at": _Now(), "ended_at": _Now(), "result": result, "message": message}
    _update(connection, key, ended | progress._asdict())


def fail_after_all(connection: Connection, symbol: str, job: str, message: str) -> None:
    """What belongs to a job that was done has failed; a run that began meanwhile is left alone."""
    table = job_runs.c
    there = table.symbol == symbol, table.job == job, table.result == DONE
    connection.execute(sa.update(job_runs).where(*there).values(ended_at=_Now(), result=FAILED, message=message))


def _update(connection: Connection, key: RunKey, values: dict[str, Any]) -> None:
    """Change a run's row, while it is that run's and the run has not ended."""
    table = job_runs.c
    own = table.symbol == key.symbol, table.job == key.job, table.run == key.run, table.result == RUNNING
    connection.execute(sa.update(job_runs).where(*own).values(values))


def last_runs(connection: Connection, symbol: str) -> dict[str, StoredRun]:
    """The last run of each job of a symbol, by job."""
    query = sa.select(job_runs, _Now().label("now")).where(job_runs.c.symbol == symbol)
    return {
        row.job: StoredRun(
            row.began_at, row.heard_at, row.ended_at, row.result, row.message, Progress(row.done, row.total), row.now
        )
        for row in connection.execute(query)
    }
