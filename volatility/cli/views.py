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
from rich.measure import Measurement
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
_WIDEST = 1000  # a table is measured as if there were room enough


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
    for row in flat_rows(report, windows):
        writer.writerow([str(value).lower() if isinstance(value, bool) else value for value in row])


def _write_json(report: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(report, indent=2, allow_nan=False) + "\n")


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else _WIDTH)


def _title(report: Mapping[str, Any], rest: str) -> str:
    kind = "SIMULATED " if report["simulated"] else ""
    return f"{kind}{report['symbol']} {rest}"


def _print_table(
    console: Console,
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    spare: Sequence[Sequence[str]] = (),
) -> None:
    """Print a table whole: a narrow terminal first brings its columns closer, then leaves out spare ones."""
    shown, left_out = list(columns), list(spare)
    table = _table(title, columns, rows, shown, between=3)
    while not _fits(console, table):
        table = _table(title, columns, rows, shown, between=1)
        if _fits(console, table) or not left_out:
            break
        gone = left_out.pop(0)
        shown = [name for name in shown if name not in gone]
    if len(shown) < len(columns):
        table.caption = (
            f"without {', '.join(name for name in columns if name not in shown)}: the terminal is too narrow"
        )
    console.print(table)


def _table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], shown: Sequence[str], *, between: int
) -> Table:
    padding = (0, (between - 1) // 2)
    table = Table(title=title, title_justify="left", caption_justify="left", box=box.SIMPLE_HEAD, padding=padding)
    for place, name in enumerate(columns):
        if name in shown:
            table.add_column(name, justify="right" if place else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(cell for name, cell in zip(columns, row, strict=True) if name in shown))
    return table


def _fits(console: Console, table: Table) -> bool:
    return Measurement.get(console, console.options.update(max_width=_WIDEST), table).maximum <= console.width


def _show_sessions(console: Console, report: Mapping[str, Any]) -> None:
    titles = [text for metric in METRICS for text in (metric.title, f"{metric.title} %")]
    columns = ["date", "open", "high", "low", "close", *titles, "candles"]
    rows = []
    for session in report["sessions"]:
        prices = [_price(session[name]) for name in ("open", "high", "low", "close")]
        measures = [text for metric in METRICS for text in _measure(session, metric)]
        candles = (
            f"{session['candles']}" if session["complete"] else f"{session['candles']}/{session['expected_candles']}"
        )
        rows.append([session["date"], *prices, *measures, candles])
    title = _title(report, f"sessions from {report['session_start']} {report['timezone']}")
    _print_table(console, title, columns, rows, spare=[("high", "low"), ("open",)])


def _show_windows(console: Console, statistics: Mapping[str, Any], title: str, ranks: Any = None) -> None:
    columns = ["window", "n", *(statistic.name for statistic in STATISTICS), *(() if ranks is None else ("rank",))]
    for metric in METRICS:
        rows = []
        for window, values in statistics[metric.name].items():
            row = [window, str(values["n"]), *(_price(values[statistic.name]) for statistic in STATISTICS)]
            if ranks is not None:
                rank = ranks[metric.name][window]
                row.append("–" if rank is None else f"{rank:.0%}")
            rows.append(row)
        _print_table(console, f"{metric.title}: {title}", columns, rows, spare=[("n",), ("p25", "p75")])


def _show_today(console: Console, report: Mapping[str, Any]) -> None:
    console.print(_title(report, f"session of {report['date']}, since {report['open_time']}"), style="bold")
    console.print(
        f"  {report['elapsed_hours']:.1f} of {report['expected_candles']} h, price {_price(report['price'])}, "
        f"open {_price(report['open'])}, high {_price(report['high'])}, low {_price(report['low'])}"
    )
    measures = ((metric.title, *_measure(report, metric)) for metric in METRICS)
    console.print(
        "  " + ", ".join(f"{title} {value} ({percent} %)" for title, value, percent in measures), style="bold"
    )
    source = "the exchange" if report["source"] == "exchange" else "the database (STALE: the exchange can't be reached)"
    console.print(f"  as of {report['as_of']}, from {source}\n")
    title = _title(report, "closed sessions (rank: share at or below today)")
    _show_windows(console, report["closed_statistics"], title, report["percentile_rank"])


def _measure(session: Mapping[str, Any], metric: Metric) -> tuple[str, str]:
    """A session's value of a metric, in quote currency and as a percentage of the open."""
    return _price(session[metric.name]), _percent(session[metric.percent_name])


def _price(value: float | None) -> str:
    """To two decimals; below 1 to the exchange's eight, where cents would say nothing."""
    if value is None:
        return "–"
    return f"{value:,.2f}" if value >= 1 else f"{value:.8f}".rstrip("0").rstrip(".")


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
