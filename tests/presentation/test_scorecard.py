"""The scorecard's tables as people read them, from rows made by hand."""

from __future__ import annotations

import pytest

from benchmarks.scorecard import PAGE
from volatility.domain.metrics import SCORE_TABLES
from volatility.presentation.catalogue.forecasts import SCORES
from volatility.presentation.scorecard import (
    TERMINAL,
    Column,
    Layout,
    loss,
    p_value,
    percent,
    share,
    signed_percent,
    t_value,
)

TABLE = Layout("odds", (Column("metric", "metric"), Column("n", "n"), Column("lower by %", "gain", percent)))
ROWS = [
    {"metric": "range", "n": 0, "gain": None, "not shown": 1},
    {"metric": "volatility", "n": 12, "gain": 0.25, "not shown": 2},
]


def test_one_layout_gives_the_cells_of_a_terminal_and_markdown() -> None:
    assert TABLE.headings == ["metric", "n", "lower by %"]
    assert TABLE.cells(ROWS, nothing="–") == [["range", "0", "–"], ["volatility", "12", "25.0"]]
    assert TABLE.markdown(ROWS) == (
        "### odds\n\n"
        "| metric | n | lower by % |\n"
        "| --- | --- | --- |\n"
        "| range | 0 |  |\n"
        "| volatility | 12 | 25.0 |"
    )  # fmt: skip


def test_numbers_are_shown_with_the_digits_that_say_something() -> None:
    assert (share(0.8005), percent(0.8005), percent(-0.0004)) == ("80.0%", "80.0", "-0.0")
    assert (signed_percent(0.017), signed_percent(-0.021)) == ("+1.7", "-2.1")
    assert (loss(0.30531), loss(1.0), loss(0.000123), loss(0.0)) == ("0.3053", "1.0000", "0.00012", "0.0000")
    assert (t_value(2.789), t_value(-5.931), p_value(3.14e-9)) == ("+2.79", "-5.93", "3.1e-09")


@pytest.mark.parametrize("name", SCORE_TABLES)
def test_a_terminal_shows_every_field_of_a_table(name: str) -> None:
    assert tuple(column.field for column in TERMINAL[name].columns) == tuple(SCORES[name].by_name)
    assert TERMINAL[name].headings == [field.replace("_", " ") for field in SCORES[name].by_name]


def test_a_page_shows_what_a_walk_forward_knows_in_the_order_of_the_tables() -> None:
    assert tuple(PAGE) == SCORE_TABLES[:-1]  # nothing is stored there
