"""`/cone`, `/straddle`, `/volatility`, `/seasonality` and the rank by elapsed hour, against plain loops."""

from __future__ import annotations

import random
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from exchange_simulator import GeneratedMarket
from exchange_simulator.faults import Reset
from tests.api import plain, reference
from tests.api.conftest import MakeWorld
from tests.api.reference import History
from tests.api.world import KLINES, Client, World

TODAY = date(2019, 3, 5)
REAL_TODAY = date(2023, 12, 30)
ELAPSED = 5 + 37 / 60 + 41 / 3600
RUNNING = ("/today", "/live", "/cone", "/odds?range=100", "/straddle?premium=100")
MEASURES = ("volatility", "range")


def close(actual: Any, expected: Any) -> None:
    """Equal up to the eight decimals that are shown."""
    assert actual == pytest.approx(expected, rel=1e-9, abs=1.1e-8)


def assert_cone(report: dict[str, Any], history: History, today: date, lookback: int) -> None:
    for hour in report["hours"]:
        n, volatility, ranges = plain.cone(history, today, lookback, hour["elapsed"])
        assert hour["n"] == n
        close(hour["volatility_pct"], volatility)
        close(hour["range_pct"], ranges)


# The cone


@pytest.mark.parametrize("lookback", [365, 30, 3650])
def test_the_cone_is_what_plain_loops_give(long_asked: Client, long_history: History, lookback: int) -> None:
    report = long_asked.get("/cone", params={"lookback": lookback}).json()
    assert_cone(report, long_history, TODAY, lookback)
    assert [hour["elapsed"] for hour in report["hours"]] == list(range(1, 25))
    assert (report["lookback"], report["n"]) == (lookback, len(plain.before(long_history, TODAY, lookback)))


def test_todays_path_stands_beside_the_hours_that_have_closed(long_asked: Client, long_history: History) -> None:
    report = long_asked.get("/cone").json()
    for hour in report["hours"][:5]:
        volatility, ranged = plain.after(long_history, TODAY, hour["elapsed"])
        close(hour["today"]["volatility_pct"], volatility)
        close(hour["today"]["range_pct"], ranged)
        assert hour["today"]["price"] == float(long_history.sessions[TODAY][hour["elapsed"] - 1].close)
    assert [hour["today"] for hour in report["hours"][5:]] == [None] * 19  # the sixth hour is open


@pytest.mark.real_data
def test_cone_rank_and_season_on_real_candles(real_world: World, real_history: History) -> None:
    with real_world.client() as client:
        assert_cone(client.get("/cone").json(), real_history, REAL_TODAY, 365)
        assert_rank(client.get("/today").json(), real_history, REAL_TODAY, 12 + 1 / 3)
        report = client.get("/seasonality").json()
    days = plain.before(real_history, REAL_TODAY, 730)
    for weekday, elapsed in ((0, 0), (5, 7), (6, 23)):
        cell = report["weekdays"][weekday]["hours"][elapsed]
        close(cell, plain.season(real_history, days, weekday, elapsed))


# The rank by elapsed hour


def assert_rank(report: dict[str, Any], history: History, today: date, elapsed: float) -> None:
    n, volatility, ranged = plain.rank(history, today, elapsed, 365)
    shown = report["percentile_by_elapsed"]
    assert (shown["lookback"], shown["n"]) == (365, n)
    close([shown["volatility"], shown["range"]], [volatility, ranged])


def test_today_is_ranked_among_past_sessions_at_the_same_elapsed_time(
    long_asked: Client, long_history: History
) -> None:
    report = long_asked.get("/today").json()
    assert_rank(report, long_history, TODAY, ELAPSED)
    assert long_asked.get("/cone").json()["percentile_by_elapsed"] == report["percentile_by_elapsed"]


@pytest.mark.parametrize(("now", "elapsed"), [("08:15:00", 0.25), ("09:00:00", 1.0), ("21:30:00", 13.5)])
def test_the_rank_within_the_first_hour_and_later(long_world: World, now: str, elapsed: float) -> None:
    long_world.set(f"2019-03-06T{now}+00:00")
    long_world.run_jobs()
    bars = reference.fetch(long_world.server.url, "2018-01-01T00:00:00+00:00")
    with long_world.client() as client:
        report = client.get("/today").json()
    assert_rank(report, History(bars, since="2018-01-01"), TODAY + timedelta(days=1), elapsed)


def test_at_the_very_start_there_is_nothing_to_rank(long_world: World) -> None:
    long_world.exchange.order(Reset())  # the stored candles end an hour before the session
    long_world.set("2019-03-06T08:00:00+00:00")
    with long_world.client() as client:
        report = client.get("/today").json()
    assert report["percentile_by_elapsed"] == {
        "lookback": 365,
        "n": 364,
        "volatility": None,
        "range": None,
    }  # without 5 March


