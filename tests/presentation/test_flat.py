"""Nested answers become flat rows: a column for each field, in order, whatever is null."""

from __future__ import annotations

from tests.presentation.groups import INNER, OUTER, VALUES, WINDOW
from volatility.presentation.fields import ByKey, Field, Group, Kind, Text
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


def test_what_was_appended_stands_behind_all_other_columns() -> None:
    head, tail = OUTER.choose("loss"), INNER.choose("low")
    later = (*OUTER.choose("gain"), *WINDOW.choose("n"))
    table = Table(head, (), OUTER, tail, lambda report: [Row((), report["row"])], (5, 7), beside=True, appended=later)
    assert table.columns == ("loss", "gain_pct", "loss", "gain_low", "gain_high", "low", "gain", "n_5", "n_7")
    (row,) = table.rows({"loss": 8, "low": 9, "row": VALUES})
    assert row == [8, 2.0, None, 0.5, 1.5, 9, 1.0, 4, 6]


def test_keys_stand_before_the_object_and_each_selected_row_is_one() -> None:
    key = Field("quantile", Kind.TEXT, "which", "какой")
    table = Table(
        head=OUTER.choose("loss"),
        keys=(key,),
        group=INNER,
        tail=(),
        select=lambda report: [Row((name,), ends) for name, ends in report["by_name"].items()],
    )
    assert table.columns == ("loss", "quantile", "low", "high")
    answer = {"loss": 8, "by_name": {"p5": {"low": 1, "high": 2}, "p95": {"low": 3, "high": 4}}}
    assert list(table.rows(answer)) == [[8, "p5", 1, 2], [8, "p95", 3, 4]]
    assert list(table.rows(answer | {"by_name": {}})) == []


def test_a_window_that_is_not_asked_for_has_no_column() -> None:
    table = Table((), (), OUTER, (), lambda report: [Row((), report)], windows=(7,))
    assert table.columns == ("gain", "loss", "gain_pct", "n_7", "gain_low", "gain_high")
    assert list(table.rows(VALUES)) == [[1.0, None, 2.0, 6, 0.5, 1.5]]


def test_objects_within_objects_take_the_names_on_the_way() -> None:
    middle = Group("Middle", Text("m", "м"), (Field("ends", INNER, "e", "к"), Field("n", Kind.INTEGER, "n", "n")))
    outer = Group("Top", Text("t", "т"), (Field("range", middle, "r", "р"), Field("by", ByKey(INNER), "b", "о")))
    table = Table((), (), outer, (), lambda report: [Row((), report)], windows=(5, 7))
    assert table.columns == (
        *("range_ends_low", "range_ends_high", "range_n"),
        *("by_low_5", "by_high_5", "by_low_7", "by_high_7"),
    )
    by = {"5": {"low": 1, "high": 2}, "7": None}
    found = list(table.rows({"range": {"ends": None, "n": 3}, "by": by}))
    assert found == [[None, None, 3, 1, 2, None, None]]
    assert list(table.rows({"range": None, "by": by})) == [[None, None, None, 1, 2, None, None]]


def test_a_column_knows_the_field_that_is_in_it() -> None:
    fields = [column.field for column in _table(beside=True).fields]
    assert fields[:3] == [OUTER["loss"], OUTER["gain"], OUTER["gain_pct"]]
    assert fields[4:7] == [WINDOW["n"], WINDOW["n"], INNER["low"]]
