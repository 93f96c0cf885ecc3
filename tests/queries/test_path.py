"""Today's path by five minutes and by hours, against plain loops over made-up candles."""

from __future__ import annotations

import logging
import random
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.queries.by_hand import SERIES, Day, model_of, running, walk
from volatility.analytics.recalibration import Recalibration
from volatility.domain.calendar import SessionCalendar
from volatility.domain.candles import Candle, Page
from volatility.domain.hours import HOUR_MS, Span
from volatility.domain.series import Series
from volatility.domain.sessions import CandleColumns, form_sessions
from volatility.queries import path as module
from volatility.queries.cone import cone_report
from volatility.queries.path import Minutes, path_fields, session_minutes
from volatility.queries.running_session import RunningSession
from volatility.queries.session_model import own_candles

FIVE_MS = 300_000
TODAY = walk(1, seed=2, price=70.0)[0]


def cut(hour: Candle, rng: random.Random) -> list[Candle]:
    """Twelve candles that add up to an hour: its high in the third, its low in the eighth."""
    ends = [hour.open, *(round(rng.uniform(hour.low, hour.high), 2) for _ in range(11)), hour.close]
    parts = []
    for place in range(12):
        first, last = ends[place], ends[place + 1]
        high = hour.high if place == 2 else max(first, last)
        low = hour.low if place == 7 else min(first, last)
        at = hour.open_time_ms + place * FIVE_MS
        volumes = (hour.volume / 12, at + FIVE_MS - 1, hour.quote_asset_volume / 12, 1, 0.0, 0.0)
        parts.append(Candle(at, first, high, low, last, *volumes))
    return parts


def minutes_of(now: RunningSession, *, until_ms: int | None = None) -> Minutes:
    """The five minutes of a running session, as they were some time ago."""
    rng = random.Random(5)
    as_of_ms = now.as_of_ms if until_ms is None else until_ms
    every = [part for hour in own_candles(now) for part in cut(hour, rng)]
    candles = [part for part in every if part.open_time_ms <= as_of_ms]
    return Minutes(now.bounds, candles, as_of_ms, "http://exchange", simulated=False)


def plainly(now: RunningSession, candles: list[Candle], length_ms: int) -> list[dict[str, Any]]:
    """The points after each candle that is over, by a loop that begins anew for each."""
    start, zone = candles[0].open, now.series.calendar.timezone
    points = []
    for number in range(len(candles) + 1):
        seen = candles[:number]
        end_ms = seen[-1].open_time_ms + length_ms if seen else candles[0].open_time_ms
        if end_ms > now.as_of_ms:
            break
        price = seen[-1].close if seen else start
        spread = max([start, *(one.high for one in seen)]) - min([start, *(one.low for one in seen)])
        points.append({
            "time": datetime.fromtimestamp(end_ms / 1000, zone).isoformat(),
            "elapsed": pytest.approx((end_ms - now.bounds.open_ms) / HOUR_MS, abs=5e-5),
            "price": price,
            "volatility_pct": pytest.approx(100 * abs(price - start) / start, abs=1e-9),
            "range_pct": pytest.approx(100 * spread / start, abs=1e-9),
        })  # fmt: skip
    return points


def test_the_path_begins_with_the_open_and_has_a_point_after_each_five_minutes() -> None:
    now = running(11, TODAY[:6], 5 + 43 / 60)
    minutes = minutes_of(now)
    shown = path_fields(now, minutes)
    assert len(shown) == 1 + 5 * 12 + 8  # at 05:43 the ninth is open
    assert shown == plainly(now, list(minutes.candles), FIVE_MS)
    assert shown[0] == {
        "time": "2024-01-12T11:00:00+03:00",
        "elapsed": 0.0,
        "price": 70.0,
        "volatility_pct": 0.0,
        "range_pct": 0.0,
    }
    assert (shown[1]["elapsed"], shown[-1]["elapsed"]) == (0.0833, 5.6667)


