"""A ban is remembered in the database, for this process and for the next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clocks import FakeClock
from volatility.bans import StoredBans
from volatility.retry import ONCE
from volatility.storage.database import Database
from volatility.storage.migrate import migrate

UNTIL_MS = 1_700_000_123_456


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    made = Database(sqlite_url, ONCE)
    yield made
    made.close()


def test_without_tables_there_is_no_ban(database: Database) -> None:
    assert StoredBans(database).until_ms() is None


def test_the_next_process_keeps_to_a_ban_to_the_millisecond(database: Database) -> None:
    migrate(database)
    StoredBans(database).ban(UNTIL_MS)
    assert StoredBans(database).until_ms() == UNTIL_MS


def test_another_process_is_heard_of_after_half_a_minute(database: Database) -> None:
    migrate(database)
    clock = FakeClock()
    bans = StoredBans(database, clock.clock.monotonic)
    assert bans.until_ms() is None
    StoredBans(database).ban(UNTIL_MS)
    clock.pass_by(29)
    assert bans.until_ms() is None
    clock.pass_by(2)
    assert bans.until_ms() == UNTIL_MS


def test_a_ban_that_could_not_be_stored_is_kept_as_long_as_the_process_lives(database: Database) -> None:
    clock = FakeClock()
    bans = StoredBans(database, clock.clock.monotonic)
    bans.ban(UNTIL_MS)  # there are no tables
    assert bans.until_ms() == UNTIL_MS
    migrate(database)
    clock.pass_by(3600)
    assert bans.until_ms() == UNTIL_MS


def test_a_database_that_fails_does_not_hide_the_ban(tmp_path: Path) -> None:
    file = tmp_path / "letter.sqlite3"
    file.write_text("no database at all " * 100)
    database = Database(f"sqlite:///{file}", ONCE)
    bans = StoredBans(database)
    bans.ban(UNTIL_MS)
    assert bans.until_ms() == UNTIL_MS
    database.close()
