"""The last run of each job: who owns the row, what stays of an older run, and the migration that made the table."""

from __future__ import annotations

import time

import pytest
from alembic import command

from tests.storage.support import SYMBOL, before_each_statement, candle, execute, hour, rows
from volatility.domain.hours import Span
from volatility.storage import candle_rows, run_rows
from volatility.storage import migrate as migrations
from volatility.storage.database import Database
from volatility.storage.migrate import check, migrate
from volatility.storage.run_rows import Progress, RunKey, StoredRun

FIRST, SECOND = (RunKey(SYMBOL, "backfill", name) for name in ("first", "second"))


def last(database: Database, job: str = "backfill") -> StoredRun:
    return database.read(lambda connection: run_rows.last_runs(connection, SYMBOL))[job]


def begin(database: Database, key: RunKey) -> None:
    database.write(lambda connection: run_rows.begin(connection, key))


def test_a_run_begins_is_heard_of_and_ends(database: Database) -> None:
    before = time.time() * 1000
    begin(database, FIRST)
    begun = last(database)
    assert (begun.result, begun.message, begun.ended_ms, begun.progress) == ("running", None, None, Progress())
    assert before - 2 <= begun.began_ms == begun.heard_ms <= begun.now_ms <= time.time() * 1000 + 2
    time.sleep(0.02)
    database.write(lambda connection: run_rows.hear(connection, FIRST, Progress(1000, 1545)))
    heard = last(database)
    assert heard.heard_ms >= begun.heard_ms + 19
    assert (heard.began_ms, heard.result, heard.progress) == (begun.began_ms, "running", Progress(1000, 1545))
    database.write(lambda connection: run_rows.end(connection, FIRST, "failed", "no — answer", Progress(1000, 1545)))
    ended = last(database)
    assert (ended.result, ended.message, ended.progress) == ("failed", "no — answer", Progress(1000, 1545))
    assert ended.began_ms == begun.began_ms
    assert ended.ended_ms is not None
    assert heard.heard_ms <= ended.ended_ms <= ended.now_ms


def test_a_new_run_takes_the_row_and_leaves_nothing_of_the_one_before(database: Database) -> None:
    begin(database, FIRST)
    database.write(lambda connection: run_rows.end(connection, FIRST, "failed", "why", Progress(1, 2)))
    begin(database, SECOND)
    run = last(database)
    assert (run.result, run.message, run.ended_ms, run.progress) == ("running", None, None, Progress())
    assert rows(database, "SELECT COUNT(*) FROM job_runs") == [(1,)]


def test_of_two_runs_at_once_the_one_that_began_last_is_told_of(database: Database) -> None:
    begin(database, FIRST)
    begin(database, SECOND)
    database.write(lambda connection: run_rows.hear(connection, FIRST, Progress(5, 9)))
    database.write(lambda connection: run_rows.end(connection, FIRST, "failed", "why", Progress(5, 9)))
    assert (last(database).result, last(database).progress) == ("running", Progress())
    database.write(lambda connection: run_rows.end(connection, SECOND, "done", None, Progress(9, 9)))
    assert (last(database).result, last(database).progress) == ("done", Progress(9, 9))


def test_nothing_is_heard_of_a_run_after_its_end(database: Database) -> None:
    begin(database, FIRST)
    database.write(lambda connection: run_rows.end(connection, FIRST, "done", None, Progress(9, 9)))
    database.write(lambda connection: run_rows.hear(connection, FIRST, Progress(5, 9)))
    assert (last(database).result, last(database).progress) == ("done", Progress(9, 9))


def test_only_a_run_that_was_done_fails_after_all(database: Database) -> None:
    begin(database, FIRST)
    database.write(lambda connection: run_rows.fail_after_all(connection, SYMBOL, "backfill", "why"))
    assert last(database).result == "running"
    database.write(lambda connection: run_rows.end(connection, FIRST, "done", None, Progress(9, 9)))
    database.write(lambda connection: run_rows.fail_after_all(connection, "ETHUSDT", "backfill", "why"))
    database.write(lambda connection: run_rows.fail_after_all(connection, SYMBOL, "aggregation", "why"))
    assert last(database).result == "done"
    database.write(lambda connection: run_rows.fail_after_all(connection, SYMBOL, "backfill", "why"))
    assert (last(database).result, last(database).message, last(database).progress) == ("failed", "why", Progress(9, 9))


def test_each_job_of_each_symbol_has_a_row(database: Database) -> None:
    for key in (FIRST, RunKey(SYMBOL, "aggregation", "a"), RunKey("币安人生USDT", "backfill", "b")):
        begin(database, key)
    assert set(database.read(lambda connection: run_rows.last_runs(connection, SYMBOL))) == {"backfill", "aggregation"}
    assert set(database.read(lambda connection: run_rows.last_runs(connection, "币安人生USDT"))) == {"backfill"}


def test_each_note_is_one_statement(database: Database) -> None:
    told: list[str] = []
    with before_each_statement(database, told.append):
        begin(database, FIRST)
        database.write(lambda connection: run_rows.hear(connection, FIRST, Progress(5, 9)))
        database.write(lambda connection: run_rows.end(connection, FIRST, "done", None, Progress(9, 9)))
    assert [text.split()[0] for text in told if "job_runs" in text] == ["INSERT", "UPDATE", "UPDATE"]
    assert all("job_runs" in text or text.split()[0] in {"BEGIN", "SET"} for text in told)


@pytest.fixture
def before_runs(empty: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A filled database of the schema before the table was there."""
    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", lambda config, _: UPGRADE(config, "0004"))
        migrate(empty)
    with empty.engine.begin() as connection:
        asked = Span(hour(0), hour(3))
        candle_rows.write_page(
            connection, SYMBOL, asked, [candle(0), candle(2)], asked_at_ms=hour(50), gap_before_ms=hour(40)
        )
    return empty


UPGRADE = command.upgrade


def contents(database: Database) -> list[list[tuple[object, ...]]]:
    return [rows(database, f"SELECT * FROM {name}") for name in ("klines_hourly", "kline_gaps", "kline_changes")]


def test_the_migration_adds_the_table_to_a_filled_database_and_leaves_the_rest(before_runs: Database) -> None:
    assert rows(before_runs, "SELECT version_num FROM alembic_version") == [("0004",)]
    kept = contents(before_runs)
    assert [len(table) for table in kept] == [2, 1, 2]
    migrate(before_runs)
    check(before_runs)
    assert contents(before_runs) == kept
    assert rows(before_runs, "SELECT * FROM job_runs") == []
    begin(before_runs, FIRST)


def test_the_migration_is_safe_to_run_again(before_runs: Database) -> None:
    migrate(before_runs)
    begin(before_runs, FIRST)
    execute(before_runs, "UPDATE alembic_version SET version_num = '0004'")  # it stopped before its note
    migrate(before_runs)
    check(before_runs)
    assert last(before_runs).result == "running"
    assert migrations.known_revisions()[-1] >= "0005"
