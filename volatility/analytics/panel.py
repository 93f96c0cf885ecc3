"""The hourly panel: candles laid out as sessions by elapsed hours, with what had happened after each closed hour.

Column k of a session holds the candle `[start + k h, start + k h + 1 h)`; NaN where the exchange has none, or where the
session is shorter than the widest one (23 and 25 hours in zones with summer time). Nothing is filled in, but the paths
carry the last price forward: after a missing hour the price is the one before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from volatility.analytics.variance import garman_klass_terms
from volatility.domain.arrays import BoolArray, FloatArray, IntArray
from volatility.domain.hours import HOUR_MS


@dataclass(frozen=True)
class HourlyPanel:
    """S sessions of at most H hours; prices in quote currency, percentages of the session's open.

    `starts_ms` and `ends_ms` (S) bound the sessions, `weekdays` (S) is 0 for Monday, the candles are (S, H).
    """

    starts_ms: IntArray
    ends_ms: IntArray
    weekdays: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray

    def __len__(self) -> int:
        return len(self.starts_ms)

    def __getitem__(self, chosen: slice) -> HourlyPanel:
        """Return the panel of a slice of the sessions."""
        bounds = (self.starts_ms[chosen], self.ends_ms[chosen], self.weekdays[chosen])
        return HourlyPanel(*bounds, self.open[chosen], self.high[chosen], self.low[chosen], self.close[chosen])

    @property
    def width(self) -> int:
        """H, the hours of the longest session."""
        return int(self.open.shape[1])

    @cached_property
    def hours(self) -> IntArray:
        """(S) hours that each session has by the calendar."""
        return np.asarray((self.ends_ms - self.starts_ms) // HOUR_MS, dtype=np.int64)

    @cached_property
    def scheduled(self) -> BoolArray:
        """(S, H) whether the hour belongs to the session by the calendar."""
        return np.asarray(np.arange(self.width) < self.hours[:, None])

    @cached_property
    def present(self) -> BoolArray:
        """(S, H) whether the hour has a candle."""
        return np.isfinite(self.open)

    @cached_property
    def candles(self) -> IntArray:
        """(S) number of candles."""
        return np.asarray(self.present.sum(axis=1), dtype=np.int64)

    @cached_property
    def exists(self) -> BoolArray:
        """(S) whether the session has any candle."""
        return np.asarray(self.candles > 0)

    @cached_property
    def complete(self) -> BoolArray:
        """(S) whether the session has all its candles."""
        return np.asarray(self.candles == self.hours)

    @cached_property
    def session_open(self) -> FloatArray:
        """(S) open of the first candle; NaN for a session without any."""
        first = np.argmax(self.present, axis=1)
        return np.asarray(self.open[np.arange(len(self)), first], dtype=np.float64)

    @cached_property
    def price(self) -> FloatArray:
        """(S, H + 1) price after k closed hours: the last close, at k = 0 (and before the first candle) the open."""
        start = self.session_open[:, None]
        columns = np.where(self.present, np.arange(1, self.width + 1), 0)
        last = np.maximum.accumulate(np.concatenate([np.zeros_like(columns[:, :1]), columns], axis=1), axis=1)
        return np.take_along_axis(np.concatenate([start, self.close], axis=1), last, axis=1)

    @cached_property
    def running_high(self) -> FloatArray:
        """(S, H + 1) highest price of the first k hours; the open at k = 0."""
        return np.fmax.accumulate(np.concatenate([self.session_open[:, None], self.high], axis=1), axis=1)

    @cached_property
    def running_low(self) -> FloatArray:
        """(S, H + 1) lowest price of the first k hours; the open at k = 0."""
        return np.fmin.accumulate(np.concatenate([self.session_open[:, None], self.low], axis=1), axis=1)

    @cached_property
    def session_close(self) -> FloatArray:
        """(S) close of the last candle."""
        return self.price[:, -1]

    @cached_property
    def session_high(self) -> FloatArray:
        """(S) highest price."""
        return self.running_high[:, -1]

    @cached_property
    def session_low(self) -> FloatArray:
        """(S) lowest price."""
        return self.running_low[:, -1]

    @cached_property
    def vol_path_pct(self) -> FloatArray:
        """(S, H + 1) |price - open| after k closed hours, percent of the open."""
        start = self.session_open[:, None]
        return np.asarray(np.abs(self.price - start) / start * 100, dtype=np.float64)

    @cached_property
    def range_path_pct(self) -> FloatArray:
        """(S, H + 1) running high less running low after k closed hours, percent of the open."""
        return np.asarray((self.running_high - self.running_low) / self.session_open[:, None] * 100, dtype=np.float64)

    @cached_property
    def volatility_pct(self) -> FloatArray:
        """(S) final Vol, percent of the open."""
        return self.vol_path_pct[:, -1]

    @cached_property
    def range_pct(self) -> FloatArray:
        """(S) final Range, percent of the open."""
        return self.range_path_pct[:, -1]

    @cached_property
    def hourly_variance(self) -> FloatArray:
        """(S, H) Garman-Klass variance of each hour, squared log units; NaN where there is no candle."""
        return garman_klass_terms(self.open, self.high, self.low, self.close)

    @cached_property
    def realised_variance(self) -> FloatArray:
        """(S) sum of hourly Garman-Klass variances, scaled up for missing hours by hours / candles; NaN without any."""
        total = np.nansum(self.hourly_variance, axis=1)
        scale = np.divide(self.hours, self.candles, out=np.full(len(self), np.nan), where=self.exists)
        return np.asarray(total * scale, dtype=np.float64)


def weekdays_of(times_ms: IntArray, offset_hours: float = 0.0) -> IntArray:
    """Weekday of each instant (0 is Monday), at a fixed offset from UTC."""
    days = (times_ms + int(offset_hours * HOUR_MS)) // (24 * HOUR_MS)
    return np.asarray((days + 3) % 7, dtype=np.int64)  # 1970-01-01 was a Thursday


def build_panel(
    open_time_ms: npt.ArrayLike,
    candles: npt.ArrayLike,
    starts_ms: npt.ArrayLike,
    ends_ms: npt.ArrayLike,
    weekdays: npt.ArrayLike | None = None,
) -> HourlyPanel:
    """Lay hourly candles out as sessions.

    Args:
        open_time_ms: (T) open times in UTC milliseconds on the hour, ascending, gaps left out.
        candles: (4, T) open, high, low, close.
        starts_ms: (S) starts of the sessions, ascending.
        ends_ms: (S) their ends, exclusive; candles outside all sessions are left out.
        weekdays: (S) weekday of each session's label, 0 for Monday; by default that of the start in UTC.
    """
    times = np.asarray(open_time_ms, dtype=np.int64)
    starts, ends = np.asarray(starts_ms, dtype=np.int64), np.asarray(ends_ms, dtype=np.int64)
    days = weekdays_of(starts) if weekdays is None else np.asarray(weekdays, dtype=np.int64)
    width = int((ends - starts).max() // HOUR_MS) if len(starts) else 24
    session = np.searchsorted(starts, times, side="right") - 1
    inside = session >= 0
    inside[inside] = times[inside] < ends[session[inside]]
    rows = session[inside]
    columns = (times[inside] - starts[rows]) // HOUR_MS
    grid = np.full((4, len(starts), width), np.nan)
    grid[:, rows, columns] = np.asarray(candles, dtype=np.float64)[:, inside]
    return HourlyPanel(starts, ends, days, *grid)


def joined(earlier: HourlyPanel, later: HourlyPanel) -> HourlyPanel:
    """One panel of the sessions of both; the narrower one gets empty columns."""
    width = max(earlier.width, later.width)

    def stacked(name: str) -> FloatArray:
        parts = [getattr(panel, name) for panel in (earlier, later)]
        padded = [np.pad(part, ((0, 0), (0, width - part.shape[1])), constant_values=np.nan) for part in parts]
        return np.concatenate(padded)

    bounds = (
        np.concatenate([getattr(earlier, name), getattr(later, name)]) for name in ("starts_ms", "ends_ms", "weekdays")
    )
    return HourlyPanel(*bounds, *(stacked(name) for name in ("open", "high", "low", "close")))


def daily_bounds(first_ms: int, last_ms: int, start_hour_utc: int = 8) -> tuple[IntArray, IntArray]:
    """Bounds of all 24 h sessions that start at a fixed hour of UTC and lie wholly inside [first_ms, last_ms)."""
    day, shift = 24 * HOUR_MS, start_hour_utc * HOUR_MS
    first = -(-(first_ms - shift) // day) * day + shift
    starts = np.arange(first, last_ms - day + 1, day, dtype=np.int64)
    return starts, starts + day
