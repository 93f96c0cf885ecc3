"""The session cone: the usual |price - open| and Range so far after each hour, and where today stands among them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from volatility.analytics.numerics import TIE
from volatility.domain.arrays import FloatArray
from volatility.domain.metrics import CONE_LEVELS

if TYPE_CHECKING:
    from volatility.analytics.panel import HourlyPanel


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
    without candles are left out. A missing hour keeps the price before it. Quantiles interpolate linearly.
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

    Between two full hours the share is interpolated linearly. Before the first hour has passed, a past
    session counts with its value after that hour times the root of the time that has passed, as in a diffusion. At the
    very start there is nothing to compare, and the shares are None. Sessions that are over by then don't count.
    """
    recent = panel[-lookback:] if lookback else panel
    at = min(max(elapsed, 0.0), float(panel.width))
    usable = recent.exists & (recent.hours >= math.ceil(at))
    n = int(usable.sum())
    if at == 0:
        return ElapsedPercentile(elapsed, None, None, n)
    vol = _share(recent.vol_path_pct[usable], volatility_pct, at)
    return ElapsedPercentile(elapsed, vol, _share(recent.range_path_pct[usable], range_pct, at), n)


def _share(paths: FloatArray, value: float, at: float) -> float | None:
    """Share of paths at or below the value after `at` hours; None without paths."""
    if not len(paths):
        return None
    if at < 1:
        return float((paths[:, 1] * math.sqrt(at) <= value + TIE).mean())
    hour = min(int(at), paths.shape[1] - 2)
    before, after = (paths[:, hour : hour + 2] <= value + TIE).mean(axis=0)
    return float((hour + 1 - at) * before + (at - hour) * after)
