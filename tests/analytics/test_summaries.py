"""What scores say together, by hand and by plain loops over small scores."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.analytics.learnt import Learnt
from tests.analytics.series import clustered
from volatility.analytics.scores import calibration
from volatility.analytics.summaries import (
    compare_variance,
    coverage_cell,
    hour_score,
    mean_score,
    no_growth_odds,
    pooled_odds,
    score_variance,
    t_value,
    terciles,
    wild_hours,
    worst_share,
)
from volatility.analytics.walkforward import OddsScores, baseline_variance_forecasts
from volatility.domain.arrays import BoolArray, FloatArray
from volatility.domain.metrics import INTERVAL_LEVELS

FIRST = 414


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
        mean=np.array([2.0, 3.0, 2.5, 2.5]),
        no_growth=np.array([0.2, 0.6, 1.0, 0.0]),
        surprise=np.array([0.5, 2.0, 2.1, np.nan]),
        levels=np.tile(INTERVAL_LEVELS, (4, 1)),
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
    assert found.worst_share == 3 / 8
    # Between 0.25 and 0.75 lie nothing of the first session, all of two, and a quarter of the last.
    assert first.randomised == pytest.approx((0 + 1 + 1 + 0.25) / 4)
    assert second.randomised == pytest.approx((0.5 + 1 + 1 + 1) / 4)


def test_a_summary_of_some_sessions_takes_those_alone() -> None:
    found = hour_score(made_up(), np.array([True, False, False, True]))
    assert (found.n, found.crps, found.crps_gain, found.pinball_gain) == (2, 1.5, 0.625, 0.0)
    assert found.coverage[0].observed == 0.5
    assert found.coverage[0].randomised == pytest.approx(0.125)
    assert found.worst_share == 2 / 3


def test_coverage_is_that_of_the_levels_which_each_session_was_asked_for() -> None:
    """The first session's half was asked for at 0.8: from 0.1 to 0.9 lies half of what is between 0 and 0.2."""
    scores = made_up()
    scores.levels[0, 0], scores.levels[3, 0] = 0.8, 0.3
    first = hour_score(scores).coverage[0]
    assert first.nominal == 0.5
    assert first.randomised == pytest.approx((0.5 + 1 + 1 + 0) / 4)


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
        losses = [r - math.log(r) - 1 for r in ratios]
        assert score.worst_share == pytest.approx(max(losses) / sum(losses), rel=1e-12)
    assert (one.name, one.against_har, two.name) == ("HAR", None, "ours")
    assert two.against_har is not None
    assert two.against_har.t > 2
    assert two.against_har.difference == pytest.approx(one.qlike - two.qlike, rel=1e-12)
    assert compare_variance(realised, {"HAR": np.full(60, np.nan), "ours": better}) == []


def test_variance_is_scored_between_two_sessions(learnt: Learnt) -> None:
    forecasts = baseline_variance_forecasts(learnt.panel, FIRST)
    found = score_variance(learnt.panel, forecasts, FIRST, 418)
    ratios = learnt.panel.realised_variance[FIRST - 1 : 417] / learnt.panel.realised_variance[FIRST:418]
    losses = [1 / r + math.log(r) - 1 for r in ratios]
    assert [score.n for score in found] == [4] * 5
    assert found[0].qlike == pytest.approx(np.mean(losses), rel=1e-12)


def naive_error(values: list[float]) -> float:
    """Newey-West standard error of the mean (Bartlett weights, 4 (n / 100) ** (2 / 9) lags), by loops."""
    n, mean = len(values), sum(values) / len(values)
    lags = math.floor(4 * (n / 100) ** (2 / 9))
    total = 0.0
    for i in range(n):
        for j in range(n):
            if abs(i - j) <= lags:
                total += (1 - abs(i - j) / (lags + 1)) * (values[i] - mean) * (values[j] - mean)
    return math.sqrt(total / n**2)


def naive_t(values: list[float]) -> float:
    """Mean over its standard error."""
    return sum(values) / len(values) / naive_error(values)


