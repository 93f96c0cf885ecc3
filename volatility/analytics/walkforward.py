"""Walk-forward scores of the odds and of the forecast: every session judged by what was known before it.

Forecasts made so are hindcasts. The odds are measured against climatology, the unconditional distribution: the final
values of the last 365 sessions, the same at every elapsed hour.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from volatility.analytics.baselines import ewma, har, previous, trailing_mean
from volatility.analytics.distribution import Distribution, from_samples, nested_intervals
from volatility.analytics.features import LAST_HOURS, LEVEL_CENTRE
from volatility.analytics.forecast import VarianceHindcasts, variance_distribution
from volatility.analytics.numerics import TIE
from volatility.analytics.odds import POOL_HOURS, OddsModel, PathLibrary, SessionState, elapsed_factor, fit_odds
from volatility.analytics.paths import HOURS
from volatility.analytics.recalibration import Judged, Recalibration
from volatility.analytics.scores import (
    covers,
    crps,
    pinball,
    pit_bounds,
)
from volatility.domain.metrics import METRICS, RANGE, SCORED_HOURS, THRESHOLD_LEVELS, Metric

if TYPE_CHECKING:
    from volatility.analytics.features import FeatureTable
    from volatility.analytics.panel import HourlyPanel
    from volatility.domain.arrays import BoolArray, FloatArray, IntArray

CLIMATOLOGY_SESSIONS = 365
PINBALL_LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
REFERENCE, OURS = "HAR", "this forecast"  # of realised variance


@dataclass(frozen=True)
class OddsScores:
    """Scores of the odds of one metric ("volatility" or "range") at one elapsed hour, for each of N sessions.

    `session` (N): index in the panel. In percent of the open, (N) each: `crps`, `climatology_crps`, `pinball`,
    `climatology_pinball`, and `mean`, what the forecast expected. `no_growth` (N): the probability that Range grows no
    more, NaN for Vol. `surprise` (N): the log range of the last hour over the one that was expected, NaN where unknown.
    `levels` (N, 3): at which the 50, 80 and 90 % intervals were asked for. `pit` (N, 2): P(X < outcome) and
    P(X <= outcome). `covered`, `assigned_probability`, `equal_tailed` (N, 3): whether it held the outcome, the
    probability that the forecast assigned to it, and whether the one with equal tails held it. `odds`, `exceeded`
    (N, 5): predicted probabilities that the outcome exceeds five quantiles of climatology, and whether it did.
    """

    metric: str
    elapsed: int
    session: IntArray
    crps: FloatArray
    climatology_crps: FloatArray
    pinball: FloatArray
    climatology_pinball: FloatArray
    mean: FloatArray
    no_growth: FloatArray
    surprise: FloatArray
    levels: FloatArray
    pit: FloatArray
    covered: FloatArray
    assigned_probability: FloatArray
    equal_tailed: FloatArray
    odds: FloatArray
    exceeded: BoolArray


def known_hours(panel: HourlyPanel, index: int, hour: int) -> int:
    """Of the first `hour` hours of a session those up to the last candle: of a gap after it nothing is known."""
    return int(np.max(np.flatnonzero(panel.present[index, :hour]) + 1, initial=0))


def past_state(panel: HourlyPanel, table: FeatureTable, model: OddsModel, index: int, hour: int) -> SessionState:
    """State of a past session after `hour` hours, the last of which has a candle, from the panel."""
    level = float(np.exp(table.rows[index, hour] @ model.coefficients[hour]))
    left = float(table.remaining[index, hour])
    return SessionState(
        elapsed=float(hour),
        open=float(panel.session_open[index]),
        price=float(panel.price[index, hour]),
        high=float(panel.running_high[index, hour]),
        low=float(panel.running_low[index, hour]),
        weekday=int(panel.weekdays[index]),
        scale=level * left,
        past_scale=level * float(elapsed_factor(float(table.remaining[index, 0]), left)),
    )


class OddsWalk(NamedTuple):
    """The scores of some sessions, and `recalibrations`: what each of them starts with, and the one after them."""

    scores: list[OddsScores]
    recalibrations: list[Recalibration]


def score_odds(
    panel: HourlyPanel,
    table: FeatureTable,
    library: PathLibrary,
    first: int,
    start: Recalibration,
    *,
    hours: tuple[int, ...] = SCORED_HOURS,
) -> OddsWalk:
    """Scores of the odds of Vol and Range at each elapsed hour, over all sessions of 24 hours from `first` on.

    `start`: what session `first` starts with. Only scores at all of `SCORED_HOURS` teach the sessions after them.
    """
    rows: dict[tuple[str, int], list[_Row]] = {(metric.name, h): [] for h in hours for metric in METRICS}
    recalibrations = [start]
    for index in range(first, len(panel)):
        learnt = recalibrations[-1]
        scored = panel.exists[index] and panel.hours[index] == HOURS
        known_at = {hour: known_hours(panel, index, hour) for hour in hours}
        needed = sorted({k for at in known_at.values() for k in range(HOURS) if abs(k - at) < POOL_HOURS})
        model = fit_odds(library, index, needed) if scored else None
        if model is None:
            recalibrations.append(learnt)
            continue
        climatology = {metric: _climatology(_finals(panel, metric), index) for metric in METRICS}
        scales: list[float] = []
        for hour in hours:
            state = past_state(panel, table, model, index, known_at[hour])
            scales.append(state.scale)
            odds = model.finals(state, learnt)
            surprise = surprise_at(panel, table, index, hour)
            for place, metric in enumerate(METRICS):
                outcome = float(_finals(panel, metric)[index])
                none = no_growth(odds.range, state) if metric == RANGE else math.nan
                levels = odds.levels[place]
                row = _row(
                    index,
                    odds.of(metric),
                    climatology[metric],
                    outcome,
                    levels=levels,
                    no_growth=none,
                    surprise=surprise,
                )
                rows[metric.name, hour].append(row)
        recalibrations.append(learnt.after(_judged(rows, panel, index, scales[0])) if hours == SCORED_HOURS else learnt)
    return OddsWalk(
        [_odds_scores(metric, hour, found) for (metric, hour), found in rows.items() if found], recalibrations
    )


def surprise_at(panel: HourlyPanel, table: FeatureTable, index: int, hour: int) -> float:
    """The log range of the last closed hour over the one that was expected before it; NaN at the open or in a gap."""
    if hour == 0:
        return math.nan
    last = hour - 1
    expected = math.exp(table.rows[index, last, LAST_HOURS] + LEVEL_CENTRE) * table.factors[index, last]
    return float(np.log(panel.high[index, last] / panel.low[index, last]) / expected)


def no_growth(ranges: Distribution, state: SessionState) -> float:
    """The probability that Range grows no more: that the final one is the one so far."""
    return ranges.at_most((state.high - state.low) / state.open * 100 + TIE)


def _judged(rows: dict[tuple[str, int], list[_Row]], panel: HourlyPanel, index: int, scale: float) -> Judged:
    """How the odds of the session that was scored last came out; `scale` as in `Judged`."""
    last = [[rows[metric.name, hour][-1] for hour in SCORED_HOURS] for metric in METRICS]
    return Judged(
        scale=scale,
        mean=np.array([[row.mean for row in of_metric] for of_metric in last]),
        outcome=np.array([float(_finals(panel, metric)[index]) for metric in METRICS]),
        no_growth=np.array([row.no_growth for row in last[METRICS.index(RANGE)]]),
        pit=np.array([[row.pit for row in of_metric] for of_metric in last]),
    )


def _finals(panel: HourlyPanel, metric: Metric) -> FloatArray:
    """(S) final values of a metric, percent of the open."""
    return panel.range_pct if metric == RANGE else panel.volatility_pct


def _climatology(values: FloatArray, index: int) -> Distribution:
    """Distribution of the last 365 sessions' final values."""
    recent = values[max(0, index - CLIMATOLOGY_SESSIONS) : index]
    return from_samples(recent[np.isfinite(recent)])


