"""The answer about odds, of a distribution of five ends that are known."""

from __future__ import annotations

import numpy as np
import pytest

from tests.queries.by_hand import Bar, foretold, model_of, running
from volatility.analytics.distribution import from_samples
from volatility.analytics.odds import Odds, Samples
from volatility.domain.metrics import RANGE, VOLATILITY
from volatility.queries.odds import Asked, Threshold, distribution_fields, odds_report, thresholds_of

NOW = running(1, [(200.0, 206.0, 198.0, 202.0)], 1.0)  # 1 percent is 2
DAYS: list[list[Bar]] = [[(200.0, 204.0, 196.0, 200.0)] * 24]
NOTHING = {"volatility": None, "range": None}


@pytest.mark.parametrize(
    ("given", "threshold", "percent", "probability"),
    [
        (Threshold(value=5.0), 5.0, 2.5, 0.4),  # Vol of 0, 1, 2, 3 and 4 percent: 3 and 4 are above
        (Threshold(percent=2.5), 5.0, 2.5, 0.4),
        (Threshold(percent=2.0), 4.0, 2.0, 0.4),  # as much is not more
        (Threshold(percent=1.999), 3.998, 1.999, 0.6),
        (Threshold(percent=0.0), 0.0, 0.0, 0.8),
        (Threshold(percent=4.0), 8.0, 4.0, 0.0),
    ],
)
def test_a_threshold_is_said_in_money_and_percent_with_the_chance_of_more(
    given: Threshold, threshold: float, percent: float, probability: float
) -> None:
    odds = odds_report(foretold(DAYS, NOW), NOW, Asked((given,)))["odds"]
    assert odds["range"] == []
    (found,) = odds["volatility"]
    assert found == {
        "threshold": threshold,
        "threshold_pct": percent,
        "probability": pytest.approx(probability, abs=1e-12),
    }


def test_a_tie_by_the_rounding_of_doubles_is_no_more() -> None:
    """A third of the money in percent, and back, may end a bit lower."""
    below = 4.0 * (1 - 2**-52)
    odds = odds_report(foretold(DAYS, NOW), NOW, Asked(range=(Threshold(percent=below),)))["odds"]
    assert odds["range"][0]["probability"] == pytest.approx(0.4, abs=1e-12)  # 5 and 6


def test_without_thresholds_there_are_no_odds() -> None:
    assert odds_report(foretold(DAYS, NOW), NOW)["odds"] == {"volatility": [], "range": []}


def test_several_thresholds_are_answered_in_their_order_and_percents_last() -> None:
    asked = thresholds_of([8.0, 2.0], [1.5])
    odds = odds_report(foretold(DAYS, NOW), NOW, Asked(asked))["odds"]["volatility"]
    assert [one["threshold_pct"] for one in odds] == [4.0, 1.0, 1.5]
    assert [one["probability"] for one in odds] == pytest.approx([0.0, 0.6, 0.6])


def test_the_distributions_of_both_are_there_with_what_they_rest_on() -> None:
    report = odds_report(foretold(DAYS, NOW), NOW)
    assert (report["missing"], report["n"], report["effective"]) == (None, 200, 5.0)
    assert report["no_growth"] == pytest.approx(0.6)  # Range is 4 percent now, and may end at 2, 3, 4, 5 or 6
    volatility, spread = report["distribution"]["volatility"], report["distribution"]["range"]
    assert (volatility["mean_pct"], volatility["mean"]) == (2.0, 4.0)
    assert (spread["mean_pct"], spread["mean"]) == (4.0, 8.0)
    assert (volatility["quantiles_pct"]["p50"], spread["quantiles_pct"]["p50"]) == (2.0, 4.0)


def forty(levels: list[float]) -> Odds:
    """Odds of 1 to 40 percent, each as likely, whose intervals are asked for at some levels."""
    move = np.arange(1.0, 41.0)
    size, ones = from_samples(move), np.ones(40)
    return Odds(
        size, size, size, 40, 40.0, np.array([levels, levels]), Samples(move, move, move, move, ones, np.arange(40))
    )


def test_an_interval_is_asked_for_at_the_level_that_held_as_often_and_says_its_own_probability() -> None:
    fields = distribution_fields(forty([0.6, 0.85, 0.95]), RANGE, 1.0)
    assert [(one["nominal"], one["low_pct"], one["high_pct"]) for one in fields["intervals"]] == [
        (0.5, 8, 32),
        (0.8, 3, 37),
        (0.9, 1, 39),
    ]
    assert [one["probability"] for one in fields["intervals"]] == pytest.approx([25 / 40, 35 / 40, 39 / 40])


