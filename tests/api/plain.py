"""The analytic numbers by another route: plain loops over the sessions of ``reference.History``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.api.reference import Bar, History

LEVELS = {"p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Z95 = 1.959963984540054


def quantile(values: Sequence[float], level: float) -> float:
    """Linear interpolation between order statistics."""
    ascending = sorted(values)
    at = level * (len(ascending) - 1)
    below = math.floor(at)
    above = min(below + 1, len(ascending) - 1)
    return ascending[below] + (at - below) * (ascending[above] - ascending[below])


def bounds(history: History, day: date) -> tuple[datetime, int]:
    """When a session opens, and how many hours it has."""
    opens, closes = (
        datetime.combine(d, history.start, history.zone).astimezone(UTC) for d in (day, day + timedelta(days=1))
    )
    return opens, round((closes - opens) / timedelta(hours=1))


def before(history: History, day: date, lookback: int | None) -> list[date]:
    """The sessions that exist among the calendar days before one."""
    first = history.first if lookback is None else max(history.first, day - timedelta(days=lookback))
    return sorted(other for other in history.sessions if first <= other < day)


def after(history: History, day: date, hours: int) -> tuple[float, float]:
    """|price - open| and Range in percent of the open, after so many hours."""
    opens, _ = bounds(history, day)
    start = float(history.sessions[day][0].open)
    price = high = low = start
    for bar in history.sessions[day]:
        if bar.opened >= opens + timedelta(hours=hours):
            break
        price, high, low = float(bar.close), max(high, float(bar.high)), min(low, float(bar.low))
    return abs(price - start) / start * 100, (high - low) / start * 100


def cone(history: History, day: date, lookback: int, hours: int) -> tuple[int, dict[str, float], dict[str, float]]:
    """Number of sessions, and quantiles of Vol and Range after so many hours."""
    days = [other for other in before(history, day, lookback) if bounds(history, other)[1] >= hours]
    volatility, ranges = zip(*(after(history, other, hours) for other in days), strict=True)
    return (
        len(days),
        {name: quantile(volatility, level) for name, level in LEVELS.items()},
        {name: quantile(ranges, level) for name, level in LEVELS.items()},
    )


def rank(history: History, day: date, elapsed: float, lookback: int) -> tuple[int, float, float]:
    """Number of sessions, and the shares at or below today's Vol and Range at the same elapsed time."""
    whole = [other for other in before(history, day, lookback) if bounds(history, other)[1] >= math.ceil(elapsed)]
    today = after(history, day, 99)
    shares = []
    for measure in (0, 1):
        if elapsed < 1:
            values = [after(history, other, 1)[measure] * math.sqrt(elapsed) for other in whole]
            shares.append(sum(value <= today[measure] for value in values) / len(values))
            continue
        hour, part = int(elapsed), elapsed % 1
        below = [[after(history, other, at)[measure] <= today[measure] for other in whole] for at in (hour, hour + 1)]
        ends = [sum(flags) / len(whole) for flags in below]
        shares.append((1 - part) * ends[0] + part * ends[1])
    return len(whole), shares[0], shares[1]


def newey_west(values: Sequence[float]) -> float:
    """Variance of the mean, Bartlett kernel with floor(4 (n / 100)^(2/9)) lags."""
    n, mean = len(values), sum(values) / len(values)
    lags = int(4 * (n / 100) ** (2 / 9))
    total = sum((v - mean) ** 2 for v in values)
    for lag in range(1, min(lags, n - 1) + 1):
        total += 2 * (1 - lag / (lags + 1)) * sum((values[i] - mean) * (values[i - lag] - mean) for i in range(lag, n))
    return max(total, 0.0) / n**2


def straddle(profits: Sequence[float], unit: float) -> dict[str, Any]:
    """The record of profits in percent of the open, worth ``unit`` of quote currency a percent."""
    n = len(profits)
    names = ("mean_profit", "median_profit", "worst_profit", "best_profit")
    if n == 0:
        empty = dict.fromkeys((*names, *(f"{name}_pct" for name in names)))
        return {"n": 0, "win_rate": None, **empty}
    numbers = (sum(profits) / n, quantile(profits, 0.5), min(profits), max(profits))
    shown = {name: value * unit for name, value in zip(names, numbers, strict=True)}
    shown |= {f"{name}_pct": value for name, value in zip(names, numbers, strict=True)}
    return {"n": n, "win_rate": sum(profit > 0 for profit in profits) / n, **shown}


