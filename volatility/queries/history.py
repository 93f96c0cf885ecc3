"""The closed sessions of a series as an hourly panel, read once for every revision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.engine import Connection

from volatility.analytics.panel import HourlyPanel
from volatility.domain.series import Series
from volatility.presentation.sessions import heading
from volatility.queries.closed_sessions import closed_extent
from volatility.storage.database import Database
from volatility.storage.panels import history_panel


@dataclass(frozen=True, eq=False)
class History:
    """The closed sessions of a symbol as they are stored, from ``first`` to ``last``, at ``revision``.

    Two are equal only if they are one object: one that was read again is another, even if it holds the same.
    """

    series: Series
    first: date
    last: date
    revision: int
    simulated: bool
    panel: HourlyPanel

    def before(self, day: date) -> HourlyPanel:
        """The sessions labelled before a day."""
        return self.panel[: max((day - self.first).days, 0)]


def load_history(database: Database, series: Series) -> History:
    """Read the closed sessions of a symbol.

    Raises:
        DataIncomplete: where there are none, or they were computed by another definition.
    """

    def work(connection: Connection) -> History:
        extent = closed_extent(connection, series)
        panel = history_panel(connection, series, extent.first, extent.last)
        return History(series, extent.first, extent.last, extent.revision, extent.simulated, panel)

    return database.read(work)


def closed_fields(history: History) -> dict[str, Any]:
    """What an answer about closed sessions begins with: up to which session they go."""
    calendar = history.series.calendar
    head = heading(history.series.symbol, calendar, simulated=history.simulated)
    return {
        **head,
        "date": history.last.isoformat(),
        "close_time": calendar.local_iso(calendar.bounds(history.last).close_ms),
        "sessions": int(history.panel.exists.sum()),
    }