def test_quantiles_and_intervals_are_those_of_the_sample() -> None:
    """Of 1 to 40, each as likely: the p-th percentile is the smallest value that p percent don't exceed."""
    fields = distribution_fields(forty([0.5, 0.8, 0.9]), VOLATILITY, 0.5)
    assert list(fields["quantiles"]) == ["p1", "p2", *(f"p{p}" for p in range(5, 100, 5)), "p98", "p99"]
    assert [fields["quantiles_pct"][name] for name in ("p1", "p2", "p98", "p99")] == [1, 1, 40, 40]
    assert fields["midpoints_pct"] == list(range(1, 40, 2))  # a twentieth of the forty is two values
    assert fields["midpoints"] == [value / 2 for value in range(1, 40, 2)]
    for percent in range(5, 100, 5):
        assert fields["quantiles_pct"][f"p{percent}"] == 2 * percent / 5
        assert fields["quantiles"][f"p{percent}"] == percent / 5
    assert fields["intervals"] == [
        {
            "nominal": nominal,
            "probability": pytest.approx((high - low + 1) / 40, abs=1e-12),
            "low": low / 2,
            "high": high / 2,
            "low_pct": low,
            "high_pct": high,
        }
        for nominal, low, high in ((0.5, 10, 30), (0.8, 4, 36), (0.9, 2, 38))
    ]


def test_a_price_has_a_chance_to_be_ended_above_and_one_to_be_touched() -> None:
    """Ends of 96, 99, 100, 102 and 103 percent; each path has been a percent higher and lower. The price is 101."""
    asked = Asked(prices=(204.0, 200.0, 202.0, 208.0, 207.0, 190.0))
    price = odds_report(foretold(DAYS, NOW), NOW, asked)["final_price"]
    assert price["odds"] == [
        {"price": 204.0, "above": pytest.approx(1 / 5), "touch": pytest.approx(2 / 5)},  # highs of 103 and 104 reach it
        {"price": 200.0, "above": pytest.approx(2 / 5), "touch": pytest.approx(3 / 5)},  # lows of 95, 98 and 99 do
        {"price": 202.0, "above": pytest.approx(2 / 5), "touch": 1.0},  # where it is now
        {"price": 208.0, "above": 0.0, "touch": pytest.approx(1 / 5)},
        {"price": 207.0, "above": 0.0, "touch": pytest.approx(1 / 5)},
        {"price": 190.0, "above": 1.0, "touch": pytest.approx(1 / 5)},
    ]
    assert price["mean"] == pytest.approx(200.0)
    assert [price["quantiles"][name] for name in ("p1", "p20", "p25", "p50", "p99")] == [192, 192, 198, 200, 206]


def test_without_a_distribution_a_price_has_no_chances() -> None:
    price = odds_report(model_of(DAYS, NOW), NOW, Asked(prices=(204.0,)))["final_price"]
    nothing = {"price": 204.0, "above": None, "touch": None}
    assert price == {"mean": None, "quantiles": None, "odds": [nothing]}


def test_where_there_is_no_distribution_it_is_said_why_and_the_threshold_still_in_both_forms() -> None:
    report = odds_report(model_of(DAYS, NOW), NOW, Asked((Threshold(value=5.0),)))
    assert report["missing"] == "some 300 past sessions with all their candles are needed, there are 1"
    assert report["missing_code"] == "short_history"
    assert (report["n"], report["effective"], report["distribution"]) == (1, None, NOTHING)
    assert (report["no_growth"], report["fan"]) == (None, [])
    assert report["odds"]["volatility"] == [{"threshold": 5.0, "threshold_pct": 2.5, "probability": None}]


def test_before_the_first_candle_money_can_not_be_said_in_percent() -> None:
    now = running(1, [], 0.5)
    report = odds_report(model_of(DAYS, now), now, Asked((Threshold(value=5.0),), (Threshold(percent=1.0),)))
    assert (report["missing"], report["missing_code"]) == ("the running session has no candle yet", "no_candle")
    assert report["odds"] == {
        "volatility": [{"threshold": 5.0, "threshold_pct": None, "probability": None}],
        "range": [{"threshold": None, "threshold_pct": 1.0, "probability": None}],
    }
