"""Nested answers as flat rows: the columns of a group and what is in them, both from the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

from volatility.presentation.fields import ByKey, Field, Group, Shape

Report: TypeAlias = Mapping[str, Any]
_PERCENT: Final = "_pct"


class Column(NamedTuple):
    """A column of a flat row: its name, and the field that is in it."""

    name: str
    field: Field


class Row(NamedTuple):
    """What one flat row shows: the values of its keys, and the object."""

    keys: Sequence[Any]
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """An answer as flat rows, for CSV.

    Args:
        head: fields of the answer that begin every row.
        keys: fields that name a row.
        group: the object that is one row; an inner object is several columns.
        tail: fields of the answer that end every row.
        select: the rows of an answer.
        windows: the keys of the statistics within, where there are any.
        beside: whether a percentage stands right behind its amount.
        appended: fields within, whose columns stand behind all others: they came later, and no column moved.
    """

    head: tuple[Field, ...]
    keys: tuple[Field, ...]
    group: Group
    tail: tuple[Field, ...]
    select: Callable[[Report], Iterable[Row]]
    windows: Sequence[int] = ()
    beside: bool = False
    appended: tuple[Field, ...] = ()

    @property
    def fields(self) -> list[Column]:
        """The columns, in order."""
        found = self._found
        return [found[place] for place in self._order(found)]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.fields)

    def rows(self, report: Report) -> Iterator[list[Any]]:
        """The rows of an answer."""
        order = self._order(self._found) if self.beside or self.appended else None
        plan = _plan(self.group, self.windows)
        head = [report[field.name] for field in self.head]
        tail = [report[field.name] for field in self.tail]
        for row in self.select(report):
            cells = [*head, *row.keys]
            _fill(cells, plan, row.values)
            cells += tail
            yield cells if order is None else [cells[place] for place in order]

    @property
    def _found(self) -> list[Column]:
        """The columns in the order of the catalogue."""
        own = [found for field in self.group.fields for found in _columns(field, field.shape, self.windows)]
        outer = [[Column(field.name, field) for field in part] for part in (self.head + self.keys, self.tail)]
        return [*outer[0], *own, *outer[1]]

    def _order(self, columns: Sequence[Column]) -> list[int]:
        """The places of all columns, in the order in which they are shown."""
        places = range(len(columns))
        first, end = len(self.head) + len(self.keys), len(columns) - len(self.tail)
        own = _beside(columns, places[first:end]) if self.beside else places[first:end]
        shown = [*places[:first], *own, *places[end:]]
        return sorted(shown, key=lambda place: columns[place].field in self.appended)


def _beside(columns: Sequence[Column], places: Sequence[int]) -> list[int]:
    """The same places, each percentage right behind its amount."""
    named = {columns[place].name: place for place in places}
    amounts = [name for name in named if name.removesuffix(_PERCENT) not in named.keys() - {name}]
    pairs = ((name, f"{name}{_PERCENT}") for name in amounts)
    return [named[name] for pair in pairs for name in pair if name in named]


def _columns(field: Field, shape: Shape, windows: Sequence[int]) -> Iterator[Column]:
    """The columns of a field: its own, or those of the object that it is."""
    if isinstance(shape, Group):
        for inner in shape.fields:
            for column in _columns(inner, inner.shape, windows):
                yield Column(field.column_pattern.format(column.name), column.field)
    elif isinstance(shape, ByKey):
        for window in windows:
            for column in _columns(field, shape.of, windows):
                yield Column(f"{column.name}_{window}", column.field)
    else:
        yield Column(field.name if field.column is None else field.column, field)


class _Step(NamedTuple):
    """Where a value is, and how the object that it is goes on; ``width`` is how many columns that has."""

    name: str
    inner: tuple[_Step, ...]
    width: int


def _plan(shape: Shape, windows: Sequence[int]) -> tuple[_Step, ...]:
    if isinstance(shape, Group):
        steps = [(field.name, _plan(field.shape, windows)) for field in shape.fields]
    elif isinstance(shape, ByKey):
        steps = [(str(window), _plan(shape.of, windows)) for window in windows]
    else:
        return ()
    return tuple(_Step(name, inner, sum(step.width for step in inner) or 1) for name, inner in steps)


def _fill(cells: list[Any], plan: tuple[_Step, ...], values: Mapping[str, Any]) -> None:
    """Add an object's cells; those of an object that is null are None."""
    for name, inner, width in plan:
        found = values[name]
        if not inner:
            cells.append(found)
        elif found is None:
            cells += [None] * width
        else:
            _fill(cells, inner, found)
