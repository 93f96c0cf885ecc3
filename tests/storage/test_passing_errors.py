"""Errors after which the same transaction may succeed: tried again, as long as the settings say and no longer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from pymysql.constants import CR

from tests.storage.accounts import Admin, Patience, five, opened, refused
from tests.storage.support import execute, quick
from tests.support.canned import nobody_listens
from tests.support_mariadb import PASSWORD, USER
from volatility.bootstrap import open_database
from volatility.domain.errors import DatabaseAway, StorageError
from volatility.domain.retry import ONCE
from volatility.settings import Settings
from volatility.storage.database import Database
from volatility.storage.refusals import PASSING

ITS_WORDS = {
    1047: "WSREP has not yet prepared node for application use",
    1226: "User ''one'' has exceeded the ''max_user_connections'' resource (current value: 1)",
    1290: "The MariaDB server is running with the --read-only option so it cannot execute this statement",
    1836: "Running in read-only mode",
}


@pytest.fixture
def once_only(mariadb_url: str) -> str:
    """A database whose table refuses the first row that comes, with a number and words that can be set.

    What notes that it was refused is a MyISAM table, which no rollback undoes.
    """
    database = Database(mariadb_url, quick())
    execute(
        database,
        "CREATE TABLE told (times INT) ENGINE=MyISAM",
        "INSERT INTO told VALUES (0)",
        "CREATE TABLE kept (number INT)",
    )
    database.close()
    return mariadb_url


def _refuse_with(url: str, number: int, words: str = "so it says") -> None:
    Admin(url)(
        "DROP TRIGGER IF EXISTS refuse",
        f"""CREATE TRIGGER refuse BEFORE INSERT ON kept FOR EACH ROW BEGIN
              UPDATE told SET times = times + 1;
              IF (SELECT times FROM told) = 1 THEN
                SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = {number}, MESSAGE_TEXT = '{words}';
              END IF;
            END""",
        "UPDATE told SET times = 0",
        "DELETE FROM kept",
    )


def _keep(number: int) -> Callable[[sa.Connection], object]:
    return lambda connection: connection.exec_driver_sql(f"INSERT INTO kept VALUES ({number})")


@pytest.mark.server
def test_every_number_of_the_list_is_tried_again(once_only: str) -> None:
    """And those of a server that is read-only for as long as another takes its place."""
    not_waited_for = []
    with opened(five(once_only)) as database:
        for number in sorted(set(PASSING) | set(ITS_WORDS)):
            _refuse_with(once_only, number, ITS_WORDS.get(number, "so it says"))
            try:
                database.write(_keep(number))
            except StorageError as error:
                not_waited_for.append((number, str(error)))
            kept = database.read(lambda c: c.exec_driver_sql("SELECT number FROM kept").scalars().all())
            assert kept == [number] or not_waited_for
    assert not_waited_for == []


@pytest.mark.server
@pytest.mark.parametrize(
    ("number", "its_words", "words"),
    [
        (
            1226,
            "User ''a'' has exceeded the ''max_updates_per_hour'' resource (current value: 9)",
            "max_updates_per_hour",
        ),
        (1226, "User ''a'' has exceeded the ''max_connections_per_hour'' resource", "max_connections_per_hour"),
        (1180, 'Got error 28 "No space left on device" during COMMIT', "its disk is full"),
        (1290, "The server is running with the --secure-file-priv option", "it is read-only"),
        (1064, "You have an error in your SQL syntax", "failed: You have an error in your SQL syntax"),
    ],
)
def test_what_only_looks_like_one_is_said_at_once(once_only: str, number: int, its_words: str, words: str) -> None:
    _refuse_with(once_only, number, its_words)
    time = Patience()
    with opened(five(once_only), time) as database, pytest.raises(StorageError, match=words) as caught:
        database.write(lambda c: c.exec_driver_sql("INSERT INTO kept VALUES (1)"))
    assert not isinstance(caught.value, DatabaseAway)
    assert time.waits == []


@pytest.mark.server
def test_a_server_that_was_demoted_is_left_for_the_one_that_took_its_place(once_only: str) -> None:
    """Connections that are kept would lead to the old one for ever."""
    Admin(once_only)("DROP TRIGGER IF EXISTS refuse")
    _refuse_with(once_only, 1290, ITS_WORDS[1290])
    seen: list[int] = []

    def work(connection: sa.Connection) -> None:
        seen.append(connection.exec_driver_sql("SELECT CONNECTION_ID()").scalar_one())
        connection.exec_driver_sql("INSERT INTO kept VALUES (1)")

    with opened(five(once_only)) as database:
        database.write(work)
    assert len(set(seen)) == 2


@pytest.mark.server
def test_an_account_with_its_one_connection_in_use_is_waited_for(once_only: str) -> None:
    Admin(once_only).account("one", "IDENTIFIED BY 'secret' WITH MAX_USER_CONNECTIONS 1", once_only.rpartition("/")[2])
    settings = five(once_only, DB_USER="one", DB_PASSWORD="secret")
    holder = Database(Settings.of(settings).database_url, ONCE)
    held = holder.engine.connect()

    class Freed(Patience):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if len(self.waits) == 3:
                held.close()
                holder.close()

    time = Freed()
    with opened(settings, time) as database:
        assert database.read(lambda c: c.exec_driver_sql("SELECT CURRENT_USER()").scalar_one()).startswith("one@")
    assert len(time.waits) >= 3


def test_the_drivers_numbers_have_the_drivers_names() -> None:
    for number, (name, whose) in PASSING.items():
        if whose == "client":
            assert getattr(CR, name) == number


@pytest.mark.parametrize("seconds", [1, 60, 3600])
def test_a_server_that_is_away_is_tried_again_for_as_long_as_the_settings_say(seconds: int) -> None:
    """Not a second less: the last try is made when the time is over. Nor more."""
    host, port = nobody_listens().removeprefix("http://").split(":")
    settings = five(f"mysql+pymysql://{USER}:{PASSWORD.replace('@', '%40').replace('/', '%2F')}@{host}:{port}/x")
    database = open_database(Settings.of(settings | {"DATABASE_RETRY_SECONDS": str(seconds)}))
    time = Patience()
    database._sleep, database._monotonic = time.sleep, time.monotonic
    with pytest.raises(DatabaseAway) as caught:
        database.read(lambda c: c.exec_driver_sql("SELECT 1"))
    assert time.monotonic() == pytest.approx(seconds, abs=1e-3)  # and a try comes after each wait
    assert max(time.waits) <= 15
    assert "can't be reached or is busy: Connection refused" in str(caught.value)
    database.close()


@pytest.mark.parametrize("seconds", [1, 60])
def test_a_file_that_another_program_writes_is_waited_for_as_long(tmp_path: Path, seconds: int) -> None:
    settings = Settings.of({"DATABASE_URL": f"sqlite:///{tmp_path / 'x'}", "DATABASE_RETRY_SECONDS": str(seconds)})
    holder = Database(settings.database_url, ONCE)
    holder.write(lambda c: c.exec_driver_sql("CREATE TABLE kept (number INT)"))
    database, time = open_database(settings), Patience()
    database._sleep, database._monotonic = time.sleep, time.monotonic
    sa.event.listen(database.engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout = 0"))

    def hold(connection: sa.Connection) -> None:
        connection.exec_driver_sql("INSERT INTO kept VALUES (1)")
        with pytest.raises(DatabaseAway, match="busy with another program's write"):
            database.write(lambda c: c.exec_driver_sql("INSERT INTO kept VALUES (2)"))

    holder.write(hold)
    assert time.monotonic() == pytest.approx(seconds, abs=1e-3)
    holder.close()
    database.close()


def test_without_patience_one_try_is_made() -> None:
    address = nobody_listens().removeprefix("http://")
    said = refused(five(f"mysql+pymysql://u:Geheim@{address}/x", DATABASE_RETRY_SECONDS="0"))
    assert said == f"the database {address}/x can't be reached or is busy: Connection refused"
