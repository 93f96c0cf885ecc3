"""Sessions, statistics and today in a terminal, as JSON, or as CSV."""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

from rich import box
from rich.console import Console
from rich.table import Table

from volatility import history
from volatility.aggregate import Request
from volatility.bans import StoredBans
from volatility.binance import BinanceClient
from volatility.cli.jobs import open_database
from volatility.metrics import METRICS, STATISTICS, Metric
from volatility.reports import flat_header, flat_rows
from volatility.retry import RetryPolicy
from volatility.settings import Settings
from volatility.storage.migrate import check
from volatility.today import today_report

Output = Literal["table", "json", "csv"]
_WIDTH = 120  # where the output is no terminal


def today(settings: Settings, symbol: str, output: Output) -> int:
    """Show the running session."""
    database = open_database(settings)
    exchange = BinanceClient(
        settings.binance_urls, RetryPolicy(5.0, attempts=2), bans=StoredBans(database), patient=False
    )
    try:
        check(database)
        report = today_report(database, exchange, _request(settings, symbol), int(time.time() * 1000))
    finally:
        exchange.close()
        database.close()
    if output == "json":
        _write_json(report)
    else:
        _show_today(_console(), report)
    return 0


def statistics(settings: Settings, symbol: str, days: int, output: Output) -> int:
    """Show the last closed sessions with their statistics."""
    database = open_database(settings)
    try:
        check(database)
        report = history.statistics_report(database, _request(settings, symbol), days)
    finally:
        database.close()
    if output == "table":
        console = _console()
        _show_sessions(console, report)
        if report["sessions"]:
            newest = report["sessions"][0]
            _show_windows(
                console, newest["statistics"], _title(report, f"windows up to the session of {newest['date']}")
            )
    else:
        _write(report, settings.windows, output)
    return 0


def sessions(settings: Settings, symbol: str, since: date | None, until: date | None, output: Output) -> int:
    """Show closed sessions by date."""
    database = open_database(settings)
    try:
        check(database)
        report = history.sessions_report(database, _request(settings, symbol), since, until)
    finally:
        database.close()
    if output == "table":
        _show_sessions(_console(), report)
    else:
        _write(report, (), output)
    return 0


def _request(settings: Settings, symbol: str) -> Request:
    return Request(symbol, settings.calendar, settings.windows, settings.history_start_ms)


def _write(report: Mapping[str, Any], windows: Sequence[int], output: Output) -> None:
    if output == "json":
        _write_json(report)
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(flat_header(windows))
    writer.writerows(flat_rows(report, windows))


def _write_json(report: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(report, indent=2, allow_nan=False) + "\n")


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else _WIDTH)


def _title(report: Mapping[str, Any], rest: str) -> str:
    kind = "SIMULATED " if report["simulated"] else ""
    return f"{kind}{report['symbol']} {rest}"


def _table(title: str, first: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column(first)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _show_sessions(console: Console, report: Mapping[str, Any]) -> None:
    titles = [text for metric in METRICS for text in (metric.title, f"{metric.title} %")]
    where = f"sessions from {report['session_start']} {report['timezone']}"
    table = _table(_title(report, where), "date", ["open", "high", "low", "close", *titles, "candles"])
    for session in report["sessions"]:
        prices = [_price(session[name]) for name in ("open", "high", "low", "close")]
        measures = [
            text
            for metric in METRICS
            for text in (_price(session[metric.name]), _percent(session[metric.percent_name]))
        ]
        candles = (
            f"{session['candles']}" if session["complete"] else f"{session['candles']}/{session['expected_candles']}"
        )
        table.add_row(session["date"], *prices, *measures, candles)
    console.print(table)


def _show_windows(console: Console, statistics: Mapping[str, Any], title: str, ranks: Any = None) -> None:
    for metric in METRICS:
        table = _table(f"{metric.title}: {title}", "window", ["n", *(s.name for s in STATISTICS)])
        if ranks is not None:
            table.add_column("rank of today", justify="right")
        for window, values in statistics[metric.name].items():
            row = [str(values["n"]), *(_price(values[statistic.name]) for statistic in STATISTICS)]
            if ranks is not None:
                rank = ranks[metric.name][window]
                row.append("–" if rank is None else f"{rank:.0%}")
            table.add_row(f"{window} sessions", *row)
        console.print(table)


def _show_today(console: Console, report: Mapping[str, Any]) -> None:
    console.print(_title(report, f"session of {report['date']}, since {report['open_time']}"), style="bold")
    console.print(
        f"  {report['elapsed_hours']:.1f} of {report['expected_candles']} h, price {_price(report['price'])}, "
        f"open {_price(report['open'])}, high {_price(report['high'])}, low {_price(report['low'])}"
    )
    measures = (
        f"{metric.title} {_price(report[metric.name])} ({_percent(report[metric.percent_name])} %)"
        for metric in METRICS
    )
    console.print("  " + ", ".join(measures), style="bold")
    source = "the exchange" if report["source"] == "exchange" else "the database (STALE: the exchange can't be reached)"
    console.print(f"  as of {report['as_of']}, from {source}\n")
    title = _title(report, "windows over closed sessions")
    _show_windows(console, report["closed_statistics"], title, report["percentile_rank"])


def _measure(session: Mapping[str, Any], metric: Metric) -> tuple[str, str]:
    """A session's value of a metric, in quote currency and as a percentage of the open."""
    return _price(session[metric.name]), _percent(session[metric.percent_name])


def _price(value: float | None) -> str:
    return "–" if value is None else f"{value:,.2f}" if value >= 1 else f"{value:.8g}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
