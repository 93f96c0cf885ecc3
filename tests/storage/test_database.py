"""Transactions that last through a database that is away, and failures said in one plain line."""

from __future__ import annotations

import sqlite3
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import certifi
import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import make_url

from tests.conftest import own_server
from tests.storage.support import SYMBOL, before_each_statement, candle, execute, hour, quick, rows
from tests.support_mariadb import MariaDBServer
from volatility.domain.errors import DatabaseAway, DataIncomplete, Error, SettingError, StorageError
from volatility.domain.hours import Span
from volatility.domain.retry import ONCE, RetryPolicy
from volatility.storage import candle_rows
from volatility.storage.candle_rows import Symbol
from volatility.storage.database import Database
from volatility.storage.migrate import known_revisions, migrate

SECRET = "open sesame"


class FakeTime:
    """Time that passes only by waiting."""

    def __init__(self, during: Callable[[], object] = lambda: None) -> None:
        self.waits: list[float] = []
        self._during = during

    def sleep(self, seconds: float) -> None:
        """Wait, and let happen what was planned for that time."""
        self.waits.append(seconds)
        self._during()

    def monotonic(self) -> float:
        """Seconds waited so far."""
        return sum(self.waits)


def patient(url: str, time: FakeTime, retry: RetryPolicy | None = None) -> Database:
    return Database(url, retry or quick(), sleep=time.sleep, monotonic=time.monotonic)


def remember(number: int) -> Callable[[sa.Connection], None]:
    return lambda c: candle_rows.remember_symbol(c, SYMBOL, Symbol(hour(number), False))


def remembered(database: Database) -> Symbol | None:
    return database.read(lambda c: candle_rows.symbol_facts(c, SYMBOL))


def failure(url: str, *, writing: bool = False) -> Error:
    """What a person is told when the database at a URL is used, after one try."""
    database = Database(url, ONCE)
    with pytest.raises((StorageError, DataIncomplete)) as caught:
        (migrate(database) if writing else remembered(database))
    database.close()
    assert "\n" not in str(caught.value)
    assert SECRET not in str(caught.value)
    return caught.value


class TestTransactions:
    """All of a unit of work, or nothing."""

    def test_what_a_failed_unit_wrote_is_gone(self, database: Database) -> None:
        def work(connection: sa.Connection) -> None:
            remember(1)(connection)
            raise DataIncomplete("half way")

        with pytest.raises(DataIncomplete, match="half way"):
            database.write(work)
        assert remembered(database) is None

    def test_reading_sees_one_state_of_the_database(self, database: Database) -> None:
        """Whatever is written between two of its questions."""
        database.write(remember(1))

        def read(connection: sa.Connection) -> list[Symbol | None]:
            before = candle_rows.symbol_facts(connection, SYMBOL)
            database.write(remember(2))
            return [before, candle_rows.symbol_facts(connection, SYMBOL)]

        assert database.read(read) == [Symbol(hour(1), False)] * 2
        assert remembered(database) == Symbol(hour(2), False)

    @pytest.mark.server
    def test_writing_sees_what_others_have_committed_meanwhile(self, on_server: Database) -> None:
        """After waiting for a lock, the state that the lock protects must be the new one."""

        def work(connection: sa.Connection) -> list[Symbol | None]:
            before = candle_rows.symbol_facts(connection, SYMBOL)
            on_server.write(remember(2))
            return [before, candle_rows.symbol_facts(connection, SYMBOL)]

        assert on_server.write(work) == [None, Symbol(hour(2), False)]

    def test_names(self, on_file: Database) -> None:
        assert on_file.embedded
        assert str(on_file) == f"SQLite file {on_file.file}"
        server = Database(f"mysql+pymysql://me:{SECRET}@db.example/candles", ONCE)
        assert not server.embedded
        assert server.file is None
        assert str(server) == "db.example:3306/candles"

    def test_reading_does_not_make_a_file(self, tmp_path: Path) -> None:
        said = failure(f"sqlite:///{tmp_path / 'none.sqlite3'}")
        assert isinstance(said, DataIncomplete)
        assert str(said).endswith("none.sqlite3 holds nothing yet: run btc-volatility backfill")
        assert list(tmp_path.iterdir()) == []

    def test_tables_that_are_not_there_mean_an_empty_database(self, empty: Database) -> None:
        if empty.file:
            empty.file.touch()
        with pytest.raises(DataIncomplete, match="holds nothing yet: run btc-volatility backfill"):
            remembered(empty)


