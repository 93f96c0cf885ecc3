"""Sessions, statistics and today in a terminal, as JSON, or as CSV."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple

from rich.console import Console

from volatility.bootstrap import TERMINAL, open_database, open_exchange
from volatility.cli.output import (
    Output,
    cell_text,
    console,
    percent_text,
    price_text,
    print_table,
    share_text,
    source_text,
    title_of,
    write_csv,
    write_json,
)
from volatility.domain.metrics import METRICS, Metric
from volatility.exchange.binance import BinanceClient
from volatility.presentation.catalogue.sessions import PERCENTILE_RANK, SESSION, WINDOW_STATISTICS
from volatility.presentation.tables import sessions_table
from volatility.queries import closed_sessions
from volatility.queries.cone import percentile_fields
from volatility.queries.history import load_history
from volatility.queries.running_session import RunningSession, running_session, today_report
from volatility.queries.session_model import SessionModel, basis_of, session_model
from volatility.settings import Settings
from volatility.storage.migrate import check


def today(settings: Settings, symbol: str, output: Output) -> int:
    """Show the running session."""
    with asked_now(settings, symbol) as (model, running, _):
        report = today_report(running, percentile_fields(model, running))
    if output == "json":
        write_json(report)
    else:
        _show_today(console(), report)
    return 0


class AskedNow(NamedTuple):
    """History before the running session, that session up to the exchange's last trade, and whom to ask for more."""

    model: SessionModel
    running: RunningSession
    exchange: BinanceClient


@contextmanager
def asked_now(settings: Settings, symbol: str) -> Iterator[AskedNow]:
    """The running session."""
    database = open_database(settings)
    exchange = open_exchange(settings, database, TERMINAL)
    try:
        check(database)
        series = settings.series(symbol)
        running = running_session(database, exchange, series, int(time.time() * 1000))
        yield AskedNow(session_model(basis_of(load_history(database, series), running)), running, exchange)
    finally:
        exchange.close()
        database.close()


def statistics(settings: Settings, symbol: str, days: int, output: Output) -> int:
    """Show the last closed sessions with their statistics."""
    database = open_database(settings)
    try:
        check(database)
        report = closed_sessions.statistics_report(database, settings.series(symbol), days)
    finally:
        database.close()
    if output == "table":
        screen = console()
        _show_sessions(screen, report)
        if report["sessions"]:
            newest = report["sessions"][0]
            title = title_of(report, f"windows up to the session of {newest['date']}")
            _show_windows(screen, newest["statistics"], newest["high"], title)
    else:
        _write(report, settings.windows, output)
    return 0


def sessions(settings: Settings, symbol: str, since: date | None, until: date | None, output: Output) -> int:
    """Show closed sessions by date."""
    database = open_database(settings)
    try:
        check(database)
        report = closed_sessions.sessions_report(database, settings.series(symbol), since, until)
    finally:
        database.close()
    if output == "table":
        _show_sessions(console(), report)
    else:
        _write(report, (), output)
    return 0


def _write(report: Mapping[str, Any], windows: Sequence[int], output: Output) -> None:
    if output == "json":
        write_json(report)
        return
    table = sessions_table(windows)
    write_csv(table.columns, table.rows(report))


def _show_sessions(screen: Console, report: Mapping[str, Any]) -> None:
    measures = [name for metric in METRICS for name in (metric.name, metric.percent_name)]
    shown = SESSION.choose("date", "open", "high", "low", "close", *measures, "candles")
    columns = [field.heading for field in shown]
    rows = []
    for session in report["sessions"]:
        prices = [price_text(session[name], session["high"]) for name in ("open", "high", "low", "close")]
        measured = [text for metric in METRICS for text in _measure(session, metric)]
        candles = (
            f"{session['candles']}" if session["complete"] else f"{session['candles']}/{session['expected_candles']}"
        )
        rows.append([session["date"], *prices, *measured, candles])
    title = title_of(report, f"sessions from {report['session_start']} {report['timezone']}")
    print_table(screen, title, columns, rows, spare=[("high", "low"), ("open",)])


def _show_windows(
    screen: Console, statistics: Mapping[str, Any], price: float | None, title: str, ranks: Any = None
) -> None:
    for metric in METRICS:
        columns = ["window", *(field.heading for field in WINDOW_STATISTICS.titled)]
        rows = [
            [window, *(cell_text(field, values[field.name], price) for field in WINDOW_STATISTICS.titled)]
            for window, values in statistics[metric.name].items()
        ]
        if ranks is not None:
            columns.append(PERCENTILE_RANK[metric.name].heading)
            for row in rows:
                row.append(share_text(ranks[metric.name][row[0]]))
        print_table(screen, f"{metric.title}: {title}", columns, rows, spare=[("n",), ("p25", "p75")])


def _show_today(screen: Console, report: Mapping[str, Any]) -> None:
    screen.print(title_of(report, f"session of {report['date']}, since {report['open_time']}"), style="bold")
    screen.print(
        f"  {report['elapsed_hours']:.1f} of {report['expected_candles']} h, price {price_text(report['price'])}, "
        f"open {price_text(report['open'])}, high {price_text(report['high'])}, low {price_text(report['low'])}"
    )
    measures = ((metric.title, *_measure(report, metric)) for metric in METRICS)
    screen.print("  " + ", ".join(f"{title} {value} ({percent} %)" for title, value, percent in measures), style="bold")
    by_hour = report["percentile_by_elapsed"]
    ranks = ", ".join(f"{metric.title} {share_text(by_hour[metric.name])}" for metric in METRICS)
    screen.print(f"  at or below today at this hour: {ranks} of {by_hour['n']} past sessions")
    screen.print(f"  as of {report['as_of']}, from {source_text(report)}\n")
    title = title_of(report, "closed sessions (rank: share at or below today)")
    _show_windows(screen, report["closed_statistics"], report["high"], title, report["percentile_rank"])


def _measure(session: Mapping[str, Any], metric: Metric) -> tuple[str, str]:
    """A session's value of a metric, in quote currency and as a percentage of the open."""
    return price_text(session[metric.name], session["high"]), percent_text(session[metric.percent_name])
