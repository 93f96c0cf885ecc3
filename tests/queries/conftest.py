"""The databases with forecasts of `tests/jobs/year.py`, and small ones with sessions made by hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.support import patient
from tests.jobs.year import database, exchange, filled, make, on_file
from tests.queries.by_hand import store
from volatility.storage.database import Database

__all__ = ["database", "exchange", "filled", "make", "on_file"]


@pytest.fixture(scope="session")
def stored_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the sessions of ``by_hand.STORED``; to be copied."""
    file = tmp_path_factory.mktemp("small") / "small.sqlite3"
    database = Database(f"sqlite:///{file}", patient())
    store(database)
    database.close()
    return file


@pytest.fixture
def small(stored_file: Path, tmp_path: Path) -> Iterator[Database]:
    """A database with them."""
    file = tmp_path / "small.sqlite3"
    shutil.copy(stored_file, file)
    database = Database(f"sqlite:///{file}", patient())
    yield database
    database.close()