class TestFiles:
    """What can be wrong with an SQLite file."""

    def test_one_that_may_only_be_read_refuses_writing_and_stays_readable(self, on_file: Database) -> None:
        on_file.write(remember(1))
        on_file.close()
        url = f"sqlite:///file:{on_file.file}?mode=ro&uri=true"
        read_only = Database(url, ONCE)
        assert remembered(read_only) == Symbol(hour(1), False)
        with pytest.raises(StorageError, match="can't be used: it is read-only"):
            read_only.write(remember(2))
        assert remembered(read_only) == Symbol(hour(1), False)
        read_only.close()

    def test_one_that_may_only_be_read_and_is_empty(self, tmp_path: Path) -> None:
        sqlite3.connect(tmp_path / "empty").close()
        (tmp_path / "empty").touch()
        assert "it is read-only" in str(failure(f"sqlite:///file:{tmp_path / 'empty'}?mode=ro&uri=true", writing=True))

    def test_one_that_can_not_be_opened(self, tmp_path: Path) -> None:
        assert "the file can't be opened or made" in str(failure(f"sqlite:///{tmp_path}"))

    def test_a_folder_that_can_not_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        said = failure(f"sqlite:///{tmp_path / 'file' / 'deeper' / 'candles.sqlite3'}", writing=True)
        assert "can't be made: Not a directory" in str(said)

    def test_a_folder_where_nobody_may_write(self) -> None:
        assert "can't be made" in str(failure("sqlite:////proc/candles/candles.sqlite3", writing=True))

    @pytest.mark.parametrize("writing", [False, True])
    def test_a_name_that_the_system_does_not_take(self, tmp_path: Path, writing: bool) -> None:
        said = failure(f"sqlite:///{tmp_path}/{'long' * 100}", writing=writing)
        assert "can't be used: File name too long" in str(said)

    def test_a_folder_that_is_not_there_yet_is_made(self, tmp_path: Path) -> None:
        database = Database(f"sqlite:///{tmp_path / 'a' / 'b' / 'candles.sqlite3'}", ONCE)
        migrate(database)
        database.close()
        assert (tmp_path / "a" / "b" / "candles.sqlite3").is_file()

    @pytest.mark.parametrize("writing", [False, True])
    def test_one_that_is_no_database(self, tmp_path: Path, writing: bool) -> None:
        file = tmp_path / "letter.txt"
        file.write_text("Dear Satoshi, " * 500)
        assert "the file is not an SQLite database" in str(failure(f"sqlite:///{file}", writing=writing))
        assert file.read_text().startswith("Dear Satoshi")

    def test_one_that_is_damaged(self, on_file: Database) -> None:
        page = [candle(number) for number in range(2000)]
        on_file.write(
            lambda c: candle_rows.write_page(c, SYMBOL, Span(hour(0), hour(2000)), page, asked_at_ms=0, gap_before_ms=0)
        )
        assert on_file.file
        with on_file.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        on_file.close()
        whole = on_file.file.read_bytes()
        on_file.file.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
        damaged = Database(on_file.url.render_as_string(), ONCE)
        with pytest.raises(StorageError, match="the file is damaged"):
            damaged.read(lambda c: candle_rows.stored_candles(c, SYMBOL, Span(hour(0), hour(2000))))
        damaged.close()

    def test_a_full_disk_keeps_what_was_stored(self, on_file: Database) -> None:
        on_file.write(remember(1))
        (pages,) = rows(on_file, "PRAGMA page_count")[0]

        def limit(connection: sqlite3.Connection, _: object) -> None:
            connection.execute(f"PRAGMA max_page_count = {pages + 2}")

        on_file.engine.dispose()
        event.listen(on_file.engine, "connect", limit)
        page = [candle(number) for number in range(1000)]
        with pytest.raises(StorageError, match="can't be used: the disk is full"):
            on_file.write(
                lambda c: candle_rows.write_page(
                    c, SYMBOL, Span(hour(0), hour(1000)), page, asked_at_ms=0, gap_before_ms=0
                )
            )
        assert remembered(on_file) == Symbol(hour(1), False)
        assert on_file.read(lambda c: candle_rows.first_stored(c, SYMBOL)) is None
        assert rows(on_file, "PRAGMA integrity_check") == [("ok",)]

    def test_another_programs_write_is_waited_for(self, on_file: Database) -> None:
        assert on_file.file
        other = sqlite3.connect(on_file.file, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        time = FakeTime(lambda: other.execute("COMMIT"))
        database = patient(on_file.url.render_as_string(), time)
        event.listen(database.engine, "connect", lambda c, _: c.execute("PRAGMA busy_timeout = 20"))
        database.write(remember(1))
        assert len(time.waits) == 1
        assert remembered(database) == Symbol(hour(1), False)
        database.close()
        other.close()

    def test_but_not_for_ever(self, on_file: Database) -> None:
        assert on_file.file
        other = sqlite3.connect(on_file.file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        time = FakeTime()
        database = patient(on_file.url.render_as_string(), time, RetryPolicy(seconds=5, attempts=99, first_wait=1))
        event.listen(database.engine, "connect", lambda c, _: c.execute("PRAGMA busy_timeout = 1"))
        with pytest.raises(DatabaseAway, match="is busy with another program's write"):
            database.write(remember(1))
        assert 2 <= len(time.waits) <= 5
        assert sum(time.waits) <= 5
        database.close()
        other.close()


@pytest.mark.parametrize(
    "url",
    ["", "candles", "://", "mysql+pymysql://me@here:port/candles", "mysql+pymysql://me@here/x?connect_timeout=soon"],
)
def test_what_is_no_url_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(SettingError, match=r"^DATABASE_URL must be an SQLAlchemy URL$"):
        Database(url, ONCE)


def _with(url: str, **parts: Any) -> str:
    return make_url(url).set(**parts).render_as_string(hide_password=False)


@pytest.mark.server
class TestServers:
    """What can be wrong with a server, or an account on it."""

    def test_a_wrong_password(self, mariadb_url: str) -> None:
        said = failure(_with(mariadb_url, password=SECRET))
        assert str(said).endswith(
            "refuses: user name or password refused, or the account demands TLS: "
            "append ?ssl_ca=/path/to/ca.pem to DATABASE_URL"
        )

    def test_an_unknown_account(self, mariadb_url: str) -> None:
        assert "user name or password refused" in str(failure(_with(mariadb_url, username="nobody")))

    def test_an_unknown_database(self, mariadb_url: str) -> None:
        said = failure(_with(mariadb_url, database="no_such_database"), writing=True)
        assert str(said).endswith("no_such_database refuses: no such database")

    @pytest.fixture
    def account(self, mariadb_url: str) -> Iterator[str]:
        """The URL of an account that may only read the database."""
        admin = Database(mariadb_url, ONCE)
        name = f"reader_{make_url(mariadb_url).database}"[-32:]
        execute(
            admin,
            f"CREATE USER '{name}'@'%' IDENTIFIED BY '{SECRET}'",
            f"GRANT SELECT ON {make_url(mariadb_url).database}.* TO '{name}'@'%'",
        )
        yield _with(mariadb_url, username=name, password=SECRET)
        execute(admin, f"DROP USER '{name}'@'%'")
        admin.close()

    def test_an_account_without_the_right_to_make_tables(self, account: str) -> None:
        assert str(failure(account, writing=True)).endswith("refuses: the account lacks a right that this needs")

    def test_an_account_without_rights_on_the_database(self, account: str) -> None:
        said = failure(_with(account, database="mysql"))
        assert str(said).endswith("/mysql refuses: the account has no rights on this database")

    @pytest.mark.parametrize(
        ("parts", "words"),
        [
            ({"port": 1}, "127.0.0.1:1/.* can't be reached or is busy: .*Connection refused"),
            ({"host": "no-such-host.invalid"}, "no-such-host.invalid:.*can't be reached or is busy: .*no-such-host"),
        ],
    )
    def test_nobody_there(self, mariadb_url: str, parts: dict[str, Any], words: str) -> None:
        time = FakeTime()
        database = patient(_with(mariadb_url, **parts), time, RetryPolicy(seconds=60, attempts=3))
        with pytest.raises(DatabaseAway, match=words):
            remembered(database)
        assert len(time.waits) == 2
        database.close()

    def _signal(self, number: int) -> Callable[[sa.Connection], object]:
        """Work that fails with an error number of the server's, as a real one does."""
        text = f"SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = {number}, MESSAGE_TEXT = 'so it says'"
        return lambda connection: connection.exec_driver_sql(text)

    @pytest.mark.parametrize(
        ("number", "words"),
        [
            (1021, "refuses: its disk is full"),
            (1114, "refuses: its disk or table space is full"),
            (1290, "refuses: it is read-only"),
            (1836, "refuses: it is read-only"),
            (1698, "refuses: user name or password refused"),
            (1129, "refuses: it blocks this machine after too many broken connections: FLUSH HOSTS"),
            (1153, "refuses: it takes no statement that long: raise its max_allowed_packet"),
            (1227, "refuses: the account lacks a right that this needs"),
            (1792, "refuses: it is read-only"),
            (1862, "refuses: the account's password has expired"),
            (3118, "refuses: the account is locked"),
            (3159, "refuses: it takes encrypted connections only: append"),
            (3955, "refuses: the account is blocked after too many wrong passwords"),
            (1264, "failed: so it says"),
        ],
    )
    def test_what_does_not_is_said_at_once(self, mariadb_url: str, number: int, words: str) -> None:
        time = FakeTime()
        database = patient(mariadb_url, time)
        with pytest.raises(StorageError, match=words) as caught:
            database.write(self._signal(number))
        assert not isinstance(caught.value, DatabaseAway)
        assert time.waits == []
        database.close()

    def test_connections_are_short_of(self, mariadb_url: str) -> None:
        """More units of work at once than connections: the last ones wait, then are told."""
        database = Database(mariadb_url, ONCE)
        database.engine = sa.create_engine(
            mariadb_url, pool_size=1, max_overflow=0, pool_timeout=0.1, connect_args={"ssl_disabled": True}
        )
        with database.engine.connect(), pytest.raises(DatabaseAway, match="can't be reached or is busy"):
            database.write(remember(1))
        database.close()

    def test_encryption_is_used_where_the_url_asks_for_it(self, mariadb_url: str, certificates: Path) -> None:
        """This server has none to offer: the connection fails rather than going on in the clear."""
        said = failure(f"{mariadb_url}?ssl_ca={certificates}")
        assert str(said).endswith("refuses: it offers no TLS, which ssl_ca in DATABASE_URL asks for")

    @pytest.fixture
    def certificates(self) -> Path:
        """Some certificates that can be read."""
        place = ssl.get_default_verify_paths()
        found = [Path(file) for file in (place.cafile, place.openssl_cafile, certifi.where()) if file]
        return next(file for file in found if file.is_file())

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ("ssl_ca=/nowhere/ca.pem", "No such file or directory"),
            ("ssl_ca=/dev/null", "no certificate"),
            ("charset=klingon", "NoneType|klingon"),
            ("no_such_option=1", "unexpected keyword argument 'no_such_option'"),
        ],
    )
    def test_options_that_the_driver_does_not_take_are_a_wrong_setting(
        self, mariadb_url: str, options: str, words: str
    ) -> None:
        database = Database(f"{mariadb_url}?{options}", ONCE)
        with pytest.raises(SettingError, match=f"^DATABASE_URL has options that can't be used: .*({words})") as caught:
            remembered(database)
        assert "\n" not in str(caught.value)
        database.close()


