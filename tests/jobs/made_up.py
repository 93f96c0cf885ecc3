"""A random history of some weeks, and what two jobs must make of it."""

from __future__ import annotations

import random

from tests.jobs.plain import Definition
from tests.jobs.support import FakeExchange, Tables, assert_equal_to_plain_loops, at, bars_of, moment, tables
from volatility.domain.candles import Candle
from volatility.domain.hours import HOUR_MS
from volatility.storage.database import Database

START = at("2017-08-17T04:00")
NOON = at("2017-09-20T12:30")  # 34 sessions are over, the last one at 08:00
SMALL = Definition(windows=(2, 3, 5))


def walk(start_ms: int, hours: int, seed: int) -> list[Candle]:
    """A random walk with prices of eight decimals."""
    rng, price, candles = random.Random(seed), 4000.0, []
    for number in range(hours):
        open_, close = price, round(price * (1 + rng.gauss(0, 0.01)), 8)
        high, low = round(max(open_, close) * 1.001, 8), round(min(open_, close) * 0.999, 8)
        opened, volume = start_ms + number * HOUR_MS, round(rng.expovariate(0.01), 8)
        candles.append(Candle(opened, open_, high, low, close, volume, opened + HOUR_MS - 1, volume, number, 0.5, 0.25))
        price = close
    return candles


def exchange_until(now_ms: int = NOON, *, start_ms: int = START, without: tuple[str, ...] = ()) -> FakeExchange:
    """A random history from ``start_ms``, its clock at ``now_ms``, without the candles of some hours."""
    hours = (now_ms - start_ms) // HOUR_MS + 240
    absent = {at(hour) for hour in without}
    return FakeExchange((c for c in walk(start_ms, hours, 7) if c.open_time_ms not in absent), now_ms)


def assert_right(database: Database, exchange: FakeExchange, definition: Definition = SMALL) -> Tables:
    """All closed candles are stored, and the sessions and statistics are theirs."""
    found = tables(database)
    assert [row[1] for row in found.candles] == [moment(c.open_time_ms) for c in exchange.closed]
    assert_equal_to_plain_loops(found, bars_of(exchange.closed), moment(exchange.now), definition)
    return found
