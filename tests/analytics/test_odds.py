"""The odds equal a naive loop over past paths, and their limits are right."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.analytics.histories import History, make_history
from tests.analytics.learnt import TODAY, Learnt
from volatility.analytics.features import feature_table
from volatility.analytics.odds import PathLibrary, SessionState, fit_odds, path_library
from volatility.analytics.panel import build_panel
from volatility.analytics.running_state import session_row, session_start, session_state
from volatility.domain.hours import HOUR_MS


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
