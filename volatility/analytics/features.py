"""What is known about volatility after k closed hours of a session, for every session and every k at once.

Unit of everything here: the log range u = ln(high / low) of an hour. It is the most robust of the hourly measures
(Parkinson 1980), and averages of u rather than of u squared are not thrown off by single crashes (power variation,
Forsberg and Ghysels 2007). Nothing in row (i, k) uses a candle that closes after k hours of session i.

The regressors of row (i, k), a HAR regression (Corsi 2009) on the hourly clock:
    1; log of the moving average of u / (seasonal factor) with half-lives of 2, 24 and 240 hours; Friday, Saturday and
    Sunday; the fall of the last 7 days in units of its expected size, 0 for a rise (leverage); the average target of
    the last sessions at the same k.
The target: log of (log range of the remaining hours / expected by the season), `odds` scales paths by its forecasts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from volatility.analytics.paths import HOURS, SessionPaths, session_paths
from volatility.analytics.season import remaining_factor, season_hours, seasonal_factors

if TYPE_CHECKING:
    from volatility.analytics.panel import HourlyPanel
    from volatility.domain.arrays import FloatArray, IntArray

HALF_LIVES = (2.0, 24.0, 240.0)  # hours
DAY_LEVEL = 1  # the half-life of a day among them
LAST_HOURS = 1  # the regressor of the shortest half-life
SAME_HOUR_SESSIONS = 5.0  # half-life of the average target at the same hour
LEVEL_CENTRE = -4.5  # log of 1.1 %: keeps regressors near zero, so that the ridge is small for all of them
LEVERAGE_HOURS = 168
WEEKDAY_DUMMIES = (4, 5, 6)
OUTLIER = 1.5  # log units by which a target may differ from the day's level
FLOOR = 1e-5  # log range below which an hour counts as flat


@dataclass(frozen=True)
class FeatureTable:
    """Causal regressors and targets of every session and elapsed hour.

    Attributes:
        rows: (S, 24, K) regressors after k closed hours; NaN where history is too short.
        factors: (S, 24) seasonal factor of each hour's log range, learnt from earlier sessions; about 1 on average.
        remaining: (S, 25) root of the sum of squared factors from hour k on; 0 at the end.
        target: (S, 24) what the regression explains; NaN for sessions that lack a later candle or have not 24 hours.
        rv_target: (S) the same for the root of the session's realised variance, at k = 0.
        weekdays: (S) of the sessions.
        paths: what happened before and after each hour; the only part that looks ahead.
    """

    rows: FloatArray
    factors: FloatArray
    remaining: FloatArray
    target: FloatArray
    rv_target: FloatArray
    weekdays: IntArray
    paths: SessionPaths


@dataclass(frozen=True)
class Average:
    """State of an exponentially weighted mean: weighted sum and sum of weights."""

    total: float = 0.0
    weight: float = 0.0


def moving_average(values: FloatArray, half_life: float, start: Average) -> tuple[FloatArray, Average]:
    """Exponentially weighted mean before each value and after the last (length T + 1), and the state to go on from.

    NaN values are skipped without ageing the rest; the result is NaN while nothing has been seen.
    """
    fade = 0.5 ** (1 / half_life)
    total, weight = start.total, start.weight
    means = [total / weight if weight else float("nan")]
    for value in values.tolist():
        if not math.isnan(value):
            total = fade * total + (1 - fade) * value
            weight = fade * weight + (1 - fade)
        means.append(total / weight if weight else float("nan"))
    return np.asarray(means), Average(total, weight)


def log_level(means: FloatArray) -> FloatArray:
    """Centred log of an average log range: a regressor."""
    return np.asarray(np.log(np.maximum(means, FLOOR)) - LEVEL_CENTRE, dtype=np.float64)


def leverage(price: FloatArray, past_price: FloatArray, slow_level: FloatArray) -> FloatArray:
    """Fall of the log price in the last 168 hours, in units of what the slow level would expect; 0 for a rise."""
    expected = np.exp(slow_level + LEVEL_CENTRE) * np.sqrt(LEVERAGE_HOURS)
    return np.asarray(np.fmin(np.log(price / past_price), 0.0) / expected, dtype=np.float64)


def weekday_dummies(weekdays: IntArray) -> FloatArray:
    """(S, 3) whether the session starts on Friday, Saturday, Sunday."""
    return np.asarray(weekdays[:, None] == np.array(WEEKDAY_DUMMIES), dtype=np.float64)


def same_hour_average(targets: FloatArray) -> FloatArray:
    """(S, 24) centred decayed mean of earlier sessions' targets at the same hour; 0 before the first."""
    fade = 0.5 ** (1 / SAME_HOUR_SESSIONS)
    total, weight = np.zeros(HOURS), np.zeros(HOURS)
    result = np.zeros_like(targets)
    for i, row in enumerate(targets):
        np.divide(total, weight, out=result[i], where=weight > 0)
        result[i] -= np.where(weight > 0, LEVEL_CENTRE, 0.0)
        finite = np.isfinite(row)
        total = fade * total + np.where(finite, row, 0.0)
        weight = fade * weight + finite
    return result


