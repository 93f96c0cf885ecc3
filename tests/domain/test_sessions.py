"""Candles become sessions: against a plain loop over every candle, at the edges that calendars and outages make."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volatility.domain.calendar import SessionBounds, SessionCalendar
from volatility.domain.candles import Candle
from volatility.domain.hours import HOUR_MS, to_ms
from volatility.domain.metrics import RANGE, VOLATILITY
from volatility.domain.sessions import CandleColumns, Session, form_sessions

MOSCOW = SessionCalendar(time(11), ZoneInfo("Europe/Moscow"))
NEW_YORK = SessionCalendar(time(9), ZoneInfo("America/New_York"))
FIRST = date(2024, 5, 6)


def utc(text: str) -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=UTC))


def candle(opened_ms: int, prices: tuple[float, float, float, float], volume: float = 1.0) -> Candle:
    """The hour's candle from its open, high, low and close; 3 trades."""
    return Candle(opened_ms, *prices, volume, opened_ms + HOUR_MS - 1, volume * prices[-1], 3, 0.0, 0.0)


def walk(first_ms: int, hours: int, *, at: float = 1000.0) -> list[Candle]:
    """Candles whose prices and volumes are all different from their neighbours'."""
    made = []
    for hour in range(hours):
        open_, close = at + 7 * math.sin(hour), at + 7 * math.sin(hour + 1)
        high, low = max(open_, close) + hour % 5, min(open_, close) - hour % 3
        made.append(candle(first_ms + hour * HOUR_MS, (open_, high, low, close), 1 + hour % 11))
    return made


def plainly(candles: Sequence[Candle], bounds: Sequence[SessionBounds]) -> list[Session]:
    """Every session that has a candle, by asking each candle in turn whether it lies within."""
    formed = []
    for session in bounds:
        inside = [c for c in candles if session.open_ms <= c.open_time_ms < session.close_ms]
        if not inside:
            continue
        high, low, volume, trades = -math.inf, math.inf, 0.0, 0
        for one in inside:
            high = max(high, one.high)
            low = min(low, one.low)
            volume += one.volume
            trades += one.number_of_trades
        formed.append(
            Session(session, inside[0].open, high, low, inside[-1].close, volume, trades, candles=len(inside))
        )
    return formed


def formed_of(candles: Sequence[Candle], bounds: Sequence[SessionBounds]) -> list[Session]:
    return form_sessions(CandleColumns.of(candles), bounds).existing()


def test_a_week_of_whole_sessions() -> None:
    bounds = MOSCOW.between(FIRST, FIRST + timedelta(days=6))
    candles = walk(bounds[0].open_ms, 7 * 24)
    formed = formed_of(candles, bounds)
    assert formed == plainly(candles, bounds)
    assert [session.candles for session in formed] == [24] * 7
    assert all(session.complete for session in formed)


def test_candles_before_and_behind_belong_to_no_session() -> None:
    bounds = MOSCOW.between(FIRST, FIRST + timedelta(days=1))
    candles = walk(bounds[0].open_ms - 30 * HOUR_MS, 30 + 48 + 30)
    candles[29] = candle(candles[29].open_time_ms, (1000, 99_999, 1, 1000))
    candles[30 + 48] = candle(candles[30 + 48].open_time_ms, (1000, 99_999, 1, 1000))
    formed = formed_of(candles, bounds)
    assert formed == plainly(candles, bounds)
    assert max(session.high for session in formed) < 99_999


@pytest.mark.parametrize(("day", "hours"), [(date(2024, 3, 9), 23), (date(2024, 11, 2), 25), (date(2024, 6, 1), 24)])
def test_a_session_has_the_hours_that_its_zone_gives_it(day: date, hours: int) -> None:
    bounds = NEW_YORK.between(day - timedelta(days=1), day + timedelta(days=1))
    candles = walk(bounds[0].open_ms, 24 + hours + 24)
    formed = formed_of(candles, bounds)
    assert formed == plainly(candles, bounds)
    assert [session.candles for session in formed] == [24, hours, 24]
    assert [session.complete for session in formed] == [True] * 3


def test_a_missing_hour_is_counted_and_hides_nothing_else() -> None:
    bounds = MOSCOW.between(FIRST, FIRST)
    candles = walk(bounds[0].open_ms, 24)
    (formed,) = formed_of(candles[:5] + candles[6:], bounds)
    assert (formed.candles, formed.complete) == (23, False)
    assert [formed] == plainly(candles[:5] + candles[6:], bounds)


def test_a_session_without_its_first_or_last_hour_opens_and_closes_with_those_it_has() -> None:
    bounds = MOSCOW.between(FIRST, FIRST)
    candles = walk(bounds[0].open_ms, 24)
    (formed,) = formed_of(candles[3:-2], bounds)
    assert (formed.open, formed.close) == (candles[3].open, candles[-3].close)
    assert formed.candles == 19


