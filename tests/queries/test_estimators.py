"""The answer about estimators: each window and horizon has its own number, against formulas over candles."""

from __future__ import annotations

import itertools
import math
import statistics

import pytest

from tests.queries.by_hand import Bar, Day, history, walk
from volatility.queries.estimators import volatility_report

DAYS = walk(8)


def whole(day: Day) -> Bar:
    """A session as one candle."""
    bars = [bar for bar in day if bar]
    return bars[0][0], max(bar[1] for bar in bars), min(bar[2] for bar in bars), bars[-1][3]


def yearly(variance: float) -> float:
    return 100 * math.sqrt(365 * variance)


def parkinson(days: list[list[Bar]]) -> float:
    ranges = [math.log(high / low) for _, high, low, _ in map(whole, days)]
    return yearly(sum(r * r for r in ranges) / len(ranges) / (4 * math.log(2)))


def close_to_close(closes: list[float]) -> float:
    return yearly(statistics.variance(math.log(b / a) for a, b in itertools.pairwise(closes)))


def test_a_window_takes_the_newest_sessions() -> None:
    found = volatility_report(history(DAYS))["estimators"]
    for window in (5, 7):
        assert found["parkinson"]["windows"][str(window)] == {
            "value": pytest.approx(parkinson(DAYS[-window:]), rel=1e-12),
            "n": window,
        }
        closes = [whole(day)[3] for day in DAYS[-window - 1 :]]
        assert found["close_to_close"]["windows"][str(window)]["value"] == pytest.approx(close_to_close(closes))


def test_realised_variance_sums_the_hours() -> None:
    squares = [sum(math.log(last / first) ** 2 for first, _, _, last in day) for day in DAYS[-5:]]
    found = volatility_report(history(DAYS))["estimators"]["realised_returns"]["windows"]["5"]
    assert found["value"] == pytest.approx(yearly(sum(squares) / 5), rel=1e-12)


def test_a_window_that_history_does_not_fill_has_no_value_and_says_how_much_there_is() -> None:
    found = volatility_report(history(DAYS))["estimators"]
    for name, estimator in found.items():
        assert estimator["windows"]["14"] == {"value": None, "n": 8}, name
        assert estimator["windows"]["5"]["value"] is not None, name


def test_the_cone_sets_the_current_value_among_all_windows_of_its_length() -> None:
    cone = volatility_report(history(DAYS))["estimators"]["parkinson"]["cone"]
    past = [parkinson(DAYS[end - 3 : end]) for end in range(3, 9)]
    assert cone["3"] == {
        "current": pytest.approx(past[-1]),
        "min": pytest.approx(min(past)),
        "p25": pytest.approx(statistics.quantiles(past, n=4, method="inclusive")[0]),
        "median": pytest.approx(statistics.median(past)),
        "p75": pytest.approx(statistics.quantiles(past, n=4, method="inclusive")[2]),
        "max": pytest.approx(max(past)),
        "percentile": pytest.approx(sum(value <= past[-1] for value in past) / 6),
        "n": 6,
    }
    assert cone["10"] == dict.fromkeys(("current", "min", "p25", "median", "p75", "max", "percentile")) | {"n": 0}


def test_it_begins_with_what_history_it_is_about() -> None:
    report = volatility_report(history([*DAYS, []]))
    assert (report["date"], report["sessions"], report["sessions_per_year"]) == ("2024-01-09", 8, 365)
    assert report["estimators"]["parkinson"]["windows"]["5"]["n"] == 4
