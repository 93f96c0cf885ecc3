"""Variance of single bars, and the year that volatilities are annualised by."""

from __future__ import annotations

import numpy as np

from volatility.domain.arrays import FloatArray

SESSIONS_PER_YEAR = 365  # the market never closes, so a year has 365 sessions
LN2 = float(np.log(2.0))


def garman_klass_terms(open_: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:
    """Garman-Klass variance of single bars, in squared log units; NaN stays NaN.

    `0.5 ln(H/L)^2 - (2 ln 2 - 1) ln(C/O)^2`, never negative for a valid bar. Any shape, elementwise.
    Garman and Klass (1980), On the estimation of security price volatilities from historical data, J. Business 53.
    """
    return np.asarray(0.5 * np.log(high / low) ** 2 - (2 * LN2 - 1) * np.log(close / open_) ** 2, dtype=np.float64)
