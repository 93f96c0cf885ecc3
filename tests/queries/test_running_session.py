"""The running session and its windows, formed by hand: no database, no exchange."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from volatility.analytics.recalibration import Recalibration
from volatility.domain.calendar import SessionCalendar
from volatility.domain.hours import HOUR_MS, Span
from volatility.domain.metrics import RANGE, VOLATILITY
from volatility.domain.series import Series
from volatility.domain.sessions import Session
from volatility.queries.running_session import RunningSession, running_fields, today_report

MOSCOW = SessionCalendar(time(11), ZoneInfo("Europe/Moscow"))
NEW_YORK = SessionCalendar(time(9), ZoneInfo("America/New_York"))
TODAY = date(2024, 5, 20)


def session(day: date, volatility: float, range_: float, *, low: float = 1000.0, candles: int = 24) -> Session:
    """A session from its low upwards."""
    return Session(MOSCOW.bounds(day), low, low + range_, low, low + volatility, 1.0, trades=9, candles=candles)


def running(
    past: Sequence[float | None],
    today: Session | None,
    *,
    calendar: SessionCalendar = MOSCOW,
    day: date = TODAY,
    elapsed_ms: int = 5 * HOUR_MS,
    source: str = "exchange",
    windows: tuple[int, ...] = (5,),
    low: float = 1000.0,
) -> RunningSession:
    """A running session after closed ones of these Vols, the Range of each twice its Vol."""
    bounds = calendar.bounds(day)
    days = [day - timedelta(days=back) for back in range(len(past), 0, -1)]
    return RunningSession(
        series=Series("BTCUSDT", calendar, windows, calendar.open_ms(days[0] if days else day)),
        bounds=bounds,
        session=today,
        past=[None if v is None else session(d, v, 2 * v, low=low) for d, v in zip(days, past, strict=True)],
        before=0,
        recent=Span(bounds.open_ms, bounds.close_ms),
        candles=[],
        as_of_ms=bounds.open_ms + elapsed_ms,
        source=source,
        simulated=False,
        revision=1,
        recalibration=Recalibration(),
    )


NAMES = [f"{name}{unit}" for unit in ("", "_pct") for name in ("mean", "median", "p10", "p25", "p75", "p90")]
TODAYS = session(TODAY, 30.0, 50.0, candles=5)


@pytest.mark.parametrize(
    ("elapsed_ms", "hours"),
    [(0, 0.0), (90 * 60_000, 1.5), (24 * HOUR_MS, 24.0), (24 * HOUR_MS + 1, 24.0), (-1, 0.0), (1, 1 / 3_600_000)],
)
def test_what_has_passed_lies_within_the_session(elapsed_ms: int, hours: float) -> None:
    assert running([], TODAYS, elapsed_ms=elapsed_ms).elapsed_hours == hours


@pytest.mark.parametrize(("day", "hours"), [(date(2024, 3, 9), 23), (date(2024, 11, 2), 25)])
def test_a_day_on_which_clocks_change_is_over_after_its_own_hours(day: date, hours: int) -> None:
    late = running([], None, calendar=NEW_YORK, day=day, elapsed_ms=30 * HOUR_MS)
    assert late.elapsed_hours == hours
    assert running_fields(late)["expected_candles"] == hours


def test_it_is_stale_where_the_exchange_was_not_heard() -> None:
    assert not running([], TODAYS).stale
    shown = running_fields(running([], TODAYS, source="database"))
    assert (shown["source"], shown["stale"]) == ("database", True)


def test_the_highest_price_is_looked_for_in_all_sessions() -> None:
    assert running([10.0, None, 90.0], TODAYS).highest == 1180.0  # 1000 and twice 90
    assert running([10.0], TODAYS).highest == 1050.0
    assert running([], None).highest is None


def test_values_have_a_gap_where_a_session_does_not_exist() -> None:
    found = running([10.0, None, 20.0], TODAYS)
    np.testing.assert_array_equal(found.values(VOLATILITY), [10.0, np.nan, 20.0])
    np.testing.assert_array_equal(found.values(RANGE), [20.0, np.nan, 40.0])


def test_a_running_session_is_never_complete() -> None:
    whole = session(TODAY, 30.0, 50.0, candles=24)
    shown = running_fields(running([], whole, elapsed_ms=23 * HOUR_MS + 59 * 60_000))
    assert (shown["candles"], shown["expected_candles"], shown["complete"]) == (24, 24, False)


def test_its_fields_say_when_and_at_what_price() -> None:
    shown = running_fields(running([], TODAYS, elapsed_ms=90 * 60_000 + 250))
    assert shown["as_of"] == "2024-05-20T12:30:00.250+03:00"
    assert shown["price"] == 1030.0
    assert shown["elapsed_hours"] == 1.5001
    assert shown["volatility"] == 30.0


def test_before_its_first_candle_there_is_no_price_and_no_measure() -> None:
    shown = running_fields(running([10.0], None))
    assert (shown["price"], shown["volatility"], shown["range_pct"], shown["candles"]) == (None, None, None, 0)


def test_windows_with_today_and_windows_of_closed_sessions() -> None:
    report = today_report(running([10.0, 20.0, 50.0, 40.0, 60.0], TODAYS), {})
    with_today, closed = report["statistics"]["volatility"]["5"], report["closed_statistics"]["volatility"]["5"]
    assert (with_today["n"], with_today["mean"], with_today["median"]) == (5, 40.0, 40.0)  # 20 50 40 60 and 30
    assert (closed["n"], closed["mean"], closed["median"]) == (5, 36.0, 40.0)
    assert report["statistics"]["range"]["5"]["mean"] == (40 + 100 + 80 + 120 + 50) / 5
    assert report["percentile_rank"] == {"volatility": {"5": 0.4}, "range": {"5": 0.4}}  # 10 and 20; 20 and 40


def test_percentages_are_of_each_sessions_own_open() -> None:
    """The window's mean move over its mean open is another number."""
    here = running([10.0, 20.0, 50.0, 40.0, 60.0], session(TODAY, 30.0, 50.0, low=3000.0, candles=5))
    opens = [500.0, 1000.0, 2000.0, 4000.0, 8000.0]
    past = [
        one._replace(open=opened, close=opened + move)
        for one, opened, move in zip(here.past, opens, (10, 20, 50, 40, 60), strict=True)
        if one
    ]
    report = today_report(replace(here, past=past), {})
    percents = [2.0, 2.0, 2.5, 1.0, 0.75]
    closed, with_today = report["closed_statistics"]["volatility"]["5"], report["statistics"]["volatility"]["5"]
    assert (closed["mean_pct"], closed["median_pct"], closed["mean"]) == (sum(percents) / 5, 2.0, 36.0)
    assert (with_today["mean_pct"], with_today["p10_pct"]) == (sum([*percents[1:], 1.0]) / 5, 0.85)
    np.testing.assert_allclose(replace(here, past=past).values(VOLATILITY, Session.percent), percents)


