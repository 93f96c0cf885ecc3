"""The use case of looking back: closed sessions with their statistics, as they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.engine import Connection

from volatility.domain.calendar import SessionCalendar
from volatility.domain.errors import DataIncomplete, OtherDefinition
from volatility.domain.hours import HOUR_MS, Span
from volatility.domain.metrics import METRICS
from volatility.domain.series import Series
from volatility.domain.sessions import Session
from volatility.presentation.catalogue.service import SYMBOL_COVERAGE
from volatility.presentation.catalogue.sessions import SESSION_WITH_STATISTICS, SESSIONS_REPORT, STATISTICS_REPORT
from volatility.presentation.sessions import heading, session_fields, statistics_fields
from volatility.queries.percentages import lead_begins, percent_windows
from volatility.storage import candle_rows, session_rows
from volatility.storage.database import Database

_EARLIEST, _LATEST = date(1970, 1, 2), date(9000, 1, 1)  # dates beyond are none in every zone or database


@dataclass(frozen=True)
class Coverage:
    """How far the data of a symbol reach; instants in epoch milliseconds, None where there is nothing."""

    symbol: str
    simulated: bool
    first_candle_ms: int | None
    newest_candle_ms: int | None
    first_session: date | None
    newest_session: date | None
    newest_session_close_ms: int | None
    gap_hours: int


class ClosedExtent(NamedTuple):
    """What aggregation has closed of a symbol: labels of the first and last session, and the revision."""

    first: date
    last: date
    revision: int
    simulated: bool


def closed_extent(connection: Connection, series: Series) -> ClosedExtent:
    """What aggregation has closed, by the definition of a session that is asked for.

    Raises:
        DataIncomplete: where there is nothing yet.
        OtherDefinition: where it was computed by another definition.
    """
    state = session_rows.read_state(connection, series.symbol)
    facts = candle_rows.symbol_facts(connection, series.symbol)
    if state is None or facts is None or state.first is None or state.last is None:
        has_candles = candle_rows.newest_stored(connection, series.symbol) is not None
        raise DataIncomplete(
            f"no closed session of {series.symbol} is stored yet: backfill and aggregation come first",
            "sessions" if has_candles else "candles",
        )
    if state.definition != series.definition:
        raise OtherDefinition(
            f"the sessions of {series.symbol} were computed for {state.definition}, and the settings say "
            f"{series.definition}: run btc-volatility aggregate"
        )
    return ClosedExtent(state.first, state.last, state.revision, facts.simulated)


def revision(database: Database, series: Series) -> int:
    """A number that changes whenever a session or statistic of the symbol does."""
    return database.read(lambda connection: closed_extent(connection, series).revision)


def statistics_report(database: Database, series: Series, days: int) -> dict[str, Any]:
    """The last ``days`` closed sessions with their statistics, newest first."""

    def work(connection: Connection) -> dict[str, Any]:
        extent = closed_extent(connection, series)
        sessions = session_rows.read_newest_sessions(connection, series.symbol, days)
        fields = _fields_with_statistics(connection, series, extent.first, sessions) if sessions else []
        return STATISTICS_REPORT.of(_report(series, extent, fields))

    return database.read(work)


def sessions_report(database: Database, series: Series, since: date | None, until: date | None) -> dict[str, Any]:
    """The closed sessions labelled ``since`` up to but not including ``until``, oldest first, without statistics."""

    def work(connection: Connection) -> dict[str, Any]:
        extent = closed_extent(connection, series)
        start_ms, end_ms = (
            series.calendar.open_ms(min(max(day, _EARLIEST), _LATEST)) for day in (since or _EARLIEST, until or _LATEST)
        )
        sessions = session_rows.read_sessions(connection, series.symbol, Span(start_ms, end_ms))
        fields = [session_fields(session.bounds, session, series.calendar) for session in sessions]
        return SESSIONS_REPORT.of(_report(series, extent, fields))

    return database.read(work)


def _fields_with_statistics(
    connection: Connection, series: Series, first: date, sessions: Sequence[Session]
) -> list[dict[str, Any]]:
    """The newest sessions, newest first: their statistics as they are stored, and those of the percentages."""
    oldest, newest = sessions[-1].bounds, sessions[0].bounds
    stored = session_rows.read_statistics(connection, series.symbol, Span(oldest.open_ms, newest.close_ms))
    begins = lead_begins(series.windows, first=first, since=oldest.date)
    lead = Span(series.calendar.open_ms(begins), oldest.open_ms)
    known = [*session_rows.read_sessions(connection, series.symbol, lead), *reversed(sessions)]
    percentages = {
        metric.name: percent_windows(known, metric, series.windows, first=first, since=oldest.date)
        for metric in METRICS
    }
    shown = []
    for session in sessions:
        open_ms, place = session.bounds.open_ms, (session.bounds.date - oldest.date).days
        amounts = {
            name: {window: stored[session_rows.StatisticsKey(open_ms, name, window)] for window in series.windows}
            for name in percentages
        }
        percents = {
            name: {window: rows[place] for window, rows in found.items()} for name, found in percentages.items()
        }
        fields = session_fields(session.bounds, session, series.calendar)
        statistics = statistics_fields(amounts, percents, session.high)
        shown.append(SESSION_WITH_STATISTICS.of({**fields, "statistics": statistics}))
    return shown


def _report(series: Series, extent: ClosedExtent, shown: list[dict[str, Any]]) -> dict[str, Any]:
    head = heading(series.symbol, series.calendar, simulated=extent.simulated)
    return {**head, "count": len(shown), "sessions": shown}


def coverage(database: Database, series: Series) -> Coverage:
    """How far the data of a symbol reach; sessions by another definition than the one asked for don't count."""
    return database.read(lambda connection: coverage_of(connection, series))


def coverage_of(connection: Connection, series: Series) -> Coverage:
    """The same within a transaction."""
    facts = candle_rows.symbol_facts(connection, series.symbol)
    stored = session_rows.read_state(connection, series.symbol)
    state = stored if stored and stored.definition == series.definition else None
    newest = session_rows.read_newest_sessions(connection, series.symbol, 1) if state else []
    newest_candle_ms = candle_rows.newest_stored(connection, series.symbol)
    return Coverage(
        symbol=series.symbol,
        simulated=bool(facts and facts.simulated),
        first_candle_ms=candle_rows.first_stored(connection, series.symbol),
        newest_candle_ms=newest_candle_ms,
        first_session=state.first if state else None,
        newest_session=newest[0].bounds.date if newest else None,
        newest_session_close_ms=newest[0].bounds.close_ms if newest else None,
        gap_hours=len(candle_rows.gap_hours(connection, series.symbol)),
    )


def coverage_fields(known: Coverage, calendar: SessionCalendar) -> dict[str, Any]:
    """How far the data of a symbol reach, as plain values."""
    return SYMBOL_COVERAGE.of(
        {
            "symbol": known.symbol,
            "simulated": known.simulated,
            "first_candle": _shown(known.first_candle_ms, calendar),
            "newest_candle": _shown(known.newest_candle_ms, calendar),
            "first_session": known.first_session and known.first_session.isoformat(),
            "newest_session": known.newest_session and known.newest_session.isoformat(),
            "gap_hours": known.gap_hours,
        }
    )


def _shown(instant_ms: int | None, calendar: SessionCalendar) -> str | None:
    return None if instant_ms is None else calendar.local_iso(instant_ms)


def newest_candle_end_ms(coverage: Coverage) -> int | None:
    """The end of the newest stored candle's hour."""
    return None if coverage.newest_candle_ms is None else coverage.newest_candle_ms + HOUR_MS
