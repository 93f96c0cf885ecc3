"""Whatever happens later, nothing that was said before changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analytics.histories import History, gappy_history
from tests.analytics.learnt import with_ratios, with_slopes
from volatility.analytics import baselines
from volatility.analytics.features import feature_table
from volatility.analytics.forecast import forecast_session, variance_hindcasts
from volatility.analytics.odds import fit_odds, path_library
from volatility.analytics.panel import build_panel
from volatility.analytics.recalibration import Recalibration
from volatility.analytics.walkforward import OddsWalk, past_state, score_odds
from volatility.domain.arrays import IntArray
from volatility.domain.hours import HOUR_MS

SESSIONS = 360
HISTORY = gappy_history(SESSIONS)
PANEL = HISTORY.panel()
TABLE = feature_table(PANEL)
LIBRARY = path_library(TABLE)
VARIANCE = variance_hindcasts(PANEL, TABLE)
TAUGHT = replace(with_slopes(with_ratios(0.9, 0.85), 0.03, -0.2, -0.3), growth=np.array([0.0, 0.4, -0.3, 0.6]))


def changed_future(session: int, hour: int, seed: int) -> History:
    """The same candles until after `hour` hours of a session; later ones shuffled, scaled and with some missing."""
    at = PANEL.starts_ms[session] + hour * HOUR_MS
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
    one = before.predict(past_state(PANEL, TABLE, before, session, hour), TAUGHT)
    two = after.predict(past_state(panel, table, after, session, hour), TAUGHT)
    np.testing.assert_array_equal(one.volatility.values, two.volatility.values)
    np.testing.assert_array_equal(one.range.cumulative, two.range.cumulative)
    forecast = forecast_session(TABLE, LIBRARY, VARIANCE, session, TAUGHT)
    again = forecast_session(table, library, variance_hindcasts(panel, table), session, TAUGHT)
    assert forecast is not None
    assert again is not None
    assert forecast.variance == again.variance
    assert forecast.volatility.quantiles() == again.volatility.quantiles()


@pytest.mark.parametrize("session", [320, 345])
def test_a_history_that_ends_here_gives_the_same_forecast(session: int) -> None:
    panel = PANEL[: session + 1]
    table = feature_table(panel)
    short = forecast_session(table, path_library(table), variance_hindcasts(panel, table), session, TAUGHT)
    whole = forecast_session(TABLE, LIBRARY, VARIANCE, session, TAUGHT)
    assert short is not None
    assert whole is not None
    assert short.variance == whole.variance
    assert short.range.quantiles() == whole.range.quantiles()


FIRST = 335
WALK = score_odds(PANEL, TABLE, LIBRARY, FIRST, Recalibration())
SAID = ("mean", "no_growth", "surprise", "levels", "odds", "assigned_probability")
JUDGED = ("pit", "crps", "climatology_crps", "pinball", "climatology_pinball", "covered", "equal_tailed", "exceeded")


def same_recalibration(one: Recalibration, two: Recalibration) -> bool:
    """Equal to the last bit."""
    return all(np.array_equal(getattr(one, field.name), getattr(two, field.name)) for field in fields(Recalibration))


def walk_of(history: History, start: Recalibration) -> OddsWalk:
    """The walk over the same sessions, whatever candles there are of them."""
    panel = build_panel(history.times, history.candles, PANEL.starts_ms, PANEL.ends_ms)
    table = feature_table(panel)
    return score_odds(panel, table, path_library(table), FIRST, start)


def assert_the_past_is_the_same(walk: OddsWalk, session: int, hour: int) -> None:
    """All of the sessions before one; of that one what was said up to an hour, and what it started with."""
    for one, two in zip(WALK.recalibrations[: session - FIRST + 1], walk.recalibrations, strict=False):
        assert same_recalibration(one, two)
    changed = {(scores.metric, scores.elapsed): scores for scores in walk.scores}
    for scores in WALK.scores:
        other = changed[scores.metric, scores.elapsed]
        past = session - FIRST
        assert other.session[:past].tolist() == scores.session[:past].tolist() == list(range(FIRST, session))
        for name in SAID + JUDGED:
            np.testing.assert_array_equal(getattr(scores, name)[:past], getattr(other, name)[:past], err_msg=name)
        if scores.elapsed <= hour:
            assert other.session[past] == session
            for name in SAID:
                now, then = getattr(scores, name)[past], getattr(other, name)[past]
                np.testing.assert_array_equal(now, then, err_msg=name)


def later_than(session: int, hour: int) -> IntArray:
    """Places of the candles from an hour of a session on."""
    return np.flatnonzero(PANEL.starts_ms[session] + hour * HOUR_MS <= HISTORY.times)


def scaled(session: int, hour: int) -> History:
    """Later candles are three times as wide around a price that is half as high."""
    candles = HISTORY.candles.copy()
    later = later_than(session, hour)
    candles[:, later] = 0.5 * candles[0, later] * (candles[:, later] / candles[0, later]) ** 3
    return History(HISTORY.times, candles)


def permuted(session: int, hour: int) -> History:
    """Later candles in another order, a tenth of them left out."""
    return changed_future(session, hour, seed=3)


def cut_off(session: int, hour: int) -> History:
    """No later candle at all."""
    return HISTORY.without(later_than(session, hour).tolist())


@pytest.mark.parametrize("change", [scaled, permuted, cut_off])
@pytest.mark.parametrize(("session", "hour"), [(336, 12), (345, 1), (350, 7), (357, 18), (359, 23)])
def test_no_score_and_no_recalibration_of_the_past_depends_on_the_future(
    change: Callable[[int, int], History], session: int, hour: int
) -> None:
    walk = walk_of(change(session, hour), Recalibration())
    assert_the_past_is_the_same(walk, session, hour)
    after = session - FIRST + 1
    assert not same_recalibration(WALK.recalibrations[after], walk.recalibrations[after])  # the future did change


def test_a_recalibration_is_learnt_from_the_sessions_before_its_own_and_from_no_other() -> None:
    """One session alone is another: all that starts up to it is as it was, and all that starts after it is not."""
    session = 346
    candles = HISTORY.candles.copy()
    inside = later_than(session, 0)[:24]
    candles[:, inside] = candles[0, inside] * (candles[:, inside] / candles[0, inside]) ** 2
    walk = walk_of(History(HISTORY.times, candles), Recalibration())
    same = [same_recalibration(one, two) for one, two in zip(WALK.recalibrations, walk.recalibrations, strict=True)]
    assert same == [index <= session for index in range(FIRST, SESSIONS + 1)]


def test_a_history_that_ends_here_gives_the_same_scores_and_recalibrations() -> None:
    panel = PANEL[:345]
    table = feature_table(panel)
    short = score_odds(panel, table, path_library(table), FIRST, Recalibration())
    assert len(short.recalibrations) == 345 - FIRST + 1
    for one, two in zip(short.recalibrations, WALK.recalibrations, strict=False):
        assert same_recalibration(one, two)
    for scores, whole in zip(short.scores, WALK.scores, strict=True):
        assert scores.session.tolist() == list(range(FIRST, 345))
        for name in SAID + JUDGED:
            np.testing.assert_array_equal(getattr(scores, name), getattr(whole, name)[: 345 - FIRST], err_msg=name)


@pytest.mark.parametrize("pause", [336, 344, 359, 360])
def test_a_walk_in_two_pieces_is_the_walk_at_once(pause: int) -> None:
    first = score_odds(PANEL[:pause], TABLE, LIBRARY, FIRST, Recalibration())
    second = score_odds(PANEL, TABLE, LIBRARY, pause, first.recalibrations[-1])
    joined = first.recalibrations[:-1] + second.recalibrations
    assert len(joined) == len(WALK.recalibrations) == SESSIONS - FIRST + 1
    assert all(same_recalibration(one, two) for one, two in zip(joined, WALK.recalibrations, strict=True))
    rest = {(scores.metric, scores.elapsed): scores for scores in second.scores}
    assert len(first.scores) == len(WALK.scores) == 8
    for one, whole in zip(first.scores, WALK.scores, strict=True):
        parts = [one] + ([rest[one.metric, one.elapsed]] if rest else [])
        for name in ("session", *SAID, *JUDGED):
            found = np.concatenate([getattr(part, name) for part in parts])
            np.testing.assert_array_equal(found, getattr(whole, name), err_msg=name)


def test_baselines_look_back_only() -> None:
    variance = np.random.default_rng(4).lognormal(size=460)
    changed = variance.copy()
    changed[430:] *= 7
    for forecast in (baselines.previous, baselines.ewma, baselines.trailing_mean, baselines.har):
        np.testing.assert_array_equal(forecast(variance)[:431], forecast(changed)[:431])
