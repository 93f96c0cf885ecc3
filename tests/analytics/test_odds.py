"""The odds equal a naive loop over past paths, and their limits are right."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from tests.analytics.histories import History, make_history
from tests.analytics.learnt import PLAIN, TODAY, Learnt, with_ratios, with_slopes
from volatility.analytics.distribution import from_samples, nested_intervals
from volatility.analytics.features import feature_table
from volatility.analytics.numerics import TIE
from volatility.analytics.odds import PathLibrary, SessionState, fit_odds, path_library
from volatility.analytics.panel import build_panel
from volatility.analytics.running_state import session_row, session_start, session_state
from volatility.domain.hours import HOUR_MS
from volatility.domain.metrics import METRICS, RANGE


class NaivePath(NamedTuple):
    """One past path: its weight, the |move| and range that it ends with in percent, and its session."""

    weight: float
    move: float
    range: float
    session: int


def naive_weights(library: PathLibrary, before: int, state: SessionState) -> dict[tuple[int, int, int], float]:
    """The weight of every contributing path, by its session, the hour from which it goes on, and its direction."""
    found = {}
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
                if sign in (0, direction):
                    found[j, hour, direction] = weight * (1.0 if sign else 0.5)
    heaviest = max(found.values())
    return {path: weight for path, weight in found.items() if weight > 1e-3 * heaviest}


def naive_prediction(
    library: PathLibrary, before: int, state: SessionState, factors: tuple[float, float] = (1.0, 1.0)
) -> list[NaivePath]:
    """Every path by plain loops, its close multiplied by the first factor, its high and low by the second."""
    found = []
    for (j, hour, direction), weight in naive_weights(library, before, state).items():
        extremes = (direction * x for x in (library.high[j, hour], library.low[j, hour]))
        ends = sorted(x * state.scale * factors[1] for x in extremes)
        close = direction * library.close[j, hour] * state.scale * factors[0]
        close = min(max(close, ends[0]), ends[1])
        final = abs(state.price * math.exp(close) - state.open) / state.open * 100
        top, bottom = (
            max(state.high, state.price * math.exp(ends[1])),
            min(state.low, state.price * math.exp(ends[0])),
        )
        found.append(NaivePath(weight, final, (top - bottom) / state.open * 100, j))
    return found


def state_of(learnt: Learnt, hours: float) -> SessionState:
    """Today's state; at the open before anything has happened."""
    state = learnt.state_at(hours)
    return replace(state, price=state.open, high=state.open, low=state.open) if hours == 0 else state


@pytest.mark.parametrize(
    ("ratios", "hours", "factors"),
    [
        *(((1.0, 1.0), hours, (1.0, 1.0)) for hours in (0.0, 0.4, 6.0, 17.75, 23.5)),
        ((0.9, 0.8), 0.4, (0.9, 0.8)),
        ((1.2, 0.85), 6.0, (1.2, 0.85)),
        ((0.9, 0.8), 12.0, (0.9**0.5, 0.8**0.5)),
        ((0.9, 0.8), 23.5, (1.0, 1.0)),
    ],
)
def test_the_odds_equal_a_naive_loop_over_past_paths(
    learnt: Learnt, ratios: tuple[float, float], hours: float, factors: tuple[float, float]
) -> None:
    state = state_of(learnt, hours)
    odds = learnt.model.predict(state, with_ratios(*ratios))
    rows = naive_prediction(learnt.library, TODAY, state, factors)
    total = sum(path.weight for path in rows)
    assert odds.volatility.mean == pytest.approx(sum(path.weight * path.move for path in rows) / total, rel=1e-10)
    assert odds.range.mean == pytest.approx(sum(path.weight * path.range for path in rows) / total, rel=1e-10)
    for value in (0.5, 2.0, 4.0):
        further = sum(path.weight for path in rows if path.move > value) / total
        assert odds.volatility.exceeds(value) == pytest.approx(further, abs=1e-10)
        wider = sum(path.weight for path in rows if path.range > value) / total
        assert odds.range.exceeds(value) == pytest.approx(wider, abs=1e-10)


