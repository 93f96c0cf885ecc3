"""A ban is remembered in the database, for this process and for the next, and counted by the database's clock."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.clocks import FakeClock
from volatility.domain.retry import ONCE
from volatility.exchange.bans import Ban
from volatility.storage import ban_book
from volatility.storage.ban_book import StoredBans, lift, standing_ban
from volatility.storage.database import Database
from volatility.storage.migrate import migrate

UNTIL_MS = 1_700_000_123_456
HOUR = Ban(3600.0, UNTIL_MS)


@pytest.fixture(params=["sqlite_url", pytest.param("mariadb_url", marks=pytest.mark.server)])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    made = Database(request.getfixturevalue(request.param), ONCE)
    yield made
    made.close()


def shift(database: Database, seconds: float) -> None:
    """Put the database's clock forward since what is stored was heard, by putting that back."""
    with database.engine.begin() as connection:
        rows = connection.execute(sa.text("SELECT exchange, until FROM exchange_bans")).all()
    by = sa.text("UPDATE exchange_bans SET until = :until WHERE exchange = :exchange")
    with database.engine.begin() as connection:
        for exchange, until in rows:
            if ":" in exchange:
                moved = datetime.fromisoformat(str(until)) - timedelta(seconds=seconds)
                connection.execute(by, {"exchange": exchange, "until": str(moved)})


def test_without_tables_there_is_no_ban(database: Database) -> None:
    assert StoredBans(database).standing() is None


def test_the_next_process_keeps_to_a_ban_to_the_millisecond(database: Database) -> None:
    migrate(database)
    StoredBans(database).remember(HOUR)
    standing = StoredBans(database).standing()
    assert standing
    assert standing.until_ms == UNTIL_MS
    assert standing.seconds == pytest.approx(3600, abs=5)


def test_a_ban_ends_by_the_databases_clock_whatever_instant_the_exchange_named(database: Database) -> None:
    migrate(database)
    StoredBans(database).remember(HOUR)  # its end lies in the year 2023
    shift(database, 3590)
    standing = standing_ban(database)
    assert standing
    assert 0 < standing.seconds <= 10
    shift(database, 11)
    assert standing_ban(database) is None


def test_a_clock_that_was_put_back_makes_no_ban_longer_than_it_was(database: Database) -> None:
    migrate(database)
    StoredBans(database).remember(HOUR)
    shift(database, -10 * 3600)
    for _ in range(2):
        standing = standing_ban(database)
        assert standing
        assert standing.seconds == pytest.approx(3600, abs=5)
    shift(database, 3601)  # it was written down from when it is counted
    assert standing_ban(database) is None


def test_a_ban_of_an_older_program_is_kept_to_and_limited(database: Database) -> None:
    migrate(database)
    with database.engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO exchange_bans VALUES ('binance', '2286-11-20 17:46:39.999')"))
    standing = standing_ban(database)
    assert standing
    assert standing.seconds == 3 * 86400
    shift(database, 2 * 86400)
    standing = standing_ban(database)
    assert standing
    assert standing.seconds == pytest.approx(86400, abs=5)


def test_a_ban_that_is_lifted_is_forgotten_by_processes_that_run(database: Database) -> None:
    migrate(database)
    clock = FakeClock()
    bans, other = StoredBans(database, clock.clock.monotonic), StoredBans(database, clock.clock.monotonic)
    bans.remember(HOUR)
    assert other.standing()
    lift(database)
    clock.pass_by(31)
    assert bans.standing() is None
    assert other.standing() is None


def test_another_process_is_heard_of_after_half_a_minute(database: Database) -> None:
    migrate(database)
    clock = FakeClock()
    bans = StoredBans(database, clock.clock.monotonic)
    assert bans.standing() is None
    StoredBans(database).remember(HOUR)
    clock.pass_by(29)
    assert bans.standing() is None
    clock.pass_by(2)
    assert bans.standing()


def test_a_ban_that_one_thread_hears_outlives_a_read_of_another_that_began_before(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(database)
    bans = StoredBans(database)

    def slow(asked: Database) -> Ban | None:
        """What is stored, told after another thread has heard of a ban and has stored it."""
        found = standing_ban(asked)
        other = threading.Thread(target=bans.remember, args=(HOUR,))
        other.start()
        other.join()
        return found

    monkeypatch.setattr(ban_book, "standing_ban", slow)
    assert bans.standing()
    assert bans.standing()


def test_a_ban_that_could_not_be_stored_is_kept_as_long_as_the_process_lives(database: Database) -> None:
    clock = FakeClock()
    bans = StoredBans(database, clock.clock.monotonic)
    bans.remember(HOUR)  # there are no tables
    assert bans.standing()
    migrate(database)
    clock.pass_by(3599)
    assert bans.standing()
    clock.pass_by(2)
    assert bans.standing() is None


def test_a_database_that_fails_does_not_hide_the_ban(tmp_path: Path) -> None:
    file = tmp_path / "letter.sqlite3"
    file.write_text("no database at all " * 100)
    database = Database(f"sqlite:///{file}", ONCE)
    bans = StoredBans(database)
    bans.remember(HOUR)
    assert bans.standing()
    database.close()
