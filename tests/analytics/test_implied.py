"""Implied volatility, against the textbook's formula with another library's normal distribution."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest

from volatility.analytics.implied import implied_volatility_pct, straddle_price

CUMULATIVE = NormalDist().cdf


def textbook(price: float, strike: float, volatility_pct: float, hours: float) -> float:
    """Call and put by Black and Scholes, one by one."""
    deviation = volatility_pct / 100 * math.sqrt(hours / 24 / 365)
    d1 = math.log(price / strike) / deviation + deviation / 2
    d2 = d1 - deviation
    call = price * CUMULATIVE(d1) - strike * CUMULATIVE(d2)
    put = strike * CUMULATIVE(-d2) - price * CUMULATIVE(-d1)
    return call + put


@pytest.mark.parametrize("price", [68_000.0, 3.7e-6])
@pytest.mark.parametrize("moneyness", [0.95, 0.999, 1.0, 1.02])
@pytest.mark.parametrize("volatility_pct", [25.0, 60.0, 180.0])
@pytest.mark.parametrize("hours", [24.0, 6.5, 0.75])
def test_the_volatility_that_made_a_price_is_found_again(
    price: float, moneyness: float, volatility_pct: float, hours: float
) -> None:
    strike = price * moneyness
    premium = textbook(price, strike, volatility_pct, hours)
    deviation = volatility_pct / 100 * math.sqrt(hours / 24 / 365)
    assert straddle_price(price, strike, deviation) == pytest.approx(premium, rel=1e-9)
    found = implied_volatility_pct(premium, price, strike, hours)
    time_value = premium - abs(price - strike)
    if time_value > 1e-6 * price:
        assert found == pytest.approx(volatility_pct, rel=1e-6)
    elif found is not None:  # nearly all of the premium is what exercising pays: many volatilities give it
        assert textbook(price, strike, found, hours) == pytest.approx(premium, rel=1e-9)


def test_at_the_money_it_is_about_the_premium_over_four_fifths_of_the_price() -> None:
    """Brenner and Subrahmanyam (1988): straddle = S sigma sqrt(2 T / pi)."""
    premium, hours = 1200.0, 24.0
    about = 100 * premium / 68_000 / math.sqrt(2 / math.pi * hours / 24 / 365)
    assert implied_volatility_pct(premium, 68_000.0, 68_000.0, hours) == pytest.approx(about, rel=1e-3)


@pytest.mark.parametrize(
    ("premium", "hours"),
    [(1000.0, 5.0), (999.0, 5.0), (135_000.0, 5.0), (1200.0, 0.0), (1200.0, -1.0)],
)
def test_a_premium_that_no_volatility_explains_implies_none(premium: float, hours: float) -> None:
    assert implied_volatility_pct(premium, 68_000.0, 67_000.0, hours) is None


def test_one_just_above_what_exercising_pays_implies_a_small_one() -> None:
    found = implied_volatility_pct(1000.0 + 1e-3, 68_000.0, 67_000.0, 24.0)
    assert found is not None
    assert 0 < found < 20


@pytest.mark.parametrize("scale", [1e-9, 1e6])
def test_the_unit_of_money_does_not_matter(scale: float) -> None:
    one = implied_volatility_pct(1200.0, 68_000.0, 67_500.0, 9.0)
    other = implied_volatility_pct(1200.0 * scale, 68_000.0 * scale, 67_500.0 * scale, 9.0)
    assert one is not None
    assert other == pytest.approx(one, rel=1e-12)
