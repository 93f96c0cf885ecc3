"""`/statistics` and `/sessions`: every number by another route, and the shape of every answer."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from api.models import MODELS, model_of
from exchange_simulator import GeneratedMarket
from exchange_simulator.faults import Gap
from tests.api.conftest import SINCE, MakeWorld
from tests.api.reference import METRICS, NAMES, PERCENT_NAMES, History, assert_same
from tests.api.world import Client, HandMadeMarket, World
from volatility.domain.metrics import METRICS as LIST_OF_METRICS
from volatility.domain.metrics import STATISTICS
from volatility.presentation.catalogue import sessions as catalogue

NEWEST = "2019-03-04"  # the last session that is closed at NOW
SESSION_FIELDS = [
    "date", "open_time", "close_time", "open", "high", "low", "close", "volume", "candles", "expected_candles",
    "complete", "volatility", "range", "volatility_pct", "range_pct",
]  # fmt: skip
HEADING = {"symbol": "BTCUSDT", "session_start": "11:00", "timezone": "Europe/Moscow"}


def expected(history: History, labels: list[str]) -> list[dict[str, Any]]:
    return [history.session(label) | {"statistics": history.statistics(label)} for label in labels]


@pytest.fixture(scope="module")
def real_client(real_world: World) -> Iterator[Client]:
    with real_world.client() as client:
        yield client


def test_thirty_newest_closed_sessions_come_by_default_newest_first(asked: Client, history: History) -> None:
    answer = asked.get("/statistics")
    labels = history.labels(before="2019-03-05")[::-1][:30]
    assert answer.headers["content-type"] == "application/json"
    assert labels[0] == NEWEST
    assert_same(answer.json(), HEADING | {"simulated": True, "count": 30, "sessions": expected(history, labels)})


def test_the_fields_are_those_of_the_specification(asked: Client) -> None:
    report = asked.get("/statistics", params={"days": 1}).json()
    (session,) = report["sessions"]
    assert list(report) == [*HEADING, "simulated", "count", "sessions"]
    assert list(session) == [*SESSION_FIELDS, "statistics"]
    assert list(session["statistics"]) == ["volatility", "range"]
    for windows in session["statistics"].values():
        assert list(windows) == ["5", "7", "14", "30"]
        assert all(list(window) == ["n", *NAMES, *PERCENT_NAMES] for window in windows.values())


@pytest.mark.parametrize("days", [1, 2, 93, 94])
def test_days_says_how_many_sessions_come(asked: Client, days: int) -> None:
    report = asked.get("/statistics", params={"days": days}).json()
    dates = [session["date"] for session in report["sessions"]]
    assert report["count"] == len(dates) == days
    assert dates == [(date.fromisoformat(NEWEST) - timedelta(days=i)).isoformat() for i in range(days)]


@pytest.mark.parametrize("days", [95, 3650])
def test_more_days_than_history_has_give_what_there_is(asked: Client, days: int) -> None:
    report = asked.get("/statistics", params={"days": days}).json()
    assert report["count"] == len(report["sessions"]) == 94
    assert report["sessions"][-1]["date"] == SINCE


def test_a_window_that_history_does_not_fill_is_null_and_says_how_many_went_in(asked: Client) -> None:
    oldest_first = asked.get("/statistics", params={"days": 94}).json()["sessions"][::-1]
    names = (*NAMES, *PERCENT_NAMES)
    for metric in METRICS:
        for window in (5, 7, 14, 30):
            for number, session in enumerate(oldest_first[:30], start=1):
                shown = session["statistics"][metric][str(window)]
                assert shown["n"] == min(number, window)
                assert [shown[name] is None for name in names] == [number < window] * len(names)


def test_a_missing_session_counts_as_a_calendar_day_of_the_window(make_world: MakeWorld) -> None:
    """Session 8 of 9 does not exist: at session 9 a window of 5 has 4 of 5 (80 %), one of 3 has 2 of 3 (too few)."""
    market = HandMadeMarket("2019-01-01T08:00:00+00:00", [(10.0 * i, 100.0) for i in range(1, 10)])
    world = make_world(market, now="2019-01-10T08:30:00+00:00", HISTORY_START="2019-01-01", WINDOWS="3,5")
    world.exchange.order(Gap(first="2019-01-08T08:00:00Z", last="2019-01-09T07:00:00Z"))
    world.run_jobs()
    with world.client() as client:
        newest, before = client.get("/statistics", params={"days": 2}).json()["sessions"]
    assert (newest["date"], before["date"]) == ("2019-01-09", "2019-01-07")
    windows = newest["statistics"]["volatility"]
    assert windows["3"] == {"n": 2, **dict.fromkeys((*NAMES, *PERCENT_NAMES))}
    # 50, 60, 70, 90: position q * 3 between them; every open is 1000
    amounts = {"mean": 67.5, "median": 65.0, "p10": 53.0, "p25": 57.5, "p75": 75.0, "p90": 84.0}
    assert_same(windows["5"], {"n": 4} | amounts | {f"{name}_pct": value / 10 for name, value in amounts.items()})


@pytest.mark.real_data
def test_every_real_session_and_statistic_equals_plain_loops(real_client: Client, real_history: History) -> None:
    answer = real_client.get("/statistics", params={"days": 3650})
    labels = real_history.labels(before="2023-12-30")
    assert len(labels) == 2325
    assert "2018-02-08" not in labels
    report = answer.json()
    assert "NaN" not in answer.text
    assert "Infinity" not in answer.text
    assert report["count"] == 2325
    MODELS["/statistics"].model_validate(report)
    assert_same(report["sessions"], expected(real_history, labels[::-1]))


@pytest.mark.real_data
def test_real_sessions_around_the_outage_of_february_2018(real_client: Client, real_history: History) -> None:
    report = real_client.get("/sessions", params={"from": "2018-02-06", "to": "2018-02-11"}).json()
    assert [session["date"] for session in report["sessions"]] == [
        "2018-02-06",
        "2018-02-07",
        "2018-02-09",
        "2018-02-10",
    ]
    assert [session["candles"] for session in report["sessions"]] == [24, 17, 22, 24]
    assert [session["complete"] for session in report["sessions"]] == [True, False, False, True]
    for shown in report["sessions"]:
        assert_same(shown, real_history.session(shown["date"]))


def test_sessions_are_those_labelled_from_up_to_but_not_including_to(asked: Client, history: History) -> None:
    answer = asked.get("/sessions", params={"from": "2019-01-01", "to": "2019-02-01"})
    labels = [f"2019-01-{day:02}" for day in range(1, 32)]
    wanted = [history.session(label) for label in labels]
    assert_same(answer.json(), HEADING | {"simulated": True, "count": 31, "sessions": wanted})


def test_sessions_without_bounds_are_all_that_are_closed_oldest_first(asked: Client) -> None:
    def dates(**bounds: str) -> list[str]:
        return [session["date"] for session in asked.get("/sessions", params=bounds).json()["sessions"]]

    everything = dates()
    assert (len(everything), everything[0], everything[-1]) == (94, SINCE, NEWEST)
    assert dates(**{"from": NEWEST}) == [NEWEST]
    assert dates(to="2018-12-02") == [SINCE]
    assert dates(**{"from": "0001-01-01", "to": "9999-12-31"}) == everything


@pytest.mark.parametrize("zone", [("23:00", "Pacific/Honolulu"), ("00:00", "Asia/Tokyo")])
def test_bounds_may_be_any_date_of_the_calendar_in_any_zone(make_world: MakeWorld, zone: tuple[str, str]) -> None:
    """The last day of year 9999 ends in the year 10000 of UTC, the first of year 1 begins before it."""
    market = HandMadeMarket("2019-01-01T00:00:00+00:00", [(10, 20)] * 4)
    names = {"SESSION_START": zone[0], "SESSION_TIMEZONE": zone[1], "HISTORY_START": "2019-01-01"}
    world = make_world(market, now="2019-01-04T23:30:00+00:00", **names)
    world.run_jobs()
    with world.client() as client:
        everything = client.get("/sessions").json()
        assert everything["count"] in {2, 3}
        for since in ("0001-01-01", "1969-12-31", "1970-01-01"):
            for until in ("9999-12-31", "9999-01-01", "4200-01-01"):
                assert client.get("/sessions", params={"from": since, "to": until}).json() == everything
        for since, until in (("9999-12-31", "9999-12-31"), ("0001-01-01", "0001-01-01")):
            assert client.get("/sessions", params={"from": since, "to": until}).json()["count"] == 0


@pytest.mark.parametrize(
    ("since", "until"),
    [("2019-01-05", "2019-01-05"), ("2030-01-01", "2031-01-01"), (SINCE, SINCE)],
)
def test_no_session_between_the_bounds_is_an_empty_list(asked: Client, since: str, until: str) -> None:
    answer = asked.get("/sessions", params={"from": since, "to": until})
    assert answer.status_code == 200
    assert answer.json() == HEADING | {"simulated": True, "count": 0, "sessions": []}


def test_the_symbol_may_come_in_small_letters_and_the_first_is_the_default(make_world: MakeWorld) -> None:
    bounds = "2019-01-01T08:00:00+00:00"
    markets = [
        HandMadeMarket(bounds, [(10, 20)] * 6, symbol="BTCUSDT"),
        HandMadeMarket(bounds, [(30, 40)] * 6, symbol="ETHUSDT"),
    ]
    world = make_world(*markets, now="2019-01-07T09:00:00+00:00", HISTORY_START="2019-01-01")
    for market in markets:
        world.run_jobs(market.symbol)
    with world.client() as client:
        shown = {
            asked: client.get("/statistics" + asked).json()
            for asked in ("", "?symbol=btcusdt", "?symbol=ETHUSDT", "?symbol=%20ethusdt%20")
        }
    assert [report["symbol"] for report in shown.values()] == ["BTCUSDT", "BTCUSDT", "ETHUSDT", "ETHUSDT"]
    assert shown[""] == shown["?symbol=btcusdt"]
    assert [shown[asked]["sessions"][0]["volatility"] for asked in ("", "?symbol=ETHUSDT")] == [10.0, 30.0]


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def as_text(value: object) -> str:
    """A JSON value as a cell."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_csv_is_the_json_flattened(asked: Client) -> None:
    """By the longest answer, so that nulls are in it."""
    report = asked.get("/statistics", params={"days": 94}).json()
    answer = asked.get("/statistics", params={"days": "94", "format": "csv"})
    header, *lines = rows(answer.text)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.count("\r\n") == 95
    assert len(set(header)) == len(header)
    assert len(lines) == 94
    for line, session in zip(lines, report["sessions"], strict=True):
        flat = {"symbol": report["symbol"], "simulated": report["simulated"]}
        flat |= {name: value for name, value in session.items() if name != "statistics"}
        for metric, windows in session["statistics"].items():
            for window, values in windows.items():
                flat |= {f"{metric}_{name}_{window}": value for name, value in values.items()}
        assert dict(zip(header, line, strict=True)) == {name: as_text(value) for name, value in flat.items()}


