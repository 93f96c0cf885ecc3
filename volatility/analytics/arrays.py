"""The few numeric helpers that several modules share."""

from __future__ import annotations

import numpy as np

from volatility.domain.arrays import FloatArray

SESSIONS_PER_YEAR = 365  # the market never closes, so a year has 365 sessions
LN2 = float(np.log(2.0))
TIE = 1e-9  # percent of the open: values this close are the same one, but for the rounding of doubles


def finite_or_none(value: float) -> float | None:
    """Return the value as a plain float, or None where it is NaN or infinite."""
    return float(value) if np.isfinite(value) else None


def garman_klass_terms(open_: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:
    """Garman-Klass variance of single bars, in squared log units; NaN stays NaN.

    `0.5 ln(H/L)^2 - (2 ln 2 - 1) ln(C/O)^2`, never negative for a valid bar. Any shape, elementwise.
    Garman and Klass (1980), On the estimation of security price volatilities from historical data, J. Business 53.
    """
    return np.asarray(0.5 * np.log(high / low) ** 2 - (2 * LN2 - 1) * np.log(close / open_) ** 2, dtype=np.float64)


def decay_weights(count: int, half_life: float) -> FloatArray:
    """Weights of `count` past items, oldest first, that halve every `half_life` items; the newest has weight 1."""
    return np.asarray(0.5 ** (np.arange(count - 1, -1, -1) / half_life), dtype=np.float64)


def newey_west_variance(values: FloatArray, lags: int | None = None) -> float:
    """Variance of the mean of a stationary series, robust to autocorrelation (Bartlett kernel).

    `(g0 + 2 sum_k (1 - k/(L+1)) g_k) / n` with autocovariances g_k around the mean and L = floor(4 (n/100)^(2/9)).
    Newey and West (1987, 1994). Returns NaN for fewer than two values; never negative.
    """
    count = len(values)
    if count < 2:
        return float("nan")
    lags = int(4 * (count / 100) ** (2 / 9)) if lags is None else lags
    centred = values - values.mean()
    total = float(centred @ centred)
    for lag in range(1, min(lags, count - 1) + 1):
        total += 2 * (1 - lag / (lags + 1)) * float(centred[lag:] @ centred[:-lag])
    return max(total, 0.0) / count**2
