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
