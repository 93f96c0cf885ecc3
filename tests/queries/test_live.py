"""The answer of one instant: each part is that of its own query, over sessions set by hand."""

from __future__ import annotations

import pytest

from tests.queries.by_hand import Bar, Day, foretold, model_of, running
from volatility.queries.cone import cone_now_fields, cone_report, percentile_fields
from volatility.queries.live import live_report
from volatility.queries.odds import Asked, Threshold, odds_fields
from volatility.queries.running_session import running_fields, today_fields
from volatility.queries.straddle import Terms, straddle_fields

BARS: list[Bar] = [(200.0, 206.0, 198.0, 202.0), (202.0, 204.0, 200.0, 203.0), (203.0, 205.0, 203.0, 204.0)]
NOW = running(6, BARS, 2.5)
DAYS: list[Day] = [[(200.0, 204.0, 196.0, 200.0)] * 24, [(200.0, 210.0, 196.0, 205.0)] * 24] * 3
ASKED = Asked((Threshold(value=5.0),), (Threshold(percent=1.0),), (204.0,))


@pytest.mark.parametrize("known", [True, False])
def test_each_part_is_that_of_its_own_query(known: bool) -> None:
    model, terms = (foretold if known else model_of)(DAYS, NOW), Terms(5.0, 202.0)
    outlook = model.outlook(NOW)
    report = live_report(model, NOW, ASKED, terms, lookback=4)
    assert report == {
        **running_fields(NOW),
        "today": today_fields(NOW, percentile_fields(model, NOW)),
        "cone": cone_now_fields(model, NOW, 4),
        "odds": odds_fields(model, NOW, outlook, ASKED),
        "straddle": straddle_fields(model, NOW, outlook, terms),
    }
    assert (report["odds"]["missing"] is None) is known


def test_the_path_is_that_of_the_cone_up_to_the_last_closed_hour() -> None:
    model = model_of(DAYS, NOW)
    part, cone = live_report(model, NOW, lookback=4)["cone"], cone_report(model, NOW, 4)
    assert [point["elapsed"] for point in part["hours"]] == [1, 2]
    for point, hour in zip(part["hours"], cone["hours"], strict=False):
        assert point == {"elapsed": hour["elapsed"], **hour["today"]}
    assert (part["lookback"], part["n"], part["percentile_by_elapsed"]) == (4, 4, cone["percentile_by_elapsed"])


def test_before_the_first_candle_there_is_no_path() -> None:
    now = running(6, [], 0.5)
    report = live_report(model_of(DAYS, now), now)
    assert (report["cone"]["hours"], report["odds"]["missing_code"]) == ([], "no_candle")
    assert report["straddle"]["reference"] == 205.0
