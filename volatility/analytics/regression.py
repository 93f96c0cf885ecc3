"""One weighted regression per elapsed hour, refitted before every session on earlier sessions only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from volatility.analytics.features import DAY_LEVEL
from volatility.analytics.numerics import MEMORY_SESSIONS

if TYPE_CHECKING:
    from volatility.domain.arrays import FloatArray, IntArray

RIDGE = 0.01  # keeps the solution defined when a regressor has not varied yet
CONSTANT_RIDGE = 1e-6  # the constant is not shrunk
MIN_OBSERVATIONS = 120  # sessions


def walk_forward(rows: FloatArray, targets: FloatArray) -> FloatArray:
    """Coefficients (S, H, K) that each session starts with: entry i is fitted on sessions 0 to i - 1.

    `rows` (S, H, K) and `targets` (S, H). Minimises `sum_j w_j (y_j - x_j b)^2 + ridge |b|^2`, where w_j halves every
    365 sessions and grows in proportion to the day's level of volatility, since errors in percent of the price matter
    in that proportion. Entries with fewer than 120 observations are NaN, and so is everything made of them.
    """
    sessions, hours, width = rows.shape
    usable = np.isfinite(targets) & np.isfinite(rows).all(axis=2)
    x = np.where(usable[:, :, None], rows, 0.0)
    y = np.where(usable, targets, 0.0)
    weighted = x * (np.exp(x[:, :, 1 + DAY_LEVEL]) * usable)[:, :, None]
    ridge = RIDGE * np.eye(width)
    ridge[0, 0] = CONSTANT_RIDGE
    fade = 0.5 ** (1 / MEMORY_SESSIONS)
    squares, products = np.zeros((hours, width, width)), np.zeros((hours, width))
    seen: IntArray = np.cumsum(usable, axis=0) - usable
    coefficients = np.full(rows.shape, np.nan)
    for i in range(sessions):
        if seen[i].min() >= MIN_OBSERVATIONS:
            coefficients[i] = np.linalg.solve(squares + ridge, products[:, :, None])[:, :, 0]
        squares = fade * squares + weighted[i][:, :, None] * x[i][:, None, :]
        products = fade * products + weighted[i] * y[i][:, None]
    return coefficients


def fitted_levels(rows: FloatArray, coefficients: FloatArray) -> FloatArray:
    """(S, H) forecasts `exp(x b)` as they were made, each with the coefficients of its own session."""
    return np.asarray(np.exp((rows * coefficients).sum(axis=2)), dtype=np.float64)
