"""Databases to measure on: SQLite files, and databases of a MariaDB; all of them gone afterwards."""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from tests.support_mariadb import MariaDBServer

KINDS: Final = ("sqlite", "mariadb")


class Databases(Protocol):
    """Databases of one kind, each named by its SQLAlchemy URL."""

    @property
    def name(self) -> str:
        """As the table shows it."""

    @property
    def version(self) -> str:
        """Name and version of the program."""

    def new(self) -> str:
        """An empty one."""

    def copy(self, url: str) -> str:
        """Another one with the same tables, of a database that nobody is writing to."""

    def drop(self, url: str) -> None:
        """Delete one."""


class SQLiteFiles:
    """Files in a folder."""

    name: Final = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    @property
    def version(self) -> str:
        """Name and version of the library."""
        return f"SQLite {sqlite3.sqlite_version}"

    def new(self) -> str:
        """A file that does not exist yet."""
        return f"sqlite:///{self._folder}/{next(self._numbers)}.sqlite3"

    def copy(self, url: str) -> str:
        """A copy of the file; the last program that closed it has emptied its log into it."""
        copied = self.new()
        shutil.copyfile(self._file(url), self._file(copied))
        return copied

    def drop(self, url: str) -> None:
        """Delete the file and what lies beside it."""
        file = self._file(url)
        for path in file.parent.glob(f"{file.name}*"):
            path.unlink()

    @staticmethod
    def _file(url: str) -> Path:
        return Path(str(make_url(url).database))


class MariaDBDatabases:
    """Databases of one server."""

    name: Final = "MariaDB"

    def __init__(self, server_url: str) -> None:
        self._server = make_url(server_url)
        self._engine = sa.create_engine(
            self._server, isolation_level="AUTOCOMMIT", connect_args={"ssl_disabled": True}, poolclass=sa.NullPool
        )
        self._numbers = itertools.count(1)
        self._made: set[str] = set()

    @property
    def version(self) -> str:
        """The name and version that the server gives."""
        with self._engine.connect() as connection:
            return f"MariaDB {str(connection.scalar(sa.text('SELECT VERSION()'))).split('-')[0]}"

    def new(self) -> str:
        """An empty database."""
        name = f"btc_bench_{os.getpid()}_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        self._made.add(name)
        return self._server.set(database=name).render_as_string(hide_password=False)

    def copy(self, url: str) -> str:
        """A database with the same tables and rows."""
        copied = self.new()
        source, target = make_url(url).database, make_url(copied).database
        with self._engine.connect() as connection:
            tables = connection.exec_driver_sql(f"SHOW TABLES FROM {source}").scalars().all()
        for table in tables:
            self._execute(
                f"CREATE TABLE {target}.{table} LIKE {source}.{table}",
                f"INSERT INTO {target}.{table} SELECT * FROM {source}.{table}",
            )
        return copied

    def drop(self, url: str) -> None:
        """Delete the database."""
        name = str(make_url(url).database)
        self._execute(f"DROP DATABASE IF EXISTS {name}")
        self._made.discard(name)

    def close(self) -> None:
        """Delete what is left."""
        for name in sorted(self._made):
            self._execute(f"DROP DATABASE IF EXISTS {name}")

    def _execute(self, *statements: str) -> None:
        with self._engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)


@contextmanager
def opened(kinds: Sequence[str], folder: Path) -> Iterator[list[Databases]]:
    """The databases of these kinds; MariaDB is the server of TEST_DATABASE_URL, else one of our own.

    Raises:
        ServerUnavailable: where there is no MariaDB.
    """
    with ExitStack() as stack:
        found: list[Databases] = []
        if "sqlite" in kinds:
            found.append(SQLiteFiles(folder))
        if "mariadb" in kinds:
            url = os.environ.get("TEST_DATABASE_URL")
            if not url:
                server = MariaDBServer(folder / "mariadb")
                stack.callback(server.remove)
                server.start()
                url = server.url()
            databases = MariaDBDatabases(url)
            stack.callback(databases.close)
            found.append(databases)
        yield found
