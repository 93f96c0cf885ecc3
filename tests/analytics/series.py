"""Series that keep a part of what was before, and their mean by a second library."""

from __future__ import annotations

import numpy as np
from statsmodels.regression.linear_model import OLS, RegressionResults

from volatility.domain.arrays import FloatArray


def clustered(count: int, seed: int, kept: float = 0.7) -> FloatArray:
    """A series in which each value keeps a part of the one before."""
    values = np.random.default_rng(seed).normal(size=count)
    for i in range(1, count):
        values[i] += kept * values[i - 1]
    return values


def mean_of(values: FloatArray, lags: int) -> RegressionResults:
    """The mean as a regression on a constant, with a Newey-West variance."""
    return OLS(values, np.ones(len(values))).fit(cov_type="HAC", cov_kwds={"maxlags": lags})
