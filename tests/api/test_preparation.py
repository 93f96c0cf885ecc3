"""What first questions need is in memory before they come: with the old candles gone, the odds are still the same."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import Any

import fastapi.routing
import pytest

from api import preparation
from api.models import MODELS
from exchange_simulator import GeneratedMarket
from tests.api.conftest import LONG_SINCE, NOW, MakeWorld
from tests.api.world import Client, World, to_ms

DAY_MS = 86_400_000
NEXT_DAY = "2019-03-06T09:10:00+00:00"


def forget_old_candles(world: World, now: str) -> None:
    """Delete behind the service's back what only a model of history needs; the revision stays as it is."""
    world.execute(f"DELETE FROM klines_hourly WHERE open_time < {to_ms(now) - 3 * DAY_MS}")


def odds(client: Client) -> dict[str, Any]:
    report: dict[str, Any] = client.get("/odds").json()
    return report


def test_the_first_question_finds_the_model_ready(long_world: World, long_asked: Client) -> None:
    expected = odds(long_asked)
    with long_world.client() as client:
        forget_old_candles(long_world, NOW)
        assert odds(client) == expected
    assert expected["n"] > 300


def test_no_question_is_the_one_that_makes_the_routes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(**_: object) -> None:
        raise AssertionError("a route is made while somebody waits for an answer")

    with world.client() as client:
        monkeypatch.setattr(fastapi.routing, "get_dependant", late)
        for path in MODELS:
            assert client.get(path).status_code == 200, path


def test_it_asks_the_exchange_nothing(long_world: World) -> None:
    before = long_world.asked()
    with long_world.client() as client:
        assert client.get("/healthz").status_code == 200
        assert long_world.asked() == before


def test_a_session_that_has_closed_is_prepared_too(long_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "_EVERY_SECONDS", 0.1)
    with long_world.client() as client:
        long_world.set(NEXT_DAY)
        long_world.run_jobs()
        long_world.machine.pass_by(2)  # the revision is read once a second
        with long_world.client() as other:
            expected = odds(other)
        time.sleep(3)  # a model is made in some tenths of a second
        forget_old_candles(long_world, NEXT_DAY)
        assert odds(client) == expected
    assert expected["date"] == "2019-03-06"


def test_data_that_arrive_later_are_prepared(
    make_world: MakeWorld, market: GeneratedMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "_EVERY_SECONDS", 0.1)
    world = make_world(market, HISTORY_START=LONG_SINCE)
    with world.client() as client:
        assert client.get("/odds").status_code == 503
        world.run_jobs()
        with world.client() as other:
            expected = odds(other)
        time.sleep(3)
        forget_old_candles(world, NOW)
        assert odds(client) == expected


def test_a_database_that_does_not_answer_does_not_keep_the_service_away(
    long_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "_FIRST_SECONDS", 0.3)
    file = long_world.settings.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("DELETE FROM exchange_bans")
        began = time.monotonic()
        with long_world.client() as client:
            assert client.get("/healthz").status_code == 200
            assert time.monotonic() - began < 5
            other.rollback()
        other.rollback()