@pytest.mark.parametrize(("hours", "share"), [(0.0, 1.0), (0.4, 1.0), (5.5, 1.0), (12.0, 0.5), (17.75, 0.25 / 12)])
def test_the_slope_goes_by_the_log_range_that_is_expected_of_the_whole_session_by_now(
    learnt: Learnt, hours: float, share: float
) -> None:
    """It is a fifth above the usual one, whatever part of it still lies ahead."""
    state = state_of(learnt, hours)
    usual = math.sqrt(state.scale**2 + state.past_scale**2) / 1.2
    odds = learnt.model.predict(state, with_slopes(with_ratios(0.9, 1.1), usual, -0.5, -1.0))
    z = math.log(1.2)
    factors = ((0.9 * (1 - 0.5 * z)) ** share, (1.1 * (1 - z)) ** share)
    rows = naive_prediction(learnt.library, TODAY, state, factors)
    total = sum(path.weight for path in rows)
    assert odds.volatility.mean == pytest.approx(sum(path.weight * path.move for path in rows) / total, rel=1e-10)
    assert odds.range.mean == pytest.approx(sum(path.weight * path.range for path in rows) / total, rel=1e-10)


@pytest.mark.parametrize("hours", [0.0, 0.4, 6.0, 12.0, 23.5])
def test_the_effective_number_is_that_of_sessions_of_equal_weight(learnt: Learnt, hours: float) -> None:
    """Paths of one session from several hours, and both directions, are one observation: Kish (1965)."""
    state = state_of(learnt, hours)
    by_session: dict[int, float] = {}
    for path in naive_prediction(learnt.library, TODAY, state):
        by_session[path.session] = by_session.get(path.session, 0.0) + path.weight
    expected = sum(by_session.values()) ** 2 / sum(weight**2 for weight in by_session.values())
    odds = learnt.model.predict(state, PLAIN)
    assert odds.effective == pytest.approx(expected, rel=1e-10)
    assert odds.effective <= len(by_session) <= odds.sessions


@pytest.mark.parametrize("elapsed", [0.0, 0.5, 3.0, 12.2, 23.9])
def test_the_effective_number_is_never_larger_than_that_of_all_sessions(learnt: Learnt, elapsed: float) -> None:
    rng = np.random.default_rng(11)
    ready = (before for before in range(180, 420) if fit_odds(learnt.library, before) is not None)
    first = next(ready)
    for before in (first, first + 7, first + 20, TODAY):
        model = fit_odds(learnt.library, before)
        assert model is not None
        assert before == TODAY or 180 <= model.sessions <= 202
        for _ in range(8):
            price = 100 * math.exp(rng.normal(0, 0.02)) if elapsed else 100.0
            high, low = (max(price, 100.0) * 1.002, min(price, 100.0) * 0.999) if elapsed else (100.0, 100.0)
            scale, past = rng.lognormal(-3.5, 0.7, 2)
            state = SessionState(elapsed, 100.0, price, high, low, int(rng.integers(7)), scale, past)
            odds = model.predict(state, replace(PLAIN, growth=rng.normal(0, 1, 4)))
            assert 1 <= odds.effective <= odds.sessions == model.sessions


def test_at_the_open_a_ratio_shrinks_every_log_move_and_so_the_mean(learnt: Learnt) -> None:
    """Of a path that goes both ways Vol is sinh of the log move on average: as large as it, but for its third power."""
    state = state_of(learnt, 0.0)
    plain, lower = (learnt.model.predict(state, one) for one in (PLAIN, with_ratios(0.9, 0.9)))
    moves, shrunk = (np.log(1 + odds.samples.move / 100) for odds in (plain, lower))
    np.testing.assert_allclose(shrunk, 0.9 * moves, rtol=1e-9, atol=1e-14)
    np.testing.assert_array_equal(lower.samples.weight, plain.samples.weight)
    assert lower.volatility.mean == pytest.approx(0.9 * plain.volatility.mean, rel=1e-3)
    assert lower.range.mean == pytest.approx(0.9 * plain.range.mean, rel=1e-3)