# The straddle


def assert_record(shown: dict[str, Any], profits: list[float], unit: float) -> None:
    wanted = plain.straddle(profits, unit)
    close({name: shown[name] for name in wanted}, wanted)
    if len(profits) < 10:
        assert (shown["win_rate_interval"], shown["mean_profit_interval"]) == (None, None)
        return
    low, high = plain.mean_interval(profits)
    close(shown["mean_profit_interval_pct"], {"low": low, "high": high})
    close(shown["mean_profit_interval"], {"low": low * unit, "high": high * unit})
    low, high = plain.wilson(profits)
    close(shown["win_rate_interval"], {"low": low, "high": high})


@pytest.mark.parametrize("strike", [None, 1.02])
def test_the_straddles_record_is_what_plain_loops_give(
    long_asked: Client, long_history: History, strike: float | None
) -> None:
    start = float(long_history.sessions[TODAY][0].open)
    asked = {"premium": start * 0.02, "lookback": 45} | ({"strike": start * strike} if strike else {})
    report = long_asked.get("/straddle", params=asked).json()
    assert [record["lookback"] for record in report["records"]] == [30, 45, 90, 365, None]
    strike_pct = 100 * (strike or 1)
    for record in report["records"]:
        days = plain.before(long_history, TODAY, record["lookback"])
        assert_record(record, plain.profits(long_history, days, 2.0, strike_pct), start / 100)
    assert report["by_weekday"]["lookback"] == 45
    for number, record in enumerate(report["by_weekday"]["weekdays"]):
        days = [day for day in plain.before(long_history, TODAY, 45) if day.weekday() == number]
        assert record["weekday"] == plain.WEEKDAYS[number]
        assert_record(record, plain.profits(long_history, days, 2.0, strike_pct), start / 100)
    close(report["breakevens"]["low"], start * (strike_pct - 2) / 100)
    close(report["breakevens"]["high"], start * (strike_pct + 2) / 100)


def test_without_a_lookback_weekdays_are_over_all_of_history(long_asked: Client, long_history: History) -> None:
    report = long_asked.get("/straddle?premium=100").json()
    assert [record["lookback"] for record in report["records"]] == [30, 90, 365, None]
    assert report["by_weekday"]["lookback"] is None
    assert sum(record["n"] for record in report["by_weekday"]["weekdays"]) == len(long_history.sessions) - 1
    assert [r["lookback"] for r in long_asked.get("/straddle?premium=1&lookback=90").json()["records"]] == [
        30, 90, 365, None,
    ]  # fmt: skip


def test_the_fair_value_is_the_mean_of_the_final_vol_when_struck_at_the_open(long_asked: Client) -> None:
    odds = long_asked.get("/odds?volatility=150").json()
    value = long_asked.get("/straddle?premium=150").json()["value"]
    close(value["fair"], odds["distribution"]["volatility"]["mean"])
    close(value["fair_pct"], odds["distribution"]["volatility"]["mean_pct"])
    close(value["probability"], odds["odds"]["volatility"][0]["probability"])
    close(value["expected_profit"], value["fair"] - 150)
    assert (value["n"], value["missing"]) == (odds["n"], None)


def test_every_number_of_the_straddle_is_defined(long_asked: Client) -> None:
    report = long_asked.get("/straddle?premium=100").json()
    defined = report["definitions"]
    shown = {"premium", "strike", "breakevens", "reference", *report["records"][0], *report["value"]} - {
        "missing",
        "missing_code",
    }
    assert {name.removesuffix("_pct") for name in shown} == set(defined)
    assert all(sentence.endswith(".") for sentence in defined.values())


# The estimators


def test_estimators_are_what_plain_loops_give(long_asked: Client, long_history: History) -> None:
    report = long_asked.get("/volatility").json()
    assert (report["date"], report["close_time"]) == ("2019-03-04", "2019-03-05T11:00:00+03:00")
    assert report["sessions"] == len(long_history.sessions) - 1
    by_name = {
        "parkinson": plain.parkinson,
        "realised_garman_klass": plain.realised,
        "close_to_close": plain.close_to_close,
    }
    for name, compute in by_name.items():
        for window, shown in report["estimators"][name]["windows"].items():
            days = plain.before(long_history, TODAY, int(window))
            close(shown["value"], compute(long_history, days))
            assert shown["n"] == len(days)


