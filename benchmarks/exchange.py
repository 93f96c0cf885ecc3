"""The simulated exchange, as a process of its own, and the candles that it serves."""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import requests

from benchmarks.processes import ROOT, server
from volatility.domain.hours import HOUR_MS, to_ms

LATENCY_MS: Final = 50
_FILE: Final = "btcusdt_1h_2017_2023.csv.gz"
_GENERATED_END_MS: Final = to_ms(datetime(2024, 1, 1, tzinfo=UTC))


@dataclass(frozen=True)
class Candles:
    """What the exchange serves: a file of real candles, or without one the generated market, until ``end_ms``."""

    file: Path | None
    end_ms: int

    @classmethod
    def found(cls, named: Path | None) -> Candles:
        """The file that was named, else the one in the folder of real data, else the generated market."""
        folder = Path(os.environ.get("BTC_REAL_DATA") or ROOT.parent / "shared" / "data")
        file = named or folder / _FILE
        if file.is_file():
            return cls(file.resolve(), _last_open_ms(file) + HOUR_MS)
        if named:
            raise FileNotFoundError(f"no candles in {named}")
        return cls(None, _GENERATED_END_MS)


def _last_open_ms(file: Path) -> int:
    last = ""
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as lines:
        for line in lines:
            last = line if line.strip() else last
    return int(last.split(",", 1)[0])


class Exchange:
    """The running exchange; its clock stands still where it is put."""

    def __init__(self, url: str, candles: Candles) -> None:
        self.url, self.end_ms = url, candles.end_ms
        self._latency: int | None = None

    def put_clock(self, hours_before_end: int) -> None:
        """Half a minute after the hour that lies so many hours before the end of the candles."""
        at_ms = self.end_ms - hours_before_end * HOUR_MS + 30_000
        self._control("POST", "/clock", {"set": at_ms})

    @contextmanager
    def slow(self) -> Iterator[None]:
        """Every answer comes 50 ms later; without it for what is only prepared."""
        self._control("POST", "/faults", {"kind": "latency", "ms": LATENCY_MS})
        try:
            yield
        finally:
            self._control("DELETE", "/faults")

    def _control(self, method: str, path: str, order: dict[str, object] | None = None) -> None:
        requests.request(method, f"{self.url}/simulator{path}", json=order, timeout=10).raise_for_status()


@contextmanager
def exchange(candles: Candles, folder: Path) -> Iterator[Exchange]:
    """The exchange while the block runs. Its limit of weights is for one user, not for one run after the other."""
    command = [sys.executable, "-m", "exchange_simulator", "--port", "0", "--frozen", "--weight-limit", "0"]
    command += ["--data", str(candles.file)] if candles.file else []
    with server(command, folder, {}) as url:
        yield Exchange(url, candles)
