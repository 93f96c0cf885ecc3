"""The panel lays candles out by session and elapsed hour, and carries prices over missing hours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analytics.histories import DAY_MS, START_MS, gappy_history, make_history
from volatility.analytics.panel import build_panel, daily_bounds, joined, weekdays_of
from volatility.domain.hours import HOUR_MS


def test_a_missing_hour_stands_at_the_price_before_it() -> None:
    times = [START_MS + HOUR_MS * k for k in (1, 2, 4)]
    candles = [[100.0, 101.0, 104.0], [102.0, 105.0, 104.0], [99.0, 100.0, 90.0], [101.0, 103.0, 95.0]]
    panel = build_panel(times, candles, [START_MS, START_MS + DAY_MS], [START_MS + DAY_MS, START_MS + 2 * DAY_MS])
    assert panel.session_open[0] == 100.0
    assert panel.price[0, :7].tolist() == [100.0, 100.0, 101.0, 103.0, 103.0, 95.0, 95.0]
    assert panel.running_high[0, :6].tolist() == [100.0, 100.0, 102.0, 105.0, 105.0, 105.0]
    assert panel.running_low[0, :6].tolist() == [100.0, 100.0, 99.0, 99.0, 99.0, 90.0]
    assert panel.volatility_pct[0] == pytest.approx(5.0)
    assert panel.range_pct[0] == pytest.approx(15.0)
    assert panel.candles.tolist() == [3, 0]
    assert panel.exists.tolist() == [True, False]
    assert np.isnan(panel.volatility_pct[1])
    assert np.isnan(panel.realised_variance[1])


def test_sessions_of_23_and_25_hours_keep_their_own_candles() -> None:
    history = make_history(3)
    starts = np.array([START_MS, START_MS + 23 * HOUR_MS, START_MS + 48 * HOUR_MS])
    ends = np.append(starts[1:], START_MS + 3 * DAY_MS)
    panel = build_panel(history.times, history.candles, starts, ends)
    assert panel.hours.tolist() == [23, 25, 24]
    assert panel.width == 25
    assert panel.complete.all()
    assert panel.session_close.tolist() == history.candles[3, [22, 47, 71]].tolist()
    assert panel.session_open.tolist() == history.candles[0, [0, 23, 48]].tolist()


def test_candles_outside_all_sessions_are_left_out() -> None:
    history = make_history(3)
    panel = build_panel(history.times, history.candles, [START_MS + DAY_MS], [START_MS + 2 * DAY_MS])
    assert panel.session_open[0] == history.candles[0, 24]
    assert panel.candles.tolist() == [24]


def test_paths_equal_a_naive_loop() -> None:
    panel = gappy_history(15).panel()
    for i in range(len(panel)):
        price = high = low = panel.session_open[i]
        for k in range(24):
            if np.isfinite(panel.close[i, k]):
                price = panel.close[i, k]
                high, low = max(high, panel.high[i, k]), min(low, panel.low[i, k])
            expected = np.array([price, high, low])
            found = np.array([panel.price[i, k + 1], panel.running_high[i, k + 1], panel.running_low[i, k + 1]])
            np.testing.assert_array_equal(found, expected)


@given(scale=st.floats(1e-3, 1e3), days=st.integers(-1000, 1000))
def test_percentages_do_not_depend_on_the_unit_of_price_nor_on_the_date(scale: float, days: int) -> None:
    history = gappy_history(14)
    plain = history.panel()
    shift = days * DAY_MS
    moved = build_panel(history.times + shift, history.candles * scale, plain.starts_ms + shift, plain.ends_ms + shift)
    np.testing.assert_allclose(moved.vol_path_pct, plain.vol_path_pct, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(moved.range_path_pct, plain.range_path_pct, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(moved.realised_variance, plain.realised_variance, rtol=1e-8)


def test_weekdays_and_bounds_follow_the_calendar() -> None:
    starts, ends = daily_bounds(START_MS - 4 * HOUR_MS, START_MS + 3 * DAY_MS - 1)
    assert starts.tolist() == [START_MS, START_MS + DAY_MS]
    assert ends.tolist() == [START_MS + DAY_MS, START_MS + 2 * DAY_MS]
    assert weekdays_of(starts).tolist() == [3, 4]  # Thursday, Friday
    assert weekdays_of(np.array([START_MS + 15 * HOUR_MS]), offset_hours=3).tolist() == [4]


def test_two_panels_joined_are_the_panel_of_all_their_candles() -> None:
    whole = gappy_history(20).panel()
    for cut in (0, 1, 7, 20):
        both = joined(whole[:cut], whole[cut:])
        for name in ("starts_ms", "ends_ms", "weekdays", "open", "high", "low", "close"):
            np.testing.assert_array_equal(getattr(both, name), getattr(whole, name))


def test_a_wider_panel_widens_what_it_is_joined_to() -> None:
    earlier = make_history(2).panel()
    start = int(earlier.ends_ms[-1])
    later = build_panel([start], np.full((4, 1), 50.0), [start], [start + 25 * HOUR_MS])
    both = joined(earlier, later)
    assert (both.width, both.hours.tolist(), both.candles.tolist()) == (25, [24, 24, 25], [24, 24, 1])
    assert both.session_close.tolist() == [*earlier.session_close.tolist(), 50.0]
