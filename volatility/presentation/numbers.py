"""How analytic numbers are shown: rounded, None for what is not known, quantiles and amounts by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from volatility.analytics.numerics import finite_or_none
from volatility.domain.digits import number

PERCENT: Final = 100.0  # the size of prices in percent of the open
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def shown(value: float | None, price: float | None = None) -> float | None:
    """A number as it is shown; None for what is not finite. ``price`` is the size of the prices it is made of."""
    return None if value is None else number(finite_or_none(value), price)


def level_name(level: float) -> str:
    """The name of a quantile, 0 to 1: p5, p50."""
    return f"p{round(100 * level)}"


def by_level(levels: Sequence[float], values: Sequence[float | None], price: float) -> dict[str, float | None]:
    """Quantiles by name."""
    return {level_name(level): shown(value, price) for level, value in zip(levels, values, strict=True)}


def interval(bounds: tuple[float, float] | None, price: float | None = None) -> dict[str, float | None] | None:
    """An interval's ends; None where there is none."""
    return None if bounds is None else {"low": shown(bounds[0], price), "high": shown(bounds[1], price)}


def amounts(values: Mapping[str, float | None], unit: float) -> dict[str, Any]:
    """Each percentage of the open under its name, in quote currency, and beside it as ``…_pct``."""
    money = {name: None if value is None else shown(value * unit, PERCENT * unit) for name, value in values.items()}
    return money | {f"{name}_pct": shown(value, PERCENT) for name, value in values.items()}
