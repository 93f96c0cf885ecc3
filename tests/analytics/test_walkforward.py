"""Scores of past sessions equal a loop that forecasts each anew, and their summaries are computed by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scoringrules import crps_ensemble, quantile_score

from tests.analytics.learnt import Learnt
from volatility.analytics.baselines import har
from volatility.analytics.forecast import variance_distribution
from volatility.analytics.odds import fit_odds
from volatility.analytics.walkforward import (
    OddsScores,
    baseline_variance_forecasts,
    compare_variance,
    hour_score,
    past_state,
    pooled_odds,
    score_odds,
    score_variance,
    variance_forecasts,
)
from volatility.domain.arrays import FloatArray
from volatility.domain.hours import HOUR_MS

FIRST = 414
TIE = 1e-9  # a range that does not grow any more is one value but for rounding
LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


@pytest.fixture(scope="module")
def scored(learnt: Learnt) -> dict[tuple[str, int], OddsScores]:
    found = score_odds(learnt.panel, learnt.table, learnt.library, FIRST, (0, 12))
    return {(one.metric, one.elapsed): one for one in found}


def quantile(values: FloatArray, weights: FloatArray, level: float) -> float:
    """The first value at which the weights add up to the level."""
    order = np.argsort(values)
    reached = np.flatnonzero(np.cumsum(weights[order]) / weights.sum() >= level - 1e-12)
    return float(values[order][reached[0]])


def test_the_state_of_the_past_is_that_of_its_first_hours(learnt: Learnt) -> None:
    panel, table = learnt.panel, learnt.table
    for hour in (1, 9, 23):
        state = past_state(panel, table, learnt.model, 417, hour)
        assert (state.elapsed, state.open, state.price) == (hour, panel.open[417, 0], panel.close[417, hour - 1])
        assert (state.high, state.low) == (panel.high[417, :hour].max(), panel.low[417, :hour].min())
        assert state.weekday == (panel.starts_ms[417] // (24 * HOUR_MS) + 3) % 7
        level = math.exp(float(table.rows[417, hour] @ learnt.model.coefficients[hour]))
        squares = table.factors[417] ** 2
        scales = (level * math.sqrt(squares[hour:].sum()), level * math.sqrt(squares[:hour].sum()))
        assert (state.scale, state.past_scale) == pytest.approx(scales, rel=1e-9)


@pytest.mark.parametrize("metric", ["volatility", "range"])
def test_a_session_is_scored_by_the_odds_of_the_sessions_before_it(
    learnt: Learnt, scored: dict[tuple[str, int], OddsScores], metric: str
) -> None:
    finals = learnt.panel.volatility_pct if metric == "volatility" else learnt.panel.range_pct
    for place, index in enumerate(range(FIRST, 420)):
        model, outcome = fit_odds(learnt.library, index), float(finals[index])
        assert model is not None
        odds = model.predict(past_state(learnt.panel, learnt.table, model, index, 12))
        forecast, scores = odds.volatility if metric == "volatility" else odds.range, scored[metric, 12]
        values, weights = forecast.values, forecast.weights
        loss = crps_ensemble(outcome, values, ens_w=weights, estimator="nrg", backend="numpy")
        assert scores.crps[place] == pytest.approx(float(loss), rel=1e-6)
        pinballs = [quantile_score(outcome, quantile(values, weights, p), p, backend="numpy") for p in LEVELS]
        assert scores.pinball[place] == pytest.approx(np.mean(pinballs), rel=1e-9)
        below, up_to = weights[values < outcome - TIE].sum(), weights[values <= outcome + TIE].sum()
        assert scores.pit[place].tolist() == pytest.approx([below, up_to], abs=1e-12)
        tails = [quantile(values, weights, p) for p in (0.25, 0.75, 0.1, 0.9, 0.05, 0.95)]
        inside = [low - TIE <= outcome <= high + TIE for low, high in zip(tails[::2], tails[1::2], strict=True)]
        assert scores.equal_tailed[place].tolist() == inside
        intervals = [forecast.interval(level) for level in (0.5, 0.8, 0.9)]
        assert scores.covered[place].tolist() == [one.low - TIE <= outcome <= one.high + TIE for one in intervals]
        assert scores.assigned_probability[place].tolist() == [one.probability for one in intervals]
        past = finals[index - 365 : index]
        past = past[np.isfinite(past)]
        thresholds = [quantile(past, np.ones(len(past)), p) for p in (0.1, 0.25, 0.5, 0.75, 0.9)]
        assert scores.odds[place].tolist() == pytest.approx([weights[values > x].sum() for x in thresholds], abs=1e-9)


@pytest.mark.parametrize("metric", ["volatility", "range"])
def test_climatology_is_the_last_365_sessions_at_every_hour(
    learnt: Learnt, scored: dict[tuple[str, int], OddsScores], metric: str
) -> None:
    finals = learnt.panel.volatility_pct if metric == "volatility" else learnt.panel.range_pct
    for hour in (0, 12):
        scores = scored[metric, hour]
        for place, index in enumerate(range(FIRST, 420)):
            past, outcome = finals[index - 365 : index], float(finals[index])
            past = past[np.isfinite(past)]
            equal = np.ones(len(past))
            loss = crps_ensemble(outcome, past, estimator="nrg", backend="numpy")
            assert scores.climatology_crps[place] == pytest.approx(float(loss), rel=1e-9)
            pinballs = [quantile_score(outcome, quantile(past, equal, p), p, backend="numpy") for p in LEVELS]
            assert scores.climatology_pinball[place] == pytest.approx(np.mean(pinballs), rel=1e-9)
            exceeded = [outcome > quantile(past, equal, p) for p in (0.1, 0.25, 0.5, 0.75, 0.9)]
            assert scores.exceeded[place].tolist() == exceeded


def test_a_session_without_candles_or_of_23_hours_is_not_scored(learnt: Learnt) -> None:
    panel = learnt.panel[:418]
    grids = [grid.copy() for grid in (panel.open, panel.high, panel.low, panel.close)]
    for grid in grids:
        grid[416] = np.nan
    ends = panel.ends_ms.copy()
    ends[415] -= HOUR_MS
    odd = replace(panel, ends_ms=ends, open=grids[0], high=grids[1], low=grids[2], close=grids[3])
    scores = score_odds(odd, learnt.table, learnt.library, FIRST, (6,))
    assert [one.session.tolist() for one in scores] == [[414, 417], [414, 417]]
    assert score_odds(learnt.panel[:200], learnt.table, learnt.library, 190, (6,)) == []  # too early for any odds


def made_up(metric: str = "range") -> OddsScores:
    """Four sessions, scored by hand."""
    three, five = np.ones((4, 3)), np.full((4, 5), 0.5)
    three[0] = [0, 0, 1]
    five[0], five[1] = [0.0, 1e-10, 0.3, 1 - 1e-10, 1.0], [0.2] * 5
    return OddsScores(
        metric=metric,
        elapsed=6,
        session=np.arange(4),
        crps=np.array([1.0, 2.0, 3.0, 2.0]),
        climatology_crps=np.array([4.0, 4.0, 4.0, 4.0]),
        pinball=np.array([0.5, 0.5, 0.5, 1.5]),
        climatology_pinball=np.array([1.0, 1.0, 1.0, 1.0]),
        pit=np.array([[0.0, 0.2], [0.4, 0.6], [0.5, 0.5], [0.7, 0.9]]),
        covered=three,
        assigned_probability=np.tile([0.6, 0.8, 0.9], (4, 1)),
        equal_tailed=np.tile([1.0, 0.0, 1.0], (4, 1)),
        odds=five,
        exceeded=five > 0.4,
    )


def test_a_summary_by_hand() -> None:
    found = hour_score(made_up())
    assert (found.metric, found.elapsed, found.n) == ("range", 6, 4)
    assert (found.crps, found.climatology_crps, found.crps_gain, found.pinball_gain) == (2.0, 4.0, 0.5, 0.25)
    first, second, third = found.coverage
    assert [part.nominal for part in found.coverage] == [0.5, 0.8, 0.9]
    assert (first.observed, second.observed, third.observed) == (0.75, 0.75, 1.0)
    assert [part.assigned_probability for part in found.coverage] == pytest.approx([0.6, 0.8, 0.9])
    assert (first.equal_tailed, second.equal_tailed) == (1.0, 0.0)
    # Between 0.25 and 0.75 lie nothing of the first session, all of two, and a quarter of the last.
    assert first.randomised == pytest.approx((0 + 1 + 1 + 0.25) / 4)
    assert second.randomised == pytest.approx((0.5 + 1 + 1 + 1) / 4)


def test_a_summary_of_some_sessions_takes_those_alone() -> None:
    found = hour_score(made_up(), np.array([True, False, False, True]))
    assert (found.n, found.crps, found.crps_gain, found.pinball_gain) == (2, 1.5, 0.625, 0.0)
    assert found.coverage[0].observed == 0.5
    assert found.coverage[0].randomised == pytest.approx(0.125)


def test_only_uncertain_odds_of_the_metric_are_pooled() -> None:
    odds, exceeded = pooled_odds([made_up(), made_up("volatility"), made_up()], "range")
    assert odds.tolist() == ([0.3] + [0.2] * 5 + [0.5] * 10) * 2
    assert exceeded.tolist() == (odds > 0.4).tolist()


def test_variance_is_scored_where_every_forecast_has_one_and_tested_against_har() -> None:
    rng = np.random.default_rng(9)
    realised = rng.lognormal(size=60)
    plain, better = realised * rng.lognormal(0, 0.8, 60), realised * rng.lognormal(0, 0.1, 60)
    plain[3], better[4], realised[5] = np.nan, np.nan, 0.0
    one, two = compare_variance(realised, {"HAR": plain, "ours": better})
    common = [i for i in range(60) if i not in (3, 4, 5)]
    for score, forecast in ((one, plain), (two, better)):
        ratios = [realised[i] / forecast[i] for i in common]
        assert score.qlike == pytest.approx(np.mean([r - math.log(r) - 1 for r in ratios]), rel=1e-12)
        assert score.n == 57
    assert (one.name, one.against_har, two.name) == ("HAR", None, "ours")
    assert two.against_har is not None
    assert two.against_har.t > 2
    assert two.against_har.difference == pytest.approx(one.qlike - two.qlike, rel=1e-12)
    assert compare_variance(realised, {"HAR": np.full(60, np.nan), "ours": better}) == []


def test_the_baselines_and_the_forecast_stand_side_by_side(learnt: Learnt) -> None:
    realised = learnt.panel.realised_variance
    found = variance_forecasts(learnt.panel, learnt.hindcasts, FIRST)
    assert list(found) == [
        *("previous session", "mean of 30 sessions", "EWMA, 0.94", "HAR", "HAR and Saturday"),
        "this forecast",
    ]
    assert found["previous session"][400] == realised[399]
    assert found["mean of 30 sessions"][400] == pytest.approx(np.nanmean(realised[370:400]), rel=1e-12)
    assert np.isnan(found["HAR"][:FIRST]).all()
    np.testing.assert_array_equal(found["HAR"][FIRST:], har(realised)[FIRST:])
    saturdays = har(realised, learnt.panel.weekdays)
    np.testing.assert_array_equal(found["HAR and Saturday"][FIRST:], saturdays[FIRST:])
    assert not np.array_equal(saturdays[FIRST:], found["HAR"][FIRST:])
    ours = variance_distribution(learnt.hindcasts, 417)
    assert ours is not None
    assert found["this forecast"][417] == ours.mean
    assert math.isnan(found["this forecast"][FIRST - 1])


def test_variance_is_scored_between_two_sessions(learnt: Learnt) -> None:
    forecasts = baseline_variance_forecasts(learnt.panel, FIRST)
    found = score_variance(learnt.panel, forecasts, FIRST, 418)
    ratios = learnt.panel.realised_variance[FIRST - 1 : 417] / learnt.panel.realised_variance[FIRST:418]
    losses = [1 / r + math.log(r) - 1 for r in ratios]
    assert [score.n for score in found] == [4] * 5
    assert found[0].qlike == pytest.approx(np.mean(losses), rel=1e-12)
