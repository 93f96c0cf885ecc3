"""What answers about a running session rest on: which sessions are in its history, and what is missing for odds."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.queries.by_hand import MOSCOW, Day, candles_of, history, label, model_of, running, start_ms, walk
from volatility.analytics.recalibration import Recalibration
from volatility.domain.hours import HOUR_MS
from volatility.domain.metrics import METRICS
from volatility.queries.session_model import (
    NEEDED,
    Missing,
    SessionModel,
    basis_of,
    own_candles,
    own_panel,
    session_model,
)

DAYS = walk(6)
LONG = walk(NEEDED + 1, seed=5)
TODAY = walk(1, seed=2, price=LONG[-1][-1][3])[0]


@pytest.fixture(scope="module")
def long() -> SessionModel:
    """History that is just long enough, and a session after it."""
    return model_of(LONG, running(len(LONG), TODAY, 24.0))


def test_the_last_session_of_the_panel_is_the_running_one_without_its_candles() -> None:
    model = model_of(DAYS, running(6, TODAY[:5], 5.0))
    assert model.panel.starts_ms.tolist() == [start_ms(number) for number in range(7)]
    assert model.panel.candles.tolist() == [24] * 6 + [0]
    assert model.panel.weekdays.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert len(model.closed_panel) == 6
    np.testing.assert_array_equal(model.closed_panel.close, [[bar[3] for bar in day] for day in DAYS])


def test_sessions_that_nobody_has_closed_yet_come_from_the_newest_candles() -> None:
    late: Day = [None, *DAYS[5][1:]]
    model = model_of(DAYS[:4], running(6, TODAY[:1], 1.0, [(4, DAYS[4]), (5, late)]))
    assert model.panel.candles.tolist() == [24] * 5 + [23, 0]
    assert model.panel.close[4].tolist() == [bar[3] for bar in DAYS[4]]
    assert math.isnan(model.panel.close[5, 0])


def test_a_late_session_of_which_only_the_end_is_known_is_left_out() -> None:
    now = running(6, TODAY[:1], 1.0, [(4, DAYS[4]), (5, DAYS[5])])
    cut = replace(now, recent=now.recent._replace(start_ms=start_ms(4) + HOUR_MS), candles=now.candles[1:])
    basis = basis_of(history(DAYS[:4]), cut)
    assert basis.late == tuple(candles_of(5, DAYS[5]))
    assert basis.panel().candles.tolist() == [24] * 4 + [0, 24, 0]


def test_candles_of_closed_sessions_are_historys_own() -> None:
    now = running(6, TODAY[:1], 1.0, [(4, LONG[4]), (5, LONG[5])])
    assert basis_of(history(DAYS), now).late == ()


def test_before_history_there_is_none() -> None:
    """By a clock that is wrong."""
    panel = basis_of(history(DAYS), running(-2, [], 1.0)).panel()
    assert panel.starts_ms.tolist() == [start_ms(-2)]
    within = basis_of(history(DAYS), running(3, [], 1.0)).panel()
    assert within.starts_ms.tolist() == [start_ms(number) for number in range(4)]
    assert within.candles.tolist() == [24, 24, 24, 0]


def test_the_same_history_session_and_late_candles_are_one_basis() -> None:
    """So that one model serves the whole session; another reading of history makes another."""
    past = history(DAYS[:5])
    now, later = (running(6, TODAY[:n], float(n), [(5, DAYS[5])]) for n in (1, 9))
    assert basis_of(past, now) == basis_of(past, later)
    assert hash(basis_of(past, now)) == hash(basis_of(past, later))
    assert basis_of(past, now) != basis_of(history(DAYS[:5]), now)
    assert basis_of(past, now) != basis_of(past, running(6, TODAY[:1], 1.0))
    assert basis_of(past, now).series is past.series


def test_the_running_sessions_own_candles_and_panel() -> None:
    now = running(6, TODAY[:3], 3.0, [(5, DAYS[5])])
    assert own_candles(now) == candles_of(6, TODAY[:3])
    panel = own_panel(now)
    assert panel.high[0, :4].tolist()[:3] == [bar[1] for bar in TODAY[:3]]
    assert (len(panel), panel.candles.tolist(), panel.weekdays.tolist()) == (1, [3], [label(6).weekday()])


def test_too_few_whole_sessions_are_said_with_how_many_are_needed() -> None:
    holed: list[Day] = [*DAYS[:5], DAYS[5][:23]]
    outlook = model_of(holed, running(6, TODAY[:5], 5.0)).outlook(running(6, TODAY[:5], 5.0))
    assert (outlook.sessions, outlook.odds) == (5, None)
    needed = "some 300 past sessions with all their candles are needed, there are 5"
    assert outlook.missing == Missing("short_history", needed)


def test_without_a_candle_nothing_is_foretold(long: SessionModel) -> None:
    outlook = long.outlook(running(len(LONG), [], 0.5))
    assert (outlook.odds, outlook.missing) == (None, Missing("no_candle", "the running session has no candle yet"))
    assert long.fan(running(len(LONG), [], 0.5)) == []


@pytest.mark.parametrize(("hours", "first"), [(0.25, 1), (3.0, 4), (22.9, 23), (23.5, 24)])
def test_the_fan_goes_by_full_hours_to_the_end_where_it_is_the_outlook(
    long: SessionModel, hours: float, first: int
) -> None:
    now = running(len(LONG), TODAY[: math.floor(hours) + 1], hours)
    fan, odds = long.fan(now), long.outlook(now).odds
    assert odds is not None
    assert [hour.elapsed for hour in fan] == list(range(first, 25))
    for metric in METRICS:
        assert fan[-1].finals.of(metric).values.tolist() == odds.of(metric).values.tolist()
        assert fan[-1].finals.of(metric).cumulative.tolist() == odds.of(metric).cumulative.tolist()


def test_after_the_end_there_is_no_fan(long: SessionModel) -> None:
    assert long.fan(running(len(LONG), TODAY, 24.0)) == []


def test_at_its_end_a_session_is_what_it_has_become(long: SessionModel) -> None:
    odds = long.outlook(running(len(LONG), TODAY, 24.0)).odds
    assert odds is not None
    first, last = TODAY[0][0], TODAY[-1][3]
    high, low = max(bar[1] for bar in TODAY), min(bar[2] for bar in TODAY)
    assert odds.volatility.values.tolist() == [pytest.approx(100 * abs(last - first) / first)]
    assert odds.range.values.tolist() == [pytest.approx(100 * (high - low) / first)]


@pytest.mark.parametrize("hours", [0.0, 5.0, 23.9])
def test_on_the_way_the_range_never_ends_below_what_it_is(long: SessionModel, hours: float) -> None:
    day = TODAY[: math.floor(hours) + 1]
    outlook = long.outlook(running(len(LONG), day, hours))
    high, low = max(bar[1] for bar in day), min(bar[2] for bar in day)
    assert outlook.missing is None
    assert outlook.sessions >= 180
    assert outlook.odds is not None
    assert outlook.odds.range.values[0] >= 100 * (high - low) / day[0][0] - 1e-9
    assert outlook.odds.range.values[-1] > 100 * (high - low) / day[0][0]


def ranges(long: SessionModel, day: Day, hours: float) -> list[float]:
    """All Ranges that the session may end with, in order."""
    odds = long.outlook(running(len(LONG), day, hours)).odds
    assert odds is not None
    return list(odds.range.values)


def test_the_odds_are_corrected_by_what_the_scores_before_the_session_taught(long: SessionModel) -> None:
    plain = running(len(LONG), [(TODAY[0][0],) * 4], 0.0)
    taught = replace(plain, recalibration=Recalibration(level=np.array([[0.8e4, 1e4], [0.9e4, 1e4]]), level_count=1e4))
    before, after = long.outlook(plain).odds, long.outlook(taught).odds
    assert before is not None
    assert after is not None
    assert after.volatility.mean == pytest.approx(0.8 * before.volatility.mean, rel=2e-3)
    assert after.range.mean == pytest.approx(0.9 * before.range.mean, rel=2e-3)


def test_a_clock_outside_the_session_is_taken_for_its_nearer_end(long: SessionModel) -> None:
    assert ranges(long, TODAY, 24.0) == ranges(long, TODAY, 27.5)
    assert ranges(long, TODAY[:1], 0.0) == ranges(long, TODAY[:1], -2.0)


def test_a_model_is_made_once_and_says_whether_it_has_been() -> None:
    basis = basis_of(history(DAYS), running(6, TODAY[:1], 1.0))
    model = session_model(basis)
    assert not model.ready
    model.fit()
    assert model.ready
    assert model.fitted is model.fitted
    assert model.fitted.complete == 6


def test_calendars_are_those_of_the_series() -> None:
    assert model_of(DAYS, running(6, [], 0.0)).panel.ends_ms[-1] == MOSCOW.bounds(label(6)).close_ms
