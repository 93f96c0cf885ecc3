"""A running session's state is the one that the past would have had at the same hour."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import numpy as np
import pytest

from tests.analytics.learnt import PLAIN, TODAY, Learnt, with_ratios
from volatility.analytics.features import feature_table
from volatility.analytics.odds import SessionState
from volatility.analytics.running_state import RunningCandles, session_row, session_start, session_state
from volatility.analytics.walkforward import known_hours, past_state
from volatility.domain.hours import HOUR_MS
from volatility.domain.metrics import RANGE


def test_running_regressors_equal_those_of_the_table(learnt: Learnt) -> None:
    panel = learnt.panel
    for hour in range(24):
        ranges = np.log(panel.high / panel.low)[TODAY, :hour]
        row = session_row(learnt.start, ranges, panel.price[TODAY, 1 : hour + 1])
        np.testing.assert_allclose(row, learnt.table.rows[TODAY, hour], rtol=1e-10, atol=1e-12)


def test_on_the_hour_the_running_state_equals_the_one_of_the_walk_forward(learnt: Learnt) -> None:
    for hour in (1, 6, 12, 23):
        now_ms = learnt.start.start_ms + hour * HOUR_MS
        live = session_state(learnt.model, learnt.start, learnt.candles_until(now_ms), now_ms)
        past = past_state(learnt.panel, learnt.table, learnt.model, TODAY, hour)
        for name in ("elapsed", "open", "price", "high", "low", "weekday", "scale", "past_scale", "full_scale"):
            assert getattr(live, name) == pytest.approx(getattr(past, name), rel=1e-10), name


def test_a_session_of_23_hours_is_asked_by_the_time_that_remains(learnt: Learnt) -> None:
    short = replace(learnt.start, end_ms=learnt.start.end_ms - HOUR_MS)
    now_ms = learnt.start.start_ms + 5 * HOUR_MS
    state = session_state(learnt.model, short, learnt.candles_until(now_ms), now_ms)
    assert state.elapsed == 6.0
    assert math.isfinite(learnt.model.predict(state, PLAIN).volatility.mean)


def test_without_a_candle_or_outside_the_session_there_are_no_odds(learnt: Learnt) -> None:
    empty = RunningCandles(np.array([], dtype=np.int64), *(np.array([]) for _ in range(4)))
    with pytest.raises(ValueError, match="no candle"):
        session_state(learnt.model, learnt.start, empty, learnt.start.start_ms)
    with pytest.raises(ValueError, match="in the session"):
        session_state(learnt.model, learnt.start, learnt.candles_until(learnt.start.end_ms), learnt.start.end_ms + 1)


def test_a_session_starts_with_the_prices_and_averages_of_the_hours_before_it(learnt: Learnt) -> None:
    panel, start = learnt.panel, learnt.start
    first = int(np.searchsorted(learnt.history.times, start.start_ms))
    assert start.prices.shape == (169,)
    assert start.prices.tolist() == learnt.history.candles[3, first - 169 : first].tolist()
    line = np.log(panel.high / panel.low)[:TODAY] / learnt.table.factors[:TODAY]
    line = line[np.isfinite(line)]
    for half_life, average in zip((2.0, 24.0, 240.0), start.averages, strict=True):
        expected = np.average(line, weights=0.5 ** (np.arange(len(line) - 1, -1, -1) / half_life))
        assert average.total / average.weight == pytest.approx(expected, rel=1e-9)


def same_state(one: SessionState, two: SessionState, rel: float = 1e-10) -> None:
    for field in fields(SessionState):
        assert getattr(one, field.name) == pytest.approx(getattr(two, field.name), rel=rel), field.name


@pytest.mark.parametrize("ended", [1, 6, 12, 20])
def test_in_a_gap_time_stands_still_at_the_end_of_the_last_candle(learnt: Learnt, ended: int) -> None:
    end_ms = learnt.start.start_ms + ended * HOUR_MS
    candles = learnt.candles_until(end_ms)
    at_its_end = session_state(learnt.model, learnt.start, candles, end_ms)
    assert at_its_end.elapsed == ended
    for minutes in (1, 59, 60, 61, 179, 180):
        assert session_state(learnt.model, learnt.start, candles, end_ms + minutes * 60_000) == at_its_end
    just_before = session_state(learnt.model, learnt.start, candles, learnt.start.end_ms - 1)
    assert just_before == at_its_end
    assert session_state(learnt.model, learnt.start, candles, end_ms - 60_000).elapsed == pytest.approx(ended - 1 / 60)


def test_when_candles_come_again_time_goes_on(learnt: Learnt) -> None:
    """Three hours are missing, then the tenth has begun: a quarter of it has passed."""
    now_ms = learnt.start.start_ms + int(9.25 * HOUR_MS)
    whole = learnt.candles_until(now_ms)
    kept = [*range(6), 9]
    candles = RunningCandles(*(getattr(whole, name)[kept] for name in ("open_time_ms", "open", "high", "low", "close")))
    state = session_state(learnt.model, learnt.start, candles, now_ms)
    assert state.elapsed == 9.25
    assert (state.price, state.high) == (whole.close[9], whole.high[kept].max())
    later = session_state(learnt.model, learnt.start, candles, now_ms + HOUR_MS // 2)
    assert later.elapsed == 9.75
    closed = session_state(learnt.model, learnt.start, candles, now_ms + 3 * HOUR_MS // 4)
    ranges = np.log(whole.high / whole.low)
    ranges[[6, 7, 8]] = np.nan
    row = session_row(learnt.start, ranges, whole.close[[0, 1, 2, 3, 4, 5, 5, 5, 5, 9]])
    level = math.exp(row @ learnt.model.coefficients[10])
    factors = learnt.start.factors
    assert closed.scale == pytest.approx(level * math.sqrt((factors[10:] ** 2).sum()), rel=1e-9)
    for one, part in ((state, 0.75), (later, 0.25)):
        left = part**1.06 * factors[9] ** 2 + (factors[10:] ** 2).sum()
        expected = math.sqrt(((factors**2).sum() - left) / left)
        assert one.past_scale / one.scale == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("hours", [24, 20])
def test_at_the_end_of_the_session_nothing_is_open_any_more(learnt: Learnt, hours: int) -> None:
    """Also where the last four hours have no candle."""
    candles = learnt.candles_until(learnt.start.start_ms + hours * HOUR_MS)
    state = session_state(learnt.model, learnt.start, candles, learnt.start.end_ms)
    assert (state.elapsed, state.scale) == (24.0, 0.0)
    odds = learnt.model.predict(state, with_ratios(0.9, 0.8))
    move = (candles.close[-1] / candles.open[0] - 1) * 100
    assert odds.move.values.tolist() == pytest.approx([move])
    assert odds.volatility.values.tolist() == pytest.approx([abs(move)])
    ranged = (candles.high.max() - candles.low.min()) / candles.open[0] * 100
    assert odds.range.values.tolist() == pytest.approx([ranged])
    assert [found.probability for found in odds.intervals(RANGE)] == [1.0] * 3


def test_of_the_last_hour_a_part_moves_as_far_as_its_power_of_0_53(learnt: Learnt) -> None:
    """The level is the one of the hour's start: no later hour has a forecast."""
    candles = learnt.candles_until(learnt.start.end_ms)
    row = session_row(learnt.start, np.log(candles.high / candles.low)[:23], candles.close[:23])
    hour = math.exp(row @ learnt.model.coefficients[23]) * learnt.start.factors[23]
    for part in (1.0, 0.5, 1 / 12, 1 / 60, 1 / 3600):
        now_ms = learnt.start.end_ms - round(part * HOUR_MS)
        state = session_state(learnt.model, learnt.start, candles, now_ms)
        assert state.scale == pytest.approx(hour * part**0.53, rel=1e-9)


