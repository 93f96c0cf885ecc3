"""Nested answers become flat rows: a column for each field, in order, whatever is null."""

from __future__ import annotations

from tests.presentation.groups import INNER, OUTER, VALUES
from volatility.presentation.flat import Row, Table


def _table(*, beside: bool) -> Table:
    head, tail = OUTER.choose("loss"), INNER.choose("low")
    return Table(head, (), OUTER, tail, lambda report: [Row((), report["row"])], windows=(5, 7), beside=beside)


def test_an_object_is_as_many_columns_as_it_has_fields() -> None:
    table = _table(beside=False)
    assert table.columns == (*("loss", "gain", "loss", "gain_pct", "n_5", "n_7", "gain_low", "gain_high", "low"),)
    (row,) = table.rows({"loss": 8, "low": 9, "row": VALUES})
    assert row == [8, 1.0, None, 2.0, 4, 6, 0.5, 1.5, 9]


def test_the_columns_of_an_object_that_is_null_are_empty() -> None:
    (row,) = _table(beside=False).rows({"loss": 8, "low": 9, "row": VALUES | {"gain_interval": None}})
    assert row == [8, 1.0, None, 2.0, 4, 6, None, None, 9]


def test_a_percentage_may_stand_behind_its_amount() -> None:
    table = _table(beside=True)
    assert table.columns == ("loss", "gain", "gain_pct", "loss", "n_5", "n_7", "gain_low", "gain_high", "low")
    (row,) = table.rows({"loss": 8, "low": 9, "row": VALUES})
    assert row == [8, 1.0, 2.0, None, 4, 6, 0.5, 1.5, 9]
