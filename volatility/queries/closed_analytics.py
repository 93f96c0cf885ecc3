"""Answers about closed sessions alone: they change only with history."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from volatility.analytics.arrays import SESSIONS_PER_YEAR
from volatility.analytics.estimators import ESTIMATORS, VolatilityConePoint, estimates, volatility_cone
from volatility.analytics.seasonality import HourSeason, Total, hourly_seasonality, weekday_totals
from volatility.domain.metrics import METRICS
from volatility.presentation.numbers import WEEKDAYS, interval, shown
from volatility.presentation.sessions import PERCENT, heading
from volatility.queries.session_model import History

SEASON_LOOKBACK: Final = 730  # closed sessions: two years
CONE_FIELDS: Final = ("current", "min", "p25", "median", "p75", "max", "percentile", "n")
HOUR_FIELDS: Final = ("mean_range_pct", "median_range_pct", "variance_share", "n")
_CONE_NAMES: Final = {"min": "minimum", "max": "maximum"}


def _heading(history: History) -> dict[str, Any]:
    """What these answers begin with: up to which session they go."""
    calendar = history.request.calendar
    head = heading(history.request.symbol, calendar, simulated=history.simulated)
    return {
        **head,
        "date": history.last.isoformat(),
        "close_time": calendar.local_iso(calendar.bounds(history.last).close_ms),
        "sessions": int(history.panel.exists.sum()),
    }


def volatility_report(history: History) -> dict[str, Any]:
    """Every estimator over every window, and its classic cone over the horizons; percent a year."""
    windows: dict[str, dict[str, Any]] = {name: {} for name in ESTIMATORS}
    for estimate in estimates(history.panel):
        windows[estimate.estimator][str(estimate.window)] = {"value": shown(estimate.value), "n": estimate.n}
    cones: dict[str, dict[str, Any]] = {name: {} for name in ESTIMATORS}
    for point in volatility_cone(history.panel):
        cones[point.estimator][str(point.horizon)] = _cone_fields(point)
    return {
        **_heading(history),
        "sessions_per_year": SESSIONS_PER_YEAR,
        "estimators": {name: {"windows": windows[name], "cone": cones[name]} for name in ESTIMATORS},
    }


def _cone_fields(point: VolatilityConePoint) -> dict[str, Any]:
    values = asdict(point)
    fields = {name: shown(values[_CONE_NAMES.get(name, name)]) for name in CONE_FIELDS[:-1]}
    return {**fields, "n": point.n}


def seasonality_report(history: History, lookback: int = SEASON_LOOKBACK) -> dict[str, Any]:
    """Weekday by elapsed hour, and every weekday's Vol and Range."""
    cells = hourly_seasonality(history.panel, lookback)
    weekdays = []
    for total in weekday_totals(history.panel, lookback):
        hours = [_hour_fields(cell) for cell in cells if cell.weekday == total.weekday]
        measures = {metric.percent_name: _total_fields(getattr(total, metric.name)) for metric in METRICS}
        weekdays.append({"weekday": WEEKDAYS[total.weekday], "n": total.n, **measures, "hours": hours})
    return {**_heading(history), "lookback": lookback, "weekdays": weekdays}


def _hour_fields(cell: HourSeason) -> dict[str, Any]:
    return {
        "elapsed": cell.elapsed,
        "mean_range_pct": shown(cell.mean_range_pct, PERCENT),
        "median_range_pct": shown(cell.median_range_pct, PERCENT),
        "variance_share": shown(cell.variance_share),
        "n": cell.n,
    }


def _total_fields(total: Total) -> dict[str, Any]:
    return {
        "mean": shown(total.mean, PERCENT),
        "mean_interval": interval(total.mean_interval, PERCENT),
        "median": shown(total.median, PERCENT),
        "median_interval": interval(total.median_interval, PERCENT),
    }
