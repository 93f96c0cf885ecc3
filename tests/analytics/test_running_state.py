"""A running session's state is the one that the past would have had at the same hour."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.analytics.learnt import TODAY, Learnt
from volatility.analytics.running_state import RunningCandles, session_row, session_state
from volatility.analytics.walkforward import past_state
from volatility.domain.hours import HOUR_MS


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
        for name in ("elapsed", "open", "price", "high", "low", "weekday", "scale", "past_scale"):
            assert getattr(live, name) == pytest.approx(getattr(past, name), rel=1e-10), name


def test_a_session_of_23_hours_is_asked_by_the_time_that_remains(learnt: Learnt) -> None:
    short = replace(learnt.start, end_ms=learnt.start.end_ms - HOUR_MS)
    now_ms = learnt.start.start_ms + 5 * HOUR_MS
    state = session_state(learnt.model, short, learnt.candles_until(now_ms), now_ms)
    assert state.elapsed == 6.0
    assert math.isfinite(learnt.model.predict(state).volatility.mean)


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


def test_the_season_of_an_open_hour_counts_for_the_part_that_remains(learnt: Learnt) -> None:
    """Both scales have the level of the same minute, so their ratio is the season's alone."""
    factors = learnt.table.factors[TODAY]
    for hours in (0.25, 6.5, 23.75):
        now_ms = learnt.start.start_ms + int(hours * HOUR_MS)
        state = session_state(learnt.model, learnt.start, learnt.candles_until(now_ms), now_ms)
        hour, part = int(hours), int(hours) + 1 - hours
        left = part * factors[hour] ** 2 + (factors[hour + 1 :] ** 2).sum()
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
    left = math.sqrt(0.75 * factors[hour] ** 2 + (factors[hour + 1 :] ** 2).sum())
    assert state.scale == pytest.approx(math.exp(log_level) * left, rel=1e-9)


def test_an_hour_without_a_candle_stands_at_the_price_before_it(learnt: Learnt) -> None:
    """The price has halved, so that the fall of the week is one of the regressors."""
    now_ms = learnt.start.start_ms + 5 * HOUR_MS
    whole = learnt.candles_until(now_ms)
    kept = [0, 2]
    candles = RunningCandles(
        whole.open_time_ms[kept], whole.open[kept], whole.high[kept], whole.low[kept] / 2, whole.close[kept] / 2
    )
    state = session_state(learnt.model, learnt.start, candles, now_ms)
    ranges = np.log(2 * whole.high / whole.low)
    ranges[[1, 3, 4]] = np.nan
    row = session_row(learnt.start, ranges, whole.close[[0, 0, 2, 2, 2]] / 2)
    fall = math.log(whole.close[2] / 2 / learnt.start.prices[5]) / (math.exp(row[3] - 4.5) * math.sqrt(168))
    assert row[7] == pytest.approx(fall, rel=1e-9)
    left = math.sqrt((learnt.start.factors[5:] ** 2).sum())
    assert state.scale == pytest.approx(math.exp(row @ learnt.model.coefficients[5]) * left, rel=1e-9)
    assert (state.price, state.high) == (whole.close[2] / 2, whole.high[kept].max())
