"""Each mutation breaks the row that it is given, in the way of its name; a strict reader refuses every page."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from exchange_simulator.instants import HOUR_MS
from exchange_simulator.mutations import MUTATIONS, mutate
from volatility.domain.candles import parse_page
from volatility.domain.errors import BadPage
from volatility.domain.hours import Span

START = 1_502_942_400_000
ASKED = Span(START, START + 5 * HOUR_MS)


def rows() -> list[list[Any]]:
    hours = (START + number * HOUR_MS for number in range(5))
    return [[at, "10", "12", "9", "11", "5", at + HOUR_MS - 1, "50", 7, "2", "20", "0"] for at in hours]


@pytest.mark.parametrize("name", MUTATIONS)
@pytest.mark.parametrize("row", [0, 2, 4, 99, None])
def test_no_page_that_is_broken_passes_for_a_good_one(name: str, row: int | None) -> None:
    parse_page(rows(), ASKED)
    broken = json.loads(json.dumps(mutate(name, rows(), row)))
    with pytest.raises(BadPage):
        parse_page(broken, ASKED)


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("low_above_open", 3, "10.10"),
        ("low_above_close", 3, "11.11"),
        ("high_below_open", 2, "9.90"),
        ("high_below_close", 2, "10.89"),
        ("negative_volume", 5, "-1.00000000"),
        ("before_range", 0, START + HOUR_MS - 365 * 86_400_000),
        ("after_range", 0, START + HOUR_MS + 365 * 86_400_000),
    ],
)
def test_one_field_of_one_row_is_what_its_name_says(name: str, field: int, value: object) -> None:
    before = rows()
    after = mutate(name, copy.deepcopy(before), 1)
    assert after[1][field] == value
    assert after[:1] + after[2:] == before[:1] + before[2:]
    changed = {place for place in range(12) if after[1][place] != before[1][place]}
    assert changed == ({0, 6} if field == 0 else {field})


def test_rows_change_places_or_come_twice() -> None:
    first, second, third, fourth, fifth = rows()
    assert mutate("unordered", rows(), 1) == [second, first, third, fourth, fifth]
    assert mutate("unordered", rows(), 0) == [fifth, second, third, fourth, first]
    assert mutate("duplicate_hour", rows(), 1) == [first, second, second, third, fourth, fifth]
    twin = [second[0] + 60_000, *second[1:]]
    assert mutate("same_hour", rows(), 1) == [first, second, twin, third, fourth, fifth]


@pytest.mark.parametrize(("row", "index"), [(None, 2), (0, 0), (4, 4), (99, 4)])
def test_the_middle_row_is_meant_where_none_is_named(row: int | None, index: int) -> None:
    assert [place for place, one in enumerate(mutate("row_is_null", rows(), row)) if one is None] == [index]


def test_an_empty_page_stays_as_it_is() -> None:
    assert mutate("nan", [], 3) == []
