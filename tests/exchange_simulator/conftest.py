"""A small exchange with a standing clock, served over a real socket; the real candles where they are at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from exchange_simulator import Clock, GeneratedMarket, GivenMarket, RunningServer, SimulatedExchange
from tests.support.simulated_exchange import NOW, market, server

Get = Callable[..., requests.Response]
__all__ = ["market", "server"]


@pytest.fixture
def exchange(market: GeneratedMarket) -> SimulatedExchange:
    """It counts weights as Binance does."""
    return SimulatedExchange([market], clock=Clock(NOW, frozen=True))


@pytest.fixture
def get(server: RunningServer) -> Iterator[Get]:
    """Ask for a page of candles, or for another path; further arguments go to `requests`."""
    with requests.Session() as session:

        def ask(path: str = "/api/v3/klines", timeout: float = 5, **params: Any) -> requests.Response:
            if path.endswith("klines"):
                params = {"symbol": "BTCUSDT", "interval": "1h"} | params
            return session.get(server.url + path, params=params, timeout=timeout)

        yield ask


@pytest.fixture(scope="session")
def real_market(real_candles: Path) -> GivenMarket:
    return GivenMarket("BTCUSDT", real_candles)
