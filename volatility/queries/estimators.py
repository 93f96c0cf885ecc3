"""The estimators of volatility, over windows and as cones: percent a year, from closed sessions alone."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from volatility.analytics.estimators import ESTIMATORS, VolatilityConePoint, estimates, volatility_cone
from volatility.analytics.variance import SESSIONS_PER_YEAR
from volatility.presentation.numbers import shown
from volatility.presentation.tables import CONE_FIELDS
from volatility.queries.session_model import History, closed_fields

_CONE_NAMES: Final = {"min": "minimum", "max": "maximum"}


def volatility_report(history: History) -> dict[str, Any]:
    """Every estimator over every window, and its classic cone over the horizons; percent a year."""
    windows: dict[str, dict[str, Any]] = {name: {} for name in ESTIMATORS}
    for estimate in estimates(history.panel):
        windows[estimate.estimator][str(estimate.window)] = {"value": shown(estimate.value), "n": estimate.n}
    cones: dict[str, dict[str, Any]] = {name: {} for name in ESTIMATORS}
    for point in volatility_cone(history.panel):
        cones[point.estimator][str(point.horizon)] = _cone_fields(point)
    return {
        **closed_fields(history),
        "sessions_per_year": SESSIONS_PER_YEAR,
        "estimators": {name: {"windows": windows[name], "cone": cones[name]} for name in ESTIMATORS},
    }


def _cone_fields(point: VolatilityConePoint) -> dict[str, Any]:
    values = asdict(point)
    fields = {name: shown(values[_CONE_NAMES.get(name, name)]) for name in CONE_FIELDS[:-1]}
    return {**fields, "n": point.n}
