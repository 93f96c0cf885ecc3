"""`/forecast` and `/scorecard`: what is stored, in every state, with ETags and problems."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.examples import REAL
from api.models import MODELS, model_of
from exchange_simulator import GeneratedMarket
from tests.api.conftest import MakeWorld
from tests.api.test_problems import problem
from tests.api.world import Client, World
from tests.presentation.checks import strangers
from volatility.domain.metrics import FORECAST_VALUES, METRICS, SCORE_TABLES
from volatility.domain.retry import ONCE, RetryPolicy
from volatility.domain.series import Series
from volatility.exchange.binance import BinanceClient
from volatility.jobs import forecast as job
from volatility.presentation.catalogue import ANSWERS
from volatility.presentation.catalogue.forecasts import FORECAST_DISTRIBUTION
from volatility.storage.database import Database

NOW = "2019-03-05T13:37:41+00:00"
LATER = "2019-03-06T13:37:41+00:00"
SINCE = "2018-04-01"  # 338 closed sessions, of which the last 30 or so are forecast
TODAY = date(2019, 3, 5)
HEADING = ["symbol", "session_start", "timezone", "simulated"]
DISTRIBUTIONS = ("realised_volatility_pct", "volatility_pct", "range_pct")
PATHS = ("/forecast", "/forecast?days=3", "/forecast?format=csv", "/scorecard", "/scorecard?since=2019-03-01")


def run_all(world: World) -> None:
    """The jobs, forecasts included."""
    world.run_jobs()
    s = world.settings
    database, client = Database(s.database_url, RetryPolicy(10)), BinanceClient(s.binance_urls, ONCE)
    series = Series("BTCUSDT", s.calendar, s.windows, s.history_start_ms)
    job.forecast(database, client, series, world.machine.wall_ms())
    client.close()
    database.close()


@pytest.fixture(scope="module")
def file(market: GeneratedMarket, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file after all jobs."""
    file = tmp_path_factory.mktemp("forecast") / "forecast.sqlite3"
    world = World([market], f"sqlite:///{file}", NOW, HISTORY_START=SINCE)
    run_all(world)
    world.close()
    return file


@pytest.fixture(scope="module")
def api(market: GeneratedMarket, file: Path) -> Iterator[Client]:
    """An API over it for tests that only ask."""
    world = World([market], f"sqlite:///{file}", NOW, HISTORY_START=SINCE)
    with world.client() as client:
        yield client
    world.close()


@pytest.fixture
def own(make_world: MakeWorld, market: GeneratedMarket, file: Path, tmp_path: Path) -> World:
    """The same, to be changed."""
    shutil.copy(file, tmp_path / "candles.sqlite3")
    return make_world(market, HISTORY_START=SINCE)


