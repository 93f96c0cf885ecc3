"""Windows over the sessions' own percentages, against pandas on the calendar of days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volatility.domain.calendar import SessionCalendar
from volatility.domain.metrics import METRICS, RANGE, VOLATILITY, Metric
from volatility.domain.sessions import Session
from volatility.queries.percentages import lead_begins, percent_windows

MOSCOW = SessionCalendar(time(11), ZoneInfo("Europe/Moscow"))
FIRST = date(2024, 1, 1)
LEVELS = {"median": 0.5, "p10": 0.1, "p25": 0.25, "p75": 0.75, "p90": 0.9}


def session(number: int, opened: float, move: float) -> Session:
    """A session that rises by a move, and fell by as much before."""
    bounds = MOSCOW.bounds(FIRST + timedelta(days=number))
    return Session(bounds, opened, opened + move, opened - move, opened + move, 1.0, trades=1, candles=24)


def by_pandas(sessions: Sequence[Session], metric: Metric, window: int) -> pd.DataFrame:
    """Every statistic at every calendar session: pandas' rolling window over days, one row a day from the first."""
    moved = {
        one.bounds.date: abs(one.close - one.open) if metric == VOLATILITY else one.high - one.low for one in sessions
    }
    days = pd.date_range(FIRST, sessions[-1].bounds.date)
    percents = {pd.Timestamp(one.bounds.date): moved[one.bounds.date] / one.open * 100 for one in sessions}
    values = pd.Series(percents).reindex(days)
    rolling = values.rolling(window, min_periods=int(np.ceil(0.8 * window - 1e-9)))
    found = pd.DataFrame({"mean": rolling.mean()} | {name: rolling.quantile(q) for name, q in LEVELS.items()})
    found.iloc[: window - 1] = np.nan  # history does not reach back that far
    found["n"] = values.notna().rolling(window, min_periods=1).sum()
    return found


moves = st.lists(st.none() | st.tuples(st.floats(0.5, 2e5), st.floats(0, 0.4)), min_size=1, max_size=25).filter(
    lambda days: days[-1] is not None
)


@given(moves, st.sets(st.integers(1, 9), min_size=1, max_size=3), st.data())
def test_every_window_is_that_of_pandas_whatever_is_missing_and_wherever_it_is_cut(
    days: list[tuple[float, float] | None], windows: set[int], data: st.DataObject
) -> None:
    sessions = [session(place, day[0], day[0] * day[1]) for place, day in enumerate(days) if day]
    since = FIRST + timedelta(days=data.draw(st.integers(0, len(days) - 1)))
    begins = lead_begins(sorted(windows), first=FIRST, since=since)
    for metric in METRICS:
        known = [one for one in sessions if one.bounds.date >= begins]
        found = percent_windows(known, metric, sorted(windows), first=FIRST, since=since)
        for window in windows:
            expected = by_pandas(sessions, metric, window).iloc[(since - FIRST).days :]
            assert [one.n for one in found[window]] == expected["n"].tolist()
            for name in ("mean", *LEVELS):
                shown = np.array([one.values[name] for one in found[window]], float)
                np.testing.assert_allclose(shown, expected[name], rtol=1e-9, atol=1e-9)


def test_the_lead_goes_back_as_far_as_the_longest_window_and_never_before_history() -> None:
    since = FIRST + timedelta(days=20)
    assert lead_begins((3, 10), first=FIRST, since=since) == FIRST + timedelta(days=11)
    assert lead_begins((3, 30), first=FIRST, since=since) == FIRST
    assert lead_begins((1,), first=FIRST, since=since) == since


def test_each_session_counts_in_percent_of_its_own_open() -> None:
    """10 of 100 and 10 of 1000: a mean of 5.5 %, where the mean move over the mean open would be 1.8 %."""
    (found,) = percent_windows(
        [session(0, 100.0, 10.0), session(1, 1000.0, 10.0)],
        VOLATILITY,
        (2,),
        first=FIRST,
        since=FIRST + timedelta(days=1),
    )[2]
    assert found.n == 2
    assert found.values["mean"] == pytest.approx(5.5)


def test_without_sessions_there_are_no_windows() -> None:
    assert percent_windows([], RANGE, (2, 5), first=FIRST, since=FIRST) == {2: [], 5: []}