def test_a_day_without_a_candle_is_no_session_but_keeps_its_place_in_the_table() -> None:
    """As on 8 February 2018, when the exchange was closed."""
    bounds = MOSCOW.between(FIRST, FIRST + timedelta(days=2))
    candles = walk(bounds[0].open_ms, 24) + walk(bounds[2].open_ms, 24)
    table = form_sessions(CandleColumns.of(candles), bounds)
    assert table.candles.tolist() == [24, 0, 24]
    assert table.trades.tolist() == [72, 0, 72]
    for column in (table.open, table.high, table.low, table.close, table.volume):
        assert np.isnan(column).tolist() == [False, True, False]
    assert table.existing() == plainly(candles, bounds)
    assert [session.bounds.date for session in table.existing()] == [FIRST, FIRST + timedelta(days=2)]


@pytest.mark.parametrize("held", [[0], [2], [0, 1], [1, 2], []])
def test_empty_sessions_at_either_end(held: Sequence[int]) -> None:
    bounds = MOSCOW.between(FIRST, FIRST + timedelta(days=2))
    candles = [one for place in held for one in walk(bounds[place].open_ms, 24)]
    assert formed_of(candles, bounds) == plainly(candles, bounds)


def test_no_bounds_no_sessions() -> None:
    assert formed_of(walk(utc("2024-05-06T08:00"), 24), []) == []
    assert formed_of([], []) == []


def test_one_candle_is_a_session() -> None:
    bounds = MOSCOW.between(FIRST, FIRST)
    (formed,) = formed_of([candle(bounds[0].open_ms + 5 * HOUR_MS, (10, 12, 9, 11))], bounds)
    assert formed == Session(bounds[0], 10, 12, 9, 11, 1, 3, candles=1)


def test_what_a_straddle_pays_has_no_sign_and_the_range_spans_the_extremes() -> None:
    bounds = MOSCOW.bounds(FIRST)
    falling = Session(bounds, open=200.0, high=210.0, low=150.0, close=170.0, volume=1, trades=1, candles=24)
    rising = falling._replace(open=170.0, close=200.0)
    for session, open_ in ((falling, 200.0), (rising, 170.0)):
        assert (session.volatility, session.range) == (30.0, 60.0)
        assert (session.value(VOLATILITY), session.value(RANGE)) == (30.0, 60.0)
        assert session.percent(VOLATILITY) == pytest.approx(30 / open_ * 100, rel=1e-15)
        assert session.percent(RANGE) == pytest.approx(60 / open_ * 100, rel=1e-15)


def test_a_session_that_ends_where_it_began_pays_nothing() -> None:
    session = Session(MOSCOW.bounds(FIRST), 5.0, 5.0, 5.0, 5.0, 0.0, 0, candles=1)
    assert (session.volatility, session.range, session.percent(RANGE)) == (0.0, 0.0, 0.0)


def test_a_coin_of_few_digits() -> None:
    bounds = MOSCOW.between(FIRST, FIRST)
    hours = [candle(bounds[0].open_ms + i * HOUR_MS, (3.70e-6, 3.72e-6, 3.65e-6, 3.71e-6)) for i in range(24)]
    (formed,) = formed_of(hours, bounds)
    assert formed == plainly(hours, bounds)[0]
    assert formed.volatility == pytest.approx(1e-8, rel=1e-6)
    assert formed.percent(RANGE) == pytest.approx(100 * 7 / 370, rel=1e-12)


def test_columns_of_no_candles_are_empty() -> None:
    assert [len(column) for column in CandleColumns.of([])] == [0] * 7


def test_columns_of_rows_and_of_candles_are_the_same() -> None:
    candles = walk(utc("2024-05-06T08:00"), 3)
    rows = [(c.open_time_ms, c.open, c.high, c.low, c.close, c.volume, c.number_of_trades) for c in candles]
    for one, other in zip(CandleColumns.of(candles), CandleColumns.of_rows(rows), strict=True):
        assert one.tolist() == other.tolist()
        assert one.dtype == other.dtype


@given(
    hours=st.sets(st.integers(-30, 130), max_size=80),
    calendar=st.sampled_from([MOSCOW, NEW_YORK]),
    day=st.sampled_from([FIRST, date(2024, 3, 8), date(2024, 11, 1)]),
)
def test_any_hours_in_any_calendar_equal_the_plain_loop(hours: set[int], calendar: SessionCalendar, day: date) -> None:
    bounds = calendar.between(day, day + timedelta(days=3))
    every = walk(bounds[0].open_ms - 30 * HOUR_MS, 161)
    candles = [every[hour + 30] for hour in sorted(hours)]
    assert formed_of(candles, bounds) == plainly(candles, bounds)