@dataclass(frozen=True)
class _Row:
    session: int
    scores: tuple[float, float, float, float]
    mean: float
    no_growth: float
    surprise: float
    levels: list[float]
    pit: tuple[float, float]
    covered: list[bool]
    assigned_probability: list[float]
    equal_tailed: list[bool]
    odds: list[float]
    exceeded: list[bool]


def _row(
    session: int,
    forecast: Distribution,
    climatology: Distribution,
    outcome: float,
    *,
    levels: FloatArray,
    no_growth: float,
    surprise: float,
) -> _Row:
    """Score one forecast of one outcome beside climatology; its intervals are asked for at `levels` (3)."""
    asked = [float(level) for level in levels]
    intervals = nested_intervals(forecast, asked)
    tails = [(forecast.quantile((1 - level) / 2), forecast.quantile((1 + level) / 2)) for level in asked]
    thresholds = climatology.quantiles(THRESHOLD_LEVELS)
    return _Row(
        session,
        (
            crps(forecast, outcome),
            crps(climatology, outcome),
            _pinballs(forecast, outcome),
            _pinballs(climatology, outcome),
        ),
        forecast.mean,
        no_growth,
        surprise,
        asked,
        pit_bounds(forecast, outcome),
        [covers(interval.low, interval.high, outcome) for interval in intervals],
        [interval.probability for interval in intervals],
        [covers(low, high, outcome) for low, high in tails],
        [forecast.exceeds(threshold) for threshold in thresholds],
        [outcome > threshold for threshold in thresholds],
    )


