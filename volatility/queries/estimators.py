"""The estimators of volatility, over windows and as cones: percent a year, from closed sessions alone."""

from __future__ import annotations

from typing import Any

from volatility.analytics.estimators import ESTIMATORS, VolatilityConePoint, estimates, volatility_cone
from volatility.analytics.variance import SESSIONS_PER_YEAR
from volatility.presentation.catalogue.analytics import CONE_POINT, ESTIMATOR, VOLATILITY, WINDOW_VOLATILITY
from volatility.presentation.numbers import shown
from volatility.queries.history import History, closed_fields


def volatility_report(history: History) -> dict[str, Any]:
    """Every estimator over every window, and its classic cone over the horizons; percent a year."""
    windows: dict[str, dict[str, Any]] = {name: {} for name in ESTIMATORS}
    for estimate in estimates(history.panel):
        windows[estimate.estimator][str(estimate.window)] = WINDOW_VOLATILITY.of(
            {
                "value": shown(estimate.value),
                "n": estimate.n,
            }
        )
    cones: dict[str, dict[str, Any]] = {name: {} for name in ESTIMATORS}
    for point in volatility_cone(history.panel):
        cones[point.estimator][str(point.horizon)] = _cone_fields(point)
    return VOLATILITY.of(
        {
            **closed_fields(history),
            "sessions_per_year": SESSIONS_PER_YEAR,
            "estimators": {name: ESTIMATOR.of({"windows": windows[name], "cone": cones[name]}) for name in ESTIMATORS},
        }
    )


def _cone_fields(point: VolatilityConePoint) -> dict[str, Any]:
    return CONE_POINT.of(
        {
            "current": shown(point.current),
            "min": shown(point.minimum),
            "p25": shown(point.p25),
            "median": shown(point.median),
            "p75": shown(point.p75),
            "max": shown(point.maximum),
            "percentile": shown(point.percentile),
            "n": point.n,
        }
    )
