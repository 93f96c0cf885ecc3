"""The scorecard's tables as people read them: which fields, under which heading, with which digits.

A layout becomes the cells of a table in a terminal, or Markdown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from volatility.domain.digits import exponent
from volatility.presentation.catalogue.forecasts import SCORECARD, SCORES
from volatility.presentation.fields import BIAS, GAIN, SHARE, Field, Kind

Show = Callable[[Any], str]


class Column(NamedTuple):
    """A column as people read it: its heading, the field of a row that it shows, and as what text."""

    heading: str
    field: str
    show: Show = str


class Layout(NamedTuple):
    """A table as people read it."""

    title: str
    columns: tuple[Column, ...]

    @property
    def headings(self) -> list[str]:
        """Of the columns."""
        return [column.heading for column in self.columns]

    def cells(self, rows: Iterable[Mapping[str, Any]], nothing: str) -> list[list[str]]:
        """The text of each cell; ``nothing`` stands for None."""
        return [
            [nothing if row[column.field] is None else column.show(row[column.field]) for column in self.columns]
            for row in rows
        ]

    def markdown(self, rows: Iterable[Mapping[str, Any]]) -> str:
        """The table under its title; cells of None are empty."""
        lines = [self.headings, ["---"] * len(self.columns), *self.cells(rows, nothing="")]
        return "\n".join([f"### {self.title}\n", *(f"| {' | '.join(line)} |" for line in lines)])


def share(value: float) -> str:
    """A share of 0 to 1 as a percentage."""
    return f"{value:.1%}"


def percent(value: float) -> str:
    """The same where heading or title name the unit."""
    return share(value).removesuffix("%")


def signed_percent(value: float) -> str:
    """A difference of two shares, likewise."""
    return f"{value:+.1%}".removesuffix("%")


def loss(value: float) -> str:
    """A loss or a test's value: to four decimals; what is below 0.001 to two significant digits."""
    return f"{value:.{max(4, 1 - exponent(value))}f}"


def t_value(value: float) -> str:
    """A test's value with its sign."""
    return f"{value:+.2f}"


def p_value(value: float) -> str:
    """A test's probability, which may be tiny."""
    return f"{value:.1e}"


def _show(field: Field) -> Show:
    """As what text a field of a score is shown."""
    if field.unit in {SHARE, GAIN, BIAS}:
        return share
    if field.name == "p":
        return p_value
    if field.name in {"t", "t_against_har"}:
        return t_value
    return loss if field.shape is Kind.NUMBER else str


TERMINAL: Final[Mapping[str, Layout]] = {
    name: Layout(
        SCORECARD[name].heading, tuple(Column(field.heading, field.name, _show(field)) for field in group.fields)
    )
    for name, group in SCORES.items()
}