def test_csv_of_sessions_has_no_statistics(asked: Client) -> None:
    header, *lines = rows(asked.get("/sessions", params={"format": "csv", "from": "2019-03-01"}).text)
    assert header == ["symbol", *SESSION_FIELDS, "simulated"]
    assert [line[1] for line in lines] == ["2019-03-01", "2019-03-02", "2019-03-03", "2019-03-04"]


def test_csv_of_nothing_is_its_header(asked: Client) -> None:
    answer = asked.get("/sessions", params={"format": "csv", "to": "2000-01-01"})
    assert rows(answer.text) == [["symbol", *SESSION_FIELDS, "simulated"]]


def test_columns_answers_headers_and_schema_name_the_same_metrics(asked: Client) -> None:
    """One list of metrics: adding one to it must add it everywhere."""
    metrics = [metric.name for metric in LIST_OF_METRICS]
    statistics = [statistic.name for statistic in STATISTICS]
    assert (metrics, statistics) == (list(METRICS), list(NAMES))
    header = rows(asked.get("/statistics", params={"days": "1", "format": "csv"}).text)[0]
    windows = [(metric, window) for metric in metrics for window in (5, 7, 14, 30)]
    columns = [f"{metric}_{name}_{window}" for metric, window in windows for name in ("n", *statistics)]
    percents = [f"{metric}_{name}_pct_{window}" for metric, window in windows for name in statistics]
    assert header == ["symbol", *SESSION_FIELDS, *columns, "simulated", *percents]
    assert list(model_of(catalogue.STATISTICS_BY_METRIC).model_fields) == metrics
    assert list(model_of(catalogue.PERCENTILE_RANK).model_fields) == metrics
    assert list(model_of(catalogue.WINDOW_STATISTICS).model_fields) == [
        "n",
        *statistics,
        *(statistic.percent_name for statistic in STATISTICS),
    ]
    for fields in (model_of(catalogue.SESSION).model_fields, MODELS["/today"].model_fields):
        assert {*metrics, *(metric.percent_name for metric in LIST_OF_METRICS)} <= set(fields)


