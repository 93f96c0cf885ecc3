"""Baselines of realised variance, which a better forecast must beat. Entry i of each uses sessions before i only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from volatility.domain.arrays import FloatArray, IntArray

EWMA_DECAY = 0.94  # RiskMetrics (1996)
HAR_SPANS = (1, 7, 30)  # sessions: a day, a week and a month of a market without weekends
HAR_WARM_UP = 365  # sessions


def previous(variance: FloatArray) -> FloatArray:
    """The last session's variance."""
    return np.concatenate([[np.nan], variance[:-1]])


def ewma(variance: FloatArray, decay: float = EWMA_DECAY) -> FloatArray:
    """Exponentially weighted mean of earlier variances; NaN before the first."""
    result = np.full(len(variance), np.nan)
    total = weight = 0.0
    for i, value in enumerate(variance):
        if weight > 0:
            result[i] = total / weight
        if np.isfinite(value):
            total, weight = decay * total + value, decay * weight + 1
    return result


def trailing_mean(variance: FloatArray, span: int = 30) -> FloatArray:
    """Mean of the last `span` sessions that exist among them; NaN where history is shorter or none exists."""
    result = np.full(len(variance), np.nan)
    for i in range(span, len(variance)):
        recent = variance[i - span : i]
        recent = recent[np.isfinite(recent)]
        if len(recent):
            result[i] = recent.mean()
    return result


def har(variance: FloatArray, weekdays: IntArray | None = None, first: int = 0) -> FloatArray:
    """HAR on log variance (Corsi 2009), refitted by least squares before every session on all earlier ones.

    Regressors: 1 and the logs of the means of the last 1, 7 and 30 sessions; with `weekdays` also a term for Saturday.
    Transformed back by exp(mean + residual variance / 2). NaN in the first 365 + 30 sessions, and
    before `first`.
    """
    spans = np.column_stack([trailing_mean(variance, span) for span in HAR_SPANS])
    columns = [np.ones(len(variance)), *np.log(np.where(spans > 0, spans, np.nan)).T]
    if weekdays is not None:
        columns.append((weekdays == 5).astype(np.float64))
    rows = np.column_stack(columns)
    target = np.log(np.where(variance > 0, variance, np.nan))
    usable = np.isfinite(rows).all(axis=1) & np.isfinite(target)
    result = np.full(len(variance), np.nan)
    for i in range(max(first, HAR_WARM_UP + max(HAR_SPANS)), len(variance)):
        past = np.flatnonzero(usable[:i])
        fit = np.linalg.lstsq(rows[past], target[past], rcond=None)[0]
        residuals = target[past] - rows[past] @ fit
        result[i] = np.exp(rows[i] @ fit + residuals.var() / 2)
    return result
