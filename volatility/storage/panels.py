"""Stored history as the hourly panel that ``volatility.analytics`` works on."""

from __future__ import annotations

from datetime import date

import numpy as np
from sqlalchemy.engine import Connection

from volatility.analytics.panel import HourlyPanel, build_panel
from volatility.domain.calendar import SessionBounds
from volatility.domain.hours import Span
from volatility.domain.series import Series
from volatility.storage.session_rows import candle_columns


def history_panel(
    connection: Connection, series: Series, first: date, last: date, *, running: SessionBounds | None = None
) -> HourlyPanel:
    """All closed sessions of history, and as the last one the ``running`` session, without its candles, where given.

    The closed ones are those that aggregation has closed, labelled ``first`` to ``last``, with their stored candles;
    days between the last of them and ``running`` are there without candles.
    """
    bounds = series.calendar.between(first, running.date if running else last)
    closed_end_ms = series.calendar.bounds(last).close_ms
    columns = candle_columns(connection, series.symbol, Span(bounds[0].open_ms, closed_end_ms))
    return build_panel(
        columns.open_time_ms,
        np.stack([columns.open, columns.high, columns.low, columns.close]),
        np.array([bound.open_ms for bound in bounds], np.int64),
        np.array([bound.close_ms for bound in bounds], np.int64),
        weekdays=np.array([bound.date.weekday() for bound in bounds], np.int64),
    )