def test_vols_ratio_leaves_range_alone_and_no_close_lies_outside_its_extremes(learnt: Learnt) -> None:
    state = state_of(learnt, 0.0)
    plain, nearer, further, narrower = (
        learnt.model.predict(state, with_ratios(*ratios)) for ratios in ((1.0, 1.0), (0.9, 1.0), (1.5, 1.0), (1.0, 0.6))
    )
    np.testing.assert_array_equal(nearer.samples.range, plain.samples.range)
    np.testing.assert_array_equal(further.samples.range, plain.samples.range)
    assert nearer.volatility.mean == pytest.approx(0.9 * plain.volatility.mean, rel=1e-3)
    for odds in (further, narrower):
        assert (np.abs(odds.samples.move) <= odds.samples.range + 1e-9).all()
    longer = 1.5 * np.log(1 + plain.samples.move / 100)
    stopped = np.abs(np.log(1 + further.samples.move / 100)) < np.abs(longer) - 1e-9
    assert 0.05 < stopped.mean() < 0.95  # some by their extremes


@pytest.mark.parametrize("hours", [5.1, 6.4, 12.0, 17.75, 20.0])
def test_range_grows_no_more_as_often_as_the_recalibration_says(learnt: Learnt, hours: float) -> None:
    state = learnt.state_at(hours)
    so_far = (state.high - state.low) / state.open * 100
    for ratios in ((1.0, 1.0), (0.9, 0.8)):
        straight = with_ratios(*ratios)
        shifted = replace(straight, growth=np.array([0.3, -0.9, 0.6, 1.5]))
        before, after = learnt.model.predict(state, straight), learnt.model.predict(state, shifted)
        said = before.range.at_most(so_far + TIE)
        right = shifted.no_growth(said, hours)
        assert 0 < said < 1
        assert abs(right - said) > 1e-6
        assert after.range.at_most(so_far + TIE) == pytest.approx(right, abs=1e-12)
        for level in (0.3, 0.8):  # of what grows nothing else changes
            wide = before.range.quantile(said + level * (1 - said))
            grown = before.range.exceeds(wide) / (1 - said)
            assert after.range.exceeds(wide) / (1 - right) == pytest.approx(grown, rel=1e-9)
        np.testing.assert_array_equal(after.samples.move, before.samples.move)
        moved = (after.samples.weight * np.abs(after.samples.move)).sum() / after.samples.weight.sum()
        assert after.volatility.mean == pytest.approx(moved, rel=1e-10)


@pytest.mark.parametrize(("hours", "place", "share"), [(0.0, 0, 0.0), (6.0, 1, 0.0), (9.0, 1, 0.5), (23.0, 3, 0.0)])
def test_an_interval_is_asked_for_at_the_level_that_held_as_often_in_the_past(
    learnt: Learnt, hours: float, place: int, share: float
) -> None:
    levels = np.sort(np.random.default_rng(12).uniform(0.2, 0.97, (2, 4, 3)), axis=2)
    odds = learnt.model.predict(state_of(learnt, hours), replace(PLAIN, levels=levels))
    for row, metric in enumerate(METRICS):
        distribution = odds.volatility if metric.name == "volatility" else odds.range
        assert odds.of(metric) is distribution
        for column in range(3):
            level = (1 - share) * levels[row, place, column] + share * levels[row, min(place + 1, 3), column]
            assert odds.levels[row, column] == pytest.approx(level, rel=1e-12)
        assert odds.intervals(metric) == nested_intervals(distribution, odds.levels[row].tolist())
    plain = learnt.model.predict(state_of(learnt, hours), PLAIN)
    assert plain.intervals(RANGE)[0] == plain.range.interval(0.5)


