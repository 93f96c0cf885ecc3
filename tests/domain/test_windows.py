"""Statistics of windows: against lists that are sliced, sorted and interpolated by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volatility.domain.windows import enough, latest, named, percentile_rank, window_statistics

NAN = math.nan
NAMES = ["mean", "median", "p10", "p25", "p75", "p90"]
PRICES = st.floats(0, 1e6) | st.sampled_from([0.0, 5e-8, 1e-12, 47.35])
MAYBE = st.lists(PRICES | st.just(NAN), min_size=1, max_size=40)


def quantile(values: Sequence[float], level: Fraction) -> Fraction:
    """Type 7 by its definition, in whole fractions: no rounding at all."""
    ascending = sorted(Fraction(value) for value in values)
    place = level * (len(ascending) - 1)
    below = math.floor(place)
    part = place - below
    return ascending[below] if not part else (1 - part) * ascending[below] + part * ascending[below + 1]


def by_hand(values: Sequence[float], position: int, window: int, before: int) -> tuple[int, list[float] | None]:
    """How many sessions went in, and the six statistics at ``position``; None where there are none."""
    inside = [value for value in values[max(0, position - window + 1) : position + 1] if not math.isnan(value)]
    begun = before + position + 1 >= window
    if not begun or 10 * len(inside) < 8 * window:
        return len(inside), None
    levels = (Fraction(1, 2), Fraction(1, 10), Fraction(1, 4), Fraction(3, 4), Fraction(9, 10))
    mean = sum(map(Fraction, inside)) / len(inside)
    return len(inside), [float(number) for number in (mean, *(quantile(inside, level) for level in levels))]


def assert_by_hand(values: Sequence[float], window: int, *, lead: int = 0, before: int = 0) -> None:
    found = window_statistics(np.array(values), window, lead=lead, before=before)
    assert len(found.n) == len(found.values) == len(values) - lead
    for row in range(len(values) - lead):
        n, expected = by_hand(values, row + lead, window, before)
        assert found.n[row] == n
        if expected is None:
            assert np.isnan(found.values[row]).all()
        else:
            assert found.values[row].tolist() == pytest.approx(expected, rel=1e-12, abs=1e-300)


def test_five_sessions_by_pencil() -> None:
    found = window_statistics(np.array([10.0, 30.0, 20.0, 50.0, 40.0]), 5, lead=4, before=0)
    assert found.n.tolist() == [5]
    assert found.values[0].tolist() == pytest.approx([30, 30, 14, 20, 40, 46])


def test_windows_begin_with_history() -> None:
    found = window_statistics(np.arange(1.0, 8.0), 5, lead=0, before=0)
    assert found.n.tolist() == [1, 2, 3, 4, 5, 5, 5]
    assert np.isnan(found.values[:4]).all()
    assert found.values[4:, 0].tolist() == [3, 4, 5]


def test_one_session() -> None:
    found = window_statistics(np.array([7.5]), 1, lead=0, before=0)
    assert found.n.tolist() == [1]
    assert found.values.tolist() == [[7.5] * 6]


@pytest.mark.parametrize(("window", "least"), [(1, 1), (3, 3), (4, 4), (5, 4), (7, 6), (10, 8), (14, 12), (30, 24)])
def test_four_fifths_must_exist(window: int, least: int) -> None:
    """By the rule in whole numbers: 4 of 5, 24 of 30, but 6 of 7 and not 5.6."""
    for held in range(window + 1):
        values = [1.0 + i for i in range(held)] + [NAN] * (window - held)
        found = window_statistics(np.array(values), window, lead=window - 1, before=0)
        assert found.n.tolist() == [held]
        assert np.isfinite(found.values).all() == (held >= least)
    assert enough(np.arange(window + 1), window).tolist() == [held >= least for held in range(window + 1)]


def test_where_the_missing_session_lies_does_not_matter() -> None:
    for gap in range(5):
        values = [3.0, 1.0, 4.0, 1.5, 9.0]
        values[gap] = NAN
        assert_by_hand(values, 5, lead=4)


def test_ties() -> None:
    assert_by_hand([2.0, 2.0, 2.0, 2.0, 5.0, 2.0, 5.0, 5.0], 5)
    found = window_statistics(np.full(30, 0.1), 30, lead=29, before=0)
    assert found.values[0, 1:].tolist() == [0.1] * 5  # no interpolation between equals moves them


def test_tiny_and_huge_prices() -> None:
    assert_by_hand([5e-8, 1e-8, 3e-8, 2e-8, 4e-8, 1e-12], 5)
    assert_by_hand([1e12, 1e-8, 3e11, 1.0, 2e12, 0.0], 5)


def test_a_lead_only_serves_as_the_past() -> None:
    values = [float(i * i % 17) for i in range(20)]
    whole = window_statistics(np.array(values), 7, lead=0, before=0)
    for lead in range(6, 20):
        cut = window_statistics(np.array(values[lead - 6 :]), 7, lead=6, before=lead - 6)
        assert cut.n.tolist() == whole.n[lead:].tolist()
        assert cut.values.tolist() == whole.values[lead:].tolist()  # to the last bit


def test_a_lead_that_is_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="a window of 5 needs the 4 sessions before it, got 3"):
        window_statistics(np.ones(10), 5, lead=3, before=1)
    assert window_statistics(np.ones(10), 5, lead=3, before=0).n.tolist() == [4, 5, 5, 5, 5, 5, 5]


def test_sessions_before_the_values_let_a_window_begin() -> None:
    values = np.array([NAN, 1.0, 2.0, 3.0, 4.0])
    assert np.isfinite(window_statistics(values, 5, lead=4, before=100).values).all()
    assert np.isnan(window_statistics(values[1:], 5, lead=3, before=0).values).all()  # history has four only


@given(values=MAYBE, window=st.integers(1, 35))
def test_any_history_equals_fractions(values: list[float], window: int) -> None:
    assert_by_hand(values, window)


@given(values=MAYBE, window=st.integers(1, 12), before=st.integers(0, 40))
def test_any_cut_of_history_equals_fractions(values: list[float], window: int, before: int) -> None:
    lead = min(len(values) - 1, window - 1) if before == 0 else window - 1
    padded = values if len(values) > lead else [1.0] * lead + values
    assert_by_hand(padded, window, lead=lead, before=before)


@given(values=MAYBE, window=st.integers(2, 12), lead=st.lists(PRICES, min_size=11, max_size=30))
def test_a_row_depends_on_its_window_alone(values: list[float], window: int, lead: list[float]) -> None:
    """An incremental run gives what a rebuild gives, to the last bit."""
    whole = window_statistics(np.array(lead + values), window, lead=len(lead), before=3)
    short = lead[len(lead) - (window - 1) :]
    cut = window_statistics(np.array(short + values), window, lead=len(short), before=3 + len(lead) - len(short))
    assert whole.n.tobytes() == cut.n.tobytes()
    assert whole.values.tobytes() == cut.values.tobytes()


def test_the_latest_of_several_windows() -> None:
    values = [4.0, NAN, 8.0, 15.0, 16.0, 23.0]
    found = latest(np.array(values), (1, 5, 7), before=0)
    for window in (1, 5, 7):
        n, expected = by_hand(values, 5, window, 0)
        assert found[window].n == n
        assert list(found[window].values) == NAMES
        if expected is None:
            assert set(found[window].values.values()) == {None}
        else:
            assert list(found[window].values.values()) == pytest.approx(expected)
    assert found[7].values["mean"] is None


def test_the_latest_of_no_history_is_empty() -> None:
    assert latest(np.array([]), (5,), before=0)[5] == (0, dict.fromkeys(NAMES))


def test_no_nan_has_a_name() -> None:
    assert named([NAN, 1.0, None, 0.0, NAN, -2.5]) == dict(zip(NAMES, [None, 1.0, None, 0.0, None, -2.5], strict=True))


@pytest.mark.parametrize(
    ("values", "today", "rank"),
    [
        ([1.0, 2.0, 3.0, 4.0], 2.5, 0.5),
        ([1.0, 2.0, 2.0, 4.0], 2.0, 0.75),  # ties count as at or below
        ([1.0, NAN, 3.0, NAN], 1.0, 0.5),
        ([5.0], 4.9, 0.0),
        ([5.0], 5.0, 1.0),
        ([NAN, NAN], 1.0, None),
        ([], 1.0, None),
    ],
)
def test_a_rank_counts_the_sessions_at_or_below(values: list[float], today: float, rank: float | None) -> None:
    assert percentile_rank(np.array(values), today) == rank
