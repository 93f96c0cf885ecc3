"""Scores of past sessions equal a loop that forecasts each anew, and teach the sessions after them."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import numpy as np
import pytest
from scoringrules import crps_ensemble, quantile_score

from tests.analytics.histories import History, make_history
from tests.analytics.learnt import PLAIN, Learnt, with_ratios, with_slopes
from volatility.analytics.baselines import har
from volatility.analytics.distribution import nested_intervals
from volatility.analytics.features import feature_table
from volatility.analytics.forecast import variance_distribution
from volatility.analytics.odds import fit_odds, path_library
from volatility.analytics.recalibration import Judged, Recalibration
from volatility.analytics.walkforward import (
    OddsScores,
    OddsWalk,
    known_hours,
    past_state,
    score_odds,
    surprise_at,
    variance_forecasts,
)
from volatility.domain.arrays import FloatArray
from volatility.domain.hours import HOUR_MS
from volatility.domain.metrics import METRICS

FIRST = 414
TIE = 1e-9  # a range that does not grow any more is one value but for rounding
LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


def by_hour(walk: OddsWalk) -> dict[tuple[str, int], OddsScores]:
    return {(one.metric, one.elapsed): one for one in walk.scores}


@pytest.fixture(scope="module")
def scored(learnt: Learnt) -> dict[tuple[str, int], OddsScores]:
    found = score_odds(learnt.panel, learnt.table, learnt.library, FIRST, PLAIN, hours=(0, 12))
    return by_hour(found)


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
        assert state.full_scale == pytest.approx(level * math.sqrt(squares.sum()), rel=1e-9)


@pytest.mark.parametrize("metric", ["volatility", "range"])
def test_a_session_is_scored_by_the_odds_of_the_sessions_before_it(
    learnt: Learnt, scored: dict[tuple[str, int], OddsScores], metric: str
) -> None:
    finals = learnt.panel.volatility_pct if metric == "volatility" else learnt.panel.range_pct
    for place, index in enumerate(range(FIRST, 420)):
        model, outcome = fit_odds(learnt.library, index), float(finals[index])
        assert model is not None
        odds = model.predict(past_state(learnt.panel, learnt.table, model, index, 12), PLAIN)
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
        intervals = nested_intervals(forecast, (0.5, 0.8, 0.9))
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
    scores = score_odds(odd, learnt.table, learnt.library, FIRST, PLAIN, hours=(6,)).scores
    assert [one.session.tolist() for one in scores] == [[414, 417], [414, 417]]
    early = score_odds(learnt.panel[:200], learnt.table, learnt.library, 190, PLAIN, hours=(6,))
    assert early.scores == []  # too early for any odds


def test_a_session_that_is_not_scored_teaches_nothing(learnt: Learnt) -> None:
    panel = learnt.panel[:418]
    ends = panel.ends_ms.copy()
    ends[415] -= HOUR_MS
    walk = score_odds(replace(panel, ends_ms=ends), learnt.table, learnt.library, FIRST, PLAIN)
    assert len(walk.recalibrations) == 5
    assert walk.recalibrations[1] is not walk.recalibrations[0]
    assert walk.recalibrations[2] is walk.recalibrations[1]
    early = score_odds(learnt.panel[:200], learnt.table, learnt.library, 190, PLAIN)
    assert early.recalibrations == [PLAIN] * 11


def test_scores_at_some_hours_alone_teach_nothing(learnt: Learnt) -> None:
    start = with_ratios(0.9, 0.8)
    walk = score_odds(learnt.panel, learnt.table, learnt.library, FIRST, start, hours=(0, 12))
    assert len(walk.recalibrations) == 420 - FIRST + 1
    assert all(one is start for one in walk.recalibrations)


@pytest.fixture(scope="module")
def walk(learnt: Learnt) -> OddsWalk:
    """All scored hours, from a start that has corrections of its own."""
    start = replace(
        with_slopes(with_ratios(0.9, 0.8), 0.03, -0.3, -0.2),
        growth=np.array([0.0, 0.3, -0.4, 0.5]),
        levels=np.random.default_rng(2).uniform(0.3, 0.95, (2, 4, 3)),
    )
    return score_odds(learnt.panel, learnt.table, learnt.library, FIRST, start)


@pytest.mark.parametrize("hour", [0, 6, 12, 18])
def test_each_session_is_forecast_with_the_recalibration_that_it_starts_with(
    learnt: Learnt, walk: OddsWalk, hour: int
) -> None:
    panel, scores = learnt.panel, by_hour(walk)
    for place, index in enumerate(range(FIRST, 420)):
        model = fit_odds(learnt.library, index)
        assert model is not None
        state = past_state(panel, learnt.table, model, index, hour)
        odds = model.predict(state, walk.recalibrations[place])
        so_far = (state.high - state.low) / state.open * 100
        for row, metric in enumerate(METRICS):
            found, outcome = scores[metric.name, hour], (panel.volatility_pct, panel.range_pct)[row][index]
            forecast = odds.of(metric)
            assert found.session[place] == index
            assert found.mean[place] == pytest.approx(forecast.mean, rel=1e-12)
            levels = walk.recalibrations[place].interval_levels(hour)[row]
            assert found.levels[place].tolist() == levels.tolist()
            intervals = odds.intervals(metric)
            inside = [one.low - TIE <= outcome <= one.high + TIE for one in intervals]
            assert found.covered[place].tolist() == inside
            assert found.assigned_probability[place].tolist() == [one.probability for one in intervals]
            tails = [(forecast.quantile((1 - p) / 2), forecast.quantile((1 + p) / 2)) for p in levels]
            assert found.equal_tailed[place].tolist() == [low - TIE <= outcome <= high + TIE for low, high in tails]
            if metric.name == "range":
                stopped = forecast.weights[forecast.values <= so_far + TIE].sum()
                assert found.no_growth[place] == pytest.approx(stopped, abs=1e-12)
            else:
                assert math.isnan(found.no_growth[place])


def test_each_session_teaches_the_next_one_what_was_said_of_it_and_what_came(learnt: Learnt, walk: OddsWalk) -> None:
    scores = by_hour(walk)
    for place, index in enumerate(range(FIRST, 420)):
        model = fit_odds(learnt.library, index)
        assert model is not None
        asked = [[scores[metric.name, hour] for hour in (0, 6, 12, 18)] for metric in METRICS]
        taught = walk.recalibrations[place].after(
            Judged(
                scale=past_state(learnt.panel, learnt.table, model, index, 0).scale,
                mean=np.array([[one.mean[place] for one in row] for row in asked]),
                outcome=np.array([learnt.panel.volatility_pct[index], learnt.panel.range_pct[index]]),
                no_growth=np.array([one.no_growth[place] for one in asked[1]]),
                pit=np.array([[one.pit[place] for one in row] for row in asked]),
            )
        )
        following = walk.recalibrations[place + 1]
        for field in fields(Recalibration):
            np.testing.assert_array_equal(getattr(following, field.name), getattr(taught, field.name))
            assert not np.array_equal(getattr(following, field.name), getattr(walk.recalibrations[place], field.name))


def test_a_surprise_is_the_last_hours_log_range_over_the_one_that_was_expected(learnt: Learnt, walk: OddsWalk) -> None:
    """Expected: the average of the hours before it, with a half-life of two hours, times its season."""
    panel, table = learnt.panel, learnt.table
    line = np.log(panel.high / panel.low) / table.factors
    for hour in (6, 12, 18):
        for place, index in enumerate(range(FIRST, 420)):
            before = line.ravel()[: index * 24 + hour - 1]
            before = before[np.isfinite(before)]
            average = np.average(before, weights=0.5 ** (np.arange(len(before) - 1, -1, -1) / 2.0))
            expected = line[index, hour - 1] / average
            for metric in METRICS:
                assert by_hour(walk)[metric.name, hour].surprise[place] == pytest.approx(expected, rel=1e-9)
    assert np.isnan(by_hour(walk)["range", 0].surprise).all()
    assert math.isfinite(surprise_at(panel, table, 12, 4))
    assert math.isnan(surprise_at(panel, table, 12, 5))  # session 12 has no candle of its fifth hour


def test_of_a_gap_before_an_hour_nothing_is_known(learnt: Learnt) -> None:
    panel = learnt.panel
    assert [known_hours(panel, 12, hour) for hour in (0, 4, 5, 6, 7, 24)] == [0, 4, 4, 4, 7, 24]
    assert [known_hours(panel, 5, hour) for hour in (0, 1, 2, 3)] == [0, 0, 0, 3]  # without its first two
    assert [known_hours(panel, 6, hour) for hour in (23, 24)] == [23, 23]  # without its last
    assert known_hours(panel, 10, 18) == 0  # without any


@pytest.mark.parametrize(("missing", "hour", "known"), [((9, 10, 11), 12, 9), (tuple(range(7)), 6, 0)])
def test_after_a_gap_the_odds_are_those_at_the_end_of_the_last_candle(
    learnt: Learnt, missing: tuple[int, ...], hour: int, known: int
) -> None:
    """Without any candle yet they are those at the open."""
    first = int(np.searchsorted(learnt.history.times, learnt.panel.starts_ms[417]))
    panel = learnt.history.without([first + k for k in missing]).panel()
    table = feature_table(panel)
    found = by_hour(score_odds(panel[:418], table, path_library(table), 417, PLAIN))
    model = fit_odds(learnt.library, 417)
    assert model is not None
    odds = model.predict(past_state(panel, table, model, 417, known), PLAIN)
    assert found["volatility", hour].mean.tolist() == pytest.approx([odds.volatility.mean], rel=1e-9)
    assert found["range", hour].mean.tolist() == pytest.approx([odds.range.mean], rel=1e-9)
    assert math.isnan(found["range", hour].surprise[0])


def test_a_market_that_starts_to_move_is_scored_in_finite_numbers() -> None:
    """Of 345 sessions it knows that nothing moves; what comes then is hundreds of times what was said."""
    history = make_history(380)
    candles = history.candles.copy()
    candles[:, : 345 * 24] = candles[0, 345 * 24]
    panel = History(history.times, candles).panel()
    table = feature_table(panel)
    walk = score_odds(panel, table, path_library(table), 335, PLAIN)
    for scores in walk.scores:
        assert np.isfinite(scores.crps).all()
        assert np.isfinite(scores.mean).all()
    for known in walk.recalibrations:
        for scale in (1e-9, 0.003, 0.3):
            assert np.all((known.mean_factors(scale) >= 0.25) & (known.mean_factors(scale) <= 2.25))


@pytest.mark.parametrize("still", [0, 300, 340])
def test_a_market_that_stops_moving_is_scored_and_teaches_finite_numbers(still: int) -> None:
    """From its beginning, and after 300 and 340 sessions of which it remembers that they moved."""
    history = make_history(360)
    candles = history.candles.copy()
    candles[:, still * 24 :] = candles[0, still * 24]
    panel = History(history.times, candles).panel()
    table = feature_table(panel)
    walk = score_odds(panel, table, path_library(table), 335, PLAIN)
    last = walk.recalibrations[-1]
    for field in fields(Recalibration):
        assert np.isfinite(getattr(last, field.name)).all(), field.name
    for scores in walk.scores:
        assert len(scores.session) == 25
        assert np.isfinite(scores.crps).all()
        assert np.isfinite(scores.mean).all()
        assert scores.pit[-1, 0] == 0.0
        assert scores.crps[-1] < 0.01
    factors = [last.mean_factors(scale) for scale in (0.0, 1e-9, 0.003, 0.03, 0.3)]
    if still:
        assert (np.array(factors) < 1).all()  # it was said to move, and did not
        assert (last.growth > 0).all()
    else:
        assert np.array(factors).tolist() == [[1.0, 1.0]] * 5
        assert (last.growth == 0).all()


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
