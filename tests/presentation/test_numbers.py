"""Analytic numbers as they are shown."""

from __future__ import annotations

import math

import pytest

from volatility.presentation.numbers import WEEKDAYS, amounts, by_level, interval, level_name, shown


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
def test_what_is_not_known_is_none(value: float | None) -> None:
    assert shown(value) is None
    assert shown(value, 100.0) is None


@pytest.mark.parametrize(
    ("value", "price", "text"),
    [
        (0.1 + 0.2, None, "0.3"),
        (100000.1 - 100000.0, 100000.1, "0.1"),
        (100000.1 - 100000.0, None, "0.100000000005821"),
        (-0.0, None, "0.0"),
        (5e-8, 3.7e-6, "5e-08"),
    ],
)
def test_numbers_have_their_significant_digits(value: float, price: float | None, text: str) -> None:
    assert repr(shown(value, price)) == text


def test_quantiles_are_named_for_their_percent() -> None:
    levels = [place / 100 for place in range(1, 100)]
    assert [level_name(level) for level in levels] == [f"p{place}" for place in range(1, 100)]
    assert by_level([0.05, 0.5, 0.95], [1.0, None, math.nan], 100.0) == {"p5": 1.0, "p50": None, "p95": None}
    with pytest.raises(ValueError, match="shorter"):
        by_level([0.05, 0.5], [1.0], 100.0)


def test_an_interval_has_two_ends_or_is_none() -> None:
    assert interval(None) is None
    assert interval((0.1 + 0.2, 1.0)) == {"low": 0.3, "high": 1.0}
    assert interval((math.nan, 2.0), 100.0) == {"low": None, "high": 2.0}


def test_a_percentage_stands_beside_its_amount() -> None:
    """At a percent worth 421.07: 1.5 % are 631.605."""
    found = amounts({"mean_profit": 1.5, "worst_profit": -2.0, "best_profit": None}, 421.07)
    assert found == {
        "mean_profit": 631.605, "worst_profit": -842.14, "best_profit": None,
        "mean_profit_pct": 1.5, "worst_profit_pct": -2.0, "best_profit_pct": None,
    }  # fmt: skip
    assert amounts({"mean_profit": 0.5}, 3.7e-8)["mean_profit"] == 1.85e-8


def test_weeks_begin_on_monday() -> None:
    assert (len(WEEKDAYS), WEEKDAYS[0], WEEKDAYS[5]) == (7, "Monday", "Saturday")