@pytest.mark.parametrize("hour", [1, 6, 13, 22, 23])
def test_the_state_passes_from_one_hour_to_the_next_without_a_jump(learnt: Learnt, hour: int) -> None:
    """The same candles a millisecond before the hour's end and at it: the open hour is the one that closes."""
    now_ms = learnt.start.start_ms + hour * HOUR_MS
    candles = learnt.candles_until(now_ms)
    before = session_state(learnt.model, learnt.start, candles, now_ms - 1)
    same_state(before, session_state(learnt.model, learnt.start, candles, now_ms), rel=1e-5)


@pytest.mark.parametrize(("missing", "hour", "known"), [((9, 10, 11), 12, 9), ((0, 5), 6, 5), ((2, 17), 18, 17)])
def test_with_a_gap_before_the_scored_hour_the_past_has_the_state_of_the_running_session(
    learnt: Learnt, missing: tuple[int, ...], hour: int, known: int
) -> None:
    first = int(np.searchsorted(learnt.history.times, learnt.start.start_ms))
    history = learnt.history.without([first + k for k in missing])
    panel = history.panel()
    table = feature_table(panel)
    assert known_hours(panel, TODAY, hour) == known
    past = past_state(panel, table, learnt.model, TODAY, known_hours(panel, TODAY, hour))
    now_ms = learnt.start.start_ms + hour * HOUR_MS
    chosen = (history.times >= learnt.start.start_ms) & (history.times < now_ms)
    candles = RunningCandles(history.times[chosen], *history.candles[:, chosen])
    start = session_start(panel, table, TODAY)
    same_state(session_state(learnt.model, start, candles, now_ms), past)


