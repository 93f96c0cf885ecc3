"""Keeps the data fresh: backfill, aggregation and forecasts, hourly and after each session's end."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger

from volatility.bootstrap import open_database, open_exchange
from volatility.domain.calendar import SessionCalendar
from volatility.domain.errors import Error, ExchangeBanned, Stopped
from volatility.domain.hours import DAY_MS, to_datetime, to_ms
from volatility.exchange.binance import BinanceClient
from volatility.exchange.clock import Clock
from volatility.jobs.aggregate import aggregate
from volatility.jobs.backfill import BackfillRequest, Progress, backfill
from volatility.jobs.forecast import forecast
from volatility.presentation.progress import shown_progress
from volatility.settings import Settings
from volatility.storage.candle_rows import newest_stored
from volatility.storage.database import Database
from volatility.storage.migrate import migrate

log = logging.getLogger(__name__)

_FIRST_DAYS: Final = 60  # fetched first, so that the API has something to say within seconds
_AFTER_HOUR: Final = 15  # seconds; the exchange has closed its candle by then
_AFTER_SESSION_MS: Final = 5 * 60_000
_FIRST_PAUSE: Final = 60.0
_LONGEST_PAUSE: Final = 1800.0


class Refresher:
    """Keeps the data of all symbols fresh: backfill, then aggregation, and forecasts once all have sessions."""

    def __init__(self, settings: Settings, scheduler: BackgroundScheduler) -> None:
        self._settings, self._scheduler = settings, scheduler
        self._stopping = threading.Event()
        self._failures = 0

    def stop(self) -> None:
        """End what runs at its next step; what was stored stays."""
        self._stopping.set()

    def refresh(self) -> None:
        """Bring everything up to date; after a failure try again, after longer and longer waits."""
        if self._stopping.is_set():
            return
        database = open_database(self._settings)
        exchange = open_exchange(self._settings, database, clock=Clock(sleep=self._sleep))
        try:
            for symbol in self._settings.symbols:
                self._one(database, exchange, symbol)
            for symbol in self._settings.symbols if self._settings.forecasts else ():
                self._forecast(database, exchange, symbol)
        except Stopped:
            log.info("stopped in the middle; the next start goes on from there")
        except Error as error:
            self._again(error)
            self._failures += 1
        else:
            self._failures = 0
        finally:
            exchange.close()
            database.close()

    def _one(self, database: Database, exchange: BinanceClient, symbol: str) -> None:
        s = self._settings
        migrate(database)
        request = BackfillRequest(symbol, s.history_start_ms)
        requests = [request]
        if database.read(lambda connection: newest_stored(connection, symbol)) is None:
            requests.insert(0, replace(request, newest_ms=_FIRST_DAYS * DAY_MS))
        for request in requests:
            with shown_progress(symbol) as progress:
                done = backfill(database, exchange, request, self._stoppable(progress))
            changed = aggregate(database, exchange, self._settings.series(symbol), int(time.time() * 1000))
            log.info(
                "%s: %d candles and %d sessions written, newest session %s%s",
                symbol,
                done.candles_written,
                changed.sessions_written,
                changed.last_session,
                " (simulated)" if done.simulated else "",
            )

    def _forecast(self, database: Database, exchange: BinanceClient, symbol: str) -> None:
        done = forecast(database, exchange, self._settings.series(symbol), int(time.time() * 1000), self._check)
        if done.forecasts_written or done.scores_written:
            log.info("%s: %d forecasts and %d scores written", symbol, done.forecasts_written, done.scores_written)

    def _check(self) -> None:
        if self._stopping.is_set():
            raise Stopped

    def _stoppable(self, progress: Progress) -> Progress:
        def checked(done_hours: int, all_hours: int) -> None:
            self._check()
            progress(done_hours, all_hours)

        return checked

    def _sleep(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise Stopped

    def _again(self, error: Error) -> None:
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(self._failures, 10))
        when = datetime.now(UTC) + timedelta(seconds=pause)
        if isinstance(error, ExchangeBanned):
            when = max(when, datetime.now(UTC) + timedelta(seconds=error.seconds))  # its clock is not ours
        log.error("%s; trying again at %s", error, when.isoformat(timespec="seconds"))
        if not self._stopping.is_set():
            self._scheduler.add_job(self.refresh, DateTrigger(when), id="again", replace_existing=True)


@contextmanager
def kept_fresh(settings: Settings) -> Iterator[None]:
    """A scheduler in the background, as long as the block runs."""
    scheduler = make_scheduler()
    refresher = Refresher(settings, scheduler)
    schedule(refresher, scheduler, settings.calendar)
    scheduler.start()
    try:
        yield
    finally:
        refresher.stop()
        scheduler.shutdown(wait=True)


def make_scheduler() -> BackgroundScheduler:
    """One refresh at a time: one that comes due while another runs waits for it."""
    return BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )


def schedule(refresher: Refresher, scheduler: BackgroundScheduler, calendar: SessionCalendar) -> None:
    """Refresh now, when each hour's candle has closed, and five minutes after each session's start."""
    hourly = CronTrigger(minute=0, second=_AFTER_HOUR, timezone=UTC)
    scheduler.add_job(refresher.refresh, hourly, id="hourly", next_run_time=datetime.now(UTC))
    scheduler.add_job(refresher.refresh, _AfterSession(calendar), id="session")


class _AfterSession(BaseTrigger):  # type: ignore[misc] # APScheduler has no types
    """Due after each session's start, by the calendar: a cron trigger misses a midnight after clocks go forward."""

    def __init__(self, calendar: SessionCalendar) -> None:
        self._calendar = calendar

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """The first such instant after the previous one, or from now on."""
        since_ms = to_ms(now) if previous is None else to_ms(previous) + 1
        return to_datetime(self._calendar.first_at_or_after(since_ms - _AFTER_SESSION_MS).open_ms + _AFTER_SESSION_MS)
