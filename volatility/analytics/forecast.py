"""Forecast of the next session, made at its open: realised variance, Vol and Range with their distributions.

Realised variance (the sum of hourly Garman-Klass terms, squared log units) is forecast by the regression of `features`
on log scale, refitted before every session on earlier ones. Comparing the hindcasts of earlier sessions with their
outcomes gives two things: the correction of the logarithm's bias (smearing, Duan 1983), and the distribution. Vol and
Range are the `odds` at elapsed time 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from volatility.analytics.distribution import Distribution, from_samples
from volatility.analytics.features import FeatureTable
from volatility.analytics.numerics import MEMORY_SESSIONS, decay_weights
from volatility.analytics.odds import MIN_SESSIONS, PathLibrary, SessionState, fit_odds
from volatility.analytics.recalibration import Recalibration
from volatility.analytics.regression import fitted_levels, walk_forward
from volatility.analytics.variance import SESSIONS_PER_YEAR
from volatility.domain.arrays import FloatArray

if TYPE_CHECKING:
    from volatility.analytics.panel import HourlyPanel


@dataclass(frozen=True)
class VarianceHindcasts:
    """Hindcasts: what would have been forecast of every session at its open (S each).

    `scale`: root of the variance forecast before the correction. `ratio`: realised variance / scale^2.
    """

    scale: FloatArray
    ratio: FloatArray

    def count(self, index: int) -> int:
        """How many have an outcome before session `index`: what a forecast of it can rest on."""
        return int(np.isfinite(self.ratio[:index]).sum())


@dataclass(frozen=True)
class SessionForecast:
    """Forecast of one session at its open.

    `variance`: expected realised variance, squared log units. `realised_volatility_pct`: distribution of its root in
    percent for the session. `annualised_pct`: 100 sqrt(365 variance). `volatility`, `range`: percent of the open.
    `n`: hindcasts that it rests on.
    """

    variance: float
    realised_volatility_pct: Distribution
    annualised_pct: float
    volatility: Distribution
    range: Distribution
    n: int


def variance_hindcasts(panel: HourlyPanel, table: FeatureTable) -> VarianceHindcasts:
    """Hindcast every session's realised variance at its open; NaN where history is too short or there is no outcome."""
    rows = table.rows[:, :1]
    coefficients = walk_forward(rows, table.rv_target[:, None])
    scale = fitted_levels(rows, coefficients)[:, 0] * table.remaining[:, 0]
    ratio = np.where(np.isfinite(table.rv_target), panel.realised_variance, np.nan) / scale**2
    return VarianceHindcasts(scale, ratio)


def variance_distribution(hindcasts: VarianceHindcasts, index: int) -> Distribution | None:
    """Predictive distribution of session `index`'s realised variance from earlier sessions; None below 180 of them."""
    past = hindcasts.ratio[:index]
    usable = np.isfinite(past)
    if usable.sum() < MIN_SESSIONS or not np.isfinite(hindcasts.scale[index]):
        return None
    weight = decay_weights(index, MEMORY_SESSIONS)[usable]
    return from_samples(past[usable] * hindcasts.scale[index] ** 2, weight)


def forecast_session(
    table: FeatureTable, library: PathLibrary, hindcasts: VarianceHindcasts, index: int, recalibration: Recalibration
) -> SessionForecast | None:
    """Forecast session `index` of the panel at its open, from the sessions before it; None where they are too few.

    `recalibration`: what the session starts with.
    """
    variance = variance_distribution(hindcasts, index)
    model = fit_odds(library, index, hours=range(3))
    if variance is None or model is None:
        return None
    scale = float(np.exp(table.rows[index, 0] @ model.coefficients[0]) * table.remaining[index, 0])
    unit = 100.0
    state = SessionState(0.0, unit, unit, unit, unit, int(table.weekdays[index]), scale, 0.0)
    odds = model.predict(state, recalibration)
    root = Distribution(100 * np.sqrt(variance.values), variance.cumulative)
    return SessionForecast(
        variance=variance.mean,
        realised_volatility_pct=root,
        annualised_pct=100 * math.sqrt(SESSIONS_PER_YEAR * variance.mean),
        volatility=odds.volatility,
        range=odds.range,
        n=hindcasts.count(index),
    )
