"""The use case today: the session that runs now, beside the closed ones."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from sqlalchemy.engine import Connection

from volatility.aggregate import Request
from volatility.binance import PAGE_HOURS
from volatility.calendar import SessionBounds
from volatility.candles import Candle, Page
from volatility.errors import DataIncomplete, ExchangeError
from volatility.history import closed
from volatility.hours import HOUR_MS, Span
from volatility.metrics import METRICS, Metric
from volatility.reports import heading, number, session_fields, statistics_fields
from volatility.sessions import CandleColumns, Floats, Session, form_sessions
from volatility.statistics import WindowStatistics, latest, percentile_rank
from volatility.storage import candles as candle_store
from volatility.storage import sessions as store
from volatility.storage.database import Database

log = logging.getLogger(__name__)

_RECENT_HOURS: Final = PAGE_HOURS - 30  # what one request can bring, the running session and summer time included


class LiveExchange(Protocol):
    """What today needs of an exchange; ``BinanceClient`` is one."""

    simulated: bool

    def now_ms(self) -> int:
        """The exchange's clock."""

    def candles(self, symbol: str, asked: Span) -> Page:
        """The checked candles of at most 1000 hours, the open one included."""


class _Past(NamedTuple):
    """What the database knows: closed sessions, and the candles behind the last one that aggregation closed."""

    first: date
    sessions: list[Session]
    recent: Span
    candles: list[Candle]
    newest_end_ms: int
    simulated: bool


class _Live(NamedTuple):
    """The newest candles, from the exchange or else from the database."""

    candles: Sequence[Candle]
    as_of_ms: int
    source: str


@dataclass(frozen=True)
class _Board:
    """The running session and the closed ones before it, oldest first, on consecutive calendar days."""

    bounds: SessionBounds
    session: Session | None
    past: Sequence[Session | None]
    before: int  # calendar sessions of history before the first of past

    def values(self, metric: Metric) -> Floats:
        """The closed sessions' values, NaN where one does not exist."""
        return np.array([np.nan if session is None else session.value(metric) for session in self.past], np.float64)


def today_report(
    database: Database, exchange: LiveExchange | None, request: Request, machine_now_ms: int
) -> dict[str, Any]:
    """The running session up to the exchange's last trade, with the windows around it.

    One request to the exchange, for its newest candles; where aggregation is late they complete the closed sessions
    too. Where the exchange can't be reached (or is None), the stored candles serve and the answer is stale.

    Raises:
        DataIncomplete: where no session is stored yet.
        StorageError: where the database can't be read.
    """
    now_ms, live = _now_ms(exchange, machine_now_ms), exchange
    if now_ms is None:
        now_ms, live = machine_now_ms, None
    running = request.calendar.containing(now_ms)
    past = database.read(lambda connection: _past(connection, request, running))
    newest = _newest(live, request, past, now_ms)
    board = _board(request, running, past, newest)
    return _report(request, board, newest, simulated=past.simulated)


def _now_ms(exchange: LiveExchange | None, machine_now_ms: int) -> int | None:
    """The exchange's time, None where it can't be asked."""
    if exchange is None:
        return None
    try:
        return exchange.now_ms()
    except ExchangeError as error:
        log.warning("today from the database, on this machine's clock (%d): %s", machine_now_ms, error)
        return None


def _past(connection: Connection, request: Request, running: SessionBounds) -> _Past:
    known = closed(connection, request)
    first, last = known.state.first, known.state.last
    newest_ms = candle_store.newest_stored(connection, request.symbol)
    if first is None or last is None or newest_ms is None:
        raise DataIncomplete(f"no closed session of {request.symbol} is stored yet")
    since = max(first, running.date - timedelta(days=max(request.windows)))
    stored = Span(request.calendar.open_ms(since), running.open_ms)
    behind_ms = request.calendar.bounds(last).close_ms
    recent = Span(max(min(behind_ms, running.open_ms), running.close_ms - _RECENT_HOURS * HOUR_MS), running.close_ms)
    return _Past(
        first=first,
        sessions=store.read_sessions(connection, request.symbol, stored),
        recent=recent,
        candles=candle_store.stored_candles(connection, request.symbol, recent),
        newest_end_ms=newest_ms + HOUR_MS,
        simulated=known.simulated,
    )


