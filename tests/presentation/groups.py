"""A made-up object of the catalogue that has what real ones have, and values of it."""

from __future__ import annotations

from typing import Any

from volatility.presentation.fields import NULLABLE, OF_OPEN, QUOTE, ByKey, Field, Group, Kind, Text

INNER = Group(
    "Inner",
    Text("ends", "концы"),
    (Field("low", Kind.NUMBER, "lower", "нижний"), Field("high", Kind.NUMBER, "upper", "верхний")),
)
WINDOW = Group("Window", Text("window", "окно"), (Field("n", Kind.INTEGER, "count", "сколько"),))
OUTER = Group(
    "Outer",
    Text("all", "всё"),
    (
        Field("gain", Kind.NUMBER, "gain; without costs", "прибыль; без издержек", QUOTE, title="gain"),
        Field("loss", Kind.NUMBER, "loss", "убыток", QUOTE, Text("at night", "ночью")),
        Field("gain_pct", Kind.NUMBER, "gain", "прибыль", OF_OPEN),
        Field("by_window", ByKey(WINDOW), "windows", "окна", column="{}"),
        Field("gain_interval", INNER, "ends", "концы", QUOTE, NULLABLE, title="95 %", column="gain_{}"),
    ),
)
VALUES: dict[str, Any] = {
    "gain": 1.0,
    "loss": None,
    "gain_pct": 2.0,
    "by_window": {"5": {"n": 4}, "7": {"n": 6}},
    "gain_interval": {"low": 0.5, "high": 1.5},
}
