"""How sure a mean or a share is, where each value depends on those before it."""

from __future__ import annotations

import math

from volatility.analytics.distribution import ROUNDING
from volatility.domain.arrays import FloatArray

Z95 = 1.959963984540054  # normal quantile of a two-sided 95 % interval
ENOUGH = 30  # values, for a standard error or a test


def newey_west_lags(count: float) -> int:
    """How many autocovariances a variance of `count` values takes in: floor(4 (n/100)^(2/9)), Newey and West (1994)."""
    return int(4 * (count / 100) ** (2 / 9))


def newey_west_variance(values: FloatArray, lags: int | None = None) -> float:
    """Variance of the mean of a stationary series, robust to autocorrelation (Bartlett kernel).

    `(g0 + 2 sum_k (1 - k/(L+1)) g_k) / n` with autocovariances g_k around the mean and L = floor(4 (n/100)^(2/9)).
    Newey and West (1987, 1994). Returns NaN for fewer than two values; never negative.
    """
    count = len(values)
    if count < 2:
        return float("nan")
    lags = newey_west_lags(count) if lags is None else lags
    return _bartlett_sum(values - values.mean(), lags) / count**2


def _bartlett_sum(errors: FloatArray, lags: int) -> float:
    """Sum of the squares and products of errors (N) up to some lags apart, weighted by Bartlett's kernel."""
    total = float(errors @ errors)
    for lag in range(1, min(lags, len(errors) - 1) + 1):
        total += 2 * (1 - lag / (lags + 1)) * float(errors[lag:] @ errors[:-lag])
    return max(total, 0.0)


def standard_error(values: FloatArray) -> float | None:
    """Newey-West standard error of the mean of values (N) in the order of time.

    None for fewer than 30 values, or where all are alike: their spread says nothing then.
    """
    if len(values) < ENOUGH:
        return None
    error = math.sqrt(newey_west_variance(values))
    return error if error > ROUNDING * abs(float(values.mean())) else None  # the mean of equal values is rounded


def mean_interval(values: FloatArray) -> tuple[float, float]:
    """95 % interval of the mean with a Newey-West variance."""
    half = Z95 * math.sqrt(newey_west_variance(values))
    centre = float(values.mean())
    return centre - half, centre + half


def weighted_mean_interval(values: FloatArray, weights: FloatArray) -> tuple[float, float]:
    """95 % interval of a weighted mean of values (N) in the order of time, with a Newey-West variance.

    With equal weights it is `mean_interval`; otherwise the number of lags is that of Kish's effective size.
    """
    share = weights / weights.sum()
    centre = float(share @ values)
    errors = share * (values - centre)
    half = Z95 * math.sqrt(_bartlett_sum(errors, newey_west_lags(1 / float(share @ share))))
    return centre - half, centre + half


def wilson_interval(wins: FloatArray) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927), n times plain over Newey-West variance, but never more than n.

    `wins` are 0 or 1 in the order of time.
    """
    n, share = len(wins), float(wins.mean())
    robust = newey_west_variance(wins)
    size = n * min(1.0, share * (1 - share) / n / robust) if robust > 0 else float(n)
    centre = (share + Z95**2 / (2 * size)) / (1 + Z95**2 / size)
    half = Z95 / (1 + Z95**2 / size) * math.sqrt(share * (1 - share) / size + Z95**2 / (4 * size**2))
    return max(0.0, centre - half), min(1.0, centre + half)
