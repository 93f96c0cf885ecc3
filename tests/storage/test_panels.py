"""Stored candles as a panel: which sessions it has, what is in them, and what is left out."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

import numpy as np

from tests.storage.support import SYMBOL, rows
from volatility.domain.calendar import SessionCalendar
from volatility.domain.candles import Candle
from volatility.domain.hours import HOUR_MS
from volatility.domain.series import Series
from volatility.storage.database import Database
from volatility.storage.panels import history_panel
from volatility.storage.schema import klines_hourly
from volatility.storage.upsert import upsert

NEW_YORK = SessionCalendar(time(9), ZoneInfo("America/New_York"))
SERIES = Series(SYMBOL, NEW_YORK, (5,), 0)
FIRST, LAST = date(2024, 3, 8), date(2024, 3, 10)  # clocks go forward in the second of three sessions


def candle(hour_ms: int, price: float) -> Candle:
    return Candle(hour_ms, price, price + 2, price - 1, price + 1, 1.0, hour_ms + HOUR_MS - 1, 1.0, 1, 0.5, 0.5)


def fill(database: Database, symbol: str, since_ms: int, hours: range) -> None:
    """Candles of some hours since an instant, each at a price of 100 and its number."""
    given = [{"symbol": symbol, **candle(since_ms + n * HOUR_MS, 100.0 + n)._asdict()} for n in hours]
    renamed = [{name.removesuffix("_ms"): value for name, value in row.items()} for row in given]
    database.write(lambda connection: upsert(connection, klines_hourly, renamed))


def test_sessions_have_their_own_hours_and_candles(on_file: Database) -> None:
    since_ms = NEW_YORK.open_ms(FIRST)
    fill(on_file, SYMBOL, since_ms, range(-3, 80))
    panel = on_file.read(lambda connection: history_panel(connection, SERIES, FIRST, LAST))
    assert panel.hours.tolist() == [24, 23, 24]
    assert panel.weekdays.tolist() == [4, 5, 6]
    assert panel.starts_ms.tolist() == [NEW_YORK.open_ms(date(2024, 3, day)) for day in (8, 9, 10)]
    numbers = [list(range(24)), [*range(24, 47), np.nan], list(range(47, 71))]
    for name, more in (("open", 0), ("high", 2), ("low", -1), ("close", 1)):
        np.testing.assert_array_equal(getattr(panel, name), np.array(numbers) + 100 + more)


def test_hours_that_are_not_stored_and_other_symbols_are_no_part_of_it(on_file: Database) -> None:
    since_ms = NEW_YORK.open_ms(FIRST)
    fill(on_file, SYMBOL, since_ms, range(5, 30, 2))
    fill(on_file, "ETHUSDT", since_ms, range(71))
    panel = on_file.read(lambda connection: history_panel(connection, SERIES, FIRST, LAST))
    assert panel.candles.tolist() == [10, 3, 0]
    assert np.flatnonzero(panel.present[0]).tolist() == list(range(5, 24, 2))
    assert len(rows(on_file, "SELECT 1 FROM klines_hourly")) == 84


def test_the_running_session_and_days_before_it_are_there_without_candles(on_file: Database) -> None:
    fill(on_file, SYMBOL, NEW_YORK.open_ms(FIRST), range(120))
    running = NEW_YORK.bounds(date(2024, 3, 12))
    panel = on_file.read(lambda connection: history_panel(connection, SERIES, FIRST, LAST, running=running))
    assert panel.candles.tolist() == [24, 23, 24, 0, 0]
    assert panel.ends_ms[-1] == running.close_ms
