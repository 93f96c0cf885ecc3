"""Commands as processes and in this one, and what they must show, computed by plain loops."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import requests
import sqlalchemy as sa

from exchange_simulator import SimulatedExchange
from tests.support.jobs import Ended
from volatility.settings import DEFAULTS

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-c", "import sys; from volatility.cli import main; sys.exit(main())"]
BACKFILL = [sys.executable, str(ROOT / "scripts" / "backfill_script.py")]
AGGREGATE = [sys.executable, str(ROOT / "scripts" / "session_aggregator.py")]
KLINES = "/api/v3/klines"
HOUR_MS = 3_600_000
STATISTICS = ("mean", "median", "p10", "p25", "p75", "p90")
_CANDLE = (
    "open_time, open, high, low, close, volume, close_time, quote_asset_volume, number_of_trades, "
    "taker_buy_base_asset_volume, taker_buy_quote_asset_volume"
)

Json: TypeAlias = dict[str, Any]
Rows: TypeAlias = list[tuple[Any, ...]]
Process: TypeAlias = "subprocess.Popen[str]"


class Outcome(Ended):
    """What a command left behind, and whether it succeeded."""

    def done(self) -> Outcome:
        """Itself, where the command succeeded without a word besides its log."""
        assert (self.code, self.plain) == (0, []), self.stderr
        return self

    def failed(self, code: int) -> str:
        """The one plain line that says why the command failed with this code."""
        assert self.code == code, self.stderr
        (line,) = self.plain
        assert line.startswith("error: ")
        return line.removeprefix("error: ")


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with these settings, and none of its own, nor a proxy."""
    own = {name: value for name, value in os.environ.items() if name not in DEFAULTS}
    clean = {name: value for name, value in own.items() if not name.lower().endswith("_proxy") and name != "COLUMNS"}
    return clean | {"PYTHONPATH": str(ROOT)} | dict(settings)


def start(
    command: Sequence[str], settings: Mapping[str, str], folder: Path, *, stdout: int = subprocess.PIPE
) -> Process:
    """Start a command as a process of its own."""
    return subprocess.Popen(
        command, env=environment(settings), cwd=folder, stdout=stdout, stderr=subprocess.PIPE, text=True
    )


def ended(process: Process, seconds: float = 60) -> Outcome:
    """Wait for a process."""
    try:
        stdout, stderr = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        stdout, stderr = process.communicate()
        raise AssertionError(f"still running after {seconds} s:\n{stderr}") from None
    return Outcome(process.returncode, stdout or "", stderr)


def run(command: Sequence[str], settings: Mapping[str, str], folder: Path) -> Outcome:
    """Run a command as a process of its own to its end."""
    return ended(start(command, settings, folder))


@contextmanager
def serving(command: Sequence[str], settings: Mapping[str, str], folder: Path) -> Iterator[tuple[Process, str]]:
    """A server as a process, and the URL that it says it listens on; killed at the block's end if it still runs."""
    process = start(command, settings, folder)
    try:
        yield process, _announced(process)
    finally:
        process.kill()
        process.communicate()


def _announced(process: Process) -> str:
    assert process.stderr
    heard = []
    for line in process.stderr:
        heard.append(line)
        if found := re.search(r"API on (http://\S+) ", line):
            return found[1]
    raise AssertionError("".join(heard))


def stopped(process: Process, by: signal.Signals = signal.SIGTERM) -> tuple[Outcome, float]:
    """Send a signal, and what came of it after how many seconds."""
    began = time.monotonic()
    process.send_signal(by)
    outcome = ended(process, 30)
    return outcome, time.monotonic() - began


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something to come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)


def get(url: str, **params: str | int | Sequence[str]) -> requests.Response:
    """One request, past any proxy."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, params=params, timeout=10)


def free_port() -> int:
    """A port of this machine that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def query(url: str, statement: str) -> Rows:
    """The rows of a statement, by a connection of its own; SQLite gives instants as text."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        result = connection.execute(sa.text(statement))
        return [tuple(row) for row in result] if result.returns_rows else []


def instant_ms(value: object) -> int:
    """Of a stored DATETIME."""
    return round(datetime.fromisoformat(str(value)).replace(tzinfo=UTC).timestamp() * 1000)


def stored(url: str, symbol: str = "BTCUSDT") -> Rows:
    """The stored candles in order, in Binance's order of fields."""
    rows = query(url, f"SELECT {_CANDLE} FROM klines_hourly WHERE symbol = '{symbol}' ORDER BY open_time")
    return [(instant_ms(row[0]), *row[1:6], instant_ms(row[6]), *row[7:]) for row in rows]


