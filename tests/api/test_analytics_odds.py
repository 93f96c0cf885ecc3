"""`/odds`: a distribution that keeps its own rules, what it says at the end, parameters and CSV of all analytics."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import numpy as np
import pytest

from exchange_simulator.faults import Late, Reset
from tests.api.reference import History
from tests.api.test_analytics import close
from tests.api.test_problems import problem
from tests.api.world import Client, World
from volatility.analytics.features import feature_table
from volatility.analytics.odds import fit_odds, path_library
from volatility.analytics.panel import HourlyPanel, build_panel
from volatility.analytics.recalibration import Recalibration
from volatility.analytics.walkforward import past_state, score_odds

TODAY = date(2019, 3, 5)
LEVELS = [f"p{level}" for level in (1, 2, *range(5, 100, 5), 98, 99)]


def probability(client: Client, name: str, value: float) -> float:
    measure = name.removesuffix("_pct")
    (found,) = client.get("/odds", params={name: value}).json()["odds"][measure]
    chance: float = found["probability"]
    return chance


@pytest.mark.parametrize("measure", ["volatility", "range"])
def test_the_odds_fall_as_the_threshold_rises(long_asked: Client, measure: str) -> None:
    asked = [0, 0.5, 1, 2, 3, 4, 6, 10, 30, 1000]
    found = long_asked.get("/odds", params={f"{measure}_pct": asked}).json()["odds"][measure]
    assert [one["threshold_pct"] for one in found] == asked
    odds = [one["probability"] for one in found]
    assert odds == sorted(odds, reverse=True)
    assert (odds[0], odds[-1]) == (1.0, 0.0)
    assert len(set(odds)) >= 5


@pytest.mark.parametrize("measure", ["volatility", "range"])
def test_the_distribution_keeps_its_own_rules(long_asked: Client, measure: str) -> None:
    report = long_asked.get("/odds").json()
    shown = report["distribution"][measure]
    values = [shown["quantiles"][name] for name in LEVELS]
    assert values == sorted(values)
    for name in LEVELS:
        value = shown["quantiles_pct"][name] * report["open"] / 100
        assert shown["quantiles"][name] == pytest.approx(value, abs=report["open"] * 1e-10)
        level = int(name[1:]) / 100
        above = probability(long_asked, measure, shown["quantiles"][name] + 1e-6)
        assert above <= 1 - level + 1e-9
        assert probability(long_asked, measure, max(shown["quantiles"][name] - 1e-6, 0)) >= 1 - level - 1e-9
    for found, nominal in zip(shown["intervals"], (0.5, 0.8, 0.9), strict=True):
        assert found["nominal"] == nominal
        assert found["probability"] >= nominal - 1e-9
        inside = probability(long_asked, measure, max(found["low"] - 1e-6, 0)) - probability(
            long_asked, measure, found["high"] + 1e-6
        )
        close(found["probability"], inside)
    for name, above in zip(shown["midpoints"], [1 - (2 * k + 1) / 40 for k in range(20)], strict=True):
        assert probability(long_asked, measure, name + 1e-6) <= above + 1e-9
        assert probability(long_asked, measure, max(name - 1e-6, 0)) >= above - 1e-9
    assert report["odds"] == {"volatility": [], "range": []}
    assert report["effective"] <= report["n"]


def test_the_range_never_ends_below_what_it_is(long_asked: Client) -> None:
    report = long_asked.get("/odds").json()
    assert report["distribution"]["range"]["quantiles"]["p5"] >= report["range"] - 1e-8
    assert probability(long_asked, "range", report["range"] * 0.999) == 1.0


def test_a_threshold_in_percent_and_one_in_quote_currency_are_the_same(long_asked: Client) -> None:
    start = long_asked.get("/odds").json()["open"]
    both = long_asked.get("/odds", params={"volatility_pct": 1.5, "range": 0.03 * start}).json()["odds"]
    (volatility,), (ranged,) = both["volatility"], both["range"]
    close(volatility["threshold"], 0.015 * start)
    close(ranged["threshold_pct"], 3.0)
    close(volatility["probability"], probability(long_asked, "volatility", 0.015 * start))
    close(ranged["probability"], probability(long_asked, "range_pct", 3.0))


def test_several_questions_have_the_answers_of_each_alone(long_asked: Client) -> None:
    report = long_asked.get(
        "/odds?volatility=100&range=200&volatility=50&volatility_pct=3&price=3900&price=3500"
    ).json()
    found = report["odds"]["volatility"]
    assert [one["threshold"] for one in found[:2]] == [100.0, 50.0]
    assert found[2]["threshold_pct"] == 3.0
    asked = (("volatility", 100), ("volatility", 50), ("volatility_pct", 3))
    assert [one["probability"] for one in found] == [probability(long_asked, *one) for one in asked]
    assert [one["probability"] for one in report["odds"]["range"]] == [probability(long_asked, "range", 200)]
    prices = report["final_price"]["odds"]
    assert [one["price"] for one in prices] == [3900.0, 3500.0]
    alone = [long_asked.get("/odds", params={"price": one["price"]}).json()["final_price"]["odds"] for one in prices]
    assert alone == [[one] for one in prices]


def test_the_probability_that_range_grows_no_more_is_that_of_the_range_that_is_there(long_asked: Client) -> None:
    report = long_asked.get("/odds").json()
    close(report["no_growth"], 1 - probability(long_asked, "range", report["range"]))


def test_the_last_column_of_the_fan_is_the_distribution_of_the_end(long_asked: Client) -> None:
    report = long_asked.get("/odds").json()
    fan = report["fan"]
    assert [hour["elapsed"] for hour in fan] == list(range(6, 25))
    for measure in ("volatility", "range"):
        quantiles = report["distribution"][measure]["quantiles_pct"]
        assert fan[-1][f"{measure}_pct"] == {name: quantiles[name] for name in ("p10", "p25", "p50", "p75", "p90")}
        for hour in fan:
            values = list(hour[f"{measure}_pct"].values())
            assert values == sorted(values)
    for name in ("p10", "p25", "p50", "p75", "p90"):
        line = [hour["range_pct"][name] for hour in fan]
        assert line == sorted(line)
        assert line[0] >= report["range_pct"] - 1e-9


def test_the_final_price_is_where_vol_ends_on_either_side_of_the_open(long_asked: Client) -> None:
    start = long_asked.get("/odds").json()["open"]
    prices = [start * (1 + move / 100) for move in (-8, -2, -0.5, 0.5, 2, 8)]
    report = long_asked.get("/odds", params={"price": prices}).json()
    final = report["final_price"]
    for lower, upper in zip(final["odds"][:3], reversed(final["odds"][3:]), strict=True):
        vol = probability(long_asked, "volatility", upper["price"] - start)
        assert 1 - lower["above"] + upper["above"] == pytest.approx(vol, abs=1e-9)
    for one in final["odds"]:
        beyond = one["above"] if one["price"] > report["price"] else 1 - one["above"]
        assert beyond <= one["touch"] <= 1
    values = [final["quantiles"][name] for name in LEVELS]
    assert values == sorted(values)
    assert values[0] < final["mean"] < values[-1]


def panel_of(history: History) -> HourlyPanel:
    """All sessions in UTC days from 08:00, which 11:00 in Moscow is."""
    bars = [bar for day in sorted(history.sessions) for bar in history.sessions[day]]
    times = [round(bar.opened.timestamp() * 1000) for bar in bars]
    candles = np.array([[float(v) for v in (b.open, b.high, b.low, b.close)] for b in bars]).T
    day_ms = 86_400_000
    first = round((history.first - date(1970, 1, 1)).days * day_ms + 8 * day_ms / 24)
    starts = np.arange(first, max(times) + 1, day_ms, dtype=np.int64)
    return build_panel(times, candles, starts, starts + day_ms)


def test_the_odds_are_those_that_were_judged_by_the_scorecard(long_world: World, long_history: History) -> None:
    """The scorecard takes a session's state from a panel of whole history, the API from live candles."""
    long_world.exchange.order(Reset())  # the stored candles end with the fifth hour
    with long_world.client() as client:
        report = client.get("/odds").json()
    panel = panel_of(long_history)
    table = feature_table(panel)
    index = len(panel) - 1
    model = fit_odds(path_library(table), index)
    assert model is not None
    learnt = score_odds(panel[:-1], table, path_library(table), 0, Recalibration()).recalibrations[-1]
    odds = model.predict(past_state(panel, table, model, index, 5), learnt)
    assert (report["n"], report["elapsed_hours"]) == (odds.sessions, 5.0)
    close(report["effective"], odds.effective)
    for measure, wanted in (("volatility", odds.volatility), ("range", odds.range)):
        close(report["distribution"][measure]["mean_pct"], wanted.mean)
        levels = [int(name[1:]) / 100 for name in LEVELS]
        close(list(report["distribution"][measure]["quantiles_pct"].values()), list(wanted.quantiles(levels)))


