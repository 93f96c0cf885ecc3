"""What a straddle gave and is worth, by hand and by the split of the same profits."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.analytics.histories import START_MS, gappy_history
from volatility.analytics.distribution import from_samples
from volatility.analytics.inference import mean_interval, newey_west_variance, wilson_interval
from volatility.analytics.odds import Odds, Samples
from volatility.analytics.panel import HourlyPanel, build_panel
from volatility.analytics.straddle import (
    Straddle,
    profit_probability,
    profits_pct,
    straddle_by_weekday,
    straddle_of,
    straddle_record,
    straddle_records,
    straddle_value,
)
from volatility.domain.arrays import FloatArray
from volatility.domain.hours import HOUR_MS

PANEL = gappy_history(60).panel()


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


def odds_of(move: FloatArray) -> Odds:
    """Odds of equally likely moves, each of a session of its own, with the range of the move alone."""
    n = len(move)
    samples = Samples(move, np.abs(move), move, move, np.ones(n), np.arange(n))
    levels = np.tile([0.5, 0.8, 0.9], (2, 1))
    size = from_samples(np.abs(move))
    return Odds(from_samples(move), size, size, n, float(n), levels, samples)


def test_the_fair_value_is_the_expected_payoff() -> None:
    move = np.array([-3.0, -1.0, 0.5, 4.0])
    odds = odds_of(move)
    value = straddle_value(odds, 100.0)
    assert value.fair_pct == pytest.approx(8.5 / 4)
    assert value.call_pct == pytest.approx(4.5 / 4)
    assert value.put_pct == pytest.approx(1.0)
    assert profit_probability(odds, Straddle(premium_pct=2.0)) == pytest.approx(0.5)
    high_strike = straddle_value(odds, 104.0)
    assert high_strike.fair_pct == pytest.approx((7 + 5 + 3.5 + 0) / 4)
    assert (high_strike.call_pct, high_strike.put_pct) == (0.0, high_strike.fair_pct)


@pytest.mark.parametrize(("premium", "start", "strike"), [(-1, 100, None), (1, 0, None), (1, 100, 0)])
def test_impossible_straddles_are_refused(premium: float, start: float, strike: float | None) -> None:
    with pytest.raises(ValueError, match="must"):
        straddle_of(premium, start, strike)


def test_a_profit_of_rounding_alone_is_no_win() -> None:
    profits = np.array([1e-12, 0.0, -1e-12, 1e-6])
    assert straddle_record(profits).win_rate == 0.25
    move = np.array([2.0 + 1e-12, 2.5])
    odds = odds_of(move)
    assert profit_probability(odds, Straddle(premium_pct=2.0)) == pytest.approx(0.5)


def test_intervals_are_given_from_ten_sessions_on() -> None:
    profits = np.random.default_rng(14).normal(0.3, 1.0, 10)
    nine, ten = straddle_record(profits[:9]), straddle_record(profits)
    assert (nine.win_rate_interval, nine.mean_interval_pct) == (None, None)
    assert ten.win_rate_interval == pytest.approx(wilson_interval((profits > 0).astype(np.float64)))
    half = 1.959963984540054 * math.sqrt(newey_west_variance(profits))
    assert ten.mean_interval_pct == pytest.approx((profits.mean() - half, profits.mean() + half))


def test_a_weekday_is_that_of_the_start_and_a_session_without_candles_has_no_profit() -> None:
    straddle = Straddle(0.5)
    profits = profits_pct(PANEL, straddle)
    assert np.isnan(profits).tolist() == (~PANEL.exists).tolist()
    by_weekday = straddle_by_weekday(PANEL, straddle, lookback=21)
    for day, record in enumerate(by_weekday):
        expected = [p for p, weekday in zip(profits[-21:], PANEL.weekdays[-21:], strict=True) if weekday == day]
        assert record.n == 3
        assert record.mean_profit_pct == pytest.approx(np.mean(expected))


def test_the_interval_of_the_fair_value_counts_the_paths_of_a_session_together() -> None:
    """Thirty sessions of two paths each, of which the second weighs three times as much; one straddle in the money."""
    rng = np.random.default_rng(9)
    move, weight = rng.normal(0.0, 2.0, 60), np.tile([1.0, 3.0], 30)
    session = np.repeat(np.arange(100, 130), 2)
    size = from_samples(np.abs(move), weight)
    samples = Samples(move, np.abs(move), move, move, weight, session)
    odds = Odds(from_samples(move, weight), size, size, 30, 30.0, np.zeros((2, 3)), samples)
    value = straddle_value(odds, 101.0)
    payoff = np.abs(move - 1.0).reshape(30, 2)
    by_session = (payoff[:, 0] + 3 * payoff[:, 1]) / 4
    assert value.fair_pct == pytest.approx(by_session.mean())
    assert value.fair_interval_pct == pytest.approx(mean_interval(by_session), rel=1e-10)


def test_a_fair_value_of_fewer_than_ten_sessions_has_no_interval() -> None:
    assert straddle_value(odds_of(np.arange(9.0)), 100.0).fair_interval_pct is None
    assert straddle_value(odds_of(np.arange(10.0)), 100.0).fair_interval_pct is not None
