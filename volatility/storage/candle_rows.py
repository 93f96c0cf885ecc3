"""Queries over candles and gaps. No numpy here: the hourly run starts without it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from volatility.domain.candles import Candle
from volatility.domain.hours import HOUR_MS, Span, runs
from volatility.storage.schema import Instant, kline_changes, kline_gaps, klines_hourly, symbols
from volatility.storage.upsert import upsert

_CANDLE: Final = [column for column in klines_hourly.columns if column.name != "symbol"]
_ONE_REQUEST_MS: Final = 1000 * HOUR_MS  # what one request to the exchange can bring
_CANDLE_NAMES: Final = tuple(column.name for column in _CANDLE)


class Symbol(NamedTuple):
    """What is known of a symbol: the exchange's first candle, and whether that exchange is a simulated one."""

    first_open_ms: int
    simulated: bool


class Written(NamedTuple):
    """What one page changed, in hours."""

    new: int
    revised: int
    gaps: int
    pending: int


class _NextHour(FunctionElement[int]):
    """The start of the hour after a column's."""

    inherit_cache = True
    type = Instant()


@compiles(_NextHour, "sqlite")
def _next_hour_sqlite(element: _NextHour, compiler: Any, **options: Any) -> str:
    # The text has the form in which instants are stored, so that the two compare.
    return f"strftime('%Y-%m-%d %H:%M:%S.000000', {compiler.process(element.clauses, **options)}, '+1 hour')"


@compiles(_NextHour)
def _next_hour_server(element: _NextHour, compiler: Any, **options: Any) -> str:
    return f"{compiler.process(element.clauses, **options)} + INTERVAL 1 HOUR"


def symbol_facts(connection: Connection, symbol: str) -> Symbol | None:
    """What is known of a symbol, None before its first backfill."""
    columns = symbols.c.first_open_time, symbols.c.simulated
    row = connection.execute(sa.select(*columns).where(symbols.c.symbol == symbol)).one_or_none()
    return Symbol(*row) if row else None


def is_simulated(connection: Connection, symbol: str) -> bool:
    """Whether its candles come from a simulated exchange."""
    facts = symbol_facts(connection, symbol)
    return facts is not None and facts.simulated


def remember_symbol(connection: Connection, symbol: str, facts: Symbol) -> None:
    """Keep what is known of a symbol."""
    row = {"symbol": symbol, "first_open_time": facts.first_open_ms, "simulated": facts.simulated}
    upsert(connection, symbols, [row])


def lock_symbol(connection: Connection, symbol: str) -> None:
    """Let nobody else write the symbol's first candle until this transaction ends; in a file nobody else can."""
    connection.execute(sa.select(symbols.c.symbol).where(symbols.c.symbol == symbol).with_for_update())


def missing_hours(connection: Connection, symbol: str, within: Span, *, ignore_gaps: bool = False) -> list[Span]:
    """The hours of ``within`` that are neither stored nor (unless ignored) known gaps, found by one query.

    Stored hours and known gaps in order, with the bounds of ``within`` around them: where one does not follow the one
    before at once, hours are missing in between. No count of rows is involved, so a gap is never taken for a defect.
    """
    if not within.hours:
        return []
    edges: list[sa.ColumnElement[int]] = [
        sa.literal(edge_ms, Instant()) for edge_ms in (within.start_ms - HOUR_MS, within.end_ms)
    ]
    if connection.dialect.name != "sqlite":  # where a union of text and DATETIME would be text
        edges = [sa.cast(edge, Instant()) for edge in edges]
    parts = [_hours(klines_hourly, klines_hourly.c.open_time, symbol, within), *map(sa.select, edges)]
    if not ignore_gaps:
        parts.append(_hours(kline_gaps, kline_gaps.c.start_time, symbol, within))
    stored_or_gap = sa.union_all(*parts).subquery().columns
    hour = next(iter(stored_or_gap)).label("hour")
    before = sa.func.lag(hour, type_=Instant()).over(order_by=hour).label("before")
    pairs = sa.select(hour, before).subquery()
    query = sa.select(pairs.c.before, pairs.c.hour).where(pairs.c.hour > _NextHour(pairs.c.before))
    rows = connection.execute(query.order_by(pairs.c.hour))
    return [Span(before_ms + HOUR_MS, hour_ms) for before_ms, hour_ms in rows]


