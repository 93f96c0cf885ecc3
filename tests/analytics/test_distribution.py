"""A distribution answers like a loop over its samples, and its intervals keep their promise."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volatility.analytics.distribution import Distribution, from_samples, nested_intervals, weighted_sum
from volatility.domain.arrays import FloatArray

samples = st.lists(st.tuples(st.floats(-50, 50), st.floats(0.01, 5)), min_size=1, max_size=30)


def weighted(pairs: list[tuple[float, float]]) -> tuple[FloatArray, FloatArray]:
    values, weights = np.array(pairs).T
    return values, weights


@given(pairs=samples, value=st.floats(-60, 60), level=st.floats(0.01, 0.99))
def test_a_distribution_answers_like_a_loop_over_its_samples(
    pairs: list[tuple[float, float]], value: float, level: float
) -> None:
    values, weights = weighted(pairs)
    share = weights / weights.sum()
    forecast = from_samples(values, weights)
    assert forecast.exceeds(value) == pytest.approx(sum(share[values > value]), abs=1e-12)
    assert forecast.at_most(value) == pytest.approx(sum(share[values <= value]), abs=1e-12)
    assert forecast.below(value) == pytest.approx(sum(share[values < value]), abs=1e-12)
    assert forecast.mean == pytest.approx(sum(share * values), abs=1e-10)
    quantile = forecast.quantile(level)
    assert forecast.at_most(quantile) >= level - 1e-9
    assert forecast.below(quantile) <= level + 1e-9


def test_an_interval_that_starts_at_an_atom_keeps_its_promise() -> None:
    forecast = from_samples(np.array([1.0] * 30 + list(np.linspace(1.01, 5, 70))))
    assert forecast.atom == pytest.approx(0.3)
    interval = forecast.interval(0.8)
    assert interval.low == 1.0
    assert interval.probability == pytest.approx(0.8)
    likely = from_samples(np.array([1.0] * 60 + list(np.linspace(1.01, 5, 40)))).interval(0.5)
    assert (likely.low, likely.high) == (1.0, 1.0)
    assert likely.probability == pytest.approx(0.6)  # more than was asked for
    even = from_samples(np.arange(100.0)).interval(0.8)
    assert (even.low, even.high) == (9.0, 89.0)


def test_an_interval_whose_tail_is_the_smallest_value_alone_has_equal_tails() -> None:
    """(1 - 0.9) / 2 is 0.04999999999999999 in doubles: less than the twentieth that the smallest value has."""
    interval = from_samples(np.arange(20.0)).interval(0.9)
    assert (interval.low, interval.high) == (0.0, 18.0)
    assert interval.probability == pytest.approx(0.95)
    likelier = from_samples(np.arange(20.0), np.array([1.001] + [1.0] * 19)).interval(0.9)
    assert (likelier.low, likelier.high) == (0.0, 17.0)


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=40),
    st.lists(st.floats(0.01, 0.999), min_size=3, max_size=3),
)
def test_a_wider_interval_holds_the_narrower_one(values: list[int], asked: list[float]) -> None:
    """Whatever the point masses; values that are equal make them."""
    distribution, levels = from_samples(np.array(values, np.float64)), sorted(asked)
    found = nested_intervals(distribution, levels)
    for narrow, wide in itertools.pairwise(found):
        assert wide.low <= narrow.low <= narrow.high <= wide.high
    for one, level in zip(found, levels, strict=True):
        own = distribution.interval(level)
        assert one.low <= own.low <= own.high <= one.high
        held = sum(one.low <= value <= one.high for value in values) / len(values)
        assert one.probability == pytest.approx(held)


def test_a_point_mass_between_two_tails_does_not_let_the_wider_interval_end_first() -> None:
    """Seven in a hundred are the smallest value: more than one tail of 89 %, less than one of 82 %."""
    distribution = from_samples(np.array([1.0] * 7 + [*np.arange(2.0, 95.0)]))
    narrow, wide = distribution.interval(0.82), distribution.interval(0.89)
    assert (narrow.low, narrow.high) == (3.0, 85.0)
    assert (wide.low, wide.high) == (1.0, 83.0)  # by itself
    first, second = nested_intervals(distribution, [0.82, 0.89])
    assert first == narrow
    assert (second.low, second.high) == (1.0, 85.0)
    assert second.probability == pytest.approx(0.91)


def test_no_samples_or_no_weight_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one sample"):
        from_samples(np.array([]))
    with pytest.raises(ValueError, match="positive sum"):
        from_samples(np.array([1.0]), np.array([0.0]))


def test_the_weights_of_a_distribution_are_those_given() -> None:
    forecast: Distribution = from_samples(np.array([3.0, 1.0, 2.0]), np.array([1.0, 2.0, 1.0]))
    assert forecast.values.tolist() == [1.0, 2.0, 3.0]
    assert forecast.weights == pytest.approx([0.5, 0.25, 0.25])


def test_a_quantile_is_the_smallest_value_that_reaches_its_level() -> None:
    forecast = from_samples(np.array([4.0, 1.0, 3.0, 2.0]))
    assert [forecast.quantile(level) for level in (0.0, 0.25, 0.2500001, 0.5, 0.75, 0.9, 1.0)] == [1, 1, 2, 2, 3, 4, 4]
    tenths = from_samples(np.arange(10.0), np.full(10, 0.7))  # some of the sums lie below k / 10 by rounding
    assert [tenths.quantile(k / 10) for k in range(1, 11)] == list(range(10))
    weighted_one = from_samples(np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 3.0]))
    assert weighted_one.quantiles((0.25, 0.26)) == (1.0, 3.0)
    assert len(weighted_one.quantiles()) == 19  # 5, 10, ... 95 %


def test_tied_samples_are_one_value_with_their_weights_together() -> None:
    forecast = from_samples(np.array([2.0, 1.0, 2.0, 2.0]), np.array([0.1, 0.4, 0.2, 0.3]))
    assert (forecast.below(2.0), forecast.at_most(2.0), forecast.exceeds(2.0)) == pytest.approx((0.4, 1.0, 0.0))
    assert (forecast.exceeds(1.0), forecast.below(1.0), forecast.at_most(0.9)) == pytest.approx((0.6, 0.0, 0.0))


def test_smallest_values_that_differ_by_rounding_alone_are_one_atom() -> None:
    forecast = from_samples(np.array([1.0, 1.0 + 1e-12, 1.0 - 1e-12, 2.0]))
    assert forecast.atom == pytest.approx(0.75)


def test_one_sample_is_certain() -> None:
    forecast = from_samples(np.array([3.5]), np.array([0.2]))
    assert (forecast.mean, forecast.atom) == (3.5, 1.0)
    interval = forecast.interval(0.5)
    assert (interval.low, interval.high, interval.probability) == (3.5, 3.5, 1.0)


def test_a_sum_of_products_is_exact_to_a_few_bits() -> None:
    values, weights = np.random.default_rng(4).normal(size=(2, 10_000))
    assert weighted_sum(values, weights) == pytest.approx(math.fsum(values * weights), rel=1e-12)
