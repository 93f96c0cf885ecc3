"""Transactions that survive a database that is away for a while, restarted, locked or deadlocked."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from volatility.domain.errors import DatabaseAway, DataIncomplete, SettingError, StorageError
from volatility.domain.redaction import keep_login_of
from volatility.domain.retry import RetryPolicy
from volatility.storage.files import file_engine, file_refusal, lacks_shared_memory, names_no_file, use_rollback_journal
from volatility.storage.refusals import NO_TABLE, Refusal, refusal
from volatility.storage.server import Server
from volatility.storage.tls import Tls

T = TypeVar("T")
Work = Callable[[Connection], T]


class Database:
    """One database: builds the engine, runs units of work in transactions, and speaks plainly when it fails.

    Args:
        url: an SQLAlchemy URL of MariaDB/MySQL by PyMySQL, or of SQLite.
        retry: how long a unit of work is tried again when the database is away or busy.
        tls: how the connection to a server is encrypted; None where the URL's own options say it.
        statement_seconds: how long a server may take to answer one statement.
        without_file_in: the folder in which no ``.env`` was found, said where an SQLite file holds nothing.
        sleep, monotonic: the clock, replaced in tests.
    """

    def __init__(
        self,
        url: str,
        retry: RetryPolicy,
        *,
        tls: Tls | None = None,
        statement_seconds: int = 120,
        without_file_in: str = "",
        sleep: Callable[[float], object] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        keep_login_of(url)
        try:
            self.url = _url(url)
            self._server = None if self.embedded else Server(self.url, tls, statement_seconds, retry.seconds)
            self.engine = self._server.engine(self.url) if self._server else file_engine(self.url)
        except (ArgumentError, ValueError):  # the latter for a port or an option that is no number
            raise SettingError("DATABASE_URL", "must be an SQLAlchemy URL") from None
        self._without_file_in = without_file_in
        self._retry, self._sleep, self._monotonic = retry, sleep, monotonic

    @property
    def embedded(self) -> bool:
        """Whether it is an SQLite file."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def file(self) -> Path | None:
        """The SQLite file, None for a server (and for SQLite's own URI of a file, which SQLite alone can read)."""
        name = self.url.database or ""
        return Path(name) if self.embedded and name and not name.startswith("file:") else None

    @property
    def file_is_missing(self) -> bool:
        """Whether it is an SQLite file that was not made yet.

        Raises:
            StorageError: where the system refuses to look.
        """
        try:
            return self.file is not None and not self.file.exists()
        except OSError as error:  # no right to look into the folder, a name too long
            raise StorageError(f"the database {self} can't be used: {error.strerror}") from None

    def __str__(self) -> str:
        if self.embedded:
            return f"SQLite file {self.url.database}"
        return f"{self.url.host}:{self.url.port or 3306}/{self.url.database}"

    def read(self, work: Work[T]) -> T:
        """Run ``work`` in one consistent snapshot; reading never makes an embedded file."""
        if self.file_is_missing:
            raise self.empty()
        return self._run(work, self._retry, writing=False)

    def write(self, work: Work[T], retry: RetryPolicy | None = None) -> T:
        """Run ``work`` in one transaction, all or nothing; ``retry`` is for what is worth less patience.

        It may run several times: after a deadlock, or where the connection broke and nobody knows whether the commit
        arrived. Everything written here is an upsert or a difference to what is stored, so that does no harm.
        """
        return self._run(work, retry or self._retry, writing=True)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _run(self, work: Work[T], retry: RetryPolicy, *, writing: bool) -> T:
        began, failures, journal_changed = self._monotonic(), 0, False
        while True:
            try:
                with self._begin(writing=writing) as connection:
                    return work(connection)
            except (DBAPIError, PoolTimeout) as error:
                failed = error  # its words may hold a secret: nothing raised below has it as its cause
            if not journal_changed and lacks_shared_memory(getattr(failed, "orig", None)):
                journal_changed = self._use_rollback_journal()
                continue
            failures += 1
            self._wait(self._plain(failed), retry, failures, self._monotonic() - began)

    def _wait(self, plain: StorageError | DataIncomplete, retry: RetryPolicy, failures: int, elapsed: float) -> None:
        """Wait for the next try, or raise what is to be said where there is none."""
        if not isinstance(plain, DatabaseAway):
            raise plain
        wait = retry.wait(failures, random.random(), elapsed)  # noqa: S311 - jitter, not a secret
        if not retry.again(failures, elapsed, wait):
            raise plain
        self._sleep(wait)

    def _begin(self, *, writing: bool) -> Any:
        return self.engine.execution_options(unit_writes=writing).begin()

    def _use_rollback_journal(self) -> bool:
        try:
            use_rollback_journal(self.engine)
        except sqlite3.Error as error:
            refused = file_refusal(error, self.file)
            if not refused.passing:
                raise StorageError(f"the database {self} {refused.words}") from None
        return True

    def empty(self) -> DataIncomplete:
        """That it holds nothing yet."""
        return DataIncomplete(f"the database {self._in_full()} holds nothing yet: run btc-volatility backfill")

    def without_place(self, words: str) -> str:
        """A message for those who need not know on which server or in which folder the database lies."""
        for place in (self._in_full(), str(self)):
            words = words.replace(f"the database {place}", "the database").replace(place, "the database")
        return words

    def _in_full(self) -> str:
        """Which file it is depends on the folder one stands in, and on the ``.env`` that lies there or does not."""
        if not self.file:
            return str(self)
        unread = f" (no .env in {self._without_file_in} was read)" if self._without_file_in else ""
        return f"SQLite file {self.file.absolute()}{unread}"

    def _plain(self, error: Exception) -> StorageError | DataIncomplete:
        """What happened, for a person; DatabaseAway where another try may help."""
        original = getattr(error, "orig", None)
        if isinstance(original, sqlite3.Error):
            if "no such table" in str(original):
                return self.empty()
            refused = file_refusal(original, self.file)
        elif original is not None and original.args[:1] == (NO_TABLE,):
            return self.empty()
        else:
            refused = self._server_refusal(error)
        return (DatabaseAway if refused.passing else StorageError)(f"the database {self} {refused.words}")

    def _server_refusal(self, error: Exception) -> Refusal:
        if self._server is None:  # SQLAlchemy's own pool, over a file
            return Refusal("is busy: no connection was free", passing=True)
        refused = refusal(error, self._server.names, encrypted=self._server.encrypted)
        if refused.moved:
            self.engine.dispose()  # the same name may lead to another server by now
        return refused


def _url(text: str) -> URL:
    """An SQLAlchemy URL, refused where it names no file."""
    url = make_url(text)
    if url.get_backend_name() == "sqlite" and names_no_file(url):
        raise SettingError("DATABASE_URL", "must name a file, as sqlite:///data/file.sqlite3: memory keeps nothing")
    return url
