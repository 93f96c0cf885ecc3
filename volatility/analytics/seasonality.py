"""Weekday by elapsed hour: when the range is made; and each weekday's Vol and Range with bootstrap intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from volatility.analytics.panel import HourlyPanel
    from volatility.domain.arrays import FloatArray

RESAMPLES = 1000
SEED = 20170817  # any fixed number: the same history gives the same intervals


@dataclass(frozen=True)
class HourSeason:
    """One hour of the sessions of one weekday (0 is Monday); None where n is 0.

    `mean_range_pct`, `median_range_pct`: the hour's (high - low) / open * 100 over n candles. `variance_share`: mean
    share (0 to 1) of the session's Garman-Klass variance that falls into this hour, over complete sessions.
    """

    weekday: int
    elapsed: int
    mean_range_pct: float | None
    median_range_pct: float | None
    variance_share: float | None
    n: int


@dataclass(frozen=True)
class Total:
    """Mean and median of a weekday's values with 95 % intervals, percent of the open; None where n is 0."""

    mean: float | None
    mean_interval: tuple[float, float] | None
    median: float | None
    median_interval: tuple[float, float] | None


@dataclass(frozen=True)
class WeekdayTotal:
    """Vol and Range of n sessions that start on one weekday."""

    weekday: int
    volatility: Total
    range: Total
    n: int


def hourly_seasonality(panel: HourlyPanel, lookback: int | None = 730) -> list[HourSeason]:
    """Every weekday and hour over the last `lookback` closed sessions (all for None)."""
    recent = panel[-lookback:] if lookback else panel
    ranges = (recent.high - recent.low) / recent.open * 100
    shares = variance_shares(recent)
    return [
        _hour_season(day, hour, ranges[recent.weekdays == day, hour], shares[recent.weekdays == day, hour])
        for day in range(7)
        for hour in range(panel.width)
    ]


def variance_shares(panel: HourlyPanel) -> FloatArray:
    """(S, H) share of the session's Garman-Klass variance by hour; NaN for incomplete and for flat sessions."""
    total = panel.realised_variance
    usable = panel.complete & (total > 0)
    return np.where(usable[:, None], panel.hourly_variance / np.where(usable, total, 1.0)[:, None], np.nan)


def variance_ahead(panel: HourlyPanel, lookback: int | None = 730) -> list[FloatArray | None]:
    """By weekday, Monday first: the (H + 1) mean share of the session's variance still to come after k hours.

    Over the complete sessions among the last `lookback` closed ones (all for None), 1 at k = 0 and 0 at k = H; None
    for a weekday without any. Where these are all of one length it is the sum of `variance_share` from hour k on. An
    hour that a shorter session does not have adds nothing to it.
    """
    recent = panel[-lookback:] if lookback else panel
    shares = variance_shares(recent)
    usable = np.isfinite(shares).any(axis=1)
    return [_ahead(shares[usable & (recent.weekdays == day)]) for day in range(7)]


def _ahead(shares: FloatArray) -> FloatArray | None:
    """The mean over sessions of what lies behind each hour's start; shares (n, H), NaN where a session has no hour."""
    if not len(shares):
        return None
    mean = np.nan_to_num(shares).mean(axis=0)
    return np.append(np.cumsum(mean[::-1])[::-1], 0.0)


def _hour_season(weekday: int, hour: int, ranges: FloatArray, shares: FloatArray) -> HourSeason:
    ranges, shares = ranges[np.isfinite(ranges)], shares[np.isfinite(shares)]
    return HourSeason(
        weekday=weekday,
        elapsed=hour,
        mean_range_pct=float(ranges.mean()) if len(ranges) else None,
        median_range_pct=float(np.median(ranges)) if len(ranges) else None,
        variance_share=float(shares.mean()) if len(shares) else None,
        n=len(ranges),
    )


def weekday_totals(panel: HourlyPanel, lookback: int | None = 730) -> list[WeekdayTotal]:
    """Vol and Range by weekday over the last `lookback` closed sessions (all for None), Monday first."""
    recent = panel[-lookback:] if lookback else panel
    return [_weekday_total(recent, day) for day in range(7)]


def _weekday_total(panel: HourlyPanel, day: int) -> WeekdayTotal:
    chosen = panel.exists & (panel.weekdays == day)
    volatility = bootstrap_total(panel.volatility_pct[chosen])
    return WeekdayTotal(day, volatility, bootstrap_total(panel.range_pct[chosen]), int(chosen.sum()))


def bootstrap_total(values: FloatArray, resamples: int = RESAMPLES, seed: int = SEED) -> Total:
    """Mean and median with 95 % percentile-bootstrap intervals (Efron 1979), 1000 resamples, fixed seed.

    Sessions of one weekday lie a week apart, so they are resampled as independent ones.
    """
    if not len(values):
        return Total(None, None, None, None)
    draws = values[np.random.default_rng(seed).integers(0, len(values), (resamples, len(values)))]
    means, medians = draws.mean(axis=1), np.median(draws, axis=1)
    return Total(float(values.mean()), _interval(means), float(np.median(values)), _interval(medians))


def _interval(draws: FloatArray) -> tuple[float, float]:
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)
