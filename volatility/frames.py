"""Stored candles and sessions as pandas DataFrames, for notebooks and research."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from volatility.bootstrap import open_database
from volatility.domain.hours import Span
from volatility.domain.series import Series
from volatility.presentation.tables import sessions_table
from volatility.queries.closed_sessions import statistics_report
from volatility.settings import Settings
from volatility.storage.candle_rows import stored_candles
from volatility.storage.database import Database

_EVER = Span(0, 1 << 46)


def candles_frame(database: Database, symbol: str) -> pd.DataFrame:
    """All stored candles of a symbol, one row an hour, indexed by ``open_time`` (UTC); gaps are absent rows.

    Columns are Binance's: prices in quote currency, ``volume`` in base currency, ``close_time`` in UTC.
    """
    candles = database.read(lambda connection: stored_candles(connection, symbol, _EVER))
    frame = pd.DataFrame(candles).rename(columns={"open_time_ms": "open_time", "close_time_ms": "close_time"})
    for name in ("open_time", "close_time"):
        frame[name] = pd.to_datetime(frame[name], unit="ms", utc=True)
    return frame.set_index("open_time")


def sessions_frame(database: Database, series: Series) -> pd.DataFrame:
    """All closed sessions with their statistics, oldest first, indexed by ``date``; columns as in the API's CSV.

    ``open_time`` and ``close_time`` are in the session's zone. Statistics that are null are NaN.
    """
    report = statistics_report(database, series, days=1 << 31)
    table = sessions_table(series.windows)
    frame = pd.DataFrame(table.rows(report), columns=list(table.columns))
    for name in ("open_time", "close_time"):
        frame[name] = pd.to_datetime(frame[name], utc=True).dt.tz_convert(series.calendar.timezone)
    frame["date"] = pd.to_datetime(frame["date"])
    return frame.set_index("date").sort_index()


def load_candles(symbol: str | None = None) -> pd.DataFrame:
    """``candles_frame`` of the database that the settings name; the first of SYMBOLS by default."""
    settings = Settings.load()
    return _with_database(settings, lambda database: candles_frame(database, symbol or settings.symbols[0]))


def load_sessions(symbol: str | None = None) -> pd.DataFrame:
    """``sessions_frame`` of the database that the settings name; the first of SYMBOLS by default."""
    settings = Settings.load()
    series = settings.series(symbol or settings.symbols[0])
    return _with_database(settings, lambda database: sessions_frame(database, series))


def _with_database(settings: Settings, work: Callable[[Database], pd.DataFrame]) -> pd.DataFrame:
    database = open_database(settings)
    try:
        return work(database)
    finally:
        database.close()