def _hours(table: sa.Table, column: sa.Column[Any], symbol: str, within: Span) -> sa.Select[Any]:
    return sa.select(column).where(table.c.symbol == symbol, column >= within.start_ms, column < within.end_ms)


def stored_candles(connection: Connection, symbol: str, within: Span) -> list[Candle]:
    """The stored candles of a span, in order."""
    query = _hours(klines_hourly, klines_hourly.c.open_time, symbol, within).with_only_columns(*_CANDLE)
    return [Candle(*row) for row in connection.execute(query.order_by(klines_hourly.c.open_time))]


def stored_hours(connection: Connection, symbol: str, within: Span) -> list[int]:
    """The hours of a span whose candles are stored, in order."""
    column = klines_hourly.c.open_time
    return list(connection.scalars(_hours(klines_hourly, column, symbol, within).order_by(column)))


def sample(connection: Connection, symbol: str, outside: Span, share: float, most: int) -> list[Candle]:
    """Some stored candles of one stretch that one request can ask for, in order; with trades, and outside a span.

    ``share`` says where in all that is stored: 0 are the oldest, 1 the newest.
    """
    first_ms, last_ms = first_stored(connection, symbol), newest_stored(connection, symbol)
    if first_ms is None or last_ms is None:
        return []
    table = klines_hourly.c
    query = sa.select(*_CANDLE).where(
        table.symbol == symbol,
        table.volume > 0,
        sa.or_(table.open_time < outside.start_ms, table.open_time >= outside.end_ms),
    )
    if share < 1:
        query = query.where(table.open_time >= first_ms + int((last_ms - first_ms) * share))
    order = table.open_time if share < 1 else table.open_time.desc()
    found = [Candle(*row) for row in connection.execute(query.order_by(order).limit(most))]
    near = [one for one in found if abs(one.open_time_ms - found[0].open_time_ms) < _ONE_REQUEST_MS]
    return sorted(near)


def write_page(
    connection: Connection,
    symbol: str,
    asked: Span,
    candles: Sequence[Candle],
    *,
    asked_at_ms: int,
    gap_before_ms: int,
    gaps_from_ms: int = 0,
) -> Written:
    """Write what a checked answer for ``asked`` changes, and note it for aggregation.

    A candle equal to the stored one is left alone. An hour that the answer lacks and the table too is recorded as a gap
    where it begins at ``gaps_from_ms`` or later and ends by ``gap_before_ms``; else it counts as pending and will be
    asked for again.
    """
    stored = {candle.open_time_ms: candle for candle in stored_candles(connection, symbol, asked)}
    changed = [candle for candle in candles if stored.get(candle.open_time_ms) != candle]
    upsert(connection, klines_hourly, [_row(symbol, candle) for candle in changed])
    _note_changes(connection, symbol, runs(candle.open_time_ms for candle in changed))

    there = stored.keys() | {candle.open_time_ms for candle in candles}
    absent = [hour for hour in range(asked.start_ms, asked.end_ms, HOUR_MS) if hour not in there]
    gaps = [hour for hour in absent if gaps_from_ms <= hour <= gap_before_ms - HOUR_MS]
    upsert(connection, kline_gaps, [{"symbol": symbol, "start_time": h, "asked_at": asked_at_ms} for h in gaps])
    if there:  # also where nothing changed: another run may have recorded the gap meanwhile
        _forget_gaps(connection, symbol, asked, there)
    new = sum(candle.open_time_ms not in stored for candle in changed)
    return Written(new, len(changed) - new, len(gaps), len(absent) - len(gaps))


