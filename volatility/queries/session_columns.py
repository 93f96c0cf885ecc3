"""All closed sessions by columns: what a chart of the whole history needs, and no more."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from volatility.domain.digits import number
from volatility.domain.hours import Span
from volatility.domain.metrics import METRICS, STATISTICS, Metric
from volatility.domain.series import Series
from volatility.domain.sessions import Session
from volatility.presentation.catalogue.history import HISTORY, HISTORY_COLUMNS
from volatility.presentation.numbers import PERCENT
from volatility.presentation.sessions import heading
from volatility.queries.closed_sessions import ClosedExtent, closed_extent
from volatility.queries.percentages import percent_windows
from volatility.storage import session_rows
from volatility.storage.database import Database


def columns_report(database: Database, series: Series, metric: Metric, window: int) -> dict[str, Any]:
    """All closed sessions, oldest first, with the percentages of a metric over one window."""

    def work(connection: Connection) -> tuple[ClosedExtent, list[Session]]:
        extent = closed_extent(connection, series)
        within = Span(series.calendar.open_ms(extent.first), series.calendar.bounds(extent.last).close_ms)
        return extent, session_rows.read_sessions(connection, series.symbol, within)

    extent, sessions = database.read(work)
    by_day = percent_windows(sessions, metric, (window,), first=extent.first, since=extent.first)[window]
    windows = [by_day[(session.bounds.date - extent.first).days] for session in sessions]
    columns: dict[str, Any] = {
        "date": [session.bounds.date.isoformat() for session in sessions],
        "open": [number(session.open) for session in sessions],
        "high": [number(session.high) for session in sessions],
        "low": [number(session.low) for session in sessions],
        "close": [number(session.close) for session in sessions],
        "candles": [session.candles for session in sessions],
        "complete": [session.complete for session in sessions],
        "n": [one.n for one in windows],
    }
    columns |= {one.percent_name: [number(session.percent(one), PERCENT) for session in sessions] for one in METRICS}
    columns |= {one.percent_name: [number(of.values[one.name], PERCENT) for of in windows] for one in STATISTICS}
    head = heading(series.symbol, series.calendar, simulated=extent.simulated)
    shown = {"metric": metric.name, "window": window, "count": len(sessions), "columns": HISTORY_COLUMNS.of(columns)}
    return HISTORY.of(head | shown)
