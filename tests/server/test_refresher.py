"""When the embedded mode refreshes: hourly, after each session's start, and again after failures."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from exchange_simulator import SimulatedExchange
from exchange_simulator.faults import Latency, Status
from exchange_simulator.presets import banned, too_many_requests
from tests.cli.support import candles, query, stored, until
from tests.support.canned import nobody_listens
from volatility.server.refresher import Refresher, make_scheduler, schedule
from volatility.settings import Settings


class FakeScheduler:
    """Writes down what is to be done again, and when."""

    def __init__(self) -> None:
        self.again: list[datetime] = []

    def add_job(self, _what: object, trigger: Any, **options: object) -> None:
        """One wish; a later one takes the place of an earlier."""
        assert options == {"id": "again", "replace_existing": True}
        self.again.append(trigger.run_date)


@pytest.fixture
def scheduler() -> FakeScheduler:
    return FakeScheduler()


@pytest.fixture
def loaded(settings: dict[str, str], database: str) -> Settings:
    return Settings.of(settings | {"DATABASE_URL": database})


def refresher(settings: Settings, scheduler: FakeScheduler) -> Refresher:
    return Refresher(settings, scheduler)


def fire_times(job: str, settings: dict[str, str], start: datetime, end: datetime) -> list[datetime]:
    """When a job is due between two instants."""
    scheduler = make_scheduler()
    schedule(refresher(Settings.of(settings), FakeScheduler()), scheduler, Settings.of(settings).calendar)
    (trigger,) = [found.trigger for found in scheduler.get_jobs() if found.id == job]
    due: list[datetime] = []
    now, before = start, None
    while (before := trigger.get_next_fire_time(before, now)) < end:
        due.append(before.astimezone(UTC))
        now = due[-1] + timedelta(microseconds=1)
    return due


def test_the_session_of_eleven_oclock_in_moscow_is_closed_at_five_past() -> None:
    due = fire_times("session", {}, datetime(2025, 3, 28, tzinfo=UTC), datetime(2025, 4, 2, tzinfo=UTC))
    assert due == [datetime(2025, 3, day, 8, 5, tzinfo=UTC) for day in (28, 29, 30, 31)] + [
        datetime(2025, 4, 1, 8, 5, tzinfo=UTC)
    ]


@pytest.mark.parametrize(
    ("zone", "start", "winter", "summer"),
    [
        ("America/New_York", "09:00", (14, 5), (13, 5)),
        ("America/New_York", "17:00", (22, 5), (21, 5)),
        ("Europe/Berlin", "00:00", (23, 5), (22, 5)),
        ("Australia/Sydney", "00:00", (14, 5), (13, 5)),
        ("Asia/Kolkata", "05:30", (0, 5), (0, 5)),
    ],
)
def test_it_keeps_to_the_zones_own_clock_through_both_changes(
    zone: str, start: str, winter: tuple[int, int], summer: tuple[int, int]
) -> None:
    settings = {"SESSION_TIMEZONE": zone, "SESSION_START": start}
    due = fire_times("session", settings, datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))
    assert len(due) == 366
    for instant in due:
        local = instant.astimezone(ZoneInfo(zone))
        assert f"{local - timedelta(minutes=5):%H:%M}" == start
        assert (instant.hour, instant.minute) == (summer if local.dst() else winter)
    assert len({(instant.hour, instant.minute) for instant in due}) == len({winter, summer})


@pytest.mark.parametrize(("zone", "start"), [("Europe/Berlin", "02:00"), ("America/New_York", "01:00")])
def test_a_start_that_the_clocks_skip_or_show_twice_is_not_missed(zone: str, start: str) -> None:
    settings = {"SESSION_TIMEZONE": zone, "SESSION_START": start}
    due = set(fire_times("session", settings, datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)))
    for offset in range(1, 365):
        day = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=offset)
        opens = day.replace(hour=int(start[:2]), tzinfo=ZoneInfo(zone)).astimezone(UTC)
        assert opens + timedelta(minutes=5) in due
    assert len(due) == 366


def test_every_hour_is_fetched_when_its_candle_has_closed() -> None:
    settings = {"SESSION_TIMEZONE": "Asia/Kolkata", "SESSION_START": "05:30"}  # hours are UTC's all the same
    start = datetime(2025, 3, 29, 23, 30, tzinfo=UTC)
    due = fire_times("hourly", settings, start, start + timedelta(hours=5))
    assert due == [datetime(2025, 3, 30, hour, 0, 15, tzinfo=UTC) for hour in range(5)]


def test_the_first_refresh_is_due_at_once() -> None:
    scheduler = make_scheduler()
    schedule(refresher(Settings.of({}), FakeScheduler()), scheduler, Settings.of({}).calendar)
    (first,) = [job.next_run_time for job in scheduler.get_jobs() if job.id == "hourly"]
    assert abs(first - datetime.now(UTC)) < timedelta(seconds=5)


def test_one_refresh_at_a_time_and_none_is_lost() -> None:
    scheduler = make_scheduler()
    running, most, done = 0, 0, []

    def job() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.05)
        running -= 1
        done.append(1)

    for name in ("again", "hourly", "session"):
        scheduler.add_job(job, id=name)
    scheduler.start()
    until(lambda: len(done) == 3)
    scheduler.shutdown(wait=True)
    assert most == 1


def test_a_refresh_brings_everything_up_to_date_newest_first(
    loaded: Settings, scheduler: FakeScheduler, exchange: SimulatedExchange, database: str
) -> None:
    refresher(loaded, scheduler).refresh()
    assert stored(database) == candles(exchange)
    assert scheduler.again == []
    starts = [int(r.params["startTime"]) for r in exchange.requests("/api/v3/klines") if "endTime" in r.params]
    newest_end_ms = candles(exchange)[-1][0] + 3_600_000
    assert starts[0] == newest_end_ms - 60 * 24 * 3_600_000
    assert min(starts) == candles(exchange)[0][0] == starts[2]


def test_after_failures_it_tries_again_with_growing_pauses_up_to_half_an_hour(
    loaded: Settings, scheduler: FakeScheduler, exchange: SimulatedExchange
) -> None:
    failing = refresher(replace(loaded, binance_urls=(nobody_listens(),)), scheduler)
    pauses = []
    for _ in range(8):
        before = datetime.now(UTC)
        failing.refresh()
        pauses.append(round((scheduler.again[-1] - before).total_seconds() / 10) * 10)
    assert pauses == [60, 120, 240, 480, 960, 1800, 1800, 1800]
    assert exchange.requests() == []


def test_its_runs_are_recorded_also_where_an_empty_database_finds_no_exchange(
    loaded: Settings, scheduler: FakeScheduler, database: str
) -> None:
    refresher(replace(loaded, binance_urls=(nobody_listens(),)), scheduler).refresh()
    ((job, result, message),) = query(database, "SELECT job, result, message FROM job_runs")
    assert (job, result) == ("backfill", "failed")
    assert message.startswith("no exchange address answered")
    refresher(loaded, scheduler).refresh()
    runs = query(database, "SELECT job, result, message, done = total FROM job_runs ORDER BY job")
    assert runs == [("aggregation", "done", None, 1), ("backfill", "done", None, 1)]


def test_a_year_of_failures_is_one_more_failure(loaded: Settings, scheduler: FakeScheduler) -> None:
    failing = refresher(replace(loaded, binance_urls=(nobody_listens(),)), scheduler)
    failing._failures = 20_000
    before = datetime.now(UTC)
    failing.refresh()
    assert timedelta(minutes=30) <= scheduler.again[-1] - before < timedelta(minutes=31)


def test_a_success_makes_the_next_pause_short_again(
    loaded: Settings, scheduler: FakeScheduler, exchange: SimulatedExchange
) -> None:
    one = refresher(loaded, scheduler)
    exchange.order(Status(status=500, times=2))
    for _ in range(3):
        one.refresh()
    exchange.order(Status(status=500, path="/api/v3/time"))
    before = datetime.now(UTC)
    one.refresh()
    assert len(scheduler.again) == 3
    assert scheduler.again[-1] - before < timedelta(seconds=70)


def test_after_a_ban_it_does_not_try_before_its_end(
    loaded: Settings, scheduler: FakeScheduler, exchange: SimulatedExchange
) -> None:
    exchange.order(banned(retry_after=7200))
    one = refresher(loaded, scheduler)
    before = datetime.now(UTC)
    one.refresh()
    assert scheduler.again[-1] >= before + timedelta(seconds=7200)
    exchange.clear()
    one.refresh()  # as the hourly one does meanwhile
    assert len(exchange.requests()) == 1
    assert scheduler.again[-1] >= before + timedelta(seconds=7200) - timedelta(seconds=1)


def test_a_stopped_refresher_asks_nothing_more(
    loaded: Settings, scheduler: FakeScheduler, exchange: SimulatedExchange
) -> None:
    one = refresher(loaded, scheduler)
    one.stop()
    one.refresh()
    assert (exchange.requests(), scheduler.again) == ([], [])


def test_a_refresh_that_waits_for_the_exchange_ends_at_once_when_told_to(
    loaded: Settings, scheduler: FakeScheduler, exchange: SimulatedExchange, tmp_path: Path
) -> None:
    exchange.order(too_many_requests(retry_after=600))
    one = refresher(loaded, scheduler)
    thread = threading.Thread(target=one.refresh)
    thread.start()
    while not exchange.requests():
        time.sleep(0.01)
    began = time.monotonic()
    one.stop()
    thread.join(60)
    assert time.monotonic() - began < 60  # of 600 s
    assert scheduler.again == []
    assert (tmp_path / "data").exists()


def test_a_failure_while_stopping_is_not_tried_again(
    loaded: Settings, scheduler: FakeScheduler, exchange: SimulatedExchange
) -> None:
    exchange.order(Latency(ms=200))
    exchange.order(Status(status=503))
    one = refresher(loaded, scheduler)
    thread = threading.Thread(target=one.refresh)
    thread.start()
    while not exchange.requests():
        time.sleep(0.01)
    one.stop()
    thread.join(10)
    assert not thread.is_alive()
    assert scheduler.again == []


def test_several_symbols_are_refreshed_in_their_order(
    loaded: Settings, scheduler: FakeScheduler, exchange: SimulatedExchange, database: str
) -> None:
    refresher(replace(loaded, symbols=("ETHUSDT", "BTCUSDT")), scheduler).refresh()
    for symbol in ("BTCUSDT", "ETHUSDT"):
        assert stored(database, symbol) == candles(exchange, symbol)
