"""The two jobs and the migration, as commands. No numpy on the path of a backfill: start-up is most of its cost."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeAlias

from volatility.bootstrap import open_database, open_exchange
from volatility.domain.errors import Error, ExchangeBanned, StorageError
from volatility.exchange.binance import BinanceClient
from volatility.jobs import backfill as backfill_case
from volatility.presentation.progress import shown_progress
from volatility.settings import Settings
from volatility.storage.database import Database
from volatility.storage.migrate import migrate as apply_migrations

log = logging.getLogger(__name__)

_Step: TypeAlias = Callable[[Database, BinanceClient, str], dict[str, Any]]


def backfill(
    settings: Settings,
    symbols: Sequence[str],
    *,
    since_ms: int | None,
    until_ms: int | None,
    dry_run: bool,
    recheck_gaps: bool,
    refetch: bool,
) -> int:
    """Fetch and store what is missing of each symbol, and print what was done."""

    def one(database: Database, exchange: BinanceClient, symbol: str) -> dict[str, Any]:
        request = backfill_case.BackfillRequest(
            symbol,
            settings.history_start_ms,
            since_ms=since_ms,
            until_ms=until_ms,
            recheck_gaps=recheck_gaps,
            refetch=refetch,
            dry_run=dry_run,
        )
        with shown_progress(symbol) as progress:
            return backfill_case.backfill(database, exchange, request, progress).as_json()

    return _each(settings, symbols, one)


def aggregate(settings: Settings, symbols: Sequence[str], *, rebuild: bool) -> int:
    """Bring sessions and statistics of each symbol up to date, then its forecasts, and print what was done."""
    from volatility.jobs import aggregate as aggregate_case  # noqa: PLC0415 - it imports numpy
    from volatility.jobs import forecast as forecast_case  # noqa: PLC0415 - likewise

    def sessions(database: Database, exchange: BinanceClient, symbol: str) -> dict[str, Any]:
        return aggregate_case.aggregate(
            database, exchange, settings.series(symbol), _now_ms(), rebuild=rebuild
        ).as_json()

    def forecasts(database: Database, exchange: BinanceClient, symbol: str) -> dict[str, Any]:
        if not settings.forecasts:
            return forecast_case.ForecastingReport().as_json()
        return forecast_case.forecast(database, exchange, settings.series(symbol), _now_ms()).as_json()

    return _each(settings, symbols, sessions, forecasts)


def _now_ms() -> int:
    return int(time.time() * 1000)


def migrate(settings: Settings) -> int:
    """Bring the schema up to date."""
    database = open_database(settings)
    try:
        apply_migrations(database)
    finally:
        database.close()
    _print({"migrated": str(database)})
    return 0


def _each(settings: Settings, symbols: Sequence[str], *steps: _Step) -> int:
    """Do one symbol after the other; one that fails does not keep the others from being done, but the job fails.

    A step is done for all symbols before the next one begins. What a symbol's steps say is one report.
    """
    with _terminated_in_order():
        return _each_in_turn(settings, symbols, steps)


@contextmanager
def _terminated_in_order() -> Iterator[None]:
    """SIGTERM breaks off the block, which closes what it opened; then it ends the process as if nobody had listened."""

    def told(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)  # nothing takes that for a failure

    before = signal.signal(signal.SIGTERM, told)
    try:
        yield
    except SystemExit:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)
        raise  # the first process of a container is not ended by that
    finally:
        signal.signal(signal.SIGTERM, before)


def _each_in_turn(settings: Settings, symbols: Sequence[str], steps: Sequence[_Step]) -> int:
    database = open_database(settings)
    exchange = open_exchange(settings, database)
    reports: dict[str, dict[str, Any]] = {symbol: {} for symbol in symbols}
    failed: list[Error] = []
    try:
        for step in steps:
            for symbol in list(reports):
                try:
                    reports[symbol] |= step(database, exchange, symbol)
                except (ExchangeBanned, StorageError):  # the others would only fail in the same way
                    raise
                except Error as error:
                    failed.append(error)
                    del reports[symbol]
                    if len(symbols) > 1:
                        log.error("%s: %s", symbol, error)
                else:
                    if step is steps[-1]:
                        _print(reports[symbol])
    finally:
        exchange.close()
        database.close()
    if len(symbols) > 1:
        _print({"symbols": list(reports.values())})
    if failed:
        raise failed[0]
    return 0


def _print(report: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(report) + "\n")
    sys.stdout.flush()
