"""What the data lack, and how the last jobs went, in a terminal or as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from volatility.bootstrap import TERMINAL, open_database
from volatility.cli.output import console, print_table, write_json
from volatility.presentation.catalogue.quality import SYMBOL_QUALITY
from volatility.queries.quality import quality as quality_of
from volatility.queries.quality import quality_report
from volatility.settings import Settings
from volatility.storage.migrate import check

_JOBS: Final = ("backfill", "aggregation")
_COLUMNS: Final = ("symbol", "first_candle", "newest_candle", "sessions", "incomplete", "gaps", "gap_hours")


def quality(settings: Settings, *, as_json: bool) -> int:
    """Show all symbols of the settings. The exchange is not asked, so nothing is said of it."""
    database = open_database(settings, TERMINAL)
    try:
        check(database)
        known = [quality_of(database, settings.series(symbol)) for symbol in settings.symbols]
    finally:
        database.close()
    report = quality_report(known, None, settings.calendar)
    if as_json:
        write_json(report)
    else:
        _show(report)
    return 0


def _show(report: Mapping[str, Any]) -> None:
    screen = console()
    symbols = report["symbols"]
    kind = "SIMULATED " if any(symbol["simulated"] for symbol in symbols) else ""
    columns = [SYMBOL_QUALITY[name].heading for name in _COLUMNS]
    rows = [[_text(symbol[name]) for name in _COLUMNS] for symbol in symbols]
    print_table(screen, f"{kind}data", columns, rows, spare=[("first candle",), ("gap hours",)])
    for symbol in symbols:
        for job in _JOBS:
            screen.print(
                f"  {symbol['symbol']} {job}: {_run_text(symbol[job])}", soft_wrap=True, highlight=False, markup=False
            )


def _text(value: Any) -> str:
    """A value, or how many there are of a list."""
    if value is None:
        return "–"
    return str(len(value) if isinstance(value, list) else value)


def _run_text(run: Mapping[str, Any] | None) -> str:
    if run is None:
        return "never ran"
    of = f", {run['done']} of {run['total']}" if run["total"] is not None else ""
    why = f": {run['message']}" if run["message"] else ""
    when = f"since {run['began']}" if run["ended"] is None else f"at {run['ended']}"
    return f"{run['result']} {when}{of}{why}"
