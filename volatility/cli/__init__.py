"""The command line: ``btc-volatility``. Each command's own module is imported only when it is called."""

from __future__ import annotations

import argparse
import errno
import logging
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Final

from volatility import __version__
from volatility.cli import analytics, bans, consoles, forecast
from volatility.cli.arguments import Command, Commands, Parser, a_symbol, add, add_output, argument, one, sessions
from volatility.domain.errors import Error, SettingError
from volatility.domain.hours import to_ms
from volatility.domain.redaction import guard
from volatility.settings import Settings, parse_date

_OPTIONAL: Final = {"apscheduler", "fastapi", "prometheus_client", "pydantic", "rich", "uvicorn"}


def main(argv: Sequence[str] | None = None, *, prog: str = "btc-volatility") -> int:
    """Run one command. 0 when done, 1 when something failed, 2 for a wrong call; the reason in one line on stderr."""
    consoles.never_fail()
    parser = _parser(prog)
    if not (sys.argv[1:] if argv is None else argv):
        parser.print_help(sys.stderr)
        return 2
    arguments = parser.parse_args(argv)
    try:
        settings = Settings.load()
        _log_to_stderr(settings.log_level)
        guard()
        command: Command = arguments.command
        code = command(settings, arguments)
        sys.stdout.flush()  # a reader that has gone is no error here; at the interpreter's end it would be
        return code
    except Error as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        return 130
    except ModuleNotFoundError as error:
        if error.name not in _OPTIONAL:
            raise
        sys.stderr.write(f"error: this command needs {error.name}: install btc-volatility[api,embedded]\n")
        return 1
    except BrokenPipeError:  # the reader of our output has seen enough
        _forget_output()
        return 0
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _forget_output()
        sys.stderr.write("error: the output can't be written: the disk is full\n")
        return 1


