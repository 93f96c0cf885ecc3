"""Numbers keep the digits that they have: served, in CSV, and in a terminal."""

from __future__ import annotations

import random
from decimal import Decimal

import numpy as np
import pytest

from volatility.analytics.straddle import straddle_record
from volatility.cli.output import percent_text, price_text
from volatility.domain.digits import cell, number, plain


@pytest.mark.parametrize(
    ("value", "price", "shown"),
    [
        (0.1 + 0.2, None, 0.3),
        (100000.1 - 100000.0, 100000.1, 0.1),
        (0.0000037 - 0.00000365, 0.0000037, 5e-8),
        (1.0001 - 0.9998, 1.0001, 0.0003),
        (4308.83 - 4261.48, 4308.83, 47.35),
        (30000000.1 - 30000000.0, 30000000.1, 0.1),
        (5.533333333333333e-08, 0.0000037, 5.53333333333333e-08),
        (1 / 3, 100.0, 0.333333333333333),
        (-1e-17, 100.0, 0.0),
        (-0.0, None, 0.0),
        (1e-300, None, 1e-300),
        (None, 1.0, None),
    ],
)
def test_a_number_shows_what_was_meant(value: float | None, price: float | None, shown: float | None) -> None:
    assert repr(number(value, price)) == repr(shown)


def test_every_price_and_every_difference_of_prices_reads_as_decimals_do() -> None:
    """At every size of price and tick, the number shown is the decimal one, and showing it again changes nothing."""
    random.seed(5)
    for _ in range(20_000):
        digits, exponent = random.randint(1, 10), random.randint(-12, 10)
        one, other = (Decimal(random.randint(1, 10**digits)).scaleb(exponent - digits) for _ in range(2))
        high = float(max(one, other))
        assert number(float(one)) == float(one)
        shown = number(abs(float(one) - float(other)), high)
        assert shown == float(abs(one - other)), (one, other)
        assert number(shown, high) == shown


def test_what_is_shown_lies_within_the_rounding_of_doubles() -> None:
    random.seed(6)
    for _ in range(20_000):
        price = 10 ** random.uniform(-13, 10)
        value = price * 10 ** random.uniform(-6, 1)
        for size in (None, price):
            shown = number(value, size)
            assert shown is not None
            assert abs(shown - value) <= 1e-14 * value + 1e-15 * (size or 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5e-8, "0.00000005"),
        (1.5e-12, "0.0000000000015"),
        (-3e-7, "-0.0000003"),
        (1e16, "10000000000000000"),
        (121700.0, "121700.0"),
        (0.3, "0.3"),
    ],
)
def test_csv_has_no_exponents(value: float, text: str) -> None:
    assert plain(value) == text
    assert float(text) == value
    assert cell(value) == text


def test_csv_has_booleans_as_json_has_them() -> None:
    assert [cell(value) for value in (True, False, None, 7, "x")] == ["true", "false", None, 7, "x"]


@pytest.mark.parametrize(
    ("value", "price", "text"),
    [
        (0.0000037, None, "0.0000037"),
        (0.00001234, None, "0.00001234"),
        (5.53333333333333e-08, 0.0000037, "0.00000005533"),
        (1e-12, None, "0.000000000001"),
        (0.0003123, None, "0.0003123"),
        (0.07, None, "0.07"),
        (1.2, None, "1.20"),
        (1.23456, None, "1.23456"),
        (1.0001, None, "1.0001"),
        (15.234, None, "15.234"),
        (4261.48, None, "4,261.48"),
        (47.351234, 4261.48, "47.35"),
        (-47.351234, 4261.48, "-47.35"),
        (3000.0, None, "3,000.00"),
        (100000.0, None, "100,000.00"),
        (1e7, None, "10,000,000"),
        (1_234_567_890.5, None, "1,234,567,890"),
        (0.0, 100.0, "0"),
        (None, 100.0, "–"),
    ],
)
def test_a_price_in_a_terminal_has_the_digits_that_say_something(
    value: float | None, price: float | None, text: str
) -> None:
    assert price_text(value, price) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(6.984, "6.98"), (0.104, "0.10"), (0.0123, "0.01"), (0.000123, "0.00012"), (12345.6, "12,345.60"), (0.0, "0.00")],
)
def test_a_percentage_in_a_terminal_is_never_rounded_to_nothing(value: float, text: str) -> None:
    assert percent_text(value) == text


def test_a_payoff_equal_to_the_premium_is_no_win() -> None:
    profits = np.array([(3.7e-6 - 3.65e-6) / 3.7e-6 * 100 - 5e-8 / 3.7e-6 * 100] * 12)
    assert 0 < abs(profits[0]) < 1e-9
    assert straddle_record(np.abs(profits)).win_rate == 0
