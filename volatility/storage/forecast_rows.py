"""Queries over forecasts, which are only ever inserted, and over their scores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.engine import Connection

from volatility.domain.hours import Span
from volatility.domain.series import FORECAST_METHOD, Series
from volatility.storage.schema import (
    forecast_scores,
    forecast_state,
    odds_recalibrations,
    session_forecasts,
    variance_scores,
)
from volatility.storage.upsert import upsert

Row = dict[str, Any]
FORECAST_COLUMNS: Final = tuple(column.name for column in session_forecasts.columns)
SCORE_COLUMNS: Final = tuple(column.name for column in forecast_scores.columns)
VARIANCE_COLUMNS: Final = tuple(column.name for column in variance_scores.columns)
_DAY: Final = timedelta(days=1)


class Owner(NamedTuple):
    """Whose forecasts: of a symbol, by a definition of a session and a version of the method."""

    symbol: str
    definition: str
    method: int


def owner_of(series: Series) -> Owner:
    """Whose the forecasts and scores of a series are."""
    return Owner(series.symbol, series.forecast_definition, FORECAST_METHOD)


class ForecastState(NamedTuple):
    """Up to where a symbol is forecast and scored, and with what.

    ``done`` is the label of the last session that is; ``n`` the past forecasts that the next one can rest on;
    ``changes`` grows when candles of closed sessions change, ``revision`` with every forecast or score.
    """

    owner: Owner
    done: date | None
    n: int
    changes: int
    revision: int


def read_state(connection: Connection, symbol: str, *, lock: bool = False) -> ForecastState | None:
    """The state of a symbol; with ``lock`` nobody else writes its forecasts or scores until the transaction ends."""
    table = forecast_state.c
    columns = (table.definition, table.method, table.done_date, table.n, table.changes, table.revision)
    query = sa.select(*columns).where(table.symbol == symbol)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return ForecastState(Owner(symbol, row[0], row[1]), *row[2:]) if row else None


def ensure_state(connection: Connection, owner: Owner) -> None:
    """Make sure that there is a row to lock."""
    row = _state_row(ForecastState(owner, None, 0, 0, 0))
    if connection.dialect.name == "sqlite":
        connection.execute(sqlite.insert(forecast_state).on_conflict_do_nothing(), row)
    else:
        same = mysql.insert(forecast_state)
        connection.execute(same.on_duplicate_key_update(symbol=same.inserted.symbol), row)


def write_state(connection: Connection, state: ForecastState) -> None:
    """Keep the state of a symbol."""
    upsert(connection, forecast_state, [_state_row(state)])


def _state_row(state: ForecastState) -> Row:
    symbol, definition, method = state.owner
    values = {"done_date": state.done, "n": state.n, "changes": state.changes, "revision": state.revision}
    return {"symbol": symbol, "definition": definition, "method": method} | values


def note_changes(connection: Connection, symbol: str, since: date) -> None:
    """Candles from a session on are others than before: what was scored with them is to be scored again.

    Called by aggregation in its transaction, so that no change is forgotten.
    """
    table = forecast_state
    done = sa.case((table.c.done_date >= since, since - _DAY), else_=table.c.done_date)
    changed = sa.update(table).values(changes=table.c.changes + 1, done_date=done)
    connection.execute(changed.where(table.c.symbol == symbol))


def _of(owner: Owner) -> list[sa.ColumnElement[bool]]:
    table = session_forecasts.c
    return [table.symbol == owner.symbol, table.definition == owner.definition, table.method == owner.method]


def forecast_opens(connection: Connection, owner: Owner, within: Span) -> set[int]:
    """The starts of the sessions of a span that have a forecast."""
    opened = session_forecasts.c.open_time
    query = sa.select(opened).where(*_of(owner), opened >= within.start_ms, opened < within.end_ms)
    return set(connection.scalars(query))


def add_forecasts(connection: Connection, rows: Sequence[Row]) -> int:
    """Insert the forecasts that are not there yet, and say how many.

    A forecast that is there stays as it is: this is the only statement that writes the table, and it can't replace a
    row. The caller holds the lock of the state.
    """
    if not rows:
        return 0
    owner = Owner(rows[0]["symbol"], rows[0]["definition"], rows[0]["method"])
    opens = [row["open_time"] for row in rows]
    there = forecast_opens(connection, owner, Span(min(opens), max(opens) + 1000))
    new = [row for row in rows if row["open_time"] not in there]
    if new:
        connection.execute(sa.insert(session_forecasts), new)
    return len(new)


def newest_forecasts(connection: Connection, symbol: str, definition: str, count: int) -> list[Row]:
    """The forecasts of the newest sessions that have any, newest session first.

    Where one session has several (by several methods), the live one counts, else the newest method's.
    """
    table = session_forecasts
    of = (table.c.symbol == symbol, table.c.definition == definition)
    newest = sa.select(table.c.open_time).where(*of).distinct().order_by(table.c.open_time.desc()).limit(count)
    opens = connection.scalars(newest).all()
    if not opens:
        return []
    query = sa.select(table).where(*of, table.c.open_time >= opens[-1])
    found: dict[int, Row] = {}
    for row in connection.execute(query.order_by(table.c.live, table.c.method)).mappings():
        found[row["open_time"]] = dict(row)  # the last one of a session stays
    return [found[open_ms] for open_ms in opens]


def forecast_columns(
    connection: Connection, symbol: str, definition: str, since_ms: int, names: Sequence[str]
) -> list[Sequence[Any]]:
    """Some columns of the forecasts of sessions from an instant on, by session, and by method within one."""
    table = session_forecasts.c
    of = (table.symbol == symbol, table.definition == definition)
    query = sa.select(*(table[name] for name in names)).where(*of, table.open_time >= since_ms)
    return list(connection.execute(query.order_by(table.open_time, table.method)))


def scores_since(connection: Connection, symbol: str, since_ms: int) -> list[Sequence[Any]]:
    """The scores of odds of sessions from an instant on, in order; columns as ``SCORE_COLUMNS`` without the symbol."""
    return _since(connection, forecast_scores, symbol, since_ms)


def variances_since(connection: Connection, symbol: str, since_ms: int) -> list[Sequence[Any]]:
    """Realised variances and the baselines' forecasts of them; columns as ``VARIANCE_COLUMNS`` without the symbol."""
    return _since(connection, variance_scores, symbol, since_ms)