@pytest.mark.parametrize("count", [30, 31, 150])
def test_a_t_value_is_the_mean_over_its_newey_west_error(count: int) -> None:
    values = 0.4 + clustered(count, seed=count)
    assert t_value(values) == pytest.approx(naive_t(values.tolist()), rel=1e-9)


@pytest.mark.parametrize(
    "values",
    [np.array([]), np.array([1.0]), np.arange(29.0), np.zeros(40), np.full(64, 0.25)],
    ids=["none", "one", "29", "zeros", "equal"],
)
def test_there_is_no_t_of_few_values_or_of_equal_ones(values: FloatArray) -> None:
    assert t_value(values) is None


@pytest.mark.parametrize("value", [0.1, -0.1, 1 / 3, 0.7])
def test_equal_values_whose_mean_is_rounded_have_no_spread(value: float) -> None:
    """In doubles the mean of fifty tenths is not a tenth."""
    assert t_value(np.full(50, value)) is None


def test_the_worst_share_is_what_the_largest_loss_carries() -> None:
    assert worst_share(np.array([1.0, 5.0, 2.0, 2.0])) == 0.5
    assert worst_share(np.array([0.0, 3.0])) == 1.0
    assert worst_share(np.full(4, 0.5)) == 0.25


def test_without_any_loss_no_session_is_the_worst() -> None:
    assert worst_share(np.zeros(3)) is None
    assert worst_share(np.array([])) is None


def test_means_stand_beside_outcomes_in_the_order_of_time() -> None:
    outcomes = np.abs(clustered(120, seed=2)) + 0.5
    means = 0.9 * outcomes + 0.3 + 0.2 * clustered(120, seed=3)
    found = mean_score(means, outcomes)
    assert found is not None
    mean, outcome = sum(means) / 120, sum(outcomes) / 120
    assert found.n == 120
    assert (found.mean, found.outcome) == pytest.approx((mean, outcome), rel=1e-12)
    assert found.bias == pytest.approx((mean - outcome) / outcome, rel=1e-9)
    assert found.t == pytest.approx(naive_t((means - outcomes).tolist()), rel=1e-9)
    assert found.t is not None
    assert found.bias is not None
    assert found.t * found.bias > 0  # too high a mean: both positive


def test_a_few_means_have_a_bias_and_no_t_and_none_have_no_score() -> None:
    found = mean_score(np.array([1.0, 2.0]), np.array([2.0, 4.0]))
    assert found is not None
    assert (found.n, found.mean, found.outcome, found.bias, found.t) == (2, 1.5, 3.0, -0.5, None)
    still = mean_score(np.array([0.1, 0.0]), np.zeros(2))  # a market that does not move has no relative error
    assert still is not None
    assert (still.outcome, still.bias, still.mean) == (0.0, None, 0.05)
    assert mean_score(np.array([]), np.array([])) is None


def chosen(parts: dict[str, BoolArray]) -> dict[str, list[bool]]:
    return {name: part.tolist() for name, part in parts.items()}