def feature_table(panel: HourlyPanel) -> FeatureTable:
    """Compute all regressors and targets of a panel; row i uses candles of session i and earlier ones only."""
    if panel.width < HOURS:
        message = f"sessions of {HOURS} hours are modelled, the longest given has {panel.width}"
        raise ValueError(message)
    log_ranges = np.log(panel.high / panel.low)
    factors = seasonal_factors(log_ranges, panel.weekdays, season_hours(panel.starts_ms))
    remaining = remaining_factor(factors)
    levels, leverages = _levels(panel, log_ranges, factors)
    paths = session_paths(panel)
    target = _target(panel, paths.high - paths.low, remaining[:, :HOURS], levels[:, :, DAY_LEVEL])
    root_variance = np.sqrt(panel.realised_variance)
    rv_target = np.log(np.maximum(root_variance, FLOOR) / remaining[:, 0])
    dummies = np.broadcast_to(weekday_dummies(panel.weekdays)[:, None, :], (len(panel), HOURS, len(WEEKDAY_DUMMIES)))
    ones = np.ones((len(panel), HOURS, 1))
    same_hour = same_hour_average(target)
    rows = np.concatenate([ones, levels, dummies, leverages[:, :, None], same_hour[:, :, None]], axis=2)
    rv_target = np.where(np.isfinite(target[:, 0]), rv_target, np.nan)
    return FeatureTable(rows, factors, remaining, target, rv_target, panel.weekdays, paths)


def _target(panel: HourlyPanel, ahead: FloatArray, season: FloatArray, level: FloatArray) -> FloatArray:
    """Regression target, clipped to within `OUTLIER` of the day's level; NaN where a later candle is missing."""
    lacking = np.cumsum((~panel.present[:, HOURS - 1 :: -1]), axis=1)[:, ::-1]
    usable = (lacking == 0) & (panel.hours == HOURS)[:, None]
    raw = np.log(np.maximum(np.where(usable, ahead, 1.0), FLOOR) / season)
    centre = level + LEVEL_CENTRE
    return np.where(usable, np.clip(raw, centre - OUTLIER, centre + OUTLIER), np.nan)


def _levels(panel: HourlyPanel, log_ranges: FloatArray, factors: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(S, 24, 3) log levels and (S, 24) leverage after k closed hours, on the hourly time line of all sessions."""
    slots = np.minimum(np.arange(panel.width), HOURS - 1)
    line = (log_ranges / factors[:, slots])[panel.scheduled]
    prices = panel.price[:, 1:][panel.scheduled]
    prices = np.concatenate([panel.session_open[:1], carry_forward(prices)])  # after 0, 1, 2 ... hours of all
    starts = np.cumsum(panel.hours) - panel.hours
    at = starts[:, None] + np.minimum(np.arange(HOURS), panel.hours[:, None])
    levels = np.stack([log_level(moving_average(line, h, Average())[0])[at] for h in HALF_LIVES], axis=2)
    past = prices[np.maximum(at - LEVERAGE_HOURS, 0)]
    return levels, leverage(prices[at], past, levels[:, :, -1])


def carry_forward(values: FloatArray) -> FloatArray:
    """Replace NaN by the last finite value before it; leading NaN stay."""
    index = np.where(np.isfinite(values), np.arange(len(values)), 0)
    return values[np.maximum.accumulate(index)]
