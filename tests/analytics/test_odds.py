"""The odds equal a naive loop over past paths, the live path equals the historical one, and the limits are right."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.analytics.histories import History, gappy_history, make_history
from volatility.analytics.features import HALF_LIVES, Average, FeatureTable, feature_table, moving_average
from volatility.analytics.odds import Odds, OddsModel, PathLibrary, SessionState, fit_odds, path_library
from volatility.analytics.panel import HourlyPanel, build_panel
from volatility.analytics.regression import walk_forward
from volatility.analytics.running_state import RunningCandles, SessionStart, session_row, session_start, session_state
from volatility.analytics.walkforward import past_state
from volatility.domain.hours import HOUR_MS

SESSIONS = 420
TODAY = SESSIONS - 2


class Learnt:
    """A history with everything that is computed from it once."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.panel: HourlyPanel = history.panel()
        self.table: FeatureTable = feature_table(self.panel)
        self.library: PathLibrary = path_library(self.table)
        model = fit_odds(self.library, TODAY)
        assert model is not None
        self.model: OddsModel = model
        self.start: SessionStart = session_start(self.panel, self.table, TODAY)

    def candles_until(self, now_ms: int) -> RunningCandles:
        """Candles of today's session that have begun; the last one as it will be when it closes."""
        chosen = (self.history.times >= self.start.start_ms) & (
            self.history.times < max(now_ms, self.start.start_ms + 1)
        )
        return RunningCandles(self.history.times[chosen], *self.history.candles[:, chosen])

    def odds_at(self, hours: float) -> Odds:
        """Odds that many hours into today's session."""
        now_ms = self.start.start_ms + int(hours * HOUR_MS)
        return self.model.predict(session_state(self.model, self.start, self.candles_until(now_ms), now_ms))


@pytest.fixture(scope="module")
def learnt() -> Learnt:
    return Learnt(gappy_history(SESSIONS))


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


def test_the_regression_equals_weighted_least_squares_on_the_past(learnt: Learnt) -> None:
    hour = 6
    coefficients = walk_forward(learnt.table.rows[:, [hour]], learnt.table.target[:, [hour]])
    rows, target = learnt.table.rows[:TODAY, hour], learnt.table.target[:TODAY, hour]
    usable = np.isfinite(target) & np.isfinite(rows).all(axis=1)
    age = np.arange(TODAY - 1, -1, -1)
    weight = (0.5 ** (age / 365) * np.exp(rows[:, 2]))[usable]
    root = np.sqrt(weight)[:, None]
    penalty = np.diag(np.sqrt([1e-6] + [0.01] * (rows.shape[1] - 1)))
    stacked = np.vstack([rows[usable] * root, penalty])
    goal = np.concatenate([target[usable] * root[:, 0], np.zeros(rows.shape[1])])
    expected = np.linalg.lstsq(stacked, goal, rcond=None)[0]
    np.testing.assert_allclose(coefficients[TODAY, 0], expected, rtol=1e-6, atol=1e-9)


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


def naive_prediction(library: PathLibrary, before: int, state: SessionState) -> list[tuple[float, float, float]]:
    """(weight, final |move| in percent, final range in percent) of every path, by plain loops."""
    found = []
    move, ranged = math.log(state.price / state.open), math.log(state.high / state.low)
    today = np.sign(state.price - state.open)
    for hour in range(24):
        nearness = 1 - abs(hour - state.elapsed) / 2.5
        for j in range(before):
            if nearness <= 0 or math.isnan(library.close[j, hour]):
                continue
            weight = nearness * 0.5 ** ((before - 1 - j) / 365)
            weight *= 1.0 if library.quiet[j] == (state.weekday == 5) else 0.1
            if hour > 0 and state.elapsed > 0:
                far = (library.moved[j, hour] - math.log(abs(move) / state.past_scale + 0.1)) ** 2
                far += (library.ranged[j, hour] - math.log(ranged / state.past_scale + 0.1)) ** 2
                weight *= math.exp(-0.5 * min(state.elapsed, 1) * far / 0.25)
            sign = library.sign[j, hour] * today
            for direction in (1, -1):
                if sign not in (0, direction):
                    continue
                close = direction * library.close[j, hour] * state.scale
                ends = sorted(direction * x * state.scale for x in (library.high[j, hour], library.low[j, hour]))
                final = abs(state.price * math.exp(close) - state.open) / state.open * 100
                top, bottom = (
                    max(state.high, state.price * math.exp(ends[1])),
                    min(state.low, state.price * math.exp(ends[0])),
                )
                found.append((weight * (1.0 if sign else 0.5), final, (top - bottom) / state.open * 100))
    heaviest = max(weight for weight, _, _ in found)
    return [row for row in found if row[0] > 1e-3 * heaviest]


