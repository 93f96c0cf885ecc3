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
LEVELS = [f"p{level}" for level in range(5, 100, 5)]


def probability(client: Client, name: str, value: float) -> float:
    measure = name.removesuffix("_pct")
    found: float = client.get("/odds", params={name: value}).json()["odds"][measure]["probability"]
    return found


@pytest.mark.parametrize("measure", ["volatility", "range"])
def test_the_odds_fall_as_the_threshold_rises(long_asked: Client, measure: str) -> None:
    odds = [probability(long_asked, f"{measure}_pct", value) for value in (0, 0.5, 1, 2, 3, 4, 6, 10, 30, 1000)]
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
    assert report["odds"] == {"volatility": None, "range": None}
    assert report["effective"] <= 20 * report["n"]


def test_the_range_never_ends_below_what_it_is(long_asked: Client) -> None:
    report = long_asked.get("/odds").json()
    assert report["distribution"]["range"]["quantiles"]["p5"] >= report["range"] - 1e-8
    assert probability(long_asked, "range", report["range"] * 0.999) == 1.0


def test_a_threshold_in_percent_and_one_in_quote_currency_are_the_same(long_asked: Client) -> None:
    start = long_asked.get("/odds").json()["open"]
    both = long_asked.get("/odds", params={"volatility_pct": 1.5, "range": 0.03 * start}).json()["odds"]
    close(both["volatility"]["threshold"], 0.015 * start)
    close(both["range"]["threshold_pct"], 3.0)
    close(both["volatility"]["probability"], probability(long_asked, "volatility", 0.015 * start))
    close(both["range"]["probability"], probability(long_asked, "range_pct", 3.0))


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
        close(list(report["distribution"][measure]["quantiles_pct"].values()), list(wanted.quantiles()))


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
    assert report["odds"]["volatility"]["probability"] == float(report["volatility"] > 1)
    assert report["odds"]["range"]["probability"] == 0.0


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
    assert report["distribution"] == {"volatility": None, "range": None}
    assert report["odds"] == {
        "volatility": {"threshold": 100.0, "threshold_pct": None, "probability": None},
        "range": {"threshold": None, "threshold_pct": 3.0, "probability": None},
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
        ("/odds?volatility=1&volatility_pct=2", "volatility_pct", "must not be given together with volatility"),
        ("/odds?range=1&range_pct=2.5", "range_pct", "must not be given together with range"),
        ("/straddle", "premium", "Field required"),
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


def test_the_value_of_a_second_form_is_named(asked: Client) -> None:
    (error,) = problem(asked.get("/odds?volatility=1500&volatility_pct=2.5"), 422)["errors"]
    assert error["value"] == "2.5"


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
