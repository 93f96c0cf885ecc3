"""The hourly job against a simulated exchange with faults."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from exchange_simulator import RunningServer, SimulatedExchange
from exchange_simulator.instants import to_ms
from tests.support.jobs import Outcome
from tests.support.simulated_exchange import exchange, market, second, server
from tests.support.tables import HOUR_MS, Row, expected
from volatility import bootstrap
from volatility.cli import main
from volatility.domain.retry import RetryPolicy
from volatility.exchange.binance import BinanceClient
from volatility.exchange.clock import Clock
from volatility.settings import DEFAULTS

FIRST_MS = to_ms("2017-08-17T04:00:00Z")
CLOSED_MS = to_ms("2017-10-20T13:00:00Z")
HOURS = (CLOSED_MS - FIRST_MS) // HOUR_MS  # 1545: one page of a thousand hours and one of 545
KLINES = "/api/v3/klines"
Job = Callable[..., Outcome]
__all__ = ["exchange", "market", "second", "server"]


@pytest.fixture
def history(exchange: SimulatedExchange) -> list[Row]:
    """All closed candles that the exchange has: what the table holds when the job is done."""
    rows = expected(exchange, FIRST_MS, CLOSED_MS)
    assert len(rows) == HOURS
    return rows


@pytest.fixture
def settings(server: RunningServer, sqlite_url: str) -> dict[str, str]:
    """Settings of a job: one address, an SQLite file, little patience."""
    return {
        "BINANCE_URLS": server.url,
        "DATABASE_URL": sqlite_url,
        "BINANCE_RETRY_SECONDS": "5",
        "DATABASE_RETRY_SECONDS": "2",
    }


TimeOuts = tuple[float, float, float]
LONG: TimeOuts = (5.0, 5.0, 10.0)


def quick_client(clock: Clock | None = None, timeouts: TimeOuts = LONG) -> Callable[..., BinanceClient]:
    """The real client, with time-outs and first waits that tests can bear."""

    def build(urls: tuple[str, ...], retry: RetryPolicy, **others: Any) -> BinanceClient:
        short = RetryPolicy(retry.seconds, attempts=3, first_wait=0.02)
        return BinanceClient(urls, short, **(others | {"timeouts": timeouts, "clock": clock}))

    return build


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No setting from outside, neither by variables nor by a file."""
    for name in DEFAULTS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))


@pytest.fixture
def own_logging() -> Iterator[None]:
    """The command line sets up logging for its process; here it is put back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def job(
    settings: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    clean_environment: None,  # noqa: ARG001 - a fixture for what it does
    own_logging: None,  # noqa: ARG001 - likewise
) -> Job:
    """Runs a command of the program in this process, with the client's waits cut short."""

    def run(*arguments: str, clock: Clock | None = None, timeouts: TimeOuts = LONG, **changes: str) -> Outcome:
        for name, value in (settings | changes).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(bootstrap, "BinanceClient", quick_client(clock, timeouts))
        capsys.readouterr()
        code = main([*arguments])
        return Outcome(code, *capsys.readouterr())

    return run


@pytest.fixture
def backfill_job(job: Job) -> Job:
    """Runs the hourly job in this process."""
    return functools.partial(job, "backfill")