def test_the_classic_cone_is_over_all_windows_of_history(long_asked: Client, long_history: History) -> None:
    shown = long_asked.get("/volatility").json()["estimators"]["parkinson"]["cone"]["30"]
    ends = [long_history.first + timedelta(days=30 + i) for i in range((TODAY - long_history.first).days - 29)]
    values = [plain.parkinson(long_history, plain.before(long_history, end, 30)) for end in ends]
    assert shown["n"] == len(values)
    close(shown["current"], values[-1])
    close([shown["min"], shown["median"], shown["max"]], [min(values), plain.quantile(values, 0.5), max(values)])
    close([shown["p25"], shown["p75"]], [plain.quantile(values, 0.25), plain.quantile(values, 0.75)])
    close(shown["percentile"], sum(value <= values[-1] * (1 + 1e-12) for value in values) / len(values))


# Seasonality


def test_every_cell_of_the_week_is_what_plain_loops_give(long_asked: Client, long_history: History) -> None:
    report = long_asked.get("/seasonality?lookback=200").json()
    days = plain.before(long_history, TODAY, 200)
    for number, weekday in enumerate(report["weekdays"]):
        assert weekday["weekday"] == plain.WEEKDAYS[number]
        assert weekday["n"] == sum(day.weekday() == number for day in days)
        for elapsed, cell in enumerate(weekday["hours"]):
            close(cell, plain.season(long_history, days, number, elapsed))
        assert sum(cell["variance_share"] for cell in weekday["hours"]) == pytest.approx(1.0, abs=24e-8)


def test_weekday_totals_and_their_intervals(long_asked: Client, long_history: History) -> None:
    """The intervals against a bootstrap of our own with other random numbers: alike, not equal."""
    report = long_asked.get("/seasonality").json()
    days = plain.before(long_history, TODAY, 730)
    rng = random.Random(5)
    for number in (2, 5):
        finals = [plain.after(long_history, day, 24) for day in days if day.weekday() == number]
        for place, name in enumerate(("volatility_pct", "range_pct")):
            values = [final[place] for final in finals]
            shown = report["weekdays"][number][name]
            close(shown["mean"], sum(values) / len(values))
            close(shown["median"], plain.quantile(values, 0.5))
            means = [sum(rng.choices(values, k=len(values))) / len(values) for _ in range(2000)]
            low, high = plain.quantile(means, 0.025), plain.quantile(means, 0.975)
            assert shown["mean_interval"]["low"] == pytest.approx(low, abs=0.15 * (high - low))
            assert shown["mean_interval"]["high"] == pytest.approx(high, abs=0.15 * (high - low))
            assert shown["median_interval"]["low"] <= shown["median"] <= shown["median_interval"]["high"]


# Where the answers come from


def test_all_answers_about_the_running_session_cost_the_exchange_one_request(long_world: World) -> None:
    with long_world.client() as client:
        reports = [client.get(path).json() for path in RUNNING]
    assert long_world.asked(KLINES) == 2  # the hours, and once a minute the five minutes of the path
    shared = [name for name in reports[0] if name in reports[1] and name != "percentile_by_elapsed"]
    assert {"as_of", "price", "elapsed_hours", "source", "stale", "simulated", "open", "high", "low"} <= set(shared)
    for report in reports[1:]:
        assert {name: report[name] for name in shared} == {name: reports[0][name] for name in shared}


@pytest.mark.parametrize("path", [path for path in RUNNING if path not in ("/today", "/live")])
def test_without_the_exchange_the_stored_candles_serve_and_it_is_said(long_world: World, path: str) -> None:
    long_world.exchange.order(Reset())
    with long_world.client() as client:
        report = client.get(path).json()
        flat = client.get(path, params={"format": "csv"}).text.splitlines()
    assert (report["source"], report["stale"], report["simulated"]) == ("database", True, True)
    assert (report["as_of"], report["elapsed_hours"]) == ("2019-03-05T16:00:00+03:00", 5.0)
    assert flat[0].endswith(",stale,simulated")
    assert all(row.endswith(",true,true") for row in flat[1:])


def test_sessions_that_nobody_aggregated_yet_count_from_the_exchanges_candles(
    make_world: MakeWorld, market: GeneratedMarket
) -> None:
    """Aggregation three days late, and on time: the same answers."""
    answers = []
    world = make_world(market, now="2019-01-27T08:30:00+00:00", HISTORY_START="2018-02-01")
    world.run_jobs()
    world.set("2019-01-31T02:12:00+00:00")
    for late in (True, False):
        if not late:
            world.run_jobs()
        with world.client() as client:
            answers.append([client.get(path).json() for path in RUNNING])
    assert answers[0] == answers[1]
    assert answers[0][3]["distribution"]["range"] is not None


@pytest.mark.parametrize("path", RUNNING)
def test_a_session_that_is_stored_in_part_is_not_history(long_world: World, path: str) -> None:
    """The exchange goes away at 13:00 UTC and the next session begins without it."""
    long_world.exchange.order(Reset())
    long_world.set("2019-03-06T10:00:00+00:00")
    with long_world.client() as client:
        report = client.get(path).json()
    assert (report["date"], report["candles"], report["price"]) == ("2019-03-06", 0, None)
    if path == "/cone":
        assert report["n"] == 364  # 5 March is missing
        assert {hour["today"] for hour in report["hours"]} == {None}


