"""What the views share: tables that fit the terminal, JSON, CSV, and numbers as people read them."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from volatility.domain.digits import cell, exponent
from volatility.presentation.fields import OF_HOUR_OPEN, OF_OPEN, PERCENT, PERCENT_A_YEAR, QUOTE, SHARE, Field

Output = Literal["table", "json", "csv"]
_WIDTH = 120  # where the output is no terminal
_PERCENTS = (OF_OPEN, OF_HOUR_OPEN, PERCENT, PERCENT_A_YEAR)
_WIDEST = 1000  # a table is measured as if there were room enough


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Flat rows, as the API answers."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)


def write_json(report: Mapping[str, Any]) -> None:
    """A report as the API answers, for people to read."""
    sys.stdout.write(json.dumps(report, indent=2, allow_nan=False) + "\n")


def console() -> Console:
    """Where tables go: the terminal, or text of a fixed width."""
    return _Piped(width=None if sys.stdout.isatty() else _WIDTH)


class _Piped(Console):
    """Leaves it to the program what happens once nobody reads; rich itself would end it as failed."""

    def on_broken_pipe(self) -> None:
        """Nobody reads any more."""
        raise BrokenPipeError


def title_of(report: Mapping[str, Any], rest: str) -> str:
    """A title that says whose numbers these are, and whether they are made up."""
    kind = "SIMULATED " if report["simulated"] else ""
    return f"{kind}{report['symbol']} {rest}"


def print_table(
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


def price_text(value: float | None, price: float | None = None) -> str:
    """A price, or an amount beside prices of the size of ``price``: to six significant digits of that, or to the cent.

    What is below 1 keeps four digits of its own, and no zeros at the end; from a million on there are no cents.
    """
    if value is None:
        return "–"
    if abs(value) < 1:
        decimals = max(_decimals(price or value), 3 - exponent(value))
        return f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    if abs(value) >= 1000 and (price or value) >= 1e6:
        return f"{value:,.0f}"
    whole, _, part = f"{value:,.{_decimals(price or value)}f}".partition(".")
    return f"{whole}.{part.rstrip('0'):0<2}"


def _decimals(price: float) -> int:
    """Of an amount beside prices of this size; those of three digits and more have cents."""
    return 2 if price >= 100 else max(2, 5 - exponent(price))


def share_text(value: float | None) -> str:
    """A share of 0 to 1 as a percentage."""
    return "–" if value is None else f"{value:.0%}"


def percent_text(value: float | None) -> str:
    """To two decimals; what is below 0.01 to two significant digits."""
    if value is None:
        return "–"
    return f"{value:,.{2 if abs(value) >= 0.01 else 1 - exponent(value)}f}" if value else "0.00"


def cell_text(field: Field, value: Any, price: float | None = None) -> str:
    """A field of an answer as its unit wants it; ``price`` is the size of the prices beside it."""
    if value is None:
        return "–"
    if isinstance(value, Mapping):
        return f"{cell_text(field, value['low'], price)} to {cell_text(field, value['high'], price)}"
    if field.unit == QUOTE:
        return price_text(value, price)
    if field.unit == SHARE:
        return share_text(value)
    return percent_text(value) if field.unit in _PERCENTS else str(value)


def source_text(report: Mapping[str, Any]) -> str:
    """Where the newest candles of an answer come from."""
    return "the database (STALE: the exchange can't be reached)" if report["stale"] else "the exchange"
