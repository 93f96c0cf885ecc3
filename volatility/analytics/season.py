"""The season: how large an hour's log range usually is beside the level around it, by weekday and hour of the day.

While New York trades, the hours go by its clock, which moves by an hour twice a year; the others go by UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import numpy as np

from volatility.analytics.numerics import MEMORY_SESSIONS
from volatility.analytics.paths import HOURS
from volatility.domain.hours import HOUR_MS

if TYPE_CHECKING:
    from volatility.domain.arrays import FloatArray, IntArray

PRIOR_SESSIONS = 5.0  # weight of all weekdays in one weekday's seasonal factor
CAP = 4.0  # a seasonal observation is at most this multiple of the usual level
LEAST_FACTOR = 0.01  # of an hour in which a thin market never moves: ranges are divided by it
NEW_YORK: Final = ZoneInfo("America/New_York")
NEW_YORK_FIRST, NEW_YORK_LAST = 11, 22  # hours of UTC that go by New York's clock
PLACES = 24 + NEW_YORK_LAST - NEW_YORK_FIRST + 2  # hours of UTC, then New York's


def season_hours(starts_ms: IntArray) -> IntArray:
    """(S, 24) the place in the season of the hours of sessions that start then: equal places, equal season.

    An hour of UTC is its own place; one from 11:00 to 22:59 UTC is a place by New York's clock.
    """
    at_ms = starts_ms[:, None] + np.arange(HOURS) * HOUR_MS
    hour, day = at_ms // HOUR_MS % 24, at_ms // HOUR_MS // 24
    days, inverse = np.unique(day, return_inverse=True)
    noon = (datetime.fromtimestamp((one * 24 + 12) * 3600, UTC).astimezone(NEW_YORK) for one in days.tolist())
    summer = np.array([bool(one.dst()) for one in noon], np.int64)[inverse].reshape(hour.shape)
    of_new_york = (hour >= NEW_YORK_FIRST) & (hour <= NEW_YORK_LAST)
    return np.asarray(np.where(of_new_york, 24 + hour - NEW_YORK_FIRST + summer, hour), dtype=np.int64)


def seasonal_factors(log_ranges: FloatArray, weekdays: IntArray, places: IntArray) -> FloatArray:
    """(S, 24) expected log range of each hour relative to the level around it, from earlier sessions only.

    By weekday (S) and place in the season (S, 24). Decayed means of u / level, where level is half the mean of the last
    7 sessions and half the session's own (so that bursts do not count as season), shrunk towards the mean over all
    weekdays; 1 for a place that no session had before.
    """
    hours = log_ranges[:, :HOURS]
    daily = _row_means(hours)
    sums, counts = np.zeros((7, PLACES)), np.zeros((7, PLACES))
    factors = np.ones((len(hours), HOURS))
    fade = 0.5 ** (1 / MEMORY_SESSIONS)
    for i, (day, at) in enumerate(zip(weekdays, places, strict=True)):
        seen_before = counts[:, at].sum(axis=0)
        overall = np.divide(sums[:, at].sum(axis=0), seen_before, out=np.ones(HOURS), where=seen_before > 0)
        factors[i] = (sums[day, at] + PRIOR_SESSIONS * overall) / (counts[day, at] + PRIOR_SESSIONS)
        factors[i] = np.maximum(factors[i], LEAST_FACTOR)
        recent = daily[max(0, i - 7) : i]
        recent = recent[np.isfinite(recent)]
        if i < 7 or not len(recent) or not daily[i] > 0:
            continue
        seen = np.minimum(hours[i] / (0.5 * recent.mean() + 0.5 * daily[i]), CAP)
        sums, counts = sums * fade, counts * fade
        sums[day, at] += np.where(np.isfinite(seen), seen, 1.0)
        counts[day, at] += 1
    return factors


def _row_means(values: FloatArray) -> FloatArray:
    """Mean of each row's finite values; NaN for rows without any."""
    finite = np.isfinite(values)
    count = finite.sum(axis=1)
    total = np.where(finite, values, 0.0).sum(axis=1)
    mean: FloatArray = np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
    return mean


def remaining_factor(factors: FloatArray) -> FloatArray:
    """(S, 25) root of the sum of squared seasonal factors of hours k to 23."""
    squares = np.concatenate([factors**2, np.zeros_like(factors[:, :1])], axis=1)
    return np.asarray(np.sqrt(np.cumsum(squares[:, ::-1], axis=1)[:, ::-1]), dtype=np.float64)