def stored(file: Path, table: str = "session_forecasts") -> list[dict[str, Any]]:
    """The rows of a table as SQLite holds them."""
    with sqlite3.connect(file) as connection:
        connection.row_factory = sqlite3.Row
        rows = [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY open_time")]
    connection.close()
    return rows


def assert_is(shown: dict[str, Any], row: dict[str, Any]) -> None:
    """A forecast as it is stored, to eight decimals."""
    assert (shown["date"], shown["n"], shown["method"], shown["live"]) == (row["date"], row["n"], 2, bool(row["live"]))
    assert shown["open_time"] == f"{row['date']}T11:00:00+03:00"
    assert shown["close_time"] == f"{date.fromisoformat(row['date']) + timedelta(days=1)}T11:00:00+03:00"
    assert shown["made_at"].startswith("2019-03-05T16:37:4")
    assert shown["annualised_volatility_pct"] == pytest.approx(100 * math.sqrt(365 * row["variance"]), abs=1e-8)
    for name in DISTRIBUTIONS:
        assert list(shown[name]) == ["mean", *(f"p{level}" for level in range(5, 100, 5))]
        for value, number in shown[name].items():
            assert number == pytest.approx(row[f"{name}_{value}"], abs=1e-8)


def test_the_running_sessions_forecast_comes_with_earlier_ones_newest_first(api: Client, file: Path) -> None:
    report = api.get("/forecast").json()
    rows = stored(file)
    assert list(report) == [*HEADING, "next", "count", "forecasts"]
    assert report["simulated"] is True
    assert_is(report["next"], rows[-1])
    assert (report["next"]["date"], report["next"]["live"]) == (str(TODAY), True)
    assert report["next"]["outcome"] == dict.fromkeys(DISTRIBUTIONS)
    assert report["count"] == len(report["forecasts"]) == min(30, len(rows) - 1)
    for shown, row in zip(report["forecasts"], rows[-2::-1], strict=False):
        assert_is(shown, row)
        assert shown["live"] is False


def test_outcomes_are_those_of_the_closed_sessions(api: Client, file: Path) -> None:
    closed = {session["date"]: session for session in api.get("/sessions").json()["sessions"]}
    realised = {row["open_time"][:10]: math.sqrt(row["realised"]) * 100 for row in stored(file, "variance_scores")}
    forecasts = api.get("/forecast?days=3650").json()["forecasts"]
    assert len(forecasts) > 25
    for shown in forecasts:
        for metric in METRICS:
            assert shown["outcome"][metric.percent_name] == closed[shown["date"]][metric.percent_name]
        assert shown["outcome"]["realised_volatility_pct"] == pytest.approx(realised[shown["date"]], abs=1e-8)


@pytest.mark.parametrize("days", [1, 2, 7])
def test_days_says_how_many_come_besides_the_running_one(api: Client, days: int) -> None:
    report = api.get("/forecast", params={"days": days}).json()
    wanted = [str(TODAY - timedelta(days=back + 1)) for back in range(days)]
    assert [forecast["date"] for forecast in report["forecasts"]] == wanted


def test_forecasts_as_csv_are_the_same_in_flat_columns(api: Client) -> None:
    report = api.get("/forecast?days=5").json()
    answer = api.get("/forecast?days=5&format=csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 6
    for row, forecast in zip(rows, [report["next"], *report["forecasts"]], strict=True):
        flat: dict[str, Any] = {"symbol": "BTCUSDT", "simulated": True} | {
            name: value for name, value in forecast.items() if not isinstance(value, dict)
        }
        for name in DISTRIBUTIONS:
            flat |= {f"{name}_{value}": forecast[name][value] for value in FORECAST_VALUES}
            flat[f"outcome_{name}"] = forecast["outcome"][name]
        texts = {k: "" if v is None else str(v).lower() if isinstance(v, bool) else str(v) for k, v in flat.items()}
        assert row == texts


def test_the_scorecard_sums_up_what_is_stored(api: Client, file: Path) -> None:
    report = api.get("/scorecard").json()
    assert list(report) == [*HEADING, "method", "first", "last", "n", "up_to_date", *SCORE_TABLES]
    scores = stored(file, "forecast_scores")
    dates = sorted({row["open_time"][:10] for row in scores})
    assert (report["first"], report["last"], report["n"]) == (dates[0], "2019-03-04", len(dates))
    assert (report["simulated"], report["up_to_date"], report["method"]) == (True, True, 2)
    assert [(row["elapsed_hours"], row["metric"]) for row in report["odds"]] == [
        (elapsed, metric) for elapsed in (0, 6, 12, 18) for metric in ("volatility", "range")
    ]
    for row in report["odds"]:
        mine = [one for one in scores if (one["metric"], one["elapsed"]) == (row["metric"], row["elapsed_hours"])]
        means = {name: sum(one[name] for one in mine) / len(mine) for name in ("crps", "plain_crps", "pinball")}
        assert row["n"] == len(mine)
        assert {name: row[name] for name in means} == pytest.approx(means, abs=1e-8)
        assert row["crps_gain"] == pytest.approx(1 - means["crps"] / means["plain_crps"], abs=1e-8)
    for row in report["coverage"]:
        mine = [one for one in scores if (one["metric"], one["elapsed"]) == (row["metric"], row["elapsed_hours"])]
        held = sum(one[f"covered_{row['nominal'] * 100:.0f}"] for one in mine) / len(mine)
        assert row["interval"] == pytest.approx(held, abs=1e-8)
    assert {row["n"] for row in report["variance"]} == {0}  # HAR needs more history than there is
    assert {row["window"] for row in report["bands"]} == {5, 7, 14, 30}


def test_since_leaves_earlier_sessions_out(api: Client) -> None:
    report = api.get("/scorecard?since=2019-03-01").json()
    assert (report["first"], report["n"]) == ("2019-03-01", 4)
    assert {row["n"] for row in report["odds"]} == {4}
    assert {row["n"] for row in report["bands"]} == {4}


@pytest.mark.parametrize("table", SCORE_TABLES)
def test_a_table_of_the_scorecard_as_csv(api: Client, table: str) -> None:
    report = api.get("/scorecard").json()
    rows = list(csv.reader(io.StringIO(api.get(f"/scorecard?format=csv&table={table}").text)))
    assert rows[0] == ["symbol", *report[table][0], "simulated"]
    for row, shown in zip(rows[1:], report[table], strict=True):
        assert row == ["BTCUSDT", *("" if value is None else str(value) for value in shown.values()), "true"]


def test_the_table_of_odds_is_the_csv_by_default(api: Client) -> None:
    assert api.get("/scorecard?format=csv").text == api.get("/scorecard?format=csv&table=odds").text
    assert api.get("/scorecard?table=bands").json() == api.get("/scorecard").json()


@pytest.mark.parametrize("path", PATHS)
def test_answers_carry_an_etag_and_a_match_is_a_304(api: Client, path: str) -> None:
    answer = api.get(path)
    tag = answer.headers["etag"]
    assert answer.headers["cache-control"] == "public, max-age=30, must-revalidate"
    again = api.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert api.get(path, headers={"If-None-Match": '"other"'}).content == answer.content


def test_a_new_session_is_a_new_answer_within_a_second(own: World) -> None:
    with own.client() as client:
        before = {path: client.get(path) for path in ("/forecast", "/scorecard")}
        own.set(LATER)
        run_all(own)
        after = {path: client.get(path) for path in before}
    for path, answer in after.items():
        assert answer.headers["etag"] != before[path].headers["etag"]
    report, earlier = after["/forecast"].json(), before["/forecast"].json()
    assert (report["next"]["date"], report["next"]["live"]) == ("2019-03-06", True)
    said = report["forecasts"][0]
    assert {**said, "outcome": None} == {**earlier["next"], "outcome": None}  # what was said stays
    assert said["outcome"]["range_pct"] is not None
    assert after["/scorecard"].json()["n"] == before["/scorecard"].json()["n"] + 1
    stored_rows = {row["made"]: row["n"] for row in after["/scorecard"].json()["stored"]}
    assert stored_rows["live"] == 1


def test_sessions_without_new_forecasts_say_so(own: World) -> None:
    own.set(LATER)
    own.run_jobs()  # the job was ended before it forecast
    with own.client() as client:
        report = client.get("/forecast").json()
        assert client.get("/scorecard").json()["up_to_date"] is False
    assert report["next"]["date"] == "2019-03-06"
    assert {name for name, value in report["next"].items() if value is None} == {
        *("made_at", "live", "method", "annualised_volatility_pct"),
        *DISTRIBUTIONS,
    }
    assert report["next"]["n"] >= 180
    first = report["forecasts"][0]
    assert (first["date"], first["outcome"]["realised_volatility_pct"]) == (str(TODAY), None)  # not scored yet
    assert first["outcome"]["range_pct"] is not None


@pytest.mark.parametrize("path", ["/forecast", "/scorecard"])
def test_a_short_history_gives_nulls_and_their_n(asked: Client, path: str) -> None:
    """94 sessions, aggregated and never forecast."""
    report = asked.get(path).json()
    if path == "/forecast":
        assert (report["next"]["date"], report["next"]["n"], report["count"]) == (str(TODAY), 0, 0)
        assert report["next"]["range_pct"] is None
        assert len(asked.get("/forecast?format=csv").text.splitlines()) == 1
    else:
        assert (report["n"], report["first"], report["up_to_date"]) == (0, None, False)
        assert all(row["crps"] is None and row["n"] == 0 for row in report["odds"])
        assert [row["n"] for row in report["bands"]][:4] == [89, 87, 80, 64]


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/forecast?days=0", "days"),
        ("/forecast?days=3651", "days"),
        ("/forecast?format=xml", "format"),
        ("/scorecard?since=yesterday", "since"),
        ("/scorecard?since=0", "since"),
        ("/scorecard?since=2019-02-30", "since"),
        ("/scorecard?table=no", "table"),
    ],
)
def test_a_parameter_that_breaks_its_rule_is_a_422(api: Client, path: str, parameter: str) -> None:
    (error,) = problem(api.get(path), 422)["errors"]
    assert error["parameter"] == parameter