def candles(exchange: SimulatedExchange, symbol: str = "BTCUSDT", *, open_one: bool = False) -> Rows:
    """What the exchange has of a symbol, past its socket, its faults and the client; closed ones only if not asked."""
    view = exchange.markets[symbol].view(exchange.clock.now_ms())
    rows = [json.loads(row)[:11] for row in view.cut(0, view.count)]
    kept = rows if open_one else [row for row in rows if row[6] < exchange.clock.now_ms()]
    return [tuple(v if place in {0, 6, 8} else float(v) for place, v in enumerate(row)) for row in kept]


def sessions(of: Rows) -> dict[date, Json]:
    """Sessions from 08:00 to 08:00 UTC, which is 11:00 in Moscow since October 2014, from candles one by one."""
    formed: dict[date, Json] = {}
    first = min(datetime.fromtimestamp(row[0] / 1000, UTC) for row in of)
    for opened_ms, open_, high, low, close, volume, *_ in of:
        opened = datetime.fromtimestamp(opened_ms / 1000, UTC)
        day = (opened - timedelta(hours=8)).date()
        if datetime(day.year, day.month, day.day, 8, tzinfo=UTC) < first:
            continue  # history begins in its middle
        session = formed.setdefault(day, {"open": open_, "high": high, "low": low, "volume": 0.0, "candles": 0})
        session["high"], session["low"] = max(session["high"], high), min(session["low"], low)
        session["close"], session["candles"] = close, session["candles"] + 1
        session["volume"] += volume
    return {day: _described(day, session) for day, session in formed.items()}


def _described(day: date, session: Json) -> Json:
    vol, range_ = abs(session["open"] - session["close"]), session["high"] - session["low"]
    return {
        "date": str(day),
        "open_time": f"{day}T11:00:00+03:00",
        "close_time": f"{day + timedelta(days=1)}T11:00:00+03:00",
        **session,
        "expected_candles": 24,
        "complete": session["candles"] == 24,
        "volatility": vol,
        "range": range_,
        "volatility_pct": vol / session["open"] * 100,
        "range_pct": range_ / session["open"] * 100,
    }


def windows(of: Mapping[date, Json], day: date, lengths: Sequence[int] = (5, 7, 14, 30)) -> Json:
    """The statistics of windows that end with a day's session."""
    return {
        metric: {str(length): _window(of, metric, day, length) for length in lengths}
        for metric in ("volatility", "range")
    }


def _window(of: Mapping[date, Json], metric: str, day: date, length: int) -> Json:
    days = [day - timedelta(days=back) for back in range(length)]
    there = [of[one] for one in days if one in of]
    amounts, percents = (sorted(one[name] for one in there) for name in (metric, f"{metric}_pct"))
    names = (*STATISTICS, *(f"{name}_pct" for name in STATISTICS))
    if days[-1] < min(of) or len(there) * 5 < length * 4:
        return {"n": len(there), **dict.fromkeys(names)}
    return {"n": len(there), **dict(zip(names, [*_numbers(amounts), *_numbers(percents)], strict=True))}


def _numbers(ascending: Sequence[float]) -> list[float]:
    levels = (None, 0.5, 0.1, 0.25, 0.75, 0.9)
    mean = sum(ascending) / len(ascending)
    return [mean if level is None else quantile(ascending, level) for level in levels]


def quantile(ascending: Sequence[float], level: float) -> float:
    """Linear interpolation between order statistics."""
    whole, part = divmod(level * (len(ascending) - 1), 1)
    place = int(whole)
    return ascending[place] + part * (ascending[min(place + 1, len(ascending) - 1)] - ascending[place])


def assert_same(actual: Any, expected: Any, where: str = "") -> None:
    """Equal, numbers up to the eight decimals that are shown and the last bits of a sum."""
    if isinstance(expected, dict):
        assert actual.keys() == expected.keys(), where
        for name, value in expected.items():
            assert_same(actual[name], value, f"{where}.{name}")
    elif isinstance(expected, list):
        assert len(actual) == len(expected), where
        for place, value in enumerate(expected):
            assert_same(actual[place], value, f"{where}[{place}]")
    elif isinstance(expected, float):
        assert abs(actual - expected) <= 1e-8 + 1e-12 * abs(expected), where
    else:
        assert actual == expected, where
