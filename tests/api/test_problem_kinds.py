"""Every kind of problem is reached by a real request, and stands in the tables of both pages."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
import requests

from exchange_simulator import GeneratedMarket
from tests.api.conftest import SINCE, MakeWorld
from tests.api.world import ROOT, World
from volatility.domain.errors import Error
from volatility.presentation.catalogue.problems import PREFIX, PROBLEM_KINDS
from volatility.presentation.fields import Language
from volatility.storage.database import Database

NOBODY_LISTENS: Final = "mysql+pymysql://me:secret@127.0.0.1:1/db"


class Stage(NamedTuple):
    """What a test needs to bring a problem about."""

    filled: World
    make: MakeWorld
    market: GeneratedMarket
    folder: Path
    monkeypatch: pytest.MonkeyPatch

    def other(self, database_url: str = "", **settings: str) -> World:
        """Another API's settings, by default over the same database."""
        return self.make(self.market, database_url=database_url, **{"HISTORY_START": SINCE, **settings})


def asked(world: World, path: str = "/statistics", method: str = "GET", **headers: str) -> requests.Response:
    with world.client() as client:
        return client.request(method, path, headers=headers)


def without(table: str) -> Callable[[Stage], requests.Response]:
    def ask(stage: Stage) -> requests.Response:
        stage.filled.execute(*(f"DELETE FROM {name}" for name in ("aggregation_state", table)))
        return asked(stage.filled)

    return ask


def no_database(stage: Stage) -> requests.Response:
    (stage.folder / "candles.sqlite3").write_bytes(os.urandom(8192))
    return asked(stage.filled)


def newer_schema(stage: Stage) -> requests.Response:
    stage.filled.execute("UPDATE alembic_version SET version_num = '9999'")
    return asked(stage.filled)


def broken(stage: Stage) -> requests.Response:
    def read(*_: object) -> None:
        raise RuntimeError("nobody expected this")

    stage.monkeypatch.setattr(Database, "read", read)
    return asked(stage.filled, Connection="close")


REACHED: Final[dict[str, Callable[[Stage], requests.Response]]] = {
    "bad_parameter": lambda stage: asked(stage.filled, "/statistics?days=0"),
    "unknown_symbol": lambda stage: asked(stage.filled, "/statistics?symbol=DOGEUSDT"),
    "not_found": lambda stage: asked(stage.filled, "/nothing"),
    "old_page": lambda stage: asked(stage.filled, "/page/0123456789abcdef/js/main.js"),
    "method_not_allowed": lambda stage: asked(stage.filled, "/statistics", "POST"),
    "no_data": without("klines_hourly"),
    "other_definition": lambda stage: asked(stage.other(SESSION_START="12:00")),
    "other_schema": newer_schema,
    "database_away": lambda stage: asked(stage.other(NOBODY_LISTENS)),
    "database_failed": no_database,
    "wrong_setting": lambda stage: asked(stage.other(f"{NOBODY_LISTENS}?nonsense=1")),
    "internal_error": broken,
}


@pytest.fixture
def stage(
    world: World, make_world: MakeWorld, market: GeneratedMarket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Stage:
    return Stage(world, make_world, market, tmp_path, monkeypatch)


@pytest.mark.parametrize("kind", PROBLEM_KINDS)
def test_every_kind_is_reached_with_its_status_and_title(stage: Stage, kind: str) -> None:
    answer = REACHED[kind](stage)
    document = answer.json()
    status, title, _ = PROBLEM_KINDS[kind]
    assert (document["type"], answer.status_code, document["title"]) == (PREFIX + kind, status, title)
    assert ("retry-after" in answer.headers) == (status == 503)
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/statistics", "/today", "/odds", "/readyz"])
@pytest.mark.parametrize(("gone", "missing"), [("klines_hourly", "candles"), ("daily_sessions", "sessions")])
def test_where_there_are_no_data_it_is_said_which(world: World, path: str, gone: str, missing: str) -> None:
    world.execute("DELETE FROM aggregation_state", f"DELETE FROM {gone}")
    document = asked(world, path).json()
    assert (document["type"], document["missing"]) == ("urn:btc-volatility:no_data", missing)


@pytest.mark.parametrize("path", ["/statistics", "/today"])
def test_a_database_without_tables_lacks_candles(make_world: MakeWorld, market: GeneratedMarket, path: str) -> None:
    assert asked(make_world(market), path).json()["missing"] == "candles"


def test_every_expected_failure_has_a_kind_that_is_known() -> None:
    def below(kind: type[Error]) -> list[type[Error]]:
        return [kind, *(one for child in kind.__subclasses__() for one in below(child))]

    found = {kind.kind for kind in below(Error)}
    assert found <= PROBLEM_KINDS.keys()
    assert len(found) == 7


@pytest.mark.parametrize(("page", "language"), [("api.md", "en"), ("api.ru.md", "ru")])
def test_the_page_of_the_api_has_a_row_for_every_kind(page: str, language: Language) -> None:
    text = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\d{3}) \| (.+) \|$", text, re.MULTILINE)
    expected: list[Any] = [(name, str(k.status), k.meaning.in_language(language)) for name, k in PROBLEM_KINDS.items()]
    assert rows == expected
