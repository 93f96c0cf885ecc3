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
