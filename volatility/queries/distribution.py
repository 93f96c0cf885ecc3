"""The distribution of Vol or Range over the last closed sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
from sqlalchemy.engine import Connection

from volatility.analytics.histogram import histogram
from volatility.domain.hours import Span
from volatility.domain.metrics import CONE_LEVELS, Metric
from volatility.domain.series import Series
from volatility.domain.sessions import Session
from volatility.presentation.catalogue.history import DISTRIBUTION
from volatility.presentation.numbers import PERCENT, by_level
from volatility.presentation.sessions import heading
from volatility.queries.closed_sessions import ClosedExtent, closed_extent
from volatility.queries.cone import DEFAULT_LOOKBACK
from volatility.storage import session_rows
from volatility.storage.database import Database


def distribution_report(
    database: Database, series: Series, metric: Metric, lookback: int = DEFAULT_LOOKBACK
) -> dict[str, Any]:
    """A histogram of a metric in percent, and its quantiles, over the last ``lookback`` calendar sessions."""

    def work(connection: Connection) -> tuple[ClosedExtent, list[Session]]:
        extent = closed_extent(connection, series)
        since = max(extent.first, extent.last - timedelta(days=lookback - 1))
        within = Span(series.calendar.open_ms(since), series.calendar.bounds(extent.last).close_ms)
        return extent, session_rows.read_sessions(connection, series.symbol, within)

    extent, sessions = database.read(work)
    values = np.array([session.percent(metric) for session in sessions], np.float64)
    found = histogram(values)
    quantiles = np.quantile(values, CONE_LEVELS).tolist() if sessions else [None] * len(CONE_LEVELS)
    return DISTRIBUTION.of(
        {
            **heading(series.symbol, series.calendar, simulated=extent.simulated),
            "metric": metric.name,
            "lookback": lookback,
            "n": len(sessions),
            "edges": list(found.edges),
            "counts": list(found.counts),
            "beyond": found.beyond,
            "quantiles_pct": by_level(CONE_LEVELS, quantiles, PERCENT),
        }
    )
