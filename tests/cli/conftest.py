"""A small exchange with a standing clock, and commands called in this process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from exchange_simulator import Clock, GeneratedMarket, RunningServer, SimulatedExchange, serve
from tests.cli.support import Outcome
from volatility.cli import main
from volatility.settings import DEFAULTS

NOW = "2017-10-20T13:37:41Z"
Call: TypeAlias = Callable[..., Outcome]


@pytest.fixture(scope="session")
def markets() -> list[GeneratedMarket]:
    """Two symbols without gaps of their own."""
    return [GeneratedMarket(symbol, gaps=False) for symbol in ("BTCUSDT", "ETHUSDT")]


@pytest.fixture
def exchange(markets: list[GeneratedMarket]) -> SimulatedExchange:
    """Its clock stands still at NOW, in the 1544th hour of history."""
    return SimulatedExchange(markets, clock=Clock(NOW, frozen=True))


@pytest.fixture
def server(exchange: SimulatedExchange) -> Iterator[RunningServer]:
    with serve(exchange) as running:
        yield running


@pytest.fixture
def settings(server: RunningServer) -> dict[str, str]:
    """The settings of a command: the exchange, no patience; the embedded database."""
    return {"BINANCE_URLS": server.url, "BINANCE_RETRY_SECONDS": "0", "DATABASE_RETRY_SECONDS": "0"}


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The URL of the embedded database of commands that run in tmp_path."""
    return f"sqlite:///{tmp_path / 'data' / 'btc_volatility.sqlite3'}"


@pytest.fixture
def own_logging() -> Iterator[None]:
    """A command sets up logging for its process: undone for the tests that follow."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def call(
    settings: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    own_logging: None,  # noqa: ARG001 - for what it undoes
) -> Call:
    """Call the command line in this process, in an empty folder; settings are given by name."""
    for name in DEFAULTS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    def called(*arguments: str, **more: str) -> Outcome:
        capfd.readouterr()
        with monkeypatch.context() as changed:
            for name, value in more.items():
                changed.setenv(name, value)
            try:
                code = main(arguments)
            except SystemExit as ending:
                code = int(ending.code or 0)
        return Outcome(code, *capfd.readouterr())

    return called
