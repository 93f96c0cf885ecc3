"""The answer about a straddle, over sessions whose ends are set by hand, and of a distribution that is known."""

from __future__ import annotations

import math
import statistics
from statistics import NormalDist

import pytest

from tests.queries.by_hand import Day, flat, foretold, model_of, running, walk
from volatility.domain.errors import DataIncomplete
from volatility.presentation.catalogue.straddle import DEFINED
from volatility.queries.session_model import NEEDED
from volatility.queries.straddle import Terms, straddle_report

ENDS = [103.0, 98.0, 101.0, 100.0, 94.0, 107.0, 99.0, 105.0, 97.0, 100.5]  # percent of each session's open of 50
DAYS: list[Day] = [flat(50.0, 55.0, 45.0, end / 2) for end in ENDS]
LONG = walk(NEEDED + 1, seed=5)
NOW = running(10, [(200.0, 206.0, 198.0, 202.0)], 1.0)  # 1 percent is 2


def profits(premium_pct: float, strike_pct: float = 100.0) -> list[float]:
    return [abs(end - strike_pct) - premium_pct for end in ENDS]


def test_past_sessions_are_asked_in_proportion_to_their_own_open() -> None:
    report = straddle_report(model_of(DAYS, NOW), NOW, Terms(5.0))  # 2.5 percent of today's open
    earned = profits(2.5)
    record = report["records"][-1]
    assert (record["lookback"], record["n"]) == (None, 10)
    assert record["win_rate"] == sum(profit > 0 for profit in earned) / 10 == 0.5
    for name, value in (
        ("mean_profit", statistics.mean(earned)),
        ("median_profit", statistics.median(earned)),
        ("worst_profit", min(earned)),
        ("best_profit", max(earned)),
    ):
        assert record[f"{name}_pct"] == pytest.approx(value, abs=1e-9), name
        assert record[name] == pytest.approx(2 * value, abs=1e-9), name


def test_the_interval_of_the_mean_is_in_money_twice_what_it_is_in_percent() -> None:
    record = straddle_report(model_of(DAYS, NOW), NOW, Terms(5.0))["records"][-1]
    percent, money = record["mean_profit_interval_pct"], record["mean_profit_interval"]
    assert percent["low"] < record["mean_profit_pct"] < percent["high"]
    assert money == {end: pytest.approx(2 * percent[end], abs=1e-9) for end in ("low", "high")}
    nine = straddle_report(model_of(DAYS, NOW), NOW, Terms(5.0), lookback=9)["records"][0]
    assert (nine["n"], nine["mean_profit_interval"], nine["win_rate_interval"]) == (9, None, None)


def test_premium_strike_and_breakevens_are_said_in_both_units() -> None:
    report = straddle_report(model_of(DAYS, NOW), NOW, Terms(5.0, 204.0))
    assert report["reference"] == 200.0
    assert (report["premium"], report["premium_pct"]) == (5.0, 2.5)
    assert (report["strike"], report["strike_pct"]) == (204.0, 102.0)
    assert report["breakevens"] == {"low": 199.0, "high": 209.0, "low_pct": 99.5, "high_pct": 104.5}
    assert report["records"][-1]["mean_profit_pct"] == pytest.approx(statistics.mean(profits(2.5, 102.0)), abs=1e-9)


@pytest.mark.parametrize(
    ("lookback", "shown"),
    [
        (None, [30, 90, 365, None]),
        (90, [30, 90, 365, None]),
        (4, [4, 30, 90, 365, None]),
        (100, [30, 90, 100, 365, None]),
        (1000, [30, 90, 365, 1000, None]),
    ],
)
def test_a_lookback_of_ones_own_stands_among_the_others_by_length(
    lookback: int | None, shown: list[int | None]
) -> None:
    report = straddle_report(model_of(DAYS, NOW), NOW, Terms(5.0), lookback=lookback)
    assert [record["lookback"] for record in report["records"]] == shown
    assert report["by_weekday"]["lookback"] == lookback
    held = 4 if lookback == 4 else 10
    assert sum(record["n"] for record in report["by_weekday"]["weekdays"]) == held
    assert report["records"][0]["n"] == held


def test_each_weekday_has_its_own_sessions() -> None:
    rows = straddle_report(model_of(DAYS, NOW), NOW, Terms(5.0))["by_weekday"]["weekdays"]
    earned = profits(2.5)
    assert [row["weekday"] for row in rows[:2]] == ["Monday", "Tuesday"]
    for weekday, row in enumerate(rows):
        assert row["n"] == len(earned[weekday::7])
        assert row["mean_profit_pct"] == pytest.approx(statistics.mean(earned[weekday::7]), abs=1e-9)


def test_its_worth_now_is_what_it_pays_on_average_at_the_ends_that_are_expected() -> None:
    """Ends of 96, 99, 100, 102 and 103 percent."""
    value = straddle_report(foretold(DAYS, NOW), NOW, Terms(5.0, 202.0))["value"]
    payoffs = [abs(end - 101) for end in (96, 99, 100, 102, 103)]
    fair = sum(payoffs) / 5
    assert (value["missing"], value["n"]) == (None, 200)
    assert (value["fair_pct"], value["fair"]) == (pytest.approx(fair), pytest.approx(2 * fair))
    assert value["expected_profit_pct"] == pytest.approx(fair - 2.5)
    assert (value["fair_interval"], value["fair_interval_pct"]) == (None, None)  # five sessions show nothing
    assert value["probability"] == pytest.approx(sum(payoff > 2.5 for payoff in payoffs) / 5)


