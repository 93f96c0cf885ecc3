"""What is shown of stored forecasts: the running session's, and past ones beside their outcomes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy.engine import Connection

from volatility.analytics.odds import MIN_SESSIONS
from volatility.analytics.variance import SESSIONS_PER_YEAR
from volatility.domain.calendar import SessionBounds
from volatility.domain.digits import number
from volatility.domain.hours import Span
from volatility.domain.metrics import FORECAST_METRICS, FORECAST_VALUES, METRICS, REALISED, forecast_column
from volatility.domain.series import Series
from volatility.presentation.catalogue.forecasts import (
    FORECAST_DISTRIBUTION,
    FORECAST_OUTCOME,
    FORECAST_REPORT,
    NEXT_FORECAST,
    STORED_FORECAST,
)
from volatility.presentation.fields import Group
from volatility.presentation.sessions import heading
from volatility.queries.closed_sessions import ClosedExtent, closed_extent
from volatility.storage import forecast_rows
from volatility.storage.database import Database
from volatility.storage.session_rows import read_sessions

_DAY: Final = timedelta(days=1)
NEEDED: Final = MIN_SESSIONS  # past forecasts, for another one to rest on


class ForecastExtent(NamedTuple):
    """What is closed, how far that is forecast and scored, and the revisions of both."""

    closed: ClosedExtent
    state: forecast_rows.ForecastState | None
    revision: tuple[int, int]


def forecast_extent(connection: Connection, series: Series) -> ForecastExtent:
    """How far sessions, forecasts and scores reach.

    Raises:
        DataIncomplete: where aggregation has closed no session yet.
    """
    sessions = closed_extent(connection, series)
    state = forecast_rows.read_state(connection, series.symbol)
    own = state if state is not None and state.owner == forecast_rows.owner_of(series) else None
    return ForecastExtent(sessions, own, (sessions.revision, state.revision if state else 0))


def revision(database: Database, series: Series) -> tuple[int, int]:
    """What changes whenever a session, statistic, forecast or score of the symbol does."""
    return database.read(lambda connection: forecast_extent(connection, series).revision)


def forecast_report(database: Database, series: Series, days: int) -> dict[str, Any]:
    """The forecast of the session after the newest closed one, and the last ``days`` before it with their outcomes."""

    def work(connection: Connection) -> dict[str, Any]:
        found = forecast_extent(connection, series)
        following = series.calendar.bounds(found.closed.last + _DAY)
        rows = forecast_rows.newest_forecasts(connection, series.symbol, series.forecast_definition, days + 1)
        now = next((row for row in rows if row["open_time"] == following.open_ms), None)
        past = [row for row in rows if row["open_time"] < following.open_ms][:days]
        outcomes = _outcomes(connection, series, past)
        shown = (
            _forecast(NEXT_FORECAST, series, now, {})
            if now
            else _none(series, following, found.state.n if found.state else 0)
        )
        return FORECAST_REPORT.of(
            {
                **heading(series.symbol, series.calendar, simulated=found.closed.simulated),
                "next": shown,
                "count": len(past),
                "forecasts": [
                    _forecast(STORED_FORECAST, series, row, outcomes.get(row["open_time"], {})) for row in past
                ],
            }
        )

    return database.read(work)


def _outcomes(connection: Connection, series: Series, rows: list[forecast_rows.Row]) -> dict[int, dict[str, float]]:
    """Outcomes of the sessions of some forecasts (newest first), in percent of the open, by their start."""
    if not rows:
        return {}
    within = Span(rows[-1]["open_time"], rows[0]["open_time"] + 1000)
    found: dict[int, dict[str, float]] = {}
    for session in read_sessions(connection, series.symbol, within):
        found[session.bounds.open_ms] = {metric.name: session.percent(metric) for metric in METRICS}
    for open_ms, realised, *_ in forecast_rows.variances_since(connection, series.symbol, within.start_ms):
        found.setdefault(open_ms, {})[REALISED.name] = 100 * math.sqrt(realised)
    return found


def _forecast(group: Group, series: Series, row: forecast_rows.Row, outcome: Mapping[str, float]) -> dict[str, Any]:
    calendar = series.calendar
    return group.of(
        {
            "date": row["date"].isoformat(),
            **{name: calendar.local_iso(row[name]) for name in ("open_time", "close_time", "made_at")},
            "live": row["live"],
            "method": row["method"],
            "n": row["n"],
            "annualised_volatility_pct": number(100 * math.sqrt(SESSIONS_PER_YEAR * row["variance"])),
            **{
                metric.percent_name: FORECAST_DISTRIBUTION.of(
                    {name: number(row[forecast_column(metric, name)]) for name in FORECAST_VALUES}
                )
                for metric in FORECAST_METRICS
            },
            "outcome": FORECAST_OUTCOME.of(
                {metric.percent_name: number(outcome.get(metric.name)) for metric in FORECAST_METRICS}
            ),
        }
    )


def _none(series: Series, bounds: SessionBounds, n: int) -> dict[str, Any]:
    """The same fields for a session without a forecast; ``n``: past forecasts that one could rest on."""
    empty = dict.fromkeys((metric.percent_name for metric in FORECAST_METRICS), None)
    return NEXT_FORECAST.of(
        {
            "date": bounds.date.isoformat(),
            "open_time": series.calendar.local_iso(bounds.open_ms),
            "close_time": series.calendar.local_iso(bounds.close_ms),
            **dict.fromkeys(("made_at", "live", "method")),
            "n": n,
            "annualised_volatility_pct": None,
            **empty,
            "outcome": empty,
        }
    )
