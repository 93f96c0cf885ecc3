"""The season by weekday and hour of the day, some of them by New York's clock, by a loop over earlier sessions."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from statistics import fmean
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.analytics.histories import DAY_MS
from volatility.analytics.season import remaining_factor, season_hours, seasonal_factors
from volatility.domain.arrays import IntArray


def starts(first: datetime, count: int) -> IntArray:
    """Starts of sessions of 24 hours."""
    return int(first.timestamp() * 1000) + np.arange(count, dtype=np.int64) * DAY_MS


def test_an_hour_of_new_yorks_day_keeps_its_place_when_clocks_change() -> None:
    friday, saturday, sunday = season_hours(starts(datetime(2024, 3, 8, 8, tzinfo=UTC), 3))  # changed on Sunday
    assert friday.tolist() == saturday.tolist()
    assert sunday[5] == friday[6]  # 13:00 UTC in summer is 14:00 UTC in winter: 9 o'clock there
    assert (sunday[3:14] == friday[4:15]).all()
    outside = [*range(3), *range(15, 24)]  # 08:00 to 10:59 and 23:00 to 07:59 UTC
    assert (sunday[outside] == friday[outside]).all()
    assert friday[outside].tolist() == [8, 9, 10, 23, *range(8)]


@pytest.mark.parametrize(
    ("day", "summer"),
    [
        (datetime(2024, 3, 9, 8, tzinfo=UTC), False),
        (datetime(2024, 3, 10, 8, tzinfo=UTC), True),
        (datetime(2024, 11, 2, 8, tzinfo=UTC), True),
        (datetime(2024, 11, 3, 8, tzinfo=UTC), False),
        (datetime(2006, 4, 1, 8, tzinfo=UTC), False),  # before 2007 summer time began in April
    ],
)
def test_new_york_decides_when_summer_begins(day: datetime, summer: bool) -> None:
    (places,) = season_hours(starts(day, 1))
    assert places[6] == 24 + 3 + summer  # 14:00 UTC, the fourth hour that goes by New York's clock


@pytest.mark.parametrize("year", [2018, 2024])
def test_from_11_to_22_utc_a_place_is_the_hour_on_new_yorks_clock(year: int) -> None:
    """Through a year with both changes, by the clock itself: the trading day there starts at one place all year."""
    first = starts(datetime(year, 1, 1, 8, tzinfo=UTC), 365)
    for start, places in zip(first.tolist(), season_hours(first).tolist(), strict=True):
        for elapsed, place in enumerate(places):
            at = datetime.fromtimestamp(start / 1000 + elapsed * 3600, UTC)
            local = at.astimezone(ZoneInfo("America/New_York"))
            assert place == (24 + local.hour - 6 if 11 <= at.hour <= 22 else at.hour), at


def test_a_session_may_start_at_any_hour() -> None:
    places = season_hours(starts(datetime(2024, 6, 1, 8, tzinfo=UTC), 2))
    shifted = season_hours(starts(datetime(2024, 6, 1, 13, tzinfo=UTC), 1))
    assert shifted[0].tolist() == [*places[0, 5:], *places[1, :5]]


def places_of_utc(sessions: int) -> IntArray:
    return np.broadcast_to(np.arange(24, dtype=np.int64), (sessions, 24))


def test_the_season_of_an_hour_equals_a_loop_over_earlier_sessions() -> None:
    rng = np.random.default_rng(2)
    ranges = rng.lognormal(-5, 0.6, (40, 24))
    ranges[3], ranges[12, 5], ranges[20, 7] = np.nan, np.nan, 1.0  # no candles, a missing hour, a burst
    weekdays = np.arange(40) % 7
    places = season_hours(starts(datetime(2024, 2, 20, 8, tzinfo=UTC), 40))  # summer begins with session 19
    factors = seasonal_factors(ranges, weekdays, places)
    assert (factors[:8] == 1.0).all()  # a week of levels, then a first session
    for i in (8, 18, 19, 25, 39):
        sums, counts = np.zeros((7, 40)), np.zeros((7, 40))
        for j in range(7, i):
            fade = 0.5 ** ((i - 1 - j) / 365)
            week = [fmean(row[np.isfinite(row)]) for row in ranges[j - 7 : j] if np.isfinite(row).any()]
            level = 0.5 * fmean(week) + 0.5 * np.nanmean(ranges[j])
            for k, u in enumerate(ranges[j]):
                sums[weekdays[j], places[j, k]] += fade * (1.0 if math.isnan(u) else min(u / level, 4.0))
                counts[weekdays[j], places[j, k]] += fade
        for k, place in enumerate(places[i]):
            all_days = sums[:, place].sum() / counts[:, place].sum() if counts[:, place].any() else 1.0
            own, n = sums[weekdays[i], place], counts[weekdays[i], place]
            assert factors[i, k] == pytest.approx((own + 5 * all_days) / (n + 5), rel=1e-10)


def test_an_hour_that_never_moves_keeps_a_factor_to_divide_by() -> None:
    ranges = np.full((30, 24), 0.01)
    ranges[:, 4] = 0.0
    factors = seasonal_factors(ranges, np.arange(30) % 7, places_of_utc(30))
    assert (factors[8:, 4] == 0.01).all()
    np.testing.assert_allclose(factors[8:, 5], 24 / 23, rtol=1e-12)  # the mean of the day is 23/24 of the other hours


def test_what_remains_of_the_season_is_the_root_of_its_squares() -> None:
    factors = np.random.default_rng(4).random((3, 24))
    found = remaining_factor(factors)
    assert found.shape == (3, 25)
    for k in range(25):
        assert found[1, k] == pytest.approx(math.sqrt(sum(f * f for f in factors[1, k:])), rel=1e-12)
