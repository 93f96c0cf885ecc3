"""A made-up exchange with a year of candles, the job, and the tables as they stand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tests.analytics.histories import DAY_MS, START_MS, History, make_history
from tests.jobs.plain import Definition
from tests.jobs.support import SYMBOL, FakeExchange, fill, work_out
from volatility.analytics.panel import HourlyPanel, build_panel, daily_bounds
from volatility.domain.calendar import SessionCalendar
from volatility.domain.candles import Candle
from volatility.domain.hours import HOUR_MS, to_ms
from volatility.domain.series import Series
from volatility.jobs import forecast as job
from volatility.storage.database import Database

MOSCOW = Definition(windows=(5, 7))
SESSIONS = 330  # closed; forecasts begin with the 301st or so
TABLES = ("session_forecasts", "forecast_scores", "variance_scores", "odds_recalibrations", "forecast_state")


def day(number: int) -> date:
    """The label of a session by its number, from 0."""
    return datetime.fromtimestamp((START_MS + number * DAY_MS) / 1000, UTC).date()


def in_session(number: int, hours: float = 2.5) -> int:
    """An instant some hours into a session."""
    return int(START_MS + number * DAY_MS + hours * HOUR_MS)


def candles_of(history: History) -> list[Candle]:
    """A history as the exchange sends it."""
    rows = zip(history.times.tolist(), *history.candles.tolist(), strict=True)
    return [Candle(t, o, h, low, c, 1.0, t + HOUR_MS - 1, 1.0, 1, 0.5, 0.5) for t, o, h, low, c in rows]


def exchange_in(number: int, *, seed: int = 1, more: int = 12) -> FakeExchange:
    """An exchange whose clock stands in a session, with candles of some sessions more."""
    return FakeExchange(candles_of(make_history(number + more, seed)), in_session(number))


def series_of(definition: Definition = MOSCOW) -> Series:
    """What aggregation and forecasting are asked for."""
    calendar = SessionCalendar(definition.start, ZoneInfo(definition.zone))
    return Series(SYMBOL, calendar, tuple(definition.windows), to_ms(definition.history_start))


def aggregated(database: Database, exchange: FakeExchange, definition: Definition = MOSCOW) -> None:
    """Backfill and aggregate."""
    fill(database, exchange, definition)
    work_out(database, exchange, definition, machine=exchange.now)


def forecast(
    database: Database,
    exchange: FakeExchange,
    definition: Definition = MOSCOW,
    pause: Callable[[], object] = lambda: None,
) -> job.ForecastingReport:
    """Run the job's last step."""
    return job.forecast(database, exchange, series_of(definition), exchange.now + 7, pause)


def everything(database: Database, exchange: FakeExchange, definition: Definition = MOSCOW) -> job.ForecastingReport:
    """Backfill, aggregate, forecast."""
    aggregated(database, exchange, definition)
    return forecast(database, exchange, definition)


def table(database: Database, name: str) -> list[dict[str, Any]]:
    """All rows of a table past the code under test, in the order of their text."""
    with database.engine.connect() as connection:
        rows = connection.execute(sa.text(f"SELECT * FROM {name}")).mappings().all()
    plain = [{column: _plain(value) for column, value in row.items()} for row in rows]
    return sorted(plain, key=lambda row: str(list(row.values())))


def _plain(value: Any) -> Any:
    """Dates as SQLite writes them, from either kind of database."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return str(value) if isinstance(value, date) else value


class Stored(NamedTuple):
    """The tables of forecasts and scores."""

    forecasts: list[dict[str, Any]]
    scores: list[dict[str, Any]]
    variances: list[dict[str, Any]]
    recalibrations: list[dict[str, Any]]
    state: list[dict[str, Any]]


def stored(database: Database) -> Stored:
    """Those tables as they stand."""
    return Stored(*(table(database, name) for name in TABLES))


def label(row: dict[str, Any]) -> str:
    """A forecast's session."""
    return str(row["date"])


def opened(row: dict[str, Any]) -> str:
    """The label of the session of a score."""
    return str(row["open_time"])[:10]


def panel_of(exchange: FakeExchange, sessions: int) -> HourlyPanel:
    """The first sessions of an exchange's candles, laid out without the database."""
    end_ms = START_MS + sessions * DAY_MS
    rows = [candle for candle in exchange.closed if candle.open_time_ms < end_ms]
    prices = [[getattr(row, name) for row in rows] for name in ("open", "high", "low", "close")]
    return build_panel([row.open_time_ms for row in rows], prices, *daily_bounds(START_MS, end_ms))


def correct(exchange: FakeExchange, number: int, hour: int = 3, by: float = 1.02) -> None:
    """The exchange corrects a candle: its high is another one."""
    at = START_MS + number * DAY_MS + hour * HOUR_MS
    candle = exchange.candles[at]
    exchange.candles[at] = candle._replace(high=candle.high * by)
