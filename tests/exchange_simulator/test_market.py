"""A view: candles up to the clock, cut, thinned out and revised without touching the market that they came from."""

from __future__ import annotations

import json

import pytest

from exchange_simulator.market import FIELDS, View, render


def row(at: int, close: str = "2") -> bytes:
    return render([at, "1", "3", "1", close, "5", at + 9, "6", 7, "8", "9", "0"])


TIMES = [10, 20, 30, 50, 60]  # the last lies beyond the clock
ROWS = [row(at) for at in TIMES]
SO_FAR = row(50, "2.5")
VIEW = View(TIMES, ROWS, 4, SO_FAR)


@pytest.mark.parametrize(
    ("instant", "before", "up_to"), [(0, 0, 0), (10, 0, 1), (15, 1, 1), (30, 2, 3), (50, 3, 4), (60, 4, 4), (999, 4, 4)]
)
def test_positions_count_visible_candles_only(instant: int, before: int, up_to: int) -> None:
    assert (VIEW.position(instant), VIEW.position_after(instant)) == (before, up_to)


@pytest.mark.parametrize(
    ("start", "stop", "rows"),
    [
        (0, 2, ROWS[:2]),
        (1, 3, ROWS[1:3]),
        (2, 4, [ROWS[2], SO_FAR]),
        (0, 99, [*ROWS[:3], SO_FAR]),
        (3, 3, []),
        (4, 9, []),
        (3, 1, []),
    ],
)
def test_a_cut_ends_with_the_open_candle_where_it_reaches_it(start: int, stop: int, rows: list[bytes]) -> None:
    assert VIEW.cut(start, stop) == rows


def test_hours_are_taken_out_both_ends_included() -> None:
    thinned = VIEW.without(20, 30)
    assert (list(thinned.times), thinned.count) == ([10, 50], 2)
    assert thinned.cut(0, 9) == [ROWS[0], SO_FAR]
    assert VIEW.without(21, 29) is VIEW
    assert VIEW.cut(0, 9) == [*ROWS[:3], SO_FAR]


def test_without_the_open_candle_the_one_before_is_whole() -> None:
    thinned = VIEW.without(50, 70)
    assert (list(thinned.times), thinned.open_row) == ([10, 20, 30], None)
    assert thinned.cut(0, 9) == ROWS[:3]


def test_a_revision_changes_the_values_that_it_names() -> None:
    revised = VIEW.revised(20, {"close": "2.9", "number_of_trades": 70})
    values = dict(zip(FIELDS, json.loads(revised.cut(1, 2)[0]), strict=True))
    assert values == dict(zip(FIELDS, json.loads(ROWS[1]), strict=True)) | {"close": "2.9", "number_of_trades": 70}
    assert revised.cut(0, 1) + revised.cut(2, 4) == [ROWS[0], ROWS[2], SO_FAR]
    assert VIEW.cut(1, 2) == [ROWS[1]]


def test_a_revision_of_the_open_candle_keeps_what_else_it_has_come_to() -> None:
    (revised,) = VIEW.revised(50, {"high": "4"}).cut(3, 4)
    assert json.loads(revised) == [*json.loads(SO_FAR)[:2], "4", *json.loads(SO_FAR)[3:]]


@pytest.mark.parametrize("instant", [15, 40, 60, 70])
def test_what_is_not_visible_is_not_revised(instant: int) -> None:
    assert VIEW.revised(instant, {"close": "9"}) is VIEW


def test_rows_are_as_compact_as_the_exchanges() -> None:
    assert row(10) == b'[10,"1","3","1","2","5",19,"6",7,"8","9","0"]'