@pytest.mark.parametrize("since", ["0001-01-01", "1969-12-31", "2100-01-01", "9999-12-31"])
def test_any_date_is_a_bound(api: Client, since: str) -> None:
    assert api.get("/scorecard", params={"since": since}).status_code == 200


@pytest.mark.parametrize("path", ["/forecast", "/scorecard"])
def test_other_problems(api: Client, make_world: MakeWorld, market: GeneratedMarket, path: str) -> None:
    (error,) = problem(api.get(f"{path}?symbol=ETHUSDT"), 404)["errors"]
    assert error["rule"] == "must be one of BTCUSDT"
    with make_world(market).client() as nothing:
        assert "run btc-volatility backfill" in problem(nothing.get(path), 503)["detail"]


@pytest.mark.parametrize("path", ["/forecast", "/scorecard"])
def test_forecasts_by_another_definition_are_not_shown(
    make_world: MakeWorld, market: GeneratedMarket, file: Path, tmp_path: Path, path: str
) -> None:
    shutil.copy(file, tmp_path / "candles.sqlite3")
    world = make_world(market, HISTORY_START=SINCE, SESSION_START="12:00")
    with world.client() as client:
        assert "run btc-volatility aggregate" in problem(client.get(path), 503)["detail"]
        world.run_jobs()
        report = client.get(path).json()
        assert (report["count"] if path == "/forecast" else report["n"]) == 0


