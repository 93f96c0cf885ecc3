"""What a session had done and did afterwards, around each hour, equals a loop over its candles."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.analytics.histories import DAY_MS, START_MS, gappy_history, make_history
from volatility.analytics.panel import build_panel
from volatility.analytics.paths import HOURS, session_paths
from volatility.domain.hours import HOUR_MS


def test_paths_equal_a_loop_over_the_candles() -> None:
    panel = gappy_history(15).panel()
    paths = session_paths(panel)
    for i in np.flatnonzero(panel.exists):
        seen = [k for k in range(24) if math.isfinite(panel.close[i, k])]
        start = panel.open[i, seen[0]]
        for k in range(24):
            before, after = [j for j in seen if j < k], [j for j in seen if j >= k]
            now = panel.close[i, before[-1]] if before else start
            highest = max([now] + [panel.high[i, j] for j in after])
            lowest = min([now] + [panel.low[i, j] for j in after])
            final = panel.close[i, after[-1]] if after else now
            top = max([start] + [panel.high[i, j] for j in before])
            bottom = min([start] + [panel.low[i, j] for j in before])
            expected = [math.log(x) for x in (final / now, highest / now, lowest / now, now / start, top / bottom)]
            found = [getattr(paths, name)[i, k] for name in ("close", "high", "low", "moved", "ranged")]
            assert found == pytest.approx(expected, rel=1e-12, abs=1e-15), (i, k)


def test_a_session_without_candles_has_no_path() -> None:
    panel = gappy_history(15).panel()
    assert np.flatnonzero(~panel.exists).tolist() == [10]
    paths = session_paths(panel)
    for name in ("close", "high", "low", "moved", "ranged"):
        assert np.isnan(getattr(paths, name)[10]).all()


def test_the_price_lies_between_its_later_extremes() -> None:
    paths = session_paths(make_history(10).panel())
    assert paths.close.shape == (10, HOURS)
    assert (paths.high >= np.maximum(paths.close, 0)).all()
    assert (paths.low <= np.minimum(paths.close, 0)).all()
    assert (paths.moved[:, 0] == 0).all()
    assert (paths.ranged[:, 0] == 0).all()


def test_the_25th_hour_of_a_session_is_not_modelled() -> None:
    history = make_history(3)
    starts = np.array([START_MS, START_MS + DAY_MS])
    ends = np.array([START_MS + DAY_MS, START_MS + 2 * DAY_MS + HOUR_MS])
    long = session_paths(build_panel(history.times, history.candles, starts, ends))
    plain = session_paths(history.panel()[:2])
    for name in ("close", "high", "low", "moved", "ranged"):
        np.testing.assert_array_equal(getattr(long, name), getattr(plain, name))
