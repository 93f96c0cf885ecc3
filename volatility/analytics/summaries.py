"""What the scores of many sessions say together: losses, coverage, calibration, means, and where they are worst."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from volatility.analytics.inference import standard_error
from volatility.analytics.scores import DieboldMariano, diebold_mariano, qlike, shares_inside
from volatility.analytics.walkforward import REFERENCE, OddsScores
from volatility.domain.metrics import INTERVAL_LEVELS, TERCILES

if TYPE_CHECKING:
    from volatility.analytics.panel import HourlyPanel
    from volatility.domain.arrays import BoolArray, FloatArray

CERTAIN = 1e-9  # odds this close to 0 or 1 state what has already happened
WILD = 2.0  # an hour whose log range was more than this multiple of what was expected of it


def t_value(values: FloatArray) -> float | None:
    """Mean (N) over its Newey-West standard error; None for fewer than 30 values or without any spread."""
    error = standard_error(values)
    return None if error is None else float(values.mean()) / error


def worst_share(losses: FloatArray) -> float | None:
    """The share of a sum of losses (N) that its largest one carries; None where there is no loss."""
    total = float(losses.sum())
    return float(losses.max()) / total if total > 0 else None


@dataclass(frozen=True)
class Coverage:
    """Coverage of one nominal interval, all 0 to 1: see `docs/forecast.md` for the four.

    `error`: standard error of `randomised`, Newey-West; None for fewer than 30 sessions or without any spread.
    """

    nominal: float
    observed: float
    assigned_probability: float
    randomised: float
    equal_tailed: float
    error: float | None


@dataclass(frozen=True)
class HourScore:
    """Summary of one metric at one elapsed hour over n sessions; losses in percent of the open, gains 0 to 1.

    `worst_share`: of the CRPS of all sessions, that of the worst one.
    """

    metric: str
    elapsed: int
    n: int
    crps: float
    climatology_crps: float
    crps_gain: float
    pinball_gain: float
    worst_share: float | None
    coverage: tuple[Coverage, ...]


def hour_score(scores: OddsScores, chosen: BoolArray | None = None) -> HourScore:
    """Summarise scores, or those of the chosen (N) sessions."""
    use = np.ones(len(scores.session), dtype=np.bool_) if chosen is None else chosen
    crps_mean, climatology_mean = float(scores.crps[use].mean()), float(scores.climatology_crps[use].mean())
    inside = [shares_inside(scores.pit[use], scores.levels[use, k]) for k in range(len(INTERVAL_LEVELS))]
    coverage = tuple(
        Coverage(
            level,
            float(scores.covered[use, k].mean()),
            float(scores.assigned_probability[use, k].mean()),
            float(inside[k].mean()),
            float(scores.equal_tailed[use, k].mean()),
            standard_error(inside[k]),
        )
        for k, level in enumerate(INTERVAL_LEVELS)
    )
    pinball_gain = 1 - float(scores.pinball[use].mean() / scores.climatology_pinball[use].mean())
    n = int(use.sum())
    crps_gain = 1 - crps_mean / climatology_mean
    return HourScore(
        scores.metric,
        scores.elapsed,
        n,
        crps_mean,
        climatology_mean,
        crps_gain,
        pinball_gain,
        worst_share(scores.crps[use]),
        coverage,
    )


def pooled_odds(scores: list[OddsScores], metric: str) -> tuple[FloatArray, BoolArray]:
    """All uncertain odds of one metric and their outcomes, for `calibration`."""
    odds = np.concatenate([one.odds.ravel() for one in scores if one.metric == metric])
    exceeded = np.concatenate([one.exceeded.ravel() for one in scores if one.metric == metric])
    uncertain = (odds > CERTAIN) & (odds < 1 - CERTAIN)
    return odds[uncertain], exceeded[uncertain]


@dataclass(frozen=True)
class MeanScore:
    """Expected values beside outcomes, of n sessions; percent of the open.

    `bias`: mean / outcome - 1, None where all outcomes are 0. `t` of the errors (mean less outcome), Newey-West.
    """

    n: int
    mean: float
    outcome: float
    bias: float | None
    t: float | None


def mean_score(means: FloatArray, outcomes: FloatArray) -> MeanScore | None:
    """Compare expected values (N) with outcomes (N) in the order of time; None for no session."""
    if not len(means):
        return None
    mean, outcome = float(means.mean()), float(outcomes.mean())
    return MeanScore(len(means), mean, outcome, mean / outcome - 1 if outcome > 0 else None, t_value(means - outcomes))


def terciles(values: FloatArray) -> dict[str, BoolArray]:
    """Which of N values are in the lowest, the middle and the highest third (N each); equal values stay together."""
    low, high = np.quantile(values, [1 / 3, 2 / 3]) if len(values) else (math.nan, math.nan)
    return dict(zip(TERCILES, (values <= low, (values > low) & (values <= high), values > high), strict=True))


def no_growth_odds(scores: OddsScores) -> tuple[FloatArray, BoolArray]:
    """(n) probabilities that Range grows no more, where it was uncertain, and whether it did not, for `calibration`."""
    said, (below, at_most) = scores.no_growth, scores.pit.T
    uncertain = (said > CERTAIN) & (said < 1 - CERTAIN)
    came = (below <= 0) & (at_most > 0)  # nothing lies below a range that has not grown
    return said[uncertain], came[uncertain]


@dataclass(frozen=True)
class CoverageCell:
    """Randomised coverage of one interval over n sessions, 0 to 1, its error, and the t of its distance from nominal.

    `error`: standard error of the coverage, Newey-West; None where `t` is.
    """

    n: int
    randomised: float
    error: float | None
    t: float | None


def coverage_cell(scores: OddsScores, place: int, chosen: BoolArray) -> CoverageCell | None:
    """Coverage of the interval at a place among the nominal levels over the chosen (N) sessions; None for none."""
    if not chosen.any():
        return None
    inside = shares_inside(scores.pit[chosen], scores.levels[chosen, place])
    distance = inside - INTERVAL_LEVELS[place]
    return CoverageCell(len(inside), float(inside.mean()), standard_error(inside), t_value(distance))


def wild_hours(scores: OddsScores) -> BoolArray:
    """(N) whether the session's last closed hour was wild."""
    return np.asarray(scores.surprise > WILD)


@dataclass(frozen=True)
class VarianceScore:
    """Mean QLIKE of one forecast of realised variance, and its test against HAR alone (positive t: better than HAR).

    `worst_share`: of the QLIKE of all sessions, that of the worst one.
    """

    name: str
    qlike: float
    n: int
    worst_share: float | None
    against_har: DieboldMariano | None


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
            worst_share(loss[common]),
            None if name == REFERENCE else diebold_mariano(reference, loss[common]),
        )
        for name, loss in losses.items()
    ]
