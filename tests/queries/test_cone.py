"""Where the running session stands among past ones after as many hours, against plain loops over candles."""

from __future__ import annotations

import pytest

from tests.queries.by_hand import Bar, Day, model_of, running, walk
from volatility.queries.cone import cone_report, percentile_fields

DAYS = walk(11)
TODAY = walk(1, seed=2, price=70.0)[0]


def so_far(day: Day, hours: int) -> tuple[float, float]:
    """Vol and Range after whole hours, percent of the open; a missing hour changes nothing."""
    bars: list[Bar] = [bar for bar in day[:hours] if bar]
    first = next(bar for bar in day if bar)[0]
    high, low = max([first, *(bar[1] for bar in bars)]), min([first, *(bar[2] for bar in bars)])
    last = bars[-1][3] if bars else first
    return 100 * abs(last - first) / first, 100 * (high - low) / first


def quantile(values: list[float], level: float) -> float:
    """By linear interpolation."""
    ordered, place = sorted(values), level * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def test_every_hour_has_the_quantiles_of_the_sessions_so_far() -> None:
    days: list[Day] = [*DAYS[:4], [None, *DAYS[4][1:7], None, *DAYS[4][8:]], *DAYS[5:]]
    now = running(11, TODAY[:6], 5.5)
    report = cone_report(model_of(days, now), now)
    assert (report["n"], report["lookback"], len(report["hours"])) == (11, 365, 24)
    for hour, row in enumerate(report["hours"], 1):
        seen = [so_far(day, hour) for day in days]
        assert (row["elapsed"], row["n"]) == (hour, 11)
        for place, metric in enumerate(("volatility_pct", "range_pct")):
            for name, level in (("p10", 0.1), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p90", 0.9)):
                expected = quantile([one[place] for one in seen], level)
                assert row[metric][name] == pytest.approx(expected, abs=1e-9), (hour, metric, name)


def test_todays_path_goes_as_far_as_hours_have_closed() -> None:
    now = running(11, TODAY[:6], 5.5)
    rows = cone_report(model_of(DAYS, now), now)["hours"]
    assert [row["elapsed"] for row in rows if row["today"]] == [1, 2, 3, 4, 5]
    for hour in range(1, 6):
        volatility, spread = so_far(TODAY, hour)
        shown = rows[hour - 1]["today"]
        assert shown["price"] == TODAY[hour - 1][3]
        assert shown["volatility_pct"] == pytest.approx(volatility, abs=1e-9)
        assert shown["range_pct"] == pytest.approx(spread, abs=1e-9)


def test_the_lookback_takes_the_newest_sessions() -> None:
    now = running(11, TODAY[:3], 3.0)
    model = model_of(DAYS, now)
    report = cone_report(model, now, 4)
    assert (report["n"], report["lookback"], report["hours"][2]["n"]) == (4, 4, 4)
    expected = quantile([so_far(day, 3)[1] for day in DAYS[-4:]], 0.5)
    assert report["hours"][2]["range_pct"]["p50"] == pytest.approx(expected, abs=1e-9)
    place = report["percentile_by_elapsed"]
    assert place == percentile_fields(model, now, 4)
    assert (place["lookback"], place["n"]) == (4, 4)
    assert place["range"] == sum(so_far(day, 3)[1] <= so_far(TODAY, 3)[1] for day in DAYS[-4:]) / 4


def test_the_share_of_sessions_that_had_come_no_further_lies_between_those_of_two_hours() -> None:
    now = running(11, TODAY[:7], 6.25)
    found = percentile_fields(model_of(DAYS, now), now)
    today = so_far(TODAY, 7)
    for place, metric in enumerate(("volatility", "range")):
        shares = [sum(so_far(day, hour)[place] <= today[place] for day in DAYS) / 11 for hour in (6, 7)]
        assert found[metric] == pytest.approx(0.75 * shares[0] + 0.25 * shares[1], abs=1e-12)
    assert (found["lookback"], found["n"]) == (365, 11)


def test_before_its_first_candle_a_session_has_no_place_and_no_path() -> None:
    now = running(11, [], 0.5)
    report = cone_report(model_of(DAYS, now), now)
    assert report["percentile_by_elapsed"] == {"lookback": 365, "n": 11, "volatility": None, "range": None}
    assert all(row["today"] is None for row in report["hours"])
    assert report["price"] is None


def test_a_session_without_candles_counts_nowhere() -> None:
    now = running(11, TODAY[:2], 2.0)
    report = cone_report(model_of([*DAYS[:10], []], now), now)
    assert (report["n"], report["hours"][0]["n"], report["percentile_by_elapsed"]["n"]) == (10, 10, 10)


@pytest.mark.parametrize("lookback", [365, 5])
def test_todays_rank_at_each_hour_is_what_the_rank_by_elapsed_time_was_then(lookback: int) -> None:
    now = running(11, TODAY[:8], 7.5)
    rows = cone_report(model_of(DAYS, now), now, lookback)["hours"]
    for hour in range(1, 8):
        then = running(11, TODAY[:hour], hour)
        found = percentile_fields(model_of(DAYS, then), then, lookback)
        assert rows[hour - 1]["today"]["percentile"] == {name: found[name] for name in ("volatility", "range")}
        for place, name in enumerate(("volatility", "range")):
            share = sum(so_far(day, hour)[place] <= so_far(TODAY, hour)[place] for day in DAYS[-lookback:])
            assert found[name] == pytest.approx(share / len(DAYS[-lookback:]), abs=1e-12)


def test_where_no_past_session_is_as_long_there_is_a_path_and_no_rank() -> None:
    now = running(1, TODAY[:2], 2.0)
    today = cone_report(model_of([[]], now), now)["hours"][1]["today"]
    assert today["price"] == TODAY[1][3]
    assert today["percentile"] == {"volatility": None, "range": None}
