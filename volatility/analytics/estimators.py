"""Volatility estimators over windows of sessions, annualised with 365 sessions, in percent.

Each estimator is the mean of one variance term per session (close-to-close and the parts of Yang-Zhang: the sample
variance with n - 1), so `volatility = 100 sqrt(365 mean)`. O, H, L, C are a session's prices, C' the close before:

close_to_close         variance of ln(C / C')
parkinson              ln(H / L)^2 / (4 ln 2)
garman_klass           0.5 ln(H / L)^2 - (2 ln 2 - 1) ln(C / O)^2
rogers_satchell        ln(H / C) ln(H / O) + ln(L / C) ln(L / O)
yang_zhang             var ln(O / C') + k var ln(C / O) + (1 - k) rogers_satchell, k = 0.34 / (1.34 + (n + 1) / (n - 1))
realised_returns       sum of squared hourly log returns, open to close
realised_garman_klass  sum of hourly Garman-Klass terms, scaled up for missing hours

Parkinson (1980), J. Business 53; Garman and Klass (1980), J. Business 53; Rogers and Satchell (1991), Annals of Applied
Probability 1; Yang and Zhang (2000), J. Business 73; Andersen and Bollerslev (1998), Int. Economic Review 39.

Values are 0 and up. A window counts calendar sessions. It gives None where history is too short, where fewer than
80 % of its sessions have a term, or where a variance needs two and has one. `n` says how many went in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from volatility.analytics.numerics import finite_or_none
from volatility.analytics.variance import LN2, SESSIONS_PER_YEAR, garman_klass_terms
from volatility.domain.arrays import FloatArray, IntArray
from volatility.domain.windows import enough

if TYPE_CHECKING:
    from volatility.analytics.panel import HourlyPanel

WINDOWS = (5, 7, 14, 30, 90)
HORIZONS = (1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 150, 180)
ESTIMATORS = (
    "close_to_close",
    "parkinson",
    "garman_klass",
    "rogers_satchell",
    "yang_zhang",
    "realised_returns",
    "realised_garman_klass",
)


@dataclass(frozen=True)
class SessionTerms:
    """Per-session ingredients (S each), squared log units except the three returns; NaN where a session has none."""

    close_return: FloatArray
    overnight: FloatArray
    intraday: FloatArray
    parkinson: FloatArray
    garman_klass: FloatArray
    rogers_satchell: FloatArray
    realised_returns: FloatArray
    realised_garman_klass: FloatArray


def session_terms(panel: HourlyPanel) -> SessionTerms:
    """Compute every session's ingredients; returns over a session without candles are NaN."""
    first, high, low, last = panel.session_open, panel.session_high, panel.session_low, panel.session_close
    before = np.concatenate([np.full(min(1, len(panel)), np.nan), last[:-1]])
    hourly = np.diff(np.log(panel.price), axis=1)  # a missing hour returns 0, the next one the whole move
    return SessionTerms(
        close_return=np.log(last / before),
        overnight=np.log(first / before),
        intraday=np.log(last / first),
        parkinson=np.log(high / low) ** 2 / (4 * LN2),
        garman_klass=garman_klass_terms(first, high, low, last),
        rogers_satchell=np.log(high / last) * np.log(high / first) + np.log(low / last) * np.log(low / first),
        realised_returns=(hourly**2).sum(axis=1),
        realised_garman_klass=panel.realised_variance,
    )


def rolling_volatility(terms: SessionTerms, estimator: str, window: int) -> tuple[FloatArray, IntArray]:
    """Volatility over the `window` sessions that end with each session (S), percent a year, NaN where None; and n (S).

    Raises:
        ValueError: for an unknown estimator.
    """
    if estimator == "close_to_close":
        variance, n = _rolling_variance(terms.close_return, window)
    elif estimator == "yang_zhang":
        variance, n = _yang_zhang(terms, window)
    elif estimator in ESTIMATORS:
        variance, n = _rolling_mean(getattr(terms, estimator), window)
    else:
        raise ValueError(f"the estimator must be one of {', '.join(ESTIMATORS)}, got {estimator!r}")
    safe = np.where(enough(n, window) & (variance >= 0), variance, np.nan)
    return 100 * np.sqrt(SESSIONS_PER_YEAR * safe), n


def _rolling_mean(values: FloatArray, window: int) -> tuple[FloatArray, IntArray]:
    """Mean of the finite values of each full window, and how many they are."""
    finite = np.isfinite(values)
    total, n = _rolling_sum(np.where(finite, values, 0.0), window), _rolling_sum(finite.astype(np.float64), window)
    mean = np.divide(total, n, out=np.full(len(values), np.nan), where=n > 0)
    return mean, np.nan_to_num(n).astype(np.int64)


