"""Markets that another one is mistaken for: what a base URL serves that is not the stored market."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable
from typing import Any

from exchange_simulator.market import CLOSE, CLOSE_TIME, HIGH, LOW, OPEN, OPEN_TIME, VOLUME, Market, View, render

HOUR_MS = 3_600_000
Row = list[Any]
PRICES = (OPEN, HIGH, LOW, CLOSE)


class Altered:
    """The closed candles of a market, each made into another one, or left out where that is None."""

    def __init__(self, market: Market, until_ms: int, change: Callable[[Row], Row | None]) -> None:
        self.symbol, self.source = market.symbol, "altered"
        view = market.view(until_ms)
        rows = [change(json.loads(row)) for row in view.cut(0, view.count)]
        self._rows = [row for row in rows if row is not None]
        self._times = [row[OPEN_TIME] for row in self._rows]
        self._bytes = [render(row) for row in self._rows]

    def view(self, now_ms: int) -> View:
        """What the clock has reached."""
        return View(self._times, self._bytes, bisect_right(self._times, now_ms))


def dearer(row: Row) -> Row:
    """FIELD's row 6: prices 0.3 % higher, a hundredth of the volume."""
    return thinner([f"{float(v) * 1.003:.2f}" if place in PRICES else v for place, v in enumerate(row)])


def thinner(row: Row) -> Row:
    """Equal prices and a hundredth of the volume: all that tells two markets of a coin with few digits apart."""
    return [f"{float(v) / 100:.8f}" if place == VOLUME else v for place, v in enumerate(row)]


def scaled(row: Row) -> Row:
    """A thousand coins in one: 1000SATS beside SATS."""
    prices = [f"{float(v) * 1000:.8f}" if place in PRICES else v for place, v in enumerate(row)]
    return [f"{float(v) / 1000:.8f}" if place == VOLUME else v for place, v in enumerate(prices)]


def cheap(row: Row) -> Row:
    """A coin of few digits, as PEPE is."""
    return [f"{float(v) / 1e9:.8f}" if place in PRICES else v for place, v in enumerate(row)]


def shifted(hours: int) -> Callable[[Row], Row]:
    """Served under the hour before or after."""
    by = hours * HOUR_MS
    return lambda row: [v + by if place in {OPEN_TIME, CLOSE_TIME} else v for place, v in enumerate(row)]


def only(first_ms: int, end_ms: int) -> Callable[[Row], Row | None]:
    """A mirror that holds some hours only."""
    return lambda row: row if first_ms <= row[OPEN_TIME] < end_ms else None


def instead(hours: set[int], change: Callable[[Row], Row]) -> Callable[[Row], Row]:
    """Only some hours are other ones."""
    return lambda row: change(row) if row[OPEN_TIME] in hours else row
