"""Everything around the API: a simulated exchange, the two jobs, a clock, and real servers."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from exchange_simulator import Clock, GivenMarket, RunningServer, SimulatedExchange, serve
from exchange_simulator.market import Market, View
from tests.support.clocks import FakeClock
from tests.support.made_once import made_once
from volatility.domain.retry import ONCE, RetryPolicy
from volatility.exchange.binance import BinanceClient
from volatility.jobs import aggregate, backfill, forecast
from volatility.settings import Settings
from volatility.storage.database import Database

ROOT = Path(__file__).resolve().parents[2]
KLINES = "/api/v3/klines"
HOUR_MS = 3_600_000
REAL_NOW = "2023-12-30T20:20:00+00:00"


def to_ms(instant: str) -> int:
    """Milliseconds since the epoch of ISO 8601 with an offset."""
    return round(datetime.fromisoformat(instant).timestamp() * 1000)


class HandMadeMarket:
    """Sessions of chosen Vol and Range, made of hours that each cost 1000 at first.

    Args:
        first: when the first candle opens.
        sessions: Vol and Range of consecutive stretches of 24 hours; the low is 1000 and Vol never above Range.
        tail: closes of the hours after them.
    """

    source = "by hand"

    def __init__(
        self, first: str, sessions: Sequence[tuple[float, float]], tail: Sequence[float] = (), symbol: str = "BTCUSDT"
    ) -> None:
        self.symbol = symbol
        prices = []
        for vol, range_ in sessions:
            prices += [(1000 + range_, 1000.0), *[(1000.0, 1000.0)] * 22, (1000 + vol, 1000 + vol)]
        prices += [(max(1000.0, close), close) for close in tail]
        self._times = [to_ms(first) + hour * HOUR_MS for hour in range(len(prices))]
        self._rows = [self._row(at, *price) for at, price in zip(self._times, prices, strict=True)]

    def view(self, now_ms: int) -> View:
        """What the clock has reached."""
        return View(self._times, self._rows, bisect_right(self._times, now_ms))

    @staticmethod
    def _row(at_ms: int, high: float, close: float) -> bytes:
        low = min(1000.0, close)
        texts = [f"{price:.8f}" for price in (1000, high, low, close, 1.5)]
        return json.dumps([at_ms, *texts, at_ms + HOUR_MS - 1, "1500.0", 7, "0.5", "500.0", "0"]).encode()


class Client(requests.Session):
    """Asks one API; a path is enough."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.trust_env = False

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        """One request, which may not take for ever."""
        assert isinstance(url, str)
        return super().request(method, self.url + url, *args, **{"timeout": 30, **options})


class World:
    """A simulated exchange whose clock stands still, a machine whose clock does too, and the settings of an API."""

    def __init__(self, markets: Sequence[Market], database_url: str, now: str, **settings: str) -> None:
        self.exchange = SimulatedExchange(markets, clock=Clock(now, frozen=True))
        self.server: RunningServer = serve(self.exchange)
        self.machine = FakeClock(wall=to_ms(now) / 1000, monotonic=1e6)
        self.names = {
            "DATABASE_URL": database_url,
            "BINANCE_URLS": self.server.url,
            "SYMBOLS": ",".join(market.symbol for market in markets),
            **settings,
        }
        self.settings = Settings.of(self.names)

    def close(self) -> None:
        """Close the exchange."""
        self.server.close()

    def set(self, now: str) -> None:
        """Put both clocks forward, by so much that whoever knows the exchange's time asks for it again."""
        by = to_ms(now) / 1000 - self.machine.wall_ms() / 1000
        assert by > 600, "the client carries the exchange's time on for ten minutes"
        self.exchange.clock.set(now)
        self.machine.pass_by(by)

    def run_jobs(
        self, symbol: str = "BTCUSDT", *, backfilling: bool = True, rebuild: bool = False
    ) -> aggregate.AggregationReport:
        """Backfill, unless told not to, and aggregate."""
        s = self.settings
        database, client = Database(s.database_url, RetryPolicy(10)), BinanceClient(s.binance_urls, ONCE)
        try:
            if backfilling:
                backfill.backfill(database, client, backfill.BackfillRequest(symbol, s.history_start_ms))
            return aggregate.aggregate(database, client, s.series(symbol), self.machine.wall_ms(), rebuild=rebuild)
        finally:
            client.close()
            database.close()

    def forecast(self, symbol: str = "BTCUSDT") -> None:
        """Score and forecast, as the aggregation job does when sessions are there."""
        s = self.settings
        database, client = Database(s.database_url, RetryPolicy(10)), BinanceClient(s.binance_urls, ONCE)
        try:
            forecast.forecast(database, client, s.series(symbol), self.machine.wall_ms())
        finally:
            client.close()
            database.close()

    def execute(self, *statements: str) -> None:
        """Change the database by hand."""
        engine = sa.create_engine(self.settings.database_url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def app(self) -> FastAPI:
        """A new API over all this."""
        return create_app(self.settings, self.machine.clock)

    @contextmanager
    def client(self) -> Iterator[Client]:
        """A client of a new API."""
        with listening(self.app()) as url, Client(url) as client:
            yield client

    def asked(self, path: str | None = None) -> int:
        """How many requests the exchange has seen."""
        return len(self.exchange.requests(path))


@contextmanager
def listening(app: FastAPI) -> Iterator[str]:
    """The URL of the app behind a real uvicorn, in a thread."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", timeout_keep_alive=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server ended at once"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The process's environment with these settings and no others of the program."""
    ours = {"DATABASE_URL", "SYMBOLS", "WINDOWS"}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ours and not name.startswith(("DB_", "BINANCE_", "SESSION_", "HISTORY_", "API_", "COV_"))
    }
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"} | dict(settings)


class Process:
    """`uvicorn api.main:app` as its users start it, in a folder without a `.env`."""

    def __init__(self, settings: Mapping[str, str], folder: Path, *options: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "uvicorn", "api.main:app", "--port", str(self.port), *options]
        self._process = subprocess.Popen(
            command, cwd=folder, env=environment(settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def await_start(self) -> None:
        """Return once it answers."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert self._process.poll() is None, self._process.communicate()
            try:
                requests.get(f"{self.url}/healthz", timeout=5)
            except requests.ConnectionError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("no answer within 30 s")

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.send_signal(signal.SIGTERM)

    def end(self) -> tuple[int, str, str]:
        """Wait for its end: exit code, stdout and stderr."""
        try:
            out, err = self._process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        return self._process.returncode, out, err

    def kill(self) -> None:
        """Make sure that it is gone."""
        self._process.kill()
        self._process.communicate()


def real_file(candles: Path, factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with six years of real candles, through all jobs up to ``REAL_NOW``; nobody may change it."""

    def make(file: Path) -> None:
        with closing(World([GivenMarket("BTCUSDT", candles)], f"sqlite:///{file}", REAL_NOW)) as world:
            world.run_jobs()
            world.forecast()

    return made_once(factory, "real.sqlite3", make)
