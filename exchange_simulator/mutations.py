"""Pages that break a rule of what a page of candles is, by name."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from exchange_simulator.instants import HOUR_MS
from exchange_simulator.market import CLOSE, CLOSE_TIME, HIGH, LOW, OPEN, OPEN_TIME, VOLUME

if TYPE_CHECKING:
    from collections.abc import Callable

Rows = list[Any]
"""A page: lists of twelve values, until a mutation makes something else of them."""


def _set(field: int, value: Any) -> Callable[[Rows, int], None]:
    def change(rows: Rows, index: int) -> None:
        rows[index][field] = value

    return change


def _shift(hours: int) -> Callable[[Rows, int], None]:
    def change(rows: Rows, index: int) -> None:
        for field in (OPEN_TIME, CLOSE_TIME):
            rows[index][field] += hours * HOUR_MS

    return change


def _scale(field: int, other: int, factor: str) -> Callable[[Rows, int], None]:
    """Put a field on the wrong side of another one."""

    def change(rows: Rows, index: int) -> None:
        rows[index][field] = f"{Decimal(rows[index][other]) * Decimal(factor):f}"

    return change


def _unordered(rows: Rows, index: int) -> None:
    other = index - 1 if index else len(rows) - 1
    rows[index], rows[other] = rows[other], rows[index]


def _duplicate_hour(rows: Rows, index: int) -> None:
    rows.insert(index, list(rows[index]))


def _same_hour(rows: Rows, index: int) -> None:
    twin = list(rows[index])
    twin[OPEN_TIME] += 60_000
    rows.insert(index + 1, twin)


def _missing_fields(rows: Rows, index: int) -> None:
    del rows[index][CLOSE:]


def _row_is_null(rows: Rows, index: int) -> None:
    rows[index] = None


def _row_is_object(rows: Rows, index: int) -> None:
    rows[index] = {"open": rows[index][OPEN]}


MUTATIONS: dict[str, Callable[[Rows, int], None]] = {
    "unordered": _unordered,
    "duplicate_hour": _duplicate_hour,
    "same_hour": _same_hour,
    "before_range": _shift(-24 * 365),
    "after_range": _shift(24 * 365),
    "low_above_open": _scale(LOW, OPEN, "1.01"),
    "low_above_close": _scale(LOW, CLOSE, "1.01"),
    "high_below_open": _scale(HIGH, OPEN, "0.99"),
    "high_below_close": _scale(HIGH, CLOSE, "0.99"),
    "nan": _set(CLOSE, "NaN"),
    "bare_nan": _set(CLOSE, float("nan")),
    "infinity": _set(HIGH, "Infinity"),
    "bare_infinity": _set(HIGH, float("inf")),
    "not_a_number": _set(OPEN, "abc"),
    "empty": _set(OPEN, ""),
    "null": _set(CLOSE, None),
    "negative_volume": _set(VOLUME, "-1.00000000"),
    "time_is_text": _set(OPEN_TIME, "yesterday"),
    "time_is_null": _set(OPEN_TIME, None),
    "missing_fields": _missing_fields,
    "row_is_null": _row_is_null,
    "row_is_object": _row_is_object,
}
"""What each does to the row at an index of a page that holds one; `nan` sends text, `bare_nan` what JSON forbids."""


def mutate(name: str, rows: Rows, row: int | None) -> Rows:
    """Break one row of a page: the one asked for, or the middle one; a page without rows stays as it is."""
    if rows:
        index = len(rows) // 2 if row is None else min(row, len(rows) - 1)
        MUTATIONS[name](rows, index)
    return rows