def test_today_fills_no_window_before_it_trades() -> None:
    report = today_report(running([10.0, 20.0, 50.0, 40.0, 60.0], None), {})
    assert report["statistics"]["volatility"]["5"]["n"] == 4
    assert report["statistics"]["volatility"]["5"]["mean"] == 42.5
    assert report["percentile_rank"]["volatility"]["5"] is None


def test_windows_that_lack_more_than_a_fifth_say_nothing() -> None:
    report = today_report(running([None, 20.0, None, 40.0, 60.0], TODAYS), {})
    assert report["closed_statistics"]["volatility"]["5"]["n"] == 3
    assert report["closed_statistics"]["volatility"]["5"]["mean"] is None
    assert report["percentile_rank"]["volatility"]["5"] is None
    assert report["statistics"]["volatility"]["5"]["mean"] == (20 + 40 + 60 + 30) / 4


def test_a_history_shorter_than_the_window_has_no_statistics_yet() -> None:
    report = today_report(running([10.0, 20.0, 30.0, 40.0], TODAYS), {})
    assert report["closed_statistics"]["range"]["5"] == {"n": 4} | dict.fromkeys(NAMES)
    assert report["statistics"]["range"]["5"]["n"] == 5
    assert report["statistics"]["range"]["5"]["mean"] == 50.0


def test_one_session_is_history_enough_for_a_window_of_one() -> None:
    report = today_report(running([30.0], TODAYS, windows=(1,)), {})
    assert report["closed_statistics"]["volatility"]["1"]["mean"] == 30.0
    assert report["percentile_rank"] == {"volatility": {"1": 1.0}, "range": {"1": 0.0}}


def test_two_sessions_that_moved_by_as_many_ticks_are_a_tie() -> None:
    """3.70e-6 - 3.65e-6 and 3.65e-6 - 3.60e-6 differ as doubles."""
    today = Session(MOSCOW.bounds(TODAY), 3.65e-6, 3.65e-6, 3.60e-6, 3.60e-6, 1.0, trades=1, candles=1)
    past = Session(
        MOSCOW.bounds(TODAY - timedelta(days=1)), 3.65e-6, 3.70e-6, 3.65e-6, 3.70e-6, 1.0, trades=1, candles=24
    )
    assert past.volatility != today.volatility
    base = running([1.0], today, windows=(1,))
    for one, other in ((past, today), (today, past)):
        tied = RunningSession(**{**vars(base), "past": [one], "session": other})
        assert today_report(tied, {})["percentile_rank"] == {"volatility": {"1": 1.0}, "range": {"1": 1.0}}


def test_what_is_known_of_the_rank_by_elapsed_time_is_handed_on() -> None:
    known = {"lookback": 365, "n": 3, "volatility": 0.5, "range": None}
    assert today_report(running([1.0], TODAYS), known)["percentile_by_elapsed"] == known
