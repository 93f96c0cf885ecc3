"""Histories that are flat, empty or begin later than the clock says: numbers or a reason, never a crash."""

from __future__ import annotations

import pytest

from exchange_simulator.faults import Reset
from tests.api.conftest import MakeWorld
from tests.api.conftest import make_world as make_world  # noqa: PLC0414 - a fixture
from tests.api.world import Client, HandMadeMarket, World

PATHS = ("/today", "/cone", "/odds?range=3", "/straddle?premium=1", "/volatility", "/seasonality")
FIRST = "2018-01-01T08:00:00+00:00"


def answers(client: Client) -> dict[str, dict[str, object]]:
    found = {}
    for path in PATHS:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.text)
        found[path.split("?")[0]] = answer.json()
    return found


def hand_made(make_world: MakeWorld, sessions: list[tuple[float, float]], now: str) -> World:
    market = HandMadeMarket(FIRST, sessions, [1000.0] * 5)
    world = make_world(market, now=now, HISTORY_START="2018-01-01")
    world.run_jobs()
    return world


@pytest.mark.parametrize("ranges", [(0.0, 0.0), (10.0, 30.0)])
def test_a_market_that_stands_still_most_hours(make_world: MakeWorld, ranges: tuple[float, float]) -> None:
    world = hand_made(make_world, [ranges] * 330, "2018-11-27T11:30:00+00:00")
    with world.client() as client:
        found = answers(client)
    assert found["/today"]["date"] == "2018-11-27"
    assert found["/cone"]["n"] == 330


def test_one_closed_session(make_world: MakeWorld) -> None:
    with hand_made(make_world, [(10, 30)], "2018-01-02T09:30:00+00:00").client() as client:
        found = answers(client)
    assert found["/cone"]["n"] == 1
    assert found["/today"]["percentile_by_elapsed"] == {"lookback": 365, "n": 1, "volatility": 1.0, "range": 0.0}
    assert found["/odds"]["missing"] == "some 300 past sessions with all their candles are needed, there are 1"


def test_candles_that_are_gone_leave_nulls(make_world: MakeWorld) -> None:
    world = hand_made(make_world, [(10, 30)] * 5, "2018-01-06T09:30:00+00:00")
    world.execute("DELETE FROM klines_hourly")
    with world.client() as client:
        volatility, season = client.get("/volatility").json(), client.get("/seasonality").json()
    assert volatility["sessions"] == 0
    assert volatility["estimators"]["parkinson"]["windows"]["5"] == {"value": None, "n": 0}
    assert season["weekdays"][0]["n"] == 0
    assert season["weekdays"][0]["range_pct"]["mean"] is None


def test_a_clock_that_lies_before_history(make_world: MakeWorld) -> None:
    """The exchange is away and the machine's clock is wrong: there is no session before the running one."""
    world = hand_made(make_world, [(10, 30)] * 5, "2018-01-06T09:30:00+00:00")
    world.exchange.order(Reset())
    world.machine.pass_by(-10 * 86_400)
    with world.client() as client:
        cone, straddle = client.get("/cone"), client.get("/straddle?premium=1")
    assert (cone.status_code, cone.json()["n"]) == (200, 0)
    assert cone.json()["hours"][0]["range_pct"]["p50"] is None
    assert straddle.status_code == 503
    assert "no session of BTCUSDT before 2017-12-27" in straddle.json()["detail"]
