"""The generated Bitcoin as coins of other sizes and names, and what numpy says of their candles."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from exchange_simulator import GeneratedMarket
from exchange_simulator.market import View

FloatArray = npt.NDArray[np.float64]
DAY_MS: Final = 86_400_000
SESSION_OFFSET_MS: Final = 8 * 3_600_000  # 11:00 in Moscow
LEVELS: Final = {"median": 50, "p10": 10, "p25": 25, "p75": 75, "p90": 90}


class Coin(NamedTuple):
    """A coin whose prices are Bitcoin's, made smaller or larger and cut to the digits that the exchange gives."""

    symbol: str
    text: Callable[[Decimal], str]
    power: int  # of ten, from Bitcoin's price to this one
    exact: bool  # whether every digit of Bitcoin's is kept


def _cut(power: int, decimals: int) -> Callable[[Decimal], str]:
    return lambda price: f"{float(price.scaleb(power)):.{decimals}f}"


def _exact(power: int) -> Callable[[Decimal], str]:
    return lambda price: f"{price.scaleb(power):f}"


BITCOIN: Final = Coin("BTCUSDT", _exact(0), 0, exact=True)
COINS: Final = (
    Coin("PEPEUSDT", _cut(-9, 8), -9, exact=False),  # 0.0000042, moves by ticks of 0.00000001
    Coin("1000SATSUSDT", _cut(-7, 7), -7, exact=False),  # 0.0004213
    Coin("PICOUSDT", _exact(-15), -15, exact=True),  # 0.0000000000042
    Coin("币安人生USDT", _exact(-4), -4, exact=True),  # 0.42
    Coin("BTCVND", _exact(5), 5, exact=True),  # 420,000,000
)


class Rescaled:
    """Bitcoin's candles with the prices of another coin."""

    source = "rescaled"

    def __init__(self, coin: Coin, of: GeneratedMarket, now_ms: int) -> None:
        self.symbol = coin.symbol
        view = of.view(now_ms)
        self._times = view.times[: view.count]
        self._rows = [_rescaled(json.loads(row), coin) for row in view.cut(0, view.count)]

    def view(self, now_ms: int) -> View:
        """What the clock has reached."""
        return View(self._times, self._rows, bisect_right(self._times, now_ms))

    def candles(self, since_ms: int) -> Candles:
        """What was served, as numpy reads it."""
        rows = [row for row in map(json.loads, self._rows) if row[0] >= since_ms]
        times = np.array([row[0] for row in rows], np.int64)
        prices = np.array([[float(text) for text in row[1:5]] for row in rows]).T
        return Candles(times, *prices)


def _rescaled(row: list[Any], coin: Coin) -> bytes:
    return json.dumps([row[0], *(coin.text(Decimal(text)) for text in row[1:5]), *row[5:]]).encode()


class Candles(NamedTuple):
    """Candles by column."""

    times: npt.NDArray[np.int64]
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray

    def sessions(self) -> Sessions:
        """One row for each session; every one has candles."""
        days, first = np.unique((self.times - SESSION_OFFSET_MS) // DAY_MS, return_index=True)
        last = np.append(first[1:], len(self.times)) - 1
        high, low = np.maximum.reduceat(self.high, first), np.minimum.reduceat(self.low, first)
        return Sessions(days, self.open[first], high, low, self.close[last])


class Sessions(NamedTuple):
    """Sessions by column."""

    days: npt.NDArray[np.int64]
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray

    @property
    def volatility(self) -> FloatArray:
        return np.abs(self.open - self.close)

    @property
    def range(self) -> FloatArray:
        return self.high - self.low

    def window(self, metric: str, end: int, length: int) -> dict[str, float]:
        """The statistics of the sessions up to but not including ``end``."""
        return self._statistics(getattr(self, metric)[end - length : end])

    def window_pct(self, metric: str, end: int, length: int) -> dict[str, float]:
        """The same of the sessions' percentages of their opens."""
        return self._statistics((getattr(self, metric) / self.open * 100)[end - length : end])

    @staticmethod
    def _statistics(values: FloatArray) -> dict[str, float]:
        return {"mean": values.mean()} | {name: np.percentile(values, level) for name, level in LEVELS.items()}