def _rolling_sum(values: FloatArray, window: int) -> FloatArray:
    """Sum of each full window, direct rather than by cumulative sums, which lose digits; NaN before the first."""
    result = np.full(len(values), np.nan)
    if len(values) >= window:
        result[window - 1 :] = np.lib.stride_tricks.sliding_window_view(values, window).sum(axis=1)
    return result


def _rolling_variance(values: FloatArray, window: int) -> tuple[FloatArray, IntArray]:
    """Sample variance (n - 1) of the finite values of each full window, and how many they are."""
    mean, n = _rolling_mean(values, window)
    result = np.full(len(values), np.nan)
    if len(values) >= window:
        parts = np.lib.stride_tricks.sliding_window_view(values, window)
        squares = np.where(np.isfinite(parts), parts - mean[window - 1 :, None], 0.0) ** 2
        count = n[window - 1 :]
        enough = count >= 2
        np.divide(squares.sum(axis=1), count - 1, out=result[window - 1 :], where=enough)
    return result, n


def _yang_zhang(terms: SessionTerms, window: int) -> tuple[FloatArray, IntArray]:
    """Variance of Yang and Zhang over sessions whose predecessor exists."""
    has_overnight = np.isfinite(terms.overnight)
    overnight, n = _rolling_variance(terms.overnight, window)
    intraday, _ = _rolling_variance(np.where(has_overnight, terms.intraday, np.nan), window)
    rogers_satchell, _ = _rolling_mean(np.where(has_overnight, terms.rogers_satchell, np.nan), window)
    count = np.maximum(n, 2).astype(np.float64)
    k = 0.34 / (1.34 + (count + 1) / (count - 1))
    return overnight + k * intraday + (1 - k) * rogers_satchell, n


@dataclass(frozen=True)
class Estimate:
    """Newest value of one estimator over one window, percent a year, None where history is short; n sessions."""

    estimator: str
    window: int
    value: float | None
    n: int


def estimates(panel: HourlyPanel, windows: tuple[int, ...] = WINDOWS) -> list[Estimate]:
    """Every estimator over every window that ends with the panel's last session."""
    terms = session_terms(panel)
    return [_newest(terms, name, window) for name in ESTIMATORS for window in windows]


def _newest(terms: SessionTerms, estimator: str, window: int) -> Estimate:
    available = len(terms.intraday)
    if available < window:
        return Estimate(estimator, window, None, int(np.isfinite(terms.intraday).sum()))
    last = SessionTerms(*(getattr(terms, name)[-window:] for name in SessionTerms.__dataclass_fields__))
    values, n = rolling_volatility(last, estimator, window)
    return Estimate(estimator, window, finite_or_none(float(values[-1])), int(n[-1]))


@dataclass(frozen=True)
class VolatilityConePoint:
    """Where an estimator stands among all its past values over one horizon; percent a year, None where n is 0.

    `percentile`: share (0 to 1) of the n values at or below the current one. Burghardt and Lane (1990), J. Portfolio
    Management 16. The windows overlap, so the n values are worth far fewer independent ones.
    """

    estimator: str
    horizon: int
    current: float | None
    minimum: float | None
    p25: float | None
    median: float | None
    p75: float | None
    maximum: float | None
    percentile: float | None
    n: int


def volatility_cone(panel: HourlyPanel, horizons: tuple[int, ...] = HORIZONS) -> list[VolatilityConePoint]:
    """The classic volatility cone of every estimator, over all windows of each horizon in the panel."""
    terms = session_terms(panel)
    return [_cone_point(terms, name, horizon) for name in ESTIMATORS for horizon in horizons]


def _cone_point(terms: SessionTerms, estimator: str, horizon: int) -> VolatilityConePoint:
    values, _ = rolling_volatility(terms, estimator, horizon)
    finite = values[np.isfinite(values)]
    current = finite_or_none(float(values[-1])) if len(values) else None
    if not len(finite):
        return VolatilityConePoint(estimator, horizon, current, None, None, None, None, None, None, 0)
    low, p25, median, p75, high = (float(q) for q in np.quantile(finite, [0.0, 0.25, 0.5, 0.75, 1.0]))
    percentile = None if current is None else float((finite <= current).mean())
    return VolatilityConePoint(estimator, horizon, current, low, p25, median, p75, high, percentile, len(finite))
