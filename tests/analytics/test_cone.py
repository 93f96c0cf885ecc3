"""The cone and today's place in it equal loops over the sessions of the past."""

from __future__ import annotations

import numpy as np
import pytest

from tests.analytics.histories import START_MS, gappy_history
from volatility.analytics.cone import percentile_by_elapsed, session_cone
from volatility.analytics.panel import HourlyPanel, build_panel
from volatility.domain.hours import HOUR_MS
from volatility.domain.metrics import CONE_LEVELS

PANEL = gappy_history(60).panel()


def test_the_cone_equals_a_naive_loop() -> None:
    for point in session_cone(PANEL, lookback=40):
        vols, ranges = [], []
        for i in range(20, 60):
            if not PANEL.exists[i]:
                continue
            start = PANEL.session_open[i]
            seen = [k for k in range(point.elapsed) if np.isfinite(PANEL.close[i, k])]
            price = PANEL.close[i, seen[-1]] if seen else start
            high = max([start] + [PANEL.high[i, k] for k in seen])
            low = min([start] + [PANEL.low[i, k] for k in seen])
            vols.append(abs(price - start) / start * 100)
            ranges.append((high - low) / start * 100)
        assert point.n == len(vols)
        assert point.volatility == pytest.approx(np.percentile(vols, [10, 25, 50, 75, 90]), rel=1e-10)
        assert point.range == pytest.approx(np.percentile(ranges, [10, 25, 50, 75, 90]), rel=1e-10)


def test_the_cone_of_no_sessions_is_none() -> None:
    assert session_cone(PANEL[:0])[0].volatility == (None,) * 5
    rank = percentile_by_elapsed(PANEL[:0], 3.0, 1.0, 1.0)
    assert (rank.volatility, rank.range, rank.n) == (None, None, 0)


def test_the_percentile_by_elapsed_time_is_the_share_at_or_below() -> None:
    chosen = PANEL.exists
    for hour in (1, 12, 24):
        value = float(np.median(PANEL.range_path_pct[chosen, hour]))
        rank = percentile_by_elapsed(PANEL, float(hour), 0.0, value)
        assert rank.range == pytest.approx(float((PANEL.range_path_pct[chosen, hour] <= value).mean()))
    between = percentile_by_elapsed(PANEL, 5.25, 1.0, 1.0)
    five, six = (percentile_by_elapsed(PANEL, float(h), 1.0, 1.0) for h in (5, 6))
    assert between.volatility == pytest.approx(0.75 * (five.volatility or 0) + 0.25 * (six.volatility or 0))


def test_within_the_first_hour_past_sessions_stand_at_a_diffusions_share_of_it() -> None:
    value = 0.4
    ranges = PANEL.range_path_pct[PANEL.exists, 1]
    for part in (0.01, 0.25, 0.81):
        rank = percentile_by_elapsed(PANEL, part, 0.0, value)
        assert rank.range == pytest.approx(float((ranges * part**0.5 <= value).mean()))
    almost, whole = (percentile_by_elapsed(PANEL, at, value, value).range for at in (1 - 1e-12, 1.0))
    assert almost == whole
    start = percentile_by_elapsed(PANEL, 0.0, 0.0, 0.0)
    assert (start.volatility, start.range, start.n) == (None, None, int(PANEL.exists.sum()))


def test_the_last_full_hour_of_short_sessions_counts_them_all() -> None:
    starts = START_MS + np.arange(3) * 24 * HOUR_MS
    ends = starts + np.array([24, 24, 25]) * HOUR_MS
    panel = build_panel([], np.empty((4, 0)), starts, ends)
    assert panel.width == 25
    whole = HourlyPanel(starts, ends, panel.weekdays, *(np.where(panel.scheduled, 100.0, np.nan) for _ in range(4)))
    assert [percentile_by_elapsed(whole, at, 1.0, 1.0).n for at in (23.5, 24.0, 24.5, 25.0)] == [3, 3, 1, 1]


def test_a_value_that_differs_by_rounding_alone_is_a_tie() -> None:
    chosen = PANEL.exists
    for hour in (3, 24):
        value = float(PANEL.vol_path_pct[chosen, hour][4])
        exact, a_bit_less = (percentile_by_elapsed(PANEL, float(hour), v, 0.0) for v in (value, value - 1e-12))
        assert exact.volatility == a_bit_less.volatility
        less = percentile_by_elapsed(PANEL, float(hour), value - 1e-6, 0.0).volatility
        assert less == pytest.approx((exact.volatility or 0) - 1 / int(chosen.sum()))


def test_a_tie_is_one_within_the_first_hour_too() -> None:
    ranges = PANEL.range_path_pct[PANEL.exists, 1]
    quarter = float(ranges[4]) * 0.5  # after a quarter of an hour
    exact, a_bit_less = (percentile_by_elapsed(PANEL, 0.25, 0.0, v).range for v in (quarter, quarter - 1e-12))
    assert exact == a_bit_less == pytest.approx(float((ranges <= ranges[4]).mean()))


def test_a_rank_looks_back_over_the_sessions_it_is_told() -> None:
    last = PANEL.range_path_pct[-10:, 8]
    value = float(np.sort(last)[6])
    rank = percentile_by_elapsed(PANEL, 8.0, 0.0, value, lookback=10)
    assert (rank.elapsed, rank.range, rank.n) == (8.0, 0.7, 10)
    assert rank == percentile_by_elapsed(PANEL[-10:], 8.0, 0.0, value)


def test_a_time_after_the_end_is_the_end() -> None:
    late, end = (percentile_by_elapsed(PANEL, at, 1.0, 2.0) for at in (30.0, 24.0))
    assert (late.volatility, late.range, late.n) == (end.volatility, end.range, end.n)


def test_the_levels_are_those_of_the_statistics_with_the_median() -> None:
    assert CONE_LEVELS == (0.1, 0.25, 0.5, 0.75, 0.9)