def test_at_the_end_of_the_session_the_odds_are_what_has_happened(long_world: World) -> None:
    """By the machine's clock the session of 4 March still runs, and all of its candles are stored."""
    long_world.exchange.order(Reset())
    long_world.machine.pass_by(-6 * 3600)
    with long_world.client() as client:
        report = client.get("/odds?volatility=1&range_pct=99").json()
    assert (report["date"], report["elapsed_hours"]) == ("2019-03-04", 24.0)
    for measure in ("volatility", "range"):
        shown = report["distribution"][measure]
        assert set(shown["quantiles"].values()) == {shown["mean"]}
        close(shown["mean"], report[measure])
        assert {found["probability"] for found in shown["intervals"]} == {1.0}
    assert report["odds"]["volatility"][0]["probability"] == float(report["volatility"] > 1)
    assert report["odds"]["range"][0]["probability"] == 0.0
    assert (report["fan"], report["no_growth"]) == ([], 1.0)


def test_the_odds_narrow_as_the_session_goes_on(long_world: World) -> None:
    widths = []
    with long_world.client() as client:
        for hour in (15, 20, 24 + 4, 24 + 7):
            long_world.set(f"2019-03-{5 + hour // 24:02}T{hour % 24:02}:50:00+00:00")
            interval = client.get("/odds").json()["distribution"]["volatility"]["intervals"][1]
            widths.append(interval["high_pct"] - interval["low_pct"])
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < widths[0] / 2


