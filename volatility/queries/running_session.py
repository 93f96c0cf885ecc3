"""The running session, beside the closed ones."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

import numpy as np
from sqlalchemy.engine import Connection

from volatility.analytics.recalibration import Recalibration
from volatility.domain.arrays import FloatArray
from volatility.domain.calendar import SessionBounds
from volatility.domain.candles import Candle, Page
from volatility.domain.digits import number, rounding
from volatility.domain.errors import DataIncomplete, ExchangeError
from volatility.domain.hours import HOUR_MS, Span
from volatility.domain.market import compare
from volatility.domain.metrics import METRICS, Metric
from volatility.domain.redaction import redact
from volatility.domain.series import Series
from volatility.domain.sessions import CandleColumns, Session, form_sessions
from volatility.domain.windows import latest, percentile_rank
from volatility.exchange.binance import PAGE_HOURS
from volatility.presentation.catalogue.sessions import RUNNING, TODAY, TODAY_NOW
from volatility.presentation.sessions import Windows, heading, session_fields, statistics_fields
from volatility.queries.closed_sessions import closed_extent
from volatility.storage import candle_rows, forecast_rows, session_rows
from volatility.storage.database import Database
from volatility.storage.forecast_mapping import recalibration

log = logging.getLogger(__name__)

Measured: TypeAlias = Callable[[Session, Metric], float]  # Session.value or Session.percent

_LEAD_HOURS: Final = 24  # asked for before the running session, to be compared with what is stored

_RECENT_HOURS: Final = PAGE_HOURS - 30 - _LEAD_HOURS  # what one request brings, the running session's end included


class RunningExchange(Protocol):
    """What the running session needs of an exchange; ``BinanceClient`` is one."""

    def now_ms(self) -> int:
        """The exchange's clock."""

    def candles(self, symbol: str, asked: Span) -> Page:
        """The checked candles of at most 1000 hours, the open one included."""


class _Past(NamedTuple):
    """What the database knows: closed sessions, and the candles behind the last one that aggregation closed.

    ``lead`` are stored candles before those. They show whether the exchange serves the stored market.
    """

    first: date
    sessions: list[Session]
    recent: Span
    candles: list[Candle]
    lead: list[Candle]
    newest_end_ms: int
    simulated: bool
    revision: int
    recalibration: Recalibration


class _Newest(NamedTuple):
    """The newest candles, from the exchange or else from the database."""

    candles: Sequence[Candle]
    as_of_ms: int
    source: str


@dataclass(frozen=True)
class RunningSession:
    """The session that runs now, and the closed ones before it, oldest first, on consecutive calendar days.

    ``candles`` are the newest, those of the span ``recent``: all behind the last session that aggregation closed
    (``revision`` counts its changes), and those of the running one, the open one included. ``before`` counts calendar
    sessions of history before ``past``. ``recalibration``: what the scores of the sessions before it taught; without
    corrections while none is stored.
    """

    series: Series
    bounds: SessionBounds
    session: Session | None
    past: Sequence[Session | None]
    before: int
    recent: Span
    candles: Sequence[Candle]
    as_of_ms: int
    source: str
    simulated: bool
    revision: int
    recalibration: Recalibration

    @property
    def stale(self) -> bool:
        """Whether the exchange gave nothing usable and stored candles are used."""
        return self.source != "exchange"

    @property
    def elapsed_hours(self) -> float:
        """How much of the session had passed when the newest data were made; within the session's length."""
        length_ms = self.bounds.close_ms - self.bounds.open_ms
        return min(max(self.as_of_ms - self.bounds.open_ms, 0), length_ms) / HOUR_MS

    @property
    def highest(self) -> float | None:
        """The highest price of the running session and of those before it; None where there is none."""
        return max((session.high for session in (*self.past, self.session) if session), default=None)

    def values(self, metric: Metric, measured: Measured = Session.value) -> FloatArray:
        """The closed sessions' values, or what else is measured of them; NaN where one does not exist."""
        return np.array([np.nan if session is None else measured(session, metric) for session in self.past], np.float64)