def _row(symbol: str, candle: Candle) -> dict[str, Any]:
    return {"symbol": symbol, **dict(zip(_CANDLE_NAMES, candle, strict=True))}


def _note_changes(connection: Connection, symbol: str, spans: Iterable[Span]) -> None:
    rows = [{"symbol": symbol, "start_time": span.start_ms, "end_time": span.end_ms} for span in spans]
    if rows:
        connection.execute(sa.insert(kline_changes), rows)


def _forget_gaps(connection: Connection, symbol: str, asked: Span, there: Iterable[int]) -> None:
    """An hour that has a candle after all is a gap no more."""
    present = set(there)
    query = _hours(kline_gaps, kline_gaps.c.start_time, symbol, asked)
    healed = [hour for hour in connection.scalars(query) if hour in present]
    if healed:
        table = kline_gaps.c
        connection.execute(sa.delete(kline_gaps).where(table.symbol == symbol, table.start_time.in_(healed)))


def forget_gaps_at_the_end(connection: Connection, symbol: str, before_ms: int) -> None:
    """Gaps after the newest stored candle, to be asked for once more now that newer candles come.

    At the newest end, an hour without a candle looks like one that a base URL, lagging behind, does not have yet.
    """
    newest_ms, table = newest_stored(connection, symbol), kline_gaps.c
    if newest_ms is not None and newest_ms + HOUR_MS < before_ms:
        there = table.symbol == symbol, table.start_time > newest_ms, table.start_time < before_ms
        connection.execute(sa.delete(kline_gaps).where(*there))


def first_stored_or_gap(connection: Connection, symbol: str, since_ms: int) -> int | None:
    """The first hour from ``since_ms`` on that is stored or a known gap, None where no candle is stored from then on.

    What lies before does not count, nor how it came to be there: the answer is the same for a database that was filled
    from ``since_ms`` on and for one that holds more.
    """
    first_ms: list[int | None] = [
        connection.scalar(sa.select(sa.func.min(column)).where(column.table.c.symbol == symbol, column >= since_ms))
        for column in (klines_hourly.c.open_time, kline_gaps.c.start_time)
    ]
    return None if first_ms[0] is None else min(ms for ms in first_ms if ms is not None)


def first_stored(connection: Connection, symbol: str) -> int | None:
    """When the oldest stored candle opens."""
    query = sa.select(sa.func.min(klines_hourly.c.open_time)).where(klines_hourly.c.symbol == symbol)
    open_ms: int | None = connection.scalar(query)
    return open_ms


def last_before(connection: Connection, symbol: str, before_ms: int) -> int | None:
    """When the newest candle opens that is stored before an instant."""
    table = klines_hourly.c
    query = sa.select(sa.func.max(table.open_time)).where(table.symbol == symbol, table.open_time < before_ms)
    open_ms: int | None = connection.scalar(query)
    return open_ms


def newest_stored(connection: Connection, symbol: str) -> int | None:
    """When the newest stored candle opens."""
    query = sa.select(sa.func.max(klines_hourly.c.open_time)).where(klines_hourly.c.symbol == symbol)
    open_ms: int | None = connection.scalar(query)
    return open_ms


def gap_hours(connection: Connection, symbol: str) -> list[int]:
    """The hours that the exchange confirmed to have no candle, in order."""
    table = kline_gaps.c
    return list(
        connection.scalars(sa.select(table.start_time).where(table.symbol == symbol).order_by(table.start_time))
    )


def stored_symbols(connection: Connection) -> dict[str, Symbol]:
    """What is known of every symbol that was ever backfilled."""
    rows = connection.execute(sa.select(symbols.c.symbol, symbols.c.first_open_time, symbols.c.simulated))
    return {symbol: Symbol(first_open_ms, simulated) for symbol, first_open_ms, simulated in rows}
