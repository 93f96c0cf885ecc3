"""The session cone: the usual |price - open| and running Range after each hour, and where today stands among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from volatility.analytics.arrays import FloatArray, finite_or_none

if TYPE_CHECKING:
    from volatility.analytics.panel import HourlyPanel

CONE_LEVELS = (0.10, 0.25, 0.50, 0.75, 0.90)


@dataclass(frozen=True)
class ConeHour:
    """Quantiles p10, p25, p50, p75, p90 after `elapsed` closed hours, percent of the open; None where n is 0."""

    elapsed: int
    volatility: tuple[float | None, ...]
    range: tuple[float | None, ...]
    n: int


def session_cone(panel: HourlyPanel, lookback: int | None = None) -> list[ConeHour]:
    """Quantiles of Vol and Range so far after 1, 2, ... hours over the last `lookback` closed sessions.

    `panel` holds closed sessions only, oldest first; `lookback` counts calendar sessions (all by default). Sessions
    without candles are left out, and a missing hour stands at the price before it. Linear interpolation.
    """
    recent = panel[-lookback:] if lookback else panel
    return [_cone_hour(recent, hour) for hour in range(1, panel.width + 1)]


def _cone_hour(panel: HourlyPanel, hour: int) -> ConeHour:
    usable = panel.exists & (panel.hours >= hour)
    volatility = _quantiles(panel.vol_path_pct[usable, hour])
    return ConeHour(hour, volatility, _quantiles(panel.range_path_pct[usable, hour]), int(usable.sum()))


def _quantiles(values: FloatArray) -> tuple[float | None, ...]:
    if not len(values):
        return (None,) * len(CONE_LEVELS)
    return tuple(float(q) for q in np.quantile(values, CONE_LEVELS))


@dataclass(frozen=True)
class ElapsedPercentile:
    """Share (0 to 1) of past sessions at or below today's Vol and Range at the same elapsed time; None where n is 0."""

    elapsed: float
    volatility: float | None
    range: float | None
    n: int


def percentile_by_elapsed(
    panel: HourlyPanel, elapsed: float, volatility_pct: float, range_pct: float, lookback: int | None = None
) -> ElapsedPercentile:
    """Rank today's Vol and Range so far (percent of the open) among past sessions at the same elapsed time.

    Between two full hours the share is interpolated linearly between theirs; before the first hour has passed, past
    sessions stand at zero, so the share at 0 is 1 only for what is at most 0.
    """
    recent = panel[-lookback:] if lookback else panel
    at = min(max(elapsed, 0.0), float(panel.width))
    hour = min(int(at), panel.width - 1)
    part = at - hour
    usable = recent.exists & (recent.hours >= min(hour + 1, panel.width))
    vol = _share(recent.vol_path_pct[usable], volatility_pct, hour, part)
    ranged = _share(recent.range_path_pct[usable], range_pct, hour, part)
    return ElapsedPercentile(elapsed, vol, ranged, int(usable.sum()))


def _share(paths: FloatArray, value: float, hour: int, part: float) -> float | None:
    """Interpolated share of paths at or below the value at hour + part; None without paths."""
    if not len(paths):
        return None
    before, after = (paths[:, hour : hour + 2] <= value).mean(axis=0)
    return finite_or_none(float((1 - part) * before + part * after))
