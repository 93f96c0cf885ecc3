"""A straddle bought at the session's open and held to its end: what it gave in the past, and what it is worth now.

The premium and the strike are given in today's quote currency. Past sessions are asked the same question in proportion:
premium as a percentage of today's open, strike as a multiple of it, both applied to each session's own open. Then

    payoff_pct = |close - strike| / open * 100,    profit_pct = payoff_pct - premium_pct,

costs and funding left out. A session wins if its profit is above 0. A percentage times today's open / 100 is quote
currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from volatility.analytics.inference import mean_interval, weighted_mean_interval, wilson_interval
from volatility.analytics.numerics import TIE
from volatility.domain.arrays import FloatArray

if TYPE_CHECKING:
    from volatility.analytics.odds import Odds, Samples
    from volatility.analytics.panel import HourlyPanel

LOOKBACKS: tuple[int | None, ...] = (30, 90, 365, None)  # sessions; None is all
MIN_FOR_INTERVAL = 10


@dataclass(frozen=True)
class Straddle:
    """Premium and strike in percent of the session's open; the strike is 100 at the open itself."""

    premium_pct: float
    strike_pct: float = 100.0

    @property
    def breakevens_pct(self) -> tuple[float, float]:
        """Final prices, in percent of the open, between which the buyer loses."""
        return self.strike_pct - self.premium_pct, self.strike_pct + self.premium_pct


def straddle_of(premium: float, session_open: float, strike: float | None = None) -> Straddle:
    """Express a premium and strike in quote currency in percent of the session's open.

    Raises:
        ValueError: if the premium is negative, or the open or strike is not positive.
    """
    if premium < 0 or session_open <= 0 or (strike is not None and strike <= 0):
        given = f"premium {premium}, open {session_open}, strike {strike}"
        raise ValueError(f"the premium must not be negative, open and strike must be positive, got {given}")
    return Straddle(premium / session_open * 100, 100.0 if strike is None else strike / session_open * 100)


@dataclass(frozen=True)
class StraddleRecord:
    """What the straddle gave over past sessions; profits in percent of the open; None where n is too small.

    `win_rate_interval`: 95 %, Wilson's, with n reduced for the autocorrelation of wins. `mean_interval`: 95 %, normal,
    with a Newey-West variance, since big days come in clusters. Both from 10 sessions on.
    """

    n: int
    win_rate: float | None = None
    win_rate_interval: tuple[float, float] | None = None
    mean_profit_pct: float | None = None
    mean_interval_pct: tuple[float, float] | None = None
    median_profit_pct: float | None = None
    worst_profit_pct: float | None = None
    best_profit_pct: float | None = None


def profits_pct(panel: HourlyPanel, straddle: Straddle) -> FloatArray:
    """(S) profit of each session in percent of its open; NaN for sessions without candles."""
    final = panel.session_close / panel.session_open * 100
    return np.asarray(np.abs(final - straddle.strike_pct) - straddle.premium_pct, dtype=np.float64)


def straddle_record(profits: FloatArray) -> StraddleRecord:
    """Summarise profits in the order of time; NaN are left out."""
    values = profits[np.isfinite(profits)]
    n = len(values)
    if n == 0:
        return StraddleRecord(0)
    wins = (values > TIE).astype(np.float64)
    enough = n >= MIN_FOR_INTERVAL
    return StraddleRecord(
        n=n,
        win_rate=float(wins.mean()),
        win_rate_interval=wilson_interval(wins) if enough else None,
        mean_profit_pct=float(values.mean()),
        mean_interval_pct=mean_interval(values) if enough else None,
        median_profit_pct=float(np.median(values)),
        worst_profit_pct=float(values.min()),
        best_profit_pct=float(values.max()),
    )


def straddle_records(
    panel: HourlyPanel, straddle: Straddle, lookbacks: tuple[int | None, ...] = LOOKBACKS
) -> dict[int | None, StraddleRecord]:
    """Record over the last 30, 90, 365 and all (None) calendar sessions of a panel of closed ones."""
    profits = profits_pct(panel, straddle)
    return {count: straddle_record(profits[-count:] if count else profits) for count in lookbacks}


def straddle_by_weekday(panel: HourlyPanel, straddle: Straddle, lookback: int | None = None) -> list[StraddleRecord]:
    """Record of the last `lookback` sessions (all by default) for each weekday of the start, Monday first."""
    recent = panel[-lookback:] if lookback else panel
    profits = profits_pct(recent, straddle)
    return [straddle_record(profits[recent.weekdays == day]) for day in range(7)]


@dataclass(frozen=True)
class StraddleValue:
    """What the straddle is worth given the session so far, by the predictive distribution; percent of the open.

    `fair_pct`: expected payoff at the end; `call_pct` and `put_pct` are its two parts. `fair_interval_pct`: its 95 %
    interval, normal, with a Newey-West variance over the past sessions whose paths it is the mean of; None where they
    are worth less than 10 of equal weight.
    """

    fair_pct: float
    call_pct: float
    put_pct: float
    fair_interval_pct: tuple[float, float] | None


def straddle_value(odds: Odds, strike_pct: float) -> StraddleValue:
    """Expected payoff from now; real-world odds without any premium for risk."""
    above, weights = 100 + odds.move.values - strike_pct, odds.move.weights
    interval = _fair_interval(odds.samples, strike_pct) if odds.effective >= MIN_FOR_INTERVAL else None
    return StraddleValue(
        float(np.abs(above) @ weights),
        float(np.maximum(above, 0.0) @ weights),
        float(np.maximum(-above, 0.0) @ weights),
        interval,
    )


def profit_probability(odds: Odds, straddle: Straddle) -> float:
    """Chance from now on that the payoff at the end exceeds the premium."""
    payoff = np.abs(100 + odds.move.values - straddle.strike_pct)
    return float(odds.move.weights[payoff > straddle.premium_pct + TIE].sum())


def _fair_interval(samples: Samples, strike_pct: float) -> tuple[float, float]:
    """95 % interval of the expected payoff: the paths of one session count together, sessions in the order of time."""
    payoff = np.abs(100 + samples.move - strike_pct)
    weight, total = (
        np.asarray(np.bincount(samples.session, part), dtype=np.float64)
        for part in (samples.weight, samples.weight * payoff)
    )
    counts = weight > 0
    return weighted_mean_interval(total[counts] / weight[counts], weight[counts])
