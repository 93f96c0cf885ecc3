"""Sessions and statistics as they are shown, field by field."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from volatility.domain.calendar import SessionCalendar
from volatility.domain.sessions import Session
from volatility.domain.windows import WindowStatistics
from volatility.presentation.catalogue.sessions import SESSION as SESSION_GROUP
from volatility.presentation.sessions import heading, session_fields, statistics_fields

MOSCOW = SessionCalendar(time(11), ZoneInfo("Europe/Moscow"))
NEW_YORK = SessionCalendar(time(9), ZoneInfo("America/New_York"))
DAY = date(2024, 5, 6)
SESSION = Session(MOSCOW.bounds(DAY), 100000.0, 100000.4, 99000.0, 100000.1, 12.5, trades=77, candles=24)
NAMES = ("mean", "median", "p10", "p25", "p75", "p90")
PERCENT_NAMES = tuple(f"{name}_pct" for name in NAMES)


def known(n: int, first: float) -> WindowStatistics:
    return WindowStatistics(n, {name: first + place for place, name in enumerate(NAMES)})


def test_a_session_field_by_field() -> None:
    assert session_fields(SESSION.bounds, SESSION, MOSCOW) == {
        "date": "2024-05-06",
        "open_time": "2024-05-06T11:00:00+03:00",
        "close_time": "2024-05-07T11:00:00+03:00",
        "open": 100000.0,
        "high": 100000.4,
        "low": 99000.0,
        "close": 100000.1,
        "volume": 12.5,
        "candles": 24,
        "expected_candles": 24,
        "complete": True,
        "volatility": 0.1,  # not 0.10000000000582, as doubles subtract
        "range": 1000.4,
        "volatility_pct": 0.0001,
        "range_pct": 1.0004,
    }


def test_fields_stand_in_the_order_of_the_catalogue() -> None:
    assert list(session_fields(SESSION.bounds, SESSION, MOSCOW)) == [field.name for field in SESSION_GROUP.fields]


def test_a_session_without_a_candle_has_its_times_and_nothing_else() -> None:
    shown = session_fields(MOSCOW.bounds(DAY), None, MOSCOW)
    times = {"date": "2024-05-06", "open_time": "2024-05-06T11:00:00+03:00", "close_time": "2024-05-07T11:00:00+03:00"}
    counts = {"volume": 0.0, "candles": 0, "expected_candles": 24, "complete": False}
    assert shown == dict.fromkeys(SESSION_GROUP.by_name) | times | counts


@pytest.mark.parametrize(
    ("day", "hours", "opens", "closes"),
    [
        (date(2024, 3, 9), 23, "2024-03-09T09:00:00-05:00", "2024-03-10T09:00:00-04:00"),
        (date(2024, 11, 2), 25, "2024-11-02T09:00:00-04:00", "2024-11-03T09:00:00-05:00"),
    ],
)
def test_times_carry_the_offset_of_their_own_day(day: date, hours: int, opens: str, closes: str) -> None:
    session = SESSION._replace(bounds=NEW_YORK.bounds(day), candles=hours)
    shown = session_fields(session.bounds, session, NEW_YORK)
    assert (shown["open_time"], shown["close_time"]) == (opens, closes)
    assert (shown["expected_candles"], shown["complete"]) == (hours, True)
    shown = session_fields(session.bounds, session._replace(candles=hours - 1), NEW_YORK)
    assert shown["complete"] is False


def test_a_coin_of_few_digits_keeps_them() -> None:
    session = Session(MOSCOW.bounds(DAY), 0.0000037, 0.00000372, 0.00000365, 0.00000365, 1e9, trades=5, candles=24)
    shown = session_fields(session.bounds, session, MOSCOW)
    assert (shown["volatility"], shown["range"]) == (5e-8, 7e-8)
    assert shown["volatility_pct"] == pytest.approx(100 * 5 / 370, rel=1e-12)


def test_statistics_by_metric_window_and_name() -> None:
    none = WindowStatistics(3, dict.fromkeys(NAMES))
    shown = statistics_fields(
        {"volatility": {5: known(5, 10.0), 7: none}, "range": {5: known(4, 20.0)}},
        {"volatility": {5: known(5, 1.0), 7: none}, "range": {5: known(4, 2.0)}},
        100.0,
    )
    percents = dict(zip(PERCENT_NAMES, range(1, 7), strict=True))
    assert shown == {
        "volatility": {
            "5": {"n": 5, "mean": 10, "median": 11, "p10": 12, "p25": 13, "p75": 14, "p90": 15} | percents,
            "7": {"n": 3, **dict.fromkeys((*NAMES, *PERCENT_NAMES))},
        },
        "range": {
            "5": {"n": 4, "mean": 20, "median": 21, "p10": 22, "p25": 23, "p75": 24, "p90": 25}
            | {name: value + 1 for name, value in percents.items()}
        },
    }
    assert list(shown["volatility"]["5"]) == ["n", *NAMES, *PERCENT_NAMES]


def test_a_metric_that_nobody_computed_has_no_windows() -> None:
    assert statistics_fields({}, {}, None) == {"volatility": {}, "range": {}}


def test_statistics_are_rounded_by_the_price_behind_them() -> None:
    difference = 100000.1 - 100000.0
    window = WindowStatistics(5, dict.fromkeys(NAMES, difference))
    shown = statistics_fields({"range": {5: window}}, {"range": {5: window}}, 100000.1)
    assert shown["range"]["5"]["mean"] == 0.1 != difference
    assert shown["range"]["5"]["mean_pct"] == 0.100000000005821  # percentages are no larger than their own digits


def test_every_report_says_whose_sessions_it_shows() -> None:
    head = {"symbol": "BTCUSDT", "session_start": "11:00", "timezone": "Europe/Moscow", "simulated": True}
    assert heading("BTCUSDT", MOSCOW, simulated=True) == head
    assert heading("A", SessionCalendar(time(9, 5), ZoneInfo("UTC")), simulated=False)["session_start"] == "09:05"
