"""Scores, intervals and regressions beside those of public libraries: statsmodels and scoringrules."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoringrules import crps_ensemble, quantile_score
from statsmodels.regression.linear_model import OLS, WLS, RegressionResults
from statsmodels.stats.proportion import proportion_confint

from volatility.analytics.baselines import har
from volatility.analytics.distribution import from_samples
from volatility.analytics.features import DAY_LEVEL, MEMORY_SESSIONS
from volatility.analytics.inference import mean_interval, newey_west_variance, wilson_interval
from volatility.analytics.regression import CONSTANT_RIDGE, RIDGE, walk_forward
from volatility.analytics.scores import crps, diebold_mariano, pinball
from volatility.domain.arrays import FloatArray

samples = st.lists(st.tuples(st.integers(-500, 500), st.floats(0.01, 5)), min_size=2, max_size=30)


def clustered(count: int, seed: int, kept: float = 0.7) -> FloatArray:
    """A series in which each value keeps a part of the one before."""
    values = np.random.default_rng(seed).normal(size=count)
    for i in range(1, count):
        values[i] += kept * values[i - 1]
    return values


def mean_of(values: FloatArray, lags: int) -> RegressionResults:
    """The mean as a regression on a constant, with a Newey-West variance."""
    return OLS(values, np.ones(len(values))).fit(cov_type="HAC", cov_kwds={"maxlags": lags})


@pytest.mark.parametrize(("count", "lags"), [(30, 3), (100, 4), (365, 5), (2300, 8)])
def test_the_long_run_variance_is_that_of_statsmodels(count: int, lags: int) -> None:
    values = 5 + clustered(count, seed=count)
    expected = mean_of(values, lags).bse[0] ** 2
    assert newey_west_variance(values) == pytest.approx(expected, rel=1e-9)
    assert newey_west_variance(values, lags) == pytest.approx(expected, rel=1e-9)
    assert newey_west_variance(values, 2 * lags) == pytest.approx(mean_of(values, 2 * lags).bse[0] ** 2, rel=1e-9)


def test_the_interval_of_a_mean_is_that_of_statsmodels() -> None:
    values = clustered(200, seed=1)
    assert mean_interval(values) == pytest.approx(mean_of(values, 4).conf_int()[0], rel=1e-9)


@pytest.mark.parametrize("better", [0.0, 0.1, 0.5])
def test_the_test_of_equal_accuracy_is_that_of_a_mean_in_statsmodels(better: float) -> None:
    first, second = clustered(400, seed=2) ** 2 + better, clustered(400, seed=3) ** 2
    first[7], second[11] = np.nan, np.nan
    difference = first - second
    expected = mean_of(difference[np.isfinite(difference)], lags=5)
    found = diebold_mariano(first, second)
    assert found is not None
    assert found.n == expected.nobs == 398
    assert (found.difference, found.t) == pytest.approx((expected.params[0], expected.tvalues[0]), rel=1e-9)
    assert found.p == pytest.approx(expected.pvalues[0], rel=1e-6)


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


@pytest.mark.parametrize("saturdays", [False, True])
def test_har_is_the_regression_of_statsmodels_on_means_of_pandas(saturdays: bool) -> None:
    variance = np.exp(clustered(450, seed=5)) / 1000
    variance[[50, 200, 401]] = np.nan
    weekdays = np.arange(450) % 7
    series = pd.Series(variance)
    table = pd.DataFrame(
        {f"mean of {span}": np.log(series.rolling(span, min_periods=1).mean().shift()) for span in (1, 7, 30)}
    ).assign(constant=1.0)
    table.iloc[:30] = np.nan
    if saturdays:
        table["Saturday"] = (weekdays == 5) * 1.0
    forecast = har(variance, weekdays if saturdays else None)
    for i in (395, 420, 449):
        fit = OLS(np.log(series[:i]), table[:i], missing="drop").fit()
        spread = fit.ssr / fit.nobs
        expected = np.exp(fit.predict(table.iloc[[i]]).iloc[0] + spread / 2)
        assert forecast[i] == pytest.approx(expected, rel=1e-8)


def test_the_walk_forward_regression_is_the_weighted_one_of_statsmodels() -> None:
    """The penalty as observations of its own: 0 = root(ridge) times each coefficient."""
    rng = np.random.default_rng(6)
    sessions, hours, width = 200, 2, 3 + DAY_LEVEL
    rows = np.concatenate([np.ones((sessions, hours, 1)), rng.normal(size=(sessions, hours, width - 1))], axis=2)
    targets = rows @ rng.normal(size=width) + rng.normal(size=(sessions, hours))
    rows[40, 0, 1], targets[60, 1] = np.nan, np.nan
    found = walk_forward(rows, targets)
    penalty = np.eye(width)
    ridge = np.array([CONSTANT_RIDGE] + [RIDGE] * (width - 1))
    for i, hour in ((150, 0), (150, 1), (199, 0)):
        x, y = rows[:i, hour], targets[:i, hour]
        known = np.isfinite(x).all(axis=1) & np.isfinite(y)
        age = np.arange(i - 1, -1, -1)
        weights = 0.5 ** (age / MEMORY_SESSIONS) * np.exp(x[:, 1 + DAY_LEVEL])
        fit = WLS(
            np.concatenate([y[known], np.zeros(width)]),
            np.concatenate([x[known], penalty]),
            weights=np.concatenate([weights[known], ridge]),
        ).fit()
        assert found[i, hour] == pytest.approx(fit.params, rel=1e-7, abs=1e-9)


@given(pairs=samples, outcome=st.floats(-60, 60))
def test_crps_is_that_of_scoringrules(pairs: list[tuple[int, float]], outcome: float) -> None:
    values, weights = np.array(pairs).T
    values = values / 10
    expected = float(crps_ensemble(outcome, values, ens_w=weights, estimator="nrg", backend="numpy"))
    assert crps(from_samples(values, weights), outcome) == pytest.approx(expected, rel=1e-10, abs=1e-10)


@given(quantile=st.floats(-50, 50), outcome=st.floats(-50, 50), level=st.floats(0.01, 0.99))
def test_the_pinball_loss_is_that_of_scoringrules(quantile: float, outcome: float, level: float) -> None:
    expected = float(quantile_score(outcome, quantile, level, backend="numpy"))
    assert pinball(quantile, outcome, level) == pytest.approx(expected, rel=1e-12, abs=1e-12)
