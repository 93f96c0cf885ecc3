"""Candles to sessions: pure, with numpy, no loop over sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from volatility.domain.arrays import FloatArray, IntArray
from volatility.domain.calendar import SessionBounds
from volatility.domain.candles import Candle
from volatility.domain.metrics import Metric


class CandleColumns(NamedTuple):
    """Candles by column, all of one length and ascending by hour; prices in quote, volume in base currency."""

    open_time_ms: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    trades: IntArray

    @classmethod
    def of(cls, candles: Sequence[Candle]) -> Self:
        """The columns that sessions are formed from."""
        return cls.of_rows(
            [(c.open_time_ms, c.open, c.high, c.low, c.close, c.volume, c.number_of_trades) for c in candles]
        )

    @classmethod
    def of_rows(cls, rows: Sequence[Sequence[float]]) -> Self:
        """From rows in the order of this class's fields."""
        columns = list(zip(*rows, strict=True)) or [()] * len(cls._fields)
        opened, open_, high, low, close, volume = (np.array(column, np.float64) for column in columns[:-1])
        return cls(opened.astype(np.int64), open_, high, low, close, volume, np.array(columns[-1], np.int64))


class Session(NamedTuple):
    """One session that exists: its bounds, what was traded in it, and how much of it is there."""

    bounds: SessionBounds
    open: float
    high: float
    low: float
    close: float
    volume: float
    trades: int
    candles: int

    @property
    def volatility(self) -> float:
        """|open - close|, in quote currency: what a straddle struck at the open pays at the end."""
        return abs(self.open - self.close)

    @property
    def range(self) -> float:
        """High - low, in quote currency."""
        return self.high - self.low

    @property
    def complete(self) -> bool:
        """Whether every hour of the session has its candle."""
        return self.candles == self.bounds.expected_candles

    def value(self, metric: Metric) -> float:
        """The session's value of a metric, in quote currency."""
        value: float = getattr(self, metric.name)
        return value

    def percent(self, metric: Metric) -> float:
        """The session's value of a metric as a percentage of its open."""
        return 100.0 * self.value(metric) / self.open


@dataclass(frozen=True)
class SessionTable:
    """Consecutive calendar sessions, by column; one without a candle has ``candles`` 0 and NaN prices."""

    bounds: Sequence[SessionBounds]
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    trades: IntArray
    candles: IntArray

    def existing(self) -> list[Session]:
        """The sessions that have at least one candle, in order."""
        columns = (self.open, self.high, self.low, self.close, self.volume, self.trades, self.candles)
        rows = zip(self.bounds, *(column.tolist() for column in columns), strict=True)
        return [Session(*row) for row in rows if row[-1] > 0]


def form_sessions(candles: CandleColumns, bounds: Sequence[SessionBounds]) -> SessionTable:
    """Form the sessions within consecutive ``bounds``; candles outside them are left out.

    Open is the first candle's, close the last one's, high and low the extremes, volume and trades the sums.
    """
    edges = np.array([b.open_ms for b in bounds] + [bounds[-1].close_ms] if bounds else [0], np.int64)
    cuts = np.searchsorted(candles.open_time_ms, edges)
    first, counts = cuts[:-1], np.diff(cuts)
    held = counts > 0
    start, last = first[held], cuts[1:][held] - 1

    def spread(values: FloatArray) -> FloatArray:
        column = np.full(len(bounds), np.nan)
        column[held] = values
        return column

    def reduce(ufunc: np.ufunc, values: FloatArray | IntArray) -> FloatArray:
        # reduceat ends its last segment at the array's end: cut off what lies behind the bounds
        return ufunc.reduceat(values[: cuts[-1]], start) if len(start) else np.empty(0)

    trades = np.zeros(len(bounds), np.int64)
    trades[held] = reduce(np.add, candles.trades)
    return SessionTable(
        bounds,
        open=spread(candles.open[start]),
        high=spread(reduce(np.maximum, candles.high)),
        low=spread(reduce(np.minimum, candles.low)),
        close=spread(candles.close[last]),
        volume=spread(reduce(np.add, candles.volume)),
        trades=trades,
        candles=counts.astype(np.int64),
    )