@pytest.mark.server
def test_mariadb_and_sqlite_answer_the_same(
    world: World, client: Client, make_world: MakeWorld, market: GeneratedMarket, mariadb_url: str
) -> None:
    other = make_world(market, database_url=mariadb_url, HISTORY_START=SINCE)
    other.run_jobs()
    with other.client() as on_server:
        for path in (
            "/statistics?days=94",
            "/statistics?days=94&format=csv",
            "/sessions?from=0001-01-01&to=9999-12-31",
            "/sessions?from=2019-01-01&to=2019-01-03&format=csv",
            "/today",
            "/symbols",
        ):
            there, here = on_server.get(path), client.get(path)
            assert (there.status_code, there.content) == (200, here.content), path
    assert world.settings.database_url != other.settings.database_url


def test_windows_are_those_of_the_settings(make_world: MakeWorld) -> None:
    market = HandMadeMarket("2019-01-01T08:00:00+00:00", [(10.0 * i, 100.0) for i in range(1, 5)])
    world = make_world(market, now="2019-01-05T08:30:00+00:00", HISTORY_START="2019-01-01", WINDOWS="2,3,9")
    world.run_jobs()
    with world.client() as client:
        session = client.get("/statistics", params={"days": 1}).json()["sessions"][0]
        header = rows(client.get("/statistics", params={"format": "csv"}).text)[0]
        today = client.get("/today").json()
    windows = session["statistics"]["volatility"]
    assert [(window, values["n"], values["mean"]) for window, values in windows.items()] == [
        ("2", 2, 35.0),
        ("3", 3, 30.0),
        ("9", 4, None),
    ]
    assert "range_p90_9" in header
    assert "range_p90_5" not in header
    assert list(today["percentile_rank"]["range"]) == ["2", "3", "9"]


@pytest.mark.parametrize("days", [1, 30])
def test_a_running_session_is_never_among_the_closed_ones(asked: Client, days: int) -> None:
    dates = [session["date"] for session in asked.get("/statistics", params={"days": days}).json()["sessions"]]
    assert "2019-03-05" not in dates
    assert "2019-03-05" not in [s["date"] for s in asked.get("/sessions").json()["sessions"]]
