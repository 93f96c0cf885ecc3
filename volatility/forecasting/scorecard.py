"""What the past shows about the odds, the forecasts and the windows' bands: stored scores, summed up."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
from sqlalchemy.engine import Connection

from volatility.aggregate import Request
from volatility.analysis.tables import Table
from volatility.analytics.arrays import BoolArray, FloatArray
from volatility.analytics.scores import band_hits, calibration, covers
from volatility.analytics.walkforward import OURS, Records, compare_variance, hour_score, pooled_odds
from volatility.forecasting.compute import METHOD
from volatility.forecasting.job import owner_of
from volatility.forecasting.shown import Known, known
from volatility.hours import Span
from volatility.metrics import (
    FORECAST_METRICS,
    INTERVALS,
    METRICS,
    REALISED,
    SCORED_HOURS,
    THRESHOLDS,
    VARIANCE_FORECASTS,
    Metric,
    forecast_column,
)
from volatility.reports import heading, number
from volatility.sessions import Session
from volatility.storage import forecasts as store
from volatility.storage.database import Database
from volatility.storage.sessions import read_sessions

Row = dict[str, Any]
_DAY: Final = timedelta(days=1)
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "odds": (
        *("metric", "elapsed_hours", "n", "crps", "plain_crps", "crps_gain"),
        *("pinball", "plain_pinball", "pinball_gain"),
    ),
    "coverage": (
        *("metric", "elapsed_hours", "nominal", "n"),
        *("randomised", "interval", "interval_probability", "equal_tails"),
    ),
    "calibration": ("metric", "low", "high", "n", "predicted", "observed"),
    "variance": ("forecast", "n", "qlike", "t_against_har", "p"),
    "bands": ("metric", "window", "n", "inside", "expected"),
    "stored": ("made", "metric", "nominal", "n", "covered"),
}


class _Stored(NamedTuple):
    """What is read for a scorecard; rows as the queries give them, in order of time."""

    known: Known
    first_ms: int
    scores: list[Sequence[Any]]
    variances: list[Sequence[Any]]
    forecasts: list[Sequence[Any]]
    sessions: list[Session]


def scorecard_report(database: Database, request: Request, since: date | None) -> dict[str, Any]:
    """How good odds and forecasts were, over the scored sessions labelled ``since`` and later (all by default)."""
    stored = database.read(lambda connection: _read(connection, request, since))
    records = _records(stored.scores)
    state = stored.known.state
    opens = sorted({row[0] for row in stored.scores})
    days = [request.calendar.containing(opens[place]).date.isoformat() for place in (0, -1)] if opens else [None, None]
    return {
        **heading(request.symbol, request.calendar, simulated=stored.known.closed.simulated),
        "method": METHOD,
        "first": days[0],
        "last": days[1],
        "n": len(opens),
        "up_to_date": bool(state and state.done == stored.known.closed.state.last),
        "odds": [_odds(records.get(key), *key) for key in _KEYS],
        "coverage": [row for key in _KEYS for row in _coverage(records.get(key), *key)],
        "calibration": [row for metric in METRICS for row in _calibration(list(records.values()), metric)],
        "variance": _variance(stored),
        "bands": _bands(request, stored),
        "stored": _of_stored(stored),
    }


_KEYS: Final = tuple((metric.name, elapsed) for elapsed in SCORED_HOURS for metric in METRICS)
_LEVELS: Final = tuple(((100 - level) // 2, (100 + level) // 2) for level in INTERVALS)
_ENDS: Final = tuple(
    forecast_column(metric, f"p{end}") for metric in FORECAST_METRICS for level in _LEVELS for end in level
)


def _read(connection: Connection, request: Request, since: date | None) -> _Stored:
    found = known(connection, request)
    start, last = found.closed.state.first, found.closed.state.last
    assert start is not None  # noqa: S101 - or known() had raised
    assert last is not None  # noqa: S101 - likewise
    since_ms = request.calendar.open_ms(min(max(since or start, start), last + _DAY))
    scores = store.scores_since(connection, request.symbol, since_ms) if found.state else []
    first_ms = scores[0][0] if scores and since is None else since_ms
    begin = request.calendar.containing(first_ms).date
    # the bands need the sessions before the first one that is judged
    within = Span(request.calendar.open_ms(begin - max(request.windows) * _DAY), request.calendar.bounds(last).close_ms)
    names = ("open_time", "live", "variance", *_ENDS)
    return _Stored(
        known=found,
        first_ms=first_ms,
        scores=scores,
        variances=store.variances_since(connection, request.symbol, first_ms) if found.state else [],
        forecasts=store.forecast_columns(connection, owner_of(request), first_ms, names),
        sessions=read_sessions(connection, request.symbol, within),
    )


def _records(rows: list[Sequence[Any]]) -> dict[tuple[str, int], Records]:
    """Stored scores as they were computed, by metric and elapsed hour."""
    names = store.SCORE_COLUMNS[1:]
    parts: dict[tuple[str, int], list[Sequence[Any]]] = {}
    for row in rows:
        parts.setdefault((row[1], row[2]), []).append(row)
    found = {}
    for key, part in parts.items():
        columns = dict(zip(names, zip(*part, strict=True), strict=True))
        found[key] = _record(*key, columns)
    return found


def _record(metric: str, elapsed: int, columns: Mapping[str, Sequence[Any]]) -> Records:
    def array(*wanted: str) -> FloatArray:
        return np.array([columns[name] for name in wanted], np.float64).T

    exceeded = np.array(columns["exceeded"], np.int64)
    return Records(
        metric,
        elapsed,
        session=np.array(columns["open_time"], np.int64),
        crps=array("crps")[:, 0],
        plain_crps=array("plain_crps")[:, 0],
        pinball=array("pinball")[:, 0],
        plain_pinball=array("plain_pinball")[:, 0],
        pit=array("pit_below", "pit_at_most"),
        covered=array(*(f"covered_{level}" for level in INTERVALS)),
        promised=array(*(f"promised_{level}" for level in INTERVALS)),
        equal_tailed=array(*(f"equal_tails_{level}" for level in INTERVALS)),
        odds=array(*(f"odds_{level}" for level in THRESHOLDS)),
        happened=np.arange(len(THRESHOLDS)) < exceeded[:, None],
    )


def _row(table: str, *values: Any) -> Row:
    """One row of a table; doubles as they are shown."""
    shown = (number(value) if isinstance(value, float) else value for value in values)
    return dict(zip(FIELDS[table], shown, strict=True))


def _odds(records: Records | None, metric: str, elapsed: int) -> Row:
    if records is None:
        return _row("odds", metric, elapsed, 0, *[None] * 6)
    score = hour_score(records)
    losses = float(records.pinball.mean()), float(records.plain_pinball.mean())
    crps = (score.crps, score.plain_crps, score.crps_gain)
    return _row("odds", metric, elapsed, score.n, *crps, *losses, score.pinball_gain)


def _coverage(records: Records | None, metric: str, elapsed: int) -> Iterator[Row]:
    if records is None:
        for level in INTERVALS:
            yield _row("coverage", metric, elapsed, level / 100, 0, *[None] * 4)
        return
    score = hour_score(records)
    for part in score.coverage:
        shares = (part.randomised, part.observed, part.promised, part.equal_tailed)
        yield _row("coverage", metric, elapsed, part.nominal, score.n, *shares)


def _calibration(records: list[Records], metric: Metric) -> Iterator[Row]:
    mine = [record for record in records if record.measure == metric.name]
    nothing: tuple[FloatArray, BoolArray] = (np.empty(0), np.empty(0, np.bool_))
    for part in calibration(*(pooled_odds(mine, metric.name) if mine else nothing)):
        yield _row("calibration", metric.name, part.low, part.high, part.n, part.predicted, part.observed)


def _variance(stored: _Stored) -> list[Row]:
    """QLIKE over the sessions that every forecast covers, the stored one among them."""
    ours = {row[0]: row[2] for row in stored.forecasts}
    columns = np.array(
        [[math.nan if value is None else value for value in row] for row in stored.variances], np.float64
    ).reshape(-1, len(VARIANCE_FORECASTS) + 2)
    forecasts = {name: columns[:, 2 + place] for place, name in enumerate(VARIANCE_FORECASTS.values())}
    forecasts[OURS] = np.array([ours.get(row[0], math.nan) for row in stored.variances], np.float64)
    scores = {score.name: score for score in compare_variance(columns[:, 1], forecasts)}
    if not scores:
        return [_row("variance", name, 0, None, None, None) for name in forecasts]
    rows = []
    for name, score in scores.items():
        test = score.against_har
        p = None if test is None else f"{test.p:.3g}"  # in significant digits: it may be far below 1e-8
        rows.append(_row("variance", name, score.n, score.qlike, test and test.t, None) | {"p": p and float(p)})
    return rows


def _bands(request: Request, stored: _Stored) -> list[Row]:
    """Hit rates of the windows' own p10 to p90 bands, and what they would be for independent values."""
    rows = []
    for metric in METRICS:
        for window in request.windows:
            hits = band_hits(_series(request, stored, metric, window), window)
            rows.append(_row("bands", metric.name, window, hits.n, hits.observed, hits.expected))
    return rows


