"""Cone, straddle and seasonality against loops and cases computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.analytics.histories import START_MS, gappy_history, make_history
from volatility.analytics.cone import percentile_by_elapsed, session_cone
from volatility.analytics.distribution import from_samples
from volatility.analytics.inference import wilson_interval
from volatility.analytics.odds import Odds
from volatility.analytics.panel import HourlyPanel, build_panel
from volatility.analytics.seasonality import bootstrap_total, hourly_seasonality, variance_shares, weekday_totals
from volatility.analytics.straddle import (
    Straddle,
    profits_pct,
    straddle_by_weekday,
    straddle_of,
    straddle_record,
    straddle_records,
    straddle_value,
)
from volatility.domain.hours import HOUR_MS

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


def closes(values: list[float]) -> HourlyPanel:
    """Sessions of one candle each that open at 100 and close at the given prices."""
    starts = START_MS + np.arange(len(values)) * 24 * HOUR_MS
    first = np.full(len(values), 100.0)
    last = np.array(values)
    candles = np.stack([first, np.maximum(first, last), np.minimum(first, last), last])
    return build_panel(starts, candles, starts, starts + 24 * HOUR_MS)


def test_a_straddle_by_hand() -> None:
    straddle = straddle_of(premium=1200, session_open=60_000)
    assert (straddle.premium_pct, straddle.strike_pct) == (2.0, 100.0)
    assert straddle.breakevens_pct == (98.0, 102.0)
    record = straddle_record(profits_pct(closes([103.0, 97.0, 100.0, 101.0]), straddle))
    assert (record.n, record.win_rate) == (4, 0.5)
    assert record.mean_profit_pct == pytest.approx((1 + 1 - 2 - 1) / 4)
    assert record.median_profit_pct == pytest.approx(0.0)
    assert record.worst_profit_pct == pytest.approx(-2.0)
    assert record.best_profit_pct == pytest.approx(1.0)
    assert record.mean_interval_pct is None  # four sessions show nothing


def test_another_strike_moves_with_the_open() -> None:
    straddle = straddle_of(premium=600, session_open=60_000, strike=63_000)
    assert straddle.strike_pct == pytest.approx(105.0)
    assert profits_pct(closes([105.0, 100.0]), straddle).tolist() == pytest.approx([-1.0, 4.0])


def test_lookbacks_and_weekdays_split_the_same_profits() -> None:
    straddle = Straddle(1.0)
    profits = profits_pct(PANEL, straddle)
    records = straddle_records(PANEL, straddle)
    assert records[30] == straddle_record(profits[-30:])
    assert records[None].n == int(np.isfinite(profits).sum())
    assert records[365] == records[None]
    assert sum(record.n for record in straddle_by_weekday(PANEL, straddle)) == records[None].n
    empty = straddle_record(np.array([np.nan]))
    assert (empty.n, empty.win_rate, empty.mean_profit_pct) == (0, None, None)


def test_intervals_of_independent_wins_are_those_of_the_textbook() -> None:
    wins = np.tile([1.0, 0.0, 0.0, 1.0, 0.0], 40)  # alternating: no positive autocorrelation to allow for
    low, high = wilson_interval(wins)
    n, p, z = 200, 0.4, 1.959963984540054
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    assert low == pytest.approx(centre - half)
    assert high == pytest.approx(centre + half)
    low, high = wilson_interval(np.repeat([1.0, 0.0], 100))
    assert high - low > 0.25  # two clusters are worth far less than 200 sessions


def test_the_fair_value_is_the_expected_payoff() -> None:
    move = np.array([-3.0, -1.0, 0.5, 4.0])
    odds = Odds(from_samples(move), from_samples(np.abs(move)), from_samples(np.abs(move)), 4, 4.0)
    value = straddle_value(odds, Straddle(premium_pct=2.0))
    assert value.fair_pct == pytest.approx(8.5 / 4)
    assert value.probability == pytest.approx(0.5)
    assert value.expected_profit_pct == pytest.approx(0.125)
    high_strike = straddle_value(odds, Straddle(premium_pct=0.0, strike_pct=104.0))
    assert high_strike.fair_pct == pytest.approx((7 + 5 + 3.5 + 0) / 4)


@pytest.mark.parametrize(("premium", "start", "strike"), [(-1, 100, None), (1, 0, None), (1, 100, 0)])
def test_impossible_straddles_are_refused(premium: float, start: float, strike: float | None) -> None:
    with pytest.raises(ValueError, match="must"):
        straddle_of(premium, start, strike)


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
