"""Databases with a year of made-up candles, aggregated and not forecast yet."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.jobs.forecasting import SESSIONS, aggregated, exchange_in
from tests.jobs.support import FakeExchange, patient
from volatility.storage.database import Database

Make = Callable[[], Database]


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the closed sessions; to be copied."""
    file = tmp_path_factory.mktemp("year") / "year.sqlite3"
    database = Database(f"sqlite:///{file}", patient())
    aggregated(database, exchange_in(SESSIONS))
    database.close()
    return file


@pytest.fixture
def exchange() -> FakeExchange:
    """Its clock stands in the first session that is not closed."""
    return exchange_in(SESSIONS)


@pytest.fixture
def make(filled: Path, tmp_path: Path) -> Iterator[Make]:
    """As many such databases as a test wants, on files."""
    made: list[Database] = []

    def one() -> Database:
        file = tmp_path / f"{len(made)}.sqlite3"
        shutil.copy(filled, file)
        made.append(Database(f"sqlite:///{file}", patient()))
        return made[-1]

    yield one
    for database in made:
        database.close()


@pytest.fixture
def on_file(make: Make) -> Database:
    """One on a file."""
    return make()


@pytest.fixture
def database(database_url: str, filled: Path, exchange: FakeExchange) -> Iterator[Database]:
    """One of either kind."""
    database = Database(database_url, patient())
    if database.file:
        shutil.copy(filled, database.file)
    else:
        aggregated(database, exchange)
    yield database
    database.close()
