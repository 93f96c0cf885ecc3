"""Own computing time of the analytic answers on nine years of history, without database, exchange and HTTP.

    python -m benchmarks.analytics [--data FILE] [--sessions 3300] [--repeat 21]

The candles are the real history, repeated from its beginning until there are as many sessions as asked for.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as day_time
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.scorecard import FILE, load
from volatility.analytics.panel import HourlyPanel, build_panel, daily_bounds
from volatility.analytics.recalibration import Recalibration
from volatility.domain.calendar import SessionCalendar
from volatility.domain.candles import Candle
from volatility.domain.hours import HOUR_MS, Span
from volatility.domain.series import Series
from volatility.domain.sessions import CandleColumns, form_sessions
from volatility.queries.cone import cone_report, percentile_fields
from volatility.queries.estimators import volatility_report
from volatility.queries.history import History
from volatility.queries.live import live_report
from volatility.queries.odds import Asked, Threshold, odds_report
from volatility.queries.running_session import RunningSession
from volatility.queries.seasonality import seasonality_report
from volatility.queries.session_model import SessionModel, basis_of, session_model
from volatility.queries.straddle import Terms, straddle_report

_OPEN_HOURS = 13  # of the running session, the last of them half over


def repeated(panel: HourlyPanel, sessions: int) -> HourlyPanel:
    """The sessions over and over, on consecutive days from the first one's start."""
    rows = np.arange(sessions) % len(panel)
    first = int(panel.starts_ms[0])
    starts, ends = daily_bounds(first, first + sessions * 24 * HOUR_MS)
    times = (starts[:, None] + np.arange(24) * HOUR_MS).ravel()
    candles = np.stack([column[rows].ravel() for column in (panel.open, panel.high, panel.low, panel.close)])
    kept = np.isfinite(candles[0])
    return build_panel(times[kept], candles[:, kept], starts, ends)


def prepared(panel: HourlyPanel) -> tuple[History, RunningSession]:
    """All sessions but the last as history, and the last as the running one."""
    first = datetime.fromtimestamp(panel.starts_ms[0] / 1000, UTC).date()
    calendar = SessionCalendar(day_time(8), ZoneInfo("UTC"))
    series = Series("BTCUSDT", calendar, (5, 7, 14, 30), int(panel.starts_ms[0]))
    last = first + timedelta(days=len(panel) - 2)
    history = History(series, first, last, 1, simulated=False, panel=panel[:-1])
    return history, _running(series, panel, last + timedelta(days=1))


def _running(series: Series, panel: HourlyPanel, day: date) -> RunningSession:
    bounds = series.calendar.bounds(day)
    columns = (panel.open, panel.high, panel.low, panel.close)
    candles = [
        _candle(bounds.open_ms + hour * HOUR_MS, [float(c[-1, hour]) for c in columns]) for hour in range(_OPEN_HOURS)
    ]
    (session,) = form_sessions(CandleColumns.of(candles), [bounds]).existing()
    return RunningSession(
        series=series,
        bounds=bounds,
        session=session,
        past=[],
        before=0,
        recent=Span(bounds.open_ms, bounds.close_ms),
        candles=candles,
        as_of_ms=bounds.open_ms + _OPEN_HOURS * HOUR_MS - HOUR_MS // 2,
        source="exchange",
        simulated=False,
        revision=1,
        recalibration=Recalibration(),
    )


def _candle(open_ms: int, prices: Sequence[float]) -> Candle:
    open_, high, low, close = prices
    return Candle(open_ms, open_, high, low, close, 1.0, open_ms + HOUR_MS - 1, 1.0, 1, 0.5, 0.5)


def milliseconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def measure(panel: HourlyPanel, repeat: int) -> list[tuple[str, str, float, float]]:
    """What is measured, how often it happens, its median and its worst in milliseconds."""
    history, running = prepared(panel)
    model = session_model(basis_of(history, running))
    unit = float(panel.session_open[-1]) / 100
    asked = Asked((Threshold(3 * unit),), (Threshold(percent=5.0),))

    def built() -> SessionModel:
        fresh = session_model(basis_of(history, running))
        fresh.fit()
        return fresh

    works: list[tuple[str, str, Callable[[], object]]] = [
        ("percentile_by_elapsed of /today", "per answer", lambda: percentile_fields(model, running)),
        ("/cone", "per answer", lambda: cone_report(model, running)),
        ("/odds", "per answer", lambda: odds_report(model, running, asked)),
        ("/live", "per answer", lambda: live_report(model, running, asked, Terms(2 * unit))),
        ("/straddle", "per answer", lambda: straddle_report(model, running, Terms(2 * unit))),
        ("/volatility", "per closed session", lambda: volatility_report(history)),
        ("/seasonality", "per closed session", lambda: seasonality_report(history)),
        ("the odds' model", "per session", built),
    ]
    model.fit()
    found = []
    for name, when, work in works:
        work()
        seconds = [milliseconds(work) for _ in range(repeat if when == "per answer" else max(3, repeat // 7))]
        found.append((name, when, statistics.median(seconds), max(seconds)))
    return found


def main(arguments: list[str] | None = None) -> int:
    """Print the table; 2 for a wrong call."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.analytics", description=__doc__)
    folder = Path(os.environ.get("BTC_REAL_DATA", "../shared/data"))
    parser.add_argument("--data", type=Path, default=folder / FILE, help="hourly candles in Binance's fields, CSV")
    parser.add_argument("--sessions", type=int, default=3300, help="length of history (%(default)s: nine years)")
    parser.add_argument("--repeat", type=int, default=21, help="how often each answer is computed (%(default)s)")
    chosen = parser.parse_args(arguments)
    if not chosen.data.exists():
        sys.stderr.write(f"--data: no file {chosen.data}\n")
        return 2
    panel = repeated(load(chosen.data), chosen.sessions)
    print("| answer | computed | median ms | worst ms |\n| --- | --- | --- | --- |")
    for name, when, median, worst in measure(panel, chosen.repeat):
        print(f"| {name} | {when} | {median:.1f} | {worst:.1f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
