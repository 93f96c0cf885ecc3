"""The schema comes from migrations alone, on both databases, whatever interrupts them."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from tests.storage.support import before_each_statement, execute, quick, rows
from volatility.domain.errors import DatabaseAway, DataIncomplete, SchemaMismatch
from volatility.storage import migrate as migrations
from volatility.storage.database import Database
from volatility.storage.migrate import check, migrate
from volatility.storage.schema import metadata

TABLES = {
    "aggregation_state",
    "alembic_version",
    "daily_sessions",
    "exchange_bans",
    "forecast_scores",
    "forecast_state",
    "job_runs",
    "kline_changes",
    "kline_gaps",
    "klines_hourly",
    "odds_recalibrations",
    "session_forecasts",
    "session_statistics",
    "symbols",
    "variance_scores",
}


class Stopped(BaseException):
    """The process ended here."""


def _described(database: Database) -> dict[str, Any]:
    """Every table by the database's own description."""
    if not database.embedded:
        return {name: rows(database, f"SHOW CREATE TABLE {name}")[0][1] for name in metadata.tables}
    described: dict[str, Any] = {}
    for name in metadata.tables:
        indexes = [row[1:4] for row in rows(database, f"PRAGMA index_list({name})")]
        described[name] = rows(database, f"PRAGMA table_info({name})"), sorted(indexes)
    return described


def _drop_everything(database: Database) -> None:
    with database.engine.begin() as connection:
        for name in sa.inspect(connection).get_table_names():
            connection.exec_driver_sql(f"DROP TABLE {name}")


def _tables(database: Database) -> set[str]:
    return set(sa.inspect(database.engine).get_table_names())


def _is_whole(database: Database) -> bool:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return _tables(database) == TABLES and compare_metadata(context, metadata) == []


def test_migrations_from_zero_give_the_schema_of_the_models(empty: Database) -> None:
    migrate(empty)
    assert _is_whole(empty)
    check(empty)


def test_the_database_describes_migrated_tables_as_it_does_those_made_from_the_models(empty: Database) -> None:
    """To the last detail: fractions of a second, character sets, comments, the order of keys."""
    migrate(empty)
    by_migrations = _described(empty)
    _drop_everything(empty)
    metadata.create_all(empty.engine)
    assert by_migrations == _described(empty)


def test_a_second_run_changes_nothing(database: Database) -> None:
    statements: list[str] = []
    with before_each_statement(database, statements.append):
        migrate(database)
    assert not [text for text in statements if text.split()[0] in {"CREATE", "ALTER", "INSERT", "UPDATE", "DROP"}]
    assert len(statements) <= 3


def _changing_statements(database: Database) -> Iterator[int]:
    """The numbers of the statements of a migration that change the database."""
    seen: list[str] = []
    with before_each_statement(database, seen.append):
        migrate(database)
    yield from (number for number, text in enumerate(seen) if text.split()[0] in {"CREATE", "INSERT"})


def test_a_migration_that_stopped_at_any_statement_is_completed_by_the_next_run(empty: Database) -> None:
    numbers = list(_changing_statements(empty))
    assert len(numbers) > len(metadata.tables)
    for number in numbers:
        _drop_everything(empty)
        countdown = iter(range(number, -1, -1))

        def stop(_: str, countdown: Iterator[int] = countdown) -> None:
            if next(countdown) == 0:
                raise Stopped

        with before_each_statement(empty, stop), pytest.raises(Stopped):
            migrate(empty)
        assert not _is_whole(empty) or rows(empty, "SELECT * FROM alembic_version") == []
        migrate(empty)
        assert _is_whole(empty), f"stopped at statement {number}"


def test_tables_that_were_made_by_hand_are_kept_and_the_rest_added(empty: Database) -> None:
    if empty.file:
        empty.file.touch()
    metadata.create_all(empty.engine, tables=[metadata.tables["symbols"], metadata.tables["kline_changes"]])
    execute(empty, "INSERT INTO symbols VALUES ('BTCUSDT', '2017-08-17 04:00:00.000000', 0)")
    migrate(empty)
    assert _is_whole(empty)
    assert [row[0] for row in rows(empty, "SELECT symbol FROM symbols")] == ["BTCUSDT"]


def test_a_lost_note_of_the_version_is_written_again(database: Database) -> None:
    execute(database, "DELETE FROM alembic_version")
    with pytest.raises(DataIncomplete, match="holds nothing yet"):
        check(database)
    migrate(database)
    assert _is_whole(database)
    check(database)


