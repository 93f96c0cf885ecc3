"""Ties, values that are not numbers, and weights that fade."""

from __future__ import annotations

import numpy as np

from volatility.domain.arrays import FloatArray

MEMORY_SESSIONS = 365.0  # half-life of everything that is learnt over sessions
TIE = 1e-9  # percent of the open: values this close are the same one, but for the rounding of doubles


def finite_or_none(value: float) -> float | None:
    """Return the value as a Python float, or None where it is NaN or infinite."""
    return float(value) if np.isfinite(value) else None


def decay_weights(count: int, half_life: float) -> FloatArray:
    """Weights of `count` past items, oldest first, that halve every `half_life` items; the newest has weight 1."""
    return np.asarray(0.5 ** (np.arange(count - 1, -1, -1) / half_life), dtype=np.float64)
