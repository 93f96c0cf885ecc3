"""Proper scores and tests for forecasts: how good they were, and whether a difference is more than chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from volatility.analytics.distribution import weighted_sum
from volatility.analytics.inference import newey_west_variance, standard_error
from volatility.analytics.numerics import TIE
from volatility.domain.arrays import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from volatility.analytics.distribution import Distribution


def crps(forecast: Distribution, outcome: float) -> float:
    """Continuous ranked probability score of a discrete distribution, exact; in the outcome's unit, 0 is perfect.

    `E|X - y| - E|X - X'| / 2`, the second term as the integral of F (1 - F). Gneiting and Raftery (2007), JASA 102.
    """
    cumulative = forecast.cumulative[:-1]
    spread = weighted_sum(np.diff(forecast.values), cumulative * (1 - cumulative))
    return weighted_sum(np.abs(forecast.values - outcome), forecast.weights) - spread


def pinball(quantile: float, outcome: float, level: float) -> float:
    """Pinball (quantile) loss, `max(level (y - q), (level - 1) (y - q))`; Koenker and Bassett (1978)."""
    return max(level * (outcome - quantile), (level - 1) * (outcome - quantile))


def covers(low: float, high: float, outcome: float) -> bool:
    """Whether the closed interval holds the outcome."""
    return low - TIE <= outcome <= high + TIE


def pit_bounds(forecast: Distribution, outcome: float) -> tuple[float, float]:
    """Ends of the probability integral transform, P(X < y) and P(X <= y): apart where the forecast has an atom."""
    return forecast.below(outcome - TIE), forecast.at_most(outcome + TIE)


def shares_inside(bounds: FloatArray, level: FloatArray | float) -> FloatArray:
    """(...) share of each stretch from P(X < y) to P(X <= y) that lies in the central `level`; of a point 0 or 1.

    Their mean is randomised coverage: the transform is uniform between the two (Brockwell 2007), and no random number
    is drawn. It equals `level` for calibrated forecasts even if they have atoms, where any closed interval must cover
    too often. `bounds` (..., 2); `level` a number or (...).
    """
    low, high = (1 - np.asarray(level)) / 2, (1 + np.asarray(level)) / 2
    left, right = bounds[..., 0], bounds[..., 1]
    inside = np.clip(right, low, high) - np.clip(left, low, high)
    width = right - left
    point = (left >= low) & (left <= high)
    return np.divide(inside, width, out=point.astype(np.float64), where=width > 0)


def qlike(realised: FloatArray, forecast: FloatArray) -> FloatArray:
    """QLIKE losses of variance forecasts, `r/f - ln(r/f) - 1` elementwise, 0 is perfect.

    Patton (2011), J. Econometrics 160. NaN where either is missing or not positive.
    """
    ratio = np.divide(realised, forecast, out=np.full(len(realised), np.nan), where=(forecast > 0) & (realised > 0))
    return np.asarray(ratio - np.log(ratio) - 1, dtype=np.float64)


@dataclass(frozen=True)
class DieboldMariano:
    """Test of equal accuracy: mean loss difference (positive: the second is better), t value, two-sided p, and n."""

    difference: float
    t: float
    p: float
    n: int


def diebold_mariano(first: FloatArray, second: FloatArray) -> DieboldMariano | None:
    """Diebold and Mariano (1995) on two series of losses, with a Newey-West variance; None below 30 common values.

    The p value is that of the normal distribution. Pairs with a NaN are left out.
    """
    difference = first - second
    difference = difference[np.isfinite(difference)]
    variance = newey_west_variance(difference)
    if len(difference) < 30 or not variance > 0:
        return None
    t = float(difference.mean() / math.sqrt(variance))
    return DieboldMariano(float(difference.mean()), t, math.erfc(abs(t) / math.sqrt(2)), len(difference))


@dataclass(frozen=True)
class CalibrationBin:
    """Forecast probabilities of one decile: their mean, the observed frequency, and n; both None where n is 0."""

    low: float
    high: float
    predicted: float | None
    observed: float | None
    n: int


def bin_of(probabilities: FloatArray, bins: int) -> IntArray:
    """The number of the bin that each probability falls in: [0, 1 / bins), ... up to 1 itself."""
    return np.minimum((probabilities * bins).astype(np.int64), bins - 1)


def calibration(probabilities: FloatArray, outcomes: BoolArray, bins: int = 10) -> list[CalibrationBin]:
    """Observed frequency by bin of predicted probability; bins are [0, 0.1), ... [0.9, 1]."""
    at = bin_of(probabilities, bins)
    result = []
    for k in range(bins):
        chosen = at == k
        n = int(chosen.sum())
        predicted = float(probabilities[chosen].mean()) if n else None
        observed = float(outcomes[chosen].mean()) if n else None
        result.append(CalibrationBin(k / bins, (k + 1) / bins, predicted, observed, n))
    return result


@dataclass(frozen=True)
class BandHits:
    """How often the next session fell inside a rolling band: observed and expected share (0 to 1), and n.

    `error`: Newey-West standard error of the observed share; None for fewer than 30 or where all are alike.
    """

    window: int
    observed: float | None
    expected: float
    n: int
    error: float | None = None


def expected_band_coverage(window: int, low: float = 0.1, high: float = 0.9) -> float:
    """Chance that the next of independent values falls between two interpolated quantiles of `window` earlier ones.

    `(high - low) (window - 1) / (window + 1)`: quantiles with linear interpolation lie at order statistic
    `1 + (window - 1) level`, and the k-th of n has expected probability k / (n + 1). Exact for a uniform distribution,
    close for others; 53 % for 5 sessions, 60 % for 7, 69 % for 14 and 75 % for 30, not 80 %.
    """
    return (high - low) * (window - 1) / (window + 1)


def band_hits(values: FloatArray, window: int, low: float = 0.1, high: float = 0.9) -> BandHits:
    """Share of sessions inside the [low, high] quantile band of the `window` sessions before; NaN breaks a window."""
    expected = expected_band_coverage(window, low, high)
    if len(values) <= window:
        return BandHits(window, None, expected, 0)
    past = np.lib.stride_tricks.sliding_window_view(values, window)[:-1]
    following = values[window:]
    usable = np.isfinite(past).all(axis=1) & np.isfinite(following)
    if not usable.any():
        return BandHits(window, None, expected, 0)
    bottom, top = np.quantile(past[usable], [low, high], axis=1)
    inside = (following[usable] >= bottom - TIE) & (following[usable] <= top + TIE)
    error = standard_error(inside.astype(np.float64))
    return BandHits(window, float(inside.mean()), expected, int(usable.sum()), error)
