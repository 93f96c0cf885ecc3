"""All in one process: the API, and a scheduler that keeps its data fresh."""

from __future__ import annotations

import logging
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import uvicorn
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger

from api.app import create_app
from volatility.aggregate import Request as Aggregation
from volatility.aggregate import aggregate
from volatility.backfill import Progress, backfill
from volatility.backfill import Request as Backfill
from volatility.binance import BinanceClient, Clock
from volatility.cli.jobs import open_database, open_exchange
from volatility.cli.progress import shown
from volatility.errors import Error, ExchangeBanned, SettingError
from volatility.hours import DAY_MS, to_datetime
from volatility.settings import Settings
from volatility.simulator import start_demo_exchange
from volatility.storage.candles import newest_stored
from volatility.storage.database import Database
from volatility.storage.migrate import migrate

log = logging.getLogger(__name__)

_FIRST_DAYS: Final = 60  # fetched first, so that the API has something to say within seconds
_AFTER_HOUR: Final = 15  # seconds; the exchange has closed its candle by then
_AFTER_SESSION: Final = timedelta(minutes=5)
_LONGEST_PAUSE: Final = 1800.0


class _Stopped(Exception):
    """The process is ending."""


class Refresher:
    """Keeps the data of all symbols fresh: backfill, then aggregation."""

    def __init__(self, settings: Settings, scheduler: BackgroundScheduler) -> None:
        self._settings, self._scheduler = settings, scheduler
        self._stopping = threading.Event()
        self._failures = 0

    def stop(self) -> None:
        """End what runs at its next step; what was stored stays."""
        self._stopping.set()

    def refresh(self) -> None:
        """Bring everything up to date; after a failure try again by and by."""
        database = open_database(self._settings)
        exchange = open_exchange(self._settings, database, Clock(sleep=self._sleep))
        try:
            for symbol in self._settings.symbols:
                self._one(database, exchange, symbol)
        except _Stopped:
            log.info("stopped while fetching; the next start goes on from there")
        except Error as error:
            self._failures += 1
            self._again(error)
        else:
            self._failures = 0
        finally:
            exchange.close()
            database.close()

    def _one(self, database: Database, exchange: BinanceClient, symbol: str) -> None:
        s = self._settings
        migrate(database)
        asked = Backfill(symbol, s.history_start_ms)
        wanted = Aggregation(symbol, s.calendar, s.windows, s.history_start_ms)
        steps = [asked]
        if database.read(lambda connection: newest_stored(connection, symbol)) is None:
            steps.insert(0, replace(asked, since_ms=exchange.last_closed_end_ms() - _FIRST_DAYS * DAY_MS))
        for step in steps:
            with shown(symbol) as progress:
                done = backfill(database, exchange, step, self._stoppable(progress))
            changed = aggregate(database, exchange, wanted, int(time.time() * 1000))
            log.info(
                "%s: %d candles and %d sessions written, newest session %s%s",
                symbol,
                done.candles_written,
                changed.sessions_written,
                changed.last_session,
                " (simulated)" if done.simulated else "",
            )

    def _stoppable(self, progress: Progress) -> Progress:
        def checked(done_hours: int, all_hours: int) -> None:
            if self._stopping.is_set():
                raise _Stopped
            progress(done_hours, all_hours)

        return checked

    def _sleep(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise _Stopped

    def _again(self, error: Error) -> None:
        pause = min(_LONGEST_PAUSE, 30.0 * 2.0**self._failures)
        when = datetime.now(UTC) + timedelta(seconds=pause)
        if isinstance(error, ExchangeBanned):
            when = max(when, to_datetime(error.until_ms))
        log.error("%s; trying again at %s", error, when.isoformat(timespec="seconds"))
        if not self._stopping.is_set():
            self._scheduler.add_job(self.refresh, DateTrigger(when), id="again", replace_existing=True)


def serve(settings: Settings, host: str | None, port: int | None) -> int:
    """Serve the API over what is stored."""
    return _serve(_at(settings, host, port))


def run(settings: Settings, host: str | None, port: int | None) -> int:
    """Backfill, aggregate, serve the API, and keep all of it fresh: hourly and after each session's end."""
    settings = _at(settings, host, port)
    database = open_database(settings)
    try:
        migrate(database)  # what is wrong with the database is said at once
    finally:
        database.close()
    with _kept_fresh(settings):
        return _serve(settings)


def demo(settings: Settings, host: str | None, port: int | None, seed: int) -> int:
    """The same against the simulated exchange, in a folder that is gone afterwards, whatever the settings name."""
    exchange = start_demo_exchange(settings.symbols, seed=seed)
    try:
        with tempfile.TemporaryDirectory(prefix="btc-volatility-demo-") as folder:
            _say(f"SIMULATED candles from {exchange.url}: no number shown is real, nothing is kept")
            file = Path(folder) / "demo.sqlite3"
            return run(replace(settings, binance_urls=(exchange.url,), database_url=f"sqlite:///{file}"), host, port)
    finally:
        exchange.close()


def _at(settings: Settings, host: str | None, port: int | None) -> Settings:
    address = settings.api_host if host is None else host
    return replace(settings, api_host=address, api_port=settings.api_port if port is None else port)


@contextmanager
def _kept_fresh(settings: Settings) -> Iterator[None]:
    """A scheduler in the background, as long as the block runs."""
    options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults=options)
    refresher = Refresher(settings, scheduler)
    start = settings.calendar.start
    after = datetime.combine(datetime(2000, 1, 1, tzinfo=UTC), start) + _AFTER_SESSION
    zone = settings.calendar.timezone
    scheduler.add_job(refresher.refresh, DateTrigger(datetime.now(UTC)), id="start")
    scheduler.add_job(refresher.refresh, CronTrigger(minute=0, second=_AFTER_HOUR, timezone=UTC), id="hourly")
    scheduler.add_job(refresher.refresh, CronTrigger(hour=after.hour, minute=after.minute, timezone=zone), id="session")
    scheduler.start()
    try:
        yield
    finally:
        refresher.stop()
        scheduler.shutdown(wait=True)


def _serve(settings: Settings) -> int:
    """Serve until told to stop."""
    config = uvicorn.Config(
        create_app(settings),
        host=settings.api_host,
        port=settings.api_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=10,
    )
    logging.getLogger("uvicorn").setLevel(logging.WARNING)  # what it would say of starting, _Server says
    server = _Server(config)
    with suppress(SystemExit):  # uvicorn's way to say that it could not listen; it has logged why
        server.run()
    if not server.started:
        raise SettingError("--port", f"can't be listened on at {settings.api_host}", str(settings.api_port))
    return 0


class _Server(uvicorn.Server):
    """Says where it listens, once it does."""

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """Start to listen."""
        await super().startup(sockets)  # type: ignore[arg-type]
        for server in self.servers:
            for socket in server.sockets:
                host, port = socket.getsockname()[:2]
                shown_host = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::"} else host  # noqa: S104 - only shown
                _say(f"API on http://{shown_host}:{port} (try /today, /statistics, /docs); Ctrl+C stops it")


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
