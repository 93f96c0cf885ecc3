"""The regression before each session is weighted least squares on the sessions before it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from statsmodels.regression.linear_model import WLS

from tests.analytics.learnt import TODAY, Learnt
from volatility.analytics.features import DAY_LEVEL
from volatility.analytics.numerics import MEMORY_SESSIONS
from volatility.analytics.regression import CONSTANT_RIDGE, RIDGE, fitted_levels, walk_forward


def test_the_regression_equals_weighted_least_squares_on_the_past(learnt: Learnt) -> None:
    hour = 6
    coefficients = walk_forward(learnt.table.rows[:, [hour]], learnt.table.target[:, [hour]])
    rows, target = learnt.table.rows[:TODAY, hour], learnt.table.target[:TODAY, hour]
    usable = np.isfinite(target) & np.isfinite(rows).all(axis=1)
    age = np.arange(TODAY - 1, -1, -1)
    weight = (0.5 ** (age / 365) * np.exp(rows[:, 2]))[usable]
    root = np.sqrt(weight)[:, None]
    penalty = np.diag(np.sqrt([1e-6] + [0.01] * (rows.shape[1] - 1)))
    stacked = np.vstack([rows[usable] * root, penalty])
    goal = np.concatenate([target[usable] * root[:, 0], np.zeros(rows.shape[1])])
    expected = np.linalg.lstsq(stacked, goal, rcond=None)[0]
    np.testing.assert_allclose(coefficients[TODAY, 0], expected, rtol=1e-6, atol=1e-9)


def test_the_walk_forward_regression_is_the_weighted_one_of_statsmodels() -> None:
    """The penalty as observations of its own: 0 = root(ridge) times each coefficient."""
    rng = np.random.default_rng(6)
    sessions, hours, width = 200, 2, 3 + DAY_LEVEL
    rows = np.concatenate([np.ones((sessions, hours, 1)), rng.normal(size=(sessions, hours, width - 1))], axis=2)
    targets = rows @ rng.normal(size=width) + rng.normal(size=(sessions, hours))
    rows[40, 0, 1], targets[60, 1] = np.nan, np.nan
    found = walk_forward(rows, targets)
    penalty = np.eye(width)
    ridge = np.array([CONSTANT_RIDGE] + [RIDGE] * (width - 1))
    for i, hour in ((150, 0), (150, 1), (199, 0)):
        x, y = rows[:i, hour], targets[:i, hour]
        known = np.isfinite(x).all(axis=1) & np.isfinite(y)
        age = np.arange(i - 1, -1, -1)
        weights = 0.5 ** (age / MEMORY_SESSIONS) * np.exp(x[:, 1 + DAY_LEVEL])
        fit = WLS(
            np.concatenate([y[known], np.zeros(width)]),
            np.concatenate([x[known], penalty]),
            weights=np.concatenate([weights[known], ridge]),
        ).fit()
        assert found[i, hour] == pytest.approx(fit.params, rel=1e-7, abs=1e-9)


def test_below_120_observations_there_are_no_coefficients() -> None:
    rng = np.random.default_rng(7)
    rows, targets = rng.normal(size=(125, 2, 3)), rng.normal(size=(125, 2))
    targets[5, 1] = np.nan  # the other hour has seen one more
    known = np.isfinite(walk_forward(rows, targets)).all(axis=(1, 2))
    assert np.flatnonzero(known).tolist() == [121, 122, 123, 124]


def test_a_regressor_that_never_varied_has_no_weight() -> None:
    rng = np.random.default_rng(8)
    rows = np.concatenate([np.ones((130, 1, 1)), rng.normal(0, 0.1, (130, 1, 2)), np.zeros((130, 1, 1))], axis=2)
    targets = 2.0 + 0.0 * rows[:, :, 0]
    found = walk_forward(rows, targets)[129, 0]
    assert found == pytest.approx([2.0, 0.0, 0.0, 0.0], abs=1e-6)


def test_a_level_is_what_the_coefficients_of_its_own_session_say() -> None:
    rows = np.array([[[1.0, 2.0], [1.0, 0.0]], [[1.0, -1.0], [np.nan, 1.0]]])
    coefficients = np.array([[[0.5, 0.25], [0.0, 9.0]], [[1.0, 1.0], [1.0, 1.0]]])
    found = fitted_levels(rows, coefficients)
    assert found[0].tolist() == pytest.approx([math.e, 1.0], rel=1e-15)
    assert found[1, 0] == 1.0
    assert math.isnan(found[1, 1])