def _since(connection: Connection, table: sa.Table, symbol: str, since_ms: int) -> list[Sequence[Any]]:
    columns = [column for column in table.columns if column.name != "symbol"]
    query = sa.select(*columns).where(table.c.symbol == symbol, table.c.open_time >= since_ms)
    return list(connection.execute(query.order_by(table.c.open_time)))


def reconcile_scores(connection: Connection, symbol: str, within: Span, scores: Sequence[Row]) -> int:
    """Make the scores of odds of a span's sessions what was computed; how many rows changed."""
    return _reconcile(connection, forecast_scores, symbol, within, scores)


def reconcile_variances(connection: Connection, symbol: str, within: Span, variances: Sequence[Row]) -> int:
    """The same for realised variances and the baselines' forecasts of them."""
    return _reconcile(connection, variance_scores, symbol, within, variances)


def reconcile_recalibrations(connection: Connection, symbol: str, within: Span, corrections: Sequence[Row]) -> int:
    """The same for what the scores teach."""
    return _reconcile(connection, odds_recalibrations, symbol, within, corrections)


def corrections_before(connection: Connection, symbol: str, open_ms: int) -> str | None:
    """What a session that starts then starts with, as it is stored; None where no session before it is scored."""
    table = odds_recalibrations.c
    query = sa.select(table.corrections).where(table.symbol == symbol, table.open_time < open_ms)
    found: str | None = connection.scalar(query.order_by(table.open_time.desc()).limit(1))
    return found


def forget_scores(connection: Connection, symbol: str) -> None:
    """All scores of a symbol are to be computed anew: they belong to another definition or method."""
    for table in (forecast_scores, variance_scores, odds_recalibrations):
        connection.execute(sa.delete(table).where(table.c.symbol == symbol))


def _reconcile(connection: Connection, table: sa.Table, symbol: str, within: Span, computed: Iterable[Row]) -> int:
    keys = [column.name for column in table.primary_key]
    span = (table.c.symbol == symbol, table.c.open_time >= within.start_ms, table.c.open_time < within.end_ms)
    stored = {_key(row, keys): dict(row) for row in connection.execute(sa.select(table).where(*span)).mappings()}
    wanted = {_key(row, keys): row for row in computed}
    changed = [row for key, row in wanted.items() if stored.get(key) != row]
    gone = [dict(zip(keys, key, strict=True)) for key in stored.keys() - wanted.keys()]
    upsert(connection, table, changed)
    if gone:
        of = (table.c[name] == sa.bindparam(f"gone_{name}") for name in keys)
        connection.execute(sa.delete(table).where(*of), [{f"gone_{k}": v for k, v in row.items()} for row in gone])
    return len(changed) + len(gone)


def _key(row: Any, keys: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in keys)
