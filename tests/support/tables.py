"""What the tables hold, read without the code under test."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from exchange_simulator import SimulatedExchange

HOUR_MS = 3_600_000
Row = tuple[Any, ...]
_COLUMNS = (
    "open_time, open, high, low, close, volume, close_time, quote_asset_volume, number_of_trades, "
    "taker_buy_base_asset_volume, taker_buy_quote_asset_volume"
)


def query(url: str, statement: str) -> list[Row]:
    """The rows of a statement, by a connection of its own."""
    arguments = {"ssl_disabled": True} if url.startswith(("mysql", "mariadb")) else {}
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=arguments)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(statement))]


def milliseconds(value: object) -> int:
    """Of a DATETIME, which SQLite gives as text."""
    return round(datetime.fromisoformat(str(value)).replace(tzinfo=UTC).timestamp() * 1000)


def candles(url: str, symbol: str = "BTCUSDT") -> list[Row]:
    """The stored candles by hour, in Binance's order of fields."""
    rows = query(url, f"SELECT {_COLUMNS} FROM klines_hourly WHERE symbol = '{symbol}' ORDER BY open_time")
    return [(milliseconds(row[0]), *row[1:6], milliseconds(row[6]), *row[7:]) for row in rows]


def gaps(url: str) -> list[int]:
    """The known gaps."""
    return [milliseconds(row[0]) for row in query(url, "SELECT start_time FROM kline_gaps ORDER BY start_time")]


def changed_hours(url: str) -> set[int]:
    """The hours that aggregation is told of."""
    rows = query(url, "SELECT start_time, end_time FROM kline_changes")
    return {hour for row in rows for hour in range(milliseconds(row[0]), milliseconds(row[1]), HOUR_MS)}


def expected(exchange: SimulatedExchange, start_ms: int, end_ms: int, symbol: str = "BTCUSDT") -> list[Row]:
    """The candles that the exchange has of some hours, past its faults and its socket."""
    view = exchange.markets[symbol].view(end_ms)
    sent = [json.loads(row)[:11] for row in view.cut(view.position(start_ms), view.position(end_ms))]
    return [tuple(v if place in {0, 6, 8} else float(v) for place, v in enumerate(values)) for values in sent]
