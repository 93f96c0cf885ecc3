"""Made-up histories with the oddities of real ones: clustered volatility, quiet Saturdays, gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from volatility.analytics.panel import HourlyPanel, build_panel, daily_bounds
from volatility.domain.arrays import FloatArray, IntArray
from volatility.domain.hours import HOUR_MS

START_MS = 1_502_956_800_000  # Thursday 2017-08-17 08:00 UTC
DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True)
class History:
    """Hourly candles: open times (T) and open, high, low, close (4, T)."""

    times: IntArray
    candles: FloatArray

    def without(self, dropped: list[int]) -> History:
        """Leave out the hours at the given positions."""
        return History(np.delete(self.times, dropped), np.delete(self.candles, dropped, axis=1))

    def panel(self) -> HourlyPanel:
        """Sessions from 08:00 UTC."""
        return build_panel(self.times, self.candles, *daily_bounds(START_MS, int(self.times[-1]) + HOUR_MS))


def make_history(sessions: int, seed: int = 1) -> History:
    """A random walk in steps of a quarter of an hour, without gaps."""
    rng = np.random.default_rng(seed)
    hours = sessions * 24
    times = START_MS + np.arange(hours, dtype=np.int64) * HOUR_MS
    slow = np.repeat(np.cumsum(rng.normal(0, 0.08, sessions)), 24)
    weekday = (times // DAY_MS + 3) % 7
    sigma = 0.006 * np.exp(slow - slow.mean() + rng.normal(0, 0.3, hours)) * np.where(weekday == 5, 0.5, 1.0)
    steps = rng.normal(0, 0.5, (hours, 4)) * sigma[:, None]
    path = np.concatenate([[0.0], np.cumsum(steps.ravel())])
    price = 10_000 * np.exp(path)
    quarters = np.stack([price[k : k + 4 * hours : 4] for k in range(4)] + [price[4::4]])
    candles = np.stack([quarters[0], quarters.max(axis=0), quarters.min(axis=0), quarters[-1]])
    return History(times, candles)


def gappy_history(sessions: int, seed: int = 1) -> History:
    """The same with one session missing, another without its first hours, others without their last or some others."""
    dropped = [*range(10 * 24, 11 * 24), 5 * 24, 5 * 24 + 1, 7 * 24 - 1, 12 * 24 + 4, 12 * 24 + 5]
    return make_history(sessions, seed).without([k for k in dropped if k < sessions * 24])