def test_terciles_split_the_values_where_a_third_and_two_thirds_lie_below() -> None:
    values = np.array([5.0, 1.0, 4.0, 2.0, 6.0, 3.0])
    parts = terciles(values)
    assert list(parts) == ["low", "middle", "high"]
    assert [sorted(values[part].tolist()) for part in parts.values()] == [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    many = np.random.default_rng(4).normal(size=300)
    assert [int(part.sum()) for part in terciles(many).values()] == [100, 100, 100]
    assert max(many[terciles(many)["low"]]) < min(many[terciles(many)["middle"]])


def test_equal_values_are_in_one_tercile_and_no_value_is_in_none() -> None:
    assert chosen(terciles(np.full(3, 2.0))) == {"low": [True] * 3, "middle": [False] * 3, "high": [False] * 3}
    two = terciles(np.array([1.0, 1.0, 1.0, 1.0, 2.0]))
    assert chosen(two) == {"low": [True] * 4 + [False], "middle": [False] * 5, "high": [False] * 4 + [True]}
    assert chosen(terciles(np.array([7.0]))) == {"low": [True], "middle": [False], "high": [False]}
    assert chosen(terciles(np.array([]))) == {"low": [], "middle": [], "high": []}


def test_that_range_grows_no_more_is_asked_where_it_was_uncertain() -> None:
    """Of the first session it did not grow: nothing lay below what came, and a fifth was at it."""
    said, came = no_growth_odds(made_up())
    assert said.tolist() == [0.2, 0.6]
    assert came.tolist() == [True, False]
    first = calibration(said, came)[2]
    assert (first.predicted, first.observed, first.n) == (0.2, 1.0, 1)


def test_what_is_certain_of_growth_or_not_asked_is_left_out() -> None:
    certain = replace(made_up(), no_growth=np.array([0.0, 1.0, 1e-10, 1 - 1e-10]))
    assert [part.tolist() for part in no_growth_odds(certain)] == [[], []]
    of_vol = replace(made_up("volatility"), no_growth=np.full(4, np.nan))
    assert [part.tolist() for part in no_growth_odds(of_vol)] == [[], []]
    above_all = replace(
        made_up(), no_growth=np.full(4, 0.5), pit=np.array([[1.0, 1.0], [0.0, 0.0], [0.5, 1], [0, 0.5]])
    )
    assert no_growth_odds(above_all)[1].tolist() == [False, False, False, True]


def many(count: int) -> OddsScores:
    """Sessions of which only transforms and levels matter."""
    rng = np.random.default_rng(count)
    scores = made_up()
    pit = np.sort(rng.random((count, 2)), axis=1)
    pit[::3, 1] = pit[::3, 0]
    return replace(scores, session=np.arange(count), pit=pit, levels=rng.uniform(0.3, 0.95, (count, 3)))


def test_a_cell_of_coverage_is_the_mean_of_shares_inside_and_their_distance_from_nominal() -> None:
    scores, selected = many(90), np.arange(90) % 4 != 1
    for place, nominal in enumerate((0.5, 0.8, 0.9)):
        shares = []
        for (left, right), level, use in zip(scores.pit, scores.levels[:, place], selected, strict=True):
            low, high = (1 - level) / 2, (1 + level) / 2
            if not use:
                continue
            if right == left:
                shares.append(float(low <= left <= high))
            else:
                shares.append(max(0.0, min(right, high) - max(left, low)) / (right - left))
        found = coverage_cell(scores, place, selected)
        assert found is not None
        assert found.n == len(shares) == 67
        assert found.randomised == pytest.approx(sum(shares) / 67, rel=1e-12)
        assert found.t == pytest.approx(naive_t([share - nominal for share in shares]), rel=1e-9)
        assert found.error == pytest.approx(naive_error(shares), rel=1e-9)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_cell_whose_sessions_were_all_held_has_no_t(place: int) -> None:
    """Thirty-five outcomes in the middle: the share is certain, and its distance from nominal has no spread."""
    found = coverage_cell(replace(many(35), pit=np.full((35, 2), 0.5)), place, np.ones(35, np.bool_))
    assert found is not None
    assert (found.n, found.randomised, found.error, found.t) == (35, 1.0, None, None)


def test_a_cell_of_few_sessions_has_no_t_and_one_of_none_is_none() -> None:
    found = coverage_cell(made_up(), 0, np.array([True, True, False, False]))
    assert found is not None
    assert (found.n, found.randomised, found.error, found.t) == (2, 0.5, None, None)
    assert coverage_cell(made_up(), 0, np.zeros(4, np.bool_)) is None


def test_an_hour_is_wild_that_moved_more_than_twice_what_was_expected() -> None:
    assert wild_hours(made_up()).tolist() == [False, False, True, False]
    at_the_open = replace(made_up(), surprise=np.full(4, np.nan))
    assert wild_hours(at_the_open).tolist() == [False] * 4
