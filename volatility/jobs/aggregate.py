"""The use case aggregation: the sessions and windows that changed candles touch, and only those."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
from sqlalchemy.engine import Connection

from volatility.domain.arrays import FloatArray
from volatility.domain.calendar import SessionBounds, SessionCalendar
from volatility.domain.errors import DataIncomplete, ExchangeError
from volatility.domain.hours import Span, merge
from volatility.domain.metrics import METRICS
from volatility.domain.series import Series
from volatility.domain.sessions import Session, form_sessions
from volatility.domain.windows import WindowStatistics, named, window_statistics
from volatility.jobs import backfill
from volatility.jobs.recording import Recorder, recorded
from volatility.jobs.witness import Witness
from volatility.storage import candle_rows, forecast_rows, session_rows
from volatility.storage.database import Database
from volatility.storage.migrate import migrate
from volatility.storage.run_rows import AGGREGATION

log = logging.getLogger(__name__)

_CHUNK: Final = 366  # sessions held in memory at once


class Days(NamedTuple):
    """The calendar sessions labelled ``first`` to ``last``, both included."""

    first: date
    last: date

    @property
    def number(self) -> int:
        """How many they are."""
        return (self.last - self.first).days + 1

    def chunks(self) -> Iterator[Days]:
        """The same days in pieces of bounded size."""
        day = self.first
        while day <= self.last:
            end = min(self.last, day + timedelta(days=_CHUNK - 1))
            yield Days(day, end)
            day = end + timedelta(days=1)


@dataclass
class AggregationReport:
    """What an aggregation did; the JSON line that the job prints."""

    symbol: str
    simulated: bool = False
    rebuild: bool = False
    first_session: str | None = None
    last_session: str | None = None
    candles_fetched: int = 0
    sessions_computed: int = 0
    sessions_written: int = 0
    sessions_removed: int = 0
    statistics_computed: int = 0
    statistics_written: int = 0
    statistics_removed: int = 0

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return asdict(self)

    @property
    def changed(self) -> bool:
        """Whether any table was changed."""
        counts = (self.sessions_written, self.sessions_removed, self.statistics_written, self.statistics_removed)
        return any(counts)


class _Plan(NamedTuple):
    """History, and the days in it whose sessions are to be computed."""

    history: Days
    dirty: list[Days]
    complete: bool
    changes: session_rows.Changes
    state: session_rows.AggregationState | None


def aggregate(
    database: Database, exchange: backfill.Exchange, series: Series, machine_now_ms: int, *, rebuild: bool = False
) -> AggregationReport:
    """Bring sessions and statistics up to date with the candles.

    A session that is over must have its last candle: where the table lacks it, it is fetched first. The exchange's
    clock decides what is over; ``machine_now_ms`` is used while that clock can't be asked. With ``rebuild`` all is
    computed from scratch.

    Raises:
        DataIncomplete: where there are no candles, or the last candle of a session is neither stored nor to be had.
        StorageError: nothing of this run is kept then, but that it failed.
    """
    migrate(database)
    with recorded(database, series.symbol, AGGREGATION) as run:
        database.read(lambda connection: _first_ms(connection, series))  # raises before any wait for the exchange
        last_closed = series.calendar.last_closed(_now_ms(exchange, machine_now_ms))
        report = AggregationReport(series.symbol, rebuild=rebuild)
        _complete_sessions(database, exchange, series, last_closed, report)
        return database.write(lambda connection: _work(connection, series, last_closed, replace(report), run))


def _now_ms(exchange: backfill.Exchange, machine_now_ms: int) -> int:
    try:
        return exchange.now_ms()
    except ExchangeError as error:
        log.warning("the exchange's clock can't be asked, taking this machine's: %s", error)
        return machine_now_ms


def _first_ms(connection: Connection, series: Series) -> int:
    """From when on hours are stored or known to be gaps."""
    first_ms = candle_rows.first_stored_or_gap(connection, series.symbol, series.history_start_ms)
    if first_ms is None:
        raise DataIncomplete(f"no candles of {series.symbol} are stored: run btc-volatility backfill first")
    return first_ms


def _plan(
    connection: Connection, series: Series, last_closed: SessionBounds, *, rebuild: bool, lock: bool
) -> _Plan | None:
    """What is to be computed; None where history has no whole session yet."""
    state = session_rows.read_state(connection, series.symbol, lock=lock)
    first_ms = _first_ms(connection, series)
    earlier = state if state and state.definition == series.definition else None
    first = series.calendar.first_at_or_after(first_ms).date
    # What was closed stays closed, whatever a clock says later.
    history = Days(first, max(last_closed.date, earlier.last) if earlier and earlier.last else last_closed.date)
    if history.first > history.last:
        return None
    changes = session_rows.read_changes(connection, series.symbol)
    if rebuild or not earlier or not earlier.first or not earlier.last or earlier.first < history.first:
        return _Plan(history, [history], True, changes, state)
    touched = [_touched(series.calendar, span) for span in changes.spans]
    touched.append(Days(earlier.last + timedelta(days=1), history.last))
    if history.first < earlier.first:
        # The day before the old first session may have had candles, but not from its start.
        touched.append(Days(earlier.first - timedelta(days=1), earlier.first))
    return _Plan(history, _union(touched, history), False, changes, state)


def _touched(calendar: SessionCalendar, span: Span) -> Days:
    return Days(calendar.containing(span.start_ms).date, calendar.containing(span.end_ms - 1).date)


def _union(parts: Iterable[Days], within: Days) -> list[Days]:
    """The days of all parts that lie in ``within``, as disjoint stretches in order."""
    union: list[Days] = []
    for part in sorted(parts):
        days = Days(max(part.first, within.first), min(part.last, within.last))
        if days.first > days.last:
            continue
        if union and days.first <= union[-1].last + timedelta(days=1):
            union[-1] = Days(union[-1].first, max(union[-1].last, days.last))
        else:
            union.append(days)
    return union


def _complete_sessions(
    database: Database,
    exchange: backfill.Exchange,
    series: Series,
    last_closed: SessionBounds,
    report: AggregationReport,
) -> None:
    """Fetch the last candles of the sessions to be computed, where the exchange has them and the table does not."""
    witness = Witness(database, exchange, series.symbol)
    for span in database.read(lambda connection: _unfinished(connection, series, last_closed, rebuild=report.rebuild)):
        wanted = backfill.BackfillRequest(series.symbol, series.history_start_ms, span.start_ms, span.end_ms)
        log.info("%s: fetching %s, which ends a session", series.symbol, span)
        try:
            fetched = backfill.fetch_missing(database, exchange, wanted, witness=witness)
        except ExchangeError as error:
            raise DataIncomplete(
                f"a session of {series.symbol} can't be closed: candles of {span} are not stored, and: {error}"
            ) from error
        report.candles_fetched += fetched.candles_written


def _unfinished(connection: Connection, series: Series, last_closed: SessionBounds, *, rebuild: bool) -> list[Span]:
    """Missing hours that end a session which is stored in part, and all missing hours after what is aggregated."""
    plan = _plan(connection, series, last_closed, rebuild=rebuild, lock=False)
    if plan is None:
        return []
    newest_ms = candle_rows.newest_stored(connection, series.symbol)
    last = plan.state.last if plan.state else None
    new_from_ms = series.calendar.bounds(last).close_ms if last else newest_ms
    wanted: list[Span] = []
    for days in plan.dirty:
        within = Span(series.calendar.open_ms(days.first), series.calendar.bounds(days.last).close_ms)
        for hole in candle_rows.missing_hours(connection, series.symbol, within):
            session = series.calendar.containing(hole.start_ms)
            if session.open_ms < hole.start_ms and hole.end_ms >= session.close_ms:
                wanted.append(Span(hole.start_ms, session.close_ms))
            if new_from_ms is not None:
                wanted.append(Span(max(hole.start_ms, new_from_ms), hole.end_ms))
    return merge(wanted)


def _work(
    connection: Connection, series: Series, last_closed: SessionBounds, report: AggregationReport, run: Recorder
) -> AggregationReport:
    """One aggregation in one transaction."""
    # Lock before reading anything: what is read then includes what an aggregation that held the lock has done.
    session_rows.ensure_state(connection, series.symbol)
    plan = _plan(connection, series, last_closed, rebuild=report.rebuild, lock=True)
    report.simulated = candle_rows.is_simulated(connection, series.symbol)
    if plan is None or plan.state is None:
        return report
    report.first_session, report.last_session = plan.history.first.isoformat(), plan.history.last.isoformat()
    if plan.complete:
        _remove_outside(connection, series, plan.history, report)
    done, total = 0, sum(stretch.number for stretch in plan.dirty)
    run.progress(done, total)
    for stretch in plan.dirty:
        for days in stretch.chunks():
            _reconcile_sessions(connection, series, days, report)
            done += days.number
            run.progress(done, total)
    reach = timedelta(days=max(series.windows) - 1)
    windows = _union([Days(days.first, days.last + reach) for days in plan.dirty], plan.history)
    for stretch in windows:
        for days in stretch.chunks():
            _reconcile_statistics(connection, series, plan.history, days, report)
    if plan.dirty:
        forecast_rows.note_changes(connection, series.symbol, plan.dirty[0].first)
    session_rows.forget_changes(connection, plan.changes)
    # Answers about closed sessions also look at the hours within: a candle that no session's values show counts too.
    corrected = _union([_touched(series.calendar, span) for span in plan.changes.spans], plan.history)
    revision = plan.state.revision + (report.changed or bool(corrected))
    state = session_rows.AggregationState(series.definition, plan.history.first, plan.history.last, revision)
    if state != plan.state:
        session_rows.write_state(connection, series.symbol, state)
    return report


def _span(calendar: SessionCalendar, days: Days) -> Span:
    """From the start of the first day's session to the end of the last one's."""
    return Span(calendar.open_ms(days.first), calendar.bounds(days.last).close_ms)


def _remove_outside(connection: Connection, series: Series, history: Days, report: AggregationReport) -> None:
    gone = session_rows.outside(connection, series.symbol, _span(series.calendar, history))
    session_rows.delete_sessions(connection, series.symbol, gone)
    report.sessions_removed += len(gone)


def _reconcile_sessions(connection: Connection, series: Series, days: Days, report: AggregationReport) -> None:
    """Compute the sessions of some days and write the difference to what is stored."""
    within = _span(series.calendar, days)
    bounds = series.calendar.between(days.first, days.last)
    computed = form_sessions(session_rows.candle_columns(connection, series.symbol, within), bounds).existing()
    stored = {
        session.bounds.open_ms: session for session in session_rows.read_sessions(connection, series.symbol, within)
    }
    changed = [session for session in computed if stored.get(session.bounds.open_ms) != session]
    gone = stored.keys() - {session.bounds.open_ms for session in computed}
    session_rows.write_sessions(connection, series.symbol, changed)
    session_rows.delete_sessions(connection, series.symbol, gone)
    report.sessions_computed += len(computed)
    report.sessions_written += len(changed)
    report.sessions_removed += len(gone)


def _reconcile_statistics(
    connection: Connection, series: Series, history: Days, days: Days, report: AggregationReport
) -> None:
    """Compute the windows that end on some days and write the difference to what is stored."""
    past = Days(max(history.first, days.first - timedelta(days=max(series.windows) - 1)), days.last)
    bounds = series.calendar.between(past.first, past.last)
    sessions = session_rows.read_sessions(connection, series.symbol, _span(series.calendar, past))
    lead, before = (days.first - past.first).days, (past.first - history.first).days
    computed = _statistics(bounds, sessions, series.windows, lead=lead, before=before)
    within = _span(series.calendar, days)
    stored = session_rows.read_statistics(connection, series.symbol, within)
    changed = {key: value for key, value in computed.items() if stored.get(key) != value}
    gone = stored.keys() - computed.keys()
    session_rows.write_statistics(connection, series.symbol, changed)
    session_rows.delete_statistics(connection, series.symbol, gone)
    report.statistics_computed += len(computed)
    report.statistics_written += len(changed)
    report.statistics_removed += len(gone)


def _statistics(
    bounds: Sequence[SessionBounds], sessions: Sequence[Session], windows: Sequence[int], *, lead: int, before: int
) -> dict[session_rows.StatisticsKey, WindowStatistics]:
    """The statistics at every existing session after the ``lead``."""
    position = {bound.open_ms: place for place, bound in enumerate(bounds)}
    places = [position[session.bounds.open_ms] for session in sessions]
    computed: dict[session_rows.StatisticsKey, WindowStatistics] = {}
    for metric in METRICS:
        values: FloatArray = np.full(len(bounds), np.nan)
        values[places] = [session.value(metric) for session in sessions]
        for window in windows:
            columns = window_statistics(values, window, lead=lead, before=before)
            counts, rows = columns.n.tolist(), columns.values.tolist()
            for place in places:
                if place >= lead:
                    key = session_rows.StatisticsKey(bounds[place].open_ms, metric.name, window)
                    computed[key] = WindowStatistics(counts[place - lead], named(rows[place - lead]))
    return computed
