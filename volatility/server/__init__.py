"""All in one process: the API, and a scheduler that keeps its data fresh."""

from __future__ import annotations

import logging
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Final

import uvicorn
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger

from api.app import create_app
from exchange_simulator import start_demo_exchange
from volatility.cli.jobs import open_database, open_exchange
from volatility.domain.calendar import SessionCalendar
from volatility.domain.errors import Error, ExchangeBanned, SettingError
from volatility.domain.hours import DAY_MS, to_datetime, to_ms
from volatility.exchange.binance import BinanceClient
from volatility.exchange.clock import Clock
from volatility.exchange.network import DIRECT
from volatility.jobs.aggregate import Request as Aggregation
from volatility.jobs.aggregate import aggregate
from volatility.jobs.backfill import Progress, backfill
from volatility.jobs.backfill import Request as Backfill
from volatility.jobs.forecast import forecast
from volatility.presentation.progress import shown
from volatility.settings import Settings
from volatility.storage.candles import newest_stored
from volatility.storage.database import Database
from volatility.storage.migrate import migrate

log = logging.getLogger(__name__)

_FIRST_DAYS: Final = 60  # fetched first, so that the API has something to say within seconds
_AFTER_HOUR: Final = 15  # seconds; the exchange has closed its candle by then
_AFTER_SESSION_MS: Final = 5 * 60_000
_FIRST_PAUSE: Final = 60.0
_LONGEST_PAUSE: Final = 1800.0
_THIS_MACHINE: Final = {"127.0.0.1", "::1", "0.0.0.0", "::"}  # noqa: S104 - only shown
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class _Stopped(Exception):
    """The process is ending."""


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
        """Bring everything up to date; after a failure try again by and by."""
        if self._stopping.is_set():
            return
        database = open_database(self._settings)
        exchange = open_exchange(self._settings, database, Clock(sleep=self._sleep))
        try:
            for symbol in self._settings.symbols:
                self._one(database, exchange, symbol)
            for symbol in self._settings.symbols if self._settings.forecasts else ():
                self._forecast(database, exchange, symbol)
        except _Stopped:
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
        asked = Backfill(symbol, s.history_start_ms)
        steps = [asked]
        if database.read(lambda connection: newest_stored(connection, symbol)) is None:
            steps.insert(0, replace(asked, since_ms=exchange.last_closed_end_ms() - _FIRST_DAYS * DAY_MS))
        for step in steps:
            with shown(symbol) as progress:
                done = backfill(database, exchange, step, self._stoppable(progress))
            changed = aggregate(database, exchange, self._wanted(symbol), int(time.time() * 1000))
            log.info(
                "%s: %d candles and %d sessions written, newest session %s%s",
                symbol,
                done.candles_written,
                changed.sessions_written,
                changed.last_session,
                " (simulated)" if done.simulated else "",
            )

    def _wanted(self, symbol: str) -> Aggregation:
        s = self._settings
        return Aggregation(symbol, s.calendar, s.windows, s.history_start_ms)

    def _forecast(self, database: Database, exchange: BinanceClient, symbol: str) -> None:
        done = forecast(database, exchange, self._wanted(symbol), int(time.time() * 1000), self._check)
        if done.forecasts_written or done.scores_written:
            log.info("%s: %d forecasts and %d scores written", symbol, done.forecasts_written, done.scores_written)

    def _check(self) -> None:
        if self._stopping.is_set():
            raise _Stopped

    def _stoppable(self, progress: Progress) -> Progress:
        def checked(done_hours: int, all_hours: int) -> None:
            self._check()
            progress(done_hours, all_hours)

        return checked

    def _sleep(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise _Stopped

    def _again(self, error: Error) -> None:
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(self._failures, 10))
        when = datetime.now(UTC) + timedelta(seconds=pause)
        if isinstance(error, ExchangeBanned):
            when = max(when, datetime.now(UTC) + timedelta(seconds=error.seconds))  # its clock is not ours
        log.error("%s; trying again at %s", error, when.isoformat(timespec="seconds"))
        if not self._stopping.is_set():
            self._scheduler.add_job(self.refresh, DateTrigger(when), id="again", replace_existing=True)


def serve(settings: Settings, host: str | None, port: int | None) -> int:
    """Serve the API over what is stored."""
    open_database(settings).close()  # a URL that is none is said here, in plain words
    with _ended_by_signals():
        _serve(_at(settings, host, port))
    return 0


def run(settings: Settings, host: str | None, port: int | None) -> int:
    """Backfill, aggregate, serve the API, and keep all of it fresh: hourly and after each session's end."""
    with _ended_by_signals():
        _run(_at(settings, host, port))
    return 0


def demo(settings: Settings, host: str | None, port: int | None, seed: int) -> int:
    """The same against the simulated exchange, in a folder that is gone afterwards, whatever the settings name."""
    with (
        _ended_by_signals(),
        start_demo_exchange(settings.symbols, seed=seed) as exchange,
        tempfile.TemporaryDirectory(prefix="btc-volatility-demo-") as folder,
    ):
        _say(f"SIMULATED candles from {exchange.url}: no number shown is real, nothing is kept")
        url = f"sqlite:///{Path(folder) / 'demo.sqlite3'}"
        _run(_at(replace(settings, binance_urls=(exchange.url,), database_url=url, network=DIRECT), host, port))
    return 0


def _run(settings: Settings) -> None:
    database = open_database(settings)
    try:
        migrate(database)  # what is wrong with the database is said at once
    finally:
        database.close()
    _serve(settings, keep_fresh=True)


def _at(settings: Settings, host: str | None, port: int | None) -> Settings:
    asked = settings.api_port if port is None else port
    if asked is None:
        raise SettingError(
            "API_PORT",
            "looks like a Kubernetes service link: set enableServiceLinks: false for the pod, or name a --port",
        )
    return replace(settings, api_host=settings.api_host if host is None else host, api_port=asked)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and Ctrl+C end the block, closing what it opened. They are no failure: nothing else ends a server."""

    def told(_number: int, _frame: FrameType | None) -> None:
        raise _Stopped

    with suppress(_Stopped), _on_signals(told):
        yield


@contextmanager
def _on_signals(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


@contextmanager
def _kept_fresh(settings: Settings) -> Iterator[None]:
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


def _serve(settings: Settings, *, keep_fresh: bool = False) -> None:
    """Serve until told to stop."""
    config = uvicorn.Config(create_app(settings), log_config=None, access_log=False, timeout_graceful_shutdown=10)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)  # what it would say of starting, _Server says
    with _listening(settings) as listener, _kept_fresh(settings) if keep_fresh else nullcontext():
        _Server(config).run([listener])


def _listening(settings: Settings) -> socket.socket:
    """The API's address, taken before anything is fetched."""
    host, port = settings.api_host, settings.api_port or 0
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        reason = str(error.strerror).partition(" (while")[0]
        raise Error(f"can't listen on {host} port {port}: {reason}; name others by --host and --port") from None


class _Server(uvicorn.Server):
    """Says where it listens, once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen."""
        await super().startup(sockets)
        for listener in sockets or ():
            host, port = listener.getsockname()[:2]
            shown = "localhost" if host in _THIS_MACHINE else f"[{host}]" if ":" in host else host
            _say(f"API on http://{shown}:{port} (try /today, /statistics, /docs); Ctrl+C stops it")

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on a signal, and don't raise it again afterwards as uvicorn does: the caller has more to close."""
        with _on_signals(self.handle_exit):
            yield


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
