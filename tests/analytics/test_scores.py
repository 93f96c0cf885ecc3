"""Scores against definitions written out as loops, and against simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volatility.analytics.distribution import Distribution, from_samples
from volatility.analytics.inference import newey_west_variance
from volatility.analytics.scores import (
    band_hits,
    calibration,
    covers,
    crps,
    diebold_mariano,
    expected_band_coverage,
    pinball,
    pit_bounds,
    qlike,
    randomised_coverage,
)
from volatility.domain.arrays import FloatArray

samples = st.lists(st.tuples(st.floats(-50, 50), st.floats(0.01, 5)), min_size=1, max_size=30)


def weighted(pairs: list[tuple[float, float]]) -> tuple[FloatArray, FloatArray]:
    values, weights = np.array(pairs).T
    return values, weights


@given(pairs=samples, outcome=st.floats(-60, 60))
def test_crps_is_its_definition(pairs: list[tuple[float, float]], outcome: float) -> None:
    values, weights = weighted(pairs)
    share = weights / weights.sum()
    distance = sum(w * abs(v - outcome) for v, w in zip(values, share, strict=True))
    spread = sum(
        w * u * abs(v - x) for v, w in zip(values, share, strict=True) for x, u in zip(values, share, strict=True)
    )
    assert crps(from_samples(values, weights), outcome) == pytest.approx(distance - spread / 2, rel=1e-10, abs=1e-10)


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


def test_the_expected_pinball_loss_is_least_at_the_quantile() -> None:
    values = np.random.default_rng(3).normal(size=2001)
    forecast = from_samples(values)
    for level in (0.1, 0.5, 0.9):
        best = np.mean([pinball(forecast.quantile(level), y, level) for y in values])
        for other in (-0.3, 0.3):
            assert best < np.mean([pinball(forecast.quantile(level) + other, y, level) for y in values])


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


def test_no_samples_or_no_weight_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one sample"):
        from_samples(np.array([]))
    with pytest.raises(ValueError, match="positive sum"):
        from_samples(np.array([1.0]), np.array([0.0]))


def test_randomised_coverage_equals_the_average_over_random_draws() -> None:
    rng = np.random.default_rng(5)
    bounds = np.sort(rng.random((300, 2)), axis=1)
    bounds[:50, 1] = bounds[:50, 0]
    draws = bounds[:, :1] + rng.random((300, 4000)) * (bounds[:, 1:] - bounds[:, :1])
    for level in (0.5, 0.8):
        inside = (draws >= (1 - level) / 2) & (draws <= (1 + level) / 2)
        assert randomised_coverage(bounds, level) == pytest.approx(inside.mean(), abs=2e-3)


def test_randomised_coverage_is_nominal_for_calibrated_forecasts_with_atoms() -> None:
    rng = np.random.default_rng(6)
    forecast = from_samples(np.array([0.0] * 60 + list(range(1, 41))))
    outcomes = rng.choice(forecast.values, 4000)
    bounds = np.array([pit_bounds(forecast, float(y)) for y in outcomes])
    plain = np.mean([covers(forecast.quantile(0.1), forecast.quantile(0.9), float(y)) for y in outcomes])
    assert randomised_coverage(bounds, 0.8) == pytest.approx(0.8, abs=0.02)
    assert plain == pytest.approx(0.9, abs=0.02)


def test_qlike_is_zero_for_a_perfect_forecast_and_its_formula_elsewhere() -> None:
    loss = qlike(np.array([2.0, 2.0, 0.0, np.nan]), np.array([2.0, 1.0, 1.0, 1.0]))
    assert loss[0] == 0.0
    assert loss[1] == pytest.approx(2 - math.log(2) - 1)
    assert np.isnan(loss[2:]).all()


def test_the_long_run_variance_equals_a_naive_loop() -> None:
    values = np.random.default_rng(8).normal(size=150).cumsum()
    n, lags = len(values), int(4 * (150 / 100) ** (2 / 9))
    mean = sum(values) / n
    total = sum((v - mean) ** 2 for v in values) / n
    for lag in range(1, lags + 1):
        covariance = sum((values[t] - mean) * (values[t - lag] - mean) for t in range(lag, n)) / n
        total += 2 * (1 - lag / (lags + 1)) * covariance
    assert newey_west_variance(values) == pytest.approx(total / n, rel=1e-10)
    assert math.isnan(newey_west_variance(np.array([1.0])))


def test_the_test_of_equal_accuracy_sees_a_difference_and_is_antisymmetric() -> None:
    rng = np.random.default_rng(9)
    first, second = rng.normal(1.0, 1, 400), rng.normal(0.5, 1, 400)
    forward, back = diebold_mariano(first, second), diebold_mariano(second, first)
    assert forward is not None
    assert back is not None
    assert forward.t == pytest.approx(-back.t)
    assert forward.t > 3
    assert forward.p < 0.01
    assert diebold_mariano(first, first) is None
    assert diebold_mariano(first[:20], second[:20]) is None


def test_calibration_counts_by_decile() -> None:
    bins = calibration(np.array([0.05, 0.05, 0.95, 1.0]), np.array([False, True, True, True]))
    assert (bins[0].predicted, bins[0].observed, bins[0].n) == (0.05, 0.5, 2)
    assert (bins[9].observed, bins[9].n) == (1.0, 2)
    assert (bins[5].predicted, bins[5].observed, bins[5].n) == (None, None, 0)


def test_band_hits_equal_a_naive_loop_and_nan_breaks_a_window() -> None:
    values = np.random.default_rng(2).lognormal(size=120)
    values[40] = np.nan
    inside = count = 0
    for i in range(7, 120):
        past = values[i - 7 : i]
        if np.isnan(past).any() or np.isnan(values[i]):
            continue
        count += 1
        inside += bool(np.percentile(past, 10) <= values[i] <= np.percentile(past, 90))
    hits = band_hits(values, 7)
    assert hits.n == count
    assert hits.observed == pytest.approx(inside / count)
    assert band_hits(values[:5], 7).observed is None


@pytest.mark.parametrize("window", [5, 7, 14, 30])
def test_expected_band_coverage_is_what_simulation_gives(window: int) -> None:
    draws = np.random.default_rng(window).random((40_000, window + 1))
    low, high = np.quantile(draws[:, :-1], [0.1, 0.9], axis=1)
    share = ((draws[:, -1] >= low) & (draws[:, -1] <= high)).mean()
    assert expected_band_coverage(window) == pytest.approx(share, abs=0.01)


def test_the_weights_of_a_distribution_are_those_given() -> None:
    forecast: Distribution = from_samples(np.array([3.0, 1.0, 2.0]), np.array([1.0, 2.0, 1.0]))
    assert forecast.values.tolist() == [1.0, 2.0, 3.0]
    assert forecast.weights == pytest.approx([0.5, 0.25, 0.25])
    assert forecast.effective_size == pytest.approx(1 / 0.375)