def _forget_output() -> None:
    """What is still buffered can't be written: the interpreter must not try again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _log_to_stderr(level: str) -> None:
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr, force=True)
    for noisy in ("urllib3", "alembic", "apscheduler"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))


def _date(name: str) -> Callable[[str], date]:
    return argument(lambda text: parse_date(name, text))


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise SettingError("--port", "must be a whole number from 0 to 65535", text)
    return int(text)


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise SettingError("--seed", "must be a whole number", text)
    return int(text)


_SYMBOL_HELP: Final = "one symbol instead of all of SYMBOLS"


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = Parser(
        prog=prog,
        description="Volatility and Range of the 11:00 MSK session of daily BTC options.",
        epilog="Settings come from the environment and from .env; .env.example lists them.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_jobs(commands)
    _add_views(commands)
    analytics.add_views(commands)
    forecast.add_views(commands)
    bans.add_bans(commands)
    _add_servers(commands)
    return parser


def _add_jobs(commands: Commands) -> None:
    job = add(commands, "backfill", _backfill, "fetch and store every closed hour of history that is missing")
    job.add_argument("--symbol", type=argument(a_symbol), help=_SYMBOL_HELP)
    job.add_argument("--since", type=_date("--since"), metavar="DATE", help="nothing older than this date (UTC)")
    job.add_argument("--until", type=_date("--until"), metavar="DATE", help="up to, not including, this date (UTC)")
    job.add_argument("--dry-run", action="store_true", help="only say what would be fetched")
    job.add_argument("--recheck-gaps", action="store_true", help="ask again for hours known to have no candle")
    job.add_argument("--refetch", action="store_true", help="ask again for all hours from --since on, stored or not")
    job = add(commands, "aggregate", _aggregate, "bring sessions and statistics up to date with the candles")
    job.add_argument("--symbol", type=argument(a_symbol), help=_SYMBOL_HELP)
    job.add_argument("--rebuild", action="store_true", help="compute all of them from scratch")
    add(commands, "migrate", _migrate, "bring the database's schema up to date (every job does so by itself)")


def _add_views(commands: Commands) -> None:
    view = add(commands, "today", _today, "show the session that runs now")
    add_output(view, csv=False)
    view = add(commands, "statistics", _statistics, "show the last closed sessions with their statistics")
    view.add_argument(
        "--days", type=sessions("--days"), default=30, metavar="N", help="how many sessions (default: 30)"
    )
    add_output(view, csv=True)
    view = add(commands, "sessions", _sessions, "show closed sessions by date")
    view.add_argument("--from", dest="since", type=_date("--from"), metavar="DATE", help="the first session's label")
    view.add_argument("--to", dest="until", type=_date("--to"), metavar="DATE", help="up to, not including, this label")
    add_output(view, csv=True)
    view = add(commands, "quality", _quality, "show gaps, incomplete sessions, and how the last jobs went")
    view.add_argument("--json", action="store_true", help="as the API answers")


def _add_servers(commands: Commands) -> None:
    server = add(commands, "serve", _serve, "serve the API over what is stored")
    _add_address(server)
    server = add(commands, "run", _run, "backfill, aggregate, serve the API and keep all of it fresh, in one process")
    _add_address(server)
    server = add(commands, "demo", _demo, "the same on simulated candles, with no internet and nothing kept")
    _add_address(server)
    server.add_argument("--seed", type=argument(_seed), default=7, help="another number is another market (default: 7)")


def _add_address(server: argparse.ArgumentParser) -> None:
    server.add_argument("--host", help="address to listen on (default: API_HOST, 127.0.0.1)")
    server.add_argument("--port", type=argument(_port), help="port to listen on (default: API_PORT, 8000)")


def _backfill(settings: Settings, arguments: argparse.Namespace) -> int:
    from volatility.cli import jobs  # noqa: PLC0415

    _check_order(arguments, "--since", "--until")
    if arguments.refetch and not arguments.since:
        raise SettingError("--refetch", "needs --since DATE: it replaces what is stored from there on")
    return jobs.backfill(
        settings,
        _only(settings, arguments.symbol),
        since_ms=_midnight_ms(arguments.since),
        until_ms=_midnight_ms(arguments.until),
        dry_run=arguments.dry_run,
        recheck_gaps=arguments.recheck_gaps,
        refetch=arguments.refetch,
    )


def _aggregate(settings: Settings, arguments: argparse.Namespace) -> int:
    from volatility.cli import jobs  # noqa: PLC0415

    return jobs.aggregate(settings, _only(settings, arguments.symbol), rebuild=arguments.rebuild)


def _migrate(settings: Settings, _: argparse.Namespace) -> int:
    from volatility.cli import jobs  # noqa: PLC0415

    return jobs.migrate(settings)


def _today(settings: Settings, arguments: argparse.Namespace) -> int:
    from volatility.cli import views  # noqa: PLC0415

    return views.today(settings, one(settings, arguments.symbol), arguments.output)


def _statistics(settings: Settings, arguments: argparse.Namespace) -> int:
    from volatility.cli import views  # noqa: PLC0415

    return views.statistics(settings, one(settings, arguments.symbol), arguments.days, arguments.output)


def _sessions(settings: Settings, arguments: argparse.Namespace) -> int:
    from volatility.cli import views  # noqa: PLC0415

    _check_order(arguments, "--from", "--to")
    symbol = one(settings, arguments.symbol)
    return views.sessions(settings, symbol, arguments.since, arguments.until, arguments.output)


def _quality(settings: Settings, arguments: argparse.Namespace) -> int:
    from volatility.cli import views_quality  # noqa: PLC0415

    return views_quality.quality(settings, as_json=arguments.json)


def _serve(settings: Settings, arguments: argparse.Namespace) -> int:
    from volatility.server import commands  # noqa: PLC0415

    return commands.serve(settings, arguments.host, arguments.port)


def _run(settings: Settings, arguments: argparse.Namespace) -> int:
    from volatility.server import commands  # noqa: PLC0415

    return commands.run(settings, arguments.host, arguments.port)


def _demo(settings: Settings, arguments: argparse.Namespace) -> int:
    from volatility.server import commands  # noqa: PLC0415

    return commands.demo(settings, arguments.host, arguments.port, arguments.seed)


def _check_order(arguments: argparse.Namespace, since: str, until: str) -> None:
    if arguments.since and arguments.until and arguments.since >= arguments.until:
        raise SettingError(until, f"must lie after {since} {arguments.since}", str(arguments.until))


def _only(settings: Settings, symbol: str | None) -> tuple[str, ...]:
    """The symbols of a job: one that was named need not be among the settings."""
    return (symbol,) if symbol else settings.symbols


def _midnight_ms(day: date | None) -> int | None:
    return None if day is None else to_ms(datetime(day.year, day.month, day.day, tzinfo=UTC))
