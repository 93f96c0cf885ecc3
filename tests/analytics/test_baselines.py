"""Baselines of realised variance are their definitions, and HAR is the regression of other libraries."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS

from tests.analytics.series import clustered
from volatility.analytics import baselines
from volatility.domain.arrays import FloatArray


def mean_of(values: FloatArray, i: int, span: int) -> float:
    recent = values[i - span : i]
    return float(np.nanmean(recent))


def test_har_equals_least_squares_written_out() -> None:
    variance = np.random.default_rng(5).lognormal(size=420).cumsum() / 100
    variance[200] = np.nan
    forecast = baselines.har(variance)
    i = 410
    rows, targets = [], []
    for j in range(30, i):
        if np.isfinite(variance[j]) and np.isfinite(variance[j - 1]):
            rows.append([1.0, *(np.log(mean_of(variance, j, span)) for span in (1, 7, 30))])
            targets.append(np.log(variance[j]))
    x, y = np.array(rows), np.array(targets)
    fit = np.linalg.solve(x.T @ x, x.T @ y)
    now = np.array([1.0, *(np.log(mean_of(variance, i, span)) for span in (1, 7, 30))])
    assert forecast[i] == pytest.approx(np.exp(now @ fit + (y - x @ fit).var() / 2), rel=1e-8)
    assert np.isnan(forecast[:395]).all()


def test_the_other_baselines_are_their_definitions() -> None:
    variance = np.array([4.0, np.nan, 2.0, 8.0])
    assert baselines.previous(variance)[1] == 4.0
    assert baselines.ewma(variance)[3] == pytest.approx((0.94 * 4 + 2) / 1.94)
    assert baselines.trailing_mean(variance, 3)[3] == 3.0


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
    forecast = baselines.har(variance, weekdays if saturdays else None)
    for i in (395, 420, 449):
        fit = OLS(np.log(series[:i]), table[:i], missing="drop").fit()
        spread = fit.ssr / fit.nobs
        expected = np.exp(fit.predict(table.iloc[[i]]).iloc[0] + spread / 2)
        assert forecast[i] == pytest.approx(expected, rel=1e-8)


def test_the_simple_baselines_equal_loops_over_a_series_with_gaps() -> None:
    variance = np.random.default_rng(6).lognormal(size=80)
    variance[[7, 30, 31]] = np.nan
    found = baselines.previous(variance), baselines.ewma(variance), baselines.trailing_mean(variance, 5)
    for i in range(80):
        past = [(i - 1 - j, v) for j, v in enumerate(variance[:i]) if not np.isnan(v)]
        weights = [0.94**k for k in range(len(past) - 1, -1, -1)]  # a gap does not age what was before it
        week = [v for age, v in past if age < 5]
        expected = (
            variance[i - 1] if i else np.nan,
            np.average([v for _, v in past], weights=weights) if past else np.nan,
            np.mean(week) if i >= 5 else np.nan,
        )
        assert [one[i] for one in found] == pytest.approx(expected, rel=1e-10, nan_ok=True)


def test_five_sessions_without_candles_leave_no_mean_of_five() -> None:
    variance = np.array([1.0] * 5 + [np.nan] * 5 + [1.0])
    assert np.isnan(baselines.trailing_mean(variance, 5)).tolist() == [True] * 5 + [False] * 5 + [True]


def test_har_begins_where_it_is_told_and_says_the_same_there() -> None:
    variance = np.exp(clustered(420, seed=7)) / 1000
    late, whole = baselines.har(variance, first=410), baselines.har(variance)
    assert np.isnan(late[:410]).all()
    np.testing.assert_array_equal(late[410:], whole[410:])


def test_a_variance_of_zero_teaches_har_nothing() -> None:
    """Its logarithm would be minus infinity: it is left out as if it was missing."""
    variance = np.exp(clustered(400, seed=8)) / 1000
    variance[100] = 0.0
    found = baselines.har(variance)[395:]
    assert np.isfinite(found).all()


def test_no_history_no_baseline() -> None:
    for forecast in (baselines.ewma, baselines.trailing_mean, baselines.har):
        assert len(forecast(np.array([]))) == 0
        assert np.isnan(forecast(np.array([1.0]))).all()
