"""Weekdays and hours equal loops over sessions, and bootstrap intervals are about the normal ones."""

from __future__ import annotations

import numpy as np
import pytest

from tests.analytics.histories import gappy_history, make_history
from volatility.analytics.seasonality import bootstrap_total, hourly_seasonality, variance_shares, weekday_totals

PANEL = gappy_history(60).panel()


def test_the_hours_of_a_weekday_share_the_whole_variance() -> None:
    cells = hourly_seasonality(PANEL, lookback=None)
    for day in range(7):
        shares = [cell.variance_share for cell in cells if cell.weekday == day]
        assert sum(share or 0.0 for share in shares) == pytest.approx(1.0)
    cell = next(c for c in cells if (c.weekday, c.elapsed) == (5, 7))
    ranges, share = [], []
    for i in range(60):
        if PANEL.weekdays[i] != 5 or not np.isfinite(PANEL.open[i, 7]):
            continue
        ranges.append((PANEL.high[i, 7] - PANEL.low[i, 7]) / PANEL.open[i, 7] * 100)
        if PANEL.complete[i]:
            share.append(PANEL.hourly_variance[i, 7] / sum(PANEL.hourly_variance[i]))
    assert cell.n == len(ranges)
    assert cell.mean_range_pct == pytest.approx(np.mean(ranges), rel=1e-10)
    assert cell.median_range_pct == pytest.approx(np.median(ranges), rel=1e-10)
    assert cell.variance_share == pytest.approx(np.mean(share), rel=1e-10)


def test_incomplete_sessions_have_no_shares_and_empty_cells_are_none() -> None:
    assert np.isnan(variance_shares(PANEL)[~PANEL.complete]).all()
    cells = hourly_seasonality(make_history(1).panel())
    assert next(c for c in cells if c.weekday == 0).mean_range_pct is None


def test_weekday_totals_count_every_session_once_and_repeat_themselves() -> None:
    totals = weekday_totals(PANEL, lookback=None)
    assert sum(total.n for total in totals) == int(PANEL.exists.sum())
    assert totals == weekday_totals(PANEL, lookback=None)
    saturday = PANEL.range_pct[(PANEL.weekdays == 5) & PANEL.exists]
    assert totals[5].range.mean == pytest.approx(saturday.mean())
    interval = totals[5].range.mean_interval
    assert interval is not None
    assert interval[0] < saturday.mean() < interval[1]
    assert bootstrap_total(np.array([])).mean is None


def test_bootstrap_intervals_are_about_those_of_the_normal_approximation() -> None:
    values = np.random.default_rng(11).normal(5, 2, 400)
    interval = bootstrap_total(values).mean_interval
    assert interval is not None
    assert interval[1] - interval[0] == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)