def test_without_a_candle_there_is_no_distribution_and_it_is_said(long_world: World) -> None:
    long_world.set("2019-03-06T08:00:00.200+00:00")
    long_world.exchange.order(Late(first="2019-03-06T08:00:00Z"))
    with long_world.client() as client:
        report = client.get("/odds?volatility=100&range_pct=3").json()
        straddle = client.get("/straddle?premium=100").json()
    assert report["missing"] == straddle["value"]["missing"] == "the running session has no candle yet"
    assert report["missing_code"] == straddle["value"]["missing_code"] == "no_candle"
    assert report["distribution"] == {"volatility": None, "range": None}
    assert report["odds"] == {
        "volatility": [{"threshold": 100.0, "threshold_pct": None, "probability": None}],
        "range": [{"threshold": None, "threshold_pct": 3.0, "probability": None}],
    }
    assert straddle["records"][-1]["n"] > 400  # in proportion to the last price before
    assert straddle["reference"] > 0


# Parameters


@pytest.mark.parametrize(
    ("path", "parameter", "rule"),
    [
        ("/odds?volatility=-1", "volatility", "greater than or equal to 0"),
        ("/odds?volatility=x", "volatility", "valid number"),
        ("/odds?range=nan", "range", "finite number"),
        ("/odds?range=inf", "range", "finite number"),
        ("/odds?range=1e13", "range", "less than or equal to"),
        ("/odds?range_pct=", "range_pct", "valid number"),
        ("/odds?price=0", "price", "greater than 0"),
        ("/odds?" + "&".join(["range=1"] * 51), "range", "at most 50 items"),
        ("/straddle?premium=0", "premium", "greater than 0"),
        ("/straddle?premium=nan", "premium", "finite number"),
        ("/straddle?premium=1&strike=0", "strike", "greater than 0"),
        ("/straddle?premium=1&lookback=0", "lookback", "greater than or equal to 1"),
        ("/cone?lookback=3651", "lookback", "less than or equal to 3650"),
        ("/cone?lookback=1.5", "lookback", "valid integer"),
        ("/seasonality?lookback=all", "lookback", "valid integer"),
        ("/volatility?format=xml", "format", "'json' or 'csv'"),
    ],
)
def test_a_parameter_that_breaks_its_rule_is_named(asked: Client, path: str, parameter: str, rule: str) -> None:
    (error,) = problem(asked.get(path), 422)["errors"]
    assert error["parameter"] == parameter
    assert rule in error["rule"]