def test_at_full_hours_the_path_is_that_of_the_hours() -> None:
    now = running(11, TODAY[:6], 5.5)
    report = cone_report(model_of(walk(11), now), now, minutes=minutes_of(now))
    by_elapsed = {point["elapsed"]: point for point in report["path"]}
    for row in report["hours"][:5]:
        for name in ("price", "volatility_pct", "range_pct"):
            assert by_elapsed[row["elapsed"]][name] == row["today"][name]


@pytest.mark.parametrize("hours", [0.05, 0.5, 1.0, 5.999, 6.0])
def test_without_minutes_the_path_goes_by_hours(hours: float) -> None:
    now = running(11, TODAY[:6], hours)
    shown = path_fields(now, None)
    assert shown == plainly(now, own_candles(now), HOUR_MS)
    assert [point["elapsed"] for point in shown] == list(range(int(hours) + 1))


def test_before_the_first_candle_there_is_no_path() -> None:
    now = running(11, [], 0.5)
    assert path_fields(now, None) == []
    assert path_fields(now, Minutes(now.bounds, [], now.as_of_ms, "http://exchange", simulated=False)) == []


def test_what_the_minutes_do_not_reach_goes_by_hours() -> None:
    now = running(11, TODAY[:6], 5.5)
    minutes = minutes_of(now, until_ms=now.bounds.open_ms + round(2.6 * HOUR_MS))
    shown = path_fields(now, minutes)
    assert [point["elapsed"] for point in shown[-4:]] == [2.5833, 3.0, 4.0, 5.0]
    assert shown[:32] == plainly(now, list(minutes.candles[:-1]), FIVE_MS)
    assert shown[32:] == plainly(now, own_candles(now), HOUR_MS)[3:]


def test_of_minutes_that_are_newer_than_the_hours_those_up_to_then_are_shown() -> None:
    later = running(11, TODAY[:6], 5.9)
    now = running(11, TODAY[:5], 4.5)
    assert path_fields(now, minutes_of(later)) == path_fields(now, minutes_of(now))


def test_a_session_whose_first_candle_comes_late_begins_there() -> None:
    """A coin that was listed half past one: its hour is the one that it falls in."""
    day: Day = [None, *TODAY[1:4]]
    now = running(11, day, 3.5)
    every = minutes_of(now)
    listed = [one for one in every.candles if one.open_time_ms >= now.bounds.open_ms + round(1.5 * HOUR_MS)]
    own = own_candles(now)
    first = own[0]._replace(
        open=listed[0].open,
        high=max(one.high for one in listed[:6]),
        low=min(one.low for one in listed[:6]),
        volume=sum(one.volume for one in listed[:6]),
    )
    assert now.session
    now = replace(now, candles=[first, *own[1:]], session=now.session._replace(open=first.open))
    shown = path_fields(now, replace(every, candles=listed))
    assert (shown[0]["elapsed"], shown[0]["price"], shown[0]["range_pct"]) == (1.5, listed[0].open, 0.0)
    assert shown == plainly(now, listed, FIVE_MS)
    assert [point["elapsed"] for point in path_fields(now, None)] == [1.0, 2.0, 3.0]


