"""The Garman-Klass variance of a bar, by hand and against a simulated random walk."""

from __future__ import annotations

import math

import numpy as np
import pytest

from volatility.analytics.variance import SESSIONS_PER_YEAR, garman_klass_terms


def test_bars_by_hand() -> None:
    e = math.e
    first, high = np.array([1.0, 1.0, 2.0]), np.array([e, e, 2.0])
    low, last = np.array([1.0, 1.0, 2.0]), np.array([1.0, e, 2.0])
    # H/L = e; the close at the open, the close at the high, a bar without a move.
    expected = [0.5, 0.5 - (2 * math.log(2) - 1), 0.0]
    assert garman_klass_terms(first, high, low, last).tolist() == pytest.approx(expected, rel=1e-14)


def test_a_missing_bar_stays_missing_in_any_shape() -> None:
    bars = np.full((2, 3), 100.0)
    bars[1, 2] = np.nan
    found = garman_klass_terms(bars, bars, bars, bars)
    assert found.shape == (2, 3)
    assert np.isnan(found).sum() == 1
    assert np.isnan(found[1, 2])


def test_it_is_the_variance_of_a_random_walk() -> None:
    """In steps that are small beside the bar; its estimate of 400 bars is within 3 standard errors (root 0.27 / n)."""
    sigma = 0.02
    steps = np.random.default_rng(12).normal(0, sigma / 40, (400, 1600))
    path = np.exp(np.concatenate([np.zeros((400, 1)), steps.cumsum(axis=1)], axis=1))
    found = garman_klass_terms(path[:, 0], path.max(axis=1), path.min(axis=1), path[:, -1])
    assert found.mean() == pytest.approx(sigma**2, rel=0.08 + 0.05)  # a walk in steps misses its highs and lows
    assert (found >= 0).all()


def test_a_year_has_a_session_on_each_of_its_days() -> None:
    assert SESSIONS_PER_YEAR == 365
