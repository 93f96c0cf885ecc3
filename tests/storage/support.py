"""Small helpers of the storage tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from volatility.domain.candles import Candle
from volatility.domain.hours import HOUR_MS
from volatility.domain.retry import RetryPolicy
from volatility.storage.database import Database

SYMBOL = "BTCUSDT"
START = 1_502_942_400_000  # 2017-08-17T04:00Z


def quick(attempts: int = 6) -> RetryPolicy:
    """Patient enough for other processes, with short waits."""
    return RetryPolicy(seconds=60, attempts=attempts, first_wait=0.05, longest_wait=1.0)


def hour(number: int) -> int:
    """When the hour of a number begins."""
    return START + number * HOUR_MS


def candle(number: int, price: float = 4000.0) -> Candle:
    """An ordinary candle of the hour of a number."""
    return Candle(
        hour(number), price, price + 2, price - 1, price + 1, 10.5, hour(number + 1) - 1, 42000.25, 171, 5.5, 22000.125
    )


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    """What a query says, past the code under test."""
    with database.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


def execute(database: Database, *statements: str) -> None:
    """Change the database past the code under test."""
    with database.engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


@contextmanager
def before_each_statement(database: Database, then: Callable[[str], object]) -> Iterator[None]:
    """Be told of every statement before the database is."""

    def told(_c: object, _cursor: object, statement: str, *_: object) -> None:
        then(statement)

    event.listen(database.engine, "before_cursor_execute", told)
    try:
        yield
    finally:
        event.remove(database.engine, "before_cursor_execute", told)
