"""A fake exchange, the tables as they stand, and how the two jobs are run here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tests.jobs import plain
from tests.jobs.plain import Bar, Day, Definition, Stats, sessions, statistics
from volatility.domain.calendar import SessionCalendar
from volatility.domain.candles import Candle, Page
from volatility.domain.errors import ExchangeUnreachable
from volatility.domain.hours import HOUR_MS, Span, to_ms
from volatility.domain.retry import RetryPolicy
from volatility.domain.series import Series
from volatility.jobs import aggregate as aggregation
from volatility.jobs.aggregate import aggregate
from volatility.jobs.backfill import BackfillReport, BackfillRequest, backfill
from volatility.storage.database import Database

SYMBOL = "BTCUSDT"
SETTINGS = Definition()
STATISTICS = ("mean", *plain.QUANTILES)


def patient() -> RetryPolicy:
    """For programs that get in each other's way."""
    return RetryPolicy(seconds=60, attempts=30, first_wait=0.02, longest_wait=0.5)


def at(text: str) -> int:
    """Epoch milliseconds of a UTC time such as 2024-01-01T00:30."""
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=UTC))


class FakeExchange:
    """An exchange in memory: candles by hour, a clock that is set, and a switch that takes it off the net.

    Attributes:
        now: its clock, epoch milliseconds.
        away: whether it answers nothing.
        asked: the spans that were asked for.
    """

    simulated = False

    def __init__(self, candles: Iterable[Candle], now_ms: int) -> None:
        self.candles = {candle.open_time_ms: candle for candle in candles}
        self.now = now_ms
        self.away = False
        self.asked: list[Span] = []

    def _reach(self) -> None:
        if self.away:
            raise ExchangeUnreachable("no exchange address answered (fake: connection refused)")

    def now_ms(self) -> int:
        """The exchange's clock."""
        self._reach()
        return self.now

    def last_closed_end_ms(self) -> int:
        """The end of the newest hour that is over."""
        self._reach()
        return self.now // HOUR_MS * HOUR_MS

    def first_candle_ms(self, symbol: str) -> int | None:
        """The hour of its first candle."""
        self._reach()
        return min(self.candles, default=None) if symbol == SYMBOL else None

    def closed_candles(self, symbol: str, asked: Span, url: str | None = None) -> Page:  # noqa: ARG002 - it has one
        """The candles of a span that are over."""
        self._reach()
        assert symbol == SYMBOL
        assert 0 < asked.hours <= 1000
        self.asked.append(asked)
        hours = range(asked.start_ms, asked.end_ms, HOUR_MS)
        found = [self.candles[hour] for hour in hours if hour in self.candles]
        return Page([candle for candle in found if candle.close_time_ms < self.now], 0)

    @property
    def closed(self) -> list[Candle]:
        """Every candle that is over, in order."""
        return [self.candles[hour] for hour in sorted(self.candles) if self.candles[hour].close_time_ms < self.now]


def fill(database: Database, exchange: Any, definition: Definition = SETTINGS, **more: Any) -> BackfillReport:
    """Run a backfill."""
    return backfill(database, exchange, BackfillRequest(SYMBOL, to_ms(definition.history_start), **more))


def work_out(
    database: Database, exchange: Any, definition: Definition = SETTINGS, *, rebuild: bool = False, machine: int = 0
) -> aggregation.AggregationReport:
    """Run an aggregation."""
    calendar = SessionCalendar(definition.start, ZoneInfo(definition.zone))
    windows, since = tuple(definition.windows), to_ms(definition.history_start)
    return aggregate(database, exchange, Series(SYMBOL, calendar, windows, since), machine, rebuild=rebuild)


class Tables(NamedTuple):
    """What is stored, as sorted plain rows: equal to the last bit or not equal."""

    candles: list[tuple[Any, ...]]
    gaps: list[datetime]
    sessions: list[tuple[Any, ...]]
    statistics: list[tuple[Any, ...]]


def tables(database: Database) -> Tables:
    """Read past the code under test."""
    with database.engine.connect() as connection:

        def read(query: str) -> list[tuple[Any, ...]]:
            return [tuple(map(_plain, row)) for row in connection.execute(sa.text(query))]

        return Tables(
            read(
                "SELECT symbol, open_time, open, high, low, close, volume, close_time, quote_asset_volume,"
                " number_of_trades, taker_buy_base_asset_volume, taker_buy_quote_asset_volume"
                " FROM klines_hourly ORDER BY symbol, open_time"
            ),
            [row[0] for row in read("SELECT start_time FROM kline_gaps ORDER BY start_time")],
            read(
                "SELECT date, open_time, close_time, open, high, low, close, volume, trades, candles,"
                " expected_candles, volatility, `range` FROM daily_sessions ORDER BY open_time"
            ),
            read(
                f"SELECT open_time, metric, `window`, n, {', '.join(STATISTICS)} FROM session_statistics"
                " ORDER BY open_time, metric, `window`"
            ),
        )


def _plain(value: Any) -> Any:
    """A DATETIME as SQLite (text) and MariaDB (datetime) give it, in UTC; a DATE likewise."""
    if isinstance(value, str) and len(value) >= 10 and value[4] == "-":
        value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def stored_days(found: Tables) -> list[Day]:
    """The stored sessions."""
    return [Day(*row) for row in found.sessions]


def stored_statistics(found: Tables) -> dict[tuple[date, str, int], Stats]:
    """The stored statistics by the label of their session."""
    labels = {row[1]: row[0] for row in found.sessions}
    return {
        (labels[opened], metric, window): Stats(n, dict(zip(STATISTICS, values, strict=True)))
        for opened, metric, window, n, *values in found.statistics
    }


def assert_equal_to_plain_loops(
    found: Tables,
    bars: Mapping[datetime, Bar],
    now: datetime,
    definition: Definition = SETTINGS,
    begin: datetime | None = None,
) -> None:
    """Every session and every statistic; sums and means to 14 digits, all else exactly.

    History begins with the first candle from its start on, unless ``begin`` says otherwise.
    """
    begin = begin or max(min(bars), definition.history_start)
    days = sessions(bars, definition, now, begin)
    assert len(found.sessions) == len(days)
    for stored, day in zip(stored_days(found), days, strict=True):
        assert stored._replace(volume=0) == day._replace(volume=0)
        assert math.isclose(stored.volume, day.volume, rel_tol=1e-14)
    first = first_label(begin, definition)
    expected, stored_rows = statistics(days, first, definition.windows), stored_statistics(found)
    assert stored_rows.keys() == expected.keys()
    for key, plain_row in expected.items():
        row = stored_rows[key]
        assert row.n == plain_row.n, key
        for name in STATISTICS:
            assert _same(row.values[name], plain_row.values[name]), (key, name)


def first_label(begin: datetime, definition: Definition) -> date:
    """The label of the first session that begins at or after an instant, whether it exists or not."""
    day = begin.date()
    while definition.opens(day) >= begin:
        day = date.fromordinal(day.toordinal() - 1)
    while definition.opens(day) < begin:
        day = date.fromordinal(day.toordinal() + 1)
    return day


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-13, abs_tol=1e-9)


def bars_of(candles: Iterable[Candle]) -> dict[datetime, Bar]:
    """Candles as the plain loops take them."""
    return {
        datetime.fromtimestamp(candle.open_time_ms // 1000, UTC): Bar(*candle[1:6], candle.number_of_trades)
        for candle in candles
    }


def moment(ms: int) -> datetime:
    """The UTC datetime of an instant."""
    return datetime.fromtimestamp(ms / 1000, UTC)