def _lock_row(connection: sa.Connection, name: str) -> None:
    connection.execute(sa.text("UPDATE symbols SET simulated = 1 - simulated WHERE symbol = :name"), {"name": name})


@pytest.mark.server
class TestLocks:
    """Two transactions in each other's way."""

    @pytest.fixture
    def rows_to_lock(self, on_server: Database) -> Database:
        execute(on_server, "INSERT INTO symbols VALUES ('A1', '2017-01-01', 0), ('B2', '2017-01-01', 0)")
        return on_server

    def _simulated(self, database: Database) -> list[int]:
        return [int(row[0]) for row in rows(database, "SELECT simulated FROM symbols ORDER BY symbol")]

    def test_a_deadlock_is_resolved_by_trying_again(self, rows_to_lock: Database) -> None:
        """Two real transactions take the same two rows in opposite order; the server ends one of them."""
        both_hold_one = threading.Barrier(2)
        tries: list[str] = []
        failed: list[BaseException] = []

        def take(first: str, second: str) -> None:
            def work(connection: sa.Connection) -> None:
                tries.append(first)
                _lock_row(connection, first)
                if tries.count(first) == 1:
                    both_hold_one.wait(10)
                _lock_row(connection, second)

            try:
                rows_to_lock.write(work)
            except BaseException as error:  # noqa: BLE001 - told to the test
                failed.append(error)

        threads = [threading.Thread(target=take, args=pair) for pair in (("A1", "B2"), ("B2", "A1"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert failed == []
        assert sorted(tries) in (["A1", "A1", "B2"], ["A1", "B2", "B2"])
        assert self._simulated(rows_to_lock) == [0, 0]  # each was turned twice

    def test_a_lock_that_is_held_for_long_is_waited_for_again(self, rows_to_lock: Database, mariadb_url: str) -> None:
        holder = sa.create_engine(mariadb_url, poolclass=sa.NullPool).connect()
        _lock_row(holder, "A1")
        time = FakeTime(holder.commit)
        database = patient(mariadb_url, time)

        def work(connection: sa.Connection) -> None:
            connection.execute(sa.text("SET SESSION innodb_lock_wait_timeout = 1"))
            _lock_row(connection, "B2")
            _lock_row(connection, "A1")

        database.write(work)
        assert len(time.waits) == 1
        assert self._simulated(rows_to_lock) == [0, 1]  # B2 was turned once: its first try is undone
        database.close()
        holder.close()


@pytest.fixture(scope="module")
def server() -> Iterator[MariaDBServer]:
    with own_server() as server:
        engine = sa.create_engine(server.url(), poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE DATABASE candles")
        yield server


@pytest.mark.server
class TestRestarts:
    """The server dies in the middle of a unit of work."""

    @pytest.fixture
    def url(self, server: MariaDBServer) -> str:
        if not server.running:  # the test before failed
            server.start()
        url = server.url("candles")
        database = Database(url, quick())
        migrate(database)
        execute(database, "DELETE FROM symbols")
        database.close()
        return url

    def test_between_two_statements(self, server: MariaDBServer, url: str) -> None:
        time = FakeTime(server.start)
        database = patient(url, time)
        tries: list[int] = []

        def work(connection: sa.Connection) -> None:
            tries.append(len(tries))
            candle_rows.remember_symbol(connection, f"TRY{len(tries)}", Symbol(hour(1), False))
            if len(tries) == 1:
                server.kill()
            candle_rows.remember_symbol(connection, SYMBOL, Symbol(hour(2), False))

        database.write(work)
        assert len(time.waits) == 1
        assert [row[0] for row in rows(database, "SELECT symbol FROM symbols ORDER BY symbol")] == [SYMBOL, "TRY2"]
        database.close()

    @pytest.mark.parametrize("after", [False, True])
    def test_at_the_commit(self, server: MariaDBServer, url: str, after: bool) -> None:
        """Whether the commit arrived or not, the outcome is the same."""
        time = FakeTime(server.start)
        database = patient(url, time)
        commits: list[int] = []

        def kill(connection: sa.Connection) -> None:
            commits.append(1)
            if len(commits) == 1:
                if after:
                    connection.connection.commit()
                server.kill()

        event.listen(database.engine, "commit", kill)
        database.write(remember(1))
        assert len(commits) == 2
        assert remembered(database) == Symbol(hour(1), False)
        database.close()

    def test_while_nothing_is_asked(self, server: MariaDBServer, url: str) -> None:
        time = FakeTime()
        database = patient(url, time)
        database.write(remember(1))
        server.kill()
        server.start()
        assert remembered(database) == Symbol(hour(1), False)
        assert len(time.waits) == 1
        database.close()

    def test_in_the_middle_of_a_migration(self, server: MariaDBServer, url: str) -> None:
        time = FakeTime(server.start)
        database = patient(url, time)
        with database.engine.begin() as connection:
            for name in sa.inspect(connection).get_table_names():
                connection.exec_driver_sql(f"DROP TABLE {name}")

        def kill(text: str) -> None:
            if "CREATE TABLE IF NOT EXISTS daily_sessions" in text and not time.waits:
                server.kill()

        with before_each_statement(database, kill):
            migrate(database)
        assert len(time.waits) == 1
        assert rows(database, "SELECT version_num FROM alembic_version") == [(known_revisions()[-1],)]
        database.write(remember(1))
        assert remembered(database) == Symbol(hour(1), False)
        database.close()

    def test_and_does_not_come_back_in_time(self, server: MariaDBServer, url: str) -> None:
        time = FakeTime()
        database = patient(url, time, RetryPolicy(seconds=10, attempts=99, first_wait=1, longest_wait=4))
        database.write(remember(1))
        server.kill()
        with pytest.raises(DatabaseAway, match=r"^the database 127.0.0.1:\d+/candles can't be reached or is busy: "):
            database.write(remember(2))
        assert 3 <= len(time.waits) <= 9
        assert sum(time.waits) <= 10
        server.start()
        assert remembered(database) == Symbol(hour(1), False)
        database.close()