def test_a_new_session_and_a_revised_candle_are_seen(long_world: World) -> None:
    with long_world.client() as client:
        before = client.get("/cone").json()
        volatility = client.get("/volatility").json()
        long_world.set("2019-03-06T10:00:00+00:00")
        assert client.get("/cone").json()["date"] == "2019-03-06"
        long_world.run_jobs()
        long_world.machine.pass_by(3)
        after = client.get("/cone").json()
        assert client.get("/volatility").json()["date"] == "2019-03-05" != volatility["date"]
    assert (before["n"], after["n"]) == (365, 365)
    assert before["hours"] != after["hours"]


def test_answers_are_the_same_in_every_process(long_world: World) -> None:
    paths = [*RUNNING, "/volatility", "/seasonality"]
    texts = []
    for _ in range(2):
        with long_world.client() as client:
            texts.append([client.get(path).text for path in paths])
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("now", "label", "hours"),
    [("2018-11-04T21:30:00+00:00", "2018-11-03", 25), ("2019-03-10T20:30:00+00:00", "2019-03-09", 23)],
)
def test_sessions_of_a_zone_with_summer_time(make_world: MakeWorld, now: str, label: str, hours: int) -> None:
    zone = {"SESSION_START": "17:00", "SESSION_TIMEZONE": "America/New_York"}
    world = make_world(GeneratedMarket("BTCUSDT", gaps=False), now=now, HISTORY_START="2017-10-01", **zone)
    world.run_jobs()
    bars = reference.fetch(world.server.url, "2017-10-01T00:00:00+00:00")
    history = History(bars, since="2017-10-01", start=time(17), zone=ZoneInfo("America/New_York"))
    with world.client() as client:
        cone = client.get("/cone").json()
        odds = client.get("/odds?range_pct=3").json()
        season = client.get("/seasonality").json()
    assert (cone["date"], cone["expected_candles"], len(cone["hours"])) == (label, hours, 25)
    today = date.fromisoformat(label)
    for hour in cone["hours"]:
        n, volatility, ranges = plain.cone(history, today, 365, hour["elapsed"])
        assert hour["n"] == n
        close(hour["volatility_pct"], volatility)
        close(hour["range_pct"], ranges)
    assert cone["hours"][24]["n"] == 1  # one autumn
    assert [hour["elapsed"] for hour in cone["hours"] if hour["today"]] == list(range(1, hours))
    assert odds["distribution"]["range"]["quantiles_pct"]["p5"] >= odds["range_pct"] - 1e-7
    assert [hour["elapsed"] for hour in odds["fan"]] == [hours]
    assert 0 <= odds["odds"]["range"][0]["probability"] <= 1
    days = plain.before(history, today, 730)
    for number, weekday in enumerate(season["weekdays"]):
        close(weekday["hours"][3], plain.season(history, days, number, 3))


# Short history


def test_with_few_sessions_there_is_a_record_but_no_distribution(asked: Client, history: History) -> None:
    """94 closed sessions: the odds say what they lack."""
    n = sum(len(bars) == 24 for day, bars in history.sessions.items() if day < TODAY)
    missing = f"some 300 past sessions with all their candles are needed, there are {n}"
    odds = asked.get("/odds?volatility=100").json()
    assert (odds["missing"], odds["n"], odds["effective"]) == (missing, n, None)
    assert odds["distribution"] == {"volatility": None, "range": None}
    assert odds["odds"]["volatility"][0]["threshold"] == 100.0
    assert odds["odds"]["volatility"][0]["probability"] is None
    straddle = asked.get("/straddle?premium=100").json()
    assert (straddle["value"]["missing"], straddle["value"]["fair"]) == (missing, None)
    assert straddle["records"][-1]["n"] == 94
    assert asked.get("/odds?format=csv").text.splitlines() == [
        "symbol,date,as_of,measure,quantile,value,value_pct,stale,simulated"
    ]
    volatility = asked.get("/volatility").json()["estimators"]["parkinson"]
    assert volatility["windows"]["90"]["value"] is not None
    assert volatility["cone"]["180"] == {
        "current": None, "min": None, "p25": None, "median": None, "p75": None, "max": None, "percentile": None, "n": 0,
    }  # fmt: skip


def test_nothing_is_ever_nan(asked: Client, long_asked: Client) -> None:
    for client in (asked, long_asked):
        for path in (*RUNNING, "/volatility", "/seasonality"):
            text = client.get(path).text
            assert "NaN" not in text
            assert "Infinity" not in text
