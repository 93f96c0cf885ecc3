"""Whatever happens later, nothing that was said before changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analytics.histories import History, gappy_history
from volatility.analytics import baselines
from volatility.analytics.features import feature_table
from volatility.analytics.forecast import forecast_session, variance_hindcasts
from volatility.analytics.odds import fit_odds, path_library
from volatility.analytics.walkforward import past_state, score_odds

SESSIONS = 360
HISTORY = gappy_history(SESSIONS)
PANEL = HISTORY.panel()
TABLE = feature_table(PANEL)
LIBRARY = path_library(TABLE)
VARIANCE = variance_hindcasts(PANEL, TABLE)


def changed_future(session: int, hour: int, seed: int) -> History:
    """The same candles until after `hour` hours of a session; later ones shuffled, scaled and with some missing."""
    at = PANEL.starts_ms[session] + hour * 3_600_000
    later = np.flatnonzero(at <= HISTORY.times)
    rng = np.random.default_rng(seed)
    candles = HISTORY.candles.copy()
    candles[:, later] = candles[:, rng.permutation(later)] * rng.uniform(0.2, 5)
    inner = later[1:-1]
    dropped = inner[rng.random(len(inner)) < 0.1]
    return History(HISTORY.times, candles).without(dropped.tolist())


@settings(max_examples=12, deadline=None)
@given(session=st.integers(310, SESSIONS - 1), hour=st.integers(1, 23), seed=st.integers(0, 10_000))
def test_shuffling_the_future_changes_no_past_forecast(session: int, hour: int, seed: int) -> None:
    panel = changed_future(session, hour, seed).panel()
    table = feature_table(panel)
    library = path_library(table)
    np.testing.assert_array_equal(table.rows[:session], TABLE.rows[:session])
    np.testing.assert_array_equal(table.rows[session, : hour + 1], TABLE.rows[session, : hour + 1])
    np.testing.assert_array_equal(table.factors[: session + 1], TABLE.factors[: session + 1])
    np.testing.assert_array_equal(library.coefficients[: session + 1], LIBRARY.coefficients[: session + 1])
    before, after = fit_odds(LIBRARY, session), fit_odds(library, session)
    assert before is not None
    assert after is not None
    one = before.predict(past_state(PANEL, TABLE, before, session, hour))
    two = after.predict(past_state(panel, table, after, session, hour))
    np.testing.assert_array_equal(one.volatility.values, two.volatility.values)
    np.testing.assert_array_equal(one.range.cumulative, two.range.cumulative)
    forecast = forecast_session(TABLE, LIBRARY, VARIANCE, session)
    again = forecast_session(table, library, variance_hindcasts(panel, table), session)
    assert forecast is not None
    assert again is not None
    assert forecast.variance == again.variance
    assert forecast.volatility.quantiles() == again.volatility.quantiles()


@pytest.mark.parametrize("session", [320, 345])
def test_a_history_that_ends_here_gives_the_same_forecast(session: int) -> None:
    panel = PANEL[: session + 1]
    table = feature_table(panel)
    short = forecast_session(table, path_library(table), variance_hindcasts(panel, table), session)
    whole = forecast_session(TABLE, LIBRARY, VARIANCE, session)
    assert short is not None
    assert whole is not None
    assert short.variance == whole.variance
    assert short.range.quantiles() == whole.range.quantiles()


def test_scores_of_past_sessions_do_not_depend_on_later_ones() -> None:
    panel = PANEL[:345]
    table = feature_table(panel)
    short = score_odds(panel, table, path_library(table), 335, (6,))
    whole = score_odds(PANEL, TABLE, LIBRARY, 335, (6,))
    for one, two in zip(short, whole, strict=True):
        np.testing.assert_array_equal(one.crps, two.crps[: len(one.crps)])
        np.testing.assert_array_equal(one.odds, two.odds[: len(one.crps)])


def test_baselines_look_back_only() -> None:
    variance = np.random.default_rng(4).lognormal(size=460)
    changed = variance.copy()
    changed[430:] *= 7
    for forecast in (baselines.previous, baselines.ewma, baselines.trailing_mean, baselines.har):
        np.testing.assert_array_equal(forecast(variance)[:431], forecast(changed)[:431])
