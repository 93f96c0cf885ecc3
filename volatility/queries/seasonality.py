"""What is usual by weekday and hour, from closed sessions alone."""

from __future__ import annotations

from typing import Any, Final

from volatility.analytics.seasonality import HourSeason, Total, hourly_seasonality, variance_ahead, weekday_totals
from volatility.domain.metrics import METRICS
from volatility.presentation.catalogue.analytics import SEASON_HOUR, SEASON_WEEKDAY, SEASONALITY, WEEKDAY_MEASURE
from volatility.presentation.numbers import PERCENT, WEEKDAYS, interval, shown
from volatility.queries.history import History, closed_fields

DEFAULT_LOOKBACK: Final = 730  # closed sessions: two years


def seasonality_report(history: History, lookback: int = DEFAULT_LOOKBACK) -> dict[str, Any]:
    """Weekday by elapsed hour, and every weekday's Vol and Range."""
    cells = hourly_seasonality(history.panel, lookback)
    ahead = variance_ahead(history.panel, lookback)
    weekdays = []
    for total in weekday_totals(history.panel, lookback):
        hours = [_hour_fields(cell) for cell in cells if cell.weekday == total.weekday]
        measures = {metric.percent_name: _total_fields(getattr(total, metric.name)) for metric in METRICS}
        to_come = ahead[total.weekday]
        fields = {
            "weekday": WEEKDAYS[total.weekday],
            "n": total.n,
            **measures,
            "hours": hours,
            "variance_ahead": None if to_come is None else [shown(share) for share in to_come.tolist()],
        }
        weekdays.append(SEASON_WEEKDAY.of(fields))
    return SEASONALITY.of({**closed_fields(history), "lookback": lookback, "weekdays": weekdays})


def _hour_fields(cell: HourSeason) -> dict[str, Any]:
    return SEASON_HOUR.of(
        {
            "elapsed": cell.elapsed,
            "mean_range_pct": shown(cell.mean_range_pct, PERCENT),
            "median_range_pct": shown(cell.median_range_pct, PERCENT),
            "variance_share": shown(cell.variance_share),
            "n": cell.n,
        }
    )


def _total_fields(total: Total) -> dict[str, Any]:
    return WEEKDAY_MEASURE.of(
        {
            "mean": shown(total.mean, PERCENT),
            "mean_interval": interval(total.mean_interval, PERCENT),
            "median": shown(total.median, PERCENT),
            "median_interval": interval(total.median_interval, PERCENT),
        }
    )
