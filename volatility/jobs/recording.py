"""Writes down how a run of a job goes: when it began, how far it has come, how it ended. No job ever fails by that.

Begin and end are a statement each. In between a thread says every few seconds that the run lives, however long the job
waits for something, and how far it has come. So a run of a second costs two statements, and one that was killed is
known by its silence.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.engine import Connection

from volatility.domain.errors import Error, Stopped
from volatility.domain.redaction import redact
from volatility.domain.retry import RetryPolicy
from volatility.storage import run_rows
from volatility.storage.database import Database
from volatility.storage.run_rows import DONE, FAILED, Progress, Result, RunKey

log = logging.getLogger(__name__)

_PROGRESS_SECONDS: Final = 1.0  # how far a run has come is written at most so often
_ALIVE_SECONDS: Final = 10.0  # that it lives, at least so often; readers wait for longer than that
_PATIENCE: Final = RetryPolicy(seconds=2.0, attempts=3, first_wait=0.1)  # nobody is to wait long for a note
_LAST_NOTE_SECONDS: Final = 5.0
_STOPPED: Final = "stopped"
_UNEXPECTED: Final = "an unexpected error; the log has more"


class Recorder:
    """The record of one run."""

    def __init__(self, database: Database, symbol: str, job: str) -> None:
        self._database = database
        self._key = RunKey(symbol, job, os.urandom(16).hex())
        self._progress = Progress()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._say_alive, name=f"record of {job}", daemon=True)

    def progress(self, done: int, total: int) -> None:
        """So far it has come; written by and by."""
        self._progress = Progress(done, total)

    def begin(self) -> None:
        """It begins."""
        _write(self._database, lambda connection: run_rows.begin(connection, self._key))
        self._thread.start()

    def end(self, result: Result, message: str | None = None) -> None:
        """It ended."""
        self._over.set()
        self._thread.join(_LAST_NOTE_SECONDS)  # one that is held up longer finds the run ended, and writes nothing
        _write(self._database, lambda connection: run_rows.end(connection, self._key, result, message, self._progress))

    def _say_alive(self) -> None:
        said, when = self._progress, time.monotonic()
        while not self._over.wait(_PROGRESS_SECONDS):
            progress, now = self._progress, time.monotonic()
            if progress != said or now - when >= _ALIVE_SECONDS:
                said, when = progress, now
                self._write_alive(progress)

    def _write_alive(self, progress: Progress) -> None:
        _write(self._database, lambda connection: run_rows.hear(connection, self._key, progress))


@contextmanager
def recorded(database: Database, symbol: str, job: str) -> Iterator[Recorder]:
    """The block is a run of a job, over a database whose schema is current."""
    run = Recorder(database, symbol, job)
    run.begin()
    try:
        yield run
    except Error as error:
        run.end(FAILED, _said(database, error))
        raise
    except (KeyboardInterrupt, SystemExit, Stopped):
        run.end(FAILED, _STOPPED)
        raise
    except BaseException:
        run.end(FAILED, _UNEXPECTED)
        raise
    run.end(DONE)


@contextmanager
def belongs_to(database: Database, symbol: str, job: str) -> Iterator[None]:
    """The block belongs to a job whose run was done: where it fails, that run has failed after all."""
    try:
        yield
    except Error as error:
        said = _said(database, error)
        _write(database, lambda connection: run_rows.fail_after_all(connection, symbol, job, said))
        raise


def _said(database: Database, error: Error) -> str:
    """The line that people see; where the database lies is for the log."""
    return database.without_place(redact(str(error)))


def _write(database: Database, work: Callable[[Connection], None]) -> None:
    """Write a note where that can be done."""
    try:
        database.write(work, _PATIENCE)
    except Error as error:
        log.debug("how the run goes can't be written down: %s", error)