@pytest.mark.parametrize("path", ["/cone", "/odds", "/straddle?premium=1", "/volatility", "/seasonality"])
def test_an_unknown_symbol_is_a_404(asked: Client, path: str) -> None:
    (error,) = problem(asked.get(path, params={"symbol": "NONE"}), 404)["errors"]
    assert error["parameter"] == "symbol"


@pytest.mark.parametrize("value", ["1e12", "1e-300", "0.00000001"])
def test_the_widest_and_the_smallest_values_give_numbers(long_asked: Client, value: str) -> None:
    for path in (f"/straddle?premium={value}&strike={value}", f"/odds?volatility={value}&range={value}"):
        assert long_asked.get(path).status_code == 200, path


# CSV


def flat(client: Client, path: str) -> list[dict[str, str]]:
    answer = client.get(path, params={"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.count("\r\n") == answer.text.count("\n")
    return list(csv.DictReader(io.StringIO(answer.text)))


def text(value: Any) -> str:
    """As a cell shows it."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def test_the_cone_as_csv(long_asked: Client) -> None:
    report, rows = long_asked.get("/cone").json(), flat(long_asked, "/cone")
    assert len(rows) == len(report["hours"])
    for row, hour in zip(rows, report["hours"], strict=True):
        wanted = {name: report[name] for name in ("symbol", "date", "as_of")}
        wanted |= {"elapsed": hour["elapsed"], "n": hour["n"]}
        for measure in ("volatility_pct", "range_pct"):
            wanted |= {f"{measure}_{name}": value for name, value in hour[measure].items()}
        for name in ("price", "volatility_pct", "range_pct"):
            wanted[f"today_{name}"] = hour["today"][name] if hour["today"] else None
        for measure in ("volatility", "range"):
            rank = hour["today"]["percentile"][measure] if hour["today"] else None
            wanted[f"today_percentile_{measure}"] = rank
        wanted |= {"stale": report["stale"], "simulated": report["simulated"]}
        assert row == {name: text(value) for name, value in wanted.items()}


def test_the_quantiles_of_the_odds_as_csv(long_asked: Client) -> None:
    report, rows = long_asked.get("/odds").json(), flat(long_asked, "/odds")
    assert [(row["measure"], row["quantile"]) for row in rows] == [
        (measure, name) for measure in ("volatility", "range") for name in LEVELS
    ]
    for row in rows:
        known = report["distribution"][row["measure"]]
        assert row["value"] == text(known["quantiles"][row["quantile"]])
        assert row["value_pct"] == text(known["quantiles_pct"][row["quantile"]])


def test_the_straddles_records_as_csv(long_asked: Client) -> None:
    path = "/straddle?premium=100"
    report, rows = long_asked.get(path).json(), flat(long_asked, path)
    records = [*report["records"], *report["by_weekday"]["weekdays"]]
    assert len(rows) == len(records) == 11
    for row, record in zip(rows, records, strict=True):
        assert row["weekday"] == record.get("weekday", "")
        assert row["lookback"] == text(record.get("lookback"))
        for name, value in record.items():
            if name.endswith(("_interval", "_interval_pct")):
                short, unit = name.removesuffix("_pct").removesuffix("_interval"), "_pct" * name.endswith("_pct")
                for end in ("low", "high"):
                    assert row[f"{short}_{end}{unit}"] == text(value and value[end])
            elif name not in {"lookback", "weekday"}:
                assert row[name] == text(value)


def test_the_estimators_cones_as_csv(long_asked: Client) -> None:
    report, rows = long_asked.get("/volatility").json(), flat(long_asked, "/volatility")
    assert len(rows) == sum(len(estimator["cone"]) for estimator in report["estimators"].values())
    assert rows
    for row in rows:
        point = report["estimators"][row["estimator"]]["cone"][row["horizon"]]
        assert {name: row[name] for name in point} == {name: text(value) for name, value in point.items()}


def test_the_week_as_csv(long_asked: Client) -> None:
    report, rows = long_asked.get("/seasonality").json(), flat(long_asked, "/seasonality")
    cells = [(day["weekday"], hour) for day in report["weekdays"] for hour in day["hours"]]
    assert len(rows) == len(cells) == 168
    for row, (weekday, cell) in zip(rows, cells, strict=True):
        assert row["weekday"] == weekday
        assert {name: row[name] for name in cell} == {name: text(value) for name, value in cell.items()}
