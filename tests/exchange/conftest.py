"""A simulated exchange on a real socket, and the real client with a clock that nobody waits for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from exchange_simulator import RunningServer
from tests.support.clocks import FakeClock
from tests.support.simulated_exchange import NOW_MS, exchange, market, second, server
from volatility.domain.retry import RetryPolicy
from volatility.exchange.binance import BinanceClient

PATIENT = RetryPolicy(seconds=20, attempts=4, first_wait=1.0, longest_wait=4.0)
MakeClient = Callable[..., BinanceClient]
__all__ = ["exchange", "market", "second", "server"]


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