def altered(minutes: Minutes, place: int, **values: Any) -> Minutes:
    candles = list(minutes.candles)
    candles[place] = candles[place]._replace(**values)
    return replace(minutes, candles=candles)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: altered(m, 23, close=m.candles[23].close * 1.0002, high=999.0), "add up"),
        (lambda m: altered(m, 14, high=m.candles[14].high + 1.0), "add up"),
        (lambda m: altered(m, 3, volume=5.0), "add up"),
        (lambda m: replace(m, candles=m.candles[12:]), "add up"),
        (lambda m: replace(m, candles=[*m.candles[:24], *m.candles[36:]]), "add up"),
        (lambda m: altered(m, 60, open=m.candles[60].open * 1.0002), "do not open"),
        (lambda m: replace(m, simulated=True), "not of one kind"),
    ],
    ids=[
        "another close",
        "a higher high",
        "more volume",
        "an hour lacks at first",
        "one within",
        "an open",
        "simulated",
    ],
)
def test_minutes_of_another_market_are_left_out_and_the_log_says_so_once(
    change: Any, said: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_refused", set())
    now = running(11, TODAY[:6], 5.5)
    minutes = minutes_of(now)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert path_fields(now, change(minutes)) == path_fields(now, None)
        assert [said in record.message for record in caplog.records] == [True]
        assert path_fields(now, minutes) != path_fields(now, None)
        path_fields(now, change(minutes))
    assert len(caplog.records) == 2  # it had been right in between


def test_what_a_revision_changes_is_no_other_market() -> None:
    now = running(11, TODAY[:6], 5.5)
    minutes = minutes_of(now)
    close = round(minutes.candles[23].close * 1.00009, 6)
    revised = altered(minutes, 23, close=close, high=max(minutes.candles[23].high, close))
    assert path_fields(now, revised)[24]["price"] == close


def test_minutes_of_another_session_are_left_out() -> None:
    now = running(11, TODAY[:6], 5.5)
    yesterday = running(10, TODAY[:6], 5.5)
    assert path_fields(now, minutes_of(yesterday)) == path_fields(now, None)


def in_calendar(calendar: SessionCalendar, day: date, bars: Day, hours: float) -> RunningSession:
    """A running session of another start or length."""
    bounds = calendar.bounds(day)
    times = [bounds.open_ms + place * HOUR_MS for place in range(len(bars))]
    candles = [
        Candle(at, *bar, 1.0, at + HOUR_MS - 1, 1.0, 1, 0.5, 0.5) for at, bar in zip(times, bars, strict=True) if bar
    ]
    (session,) = form_sessions(CandleColumns.of(candles), [bounds]).existing()
    return RunningSession(
        series=Series("BTCUSDT", calendar, (5,), 0),
        bounds=bounds,
        session=session,
        past=[],
        before=0,
        recent=Span(bounds.open_ms, bounds.close_ms),
        candles=candles,
        as_of_ms=bounds.open_ms + round(hours * HOUR_MS),
        source="exchange",
        simulated=False,
        revision=1,
        recalibration=Recalibration(),
    )


@pytest.mark.parametrize(
    ("start", "zone", "day", "length"),
    [
        (time(11), "Europe/Berlin", date(2024, 3, 30), 23),
        (time(11), "Europe/Berlin", date(2024, 10, 26), 25),
        (time(0), "UTC", date(2024, 5, 1), 24),
        (time(17), "America/New_York", date(2024, 5, 1), 24),
    ],
)
def test_sessions_of_any_length_and_start_have_a_path_to_their_end(
    start: time, zone: str, day: date, length: int
) -> None:
    bars = [bar for part in walk(2, seed=4) for bar in part][:length]
    now = in_calendar(SessionCalendar(start, ZoneInfo(zone)), day, bars, length)
    minutes = minutes_of(now)
    shown = path_fields(now, minutes)
    assert shown == plainly(now, list(minutes.candles), FIVE_MS)
    assert (len(shown), shown[-1]["elapsed"]) == (length * 12 + 1, length)
    first, last = (datetime.fromisoformat(shown[place]["time"]) for place in (0, -1))
    assert last - first == timedelta(hours=length)
    assert (first.time(), last.time()) == (start, start)


def test_what_is_asked_is_the_session_that_runs_by_the_exchanges_clock() -> None:
    asked: list[Any] = []
    now = running(11, TODAY[:3], 2.5)
    page = Page(list(minutes_of(now).candles), 0, "http://exchange", simulated=True)

    class Exchange:
        """Writes down what it is asked."""

        def now_ms(self) -> int:
            return now.as_of_ms

        def five_minutes(self, symbol: str, asked_for: Span) -> Page:
            asked.append((symbol, asked_for))
            return page

    found = session_minutes(Exchange(), SERIES)
    assert asked == [("BTCUSDT", Span(now.bounds.open_ms, now.bounds.close_ms))]
    assert found == Minutes(now.bounds, page.candles, now.as_of_ms, "http://exchange", simulated=True)