@pytest.mark.parametrize("hours", [0.0, 9.4, 20.0])
def test_the_distributions_are_made_of_the_samples(learnt: Learnt, hours: float) -> None:
    shifted = replace(with_ratios(0.9, 0.8), growth=np.array([0.3, -0.9, 0.6, 1.5]))
    odds = learnt.model.predict(state_of(learnt, hours), shifted)
    found = odds.samples
    assert len(found.move) == len(found.range) == len(found.weight) == len(found.session)
    assert np.isfinite(learnt.library.close[found.session, int(hours)]).all()
    assert 0 <= found.session.min() <= found.session.max() < TODAY
    for values, distribution in (
        (found.move, odds.move),
        (np.abs(found.move), odds.volatility),
        (found.range, odds.range),
    ):
        again = from_samples(values, found.weight)
        np.testing.assert_array_equal(again.values, distribution.values)
        np.testing.assert_array_equal(again.cumulative, distribution.cumulative)


@pytest.mark.parametrize("hours", [0.0, 9.4, 20.0])
def test_vol_and_range_alone_are_those_of_the_whole_odds(learnt: Learnt, hours: float) -> None:
    shifted = replace(with_ratios(0.9, 0.8), growth=np.array([0.3, -0.9, 0.6, 1.5]))
    whole, alone = (ask(state_of(learnt, hours), shifted) for ask in (learnt.model.predict, learnt.model.finals))
    for metric in METRICS:
        np.testing.assert_array_equal(alone.of(metric).values, whole.of(metric).values)
        np.testing.assert_array_equal(alone.of(metric).cumulative, whole.of(metric).cumulative)
    np.testing.assert_array_equal(alone.levels, whole.levels)


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
        before = learnt.model.predict(session_state(learnt.model, learnt.start, candles, now_ms - 1), PLAIN)
        after = learnt.model.predict(session_state(learnt.model, learnt.start, candles, now_ms), PLAIN)
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


def naive_column(
    library: PathLibrary, before: int, state: SessionState, until: float, factors: tuple[float, float]
) -> list[NaivePath]:
    """Where every path is after `until` hours, by plain loops; it is followed as large a part of its way as today's."""
    found = []
    weights = naive_weights(library, before, state)
    for (j, hour, direction), weight in weights.items():
        seen, start = library.seen, library.seen.prices[j, hour]
        reach = 24 - (24 - until) / (24 - state.elapsed) * (24 - hour)
        last = min(int(reach), 23)
        part = reach - last
        at = []
        for end in (last, last + 1):
            known = [k for k in range(hour, end) if not math.isnan(seen.highest[j, k])]
            top = max([0.0, *(seen.highest[j, k] - start for k in known)])
            bottom = min([0.0, *(seen.lowest[j, k] - start for k in known)])
            at.append((seen.prices[j, end] - start, top, bottom))
        close, top, bottom = ((1 - part) * one + part * other for one, other in zip(*at, strict=True))
        unit = state.scale / library.ahead[j, hour]
        low, high = sorted(direction * one * unit * factors[1] for one in (top, bottom))
        close = min(max(direction * close * unit * factors[0], low), high)
        moved = abs(state.price * math.exp(close) - state.open) / state.open * 100
        highest, lowest = (
            max(state.high, state.price * math.exp(high)),
            min(state.low, state.price * math.exp(low)),
        )
        found.append(NaivePath(weight, moved, (highest - lowest) / state.open * 100, j))
    return found


