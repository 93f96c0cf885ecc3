"""The answer about weekdays and hours, against plain loops over candles."""

from __future__ import annotations

import itertools
import statistics

import pytest

from tests.queries.by_hand import Bar, Day, flat, history, walk
from volatility.presentation.numbers import WEEKDAYS
from volatility.queries.seasonality import seasonality_report

DAYS = walk(16)  # from a Monday: three Mondays and Tuesdays, two of each other day


def ranges(days: list[list[Bar]], hour: int) -> list[float]:
    return [100 * (day[hour][1] - day[hour][2]) / day[hour][0] for day in days]


def test_each_weekday_and_hour_has_the_candles_of_its_own() -> None:
    report = seasonality_report(history(DAYS))
    assert [row["weekday"] for row in report["weekdays"]] == list(WEEKDAYS)
    assert [row["n"] for row in report["weekdays"]] == [3, 3, 2, 2, 2, 2, 2]
    for weekday, row in enumerate(report["weekdays"]):
        assert [cell["elapsed"] for cell in row["hours"]] == list(range(24))
        for hour, cell in enumerate(row["hours"]):
            seen = ranges(DAYS[weekday::7], hour)
            assert cell["n"] == len(seen)
            assert cell["mean_range_pct"] == pytest.approx(statistics.mean(seen), abs=1e-9)
            assert cell["median_range_pct"] == pytest.approx(statistics.median(seen), abs=1e-9)


def test_a_weekdays_vol_and_range_are_those_of_its_sessions() -> None:
    row = seasonality_report(history(DAYS))["weekdays"][1]
    moves, spreads = [], []
    for day in DAYS[1::7]:
        moves.append(100 * abs(day[-1][3] - day[0][0]) / day[0][0])
        spreads.append(100 * (max(bar[1] for bar in day) - min(bar[2] for bar in day)) / day[0][0])
    for name, values in (("volatility_pct", moves), ("range_pct", spreads)):
        assert row[name]["mean"] == pytest.approx(statistics.mean(values), abs=1e-9)
        assert row[name]["median"] == pytest.approx(statistics.median(values), abs=1e-9)
        # Of three values, one draw of 27 is thrice the least: more than the 2.5 % that lie below the interval.
        ends = {"low": pytest.approx(min(values)), "high": pytest.approx(max(values))}
        assert row[name]["mean_interval"] == row[name]["median_interval"] == ends


def test_the_share_of_an_hour_is_all_where_the_others_stand_still() -> None:
    days: list[Day] = [flat(100, 103, 99, 101)] * 7
    hours = seasonality_report(history(days))["weekdays"][2]["hours"]
    assert [cell["variance_share"] for cell in hours] == [1.0] + [0.0] * 23
    assert [cell["mean_range_pct"] for cell in hours[:2]] == [4.0, 0.0]


def test_the_lookback_counts_calendar_sessions_from_the_newest_back() -> None:
    report = seasonality_report(history(DAYS), 7)
    assert [row["n"] for row in report["weekdays"]] == [1] * 7
    assert report["lookback"] == 7
    assert report["sessions"] == 16  # what history holds
    (monday, *_) = report["weekdays"]
    assert monday["hours"][0]["mean_range_pct"] == pytest.approx(ranges(DAYS, 0)[14], abs=1e-9)


def test_two_years_are_looked_back_over_and_a_day_that_never_was_has_no_numbers() -> None:
    report = seasonality_report(history(DAYS[:6]))
    sunday = report["weekdays"][6]
    assert report["lookback"] == 730
    assert (sunday["n"], sunday["hours"][3]["n"]) == (0, 0)
    assert sunday["range_pct"] == dict.fromkeys(("mean", "mean_interval", "median", "median_interval"))


def test_the_variance_ahead_agrees_with_the_shares_of_the_hours() -> None:
    for row in seasonality_report(history(DAYS))["weekdays"]:
        shares = [cell["variance_share"] for cell in row["hours"]]
        assert row["variance_ahead"][0] == 1.0
        assert row["variance_ahead"][-1] == 0.0
        assert row["variance_ahead"] == pytest.approx([sum(shares[hour:]) for hour in range(25)], abs=1e-12)
        assert all(one > other for one, other in itertools.pairwise(row["variance_ahead"]))


def test_a_weekday_that_never_was_has_no_variance_ahead() -> None:
    report = seasonality_report(history(DAYS[:6]))
    assert [row["variance_ahead"] is None for row in report["weekdays"]] == [False] * 6 + [True]
