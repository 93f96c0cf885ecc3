"""A small exchange with a standing clock, served over a real socket; the real candles where they are at hand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from exchange_simulator import Clock, GeneratedMarket, GivenMarket, RunningServer, SimulatedExchange, serve

NOW = "2017-10-20T13:37:41Z"
Get = Callable[..., requests.Response]


@pytest.fixture(scope="session")
def market() -> GeneratedMarket:
    return GeneratedMarket("BTCUSDT", gaps=False)


@pytest.fixture
def exchange(market: GeneratedMarket) -> SimulatedExchange:
    return SimulatedExchange([market], clock=Clock(NOW, frozen=True))


@pytest.fixture
def server(exchange: SimulatedExchange) -> Iterator[RunningServer]:
    with serve(exchange) as running:
        yield running


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
def real_data() -> Path:
    root = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("BTC_REAL_DATA", root.parent / "shared" / "data"))
    if not (folder / "btcusdt_1h_2017_2023.csv.gz").exists():
        pytest.skip(f"no real candles in {folder}; BTC_REAL_DATA names the folder")
    return folder


@pytest.fixture(scope="session")
def real_market(real_data: Path) -> GivenMarket:
    return GivenMarket("BTCUSDT", real_data / "btcusdt_1h_2017_2023.csv.gz")
