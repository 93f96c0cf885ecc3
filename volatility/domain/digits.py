"""How numbers are shown: with the digits that they have, whether a coin costs 0.0000037 or 100,000."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Final

_SIGNIFICANT: Final = 15  # decimal digits that a double always keeps
_OF_A_PRICE: Final = 12  # digits that a price has at most, and a quantile between two differences of prices
_ROUNDING: Final = 2.0**-50  # of four numbers of a price's size, as doubles


def number(value: float | None, price: float | None = None) -> float | None:
    """A double as it is shown: to 15 significant digits, so that 0.1 + 0.2 reads 0.3.

    A difference of two prices is exact in decimals. In doubles it is off by the rounding of the prices, which may be
    far larger than its own last digits: 100000.1 - 100000.0 gives 0.10000000000582. So whatever is made of differences
    (Vol, Range, their statistics, profits) names the size of the ``price`` behind it. Where a decimal of no more digits
    than prices have lies within their rounding, 2^-50 of the price, it is what was meant: 0.1. All else keeps its 15.
    Nothing moves by more than 1e-15 of the price or 5e-15 of itself.
    """
    if value is None:
        return None
    if price is not None:
        meant = round(value, _OF_A_PRICE - 1 - exponent(price))
        if abs(meant - value) <= rounding(price):
            value = meant
    return float(f"{value:.{_SIGNIFICANT}g}") + 0.0  # not -0.0


def rounding(price: float) -> float:
    """How far two differences of prices up to this one may lie apart as doubles that are equal as decimals."""
    return _ROUNDING * price


def exponent(value: float) -> int:
    """The power of ten of a number's first digit: 0 for 3.7, -6 for 0.0000037; 0 for 0."""
    return math.floor(math.log10(abs(value))) if value else 0


def plain(value: float) -> str:
    """All digits of a double without an exponent: 0.00000005, not 5e-08, which not every reader of CSV takes."""
    text = repr(value)
    return f"{Decimal(text):f}" if "e" in text else text


def cell(value: object) -> object:
    """A value as CSV has it: booleans as in JSON, numbers without exponent, nothing for None."""
    if isinstance(value, bool):
        return str(value).lower()
    return plain(value) if isinstance(value, float) else value