def test_four_programs_at_once_make_one_schema(database_url: str) -> None:
    script = (
        "import sys\n"
        "from volatility.domain.retry import RetryPolicy\n"
        "from volatility.storage.database import Database\n"
        "from volatility.storage.migrate import migrate\n"
        "migrate(Database(sys.argv[1], RetryPolicy(seconds=60, attempts=20, first_wait=0.05)))\n"
    )
    command = [sys.executable, "-c", script, database_url]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    ended = [process.communicate(timeout=60)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0, 0], ended
    database = Database(database_url, quick())
    assert _is_whole(database)
    assert len(rows(database, "SELECT * FROM alembic_version")) == 1
    database.close()


def test_a_newer_schema_is_refused_and_left_as_it_is(database: Database) -> None:
    execute(database, "UPDATE alembic_version SET version_num = '9999'")
    for act in (migrate, check):
        with pytest.raises(SchemaMismatch, match=r"schema 9999, newer than this program knows \(\d{4}\): update"):
            act(database)
    assert rows(database, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_an_older_schema_is_refused_by_programs_that_only_read(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = migrations.known_revisions()
    newer = f"{int(known[-1]) + 1:04}"
    monkeypatch.setattr(migrations, "known_revisions", lambda: [*known, newer])
    words = f"has schema {known[-1]}, this program needs {newer}: run btc-volatility migrate"
    with pytest.raises(SchemaMismatch, match=words):
        check(database)


def test_without_a_schema_programs_that_only_read_say_what_to_run(empty: Database) -> None:
    with pytest.raises(DataIncomplete, match="holds nothing yet: run btc-volatility backfill"):
        check(empty)
    assert not (empty.file and empty.file.exists())


@pytest.mark.server
class TestUnderALock:
    """On a server, one program at a time changes the schema."""

    @pytest.fixture
    def waiting(self, mariadb_url: str) -> Iterator[Database]:
        database = Database(mariadb_url, quick())
        yield database
        database.close()

    @pytest.fixture
    def holder(self, mariadb_url: str) -> Iterator[sa.Connection]:
        """Another program that is changing the schema."""
        engine = sa.create_engine(mariadb_url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT GET_LOCK('btc_volatility_migrations', 30)")) == 1
            yield connection

    def test_a_second_program_waits_for_the_first(self, waiting: Database, holder: sa.Connection) -> None:
        done = threading.Event()

        def run() -> None:
            migrate(waiting)
            done.set()

        thread = threading.Thread(target=run)
        thread.start()
        assert not done.wait(0.5)
        assert _tables(waiting) == set()
        holder.scalar(sa.text("SELECT RELEASE_LOCK('btc_volatility_migrations')"))
        thread.join(30)
        assert done.is_set()
        assert _is_whole(waiting)

    @pytest.mark.usefixtures("holder")
    def test_it_does_not_wait_for_ever(self, waiting: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(migrations, "_LOCK_SECONDS", 1)
        with pytest.raises(
            DatabaseAway, match=r"another program has been changing the schema of 127\.0\.0\.1.* for 1 s"
        ):
            migrate(waiting)
        assert _tables(waiting) == set()

    @pytest.mark.parametrize("failure", [RuntimeError, Stopped])
    def test_the_lock_is_free_again_after_a_failure(self, waiting: Database, failure: type[BaseException]) -> None:
        def stop(text: str) -> None:
            if "daily_sessions" in text:
                raise failure

        with before_each_statement(waiting, stop), pytest.raises(failure):
            migrate(waiting)
        assert rows(waiting, "SELECT IS_FREE_LOCK('btc_volatility_migrations')") == [(1,)]


@pytest.mark.server
def test_only_statements_that_both_mariadb_and_mysql_know_are_used(mariadb_url: str) -> None:
    """MySQL has no CREATE INDEX IF NOT EXISTS."""
    database = Database(mariadb_url, quick())
    seen: list[str] = []
    with before_each_statement(database, seen.append):
        migrate(database)
    database.close()
    assert not [text for text in seen if "INDEX IF NOT EXISTS" in text]


def test_readers_of_a_file_do_not_wait_for_its_writer(on_file: Database) -> None:
    assert rows(on_file, "PRAGMA journal_mode") == [("wal",)]

    def write(connection: sa.Connection) -> int:
        connection.execute(sa.text("INSERT INTO symbols VALUES ('BTCUSDT', '2017-08-17 04:00:00.000000', 0)"))
        count: int = on_file.read(lambda reader: reader.scalar(sa.text("SELECT COUNT(*) FROM symbols")) or 0)
        return count

    assert on_file.write(write) == 0
