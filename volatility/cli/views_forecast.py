"""Stored forecasts and their scorecard in a terminal, as JSON, or as CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from rich.console import Console

from volatility.bootstrap import open_database
from volatility.cli.output import Output, console, percent_text, print_table, title_of, write_csv, write_json
from volatility.domain.metrics import FORECAST_METRICS, METRICS, SCORE_TABLES
from volatility.domain.series import Series
from volatility.presentation.catalogue.forecasts import COVERAGE_SCORE, FORECAST_DISTRIBUTION, ODDS_SCORE
from volatility.presentation.scorecard import TERMINAL
from volatility.presentation.tables import TABLES, score_table
from volatility.queries.forecasts import NEEDED, forecast_report
from volatility.queries.scorecard import scorecard_report
from volatility.queries.scores import scored_sessions
from volatility.settings import Settings
from volatility.storage.database import Database
from volatility.storage.migrate import check

_Report = Mapping[str, Any]
_SPARE: Final = [  # on narrow terminals
    (field.heading,)
    for field in (
        *ODDS_SCORE.choose("worst_share", "plain_pinball"),
        *COVERAGE_SCORE.choose("equal_tails", "standard_error"),
    )
]


def forecast(settings: Settings, symbol: str, output: Output, days: int) -> int:
    """Show the stored forecasts."""
    report = _read(settings, symbol, lambda database, series: forecast_report(database, series, days))
    if output == "json":
        write_json(report)
    elif output == "csv":
        write_csv(TABLES["forecast"].columns, TABLES["forecast"].rows(report))
    else:
        _show_forecast(console(), report)
    return 0


def scorecard(settings: Settings, symbol: str, output: Output, *, since: date | None, table: str | None) -> int:
    """Show how good odds and forecasts were."""
    report = _read(settings, symbol, lambda database, series: _scorecard(database, series, since))
    if output == "json":
        write_json(report)
    elif output == "csv":
        flat = score_table(table or SCORE_TABLES[0])
        write_csv(flat.columns, flat.rows(report))
    else:
        _show_scorecard(console(), report, (table,) if table else SCORE_TABLES)
    return 0


def _scorecard(database: Database, series: Series, since: date | None) -> dict[str, Any]:
    return scorecard_report(scored_sessions(database, series), series, since)


def _read(settings: Settings, symbol: str, report: Callable[[Database, Series], dict[str, Any]]) -> dict[str, Any]:
    database = open_database(settings)
    try:
        check(database)
        return report(database, settings.series(symbol))
    finally:
        database.close()


def _show_forecast(screen: Console, report: _Report) -> None:
    following = report["next"]
    screen.print(title_of(report, f"session of {following['date']}, from {following['open_time']}"), style="bold")
    if following["made_at"]:
        annual = percent_text(following["annualised_volatility_pct"])
        screen.print(f"  forecast at {following['made_at']} from {following['n']} past ones; {annual} % a year\n")
        values = FORECAST_DISTRIBUTION.titled
        columns = ["", *(field.heading for field in values)]
        rows = [
            [metric.title, *(percent_text(following[metric.percent_name][field.name]) for field in values)]
            for metric in FORECAST_METRICS
        ]
        print_table(screen, title_of(report, "forecast, % of the open"), columns, rows, spare=[("p5", "p95")])
    else:
        short = following["n"] < NEEDED
        why = f"{following['n']} past ones to rest on, {NEEDED} are needed" if short else "aggregation comes first"
        screen.print(f"  no forecast yet: {why}\n")
    columns = ["date", "made", *(f"{m.title}{name}" for m in METRICS for name in ("", " p10", " p90", " came"))]
    past = [_past(one) for one in report["forecasts"]]
    spare = [tuple(f"{metric.title}{end}" for metric in METRICS) for end in (" p10", " p90")]
    print_table(screen, title_of(report, "earlier forecasts beside what came, % of the open"), columns, past, spare)


def _past(forecast: Mapping[str, Any]) -> list[str]:
    cells = [forecast["date"], "live" if forecast["live"] else "in retrospect"]
    for metric in METRICS:
        said = forecast[metric.percent_name]
        came = forecast["outcome"][metric.percent_name]
        cells += [percent_text(value) for value in (said["mean"], said["p10"], said["p90"], came)]
    return cells


def _show_scorecard(screen: Console, report: _Report, tables: Sequence[str]) -> None:
    scored = f"{report['n']} sessions, {report['first']} to {report['last']}" if report["n"] else "no session yet"
    more = "" if report["up_to_date"] else "; more are to be scored"
    screen.print(title_of(report, f"scorecard: {scored}{more}") + "\n", style="bold")
    for name in tables:
        layout = TERMINAL[name]
        cells = layout.cells(report[name], nothing="–")
        print_table(screen, title_of(report, layout.title), layout.headings, cells, spare=_SPARE)
