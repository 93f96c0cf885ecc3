"""A simulated exchange on a real socket, behind TLS too, and the real client with a clock that nobody waits for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from exchange_simulator import RunningServer
from tests.support.clocks import FakeClock
from tests.support.network import Authority, Listener, before, listening, new_authority
from tests.support.simulated_exchange import NOW_MS, exchange, market, second, server
from volatility.domain.errors import ExchangeUnreachable
from volatility.domain.retry import ONCE, RetryPolicy
from volatility.exchange.binance import BinanceClient
from volatility.exchange.network import Network

PATIENT = RetryPolicy(seconds=20, attempts=4, first_wait=1.0, longest_wait=4.0)
MakeClient = Callable[..., BinanceClient]
Ask = Callable[..., int]
SECRET = "Geheim2024"
FAR = "http://exchange.corp"  # no such name: only a proxy leads there
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


@pytest.fixture
def ask() -> Iterator[Ask]:
    """Asks a URL for the time, by settings of the network."""
    made: list[BinanceClient] = []

    def asking(url: str, retry: RetryPolicy = ONCE, **settings: str) -> int:
        made.append(BinanceClient([url], retry, network=Network.of(settings), timeouts=(2.0, 2.0, 4.0)))
        return made[-1].now_ms()

    yield asking
    for client in made:
        client.close()


def said(ask: Ask, url: str, **settings: Any) -> str:
    """What is said where nothing answers."""
    with pytest.raises(ExchangeUnreachable) as caught:
        ask(url, **settings)
    text = str(caught.value)
    assert "\n" not in text
    assert SECRET not in text
    assert "ivan" not in text
    return text


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def tls(authority: Authority, server: RunningServer) -> Iterator[Listener]:
    """The exchange behind TLS, by the company's CA."""
    with listening(before(server.port), authority.serving("right", "IP:127.0.0.1,DNS:exchange.corp")) as front:
        yield front
