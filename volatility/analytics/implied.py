"""The volatility that a straddle's premium implies, by Black and Scholes (1973) without interest.

A straddle is worth S erf(a) - K erf(b), with v = sigma sqrt(T), a = (ln(S / K) / v + v / 2) / sqrt(2) and
b = a - v / sqrt(2): S is the price now, K the strike, T the time left in years of 365 days.
"""

from __future__ import annotations

import math

from volatility.analytics.variance import SESSIONS_PER_YEAR

HOURS_PER_YEAR = 24 * SESSIONS_PER_YEAR
_LARGEST = 20.0  # sigma sqrt(T) beyond which a straddle is worth S + K to the last digit of a double
_HALVINGS = 100  # more than a double has digits


def straddle_price(price: float, strike: float, deviation: float) -> float:
    """What a straddle is worth where the log of the final price has this standard deviation, above 0."""
    a = (math.log(price / strike) / deviation + deviation / 2) / math.sqrt(2)
    return price * math.erf(a) - strike * math.erf(a - deviation / math.sqrt(2))


def implied_volatility_pct(premium: float, price: float, strike: float, hours: float) -> float | None:
    """Volatility in percent a year at which a straddle with so many hours left is worth the premium.

    None where no volatility gives that: no time is left, or the premium is not above |price - strike|, which exercising
    now would pay, or not below price + strike.
    """
    if hours <= 0 or not abs(price - strike) < premium < straddle_price(price, strike, _LARGEST):
        return None
    low, high = 0.0, _LARGEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if straddle_price(price, strike, middle) < premium else (low, middle)
    return 100 * high / math.sqrt(hours / HOURS_PER_YEAR)
