"""Histograms with round edges, counted a second time in decimals and by numpy."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volatility.analytics.histogram import Histogram, histogram


def of(*values: float) -> Histogram:
    return histogram(np.array(values, float))


def width_of(found: Histogram) -> Decimal:
    return Decimal(str(found.edges[1]))


def count_by_hand(values: list[Decimal], edges: list[Decimal]) -> tuple[list[int], int]:
    """Each value in the one bin that holds it, its lower edge included."""
    counts = [sum(low <= value < high for value in values) for low, high in pairwise(edges)]
    return counts, sum(value >= edges[-1] for value in values)


percents = st.decimals(0, 400, places=4, allow_nan=False)


@given(st.lists(percents, min_size=1, max_size=60))
def test_every_value_lies_in_the_one_bin_that_decimals_say(values: list[Decimal]) -> None:
    found = of(*map(float, values))
    edges = [Decimal(str(edge)) for edge in found.edges]
    assert (list(found.counts), found.beyond) == count_by_hand(values, edges)


@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=200))
def test_edges_are_round_multiples_of_one_width_and_nothing_is_lost(values: list[float]) -> None:
    found = of(*values)
    width = width_of(found)
    assert width.normalize().as_tuple().digits in {(1,), (2,), (5,)}
    assert [Decimal(str(edge)) for edge in found.edges] == [place * width for place in range(len(found.edges))]
    assert len(found.edges) == len(found.counts) + 1
    assert sum(found.counts) + found.beyond == len(values)
    assert found.beyond <= 0.02 * len(values)
    assert len(found.counts) <= 40
    assert len(found.counts) >= 17 or width == Decimal("0.0001")
    assert found.counts[-1] > 0  # no empty bin at the end


@given(
    st.integers(1, 39), st.sampled_from(["0.0002", "0.01", "0.05", "0.2", "1", "20"]), st.floats(0.01, 1e5),
    st.sampled_from([-1, 0, 1])
)  # fmt: skip
def test_a_move_of_a_round_percentage_lies_in_the_bin_at_its_right_whatever_doubles_make_of_it(
    place: int, step: str, opened: float, ulps: int
) -> None:
    """The percentage of an edge as sessions have it: a difference of prices over the open, off by a few ulps."""
    edge = float(place * Decimal(step))
    moved = 100 * abs((opened + opened * edge / 100) - opened) / opened
    moved = float(np.nextafter(moved, np.inf if ulps > 0 else 0)) if ulps else moved
    found = of(*[39.5 * float(step)] * 60, moved)
    assert found.edges[1] == float(step)
    assert found.counts[place] == (61 if place == 39 else 1)


def test_three_tenths_are_in_the_bin_that_begins_with_three_tenths() -> None:
    below = 0.1 + 0.2 - 1e-16  # prints as 0.3, and 3 * 0.1 is more
    found = of(*[3.95] * 60, below, 0.3, 0.1 * 3)
    assert found.edges[:5] == (0.0, 0.1, 0.2, 0.3, 0.4)
    assert found.counts[2:4] == (0, 3)


def test_the_edges_print_as_decimals() -> None:
    assert [str(edge) for edge in of(*[7.7] * 10).edges[:8]] == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0", "1.2", "1.4"]
    assert all(Fraction(str(edge)) * 10_000 % 1 == 0 for edge in of(0.0039).edges)


@pytest.mark.parametrize(
    ("top", "width", "bins"),
    [(0.5, 0.02, 26), (1.0, 0.05, 21), (3.9, 0.1, 40), (4.0, 0.2, 21), (7.9, 0.2, 40), (8.0, 0.5, 17), (19.9, 0.5, 40),
     (20.0, 1.0, 21), (100.0, 5.0, 21), (0.004, 0.0002, 21), (0.0039, 0.0001, 40), (0.0005, 0.0001, 6)],
)  # fmt: skip
def test_the_width_is_the_finest_round_one_that_needs_at_most_forty_bins(top: float, width: float, bins: int) -> None:
    found = of(*[0.0] * 9, *[top] * 10)
    assert (found.edges[1], len(found.counts), found.beyond) == (width, bins, 0)


def test_a_few_wild_sessions_do_not_stretch_the_bins() -> None:
    found = of(*np.linspace(0, 4.99, 98), 40.0, 60.0)
    assert (found.edges[1], found.edges[-1], found.beyond) == (0.2, 5.0, 2)


@pytest.mark.parametrize("value", [0.0, 0.00003, 1.0, 3.7, 250.0])
def test_of_one_session_nothing_lies_beyond(value: float) -> None:
    found = of(value)
    assert (sum(found.counts), found.counts[-1], found.beyond) == (1, 1, 0)
    assert found.edges[-2] <= value < found.edges[-1]


def test_where_nothing_moved_there_is_one_bin() -> None:
    assert of(*[0.0] * 50) == Histogram((0.0, 0.0001), (50,), 0)


def test_a_coin_that_moves_on_one_day_of_a_hundred_keeps_the_finest_bin_and_that_day_is_beyond() -> None:
    assert of(*[0.0] * 99, 12.0) == Histogram((0.0, 0.0001), (99,), 1)


def test_without_values_there_are_no_bins() -> None:
    assert of() == Histogram((), (), 0)
