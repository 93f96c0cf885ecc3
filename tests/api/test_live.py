"""`/live`: the parts of four answers, all of one instant."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_simulator.faults import Reset
from tests.api.world import Client, World

ASKED = "volatility=100&volatility=50&range_pct=3&price=3900"
TERMS = "premium=120&strike=3800"


def parts(client: Client, *, lookback: int = 365) -> dict[str, Any]:
    """The same by the four other answers; the clocks stand still, so all are of one instant too."""
    today = client.get("/today").json()
    cone = client.get(f"/cone?lookback={lookback}").json()
    odds = client.get(f"/odds?{ASKED}").json()
    straddle = client.get(f"/straddle?{TERMS}").json()
    windows = ("statistics", "closed_statistics", "percentile_rank", "percentile_by_elapsed")
    heading = {name: value for name, value in today.items() if name not in windows}
    path = [{"elapsed": hour["elapsed"], **hour["today"]} for hour in cone["hours"] if hour["today"]]
    return {
        **heading,
        "today": {name: today[name] for name in windows},
        "cone": {name: cone[name] for name in ("lookback", "n", "percentile_by_elapsed")} | {"hours": path},
        "odds": {name: value for name, value in odds.items() if name not in heading},
        "straddle": {
            name: value
            for name, value in straddle.items()
            if name not in heading and name not in ("records", "by_weekday", "definitions")
        },
    }


@pytest.mark.parametrize("lookback", [365, 90])
def test_each_part_is_that_of_its_own_answer(long_asked: Client, lookback: int) -> None:
    live = long_asked.get(f"/live?{ASKED}&{TERMS}&lookback={lookback}").json()
    assert live == parts(long_asked, lookback=lookback)
    assert (live["source"], live["elapsed_hours"], len(live["cone"]["hours"])) == ("exchange", 5.6281, 5)


def test_without_a_question_it_is_the_same_but_for_what_was_not_asked(long_asked: Client) -> None:
    asked, plain = long_asked.get(f"/live?{ASKED}").json(), long_asked.get("/live").json()
    assert plain["odds"]["odds"] == {"volatility": [], "range": []}
    assert plain["odds"]["final_price"]["odds"] == []
    for name in ("odds", "final_price"):
        asked["odds"].pop(name)
        plain["odds"].pop(name)
    assert plain == asked
    assert plain["straddle"]["premium"] is None


def test_from_the_database_too_all_parts_are_of_one_instant(long_world: World) -> None:
    long_world.exchange.order(Reset())
    with long_world.client() as client:
        live = client.get(f"/live?{ASKED}&{TERMS}").json()
        assert live == parts(client)
    assert (live["source"], live["stale"], live["elapsed_hours"]) == ("database", True, 5.0)


def test_with_a_short_history_the_odds_say_what_they_lack_and_the_rest_is_there(asked: Client) -> None:
    live = asked.get(f"/live?{ASKED}&{TERMS}").json()
    assert live == parts(asked)
    assert live["odds"]["missing_code"] == live["straddle"]["value"]["missing_code"] == "short_history"
    assert live["today"]["percentile_by_elapsed"]["volatility"] is not None
    assert live["straddle"]["value"]["past_payoff"] is not None
