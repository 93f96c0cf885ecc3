"""The forecast at the open, from hindcasts and their outcomes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.analytics.learnt import PLAIN, TODAY, Learnt
from volatility.analytics.features import feature_table
from volatility.analytics.forecast import VarianceHindcasts, forecast_session, variance_distribution, variance_hindcasts
from volatility.analytics.walkforward import past_state
from volatility.domain.hours import HOUR_MS


def test_a_forecast_needs_half_a_year_of_forecasts_before_it(learnt: Learnt) -> None:
    table, library, hindcasts = learnt.table, learnt.library, learnt.hindcasts
    assert forecast_session(table, library, hindcasts, 250, PLAIN) is None
    forecast = forecast_session(table, library, hindcasts, 330, PLAIN)
    assert forecast is not None
    assert forecast.annualised_pct == pytest.approx(100 * np.sqrt(365 * forecast.variance))
    assert forecast.n >= 180


def test_a_hindcast_is_the_regression_that_the_session_started_with(learnt: Learnt) -> None:
    """Its weights halve every 365 sessions, times the day's level; the ridge is that of the odds."""
    table, i = learnt.table, 300
    rows, goal = table.rows[:i, 0], table.rv_target[:i]
    known = np.isfinite(rows).all(axis=1) & np.isfinite(goal)
    root = np.sqrt(0.5 ** (np.arange(i - 1, -1, -1) / 365) * np.exp(rows[:, 2]))[known, None]
    penalty = np.diag(np.sqrt([1e-6] + [0.01] * (rows.shape[1] - 1)))
    stacked = np.vstack([rows[known] * root, penalty])
    fit = np.linalg.lstsq(stacked, np.append(goal[known] * root[:, 0], np.zeros(rows.shape[1])), rcond=None)[0]
    scale = math.exp(table.rows[i, 0] @ fit) * math.sqrt((table.factors[i] ** 2).sum())
    assert learnt.hindcasts.scale[i] == pytest.approx(scale, rel=1e-6)
    assert learnt.hindcasts.ratio[i] == pytest.approx(learnt.panel.realised_variance[i] / scale**2, rel=1e-6)


def test_a_session_with_a_gap_has_no_outcome_to_learn_from(learnt: Learnt) -> None:
    at = int(np.searchsorted(learnt.history.times, learnt.panel.starts_ms[300] + 4 * HOUR_MS))
    panel, hindcasts = learnt.history.without([at]).panel(), learnt.hindcasts
    gap = variance_hindcasts(panel, feature_table(panel))
    assert math.isfinite(hindcasts.ratio[300])
    assert math.isnan(gap.ratio[300])
    assert gap.count(310) == hindcasts.count(310) - 1


def made_up(count: int) -> VarianceHindcasts:
    """Hindcasts with an outcome each but the third, and a scale for the session that follows."""
    rng = np.random.default_rng(7)
    scale, ratio = rng.lognormal(-3.5, 0.3, count + 1), rng.lognormal(0, 0.5, count + 1)
    ratio[[2, count]] = np.nan
    return VarianceHindcasts(scale, ratio)


def test_the_distribution_of_variance_is_that_of_past_ratios_at_todays_scale() -> None:
    hindcasts = made_up(181)
    found = variance_distribution(hindcasts, 181)
    assert found is not None
    weights = [0.5 ** ((180 - j) / 365) for j in range(181) if j != 2]
    values = [hindcasts.ratio[j] * hindcasts.scale[181] ** 2 for j in range(181) if j != 2]
    mean = sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)
    assert found.mean == pytest.approx(mean, rel=1e-12)
    limit = float(np.median(values))
    below = sum(w for w, v in zip(weights, values, strict=True) if v <= limit) / sum(weights)
    assert found.at_most(limit) == pytest.approx(below, rel=1e-12)


def test_below_180_outcomes_or_without_a_scale_there_is_no_distribution() -> None:
    assert made_up(180).count(180) == 179
    assert variance_distribution(made_up(180), 180) is None
    unscaled = made_up(200)
    unscaled.scale[200] = np.nan
    assert variance_distribution(unscaled, 200) is None


def test_vol_and_range_of_a_forecast_are_the_odds_at_the_open(learnt: Learnt) -> None:
    found = forecast_session(learnt.table, learnt.library, learnt.hindcasts, TODAY, PLAIN)
    assert found is not None
    state = replace(past_state(learnt.panel, learnt.table, learnt.model, TODAY, 0), past_scale=0.0)
    odds = learnt.model.predict(state, PLAIN)
    assert found.volatility.quantiles() == pytest.approx(odds.volatility.quantiles(), rel=1e-9)
    assert found.range.mean == pytest.approx(odds.range.mean, rel=1e-9)
    assert found.n == int(np.isfinite(learnt.hindcasts.ratio[:TODAY]).sum())


def test_realised_volatility_is_the_root_of_the_variance_in_percent(learnt: Learnt) -> None:
    found = forecast_session(learnt.table, learnt.library, learnt.hindcasts, TODAY, PLAIN)
    variance = variance_distribution(learnt.hindcasts, TODAY)
    assert found is not None
    assert variance is not None
    for level in (0.05, 0.5, 0.95):
        expected = 100 * math.sqrt(variance.quantile(level))
        assert found.realised_volatility_pct.quantile(level) == pytest.approx(expected, rel=1e-12)
    assert found.variance == variance.mean
