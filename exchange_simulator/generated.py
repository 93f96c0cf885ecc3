"""Candles that look like Bitcoin's, made up from a seed, for any hour from August 2017 to the clock.

Hours come in blocks of thirty days, each drawn from a random stream of its own (seed, symbol, block) and started from
where the one before ended. A candle therefore depends on its hour and on the seed, never on when one asks.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from exchange_simulator.gaps import gap_hours
from exchange_simulator.instants import HOUR_MS
from exchange_simulator.market import HISTORY_START_MS, View
from exchange_simulator.walk import BLOCK_HOURS, Block, Floats, State, activity, first_state, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_ROW = '[%d,"%.2f000000","%.2f000000","%.2f000000","%.2f000000","%.5f000",%d,"%.8f",%d,"%.5f000","%.8f","0"]'
_SMALLEST_LOT = 0.00001
"""Base currency; volumes come in multiples of it."""


class Totals(NamedTuple):
    """What was traded in an hour, or so far."""

    volume: float
    average: float
    trades: int
    taker_volume: float


class GeneratedMarket:
    """Deterministic candles of one symbol; safe to use from many threads.

    Args:
        symbol: names the random stream and, for a few well-known ones, the first price.
        seed: another seed, another history.
        gaps: whether a few hours are missing for good, as on the exchange.
    """

    def __init__(self, symbol: str, *, seed: int = 7, gaps: bool = True) -> None:
        self.symbol = symbol
        self.source = f"generated, seed {seed}"
        self._seed = seed
        self._gaps = gaps
        self._lock = threading.Lock()
        self._times: list[int] = []
        self._rows: list[bytes] = []
        self._states: list[State] = [first_state(symbol)]
        self._newest: tuple[int, Block] | None = None

    def view(self, now_ms: int) -> View:
        """Every candle that opens at `now_ms` or before; the one that is open shows the hour up to the second."""
        hour, elapsed_ms = divmod(now_ms - HISTORY_START_MS, HOUR_MS)
        with self._lock:
            while (len(self._states) - 1) * BLOCK_HOURS <= hour:
                self._append_block()
            count = bisect_right(self._times, now_ms)
            if count == 0 or self._times[count - 1] + HOUR_MS <= now_ms:
                return View(self._times, self._rows, count, path=self._path)
            block = self._block(hour // BLOCK_HOURS)
        open_row = _row_so_far(block, hour % BLOCK_HOURS, self._times[count - 1], elapsed_ms // 1000)
        return View(self._times, self._rows, count, open_row, self._path)

    def _append_block(self) -> None:
        number = len(self._states) - 1
        block = walk(self._seed, self.symbol, number, self._states[number])
        missing = self._missing(number)
        for index, row in enumerate(_rows(block, HISTORY_START_MS + number * BLOCK_HOURS * HOUR_MS)):
            hour = number * BLOCK_HOURS + index
            if hour not in missing:
                self._times.append(HISTORY_START_MS + hour * HOUR_MS)
                self._rows.append(row)
        self._newest = (number, block)
        self._states.append(block.end)

    def _missing(self, number: int) -> set[int]:
        return gap_hours(self._seed, number * BLOCK_HOURS, (number + 1) * BLOCK_HOURS) if self._gaps else set()

    def _path(self, open_time_ms: int) -> Floats:
        """How the price went within an hour that has been shown."""
        number, hour = divmod((open_time_ms - HISTORY_START_MS) // HOUR_MS, BLOCK_HOURS)
        with self._lock:
            path: Floats = self._block(number).path[hour]
        return path

    def _block(self, number: int) -> Block:
        if self._newest is None or self._newest[0] != number:
            self._newest = (number, walk(self._seed, self.symbol, number, self._states[number]))
        return self._newest[1]


def _rows(block: Block, start_ms: int) -> list[bytes]:
    """The closed candles of a block, as JSON."""
    path = block.path
    ohlc = np.stack((path[:, 0], path.max(axis=1), path.min(axis=1), path[:, -1]), axis=1).tolist()
    return [_render(start_ms + hour * HOUR_MS, prices, _totals(block, hour)) for hour, prices in enumerate(ohlc)]


def _totals(block: Block, hour: int) -> Totals:
    return Totals(
        block.volume.item(hour), block.average.item(hour), block.trades.item(hour), block.taker_volume.item(hour)
    )


def _row_so_far(block: Block, hour: int, open_ms: int, elapsed_s: int) -> bytes:
    """The candle of an hour that began `elapsed_s` seconds ago (0 to 3599): what a prefix of its path gives."""
    minute, second = divmod(elapsed_s, 60)
    whole = block.path[hour]
    price = round(float(whole[minute] + (whole[minute + 1] - whole[minute]) * second / 60), 2)
    path = np.append(whole[: minute + 1], price)
    shares = activity(whole)[: minute + 1]
    shares[-1] *= second / 60
    ohlc = (float(path[0]), float(path.max()), float(path.min()), price)
    return _render(open_ms, ohlc, _so_far(_totals(block, hour), path, shares))


def _so_far(totals: Totals, path: NDArray[np.float64], shares: NDArray[np.float64]) -> Totals:
    """What was traded so far, at least the first trade, of the smallest lot.

    Args:
        totals: of the whole hour.
        path: prices so far, shape (n + 1,).
        shares: of the hour's trades in each minute so far, shape (n,).
    """
    share = float(shares.sum())
    average = float((shares * (path[:-1] + path[1:]) / 2).sum()) / share if share else float(path[0])
    volume = max(round(totals.volume * share, 5), _SMALLEST_LOT)
    return Totals(volume, average, max(int(totals.trades * share), 1), totals.taker_volume * share)


def _render(open_ms: int, ohlc: Sequence[float], totals: Totals) -> bytes:
    volume, average, trades, taker_volume = totals
    close_ms = open_ms + HOUR_MS - 1
    return (
        _ROW % (open_ms, *ohlc, volume, close_ms, volume * average, trades, taker_volume, taker_volume * average)
    ).encode()
