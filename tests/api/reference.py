"""The numbers by another route: plain loops and decimals over the rows that the exchange serves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import requests

MOSCOW = ZoneInfo("Europe/Moscow")
NAMES = ("mean", "median", "p10", "p25", "p75", "p90")
PERCENT_NAMES = tuple(f"{name}_pct" for name in NAMES)
METRICS = ("volatility", "range")
_HOUR = timedelta(hours=1)


class Bar(NamedTuple):
    """One candle as the exchange sent it."""

    opened: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


def fetch(url: str, since: str, symbol: str = "BTCUSDT") -> list[Bar]:
    """All candles from an instant on, the open one included."""
    start_ms = int(datetime.fromisoformat(since).timestamp() * 1000)
    bars: list[Bar] = []
    while True:
        params: dict[str, str | int] = {"symbol": symbol, "interval": "1h", "startTime": start_ms, "limit": 1000}
        rows = requests.get(f"{url}/api/v3/klines", params=params, timeout=10).json()
        for row in rows:
            opened = datetime.fromtimestamp(row[0] // 3_600_000 * 3600, UTC)
            bars.append(Bar(opened, *(Decimal(text) for text in row[1:6])))
        if len(rows) < 1000:
            return bars
        start_ms = rows[-1][0] + 1


class History:
    """Candles by session.

    Args:
        bars: candles in order.
        start, zone: when sessions begin.
        since: the label of the first session.
    """

    def __init__(
        self, bars: Iterable[Bar], *, since: str, start: time = time(11), zone: ZoneInfo = MOSCOW, windows: str = ""
    ) -> None:
        self.start, self.zone, self.first = start, zone, date.fromisoformat(since)
        self.windows = [int(window) for window in (windows or "5,7,14,30").split(",")]
        self.sessions: dict[date, list[Bar]] = {}
        for bar in bars:
            local = bar.opened.astimezone(zone)
            label = local.date() if local.time() >= start else local.date() - timedelta(days=1)
            if label >= self.first:
                self.sessions.setdefault(label, []).append(bar)

    def labels(self, before: str = "9999-12-31") -> list[str]:
        """The sessions that exist, oldest first."""
        return sorted(day.isoformat() for day in self.sessions if day < date.fromisoformat(before))

    def value(self, day: date, metric: str) -> Decimal:
        """Vol or Range."""
        bars = self.sessions[day]
        if metric == "volatility":
            return abs(bars[0].open - bars[-1].close)
        return max(bar.high for bar in bars) - min(bar.low for bar in bars)

    def session(self, label: str) -> dict[str, Any]:
        """A session's fields as the API shows them."""
        day = date.fromisoformat(label)
        bars = self.sessions[day]
        opens, closes = (datetime.combine(d, self.start, self.zone) for d in (day, day + timedelta(days=1)))
        hours = sum(1 for _ in _hours(opens.astimezone(UTC), closes.astimezone(UTC)))
        percent = {f"{m}_pct": float(100 * self.value(day, m) / bars[0].open) for m in METRICS}
        return {
            "date": label,
            "open_time": opens.isoformat(),
            "close_time": closes.isoformat(),
            "open": float(bars[0].open),
            "high": float(max(bar.high for bar in bars)),
            "low": float(min(bar.low for bar in bars)),
            "close": float(bars[-1].close),
            "volume": float(sum(bar.volume for bar in bars)),
            "candles": len(bars),
            "expected_candles": hours,
            "complete": len(bars) == hours,
            **{metric: float(self.value(day, metric)) for metric in METRICS},
            **percent,
        }

    def statistics(self, label: str) -> dict[str, Any]:
        """The windows that end with a calendar day, whether it has a session or not."""
        day = date.fromisoformat(label)
        return {m: {str(window): self._window(day, m, window) for window in self.windows} for m in METRICS}

    def ranks(self, label: str, today: Mapping[str, Decimal]) -> dict[str, Any]:
        """The share of each window's sessions, up to a day, that are at or below a value."""
        day = date.fromisoformat(label)
        ranks: dict[str, Any] = {}
        for metric in METRICS:
            ranks[metric] = {}
            for window in self.windows:
                values = self._values(day, metric, window)
                known = self._window(day, metric, window)["median"] is not None
                at_or_below = sum(1 for value in values if value <= today[metric])
                ranks[metric][str(window)] = at_or_below / len(values) if known else None
        return ranks

    def _values(self, day: date, metric: str, window: int) -> list[Decimal]:
        days = [day - timedelta(days=back) for back in range(window)]
        return [self.value(d, metric) for d in days if d in self.sessions]

    def _window(self, day: date, metric: str, window: int) -> dict[str, Any]:
        days = [day - timedelta(days=back) for back in range(window)]
        there = [one for one in days if one in self.sessions]
        if (day - self.first).days + 1 < window or len(there) / window < 0.8:
            return {"n": len(there), **dict.fromkeys((*NAMES, *PERCENT_NAMES))}
        amounts = _statistics([self.value(one, metric) for one in there])
        percents = _statistics([100 * self.value(one, metric) / self.sessions[one][0].open for one in there])
        return {"n": len(there)} | amounts | {f"{name}_pct": value for name, value in percents.items()}


def _hours(opens: datetime, closes: datetime) -> Iterable[datetime]:
    while opens < closes:
        yield opens
        opens += _HOUR


def _statistics(values: Iterable[Decimal]) -> dict[str, float]:
    ordered = sorted(values)
    levels = {"median": "0.5", "p10": "0.1", "p25": "0.25", "p75": "0.75", "p90": "0.9"}
    quantiles = {name: _quantile(ordered, Decimal(level)) for name, level in levels.items()}
    return {"mean": float(sum(ordered) / len(ordered)), **quantiles}


def _quantile(ordered: Sequence[Decimal], level: Decimal) -> float:
    """Linear interpolation between the two values around it."""
    at = level * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (at - below) * (ordered[above] - ordered[below]))


def assert_same(actual: Any, expected: Any, at: str = "") -> None:
    """Equal, numbers within the eight decimals that are shown; integers are integers."""
    if isinstance(expected, dict):
        assert isinstance(actual, dict), at
        assert list(actual) == list(expected), at
        for name, value in expected.items():
            assert_same(actual[name], value, f"{at}/{name}")
    elif isinstance(expected, list):
        assert len(actual) == len(expected), at
        for number, value in enumerate(expected):
            assert_same(actual[number], value, f"{at}/{number}")
    elif isinstance(expected, float):
        assert isinstance(actual, float), (at, actual)
        assert abs(actual - expected) <= 1.1e-8, (at, actual, expected)
    else:
        assert actual == expected, (at, actual, expected)
        assert type(actual) is type(expected), (at, actual, expected)