def running_session(
    database: Database, exchange: RunningExchange | None, series: Series, machine_now_ms: int
) -> RunningSession:
    """The running session up to the exchange's last trade.

    One request to the exchange, for its newest candles; where aggregation is late they complete the closed sessions
    too. Where the exchange can't be reached (or is None), the stored candles are used and the answer is stale.

    Raises:
        DataIncomplete: where no session is stored yet.
        StorageError: where the database can't be read.
    """
    now_ms, asked = _now_ms(exchange, machine_now_ms), exchange
    if now_ms is None:
        now_ms, asked = machine_now_ms, None
    bounds = series.calendar.containing(now_ms)
    past = database.read(lambda connection: _past(connection, series, bounds))
    return _running(series, bounds, past, _newest(asked, series, past, now_ms))


def today_report(running: RunningSession, percentile_by_elapsed: Mapping[str, Any]) -> dict[str, Any]:
    """The running session with the windows around it, and its rank among past sessions at the same elapsed time."""
    return TODAY.of({**running_fields(running), **today_fields(running, percentile_by_elapsed)})


def today_fields(running: RunningSession, percentile_by_elapsed: Mapping[str, Any]) -> dict[str, Any]:
    """The windows around the running session, and its rank among past sessions."""
    including, including_pct = (_including_running(running, measured) for measured in (Session.value, Session.percent))
    before, before_pct = (_closed_only(running, measured) for measured in (Session.value, Session.percent))
    return TODAY_NOW.of(
        {
            "statistics": statistics_fields(including, including_pct, running.highest),
            "closed_statistics": statistics_fields(before, before_pct, running.highest),
            "percentile_rank": {metric.name: _ranks(running, metric, before[metric.name]) for metric in METRICS},
            "percentile_by_elapsed": dict(percentile_by_elapsed),
        }
    )


def running_fields(running: RunningSession) -> dict[str, Any]:
    """What every answer about the running session begins with."""
    calendar, session = running.series.calendar, running.session
    return RUNNING.of(
        {
            **heading(running.series.symbol, calendar, simulated=running.simulated),
            **session_fields(running.bounds, session, calendar),
            "complete": False,  # it still runs, also in its last hour
            "as_of": calendar.local_iso(running.as_of_ms),
            "price": number(session.close) if session else None,
            "elapsed_hours": round(running.elapsed_hours, 4),
            "source": running.source,
            "stale": running.stale,
        }
    )


def _now_ms(exchange: RunningExchange | None, machine_now_ms: int) -> int | None:
    """The exchange's time, None where it can't be asked."""
    if exchange is None:
        return None
    try:
        return exchange.now_ms()
    except ExchangeError as error:
        log.warning("today from the database, on this machine's clock (%d): %s", machine_now_ms, error)
        return None


def _past(connection: Connection, series: Series, running: SessionBounds) -> _Past:
    extent = closed_extent(connection, series)
    newest_ms = candle_rows.newest_stored(connection, series.symbol)
    if newest_ms is None:
        raise DataIncomplete(f"no closed session of {series.symbol} is stored yet")
    since = max(extent.first, running.date - timedelta(days=max(series.windows)))
    stored = Span(series.calendar.open_ms(since), running.open_ms)
    behind_ms = series.calendar.bounds(extent.last).close_ms
    recent = Span(max(min(behind_ms, running.open_ms), running.close_ms - _RECENT_HOURS * HOUR_MS), running.close_ms)
    lead = Span(recent.start_ms - _LEAD_HOURS * HOUR_MS, recent.start_ms)
    return _Past(
        first=extent.first,
        sessions=session_rows.read_sessions(connection, series.symbol, stored),
        recent=recent,
        candles=candle_rows.stored_candles(connection, series.symbol, recent),
        lead=candle_rows.stored_candles(connection, series.symbol, lead),
        newest_end_ms=newest_ms + HOUR_MS,
        simulated=extent.simulated,
        revision=extent.revision,
        recalibration=_recalibration(connection, series, running),
    )


def _recalibration(connection: Connection, series: Series, running: SessionBounds) -> Recalibration:
    """What the running session starts with; scores by another definition or method teach it nothing."""
    state = forecast_rows.read_state(connection, series.symbol)
    if state is None or state.owner != forecast_rows.owner_of(series):
        return Recalibration()
    return recalibration(forecast_rows.corrections_before(connection, series.symbol, running.open_ms))


