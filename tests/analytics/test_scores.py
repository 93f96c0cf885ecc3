"""Scores against definitions written out as loops, against simulation, and beside those of public libraries."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoringrules import crps_ensemble, quantile_score

from tests.analytics.series import clustered, mean_of
from volatility.analytics.distribution import from_samples
from volatility.analytics.scores import (
    band_hits,
    bin_of,
    calibration,
    covers,
    crps,
    diebold_mariano,
    expected_band_coverage,
    pinball,
    pit_bounds,
    qlike,
    shares_inside,
)
from volatility.domain.arrays import FloatArray

samples = st.lists(st.tuples(st.floats(-50, 50), st.floats(0.01, 5)), min_size=1, max_size=30)
tenths = st.lists(st.tuples(st.integers(-500, 500), st.floats(0.01, 5)), min_size=2, max_size=30)


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


def test_the_expected_pinball_loss_is_least_at_the_quantile() -> None:
    values = np.random.default_rng(3).normal(size=2001)
    forecast = from_samples(values)
    for level in (0.1, 0.5, 0.9):
        best = np.mean([pinball(forecast.quantile(level), y, level) for y in values])
        for other in (-0.3, 0.3):
            assert best < np.mean([pinball(forecast.quantile(level) + other, y, level) for y in values])


def test_randomised_coverage_equals_the_average_over_random_draws() -> None:
    rng = np.random.default_rng(5)
    bounds = np.sort(rng.random((300, 2)), axis=1)
    bounds[:50, 1] = bounds[:50, 0]
    draws = bounds[:, :1] + rng.random((300, 4000)) * (bounds[:, 1:] - bounds[:, :1])
    for level in (0.5, 0.8):
        inside = (draws >= (1 - level) / 2) & (draws <= (1 + level) / 2)
        assert shares_inside(bounds, level).mean() == pytest.approx(inside.mean(), abs=2e-3)


def test_randomised_coverage_is_nominal_for_calibrated_forecasts_with_atoms() -> None:
    rng = np.random.default_rng(6)
    forecast = from_samples(np.array([0.0] * 60 + list(range(1, 41))))
    outcomes = rng.choice(forecast.values, 4000)
    bounds = np.array([pit_bounds(forecast, float(y)) for y in outcomes])
    plain = np.mean([covers(forecast.quantile(0.1), forecast.quantile(0.9), float(y)) for y in outcomes])
    assert shares_inside(bounds, 0.8).mean() == pytest.approx(0.8, abs=0.02)
    assert plain == pytest.approx(0.9, abs=0.02)


def test_the_share_of_a_stretch_inside_a_central_level_may_have_a_level_each() -> None:
    bounds = np.array([[0.0, 0.2], [0.2, 0.3], [0.9, 1.0], [0.25, 0.25], [0.2499, 0.2499], [0.0, 1.0], [0.0, 0.0]])
    found = shares_inside(bounds, np.array([0.8, 0.5, 0.8, 0.5, 0.5, 0.9, 0.999]))
    assert found.tolist() == pytest.approx([0.5, 0.5, 0.0, 1.0, 0.0, 0.9, 0.0])
    assert shares_inside(bounds, 0.5)[:4].tolist() == pytest.approx([0.0, 0.5, 0.0, 1.0])
    square = shares_inside(bounds[:4].reshape(2, 2, 1, 2), np.array([0.5, 0.8]))
    assert square.shape == (2, 2, 2)
    assert square[0, 1].tolist() == pytest.approx([0.5, 1.0])


def test_qlike_is_zero_for_a_perfect_forecast_and_its_formula_elsewhere() -> None:
    loss = qlike(np.array([2.0, 2.0, 0.0, np.nan]), np.array([2.0, 1.0, 1.0, 1.0]))
    assert loss[0] == 0.0
    assert loss[1] == pytest.approx(2 - math.log(2) - 1)
    assert np.isnan(loss[2:]).all()


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
    said = np.array([0.05, 0.05, 0.95, 1.0])
    assert bin_of(said, 10).tolist() == [0, 0, 9, 9]
    assert bin_of(said, 1).tolist() == [0] * 4
    bins = calibration(said, np.array([False, True, True, True]))
    assert (bins[0].predicted, bins[0].observed, bins[0].n) == (0.05, 0.5, 2)
    assert (bins[9].observed, bins[9].n) == (1.0, 2)
    assert (bins[5].predicted, bins[5].observed, bins[5].n) == (None, None, 0)


def test_band_hits_equal_a_naive_loop_and_nan_breaks_a_window() -> None:
    values = np.random.default_rng(2).lognormal(size=120)
    values[40] = np.nan
    inside = []
    for i in range(7, 120):
        past = values[i - 7 : i]
        if np.isnan(past).any() or np.isnan(values[i]):
            continue
        inside.append(float(np.percentile(past, 10) <= values[i] <= np.percentile(past, 90)))
    hits = band_hits(values, 7)
    assert hits.n == len(inside)
    assert hits.observed == pytest.approx(sum(inside) / len(inside))
    assert hits.error == pytest.approx(mean_of(np.array(inside), lags=4).bse[0], rel=1e-9)
    assert band_hits(values[:5], 7).observed is None


@pytest.mark.parametrize("window", [5, 7, 14, 30])
def test_expected_band_coverage_is_what_simulation_gives(window: int) -> None:
    draws = np.random.default_rng(window).random((40_000, window + 1))
    low, high = np.quantile(draws[:, :-1], [0.1, 0.9], axis=1)
    share = ((draws[:, -1] >= low) & (draws[:, -1] <= high)).mean()
    assert expected_band_coverage(window) == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize("better", [0.0, 0.1, 0.5])
def test_the_test_of_equal_accuracy_is_that_of_a_mean_in_statsmodels(better: float) -> None:
    first, second = clustered(400, seed=2) ** 2 + better, clustered(400, seed=3) ** 2
    first[7], second[11] = np.nan, np.nan
    difference = first - second
    expected = mean_of(difference[np.isfinite(difference)], lags=5)
    found = diebold_mariano(first, second)
    assert found is not None
    assert found.n == expected.nobs == 398
    assert (found.difference, found.t) == pytest.approx((expected.params[0], expected.tvalues[0]), rel=1e-9)
    assert found.p == pytest.approx(expected.pvalues[0], rel=1e-6)


@given(pairs=tenths, outcome=st.floats(-60, 60))
def test_crps_is_that_of_scoringrules(pairs: list[tuple[int, float]], outcome: float) -> None:
    values, weights = np.array(pairs).T
    values = values / 10
    expected = float(crps_ensemble(outcome, values, ens_w=weights, estimator="nrg", backend="numpy"))
    assert crps(from_samples(values, weights), outcome) == pytest.approx(expected, rel=1e-10, abs=1e-10)


@given(quantile=st.floats(-50, 50), outcome=st.floats(-50, 50), level=st.floats(0.01, 0.99))
def test_the_pinball_loss_is_that_of_scoringrules(quantile: float, outcome: float, level: float) -> None:
    expected = float(quantile_score(outcome, quantile, level, backend="numpy"))
    assert pinball(quantile, outcome, level) == pytest.approx(expected, rel=1e-12, abs=1e-12)
