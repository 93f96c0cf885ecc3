"""The running session is never made of the candles of two markets."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest

from exchange_simulator import GeneratedMarket
from exchange_simulator.faults import Late, Revised
from exchange_simulator.market import Market
from tests.api.conftest import NOW
from tests.api.world import KLINES, World, to_ms
from tests.support.markets import Altered, Row, dearer, only, scaled, shifted, thinner

HOUR_MS = 3_600_000
LATER = "2019-03-06T08:20:00+00:00"  # the next session has just begun, and none of its hours is over
OTHERS: dict[str, Callable[[Row], Row | None]] = {
    "prices 0.3 % off": dearer,
    "equal prices, other volumes": thinner,
    "a thousand in one": scaled,
    "an hour late": shifted(1),
    "an hour early": shifted(-1),
    "nothing at all": only(0, 0),
}


@pytest.fixture
def other(market: GeneratedMarket) -> Callable[[Callable[[Row], Row | None]], Market]:
    return lambda change: Altered(market, to_ms(LATER), change)


@pytest.fixture(autouse=True)
def own_log() -> Iterator[None]:
    """What is logged reaches the test whatever was set before."""
    logger = logging.getLogger("volatility.queries.running_session")
    level = logger.level
    logger.setLevel(logging.WARNING)
    yield
    logger.setLevel(level)


@pytest.mark.parametrize("change", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("now", [NOW, LATER], ids=["with stored hours", "just begun"])
def test_candles_of_another_market_leave_the_stored_ones_and_the_log_names_the_base_url_once(
    *,
    now: str,
    change: Callable[[Row], Row | None],
    world: World,
    other: Callable[[Callable[[Row], Row | None]], Market],
    caplog: pytest.LogCaptureFixture,
) -> None:
    if now != NOW:
        world.set(now)
        world.run_jobs()  # what is over by now is stored and closed: today has only its open candle
    world.exchange.forget_requests()
    with world.client() as client:
        right = client.get("/today").json()
    assert (right["source"], world.asked(KLINES)) == ("exchange", 1)
    world.exchange.markets["BTCUSDT"] = other(change)
    with world.client() as client:
        for _ in range(3):
            answer = client.get("/today")
            world.machine.pass_by(30)
            report = answer.json()
            assert (answer.status_code, report["source"], report["stale"]) == (200, "database", True)
        others = client.get("/cone")
    assert others.status_code == 200
    assert report["candles"] == right["candles"] - 1  # all but the open one
    assert report["closed_statistics"] == right["closed_statistics"]
    named = [record.getMessage() for record in caplog.records if world.server.url in record.getMessage()]
    assert len(named) == 1
    assert f"{world.server.url} serves another market than the stored candles of BTCUSDT: 2019-03-0" in named[0]


def test_once_the_right_candles_are_back_they_are_shown_and_another_fall_is_named_again(
    world: World,
    market: GeneratedMarket,
    other: Callable[[Callable[[Row], Row | None]], Market],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with world.client() as client:
        for served, source in ((other(dearer), "database"), (market, "exchange"), (other(dearer), "database")):
            world.exchange.markets["BTCUSDT"] = served
            assert client.get("/today").json()["source"] == source
            world.machine.pass_by(30)
    assert sum("serves another market" in record.getMessage() for record in caplog.records) == 2


def test_a_revised_hour_and_a_late_one_are_no_other_market(world: World) -> None:
    world.exchange.order(Revised(open_time="2019-03-05T11:00:00Z", values={"close": "1.00", "low": "1.00"}))
    world.exchange.order(Late(first="2019-03-05T12:00:00Z"))
    with world.client() as client:
        report = client.get("/today").json()
    assert (report["source"], report["low"]) == ("exchange", 1.0)
