"""Transactions that survive a database that is away for a while, restarted, locked or deadlocked."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Dialect, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from volatility.errors import DatabaseAway, DataIncomplete, SettingError, StorageError
from volatility.retry import RetryPolicy

T = TypeVar("T")
Work = Callable[[Connection], T]

# MariaDB's and MySQL's error numbers after which the same transaction may well succeed.
_PASSING: Final = frozenset({
    1040,  # too many connections
    1053,  # server shutdown in progress
    1077, 1078, 1079,  # shutdown, signal
    1152, 1158, 1159, 1160, 1161, 1184,  # the connection broke
    1205,  # lock wait timeout
    1213,  # deadlock
    1317,  # query interrupted (shutdown)
    1927, 1928,  # connection was killed
    2002, 2003, 2006, 2013, 2014, 2055,  # can't connect, gone away, lost
})  # fmt: skip
_PLAIN: Final = {
    1044: "the account has no rights on this database",
    1045: "user name or password refused",
    1698: "user name or password refused",
    1049: "no such database",
    1142: "the account lacks a right that this needs",
    1021: "its disk is full",
    1114: "its disk or table space is full",
    1290: "it is read-only",
    1836: "it is read-only",
}
_NO_TABLE: Final = 1146


class Database:
    """One database: builds the engine, runs units of work in transactions, and speaks plainly when it fails.

    Args:
        url: an SQLAlchemy URL of MariaDB/MySQL by PyMySQL, or of SQLite.
        retry: how long a unit of work is tried again when the database is away or busy.
        statement_seconds: how long a server may take to answer one statement.
        without_file_in: the folder in which no ``.env`` was found, said where an SQLite file holds nothing.
        sleep, monotonic: the clock, replaced in tests.
    """

    def __init__(
        self,
        url: str,
        retry: RetryPolicy,
        *,
        statement_seconds: int = 120,
        without_file_in: str = "",
        sleep: Callable[[float], object] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        try:
            self.url = make_url(url)
            self.engine = _engine(self.url, statement_seconds)
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
        return self._run(work, writing=False)

    def write(self, work: Work[T]) -> T:
        """Run ``work`` in one transaction, all or nothing.

        It may run several times: after a deadlock, or where the connection broke and nobody knows whether the commit
        arrived. Everything written here is an upsert or a difference to what is stored, so that does no harm.
        """
        return self._run(work, writing=True)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _run(self, work: Work[T], *, writing: bool) -> T:
        began, failures = self._monotonic(), 0
        while True:
            try:
                with self._begin(writing=writing) as connection:
                    return work(connection)
            except (DBAPIError, PoolTimeout) as error:
                failures += 1
                plain = self._plain(error)
                if not isinstance(plain, DatabaseAway):
                    raise plain from error
                wait = self._retry.wait(failures, random.random())  # noqa: S311 - jitter, not a secret
                if not self._retry.again(failures, self._monotonic() - began, wait):
                    raise plain from error
                self._sleep(wait)

    def _begin(self, *, writing: bool) -> Any:
        return self.engine.execution_options(unit_writes=writing).begin()

    def empty(self) -> DataIncomplete:
        """That it holds nothing yet."""
        return DataIncomplete(f"the database {self._in_full()} holds nothing yet: run btc-volatility backfill")

    def without_place(self, words: str) -> str:
        """A message for those who need not know on which server or in which folder the database lies."""
        return words.replace(f"the database {self._in_full()}", "the database").replace(
            f"the database {self}", "the database"
        )

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
            return self._plain_sqlite(original)
        number = original.args[0] if original is not None and original.args else None
        if number == _NO_TABLE:
            return self.empty()
        if number in _PLAIN:
            return StorageError(f"the database {self} refuses: {_PLAIN[number]}")
        away = isinstance(error, (InterfaceError, PoolTimeout)) or number in _PASSING
        if away or (isinstance(error, DBAPIError) and error.connection_invalidated):
            return DatabaseAway(f"the database {self} can't be reached or is busy: {_words(original or error)}")
        return StorageError(f"the database {self} failed: {_words(original or error)}")

    def _plain_sqlite(self, original: sqlite3.Error) -> StorageError | DataIncomplete:
        code = getattr(original, "sqlite_errorcode", 0) & 0xFF
        if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return DatabaseAway(f"the database {self} is busy with another program's write")
        if "no such table" in str(original):
            return self.empty()
        reasons = {
            sqlite3.SQLITE_READONLY: "it is read-only",
            sqlite3.SQLITE_FULL: "the disk is full",
            sqlite3.SQLITE_CANTOPEN: "the file can't be opened or made",
            sqlite3.SQLITE_NOTADB: "the file is not an SQLite database",
            sqlite3.SQLITE_CORRUPT: "the file is damaged",
            sqlite3.SQLITE_IOERR: "reading or writing the file failed (is the disk full?)",
        }
        return StorageError(f"the database {self} can't be used: {reasons.get(code, _words(original))}")


def _words(error: BaseException) -> str:
    """The driver's own words, without its numbers' tuple."""
    words = error.args[1] if len(error.args) > 1 else (error.args[0] if error.args else type(error).__name__)
    return " ".join(str(words).split())


def _engine(url: URL, patience: int) -> Engine:
    if url.get_backend_name() == "sqlite":
        # The driver must not begin transactions by itself: the listener does.
        engine = sa.create_engine(url, connect_args={"isolation_level": None, "timeout": 10})
        event.listen(engine, "begin", _begin_on_file)
        return engine
    arguments: dict[str, Any] = {"connect_timeout": 10, "read_timeout": patience, "write_timeout": patience}
    if not any(name.startswith("ssl") for name in url.query):
        arguments["ssl_disabled"] = True  # else PyMySQL builds a TLS context (50 ms) that it then does not use
    engine = sa.create_engine(
        url, isolation_level="REPEATABLE READ", connect_args=arguments, pool_recycle=3600, pool_size=5, max_overflow=10
    )
    event.listen(engine, "begin", _begin_on_server)
    event.listen(engine, "do_connect", _connect_to_server)
    return engine


def _connect_to_server(dialect: Dialect, _record: object, arguments: Sequence[Any], options: dict[str, Any]) -> Any:
    try:
        return dialect.connect(*arguments, **options)
    except (TypeError, ValueError, AttributeError, OSError, RuntimeError) as error:
        # Not one of the driver's own errors: it does not know an option, or can't read a certificate.
        raise SettingError("DATABASE_URL", f"has options that can't be used: {_words(error)}") from None


def _writes(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("unit_writes"))


def _begin_on_file(connection: Connection) -> None:
    # SQLite takes its one writer's lock at the start: a reader that turns writer could only fail.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes(connection) else "BEGIN")


def _begin_on_server(connection: Connection) -> None:
    # Reading wants one snapshot. Writing wants what is there once it has its locks: a snapshot from before would let
    # one aggregation overwrite the sessions of another with older ones.
    if _writes(connection):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
