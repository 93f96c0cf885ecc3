"""A forecaster says what its parts say, and scores each session by what was known before it."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from tests.analytics.histories import START_MS, gappy_history
from tests.analytics.learnt import PLAIN, with_ratios
from volatility.analytics.baselines import previous
from volatility.analytics.forecast import forecast_session
from volatility.analytics.forecaster import Forecaster, Scores
from volatility.analytics.panel import build_panel
from volatility.analytics.recalibration import Recalibration
from volatility.analytics.walkforward import score_odds
from volatility.domain.hours import HOUR_MS

FIRST, LAST = 334, 338
LOWER = with_ratios(0.9, 0.8)


@pytest.fixture(scope="module")
def forecaster() -> Forecaster:
    found = Forecaster.of(gappy_history(340).panel())
    assert found is not None
    return found


@pytest.fixture(scope="module")
def scores(forecaster: Forecaster) -> Scores:
    return forecaster.score(FIRST, LAST, PLAIN)


def test_sessions_of_23_hours_alone_are_no_history_to_learn_from() -> None:
    starts = START_MS + np.arange(3) * 23 * HOUR_MS
    assert Forecaster.of(build_panel([], np.empty((4, 0)), starts, starts + 23 * HOUR_MS)) is None


def test_half_a_year_of_hindcasts_comes_before_the_first_forecast(forecaster: Forecaster) -> None:
    made = [index for index in range(290, 340) if forecaster.forecast(index, PLAIN) is not None]
    counts = [forecaster.hindcasts.count(index) for index in made]
    assert made == list(range(made[0], 340))
    assert counts[0] == 180


def test_a_forecast_is_made_of_all_that_was_learnt(forecaster: Forecaster) -> None:
    found = forecaster.forecast(FIRST, LOWER)
    expected = forecast_session(forecaster.table, forecaster.library, forecaster.hindcasts, FIRST, LOWER)
    assert found is not None
    assert expected is not None
    assert found.variance == expected.variance
    assert found.range.quantiles() == expected.range.quantiles()
    assert found.volatility.quantiles() == expected.volatility.quantiles()


def test_vol_and_range_are_forecast_with_what_the_session_starts_with(forecaster: Forecaster) -> None:
    plain, lower = forecaster.forecast(FIRST, PLAIN), forecaster.forecast(FIRST, LOWER)
    assert plain is not None
    assert lower is not None
    assert lower.range.mean == pytest.approx(0.8 * plain.range.mean, rel=2e-3)
    assert lower.volatility.mean < 0.95 * plain.volatility.mean
    assert lower.variance == plain.variance


def test_the_sessions_from_the_first_up_to_the_last_are_scored_at_four_hours(scores: Scores) -> None:
    assert {(one.metric, one.elapsed) for one in scores.odds} == {
        (metric, hour) for metric in ("volatility", "range") for hour in (0, 6, 12, 18)
    }
    assert all(one.session.tolist() == [334, 335, 336, 337] for one in scores.odds)
    assert (scores.first, len(scores.starts_ms), len(scores.realised)) == (FIRST, LAST, LAST)
    assert scores.starts_ms[FIRST] == START_MS + FIRST * 24 * HOUR_MS


def test_scores_begin_with_what_the_first_session_starts_with_and_tell_what_the_next_one_would(
    forecaster: Forecaster,
) -> None:
    found = forecaster.score(FIRST, LAST, LOWER)
    walk = score_odds(forecaster.panel[:LAST], forecaster.table, forecaster.library, FIRST, LOWER)
    assert len(found.recalibrations) == LAST - FIRST + 1
    assert found.recalibrations[0] is LOWER
    for one, two in zip(found.recalibrations, walk.recalibrations, strict=True):
        for field in fields(Recalibration):
            np.testing.assert_array_equal(getattr(one, field.name), getattr(two, field.name), err_msg=field.name)
    for scores, again in zip(found.odds, walk.scores, strict=True):
        np.testing.assert_array_equal(scores.mean, again.mean)


def test_realised_variances_stand_beside_the_baselines_of_the_same_sessions(
    forecaster: Forecaster, scores: Scores
) -> None:
    whole = forecaster.panel.realised_variance
    np.testing.assert_array_equal(scores.realised, whole[:LAST])
    np.testing.assert_array_equal(scores.baselines["previous session"], previous(whole)[:LAST])
    assert all(len(values) == LAST for values in scores.baselines.values())
