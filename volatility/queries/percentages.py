"""Windows over the sessions' own percentages. They are stored nowhere: the sessions are, and these follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from volatility.domain.arrays import FloatArray
from volatility.domain.metrics import Metric
from volatility.domain.sessions import Session
from volatility.domain.windows import WindowStatistics, named, window_statistics


def lead_begins(windows: Sequence[int], *, first: date, since: date) -> date:
    """The first calendar session that the windows from ``since`` on reach back to; history begins with ``first``."""
    return max(first, since - timedelta(days=max(windows) - 1))


def percent_windows(
    sessions: Sequence[Session], metric: Metric, windows: Sequence[int], *, first: date, since: date
) -> dict[int, list[WindowStatistics]]:
    """The statistics of each window over the percentages of a metric, at each calendar session from ``since`` on.

    Args:
        sessions: the sessions that exist from ``lead_begins`` on, oldest first; the last of them ends the list.
        metric: of which ``Session.percent`` is taken, percent of each session's own open.
        windows: how many calendar sessions each window covers.
        first: label of the first session of history.
        since: label of the first session that is asked for.
    """
    if not sessions:
        return {window: [] for window in windows}
    begins = lead_begins(windows, first=first, since=since)
    places = [(session.bounds.date - begins).days for session in sessions]
    values: FloatArray = np.full(places[-1] + 1, np.nan)
    values[places] = [session.percent(metric) for session in sessions]
    lead, before = (since - begins).days, (begins - first).days
    found: dict[int, list[WindowStatistics]] = {}
    for window in windows:
        columns = window_statistics(values, window, lead=lead, before=before)
        rows = zip(columns.n.tolist(), columns.values.tolist(), strict=True)
        found[window] = [WindowStatistics(n, named(row)) for n, row in rows]
    return found
