"""`/history` and `/distribution`: every number by pandas over the rows that the exchange served."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

from api.models import MODELS
from exchange_simulator.faults import Gap
from tests.api.conftest import SINCE, MakeWorld
from tests.api.reference import METRICS, History
from tests.api.world import Client, HandMadeMarket, World

HEADING = {"symbol": "BTCUSDT", "session_start": "11:00", "timezone": "Europe/Moscow", "simulated": True}
OWN = ["date", "open", "high", "low", "close", "volatility_pct", "range_pct", "candles", "complete"]
LEVELS = {"median_pct": 0.5, "p10_pct": 0.1, "p25_pct": 0.25, "p75_pct": 0.75, "p90_pct": 0.9}
SIX = ["mean_pct", *LEVELS]
ALL = [*OWN, "n", *SIX]


@pytest.fixture(scope="module")
def real_client(real_world: World) -> Iterator[Client]:
    with real_world.client() as client:
        yield client


def by_pandas(history: History, before: str) -> pd.DataFrame:
    """The sessions on the calendar of days, by the loops of the other route; NaN where a session does not exist."""
    labels = history.labels(before)
    frame = pd.DataFrame([history.session(label) for label in labels], index=pd.to_datetime(labels))
    return frame.reindex(pd.date_range(history.first, labels[-1]))


def assert_columns(report: dict[str, Any], frame: pd.DataFrame, metric: str, window: int) -> None:
    """A report of `/history` against pandas' rolling windows over the calendar."""
    there, columns = frame["open"].notna(), report["columns"]
    assert list(columns) == ALL
    assert [report["metric"], report["window"], report["count"]] == [metric, window, int(there.sum())]
    assert {len(column) for column in columns.values()} == {report["count"]}
    for name in ("date", "open", "high", "low", "close", "candles", "complete"):
        assert columns[name] == frame[name][there].tolist(), name
    for name in ("volatility_pct", "range_pct"):
        np.testing.assert_allclose(columns[name], frame[name][there], rtol=1e-12, atol=1e-12)
    values = frame[f"{metric}_pct"]
    rolling = values.rolling(window, min_periods=-(-window * 4 // 5))
    expected = {"mean_pct": rolling.mean()} | {name: rolling.quantile(level) for name, level in LEVELS.items()}
    assert columns["n"] == values.notna().rolling(window, min_periods=1).sum()[there].astype(int).tolist()
    for name, of_days in expected.items():
        of_days.iloc[: window - 1] = np.nan
        np.testing.assert_allclose(np.array(columns[name], float), of_days[there], rtol=1e-8, atol=1e-8, err_msg=name)


def assert_distribution(report: dict[str, Any], frame: pd.DataFrame, metric: str, lookback: int) -> None:
    """A report of `/distribution` against counts one by one."""
    values = frame[f"{metric}_pct"].iloc[-lookback:].dropna()
    assert [report["metric"], report["lookback"], report["n"]] == [metric, lookback, len(values)]
    edges = report["edges"]
    inside = [sum(1 for value in values if low <= round(value, 9) < high) for low, high in pairwise(edges)]
    assert report["counts"] == inside
    assert report["beyond"] == sum(1 for value in values if round(value, 9) >= edges[-1])
    assert sum(report["counts"]) + report["beyond"] == report["n"]
    assert report["beyond"] <= 0.02 * report["n"]
    assert 17 <= len(report["counts"]) <= 40
    expected = np.percentile(values, [10, 25, 50, 75, 90])
    np.testing.assert_allclose(list(report["quantiles_pct"].values()), expected, rtol=1e-10)


@pytest.mark.real_data
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("window", [5, 30])
def test_all_real_history_by_columns_is_what_pandas_says(
    real_client: Client, real_history: History, metric: str, window: int
) -> None:
    report = real_client.get(f"/history?metric={metric}&window={window}").json()
    MODELS["/history"].model_validate(report)
    assert report["count"] == 2325
    assert "2018-02-08" not in report["columns"]["date"]
    assert_columns(report, by_pandas(real_history, "2023-12-30"), metric, window)


@pytest.mark.real_data
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("lookback", [30, 365, 2200, 3650])
def test_the_real_distribution_is_counted_one_by_one(
    real_client: Client, real_history: History, metric: str, lookback: int
) -> None:
    report = real_client.get(f"/distribution?metric={metric}&lookback={lookback}").json()
    MODELS["/distribution"].model_validate(report)
    assert_distribution(report, by_pandas(real_history, "2023-12-30"), metric, lookback)


@pytest.mark.real_data
def test_history_and_statistics_show_the_same_numbers(real_client: Client) -> None:
    columns = real_client.get("/history?metric=range&window=14").json()["columns"]
    sessions = real_client.get("/statistics", params={"days": 3650}).json()["sessions"][::-1]
    for name in OWN:
        assert columns[name] == [session[name] for session in sessions], name
    for name in ("n", *SIX):
        assert columns[name] == [session["statistics"]["range"]["14"][name] for session in sessions], name


def test_made_up_history_is_all_of_it_with_the_longest_window_of_vol_by_default(
    asked: Client, history: History
) -> None:
    report = asked.get("/history").json()
    assert list(report) == [*HEADING, "metric", "window", "count", "columns"]
    assert {name: report[name] for name in HEADING} == HEADING
    assert (report["columns"]["date"][0], report["columns"]["date"][-1]) == (SINCE, "2019-03-04")
    assert_columns(report, by_pandas(history, "2019-03-05"), "volatility", 30)


def test_a_year_of_vol_is_distributed_by_default(asked: Client, history: History) -> None:
    report = asked.get("/distribution").json()
    expected = [*HEADING, "metric", "lookback", "n", "edges", "counts", "beyond", "quantiles_pct"]
    assert list(report) == expected
    assert {name: report[name] for name in HEADING} == HEADING
    assert_distribution(report, by_pandas(history, "2019-03-05"), "volatility", 365)


@pytest.mark.parametrize(("given", "rule"), [("6", "6"), ("0", "0"), ("-5", "-5"), ("31", "31"), ("+6", "+6")])
def test_a_window_that_is_not_configured_is_refused_with_those_that_are(asked: Client, given: str, rule: str) -> None:
    answer = asked.get("/history", params={"window": given})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    (error,) = answer.json()["errors"]
    assert error | {"code": ""} == {
        "parameter": "window", "rule": "Input should be 5, 7, 14 or 30", "value": rule, "code": "",
        "limits": {"expected": "5, 7, 14 or 30"},
    }  # fmt: skip
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("names", "listed"),
    [
        (["close", "date"], ["date", "close"]),
        (["p90_pct"], ["p90_pct"]),
        (["n", "volatility_pct", "n"], ["volatility_pct", "n"]),
        ([*reversed(ALL)], ALL),
    ],
)
@pytest.mark.parametrize("metric", METRICS)
def test_columns_can_be_chosen_and_keep_their_order_and_numbers(
    asked: Client, names: list[str], listed: list[str], metric: str
) -> None:
    every = asked.get("/history", params={"metric": metric}).json()
    chosen = asked.get("/history", params={"metric": metric, "column": names}).json()
    MODELS["/history"].model_validate(chosen)
    assert chosen == every | {"columns": {name: every["columns"][name] for name in listed}}
    assert list(chosen["columns"]) == listed
    rows = asked.get("/history", params={"metric": metric, "column": names, "format": "csv"}).text
    header, *lines = csv.reader(io.StringIO(rows, newline=""))
    assert header == ["symbol", "metric", "window", *listed, "simulated"]
    assert len(lines) == every["count"]


def test_a_column_that_does_not_exist_is_refused_with_those_that_do(asked: Client) -> None:
    for query in ("column=date&column=vol", "column=vol", "column="):
        answer = asked.get(f"/history?{query}")
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert all(f"'{name}'" in error["rule"] for name in ALL)
        assert error["parameter"].startswith("column")


@pytest.mark.parametrize("query", ["window=x", "window=5.5", "window=", "metric=vol", "metric=", "format=xml"])
def test_other_parameters_that_break_their_rule_are_refused(asked: Client, query: str) -> None:
    answer = asked.get(f"/history?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize("query", ["lookback=0", "lookback=3651", "lookback=x", "metric=realised_volatility"])
def test_a_distribution_over_nothing_or_of_something_else_is_refused(asked: Client, query: str) -> None:
    answer = asked.get(f"/distribution?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize(("windows", "longest", "rule"), [("3,10", 10, "3 or 10"), ("4", 4, "4")])
def test_windows_are_those_of_the_settings(make_world: MakeWorld, windows: str, longest: int, rule: str) -> None:
    market = HandMadeMarket("2019-01-01T08:00:00+00:00", [(10.0 * i, 200.0) for i in range(1, 13)])
    world = make_world(market, now="2019-01-13T08:30:00+00:00", HISTORY_START="2019-01-01", WINDOWS=windows)
    world.run_jobs()
    with world.client() as client:
        report = client.get("/history").json()
        refused = client.get("/history", params={"window": 30})
        short = client.get("/history", params={"window": windows.partition(",")[0]}).json()
    assert (report["window"], report["count"], refused.status_code) == (longest, 12, 422)
    assert refused.json()["errors"][0]["rule"] == f"Input should be {rule}"
    # Vol is 1, 2, … 12 % of 1000: the mean of the last N is N/2 - 0.5 below the newest.
    size = short["window"]
    assert report["columns"]["mean_pct"] == [
        None if n < longest else pytest.approx(n - (longest - 1) / 2) for n in range(1, 13)
    ]
    assert short["columns"]["median_pct"] == [
        None if n < size else pytest.approx(n - (size - 1) / 2) for n in range(1, 13)
    ]


def test_a_missing_session_is_no_row_but_a_day_of_the_window_and_of_the_lookback(make_world: MakeWorld) -> None:
    """Session 8 of 9 does not exist: at session 9 a window of 5 has 50, 60, 70 and 90, one of 3 too few."""
    market = HandMadeMarket("2019-01-01T08:00:00+00:00", [(10.0 * i, 100.0) for i in range(1, 10)])
    world = make_world(market, now="2019-01-10T08:30:00+00:00", HISTORY_START="2019-01-01", WINDOWS="3,5")
    world.exchange.order(Gap(first="2019-01-08T08:00:00Z", last="2019-01-09T07:00:00Z"))
    world.run_jobs()
    with world.client() as client:
        five, three = (client.get("/history", params={"window": window}).json()["columns"] for window in (5, 3))
        last = client.get("/distribution", params={"lookback": 3}).json()
    assert five["date"][-2:] == ["2019-01-07", "2019-01-09"]
    assert (five["n"][-1], five["mean_pct"][-1], five["median_pct"][-1]) == (4, 6.75, 6.5)
    assert (three["n"][-1], three["mean_pct"][-1]) == (2, None)
    assert (last["n"], last["quantiles_pct"]["p50"]) == (2, 8.0)  # 7 and 9 %


def test_one_session_of_a_price_that_stands_still_is_one_bin(make_world: MakeWorld) -> None:
    market = HandMadeMarket("2019-01-01T08:00:00+00:00", [(0.0, 0.0)])
    world = make_world(market, now="2019-01-02T08:30:00+00:00", HISTORY_START="2019-01-01")
    world.run_jobs()
    with world.client() as client:
        report, columns = client.get("/distribution").json(), client.get("/history").json()["columns"]
    assert [report[name] for name in ("n", "edges", "counts", "beyond")] == [1, [0.0, 0.0001], [1], 0]
    assert report["quantiles_pct"] == dict.fromkeys(("p10", "p25", "p50", "p75", "p90"), 0.0)
    assert (columns["volatility_pct"], columns["n"], columns["mean_pct"]) == ([0.0], [1], [None])


def test_a_move_of_just_an_edge_is_in_the_bin_at_its_right(make_world: MakeWorld) -> None:
    """Vols of 0.3, 0.6, … % of 1000: in doubles some of them lie a hair below the edge."""
    market = HandMadeMarket("2019-01-01T08:00:00+00:00", [(3.0 * i, 39.0) for i in range(1, 14)])
    world = make_world(market, now="2019-01-14T08:30:00+00:00", HISTORY_START="2019-01-01")
    world.run_jobs()
    with world.client() as client:
        report = client.get("/distribution").json()
    assert report["edges"][:4] == [0.0, 0.1, 0.2, 0.3]
    assert report["counts"] == [int(place > 0 and place % 3 == 0) for place in range(40)]


def test_each_symbol_has_its_own(make_world: MakeWorld) -> None:
    bounds = "2019-01-01T08:00:00+00:00"
    markets = [
        HandMadeMarket(bounds, [(10, 20)] * 6, symbol="BTCUSDT"),
        HandMadeMarket(bounds, [(30, 40)] * 6, symbol="ETHUSDT"),
    ]
    world = make_world(*markets, now="2019-01-07T09:00:00+00:00", HISTORY_START="2019-01-01")
    for market in markets:
        world.run_jobs(market.symbol)
    with world.client() as client:
        for symbol, vol in (("BTCUSDT", 1.0), ("ethusdt", 3.0)):
            columns = client.get("/history", params={"symbol": symbol}).json()["columns"]
            assert columns["volatility_pct"] == [vol] * 6
            found = client.get("/distribution", params={"symbol": symbol}).json()
            assert (found["symbol"], found["quantiles_pct"]["p50"]) == (symbol.upper(), vol)
        assert (
            client.get("/history?symbol=NONE").status_code == client.get("/distribution?symbol=NONE").status_code == 404
        )


@pytest.mark.parametrize("path", ["/history", "/distribution"])
def test_before_the_first_session_is_closed_there_is_no_answer(make_world: MakeWorld, path: str) -> None:
    market = HandMadeMarket("2019-01-01T08:00:00+00:00", [(10, 20)])
    world = make_world(market, now="2019-01-01T20:30:00+00:00", HISTORY_START="2019-01-01")
    world.run_jobs()
    with world.client() as client:
        assert client.get(path).status_code == 503


def test_history_as_csv_is_the_columns_turned(asked: Client) -> None:
    report = asked.get("/history?metric=range&window=7").json()
    text = asked.get("/history?metric=range&window=7&format=csv").text
    header, *lines = csv.reader(io.StringIO(text, newline=""))
    assert header == ["symbol", "metric", "window", *OWN, "n", *SIX, "simulated"]
    assert len(lines) == 94
    for place, line in enumerate(lines):
        row = dict(zip(header, line, strict=True))
        assert [row[name] for name in ("symbol", "metric", "window", "simulated")] == ["BTCUSDT", "range", "7", "true"]
        for name, column in report["columns"].items():
            value = column[place]
            assert row[name] == ("" if value is None else str(value).lower() if name == "complete" else str(value))


def test_a_distribution_as_csv_is_a_row_for_each_bin(asked: Client) -> None:
    report = asked.get("/distribution?metric=range").json()
    rows = list(csv.DictReader(io.StringIO(asked.get("/distribution?metric=range&format=csv").text, newline="")))
    assert [float(row["low"]) for row in rows] == report["edges"]
    assert [row["high"] for row in rows] == [*map(str, report["edges"][1:]), ""]
    assert [int(row["count"]) for row in rows] == [*report["counts"], report["beyond"]]


def test_history_grows_by_the_session_that_was_closed(world: World, client: Client) -> None:
    before = client.get("/history").json()["columns"]["date"]
    tag = client.get("/history").headers["etag"]
    world.set("2019-03-06T09:00:00+00:00")
    world.run_jobs()
    answer = client.get("/history", headers={"If-None-Match": tag})
    assert answer.json()["columns"]["date"] == [*before, date(2019, 3, 5).isoformat()]
