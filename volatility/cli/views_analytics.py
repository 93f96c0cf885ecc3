"""Cone, odds, straddle, estimators and seasonality in a terminal, as JSON, or as CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from rich.console import Console

from volatility.bootstrap import open_database
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
from volatility.cli.views import asked_now
from volatility.domain.errors import ExchangeError
from volatility.domain.metrics import METRICS
from volatility.presentation.catalogue.analytics import (
    CONE_HOUR,
    CONE_POINT,
    CONE_QUANTILES,
    SEASON_HOUR,
    SEASON_WEEKDAY,
    WEEKDAY_MEASURE,
)
from volatility.presentation.catalogue.odds import PREDICTION_INTERVAL, PREDICTIVE_DISTRIBUTION
from volatility.presentation.catalogue.straddle import LOOKBACK_RECORD, STRADDLE_RECORD, WEEKDAY_RECORD
from volatility.presentation.tables import TABLES
from volatility.queries.cone import cone_report
from volatility.queries.estimators import volatility_report
from volatility.queries.history import History, load_history
from volatility.queries.odds import Asked, odds_report
from volatility.queries.path import MinuteExchange, Minutes, session_minutes
from volatility.queries.running_session import RunningSession
from volatility.queries.seasonality import seasonality_report
from volatility.queries.session_model import SessionModel
from volatility.queries.straddle import Terms, straddle_report
from volatility.settings import Settings
from volatility.storage.migrate import check

_Report = Mapping[str, Any]
_INTERVAL: Final = ("low", "low_pct", "high", "high_pct", "probability")


def cone(settings: Settings, symbol: str, output: Output, lookback: int) -> int:
    """Show the running session in the session cone."""
    with asked_now(settings, symbol) as (model, running, exchange):
        minutes = _minutes(exchange, running) if output == "json" else None
        report = cone_report(model, running, lookback, minutes)
    return _show("cone", report, output, _show_cone)


def odds(settings: Settings, symbol: str, output: Output, asked: Asked) -> int:
    """Show how the running session may end."""
    report = _live(settings, symbol, lambda model, running: odds_report(model, running, asked))
    return _show("odds", report, output, _show_odds)


def straddle(settings: Settings, symbol: str, output: Output, terms: Terms, lookback: int | None) -> int:
    """Show a straddle's record and what it is worth now."""
    report = _live(settings, symbol, lambda model, running: straddle_report(model, running, terms, lookback))
    return _show("straddle", report, output, _show_straddle)


def volatility(settings: Settings, symbol: str, output: Output) -> int:
    """Show the estimators of volatility."""
    return _show("volatility", _closed(settings, symbol, volatility_report), output, _show_volatility)


def seasonality(settings: Settings, symbol: str, output: Output, lookback: int) -> int:
    """Show weekdays by hour."""
    report = _closed(settings, symbol, lambda history: seasonality_report(history, lookback))
    return _show("seasonality", report, output, _show_seasonality)


def _minutes(exchange: MinuteExchange, running: RunningSession) -> Minutes | None:
    """The running session's five minutes; None where the exchange gives nothing."""
    with suppress(ExchangeError):
        return None if running.stale else session_minutes(exchange, running.series)
    return None


def _live(
    settings: Settings, symbol: str, report: Callable[[SessionModel, RunningSession], dict[str, Any]]
) -> dict[str, Any]:
    with asked_now(settings, symbol) as (model, running, _):
        return report(model, running)


def _closed(settings: Settings, symbol: str, report: Callable[[History], dict[str, Any]]) -> dict[str, Any]:
    database = open_database(settings)
    try:
        check(database)
        return report(load_history(database, settings.series(symbol)))
    finally:
        database.close()


def _show(name: str, report: _Report, output: Output, show: Callable[[Console, _Report], None]) -> int:
    if output == "json":
        write_json(report)
    elif output == "csv":
        write_csv(TABLES[name].columns, TABLES[name].rows(report))
    else:
        show(console(), report)
    return 0


def _state(screen: Console, report: _Report) -> None:
    """What every view of the running session begins with."""
    screen.print(
        f"{title_of(report, 'session of')} {report['date']}, {report['elapsed_hours']:.1f} of "
        f"{report['expected_candles']} h, price {price_text(report['price'])}",
        style="bold",
    )
    screen.print(f"  as of {report['as_of']}, from {source_text(report)}")