def _series(request: Request, stored: _Stored, metric: Metric, window: int) -> FloatArray:
    """Values in percent of the open by calendar day, NaN where there is no session, from a window before the first."""
    last = stored.known.closed.state.last
    values = {session.bounds.date: session.percent(metric) for session in stored.sessions}
    if not values or last is None:
        return np.empty(0)
    first = max(min(values), request.calendar.containing(stored.first_ms).date - window * _DAY)
    days = (last - first).days + 1
    return np.array([values.get(first + place * _DAY, math.nan) for place in range(days)], np.float64)


def _of_stored(stored: _Stored) -> list[Row]:
    """How often intervals of the forecasts as they were stored held the outcome: live ones, and those in retrospect."""
    outcomes = {session.bounds.open_ms: {m.name: session.percent(m) for m in METRICS} for session in stored.sessions}
    for open_ms, realised, *_ in stored.variances:
        outcomes.setdefault(open_ms, {})[REALISED.name] = 100 * math.sqrt(realised)
    rows = []
    for made, live in (("live", True), ("in retrospect", False)):
        forecasts = [row for row in stored.forecasts if row[1] is live]
        for place, metric in enumerate(FORECAST_METRICS):
            judged = [
                (row, found) for row in forecasts if (found := outcomes.get(row[0], {}).get(metric.name)) is not None
            ]
            for number_, level in enumerate(INTERVALS):
                at = 3 + 2 * (len(INTERVALS) * place + number_)
                held = [covers(row[at], row[at + 1], outcome) for row, outcome in judged]
                share = sum(held) / len(held) if held else None
                rows.append(_row("stored", made, metric.name, level / 100, len(held), share))
    return rows


def table(name: str) -> Table:
    """One of the tables as flat rows, with the symbol and whether it is simulated."""

    def rows(report: Mapping[str, Any]) -> Iterator[list[Any]]:
        for row in report[name]:
            yield [report["symbol"], *row.values(), report["simulated"]]

    return Table(("symbol", *FIELDS[name], "simulated"), rows)
