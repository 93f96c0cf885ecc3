"""Variances and intervals of means and shares: a loop, the textbook's formula, and those of statsmodels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from tests.analytics.series import clustered, mean_of
from volatility.analytics.inference import (
    mean_interval,
    newey_west_variance,
    standard_error,
    weighted_mean_interval,
    wilson_interval,
)
from volatility.domain.arrays import FloatArray


def test_the_long_run_variance_equals_a_naive_loop() -> None:
    values = np.random.default_rng(8).normal(size=150).cumsum()
    n, lags = len(values), int(4 * (150 / 100) ** (2 / 9))
    mean = sum(values) / n
    total = sum((v - mean) ** 2 for v in values) / n
    for lag in range(1, lags + 1):
        covariance = sum((values[t] - mean) * (values[t - lag] - mean) for t in range(lag, n)) / n
        total += 2 * (1 - lag / (lags + 1)) * covariance
    assert newey_west_variance(values) == pytest.approx(total / n, rel=1e-10)
    assert math.isnan(newey_west_variance(np.array([1.0])))


@pytest.mark.parametrize(("count", "lags"), [(30, 3), (100, 4), (365, 5), (2300, 8)])
def test_the_long_run_variance_is_that_of_statsmodels(count: int, lags: int) -> None:
    values = 5 + clustered(count, seed=count)
    expected = mean_of(values, lags).bse[0] ** 2
    assert newey_west_variance(values) == pytest.approx(expected, rel=1e-9)
    assert newey_west_variance(values, lags) == pytest.approx(expected, rel=1e-9)
    assert newey_west_variance(values, 2 * lags) == pytest.approx(mean_of(values, 2 * lags).bse[0] ** 2, rel=1e-9)


@pytest.mark.parametrize(("count", "lags"), [(30, 3), (365, 5)])
def test_the_standard_error_of_a_share_is_that_of_statsmodels(count: int, lags: int) -> None:
    outcomes = (clustered(count, seed=count) > 0).astype(np.float64)
    assert standard_error(outcomes) == pytest.approx(mean_of(outcomes, lags).bse[0], rel=1e-9)


@pytest.mark.parametrize("values", [np.arange(29.0), np.zeros(0), np.ones(40), np.full(50, 0.1)])
def test_few_values_and_equal_ones_have_no_standard_error(values: FloatArray) -> None:
    assert standard_error(values) is None


def test_the_interval_of_a_mean_is_that_of_statsmodels() -> None:
    values = clustered(200, seed=1)
    assert mean_interval(values) == pytest.approx(mean_of(values, 4).conf_int()[0], rel=1e-9)


@pytest.mark.parametrize(("wins", "n"), [(0, 12), (1, 10), (30, 60), (300, 365), (40, 40)])
def test_the_interval_of_a_share_is_that_of_statsmodels(wins: int, n: int) -> None:
    """Wins that don't come in clusters count in full."""
    outcomes = np.zeros(n)
    outcomes[np.linspace(0, n - 1, wins).astype(np.int64)] = 1.0  # evenly spread
    assert outcomes.sum() == wins
    expected = proportion_confint(wins, n, alpha=0.05, method="wilson")
    assert wilson_interval(outcomes) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_wins_in_clusters_count_as_fewer() -> None:
    outcomes = (clustered(300, seed=4, kept=0.9) > 0).astype(np.float64)
    share = outcomes.mean()
    size = share * (1 - share) / mean_of(outcomes, lags=5).bse[0] ** 2
    assert size < 150
    expected = proportion_confint(share * size, size, alpha=0.05, method="wilson")
    assert wilson_interval(outcomes) == pytest.approx(expected, rel=1e-9)


def test_intervals_of_independent_wins_are_those_of_the_textbook() -> None:
    wins = np.tile([1.0, 0.0, 0.0, 1.0, 0.0], 40)  # alternating: no positive autocorrelation to allow for
    low, high = wilson_interval(wins)
    n, p, z = 200, 0.4, 1.959963984540054
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    assert low == pytest.approx(centre - half)
    assert high == pytest.approx(centre + half)
    low, high = wilson_interval(np.repeat([1.0, 0.0], 100))
    assert high - low > 0.25  # two clusters are worth far less than 200 sessions


def test_what_never_changes_is_certain_of_its_mean() -> None:
    assert newey_west_variance(np.full(50, 0.3)) == pytest.approx(0.0, abs=1e-30)
    assert mean_interval(np.full(50, 2.0)) == (2.0, 2.0)


def test_lags_reach_no_further_than_the_values() -> None:
    swinging = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    assert newey_west_variance(swinging, 1) == pytest.approx((6 - 2 * 0.5 * 5) / 36)
    total = 6 + sum(2 * (1 - lag / 1001) * (-1) ** lag * (6 - lag) for lag in range(1, 6))
    assert newey_west_variance(swinging, 1000) == pytest.approx(total / 36, rel=1e-9)
    assert newey_west_variance(np.array([1.0, 3.0]), 5) == pytest.approx((2 - 2 * (5 / 6)) / 4)


def test_a_share_never_leaves_0_to_1() -> None:
    square = 1.959963984540054**2
    assert wilson_interval(np.zeros(10)) == pytest.approx((0.0, square / (10 + square)), abs=1e-12)
    assert wilson_interval(np.ones(10)) == pytest.approx((10 / (10 + square), 1.0), abs=1e-12)
    for n in range(10, 60):
        assert wilson_interval(np.zeros(n))[0] >= 0
        assert wilson_interval(np.ones(n))[1] <= 1


def test_a_weighted_mean_has_the_interval_of_a_plain_one_where_weights_are_equal() -> None:
    values = np.random.default_rng(5).normal(1.0, 2.0, 200).cumsum() / 10
    assert weighted_mean_interval(values, np.full(200, 3.0)) == pytest.approx(mean_interval(values), rel=1e-12)


def test_the_interval_of_a_weighted_mean_is_that_of_a_plain_loop() -> None:
    rng = np.random.default_rng(6)
    values, weights = rng.normal(5.0, 2.0, 150), rng.uniform(0.1, 4.0, 150)
    total = sum(weights)
    mean = sum(w * v for w, v in zip(weights, values, strict=True)) / total
    size = total**2 / sum(w**2 for w in weights)
    lags = math.floor(4 * (size / 100) ** (2 / 9))
    variance = 0.0
    for i in range(150):
        for j in range(150):
            if abs(i - j) <= lags:
                kernel = 1 - abs(i - j) / (lags + 1)
                variance += kernel * weights[i] * weights[j] * (values[i] - mean) * (values[j] - mean) / total**2
    half = 1.959963984540054 * math.sqrt(variance)
    assert weighted_mean_interval(values, weights) == pytest.approx((mean - half, mean + half), rel=1e-10)
    assert weighted_mean_interval(values, 7 * weights) == pytest.approx((mean - half, mean + half), rel=1e-10)


def test_values_without_weight_count_for_nothing() -> None:
    values, weights = np.array([2.0] * 20 + [900.0]), np.array([1.0] * 20 + [0.0])
    assert weighted_mean_interval(values, weights) == pytest.approx((2.0, 2.0))
