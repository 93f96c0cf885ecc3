"""A simulated exchange on a real socket: fixtures for the tests of who asks it. A conftest takes those it needs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from exchange_simulator import Clock, GeneratedMarket, RunningServer, SimulatedExchange, WeightMeter, serve
from exchange_simulator.instants import to_ms

NOW = "2017-10-20T13:37:41Z"
NOW_MS = to_ms(NOW)


def unlimited(market: GeneratedMarket) -> SimulatedExchange:
    """An exchange whose clock stands still, and that counts no weights."""
    return SimulatedExchange([market], clock=Clock(NOW, frozen=True), weights=WeightMeter(None))


@pytest.fixture(scope="session")
def market() -> GeneratedMarket:
    return GeneratedMarket("BTCUSDT", gaps=False)


@pytest.fixture
def exchange(market: GeneratedMarket) -> SimulatedExchange:
    return unlimited(market)


@pytest.fixture
def server(exchange: SimulatedExchange) -> Iterator[RunningServer]:
    with serve(exchange) as running:
        yield running


@pytest.fixture
def second(market: GeneratedMarket) -> Iterator[RunningServer]:
    """Another address of the same exchange."""
    with serve(unlimited(market)) as running:
        yield running