def _newest(exchange: LiveExchange | None, request: Request, past: _Past, now_ms: int) -> _Live:
    if exchange is not None:
        try:
            page = exchange.candles(request.symbol, past.recent)
        except ExchangeError as error:
            log.warning("today from the database: %s", error)
        else:
            if exchange.simulated == past.simulated:
                return _Live(page.candles, now_ms, "exchange")
            log.warning("today from the database: its candles and the exchange's are not of one kind (simulated)")
    return _Live(past.candles, past.newest_end_ms, "database")


def _board(request: Request, running: SessionBounds, past: _Past, newest: _Live) -> _Board:
    """Closed sessions from the database, and those it lacks yet, with the running one, from the newest candles.

    What is stored may end within a session that is over by now: that one is neither closed nor today's.
    """
    first_day = request.calendar.containing(past.recent.start_ms).date
    if request.calendar.open_ms(first_day) < past.recent.start_ms:
        first_day += timedelta(days=1)  # never form a session from its middle
    bounds = request.calendar.between(first_day, running.date)
    formed = {s.bounds.date: s for s in form_sessions(CandleColumns.of(newest.candles), bounds).existing()}
    ended = {day: session for day, session in formed.items() if session.bounds.close_ms <= newest.as_of_ms}
    known = {session.bounds.date: session for session in past.sessions}
    since = max(past.first, running.date - timedelta(days=max(request.windows)))
    days = [since + timedelta(days=i) for i in range((running.date - since).days)]
    return _Board(
        bounds=running,
        session=formed.get(running.date),
        past=[known.get(day) or ended.get(day) for day in days],
        before=(since - past.first).days,
    )


def _report(request: Request, board: _Board, newest: _Live, *, simulated: bool) -> dict[str, Any]:
    including = {metric.name: _including_today(board, metric, request.windows) for metric in METRICS}
    before = {metric.name: _closed_only(board, metric, request.windows) for metric in METRICS}
    elapsed_ms = min(max(newest.as_of_ms - board.bounds.open_ms, 0), board.bounds.close_ms - board.bounds.open_ms)
    return {
        **heading(request.symbol, request.calendar, simulated=simulated),
        **session_fields(board.bounds, board.session, request.calendar),
        "complete": False,  # it still runs, also in its last hour
        "as_of": request.calendar.local_iso(newest.as_of_ms),
        "price": number(board.session.close) if board.session else None,
        "elapsed_hours": round(elapsed_ms / HOUR_MS, 4),
        "source": newest.source,
        "stale": newest.source != "exchange",
        "statistics": statistics_fields(including),
        "closed_statistics": statistics_fields(before),
        "percentile_rank": {metric.name: _ranks(board, metric, before[metric.name]) for metric in METRICS},
    }


def _including_today(board: _Board, metric: Metric, windows: Sequence[int]) -> dict[int, WindowStatistics]:
    """The windows with today as their newest member, as if the session closed now."""
    value = np.nan if board.session is None else board.session.value(metric)
    return latest(np.append(board.values(metric), value), windows, before=board.before)


def _closed_only(board: _Board, metric: Metric, windows: Sequence[int]) -> dict[int, WindowStatistics]:
    """The windows over closed sessions, today left out."""
    return latest(board.values(metric), windows, before=board.before)


def _ranks(board: _Board, metric: Metric, windows: dict[int, WindowStatistics]) -> dict[str, float | None]:
    """The share of each window's closed sessions at or below today; None where the window has no statistics."""
    values, session = board.values(metric), board.session
    return {
        str(window): None
        if session is None or closed_window.values["median"] is None
        else percentile_rank(values[-window:], session.value(metric))
        for window, closed_window in windows.items()
    }