@pytest.mark.parametrize(
    ("ratios", "hours", "until", "factors"),
    [
        ((1.0, 1.0), 0.0, 7.0, (1.0, 1.0)),
        ((1.0, 1.0), 6.0, 7.0, (1.0, 1.0)),
        ((1.0, 1.0), 9.4, 16.0, (1.0, 1.0)),
        ((1.2, 0.85), 5.5, 23.0, (1.2, 0.85)),
    ],
)
def test_a_column_of_the_fan_equals_a_naive_loop_over_past_paths(
    learnt: Learnt, ratios: tuple[float, float], hours: float, until: float, factors: tuple[float, float]
) -> None:
    state = state_of(learnt, hours)
    (column,) = learnt.model.fan(state, with_ratios(*ratios), [until])
    rows = naive_column(learnt.library, TODAY, state, until, factors)
    total = sum(path.weight for path in rows)
    for value in (0.3, 1.0, 2.0, 4.0):
        further = sum(path.weight for path in rows if path.move > value) / total
        assert column.volatility.exceeds(value) == pytest.approx(further, abs=1e-10)
        wider = sum(path.weight for path in rows if path.range > value) / total
        assert column.range.exceeds(value) == pytest.approx(wider, abs=1e-10)
    assert column.volatility.mean == pytest.approx(sum(path.weight * path.move for path in rows) / total, rel=1e-10)
    assert column.range.mean == pytest.approx(sum(path.weight * path.range for path in rows) / total, rel=1e-10)


@pytest.mark.parametrize("hours", [0.0, 6.0, 9.4, 17.75])
def test_a_price_is_touched_by_the_paths_that_reach_it(learnt: Learnt, hours: float) -> None:
    state = state_of(learnt, hours)
    odds = learnt.model.predict(state, PLAIN)
    now = (state.price - state.open) / state.open * 100
    paths = list(naive_weights(learnt.library, TODAY, state).items())
    total = sum(weight for _, weight in paths)
    for distance in (-3.0, -1.0, -0.2, 0.2, 1.0, 3.0):
        level = now + distance
        reach = math.log((state.open * (1 + level / 100)) / state.price) / state.scale
        found = 0.0
        for (j, hour, direction), weight in paths:
            ends = (direction * learnt.library.high[j, hour], direction * learnt.library.low[j, hour])
            found += weight * (max(ends) >= reach if distance > 0 else min(ends) <= reach)
        assert odds.touches(level, now) == pytest.approx(found / total, abs=1e-10)
        beyond = odds.move.exceeds(level) if distance > 0 else odds.move.below(level)
        assert odds.touches(level, now) >= beyond
    assert odds.touches(now, now) == 1.0


@pytest.mark.parametrize("hours", [0.0, 6.0, 9.4, 20.0])
def test_the_last_column_of_the_fan_is_the_distribution_of_the_odds(learnt: Learnt, hours: float) -> None:
    state = state_of(learnt, hours)
    odds, fan = learnt.model.predict(state, PLAIN), learnt.model.fan(state, PLAIN, [21.5, 24.0])
    for metric in METRICS:
        assert np.array_equal(fan[-1].of(metric).values, odds.of(metric).values)
        assert np.array_equal(fan[-1].of(metric).cumulative, odds.of(metric).cumulative)
        assert fan[0].of(metric).values.tolist() != fan[1].of(metric).values.tolist()


@pytest.mark.parametrize("hours", [0.0, 6.0, 9.4])
def test_the_fan_opens_from_what_has_happened_and_range_never_shrinks(learnt: Learnt, hours: float) -> None:
    state = state_of(learnt, hours)
    at = [hours + 1e-6, *range(math.floor(hours) + 1, 25)]
    fan = learnt.model.fan(state, PLAIN, at)
    so_far = (state.high - state.low) / state.open * 100
    moved = abs(state.price - state.open) / state.open * 100
    assert fan[0].range.quantile(0.99) == pytest.approx(so_far, abs=0.01)
    assert fan[0].volatility.quantile(0.5) == pytest.approx(moved, abs=0.01)
    for level in (0.1, 0.5, 0.9):
        quantiles = [column.range.quantile(level) for column in fan]
        assert quantiles == sorted(quantiles)
        assert quantiles[0] >= so_far - 1e-9
