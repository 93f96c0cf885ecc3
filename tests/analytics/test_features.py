"""What is known after each hour, by loops over the hours before it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.analytics.histories import START_MS, History, gappy_history, make_history
from volatility.analytics.features import (
    HALF_LIVES,
    Average,
    carry_forward,
    feature_table,
    leverage,
    log_level,
    moving_average,
    same_hour_average,
    weekday_dummies,
)
from volatility.analytics.panel import build_panel
from volatility.domain.hours import HOUR_MS


def test_moving_averages_equal_a_naive_loop_and_can_be_continued() -> None:
    values = np.random.default_rng(1).random(60)
    values[[3, 17]] = np.nan
    for half_life in HALF_LIVES:
        means, end = moving_average(values, half_life, Average())
        for t in range(61):
            past = [v for v in values[:t] if not math.isnan(v)]
            weights = [0.5 ** ((len(past) - 1 - k) / half_life) for k in range(len(past))]
            if past:
                expected = sum(w * v for w, v in zip(weights, past, strict=True)) / sum(weights)
                assert means[t] == pytest.approx(expected, rel=1e-10)
        _, half = moving_average(values[:30], half_life, Average())
        rest, other_end = moving_average(values[30:], half_life, half)
        np.testing.assert_allclose(rest, means[30:], rtol=1e-12)
        assert other_end.total == pytest.approx(end.total)


def test_the_average_at_the_same_hour_equals_a_loop() -> None:
    targets = np.random.default_rng(3).normal(-4.5, 0.5, (12, 24))
    targets[2, 6] = targets[0, 7] = np.nan
    found = same_hour_average(targets)
    assert (found[0] == 0).all()
    for i, k in ((1, 6), (1, 7), (5, 6), (11, 7)):
        past = [(0.5 ** ((i - 1 - j) / 5), targets[j, k]) for j in range(i) if not math.isnan(targets[j, k])]
        expected = sum(w * y for w, y in past) / sum(w for w, _ in past) + 4.5 if past else 0.0
        assert found[i, k] == pytest.approx(expected, rel=1e-10)


def test_a_fall_counts_in_units_of_its_expected_size_and_a_rise_does_not() -> None:
    price, past = np.array([90.0, 110.0, 100.0]), np.full(3, 100.0)
    level = np.full(3, math.log(0.011) + 4.5)  # log ranges of 1.1 % an hour
    expected = [math.log(0.9) / (0.011 * math.sqrt(168)), 0.0, 0.0]
    assert leverage(price, past, level).tolist() == pytest.approx(expected, rel=1e-12)


def test_levels_are_logs_around_one_percent_and_a_flat_hour_has_a_floor() -> None:
    assert log_level(np.array([math.exp(-4.5), math.exp(-3.5)])).tolist() == pytest.approx([0.0, 1.0], abs=1e-12)
    assert log_level(np.array([0.0, 1e-9])).tolist() == pytest.approx([math.log(1e-5) + 4.5] * 2)


def test_only_friday_saturday_and_sunday_differ() -> None:
    assert weekday_dummies(np.arange(7)).tolist() == [[0, 0, 0]] * 4 + [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_a_gap_has_the_value_before_it() -> None:
    nan = math.nan
    found = carry_forward(np.array([nan, nan, 1.0, nan, 3.0, nan, nan]))
    assert np.isnan(found[:2]).all()
    assert found[2:].tolist() == [1.0, 1.0, 3.0, 3.0, 3.0]


def test_a_row_holds_the_levels_of_the_hours_before_it_and_the_fall_of_a_week() -> None:
    panel = make_history(20).panel()
    table = feature_table(panel)
    i, k = 15, 9
    line = (np.log(panel.high / panel.low) / table.factors).ravel()[: i * 24 + k]
    age = np.arange(len(line) - 1, -1, -1)
    for column, half_life in ((1, 2.0), (2, 24.0), (3, 240.0)):
        mean = np.average(line, weights=0.5 ** (age / half_life))
        assert table.rows[i, k, column] == pytest.approx(math.log(mean) + 4.5, rel=1e-9)
    closes = panel.close.ravel()
    fall = math.log(closes[i * 24 + k - 1] / closes[i * 24 + k - 1 - 168])
    expected = min(fall, 0.0) / (math.exp(table.rows[i, k, 3] - 4.5) * math.sqrt(168))
    assert table.rows[i, k, 7] == pytest.approx(expected, rel=1e-9)
    assert table.rows[i, k, [0, 4, 5, 6]].tolist() == [1.0, *(float(panel.weekdays[i] == d) for d in (4, 5, 6))]


def test_a_target_is_the_range_of_the_hours_that_remain_in_units_of_the_season() -> None:
    panel = gappy_history(40).panel()
    table = feature_table(panel)
    for i in (4, 5, 7, 12, 25, 39):
        for k in (0, 3, 6, 23):
            if np.isnan(panel.close[i, k:]).any():
                assert math.isnan(table.target[i, k])
                continue
            now = panel.price[i, k]
            top, bottom = max(now, panel.high[i, k:].max()), min(now, panel.low[i, k:].min())
            raw = math.log(math.log(top / bottom) / math.sqrt((table.factors[i, k:] ** 2).sum()))
            level = table.rows[i, k, 2] - 4.5
            assert abs(raw - level) < 1.5
            assert table.target[i, k] == pytest.approx(raw, rel=1e-9)
    assert math.isnan(table.target[0, 0])  # no hour is before it
    complete = panel.complete & (np.arange(40) > 0)
    root = np.log(np.sqrt(panel.realised_variance[complete]) / np.sqrt((table.factors[complete] ** 2).sum(axis=1)))
    np.testing.assert_allclose(table.rv_target[complete], root, rtol=1e-9)
    assert np.isnan(table.rv_target[~complete]).all()


def test_a_target_is_held_near_the_level_of_the_day() -> None:
    history = make_history(12)
    candles = history.candles.copy()
    candles[1, 9 * 24 + 20] *= 1.5  # one hour shoots up by half
    table = feature_table(History(history.times, candles).panel())
    level = table.rows[9, 18, 2] - 4.5
    assert table.target[9, 18] == pytest.approx(level + 1.5, rel=1e-9)


def test_sessions_of_less_than_24_hours_alone_teach_nothing() -> None:
    short = build_panel([], np.empty((4, 0)), [START_MS], [START_MS + 23 * HOUR_MS])
    with pytest.raises(ValueError, match="sessions of 24 hours are modelled, the longest given has 23"):
        feature_table(short)
