"""When sessions begin and end, with and without summer time. Bounds are written out from the zones' published rules."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volatility.domain.calendar import SessionBounds, SessionCalendar
from volatility.domain.hours import HOUR_MS, to_ms


def calendar(zone: str = "Europe/Moscow", start: str = "11:00") -> SessionCalendar:
    return SessionCalendar(time.fromisoformat(start), ZoneInfo(zone))


def utc(text: str) -> int:
    """Epoch milliseconds of UTC."""
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=UTC))


def days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=i) for i in range(count)]


MOSCOW = calendar()


def test_the_session_of_a_date_begins_at_11_in_moscow_which_is_8_utc() -> None:
    bounds = MOSCOW.bounds(date(2025, 10, 10))
    assert bounds == (date(2025, 10, 10), utc("2025-10-10T08:00"), utc("2025-10-11T08:00"))
    assert bounds.expected_candles == 24
    assert bounds.last_open_ms == utc("2025-10-11T07:00")


def test_moscow_has_no_summer_time_since_binance_exists() -> None:
    every = MOSCOW.between(date(2017, 8, 17), date(2037, 12, 31))
    assert {session.expected_candles for session in every} == {24}
    assert {session.open_ms % (24 * HOUR_MS) for session in every} == {8 * HOUR_MS}


# The day when clocks change, by the rules in force: US second Sunday of March and first of November at 02:00 local
# time; EU last Sundays of March and October at 01:00 UTC. The session that holds that instant is the odd one.
CHANGES = [
    ("America/New_York", "09:00", "2024-03-09", 23, "2024-03-09T14:00", "2024-03-10T13:00"),
    ("America/New_York", "09:00", "2024-11-02", 25, "2024-11-02T13:00", "2024-11-03T14:00"),
    ("America/New_York", "17:00", "2024-03-09", 23, "2024-03-09T22:00", "2024-03-10T21:00"),
    ("America/New_York", "17:00", "2024-11-02", 25, "2024-11-02T21:00", "2024-11-03T22:00"),
    ("America/New_York", "09:00", "2018-03-10", 23, "2018-03-10T14:00", "2018-03-11T13:00"),
    ("America/New_York", "17:00", "2019-11-02", 25, "2019-11-02T21:00", "2019-11-03T22:00"),
    ("Europe/Berlin", "11:00", "2024-03-30", 23, "2024-03-30T10:00", "2024-03-31T09:00"),
    ("Europe/Berlin", "11:00", "2024-10-26", 25, "2024-10-26T09:00", "2024-10-27T10:00"),
    ("Europe/Berlin", "00:00", "2024-03-31", 23, "2024-03-30T23:00", "2024-03-31T22:00"),
    ("Europe/Berlin", "00:00", "2024-10-27", 25, "2024-10-26T22:00", "2024-10-27T23:00"),
    ("Europe/Berlin", "03:00", "2024-03-30", 23, "2024-03-30T02:00", "2024-03-31T01:00"),
    ("Europe/Berlin", "03:00", "2024-10-26", 25, "2024-10-26T01:00", "2024-10-27T02:00"),
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_the_session_in_which_clocks_change_has_23_or_25_hours(change: tuple[str, str, str, int, str, str]) -> None:
    zone, start, label, hours, opens, closes = change
    session = calendar(zone, start).bounds(date.fromisoformat(label))
    assert session == (date.fromisoformat(label), utc(opens), utc(closes))
    assert session.expected_candles == hours


@pytest.mark.parametrize(
    ("zone", "start", "short", "long"),
    [
        ("America/New_York", "09:00", "2024-03-09", "2024-11-02"),
        ("America/New_York", "17:00", "2024-03-09", "2024-11-02"),
        ("Europe/Berlin", "11:00", "2024-03-30", "2024-10-26"),
    ],
)
def test_every_other_session_of_the_year_has_24_hours(zone: str, start: str, short: str, long: str) -> None:
    year = calendar(zone, start).between(date(2024, 1, 1), date(2024, 12, 31))
    odd = {session.date.isoformat(): session.expected_candles for session in year if session.expected_candles != 24}
    assert odd == {short: 23, long: 25}


def test_a_start_that_the_clocks_skip_is_the_instant_they_skip_it() -> None:
    berlin = calendar("Europe/Berlin", "02:00")
    assert berlin.bounds(date(2024, 3, 31)) == (date(2024, 3, 31), utc("2024-03-31T01:00"), utc("2024-04-01T00:00"))


def test_a_start_that_the_clocks_show_twice_is_the_first() -> None:
    berlin = calendar("Europe/Berlin", "02:00")
    assert berlin.bounds(date(2024, 10, 27)) == (date(2024, 10, 27), utc("2024-10-27T00:00"), utc("2024-10-28T01:00"))
    between = utc("2024-10-27T01:30")  # 02:30 for the second time
    assert berlin.containing(between).date == date(2024, 10, 27)


@pytest.mark.parametrize(
    ("instant", "label"),
    [
        ("2025-10-10T07:59:59.999", "2025-10-09"),
        ("2025-10-10T08:00", "2025-10-10"),
        ("2025-10-10T21:30", "2025-10-10"),  # already the 11th in Moscow
        ("2025-10-11T07:59:59.999", "2025-10-10"),
    ],
)
def test_an_instant_lies_in_the_session_that_began_at_or_before_it(instant: str, label: str) -> None:
    assert MOSCOW.containing(utc(instant)).date == date.fromisoformat(label)


def test_the_first_session_after_binances_first_candle_begins_hours_later() -> None:
    first = MOSCOW.first_at_or_after(utc("2017-08-17T04:00"))
    assert first == MOSCOW.bounds(date(2017, 8, 17))
    assert first.open_ms == utc("2017-08-17T08:00")
    assert MOSCOW.first_at_or_after(first.open_ms) == first
    assert MOSCOW.first_at_or_after(first.open_ms + 1).date == date(2017, 8, 18)


def test_a_session_is_closed_from_the_instant_it_ends() -> None:
    assert MOSCOW.last_closed(utc("2025-10-11T08:00")).date == date(2025, 10, 10)
    assert MOSCOW.last_closed(utc("2025-10-11T07:59:59.999")).date == date(2025, 10, 9)


def test_sessions_between_two_dates_include_both_and_join_without_a_seam() -> None:
    sessions = calendar("America/New_York", "09:00").between(date(2024, 3, 8), date(2024, 3, 11))
    assert [session.date for session in sessions] == days(date(2024, 3, 8), 4)
    assert [session.expected_candles for session in sessions] == [24, 23, 24, 24]
    assert all(a.close_ms == b.open_ms for a, b in itertools.pairwise(sessions))
    assert MOSCOW.between(date(2024, 3, 9), date(2024, 3, 8)) == []


ZONES = st.sampled_from(
    ["Europe/Moscow", "America/New_York", "Europe/Berlin", "Asia/Tokyo", "America/Sao_Paulo", "America/Havana", "UTC"]
)


@given(ZONES, st.integers(0, 23), st.integers(utc("2017-08-17T00:00") // 1000, utc("2037-12-30T00:00") // 1000))
def test_every_instant_lies_in_exactly_one_session(zone: str, hour: int, second: int) -> None:
    sessions, instant_ms = calendar(zone, f"{hour:02}:00"), second * 1000
    found = sessions.containing(instant_ms)
    assert found.open_ms <= instant_ms < found.close_ms
    assert found == sessions.bounds(found.date)
    others = [sessions.bounds(found.date + timedelta(days=step)) for step in (-1, 1)]
    assert not any(other.open_ms <= instant_ms < other.close_ms for other in others)
    assert sessions.last_closed(instant_ms).close_ms == found.open_ms
    assert sessions.first_at_or_after(instant_ms).open_ms >= instant_ms
    assert sessions.first_at_or_after(instant_ms).open_ms - instant_ms < 25 * HOUR_MS


@given(ZONES, st.integers(0, 23), st.dates(date(2017, 8, 17), date(2037, 12, 30)))
def test_a_session_begins_when_the_zones_clock_says_so(zone: str, hour: int, day: date) -> None:
    sessions = calendar(zone, f"{hour:02}:00")
    opens = datetime.fromisoformat(sessions.local_iso(sessions.open_ms(day)))
    if opens.hour != hour:  # skipped: the clock shows the hour after
        assert (opens - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).hour in {hour - 1, 23}
    else:
        assert (opens.date(), opens.time()) == (day, time(hour))


def test_local_instants_carry_the_zones_offset_of_their_day() -> None:
    berlin = calendar("Europe/Berlin")
    assert berlin.local_iso(utc("2024-01-15T10:00")) == "2024-01-15T11:00:00+01:00"
    assert berlin.local_iso(utc("2024-07-15T09:00")) == "2024-07-15T11:00:00+02:00"
    assert MOSCOW.local_iso(utc("2024-07-15T07:59:59.999")) == "2024-07-15T10:59:59.999+03:00"


@pytest.mark.parametrize(
    ("zone", "start", "on_the_hour"),
    [
        ("Europe/Moscow", "11:00", True),
        ("America/New_York", "17:00", True),
        ("Europe/Moscow", "11:30", False),
        ("Asia/Kolkata", "05:30", True),
        ("Asia/Kolkata", "11:00", False),
        ("Australia/Lord_Howe", "11:00", False),  # its summer time is half an hour
        ("Asia/Pyongyang", "11:00", False),  # half an hour off until May 2018
    ],
)
def test_a_start_is_on_the_hour_in_winter_and_in_summer_or_not_at_all(zone: str, start: str, on_the_hour: bool) -> None:
    assert calendar(zone, start).starts_on_the_hour() is on_the_hour


def test_bounds_are_plain_values() -> None:
    assert SessionBounds(date(2024, 1, 1), 0, 23 * HOUR_MS).expected_candles == 23