def _show_cone(screen: Console, report: _Report) -> None:
    _state(screen, report)
    ranks = report["percentile_by_elapsed"]
    shares = ", ".join(f"{metric.title} {share_text(ranks[metric.name])}" for metric in METRICS)
    screen.print(f"  at or below today at this hour: {shares} of {ranks['n']} past sessions\n")
    for metric in METRICS:
        names = [field.heading for field in CONE_QUANTILES.titled]
        rows = [
            [
                str(hour["elapsed"]),
                str(hour["n"]),
                *(percent_text(hour[metric.percent_name][field.name]) for field in CONE_QUANTILES.titled),
                percent_text(hour["today"][metric.percent_name]) if hour["today"] else "",
            ]
            for hour in report["hours"]
        ]
        title = title_of(report, "so far, % of the open")
        elapsed, n, today = (field.heading for field in CONE_HOUR.choose("elapsed", "n", "today"))
        print_table(screen, f"{metric.title}: {title}", [elapsed, n, *names, today], rows, spare=[("p25", "p75")])


def _show_odds(screen: Console, report: _Report) -> None:
    _state(screen, report)
    if report["missing"]:
        screen.print(f"  no distribution: {report['missing']}")
        return
    for metric in METRICS:
        for asked in report["odds"][metric.name]:
            threshold, percent = price_text(asked["threshold"], report["price"]), percent_text(asked["threshold_pct"])
            screen.print(f"  {metric.title} above {threshold} ({percent} %): {asked['probability']:.1%}", style="bold")
    for asked in report["final_price"]["odds"]:
        price = price_text(asked["price"], report["price"])
        chances = f"{asked['above']:.1%}; touched until then: {asked['touch']:.1%}"
        screen.print(f"  ends above {price}: {chances}", style="bold")
    screen.print(f"  Range grows no more: {report['no_growth']:.1%}")
    screen.print(f"  from {report['n']} past sessions, worth {report['effective']:.0f} equally alike ones\n")
    known = [report["distribution"][metric.name] for metric in METRICS]
    titles = [f"{metric.title}{unit}" for metric in METRICS for unit in ("", " %")]
    rows = [[PREDICTIVE_DISTRIBUTION["mean"].heading, *_both(known, "mean", report["price"])]]
    rows += [
        [
            name,
            *(
                text
                for one in known
                for text in (
                    price_text(one["quantiles"][name], report["price"]),
                    percent_text(one["quantiles_pct"][name]),
                )
            ),
        ]
        for name in known[0]["quantiles"]
    ]
    print_table(screen, title_of(report, "final values, quantiles"), ["", *titles], rows)
    intervals = [
        [
            f"{metric.title} {found['nominal']:.0%}",
            *_both([found], "low", report["price"]),
            *_both([found], "high", report["price"]),
            f"{found['probability']:.1%}",
        ]
        for metric, one in zip(METRICS, known, strict=True)
        for found in one["intervals"]
    ]
    print_table(
        screen,
        title_of(report, "prediction intervals"),
        ["interval", *(field.heading for field in PREDICTION_INTERVAL.choose(*_INTERVAL))],
        intervals,
    )


def _both(values: Sequence[_Report], name: str, price: float | None) -> list[str]:
    """Each value in quote currency and in percent."""
    return [text for one in values for text in (price_text(one[name], price), percent_text(one[f"{name}_pct"]))]


def _show_straddle(screen: Console, report: _Report) -> None:
    _state(screen, report)
    value, price = report["value"], report["reference"]
    screen.print(f"  {_terms(report)}")
    past = (
        f"{value['past_n']} past session{'s' * (value['past_n'] != 1)} paid {price_text(value['past_payoff'], price)}"
        f"{_between(value['past_payoff_interval'], price)}"
    )
    if value["missing"]:
        screen.print(f"  no fair value: {value['missing']}; {past}\n")
    else:
        screen.print(
            f"  fair value now {price_text(value['fair'], price)}{_between(value['fair_interval'], price)}; {past}",
            style="bold",
        )
        screen.print(
            f"  {percent_text(value['fair_pct'])} % of the open{_yearly(value['fair_volatility'])}; call "
            f"{price_text(value['call'], price)} and put {price_text(value['put'], price)}"
        )
        if report["premium"] is not None:
            screen.print(
                f"  expected profit {price_text(value['expected_profit'], price)}, "
                f"chance of one {value['probability']:.1%}"
            )
        screen.print("")
    if report["premium"] is not None:
        _show_records(screen, report)
    for name, meaning in report["definitions"].items():
        screen.print(f"  {name}: {meaning}", highlight=False)