def test_what_past_sessions_paid_stands_beside_it_with_its_own_interval() -> None:
    report = straddle_report(foretold(DAYS, NOW), NOW, Terms(5.0, 202.0))
    value, paid = report["value"], [abs(end - 101) for end in ENDS]
    assert value["past_lookback"] == 365
    assert value["past_payoff_pct"] == pytest.approx(statistics.mean(paid), abs=1e-9)
    assert value["past_payoff"] == pytest.approx(2 * statistics.mean(paid), abs=1e-9)
    record = report["records"][-2]
    assert record["lookback"] == 365
    for end in ("low", "high"):
        known = record["mean_profit_interval_pct"][end] + 2.5
        assert value["past_payoff_interval_pct"][end] == pytest.approx(known, abs=1e-9)
        assert value["past_payoff_interval"][end] == pytest.approx(2 * known, abs=1e-9)
    asked = straddle_report(foretold(DAYS, NOW), NOW, Terms(5.0, 202.0), lookback=4)["value"]
    assert (asked["past_lookback"], asked["past_payoff_interval"]) == (4, None)
    assert asked["past_payoff_pct"] == pytest.approx(statistics.mean(paid[-4:]), abs=1e-9)


def test_a_fair_value_of_many_sessions_says_how_far_it_may_be_off() -> None:
    now = running(NEEDED + 1, walk(1, seed=2, price=LONG[-1][-1][3])[0][:1], 1.0)
    value = straddle_report(model_of(LONG, now), now, Terms(1.0))["value"]
    percent, money = value["fair_interval_pct"], value["fair_interval"]
    assert percent["low"] < value["fair_pct"] < percent["high"] < 2 * value["fair_pct"]
    unit = value["fair"] / value["fair_pct"]
    assert money == {end: pytest.approx(percent[end] * unit, rel=1e-6) for end in ("low", "high")}


def test_without_odds_there_is_no_worth_and_it_is_said_why() -> None:
    value = straddle_report(model_of(DAYS, NOW), NOW, Terms(5.0))["value"]
    assert value.pop("missing") == "some 300 past sessions with all their candles are needed, there are 10"
    assert (value.pop("missing_code"), value.pop("n")) == ("short_history", 10)
    assert value.pop("implied_volatility") > 0  # it takes the price and the clock alone
    past = {name: value.pop(name) for name in list(value) if name.startswith("past_")}
    assert past["past_payoff_pct"] == pytest.approx(statistics.mean(profits(0.0)), abs=1e-9)  # that is known
    assert set(value.values()) == {None}


def test_before_the_first_candle_the_last_price_of_history_stands_for_the_open() -> None:
    now = running(12, [], 0.5)
    report = straddle_report(model_of([*DAYS, []], now), now, Terms(1.0))
    assert report["reference"] == 100.5 / 2
    assert report["strike"] == 100.5 / 2


def test_where_no_price_was_ever_there_is_nothing_to_say() -> None:
    now = running(1, [], 0.5)
    with pytest.raises(DataIncomplete, match=r"^no session of BTCUSDT before 2024-01-02 is stored$"):
        straddle_report(model_of([[]], now), now, Terms(1.0))


def test_without_a_premium_there_is_a_worth_and_no_record() -> None:
    report = straddle_report(foretold(DAYS, NOW), NOW, Terms(strike=202.0))
    known = straddle_report(foretold(DAYS, NOW), NOW, Terms(5.0, 202.0))
    assert (report["premium"], report["premium_pct"], report["breakevens"]) == (None, None, None)
    assert (report["records"], report["by_weekday"]) == ([], {"lookback": None, "weekdays": []})
    bought = ("expected_profit", "expected_profit_pct", "probability", "implied_volatility")
    assert {name: report["value"][name] for name in bought} == dict.fromkeys(bought)
    for name, value in known["value"].items():
        if name not in bought:
            assert report["value"][name] == value, name
    assert (report["strike"], report["reference"]) == (202.0, 200.0)


def test_call_and_put_are_what_the_ends_above_and_below_the_strike_pay() -> None:
    """Ends of 96, 99, 100, 102 and 103 percent, struck at 101; 1 percent is 2."""
    value = straddle_report(foretold(DAYS, NOW), NOW, Terms(5.0, 202.0))["value"]
    assert (value["call_pct"], value["put_pct"]) == (pytest.approx(3 / 5), pytest.approx(8 / 5))
    assert (value["call"], value["put"]) == (pytest.approx(6 / 5), pytest.approx(16 / 5))
    assert value["call"] + value["put"] == pytest.approx(value["fair"])


def test_premium_and_fair_value_are_said_as_the_volatilities_that_they_imply_now() -> None:
    """The price is 202 and 23 hours are left."""
    value = straddle_report(foretold(DAYS, NOW), NOW, Terms(5.0, 202.0))["value"]
    for name, paid in (("implied_volatility", 5.0), ("fair_volatility", value["fair"])):
        deviation = value[name] / 100 * math.sqrt(23 / 24 / 365)
        assert 202 * (2 * NormalDist().cdf(deviation / 2) - 1) * 2 == pytest.approx(paid, rel=1e-9), name


@pytest.mark.parametrize("premium", [2.0, 1.0])
def test_a_premium_below_what_exercising_pays_implies_no_volatility(premium: float) -> None:
    assert straddle_report(foretold(DAYS, NOW), NOW, Terms(premium))["value"]["implied_volatility"] is None


def test_every_number_is_defined_by_a_sentence() -> None:
    definitions = straddle_report(model_of(DAYS, NOW), NOW, Terms(5.0))["definitions"]
    assert set(definitions) == {field.name for field in DEFINED}
    assert all(text.endswith(".") and not text[0].islower() for text in definitions.values())