@pytest.mark.server
def test_the_same_answers_come_from_a_server(
    mariadb_url: str, make_world: MakeWorld, market: GeneratedMarket, api: Client
) -> None:
    world = make_world(market, database_url=mariadb_url, HISTORY_START=SINCE)
    run_all(world)
    with world.client() as client:
        for path in PATHS:
            one, other = client.get(path).text, api.get(path).text
            if path.startswith("/forecast"):  # the exchange's clock ran on between the two runs
                one, other = (_without_times(text) for text in (one, other))
            assert one == other


def _without_times(text: str) -> str:
    if not text.startswith("{"):
        return re.sub(r",[^,]*T16:37:[^,]*,", ",,", text)
    report = json.loads(text)
    for forecast in (report["next"], *report["forecasts"]):
        forecast["made_at"] = None
    return json.dumps(report)


@pytest.mark.parametrize("path", ["/forecast", "/scorecard"])
def test_answers_are_what_their_models_say(api: Client, path: str) -> None:
    MODELS[path].model_validate_json(api.get(path).content, strict=True)
    assert list(strangers(ANSWERS[path], api.get(path).json())) == []


def test_examples_are_what_their_models_say() -> None:
    for path in ("/forecast", "/scorecard"):
        MODELS[path].model_validate(REAL[path])
        assert REAL[path]["simulated"] is False


def test_distributions_have_the_values_of_the_one_list() -> None:
    assert tuple(model_of(FORECAST_DISTRIBUTION).model_fields) == FORECAST_VALUES
