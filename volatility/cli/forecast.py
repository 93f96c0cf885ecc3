"""The arguments of forecast and scorecard; what they do is imported only when one is called."""

from __future__ import annotations

import argparse

from volatility.cli.arguments import Commands, add, add_output, argument, one, sessions
from volatility.domain.metrics import SCORE_TABLES
from volatility.settings import Settings, parse_date


def add_views(commands: Commands) -> None:
    """Add forecast and scorecard."""
    view = add(commands, "forecast", _forecast, "show the stored forecasts: the running session's, and past ones")
    meaning = "how many past forecasts (default: 30)"
    view.add_argument("--days", type=sessions("--days"), default=30, metavar="N", help=meaning)
    add_output(view, csv=True)
    view = add(commands, "scorecard", _scorecard, "show how good odds and forecasts were")
    since = argument(lambda text: parse_date("--since", text))
    view.add_argument("--since", type=since, metavar="DATE", help="label of the first session that is judged")
    meaning = "one table alone (as CSV: odds by default)"
    view.add_argument("--table", choices=SCORE_TABLES, help=meaning)
    add_output(view, csv=True)


def _forecast(settings: Settings, arguments: argparse.Namespace) -> int:
    from volatility.cli import views_forecast as views  # noqa: PLC0415

    return views.forecast(settings, one(settings, arguments.symbol), arguments.output, arguments.days)


def _scorecard(settings: Settings, arguments: argparse.Namespace) -> int:
    from volatility.cli import views_forecast as views  # noqa: PLC0415

    symbol = one(settings, arguments.symbol)
    return views.scorecard(settings, symbol, arguments.output, since=arguments.since, table=arguments.table)
