"""Weekdays and hours equal loops over sessions, and bootstrap intervals are about the normal ones."""

from __future__ import annotations

import numpy as np
import pytest

from tests.analytics.histories import History, gappy_history, make_history
from volatility.analytics.panel import build_panel
from volatility.analytics.seasonality import (
    bootstrap_total,
    hourly_seasonality,
    variance_ahead,
    variance_shares,
    weekday_totals,
)
from volatility.domain.hours import DAY_MS, HOUR_MS

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


def test_a_flat_session_has_no_shares_of_its_variance() -> None:
    history = make_history(2)
    candles = history.candles.copy()
    candles[:, 24:] = 100.0
    shares = variance_shares(History(history.times, candles).panel())
    assert shares[0].sum() == pytest.approx(1.0)
    assert np.isnan(shares[1]).all()


def test_seasons_look_back_over_the_sessions_they_are_told() -> None:
    assert hourly_seasonality(PANEL, 20) == hourly_seasonality(PANEL[-20:], None)
    assert weekday_totals(PANEL, 20) == weekday_totals(PANEL[-20:], None)
    assert [total.n for total in weekday_totals(PANEL, 7)] == [1] * 7
    assert [total.weekday for total in weekday_totals(PANEL, 7)] == list(range(7))


def test_every_weekday_has_a_cell_for_every_hour() -> None:
    cells = hourly_seasonality(PANEL)
    assert [(cell.weekday, cell.elapsed) for cell in cells] == [(day, hour) for day in range(7) for hour in range(24)]
    assert sum(cell.n for cell in cells) == int(PANEL.candles.sum())


def test_a_bootstrap_draws_each_value_alike_and_repeats_itself() -> None:
    values = np.random.default_rng(13).lognormal(size=60)
    total = bootstrap_total(values)
    assert total.mean == pytest.approx(sum(values) / 60)
    assert total.median == pytest.approx(np.sort(values)[29:31].mean())
    assert total == bootstrap_total(values)
    assert total != bootstrap_total(values, seed=1)
    rng = np.random.default_rng(1)
    medians = sorted(np.median([values[rng.integers(60)] for _ in range(60)]) for _ in range(1000))
    assert total.median_interval == pytest.approx((medians[25], medians[974]), rel=0.1)
    alone = bootstrap_total(np.array([2.5]))
    assert (alone.mean_interval, alone.median_interval) == ((2.5, 2.5), (2.5, 2.5))


def test_the_variance_ahead_is_what_the_hours_still_to_come_add_up_to() -> None:
    cells = hourly_seasonality(PANEL, lookback=None)
    for day, ahead in enumerate(variance_ahead(PANEL, lookback=None)):
        shares = [cell.variance_share or 0.0 for cell in cells if cell.weekday == day]
        assert ahead is not None
        assert len(ahead) == 25
        assert [ahead[0], ahead[-1]] == pytest.approx([1.0, 0.0], abs=1e-12)
        assert ahead == pytest.approx([sum(shares[hour:]) for hour in range(25)], abs=1e-12)
        sessions = [i for i in range(60) if PANEL.weekdays[i] == day and PANEL.complete[i]]
        after_16 = [sum(PANEL.hourly_variance[i, 16:]) / sum(PANEL.hourly_variance[i]) for i in sessions]
        assert ahead[16] == pytest.approx(np.mean(after_16), rel=1e-10)


def test_a_weekday_without_a_complete_session_has_no_variance_ahead() -> None:
    panel = make_history(1).panel()
    found = variance_ahead(panel)
    assert [ahead is None for ahead in found] == [day != panel.weekdays[0] for day in range(7)]
    assert [(ahead is None) for ahead in variance_ahead(PANEL, 3)].count(False) <= 3


def test_a_session_of_23_hours_has_nothing_ahead_of_its_end() -> None:
    """A week apart: one of 24 hours, and one of 23 whose last two hours hold all of its variance."""
    starts = [0, 7 * DAY_MS]
    ends = [DAY_MS, 7 * DAY_MS + 23 * HOUR_MS]
    times = [start + hour * HOUR_MS for start, hours in zip(starts, (24, 23), strict=True) for hour in range(hours)]
    bars = (
        [(100.0, 101.0, 100.0, 100.0)] * 24 + [(100.0, 100.0, 100.0, 100.0)] * 21 + [(100.0, 101.0, 100.0, 100.0)] * 2
    )
    ahead = variance_ahead(build_panel(times, np.array(bars).T, starts, ends))[3]
    assert ahead is not None
    assert ahead[0] == pytest.approx(1.0)
    assert ahead[21] == pytest.approx((3 / 24 + 1.0) / 2)
    assert ahead[22] == pytest.approx((2 / 24 + 1 / 2) / 2)
    assert ahead[23] == pytest.approx((1 / 24 + 0.0) / 2)
    assert ahead[24] == 0.0
