"""All closed sessions by columns: what a chart of the whole history needs, and no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final

from sqlalchemy.engine import Connection

from volatility.domain.digits import number
from volatility.domain.hours import Span
from volatility.domain.metrics import METRICS, STATISTICS, Metric
from volatility.domain.series import Series
from volatility.domain.sessions import Session
from volatility.domain.windows import WindowStatistics
from volatility.presentation.catalogue.history import HISTORY, HISTORY_COLUMNS
from volatility.presentation.fields import Group
from volatility.presentation.numbers import PERCENT
from volatility.presentation.sessions import heading
from volatility.queries.closed_sessions import ClosedExtent, closed_extent
from volatility.queries.percentages import percent_windows
from volatility.storage import session_rows
from volatility.storage.database import Database


def _percent(metric: Metric, session: Session) -> float | None:
    return number(session.percent(metric), PERCENT)


def _statistic(name: str, window: WindowStatistics) -> float | None:
    return number(window.values[name], PERCENT)


_OF_SESSION: Final[Mapping[str, Callable[[Session], Any]]] = {
    "date": lambda session: session.bounds.date.isoformat(),
    "open": lambda session: number(session.open),
    "high": lambda session: number(session.high),
    "low": lambda session: number(session.low),
    "close": lambda session: number(session.close),
    "candles": lambda session: session.candles,
    "complete": lambda session: session.complete,
    **{metric.percent_name: partial(_percent, metric) for metric in METRICS},
}
_OF_WINDOW: Final[Mapping[str, Callable[[WindowStatistics], Any]]] = {
    "n": lambda window: window.n,
    **{statistic.percent_name: partial(_statistic, statistic.name) for statistic in STATISTICS},
}


def columns_report(
    database: Database, series: Series, metric: Metric, window: int, columns: Group = HISTORY_COLUMNS
) -> dict[str, Any]:
    """All closed sessions, oldest first, with the percentages of a metric over one window.

    ``columns`` are those of ``HISTORY_COLUMNS``, or some of them.
    """

    def work(connection: Connection) -> tuple[ClosedExtent, list[Session]]:
        extent = closed_extent(connection, series)
        within = Span(series.calendar.open_ms(extent.first), series.calendar.bounds(extent.last).close_ms)
        return extent, session_rows.read_sessions(connection, series.symbol, within)

    extent, sessions = database.read(work)
    wanted = columns.by_name.keys()
    found = {name: [_OF_SESSION[name](session) for session in sessions] for name in wanted & _OF_SESSION.keys()}
    if of_window := wanted & _OF_WINDOW.keys():
        windows = _windows(sessions, metric, window, extent.first)
        found |= {name: [_OF_WINDOW[name](of) for of in windows] for name in of_window}
    head = heading(series.symbol, series.calendar, simulated=extent.simulated)
    shown = {"metric": metric.name, "window": window, "count": len(sessions), "columns": columns.of(found)}
    return HISTORY.of(head | shown)


def _windows(sessions: Sequence[Session], metric: Metric, window: int, first: date) -> list[WindowStatistics]:
    """The window that ends with each session."""
    by_day = percent_windows(sessions, metric, (window,), first=first, since=first)[window]
    return [by_day[(session.bounds.date - first).days] for session in sessions]