@pytest.mark.parametrize("hours", [0.0, 0.4, 6.0, 17.75, 23.5])
def test_the_odds_equal_a_naive_loop_over_past_paths(learnt: Learnt, hours: float) -> None:
    now_ms = learnt.start.start_ms + int(hours * HOUR_MS)
    candles = learnt.candles_until(now_ms)
    state = session_state(learnt.model, learnt.start, candles, now_ms)
    if hours == 0:
        state = replace(state, price=state.open, high=state.open, low=state.open)
    odds = learnt.model.predict(state)
    rows = naive_prediction(learnt.library, TODAY, state)
    total = sum(weight for weight, _, _ in rows)
    assert odds.volatility.mean == pytest.approx(sum(w * v for w, v, _ in rows) / total, rel=1e-10)
    assert odds.range.mean == pytest.approx(sum(w * r for w, _, r in rows) / total, rel=1e-10)
    for value in (0.5, 2.0, 4.0):
        assert odds.volatility.exceeds(value) == pytest.approx(
            sum(w for w, v, _ in rows if v > value) / total, abs=1e-10
        )
        assert odds.range.exceeds(value) == pytest.approx(sum(w for w, _, r in rows if r > value) / total, abs=1e-10)


def test_the_range_never_falls_below_what_it_is_already(learnt: Learnt) -> None:
    for hours in (0.5, 6.25, 12.0, 23.9):
        candles = learnt.candles_until(learnt.start.start_ms + int(hours * HOUR_MS))
        so_far = (candles.high.max() - candles.low.min()) / candles.open[0] * 100
        odds = learnt.odds_at(hours)
        assert odds.range.values[0] >= so_far - 1e-9
        assert odds.range.exceeds(so_far * 0.999) == 1.0


def test_when_no_time_is_left_the_outcome_is_certain(learnt: Learnt) -> None:
    odds = learnt.odds_at(24.0)
    assert odds.volatility.values.tolist() == pytest.approx([learnt.panel.volatility_pct[TODAY]])
    assert odds.range.values.tolist() == pytest.approx([learnt.panel.range_pct[TODAY]])
    almost = learnt.odds_at(24.0 - 1e-6)
    assert almost.volatility.mean == pytest.approx(odds.volatility.mean, abs=0.01)


def test_the_odds_pass_smoothly_from_one_hour_to_the_next(learnt: Learnt) -> None:
    for hour in (1, 7, 13, 22):
        now_ms = learnt.start.start_ms + hour * HOUR_MS
        candles = learnt.candles_until(now_ms)  # nothing new happens within two milliseconds
        before = learnt.model.predict(session_state(learnt.model, learnt.start, candles, now_ms - 1))
        after = learnt.model.predict(session_state(learnt.model, learnt.start, candles, now_ms))
        assert before.volatility.mean == pytest.approx(after.volatility.mean, rel=1e-3)
        assert before.range.quantile(0.8) == pytest.approx(after.range.quantile(0.8), rel=5e-3)


def test_the_unit_of_price_does_not_matter(learnt: Learnt) -> None:
    scaled = Learnt(History(learnt.history.times, learnt.history.candles * 12.5))
    for hours in (0.0, 6.5, 18.0):
        one, two = learnt.odds_at(hours), scaled.odds_at(hours)
        assert two.volatility.mean == pytest.approx(one.volatility.mean, rel=1e-8)
        assert two.range.quantiles() == pytest.approx(one.range.quantiles(), rel=1e-6)


def test_asking_twice_gives_the_same_answer(learnt: Learnt) -> None:
    assert learnt.odds_at(9.3).volatility.quantiles() == learnt.odds_at(9.3).volatility.quantiles()


def test_half_a_year_of_history_is_needed() -> None:
    panel = make_history(330).panel()
    library = path_library(feature_table(panel))
    assert fit_odds(library, 290) is None
    assert fit_odds(library, 329) is not None


def test_a_session_of_23_hours_is_asked_by_the_time_that_remains(learnt: Learnt) -> None:
    short = replace(learnt.start, end_ms=learnt.start.end_ms - HOUR_MS)
    now_ms = learnt.start.start_ms + 5 * HOUR_MS
    state = session_state(learnt.model, short, learnt.candles_until(now_ms), now_ms)
    assert state.elapsed == 6.0
    assert math.isfinite(learnt.model.predict(state).volatility.mean)


def test_sessions_of_other_lengths_in_history_do_no_harm() -> None:
    history = make_history(400)
    plain = history.panel()
    starts, ends = plain.starts_ms.copy(), plain.ends_ms.copy()
    starts[100:] -= HOUR_MS  # clocks change: session 99 has 23 hours, session 280 has 25
    ends[99:] -= HOUR_MS
    starts[281:] += HOUR_MS
    ends[280:] += HOUR_MS
    panel = build_panel(history.times, history.candles, starts, ends)
    assert sorted(set(panel.hours.tolist())) == [23, 24, 25]
    table = feature_table(panel)
    library = path_library(table)
    assert np.isnan(library.close[[99, 280]]).all()
    model = fit_odds(library, 399)
    assert model is not None
    row = session_row(session_start(panel, table, 399), np.log(panel.high / panel.low)[399, :3], panel.price[399, 1:4])
    np.testing.assert_allclose(row, table.rows[399, 3], rtol=1e-10)


def test_without_a_candle_or_outside_the_session_there_are_no_odds(learnt: Learnt) -> None:
    empty = RunningCandles(np.array([], dtype=np.int64), *(np.array([]) for _ in range(4)))
    with pytest.raises(ValueError, match="no candle"):
        session_state(learnt.model, learnt.start, empty, learnt.start.start_ms)
    with pytest.raises(ValueError, match="in the session"):
        session_state(learnt.model, learnt.start, learnt.candles_until(learnt.start.end_ms), learnt.start.end_ms + 1)
