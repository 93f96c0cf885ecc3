"""The analytic commands' arguments; what they do is imported only when one is called."""

from __future__ import annotations

import argparse
from typing import Final

from volatility.cli.arguments import Commands, add, add_output, amount, one, sessions
from volatility.settings import Settings

_MOST_PRICE: Final = 1e12
_MOST_PERCENT: Final = 1e6


def add_views(commands: Commands) -> None:
    """Add cone, odds, straddle, volatility and seasonality."""
    view = add(commands, "cone", _cone, "show today among past sessions, hour by hour")
    _add_lookback(view, 365)
    add_output(view, csv=True)
    view = add(commands, "odds", _odds, "show how today may end, and the odds of exceeding a Vol or Range")
    for metric, title in (("volatility", "Vol"), ("range", "Range")):
        flag, meaning = f"--{metric}", f"a final {title}; may be given several times"
        view.add_argument(flag, type=amount(flag, _MOST_PRICE), action="append", metavar="PRICE", help=meaning)
        flag, meaning = f"--{metric}-pct", "the same in percent of the open"
        view.add_argument(flag, type=amount(flag, _MOST_PERCENT), action="append", metavar="PERCENT", help=meaning)
    flag, meaning = "--price", "a price to end above or to touch; may be given several times"
    price = amount(flag, _MOST_PRICE, zero=False)
    view.add_argument(flag, type=price, action="append", metavar="PRICE", help=meaning)
    add_output(view, csv=True)
    view = add(commands, "straddle", _straddle, "show what a straddle from open to end would have given, and its value")
    price = amount("--premium", _MOST_PRICE, zero=False)
    view.add_argument("--premium", type=price, metavar="PRICE", help="what it costs; without it there is no record")
    price = amount("--strike", _MOST_PRICE, zero=False)
    view.add_argument("--strike", type=price, metavar="PRICE", help="where it is struck (default: today's open)")
    _add_lookback(view, None)
    add_output(view, csv=True)
    view = add(commands, "volatility", _volatility, "show estimators of volatility and where they stand in history")
    add_output(view, csv=True)
    view = add(commands, "seasonality", _seasonality, "show when in the week Vol and Range are made")
    _add_lookback(view, 730)
    add_output(view, csv=True)


def _add_lookback(view: argparse.ArgumentParser, default: int | None) -> None:
    meaning = f"how many sessions back (default: {default})" if default else "one more record, over so many sessions"
    view.add_argument("--lookback", type=sessions("--lookback"), default=default, metavar="N", help=meaning)


def _cone(settings: Settings, arguments: argparse.Namespace) -> int:
    from volatility.cli import views_analytics as views  # noqa: PLC0415

    return views.cone(settings, one(settings, arguments.symbol), arguments.output, arguments.lookback)


def _odds(settings: Settings, arguments: argparse.Namespace) -> int:
    from volatility.cli import views_analytics as views  # noqa: PLC0415
    from volatility.queries.odds import Asked, thresholds_of  # noqa: PLC0415

    asked = Asked(
        thresholds_of(arguments.volatility, arguments.volatility_pct),
        thresholds_of(arguments.range, arguments.range_pct),
        tuple(arguments.price or ()),
    )
    return views.odds(settings, one(settings, arguments.symbol), arguments.output, asked)


def _straddle(settings: Settings, arguments: argparse.Namespace) -> int:
    from volatility.cli import views_analytics as views  # noqa: PLC0415
    from volatility.queries.straddle import Terms  # noqa: PLC0415

    terms = Terms(arguments.premium, arguments.strike)
    return views.straddle(settings, one(settings, arguments.symbol), arguments.output, terms, arguments.lookback)


def _volatility(settings: Settings, arguments: argparse.Namespace) -> int:
    from volatility.cli import views_analytics as views  # noqa: PLC0415

    return views.volatility(settings, one(settings, arguments.symbol), arguments.output)


def _seasonality(settings: Settings, arguments: argparse.Namespace) -> int:
    from volatility.cli import views_analytics as views  # noqa: PLC0415

    return views.seasonality(settings, one(settings, arguments.symbol), arguments.output, arguments.lookback)