def _newest(exchange: RunningExchange | None, series: Series, past: _Past, now_ms: int) -> _Newest:
    """The exchange's candles where it gives them and they are of the stored market, else the stored ones."""
    if exchange is not None:
        begins_ms = past.lead[0].open_time_ms if past.lead else past.recent.start_ms
        try:
            page = exchange.candles(series.symbol, Span(begins_ms, past.recent.end_ms))
        except ExchangeError as error:
            log.warning("today from the database: %s", error)
        else:
            reason = _not_to_be_mixed(series, past, page)
            if not reason:
                _refused.discard((series.symbol, page.source))
                newest = [candle for candle in page.candles if candle.open_time_ms >= past.recent.start_ms]
                return _Newest(newest, now_ms, "exchange")
            _say_once(series.symbol, page.source, reason)
    return _Newest(past.candles, past.newest_end_ms, "database")


def _not_to_be_mixed(series: Series, past: _Past, page: Page) -> str:
    """Why what the exchange serves can't stand beside what is stored; "" where it can."""
    if page.simulated != past.simulated:
        return "its candles and the exchange's are not of one kind (simulated)"
    compared = compare([*past.lead, *past.candles], page.candles)
    if not compared.hours or compared.one_market:
        return ""
    return f"{redact(page.source)} serves another market than the stored candles of {series.symbol}: {compared.first}"


_refused: Final[set[tuple[str, str]]] = set()  # base URLs that the log has named


def _say_once(symbol: str, url: str, reason: str) -> None:
    """Name a base URL once, until it serves the right candles again."""
    if (symbol, url) not in _refused:
        _refused.add((symbol, url))
        log.warning("today from the database: %s", reason)


def _running(series: Series, running: SessionBounds, past: _Past, newest: _Newest) -> RunningSession:
    """Closed sessions from the database; those that it lacks, and the running one, from the newest candles.

    What is stored may end within a session that is over by now: that one is neither closed nor the running one.
    """
    first_day = series.calendar.containing(past.recent.start_ms).date
    if series.calendar.open_ms(first_day) < past.recent.start_ms:
        first_day += timedelta(days=1)  # never form a session from its middle
    bounds = series.calendar.between(first_day, running.date)
    formed = {s.bounds.date: s for s in form_sessions(CandleColumns.of(newest.candles), bounds).existing()}
    ended = {day: session for day, session in formed.items() if session.bounds.close_ms <= newest.as_of_ms}
    stored = {session.bounds.date: session for session in past.sessions}
    since = max(past.first, running.date - timedelta(days=max(series.windows)))
    days = [since + timedelta(days=i) for i in range((running.date - since).days)]
    return RunningSession(
        series=series,
        bounds=running,
        session=formed.get(running.date),
        past=[stored.get(day) or ended.get(day) for day in days],
        before=(since - past.first).days,
        recent=past.recent,
        candles=newest.candles,
        as_of_ms=newest.as_of_ms,
        source=newest.source,
        simulated=past.simulated,
        revision=past.revision,
        recalibration=past.recalibration,
    )


def _including_running(running: RunningSession, measured: Measured) -> dict[str, Windows]:
    """The windows with the running session as their newest member, as if the session closed now."""
    session = running.session
    newest = {metric: np.nan if session is None else measured(session, metric) for metric in METRICS}
    return {
        metric.name: latest(
            np.append(running.values(metric, measured), newest[metric]), running.series.windows, before=running.before
        )
        for metric in METRICS
    }


def _closed_only(running: RunningSession, measured: Measured) -> dict[str, Windows]:
    """The windows over closed sessions alone."""
    return {
        metric.name: latest(running.values(metric, measured), running.series.windows, before=running.before)
        for metric in METRICS
    }


def _ranks(running: RunningSession, metric: Metric, windows: Windows) -> dict[str, float | None]:
    """The share of each window's closed sessions at or below the running one; None where the window has no statistics.

    Coins of a few cents move by few ticks. Whether two sessions moved by as many must not depend on the rounding of
    doubles.
    """
    values, session = running.values(metric), running.session
    within = rounding(running.highest or 0.0)
    return {
        str(window): None
        if session is None or closed_window.values["median"] is None
        else percentile_rank(values[-window:], session.value(metric) + within)
        for window, closed_window in windows.items()
    }
