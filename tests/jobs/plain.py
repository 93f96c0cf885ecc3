"""Sessions and statistics once more, by plain loops over datetimes and sorted lists.

Nothing here comes from the code under test: expected values are computed by this second route.
"""

from __future__ import annotations

import csv
import gzip
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
QUANTILES = {"median": 0.5, "p10": 0.1, "p25": 0.25, "p75": 0.75, "p90": 0.9}


class Bar(NamedTuple):
    """What a session needs of a candle."""

    open: float
    high: float
    low: float
    close: float
    volume: float
    trades: int


class Day(NamedTuple):
    """One session that exists."""

    date: date
    open_time: datetime
    close_time: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float
    trades: int
    candles: int
    expected_candles: int
    volatility: float
    range: float


class Definition(NamedTuple):
    """What a session is, and over how many a window goes."""

    zone: str = "Europe/Moscow"
    start: time = time(11)
    windows: Sequence[int] = (5, 7, 14, 30)
    history_start: datetime = datetime(2017, 8, 17, tzinfo=UTC)

    def opens(self, day: date) -> datetime:
        """When the session labelled ``day`` begins, in UTC."""
        return datetime.combine(day, self.start, ZoneInfo(self.zone)).astimezone(UTC)


class Stats(NamedTuple):
    """One row of statistics; ``values`` by name, None where there are none."""

    n: int
    values: Mapping[str, float | None]


def read_bars(file: Path) -> dict[datetime, Bar]:
    """The candles of a file by the hour they open."""
    bars = {}
    with gzip.open(file, "rt") as lines:
        for row in csv.DictReader(lines):
            opened = datetime.fromtimestamp(int(row["open_time"]) // 1000, UTC)
            open_, high, low, close, volume = (float(row[name]) for name in ("open", "high", "low", "close", "volume"))
            bars[opened] = Bar(open_, high, low, close, volume, int(row["number_of_trades"]))
    return bars


def sessions(bars: Mapping[datetime, Bar], definition: Definition, now: datetime, begin: datetime) -> list[Day]:
    """Every session with a candle, from the first that starts at or after ``begin`` to the last that is over."""
    day = begin.date() - 2 * DAY
    while definition.opens(day) < begin:
        day += DAY
    found = []
    while definition.opens(day + DAY) <= now:
        opened, closed = definition.opens(day), definition.opens(day + DAY)
        hours, inside = 0, []
        hour = opened
        while hour < closed:
            hours += 1
            if hour in bars:
                inside.append(bars[hour])
            hour += HOUR
        if inside:
            found.append(_day(day, opened, closed, inside, hours))
        day += DAY
    return found


def _day(day: date, opened: datetime, closed: datetime, bars: Sequence[Bar], hours: int) -> Day:
    high, low, trades = bars[0].high, bars[0].low, 0
    for bar in bars:
        high = max(high, bar.high)
        low = min(low, bar.low)
        trades += bar.trades
    first, last = bars[0].open, bars[-1].close
    move = first - last if first > last else last - first
    volume = math.fsum(bar.volume for bar in bars)
    return Day(day, opened, closed, first, high, low, last, volume, trades, len(bars), hours, move, high - low)


def statistics(days: Iterable[Day], first: date, windows: Sequence[int]) -> dict[tuple[date, str, int], Stats]:
    """The statistics of every window at every session; ``first`` labels the first session of history."""
    by_date = {day.date: day for day in days}
    found = {}
    for label in by_date:
        for metric in ("volatility", "range"):
            for window in windows:
                values = []
                for back in range(window):
                    day = by_date.get(label - back * DAY)
                    if day is not None:
                        values.append(getattr(day, metric))
                reaches_back = label - (window - 1) * DAY >= first
                enough = len(values) * 10 >= window * 8
                known = reaches_back and enough
                found[label, metric, window] = Stats(len(values), _of(sorted(values)) if known else _nothing())
    return found


def _nothing() -> dict[str, float | None]:
    return dict.fromkeys(["mean", *QUANTILES])


def _of(values: Sequence[float]) -> dict[str, float | None]:
    found: dict[str, float | None] = {"mean": math.fsum(values) / len(values)}
    for name, level in QUANTILES.items():
        place = level * (len(values) - 1)
        below = math.floor(place)
        above = min(below + 1, len(values) - 1)
        found[name] = values[below] * (1 - (place - below)) + values[above] * (place - below)
    return found
