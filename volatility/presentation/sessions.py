"""What is shown of sessions and statistics, as plain values; the API and the command line show the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from volatility.domain.calendar import SessionBounds, SessionCalendar
from volatility.domain.digits import number
from volatility.domain.metrics import METRICS, STATISTICS
from volatility.domain.sessions import Session
from volatility.domain.windows import WindowStatistics
from volatility.presentation.catalogue.sessions import SESSION, STATISTICS_BY_METRIC, WINDOW_STATISTICS
from volatility.presentation.numbers import PERCENT

Windows = Mapping[int, WindowStatistics]


def session_fields(bounds: SessionBounds, session: Session | None, calendar: SessionCalendar) -> dict[str, Any]:
    """One session; prices and measures are None where it has no candle yet."""
    fields: dict[str, Any] = {
        "date": bounds.date.isoformat(),
        "open_time": calendar.local_iso(bounds.open_ms),
        "close_time": calendar.local_iso(bounds.close_ms),
        "open": session and number(session.open),
        "high": session and number(session.high),
        "low": session and number(session.low),
        "close": session and number(session.close),
        "volume": number(session.volume) if session else 0.0,
        "candles": session.candles if session else 0,
        "expected_candles": bounds.expected_candles,
        "complete": session.complete if session else False,
    }
    for metric in METRICS:
        fields[metric.name] = number(session.value(metric), session.high) if session else None
    for metric in METRICS:
        fields[metric.percent_name] = number(session.percent(metric), PERCENT) if session else None
    return SESSION.of(fields)


def statistics_fields(
    statistics: Mapping[str, Windows], percentages: Mapping[str, Windows], price: float | None
) -> dict[str, Any]:
    """Statistics by metric, window and name, in quote currency and of the same sessions' percentages.

    ``n`` sessions went in, at prices of the size of ``price``.
    """
    return STATISTICS_BY_METRIC.of(
        {
            metric.name: {
                str(window): window_fields(value, percentages[metric.name][window], price)
                for window, value in statistics.get(metric.name, {}).items()
            }
            for metric in METRICS
        }
    )


def window_fields(value: WindowStatistics, percentages: WindowStatistics, price: float | None) -> dict[str, Any]:
    """The statistics of one window."""
    amounts = {s.name: number(value.values[s.name], price) for s in STATISTICS}
    return WINDOW_STATISTICS.of({"n": value.n} | amounts | percent_statistics(percentages))


def percent_statistics(percentages: WindowStatistics) -> dict[str, float | None]:
    """The statistics of one window over percentages, by the names that they have in answers."""
    return {s.percent_name: number(percentages.values[s.name], PERCENT) for s in STATISTICS}


def heading(symbol: str, calendar: SessionCalendar, *, simulated: bool) -> dict[str, Any]:
    """What every report begins with. ``simulated`` says that no number in it is from a real market."""
    return {
        "symbol": symbol,
        "session_start": f"{calendar.start:%H:%M}",
        "timezone": calendar.timezone.key,
        "simulated": simulated,
    }
