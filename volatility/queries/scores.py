"""All that is stored of forecasts and scores, as arrays over the calendar sessions of history."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy.engine import Connection

from volatility.analytics.walkforward import OURS, OddsScores
from volatility.domain.arrays import FloatArray, IntArray
from volatility.domain.calendar import SessionBounds
from volatility.domain.hours import Span
from volatility.domain.metrics import (
    FORECAST_METRICS,
    INTERVALS,
    METRICS,
    REALISED,
    VARIANCE_BASELINES,
    forecast_column,
)
from volatility.domain.series import FORECAST_METHOD, Series
from volatility.queries.forecasts import ForecastExtent, forecast_extent
from volatility.storage import forecast_rows
from volatility.storage.database import Database
from volatility.storage.forecast_mapping import odds_scores
from volatility.storage.session_rows import read_sessions

_ENDS: Final = tuple(
    forecast_column(metric, f"p{end}")
    for metric in FORECAST_METRICS
    for level in INTERVALS
    for end in ((100 - level) // 2, (100 + level) // 2)
)


@dataclass(frozen=True)
class ScoredSessions:
    """S calendar sessions from the first to the last closed one; NaN where there is nothing.

    `weekdays` (S): 0 for Monday. `outcomes`: by metric, (S) percent of the open. `realised` (S): variance. `variances`:
    by name, (S) forecasts of it, the stored one among them. `live_ends`, `hindcast_ends` (S, 3, 3, 2): of the 50, 80
    and 90 % intervals of stored forecasts, by metric; live ones of any method, hindcasts of the present one. `odds`:
    scores by metric and elapsed hour; their `session` is an index.
    """

    extent: ForecastExtent
    bounds: Sequence[SessionBounds]
    weekdays: IntArray
    outcomes: Mapping[str, FloatArray]
    realised: FloatArray
    variances: Mapping[str, FloatArray]
    live_ends: FloatArray
    hindcast_ends: FloatArray
    odds: Mapping[tuple[str, int], OddsScores]


def scored_sessions(database: Database, series: Series) -> ScoredSessions:
    """Read it in one snapshot.

    Raises:
        DataIncomplete: where aggregation has closed no session yet.
    """
    return database.read(lambda connection: _read(connection, series))


def _read(connection: Connection, series: Series) -> ScoredSessions:
    found = forecast_extent(connection, series)
    bounds = series.calendar.between(found.closed.first, found.closed.last)
    opens = np.array([bound.open_ms for bound in bounds], np.int64)
    within = Span(bounds[0].open_ms, bounds[-1].close_ms)
    sessions = read_sessions(connection, series.symbol, within)
    at = [session.bounds.open_ms for session in sessions]
    shares = [[session.percent(metric) for metric in METRICS] for session in sessions]
    percent = _spread(opens, at, shares, len(METRICS))
    own = found.state is not None
    scored = forecast_rows.variances_since(connection, series.symbol, within.start_ms) if own else []
    variance = _spread(opens, [row[0] for row in scored], [row[1:] for row in scored], len(VARIANCE_BASELINES) + 1)
    columns = ("open_time", "method", "live", "variance", *_ENDS)
    said = forecast_rows.forecast_columns(
        connection, series.symbol, series.forecast_definition, within.start_ms, columns
    )

    def values(rows: Sequence[Sequence[Any]]) -> FloatArray:
        """(S, 1 + ends) variance, and ends of intervals."""
        return _spread(opens, [row[0] for row in rows], [row[3:] for row in rows], len(columns) - 3)

    ours = [row for row in said if row[1] == FORECAST_METHOD]
    shape = (-1, len(FORECAST_METRICS), len(INTERVALS), 2)
    names = enumerate(VARIANCE_BASELINES.values(), start=1)
    return ScoredSessions(
        extent=found,
        bounds=bounds,
        weekdays=np.array([bound.date.weekday() for bound in bounds], np.int64),
        outcomes={metric.name: percent[:, place] for place, metric in enumerate(METRICS)}
        | {REALISED.name: 100 * np.sqrt(variance[:, 0])},
        realised=variance[:, 0],
        variances={name: variance[:, place] for place, name in names} | {OURS: values(ours)[:, 0]},
        live_ends=values([row for row in said if row[2]])[:, 1:].reshape(shape),
        hindcast_ends=values([row for row in ours if not row[2]])[:, 1:].reshape(shape),
        odds=odds_scores(opens, forecast_rows.scores_since(connection, series.symbol, within.start_ms) if own else []),
    )


def _spread(opens: IntArray, at_ms: Sequence[int], rows: Iterable[Sequence[Any]], width: int) -> FloatArray:
    """(S, width) rows of some sessions in their places, NaN elsewhere and for None; sessions beyond are left out."""
    spread = np.full((len(opens), width), np.nan)
    places = np.searchsorted(opens, np.array(at_ms, np.int64))
    values = np.array([[math.nan if v is None else v for v in row] for row in rows], np.float64).reshape(-1, width)
    inside = places < len(opens)
    spread[places[inside]] = values[inside]
    return spread