def mean_interval(profits: Sequence[float]) -> tuple[float, float]:
    """95 %, normal, with the robust variance."""
    mean, half = sum(profits) / len(profits), Z95 * math.sqrt(newey_west(profits))
    return mean - half, mean + half


def wilson(profits: Sequence[float]) -> tuple[float, float]:
    """95 % of the win rate, with n reduced where wins come in clusters."""
    wins = [float(profit > 0) for profit in profits]
    n, share, robust = len(wins), sum(wins) / len(wins), newey_west(wins)
    size = n * min(1.0, share * (1 - share) / n / robust) if robust > 0 else n
    centre = (share + Z95**2 / (2 * size)) / (1 + Z95**2 / size)
    half = Z95 / (1 + Z95**2 / size) * math.sqrt(share * (1 - share) / size + Z95**2 / (4 * size**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def profits(history: History, days: Sequence[date], premium_pct: float, strike_pct: float = 100.0) -> list[float]:
    """Of a straddle in percent of each session's open."""
    found = []
    for day in days:
        bars = history.sessions[day]
        final = float(bars[-1].close) / float(bars[0].open) * 100
        found.append(abs(final - strike_pct) - premium_pct)
    return found


def hour_of(history: History, day: date, elapsed: int) -> Bar | None:
    """The candle of one hour of a session."""
    opens, _ = bounds(history, day)
    wanted = opens + timedelta(hours=elapsed)
    return next((bar for bar in history.sessions[day] if bar.opened == wanted), None)


def garman_klass(bar: Bar) -> float:
    """Variance of one candle."""
    o, h, low, c = (float(value) for value in (bar.open, bar.high, bar.low, bar.close))
    return 0.5 * math.log(h / low) ** 2 - (2 * math.log(2) - 1) * math.log(c / o) ** 2


def season(history: History, days: Sequence[date], weekday: int, elapsed: int) -> dict[str, float | int | None]:
    """One cell: mean and median range of an hour, and its share of the session's variance."""
    ranges, shares = [], []
    for day in days:
        bar = hour_of(history, day, elapsed) if day.weekday() == weekday else None
        if bar is None:
            continue
        ranges.append(float((bar.high - bar.low) / bar.open * 100))
        if len(history.sessions[day]) == bounds(history, day)[1]:
            shares.append(garman_klass(bar) / sum(map(garman_klass, history.sessions[day])))
    return {
        "elapsed": elapsed,
        "mean_range_pct": sum(ranges) / len(ranges),
        "median_range_pct": quantile(ranges, 0.5),
        "variance_share": sum(shares) / len(shares),
        "n": len(ranges),
    }


def parkinson(history: History, days: Sequence[date]) -> float:
    """Percent a year."""
    terms = []
    for day in days:
        bars = history.sessions[day]
        high, low = (float(value) for value in (max(bar.high for bar in bars), min(bar.low for bar in bars)))
        terms.append(math.log(high / low) ** 2 / (4 * math.log(2)))
    return 100 * math.sqrt(365 * sum(terms) / len(terms))


def realised(history: History, days: Sequence[date]) -> float:
    """From hourly Garman-Klass, percent a year; a session's missing hours count as its others do."""
    terms = []
    for day in days:
        bars = history.sessions[day]
        terms.append(sum(map(garman_klass, bars)) * bounds(history, day)[1] / len(bars))
    return 100 * math.sqrt(365 * sum(terms) / len(terms))


def close_to_close(history: History, days: Sequence[date]) -> float:
    """Percent a year, from returns whose predecessor exists."""
    closes = {day: float(history.sessions[day][-1].close) for day in history.sessions}
    returns = [math.log(closes[d] / closes[d - timedelta(days=1)]) for d in days if d - timedelta(days=1) in closes]
    mean = sum(returns) / len(returns)
    return 100 * math.sqrt(365 * sum((r - mean) ** 2 for r in returns) / (len(returns) - 1))