def _terms(report: _Report) -> str:
    """What is bought: the premium where it is known, and the strike."""
    price, ends = report["reference"], report["breakevens"]
    struck = f"struck at {price_text(report['strike'], price)}"
    if report["premium"] is None:
        return struck
    return (
        f"premium {price_text(report['premium'], price)} ({percent_text(report['premium_pct'])} %"
        f"{_yearly(report['value']['implied_volatility'])}), {struck}; breakevens {price_text(ends['low'], price)} and "
        f"{price_text(ends['high'], price)}"
    )


def _yearly(volatility: float | None) -> str:
    """An implied volatility, where there is one."""
    return "" if volatility is None else f", volatility {percent_text(volatility)} % a year"


def _show_records(screen: Console, report: _Report) -> None:
    price = report["reference"]
    rows = [[_last(record["lookback"]), *_record(record, price)] for record in report["records"]]
    title = title_of(report, "bought at the open, held to the end")
    _record_table(screen, title, LOOKBACK_RECORD["lookback"].heading, rows)
    by_weekday = report["by_weekday"]
    rows = [[record["weekday"], *_record(record, price)] for record in by_weekday["weekdays"]]
    title = title_of(report, f"by weekday, {_last(by_weekday['lookback'])}")
    _record_table(screen, title, WEEKDAY_RECORD["weekday"].heading, rows)


def _between(ends: _Report | None, price: float) -> str:
    """The ends of a 95 % interval, where there is one."""
    return "" if ends is None else f" (95 %: {price_text(ends['low'], price)} to {price_text(ends['high'], price)})"


def _last(lookback: int | None) -> str:
    return "all" if lookback is None else f"last {lookback}"


def _record(record: _Report, price: float) -> list[str]:
    return [cell_text(field, record[field.name], price) for field in STRADDLE_RECORD.titled]


def _record_table(screen: Console, title: str, first: str, rows: list[list[str]]) -> None:
    columns = [first, *(field.heading for field in STRADDLE_RECORD.titled)]
    spare = [(STRADDLE_RECORD[name].heading,) for name in ("mean_profit_interval", "win_rate_interval")]
    print_table(screen, title, columns, rows, spare=spare)


def _show_volatility(screen: Console, report: _Report) -> None:
    windows = list(next(iter(report["estimators"].values()))["windows"])
    rows = [
        [name, *(percent_text(known["windows"][window]["value"]) for window in windows)]
        for name, known in report["estimators"].items()
    ]
    title = title_of(report, f"volatility, % a year, to {report['date']}")
    print_table(screen, title, ["sessions", *windows], rows)
    columns = ["sessions", *(field.heading for field in CONE_POINT.titled)]
    for name, known in report["estimators"].items():
        cells = [
            [horizon, *(cell_text(field, point[field.name]) for field in CONE_POINT.titled)]
            for horizon, point in known["cone"].items()
        ]
        print_table(screen, f"{name}: {title_of(report, 'volatility cone')}", columns, cells)


def _show_seasonality(screen: Console, report: _Report) -> None:
    weekdays = report["weekdays"]
    first = [field.heading for field in SEASON_WEEKDAY.choose("weekday", "n")]
    columns = [*first, *(f"{metric.title} {field.heading}" for metric in METRICS for field in WEEKDAY_MEASURE.titled)]
    rows = [[day["weekday"], str(day["n"]), *_totals(day)] for day in weekdays]
    spare = [tuple(f"{metric.title} {WEEKDAY_MEASURE['mean_interval'].heading}" for metric in METRICS)]
    title = title_of(report, f"% of the open, last {report['lookback']} sessions up to {report['date']}")
    print_table(screen, title, columns, rows, spare=spare)
    hours = [
        [str(hour["elapsed"]), *(percent_text(day["hours"][place]["median_range_pct"]) for day in weekdays)]
        for place, hour in enumerate(weekdays[0]["hours"])
    ]
    short = [SEASON_HOUR["elapsed"].heading, *(day["weekday"][:3] for day in weekdays)]
    print_table(screen, title_of(report, SEASON_HOUR["median_range_pct"].heading), short, hours)


def _totals(day: _Report) -> list[str]:
    return [
        cell_text(field, day[metric.percent_name][field.name]) for metric in METRICS for field in WEEKDAY_MEASURE.titled
    ]
