"""What the past shows about the odds, the forecasts and the windows' bands: stored scores, summed up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any, Final

import numpy as np

from volatility.analytics.inference import standard_error
from volatility.analytics.numerics import TIE
from volatility.analytics.scores import band_hits, bin_of, calibration
from volatility.analytics.summaries import (
    compare_variance,
    coverage_cell,
    hour_score,
    mean_score,
    no_growth_odds,
    pooled_odds,
    terciles,
    wild_hours,
)
from volatility.analytics.walkforward import OddsScores
from volatility.domain.arrays import BoolArray, FloatArray, IntArray
from volatility.domain.digits import number
from volatility.domain.metrics import (
    FORECAST_METRICS,
    INTERVAL_LEVELS,
    INTERVALS,
    METRICS,
    RANGE,
    SCORED_HOURS,
    Metric,
)
from volatility.domain.series import FORECAST_METHOD, Series
from volatility.presentation.catalogue.forecasts import SCORECARD, SCORES
from volatility.presentation.numbers import WEEKDAYS
from volatility.presentation.sessions import heading
from volatility.queries.scores import ScoredSessions

Row = dict[str, Any]
_KEYS: Final = tuple((metric.name, elapsed) for elapsed in SCORED_HOURS for metric in METRICS)
_AFTER_OPEN: Final = SCORED_HOURS[1:]
_MIDDLE: Final = INTERVAL_LEVELS.index(0.8)  # the interval that is looked at by weekday
_GROWTH_BINS: Final = 5
_ARRAYS: Final = tuple(field.name for field in fields(OddsScores) if field.name not in {"metric", "elapsed"})


def scorecard_report(sessions: ScoredSessions, series: Series, since: date | None) -> dict[str, Any]:
    """How good odds and forecasts were, over the scored sessions labelled ``since`` and later (all by default)."""
    first = _first(sessions, since)
    since_first = {key: those(whole, whole.session >= first) for key, whole in sessions.odds.items()}
    odds = {key: part for key, part in since_first.items() if part is not None}
    scored = sorted({session for part in odds.values() for session in part.session.tolist()})
    closed, state = sessions.extent.closed, sessions.extent.state
    return SCORECARD.of(
        {
            **heading(series.symbol, series.calendar, simulated=closed.simulated),
            "method": FORECAST_METHOD,
            "first": sessions.bounds[scored[0]].date.isoformat() if scored else None,
            "last": sessions.bounds[scored[-1]].date.isoformat() if scored else None,
            "n": len(scored),
            "up_to_date": state is not None and state.done == closed.last,
            "odds": [odds_row(odds.get(key), *key) for key in _KEYS],
            "means": [
                row for key in _KEYS for row in means_rows(odds.get(key), *key, outcomes=sessions.outcomes[key[0]])
            ],
            "coverage": [row for key in _KEYS for row in coverage_rows(odds.get(key), *key)],
            "weekdays": [row for key in _KEYS for row in weekday_rows(odds.get(key), *key, weekdays=sessions.weekdays)],
            "wild_hours": [row for key in _KEYS if key[1] for row in wild_rows(odds.get(key), *key)],
            "calibration": [row for metric in METRICS for row in calibration_rows(list(odds.values()), metric)],
            "no_growth": [
                row for elapsed in _AFTER_OPEN for row in no_growth_rows(odds.get((RANGE.name, elapsed)), elapsed)
            ],
            "variance": variance_rows(sessions.realised[first:], {k: v[first:] for k, v in sessions.variances.items()}),
            "bands": [
                row
                for metric in METRICS
                for row in band_rows(sessions.outcomes[metric.name], metric, series.windows, first)
            ],
            "stored": _stored(sessions, first),
        }
    )


def _first(sessions: ScoredSessions, since: date | None) -> int:
    """The place of the first session that is judged: not before the first that is scored, if any is."""
    first = min((int(scores.session[0]) for scores in sessions.odds.values()), default=0)
    asked = first if since is None else (since - sessions.bounds[0].date).days
    return max(first, min(asked, len(sessions.bounds)))


def those(scores: OddsScores, chosen: BoolArray) -> OddsScores | None:
    """The scores of the chosen (N) sessions; None for none."""
    return replace(scores, **{name: getattr(scores, name)[chosen] for name in _ARRAYS}) if chosen.any() else None


def _row(table: str, *values: Any) -> Row:
    """One row of a table; doubles as they are shown."""
    shown = (number(value) if isinstance(value, float) else value for value in values)
    return dict(zip(SCORES[table].by_name, shown, strict=True))


def odds_row(scores: OddsScores | None, metric: str, elapsed: int) -> Row:
    """Losses of the odds of one metric at one elapsed hour, and their gains."""
    if scores is None:
        return _row("odds", metric, elapsed, 0, *[None] * 7)
    score = hour_score(scores)
    losses = float(scores.pinball.mean()), float(scores.climatology_pinball.mean())
    crps = (score.crps, score.climatology_crps, score.crps_gain)
    return _row("odds", metric, elapsed, score.n, *crps, *losses, score.pinball_gain, score.worst_share)


def means_rows(scores: OddsScores | None, metric: str, elapsed: int, *, outcomes: FloatArray) -> Iterator[Row]:
    """What the odds expected beside outcomes (S), percent of the open: over all sessions, and by terciles."""
    means = np.empty(0) if scores is None else scores.mean
    came = np.empty(0) if scores is None else outcomes[scores.session]
    means, came = means[np.isfinite(came)], came[np.isfinite(came)]
    for name, chosen in {"all": np.ones(len(means), np.bool_), **terciles(means)}.items():
        found = mean_score(means[chosen], came[chosen])
        values = (found.n, found.mean, found.outcome, found.bias, found.t) if found else (0, *[None] * 4)
        yield _row("means", metric, elapsed, name, *values)


def weekday_rows(scores: OddsScores | None, metric: str, elapsed: int, *, weekdays: IntArray) -> Iterator[Row]:
    """Coverage of the 80 % interval by weekday, of sessions (S) on ``weekdays``."""
    cells = len(_KEYS) * len(WEEKDAYS)
    for day, name in enumerate(WEEKDAYS):
        found = scores and coverage_cell(scores, _MIDDLE, weekdays[scores.session] == day)
        values = (found.n, found.randomised, found.error, found.t) if found else (0, None, None, None)
        yield _row("weekdays", metric, elapsed, name, INTERVAL_LEVELS[_MIDDLE], *values, cells)


def wild_rows(scores: OddsScores | None, metric: str, elapsed: int) -> Iterator[Row]:
    """Coverage of each interval of sessions whose last hour was wild."""
    for place, level in enumerate(INTERVAL_LEVELS):
        found = scores and coverage_cell(scores, place, wild_hours(scores))
        values = (found.n, found.randomised, found.error, found.t) if found else (0, None, None, None)
        yield _row("wild_hours", metric, elapsed, level, *values)


def no_growth_rows(scores: OddsScores | None, elapsed: int) -> Iterator[Row]:
    """How often Range grew no more: over all sessions where it was uncertain, and by what had been said."""
    nothing: tuple[FloatArray, BoolArray] = (np.empty(0), np.empty(0, np.bool_))
    said, came = no_growth_odds(scores) if scores else nothing
    for bins in (1, _GROWTH_BINS):
        at = bin_of(said, bins)
        for place, part in enumerate(calibration(said, came, bins)):
            error = standard_error(came[at == place].astype(np.float64))
            yield _row("no_growth", elapsed, part.low, part.high, part.n, part.predicted, part.observed, error)


def coverage_rows(scores: OddsScores | None, metric: str, elapsed: int) -> Iterator[Row]:
    """Coverage of each interval of the same odds."""
    if scores is None:
        for level in INTERVALS:
            yield _row("coverage", metric, elapsed, level / 100, 0, *[None] * 5)
        return
    score = hour_score(scores)
    for part in score.coverage:
        shares = (part.randomised, part.error, part.observed, part.assigned_probability, part.equal_tailed)
        yield _row("coverage", metric, elapsed, part.nominal, score.n, *shares)


def calibration_rows(scores: list[OddsScores], metric: Metric) -> Iterator[Row]:
    """Observed frequency by decile of the probability, over all elapsed hours of one metric."""
    mine = [one for one in scores if one.metric == metric.name]
    nothing: tuple[FloatArray, BoolArray] = (np.empty(0), np.empty(0, np.bool_))
    for part in calibration(*(pooled_odds(mine, metric.name) if mine else nothing)):
        yield _row("calibration", metric.name, part.low, part.high, part.n, part.predicted, part.observed)


def variance_rows(realised: FloatArray, forecasts: Mapping[str, FloatArray]) -> list[Row]:
    """QLIKE over the (N) sessions that every forecast (N) covers."""
    scores = compare_variance(realised, dict(forecasts))
    if not scores:
        return [_row("variance", name, 0, *[None] * 4) for name in forecasts]
    rows = []
    for score in scores:
        test = score.against_har
        p = None if test is None else float(f"{test.p:.3g}")  # significant digits: it may be far below 1e-8
        values = (score.n, score.qlike, score.worst_share, test and test.t)
        rows.append(_row("variance", score.name, *values, None) | {"p": p})
    return rows


def band_rows(outcomes: FloatArray, metric: Metric, windows: Sequence[int], first: int) -> Iterator[Row]:
    """Hit rates of each window's own p10 to p90 band from ``first`` on, and what they would be for independent values.

    ``outcomes`` (S): of the metric, percent of the open.
    """
    for window in windows:
        hits = band_hits(outcomes[max(0, first - window) :], window)
        yield _row("bands", metric.name, window, hits.n, hits.observed, hits.error, hits.expected)


def _stored(sessions: ScoredSessions, first: int) -> list[Row]:
    """How often intervals of the forecasts as they were stored held the outcome: live ones, and hindcasts."""
    rows = []
    for made, ends in (("live", sessions.live_ends), ("in retrospect", sessions.hindcast_ends)):
        for place, metric in enumerate(FORECAST_METRICS):
            outcome = sessions.outcomes[metric.name][first:]
            for nominal, level in enumerate(INTERVALS):
                low, high = ends[first:, place, nominal].T
                judged = np.isfinite(low) & np.isfinite(outcome)
                held = ((outcome >= low - TIE) & (outcome <= high + TIE))[judged]
                share = float(held.mean()) if len(held) else None
                error = standard_error(held.astype(np.float64))
                rows.append(_row("stored", made, metric.name, level / 100, len(held), share, error))
    return rows
