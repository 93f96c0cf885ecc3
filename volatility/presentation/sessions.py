"""What is shown of sessions and statistics: plain values for JSON, flat rows for CSV and tables.

The API and the command line show the same, so both take it from here. Names derive from ``volatility.domain.metrics``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from volatility.domain.calendar import SessionBounds, SessionCalendar
from volatility.domain.digits import number
from volatility.domain.metrics import METRICS, STATISTICS, Metric, column
from volatility.domain.sessions import Session
from volatility.domain.windows import WindowStatistics

Windows = Mapping[int, WindowStatistics]
PERCENT = 100.0  # the size of prices in percent of the open
SESSION_FIELDS = (
    "date",
    "open_time",
    "close_time",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "candles",
    "expected_candles",
    "complete",
    *(metric.name for metric in METRICS),
    *(metric.percent_name for metric in METRICS),
)


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
    return fields


def statistics_fields(statistics: Mapping[str, Windows], price: float | None) -> dict[str, Any]:
    """Statistics by metric, window and name; ``n`` sessions went in, at prices of the size of ``price``."""
    return {
        metric.name: {
            str(window): {"n": value.n} | {s.name: number(value.values[s.name], price) for s in STATISTICS}
            for window, value in statistics.get(metric.name, {}).items()
        }
        for metric in METRICS
    }


def heading(symbol: str, calendar: SessionCalendar, *, simulated: bool) -> dict[str, Any]:
    """What every report begins with. ``simulated`` says that no number in it is from a real market."""
    return {
        "symbol": symbol,
        "session_start": f"{calendar.start:%H:%M}",
        "timezone": calendar.timezone.key,
        "simulated": simulated,
    }


def statistic_columns(windows: Sequence[int]) -> list[tuple[Metric, int, str]]:
    """The flat columns of statistics, in order: metric, window and name (``n`` first)."""
    names = ("n", *(statistic.name for statistic in STATISTICS))
    return [(metric, window, name) for metric in METRICS for window in windows for name in names]


def flat_header(windows: Sequence[int]) -> list[str]:
    """The columns of a flat row: symbol, the session's fields, its statistics, and whether it is simulated."""
    statistics = [column(metric, name, window) for metric, window, name in statistic_columns(windows)]
    return ["symbol", *SESSION_FIELDS, *statistics, "simulated"]


def flat_rows(report: Mapping[str, Any], windows: Sequence[int]) -> Iterable[list[Any]]:
    """The sessions of a report as flat rows; without windows, without statistics."""
    columns = statistic_columns(windows)
    for session in report["sessions"]:
        statistics = [session["statistics"][metric.name][str(window)][name] for metric, window, name in columns]
        fields = [session[name] for name in SESSION_FIELDS]
        yield [report["symbol"], *fields, *statistics, report["simulated"]]
