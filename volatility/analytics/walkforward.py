"""Walk-forward scores of the odds and of the forecast: every session judged by what was known before it.

Forecasts made so are hindcasts. The odds are measured against climatology, the unconditional distribution: the final
values of the last 365 sessions, the same at every elapsed hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from volatility.analytics.baselines import ewma, har, previous, trailing_mean
from volatility.analytics.distribution import Distribution, from_samples
from volatility.analytics.forecast import VarianceHindcasts, variance_distribution
from volatility.analytics.odds import POOL_HOURS, OddsModel, PathLibrary, SessionState, elapsed_factor, fit_odds
from volatility.analytics.paths import HOURS
from volatility.analytics.scores import (
    DieboldMariano,
    covers,
    crps,
    diebold_mariano,
    pinball,
    pit_bounds,
    qlike,
    randomised_coverage,
)
from volatility.domain.metrics import INTERVAL_LEVELS, THRESHOLD_LEVELS

if TYPE_CHECKING:
    from volatility.analytics.features import FeatureTable
    from volatility.analytics.panel import HourlyPanel
    from volatility.domain.arrays import BoolArray, FloatArray, IntArray

CLIMATOLOGY_SESSIONS = 365
PINBALL_LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
REFERENCE, OURS = "HAR", "this forecast"  # of realised variance
CERTAIN = 1e-9  # odds this close to 0 or 1 state what has already happened


@dataclass(frozen=True)
class OddsScores:
    """Scores of the odds of one metric ("volatility" or "range") at one elapsed hour, for each of N sessions.

    `session` (N) index in the panel; `crps`, `climatology_crps`, `pinball`, `climatology_pinball` (N), percent of the
    open; `pit` (N, 2); `covered`, `assigned_probability`, `equal_tailed` (N, 3) for the 50, 80 and 90 % intervals:
    whether the interval held the outcome, the probability that the forecast assigned to it, and whether the one with
    equal tails held it; `odds` and `exceeded` (N, 5): predicted probabilities that the outcome exceeds five quantiles
    of climatology, and whether it did.
    """

    metric: str
    elapsed: int
    session: IntArray
    crps: FloatArray
    climatology_crps: FloatArray
    pinball: FloatArray
    climatology_pinball: FloatArray
    pit: FloatArray
    covered: FloatArray
    assigned_probability: FloatArray
    equal_tailed: FloatArray
    odds: FloatArray
    exceeded: BoolArray


def past_state(panel: HourlyPanel, table: FeatureTable, model: OddsModel, index: int, hour: int) -> SessionState:
    """State of a past session after `hour` closed hours, from the panel."""
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


def score_odds(
    panel: HourlyPanel, table: FeatureTable, library: PathLibrary, first: int, hours: tuple[int, ...] = (0, 6, 12, 18)
) -> list[OddsScores]:
    """Scores of the odds of Vol and Range at each elapsed hour, over all sessions of 24 hours from `first` on."""
    needed = sorted({k for hour in hours for k in range(HOURS) if abs(k - hour) < POOL_HOURS})
    rows: dict[tuple[str, int], list[_Row]] = {(m, h): [] for h in hours for m in ("volatility", "range")}
    for index in range(first, len(panel)):
        scored = panel.exists[index] and panel.hours[index] == HOURS
        model = fit_odds(library, index, needed) if scored else None
        if model is None:
            continue
        climatology = {
            "volatility": _climatology(panel.volatility_pct, index),
            "range": _climatology(panel.range_pct, index),
        }
        for hour in hours:
            odds = model.finals(past_state(panel, table, model, index, hour))
            for metric, outcome in _final(panel, index).items():
                rows[metric, hour].append(_row(index, odds[metric], climatology[metric], outcome))
    return [_odds_scores(metric, hour, found) for (metric, hour), found in rows.items() if found]


def _final(panel: HourlyPanel, index: int) -> dict[str, float]:
    return {"volatility": float(panel.volatility_pct[index]), "range": float(panel.range_pct[index])}


def _climatology(values: FloatArray, index: int) -> Distribution:
    """Distribution of the last 365 sessions' final values."""
    recent = values[max(0, index - CLIMATOLOGY_SESSIONS) : index]
    return from_samples(recent[np.isfinite(recent)])


@dataclass(frozen=True)
class _Row:
    session: int
    scores: tuple[float, float, float, float]
    pit: tuple[float, float]
    covered: list[bool]
    assigned_probability: list[float]
    equal_tailed: list[bool]
    odds: list[float]
    exceeded: list[bool]


