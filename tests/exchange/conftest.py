"""A simulated exchange on a real socket, and the real client with a clock that nobody waits for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from exchange_simulator import Clock, GeneratedMarket, RunningServer, SimulatedExchange, WeightMeter, serve
from exchange_simulator.instants import to_ms
from tests.support.clocks import FakeClock
from volatility.domain.retry import RetryPolicy
from volatility.exchange.binance import BinanceClient

NOW = "2017-10-20T13:37:41Z"
NOW_MS = to_ms(NOW)
PATIENT = RetryPolicy(seconds=20, attempts=4, first_wait=1.0, longest_wait=4.0)
MakeClient = Callable[..., BinanceClient]


@pytest.fixture(scope="session")
def market() -> GeneratedMarket:
    return GeneratedMarket("BTCUSDT", gaps=False)


@pytest.fixture
def exchange(market: GeneratedMarket) -> SimulatedExchange:
    return SimulatedExchange([market], clock=Clock(NOW, frozen=True), weights=WeightMeter(None))


@pytest.fixture
def server(exchange: SimulatedExchange) -> Iterator[RunningServer]:
    with serve(exchange) as running:
        yield running


@pytest.fixture
def second(market: GeneratedMarket) -> Iterator[RunningServer]:
    """Another address of the same exchange."""
    twin = SimulatedExchange([market], clock=Clock(NOW, frozen=True), weights=WeightMeter(None))
    with serve(twin) as running:
        yield running


@pytest.fixture
def fake_clock() -> FakeClock:
    return FakeClock(wall=NOW_MS / 1000)


@pytest.fixture
def make_client(server: RunningServer, fake_clock: FakeClock) -> Iterator[MakeClient]:
    """Builds clients of the simulated exchange, or of the given addresses."""
    made: list[BinanceClient] = []

    def make(*urls: str, retry: RetryPolicy = PATIENT, **others: Any) -> BinanceClient:
        arguments: dict[str, Any] = {"timeouts": (5.0, 5.0, 10.0), "clock": fake_clock.clock} | others
        made.append(BinanceClient(urls or [server.url], retry, **arguments))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def client(make_client: MakeClient) -> BinanceClient:
    return make_client()
