"""Queries over sessions, their statistics, and what aggregation has done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.engine import Connection

from volatility.domain.calendar import SessionBounds
from volatility.domain.hours import Span
from volatility.domain.metrics import METRICS, STATISTICS
from volatility.domain.sessions import CandleColumns, Session
from volatility.domain.windows import WindowStatistics
from volatility.storage.schema import (
    aggregation_state,
    daily_sessions,
    kline_changes,
    klines_hourly,
    session_statistics,
)
from volatility.storage.upsert import upsert

_SESSION: Final = [
    getattr(daily_sessions.c, name)
    for name in ("date", "open_time", "close_time", "open", "high", "low", "close", "volume", "trades", "candles")
]
_NAMES: Final = tuple(statistic.name for statistic in STATISTICS)


class AggregationState(NamedTuple):
    """What the sessions and statistics of a symbol were computed with, and up to where.

    ``definition`` names the settings they depend on; ``first`` and ``last`` are the labels of the first session of
    history and of the last that was closed; ``revision`` grows with every change of them or of the candles within.
    """

    definition: str
    first: date | None
    last: date | None
    revision: int


class StatisticsKey(NamedTuple):
    """Which statistics: of what session, metric and window."""

    open_ms: int
    metric: str
    window: int


class Changes(NamedTuple):
    """Spans of hours whose candles changed since the last aggregation, and the notes that say so."""

    ids: list[int]
    spans: list[Span]


def read_state(connection: Connection, symbol: str, *, lock: bool = False) -> AggregationState | None:
    """The state of a symbol; with ``lock`` nobody else aggregates it until the transaction ends."""
    table = aggregation_state.c
    query = sa.select(table.definition, table.first_date, table.last_date, table.revision).where(table.symbol == symbol)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return AggregationState(*row) if row else None


def ensure_state(connection: Connection, symbol: str) -> None:
    """Make sure that there is a row to lock."""
    table = aggregation_state
    row = _state_row(symbol, AggregationState("", None, None, 0))
    if connection.dialect.name == "sqlite":
        connection.execute(sqlite.insert(table).on_conflict_do_nothing(), row)
    else:
        same = mysql.insert(table)
        connection.execute(same.on_duplicate_key_update(symbol=same.inserted.symbol), row)


def write_state(connection: Connection, symbol: str, state: AggregationState) -> None:
    """Keep the state of a symbol."""
    upsert(connection, aggregation_state, [_state_row(symbol, state)])


def _state_row(symbol: str, state: AggregationState) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "definition": state.definition,
        "first_date": state.first,
        "last_date": state.last,
        "revision": state.revision,
    }


def read_changes(connection: Connection, symbol: str) -> Changes:
    """What changed since the last aggregation."""
    table = kline_changes.c
    rows = connection.execute(sa.select(table.id, table.start_time, table.end_time).where(table.symbol == symbol)).all()
    return Changes([row[0] for row in rows], [Span(row[1], row[2]) for row in rows])


def forget_changes(connection: Connection, changes: Changes) -> None:
    """These changes are worked in; others that came meanwhile stay."""
    if changes.ids:
        connection.execute(
            sa.delete(kline_changes).where(kline_changes.c.id == sa.bindparam("done")),
            [{"done": number} for number in changes.ids],
        )


def candle_columns(connection: Connection, symbol: str, within: Span) -> CandleColumns:
    """What sessions are formed from: the stored candles that open within a span, in order."""
    table = klines_hourly.c
    columns = (table.open_time, table.open, table.high, table.low, table.close, table.volume, table.number_of_trades)
    query = sa.select(*columns).where(
        table.symbol == symbol, table.open_time >= within.start_ms, table.open_time < within.end_ms
    )
    return CandleColumns.of_rows(connection.execute(query.order_by(table.open_time)).all())


def _within(table: sa.Table, symbol: str, within: Span) -> list[sa.ColumnElement[bool]]:
    return [table.c.symbol == symbol, table.c.open_time >= within.start_ms, table.c.open_time < within.end_ms]


def _session(row: Sequence[Any]) -> Session:
    return Session(SessionBounds(*row[:3]), *row[3:])


def read_sessions(connection: Connection, symbol: str, within: Span) -> list[Session]:
    """The stored sessions that begin within a span, in order."""
    query = sa.select(*_SESSION).where(*_within(daily_sessions, symbol, within)).order_by(daily_sessions.c.open_time)
    return [_session(row) for row in connection.execute(query)]


def read_newest_sessions(connection: Connection, symbol: str, count: int) -> list[Session]:
    """The newest stored sessions, newest first."""
    query = sa.select(*_SESSION).where(daily_sessions.c.symbol == symbol)
    return [_session(row) for row in connection.execute(query.order_by(daily_sessions.c.open_time.desc()).limit(count))]


class IncompleteSession(NamedTuple):
    """A stored session that lacks candles, by its label."""

    date: date
    candles: int
    expected_candles: int


def count_sessions(connection: Connection, symbol: str) -> int:
    """How many sessions are stored."""
    query = sa.select(sa.func.count()).select_from(daily_sessions).where(daily_sessions.c.symbol == symbol)
    return connection.scalar(query) or 0


def incomplete_sessions(connection: Connection, symbol: str) -> list[IncompleteSession]:
    """The stored sessions that lack candles, in order."""
    table = daily_sessions.c
    query = sa.select(table.date, table.candles, table.expected_candles).where(
        table.symbol == symbol, table.candles != table.expected_candles
    )
    return [IncompleteSession(*row) for row in connection.execute(query.order_by(table.open_time))]


def read_statistics(connection: Connection, symbol: str, within: Span) -> dict[StatisticsKey, WindowStatistics]:
    """The stored statistics of the sessions that begin within a span."""
    table = session_statistics.c
    columns = (table.open_time, table.metric, table.window, table.n, *(getattr(table, name) for name in _NAMES))
    query = sa.select(*columns).where(*_within(session_statistics, symbol, within))
    return {
        StatisticsKey(*row[:3]): WindowStatistics(row[3], dict(zip(_NAMES, row[4:], strict=True)))
        for row in connection.execute(query)
    }


def write_sessions(connection: Connection, symbol: str, sessions: Iterable[Session]) -> None:
    """Write sessions, in place of what was there."""
    upsert(connection, daily_sessions, [_session_row(symbol, session) for session in sessions])


def _session_row(symbol: str, session: Session) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "open_time": session.bounds.open_ms,
        "close_time": session.bounds.close_ms,
        "date": session.bounds.date,
        "open": session.open,
        "high": session.high,
        "low": session.low,
        "close": session.close,
        "volume": session.volume,
        "trades": session.trades,
        "candles": session.candles,
        "expected_candles": session.bounds.expected_candles,
        **{metric.name: session.value(metric) for metric in METRICS},
    }


def write_statistics(connection: Connection, symbol: str, statistics: Mapping[StatisticsKey, WindowStatistics]) -> None:
    """Write statistics, in place of what was there."""
    rows = [
        {"symbol": symbol, "open_time": key.open_ms, "metric": key.metric, "window": key.window, "n": value.n}
        | dict(value.values)
        for key, value in statistics.items()
    ]
    upsert(connection, session_statistics, rows)


def delete_sessions(connection: Connection, symbol: str, opens_ms: Iterable[int]) -> None:
    """Remove sessions that exist no more, with their statistics."""
    rows = [{"gone_symbol": symbol, "gone": open_ms} for open_ms in opens_ms]
    if rows:
        for table in (daily_sessions, session_statistics):
            gone = (table.c.symbol == sa.bindparam("gone_symbol"), table.c.open_time == sa.bindparam("gone"))
            connection.execute(sa.delete(table).where(*gone), rows)


def delete_statistics(connection: Connection, symbol: str, keys: Iterable[StatisticsKey]) -> None:
    """Remove statistics that exist no more."""
    rows = [{"gone_symbol": symbol, "gone": key.open_ms, "of": key.metric, "over": key.window} for key in keys]
    if rows:
        table = session_statistics.c
        gone = (
            table.symbol == sa.bindparam("gone_symbol"),
            table.open_time == sa.bindparam("gone"),
            table.metric == sa.bindparam("of"),
            table.window == sa.bindparam("over"),
        )
        connection.execute(sa.delete(session_statistics).where(*gone), rows)


def outside(connection: Connection, symbol: str, within: Span) -> list[int]:
    """The starts of stored sessions that do not begin within a span."""
    table = daily_sessions.c
    beyond = sa.or_(table.open_time < within.start_ms, table.open_time >= within.end_ms)
    return list(connection.scalars(sa.select(table.open_time).where(table.symbol == symbol, beyond)))