def _row(session: int, forecast: Distribution, climatology: Distribution, outcome: float) -> _Row:
    """Score one forecast of one outcome beside climatology."""
    intervals = [forecast.interval(level) for level in INTERVAL_LEVELS]
    tails = [(forecast.quantile((1 - level) / 2), forecast.quantile((1 + level) / 2)) for level in INTERVAL_LEVELS]
    thresholds = climatology.quantiles(THRESHOLD_LEVELS)
    return _Row(
        session,
        (
            crps(forecast, outcome),
            crps(climatology, outcome),
            _pinballs(forecast, outcome),
            _pinballs(climatology, outcome),
        ),
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
        np.array([row.pit for row in rows]),
        np.array([row.covered for row in rows], dtype=np.float64),
        np.array([row.assigned_probability for row in rows]),
        np.array([row.equal_tailed for row in rows], dtype=np.float64),
        np.array([row.odds for row in rows]),
        np.array([row.exceeded for row in rows]),
    )


@dataclass(frozen=True)
class Coverage:
    """Coverage of one nominal interval, all 0 to 1: see `docs/forecast.md` for the four."""

    nominal: float
    observed: float
    assigned_probability: float
    randomised: float
    equal_tailed: float


@dataclass(frozen=True)
class HourScore:
    """Summary of one metric at one elapsed hour over n sessions; losses in percent of the open, gains 0 to 1."""

    metric: str
    elapsed: int
    n: int
    crps: float
    climatology_crps: float
    crps_gain: float
    pinball_gain: float
    coverage: tuple[Coverage, ...]


def hour_score(scores: OddsScores, chosen: BoolArray | None = None) -> HourScore:
    """Summarise scores, or those of the chosen (N) sessions."""
    use = np.ones(len(scores.session), dtype=np.bool_) if chosen is None else chosen
    crps_mean, climatology_mean = float(scores.crps[use].mean()), float(scores.climatology_crps[use].mean())
    coverage = tuple(
        Coverage(
            level,
            float(scores.covered[use, k].mean()),
            float(scores.assigned_probability[use, k].mean()),
            randomised_coverage(scores.pit[use], level),
            float(scores.equal_tailed[use, k].mean()),
        )
        for k, level in enumerate(INTERVAL_LEVELS)
    )
    pinball_gain = 1 - float(scores.pinball[use].mean() / scores.climatology_pinball[use].mean())
    n = int(use.sum())
    crps_gain = 1 - crps_mean / climatology_mean
    return HourScore(scores.metric, scores.elapsed, n, crps_mean, climatology_mean, crps_gain, pinball_gain, coverage)


def pooled_odds(scores: list[OddsScores], metric: str) -> tuple[FloatArray, BoolArray]:
    """All uncertain odds of one metric and their outcomes, for `calibration`."""
    odds = np.concatenate([one.odds.ravel() for one in scores if one.metric == metric])
    exceeded = np.concatenate([one.exceeded.ravel() for one in scores if one.metric == metric])
    uncertain = (odds > CERTAIN) & (odds < 1 - CERTAIN)
    return odds[uncertain], exceeded[uncertain]


@dataclass(frozen=True)
class VarianceScore:
    """Mean QLIKE of one forecast of realised variance, and its test against HAR alone (positive t: better than HAR)."""

    name: str
    qlike: float
    n: int
    against_har: DieboldMariano | None


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


def score_variance(
    panel: HourlyPanel, forecasts: dict[str, FloatArray], first: int, last: int | None = None
) -> list[VarianceScore]:
    """QLIKE of each forecast over the sessions from `first` to `last` that all of them cover."""
    parts = {name: forecast[first:last] for name, forecast in forecasts.items()}
    return compare_variance(panel.realised_variance[first:last], parts)


def compare_variance(realised: FloatArray, forecasts: dict[str, FloatArray]) -> list[VarianceScore]:
    """QLIKE of each forecast (N) of realised variances (N), over the sessions that have all; empty where none has."""
    losses = {name: qlike(realised, forecast) for name, forecast in forecasts.items()}
    common = np.isfinite(np.array(list(losses.values()))).all(axis=0)
    if not common.any():
        return []
    reference = losses[REFERENCE][common]
    return [
        VarianceScore(
            name,
            float(loss[common].mean()),
            int(common.sum()),
            None if name == REFERENCE else diebold_mariano(reference, loss[common]),
        )
        for name, loss in losses.items()
    ]