def test_the_season_of_an_open_hour_counts_for_the_part_that_remains(learnt: Learnt) -> None:
    """Both scales have the level of the same minute, so their ratio is the season's alone."""
    factors = learnt.table.factors[TODAY]
    for hours in (0.25, 6.5, 23.75):
        now_ms = learnt.start.start_ms + int(hours * HOUR_MS)
        state = session_state(learnt.model, learnt.start, learnt.candles_until(now_ms), now_ms)
        hour, part = int(hours), int(hours) + 1 - hours
        left = part**1.06 * factors[hour] ** 2 + (factors[hour + 1 :] ** 2).sum()
        expected = math.sqrt(((factors**2).sum() - left) / left)
        assert state.past_scale / state.scale == pytest.approx(expected, rel=1e-9)


def test_the_level_within_an_hour_lies_between_the_forecasts_of_its_ends(learnt: Learnt) -> None:
    """At its end the hour's range is as it was and what was expected for the rest of it."""
    hours, hour = 6.25, 6
    now_ms = learnt.start.start_ms + int(hours * HOUR_MS)
    candles = learnt.candles_until(now_ms)
    state = session_state(learnt.model, learnt.start, candles, now_ms)
    ranges = np.log(candles.high / candles.low)
    before = session_row(learnt.start, ranges[:hour], candles.close[:hour])
    expected = math.exp(before[1] - 4.5) * learnt.start.factors[hour]
    ranges[hour] = math.sqrt(ranges[hour] ** 2 + 0.75 * expected**2)
    after = session_row(learnt.start, ranges, candles.close)
    log_level = 0.75 * before @ learnt.model.coefficients[hour] + 0.25 * after @ learnt.model.coefficients[hour + 1]
    factors = learnt.start.factors
    left = math.sqrt(0.75**1.06 * factors[hour] ** 2 + (factors[hour + 1 :] ** 2).sum())
    assert state.scale == pytest.approx(math.exp(log_level) * left, rel=1e-9)


def test_an_hour_without_a_candle_stands_at_the_price_before_it(learnt: Learnt) -> None:
    """The price has halved, so that the fall of the week is one of the regressors; time stands after hour 3."""
    now_ms = learnt.start.start_ms + 5 * HOUR_MS
    whole = learnt.candles_until(now_ms)
    kept = [0, 2]
    candles = RunningCandles(
        whole.open_time_ms[kept], whole.open[kept], whole.high[kept], whole.low[kept] / 2, whole.close[kept] / 2
    )
    state = session_state(learnt.model, learnt.start, candles, now_ms)
    ranges = np.log(2 * whole.high / whole.low)[:3]
    ranges[1] = np.nan
    row = session_row(learnt.start, ranges, whole.close[[0, 0, 2]] / 2)
    fall = math.log(whole.close[2] / 2 / learnt.start.prices[3]) / (math.exp(row[3] - 4.5) * math.sqrt(168))
    assert row[7] == pytest.approx(fall, rel=1e-9)
    left = math.sqrt((learnt.start.factors[3:] ** 2).sum())
    assert state.scale == pytest.approx(math.exp(row @ learnt.model.coefficients[3]) * left, rel=1e-9)
    assert state.elapsed == 3.0
    assert (state.price, state.high) == (whole.close[2] / 2, whole.high[kept].max())
