"""Databases of both kinds, empty or migrated, closed after each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.storage.support import quick
from volatility.storage.database import Database
from volatility.storage.migrate import migrate


@pytest.fixture
def empty(database_url: str) -> Iterator[Database]:
    """A database without a table."""
    database = Database(database_url, quick())
    yield database
    database.close()


@pytest.fixture
def database(empty: Database) -> Database:
    """A database with the schema."""
    migrate(empty)
    return empty


@pytest.fixture
def on_file(sqlite_url: str) -> Iterator[Database]:
    """An SQLite file with the schema."""
    database = Database(sqlite_url, quick())
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def on_server(mariadb_url: str) -> Iterator[Database]:
    """A MariaDB database with the schema."""
    database = Database(mariadb_url, quick())
    migrate(database)
    yield database
    database.close()
