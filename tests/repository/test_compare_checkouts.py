"""What `tools/compare-checkouts` calls different: bytes, documents, rows and definitions of tables."""

from __future__ import annotations

import importlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from volatility.cli import main
from volatility.settings import Settings

FOLDER = Path(__file__).resolve().parents[2] / "tools" / "checkouts"


@pytest.fixture
def compare(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script as a module."""
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("compare")


def database(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path


def test_equal_things_are_the_same_whatever_their_order(compare: Any) -> None:
    found = list(compare.differences({"a": b"1", "b": b"2"}, {"b": b"2", "a": b"1"}))
    assert found == [("a", None), ("b", None)]


def test_the_first_byte_that_differs_is_named(compare: Any) -> None:
    ((name, difference),) = compare.differences({"answer": b"mean 7.8"}, {"answer": b"mean 7.9"})
    assert name == "answer"
    assert difference.startswith("from byte 7 on: ")
    assert "7.8" in difference
    assert "7.9" in difference
    ((_, longer),) = compare.differences({"answer": b"same"}, {"answer": b"same and more"})
    assert longer.startswith("from byte 4 on: ")


def test_what_only_one_checkout_has_differs(compare: Any) -> None:
    found = dict(compare.differences({"old": b""}, {"new": b""}))
    assert found == {"old": "only the old checkout has it", "new": "only the new checkout has it"}


def test_every_difference_of_the_document_is_named(compare: Any) -> None:
    old, new = {"a": {"b": [1, 2]}, "gone": 1}, {"a": {"b": [1, 3]}, "come": 1}
    sides = ({"openapi.json": json.dumps(side).encode()} for side in (old, new))
    ((_, difference),) = compare.differences(*sides)
    assert difference.split("\n    ") == ["/a/b/1: 2 became 3", "/come is newly there", "/gone is no longer there"]


def test_a_row_and_a_definition_that_differ_are_named(compare: Any, tmp_path: Path) -> None:
    table = "CREATE TABLE t (id INTEGER PRIMARY KEY, x REAL)"
    one = database(tmp_path / "one", table, "INSERT INTO t VALUES (1, 0.5), (2, 0.25)")
    same = database(tmp_path / "same", table, "INSERT INTO t VALUES (2, 0.25), (1, 0.5)")
    other = database(tmp_path / "other", table, "INSERT INTO t VALUES (1, 0.5), (2, 0.75)")
    short = database(tmp_path / "short", table.replace("REAL", "TEXT"), "INSERT INTO t VALUES (1, 0.5)")
    assert dict(compare.differences({"run": one}, {"run": same})) == {
        "run: definition of t": None,
        "run: rows of t (2)": None,
    }
    found = dict(compare.differences({"run": one}, {"run": other}))
    assert found["run: definition of t"] is None
    assert found["run: rows of t"].startswith("row 2: ")
    found = dict(compare.differences({"run": one}, {"run": short}))
    assert all(found.values())


def test_when_a_job_ran_is_no_difference_but_how_that_is_kept_is(compare: Any, tmp_path: Path) -> None:
    table = "CREATE TABLE job_runs (job TEXT PRIMARY KEY, began_at TEXT)"
    old = database(tmp_path / "old", table, "INSERT INTO job_runs VALUES ('backfill', '2024-01-01')")
    new = database(tmp_path / "new", table, "INSERT INTO job_runs VALUES ('backfill', '2024-01-02')")
    assert {difference for _, difference in compare._tables("kept", old, new)} == {None}
    other = database(tmp_path / "other", "CREATE TABLE job_runs (job TEXT PRIMARY KEY)")
    assert [name for name, difference in compare._tables("kept", old, other) if difference] == [
        "kept: definition of job_runs"
    ]


def test_every_endpoint_and_every_command_is_asked(compare: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit):
        main(["--help"])
    document = json.dumps(create_app(Settings.of({"DATABASE_URL": "sqlite:///none.sqlite3"})).openapi())
    found = {
        "openapi.json": document.encode(),
        "command full database: --help, stdout": capsys.readouterr().out.encode(),
    }
    assert compare.not_asked(found) == []
    monkeypatch.setattr(compare.questions, "NAMES", ("backfill",))
    monkeypatch.setattr(compare.questions, "ALL", [])
    assert {"command quality", "endpoint /history"} <= set(compare.not_asked(found))