def _pinballs(forecast: Distribution, outcome: float) -> float:
    """Mean pinball loss over seven levels."""
    return float(np.mean([pinball(forecast.quantile(level), outcome, level) for level in PINBALL_LEVELS]))


def _odds_scores(metric: str, elapsed: int, rows: list[_Row]) -> OddsScores:
    scores = np.array([row.scores for row in rows])
    return OddsScores(
        metric,
        elapsed,
        np.array([row.session for row in rows]),
        *(scores[:, 0], scores[:, 1], scores[:, 2], scores[:, 3]),
        np.array([row.mean for row in rows]),
        np.array([row.no_growth for row in rows]),
        np.array([row.surprise for row in rows]),
        np.array([row.levels for row in rows]),
        np.array([row.pit for row in rows]),
        np.array([row.covered for row in rows], dtype=np.float64),
        np.array([row.assigned_probability for row in rows]),
        np.array([row.equal_tailed for row in rows], dtype=np.float64),
        np.array([row.odds for row in rows]),
        np.array([row.exceeded for row in rows]),
    )


def baseline_variance_forecasts(panel: HourlyPanel, first: int) -> dict[str, FloatArray]:
    """The baselines that the forecast is measured against, by name: forecasts (S), those of HAR from `first` on."""
    realised = panel.realised_variance
    return {
        "previous session": previous(realised),
        "mean of 30 sessions": trailing_mean(realised),
        "EWMA, 0.94": ewma(realised),
        REFERENCE: har(realised, first=first),
        "HAR and Saturday": har(realised, panel.weekdays, first),
    }


def variance_forecasts(panel: HourlyPanel, hindcasts: VarianceHindcasts, first: int) -> dict[str, FloatArray]:
    """Forecasts (S) of every session's realised variance from `first` on, by name."""
    ours = np.full(len(panel), np.nan)
    for index in range(first, len(panel)):
        forecast = variance_distribution(hindcasts, index)
        ours[index] = np.nan if forecast is None else forecast.mean
    return baseline_variance_forecasts(panel, first) | {OURS: ours}
