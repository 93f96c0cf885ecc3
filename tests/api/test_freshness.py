"""`/symbols`, `/readyz`, `/healthz` and `/metrics`: how far the data reach, and how old they are."""

from __future__ import annotations

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.api.conftest import NOW
from tests.api.world import Client, World, to_ms
from volatility import __version__

COVERAGE = {
    "symbol": "BTCUSDT",
    "simulated": True,
    "first_candle": "2018-12-01T03:00:00+03:00",
    "newest_candle": "2019-03-05T15:00:00+03:00",
    "first_session": "2018-12-01",
    "newest_session": "2019-03-04",
}
PREFIX = "btc_volatility_"


def samples(client: Client) -> dict[str, list[Sample]]:
    """The samples of every metric by name, as a scraper reads them."""
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    read: dict[str, list[Sample]] = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.documentation
        assert family.name.startswith(PREFIX)
        for sample in family.samples:
            read.setdefault(sample.name.removeprefix(PREFIX), []).append(sample)
    return read


def value(client: Client, name: str) -> float:
    (sample,) = samples(client)[name]
    return sample.value


def gap_hours(world: World) -> int:
    """Hours of the exchange's history at NOW that have no candle."""
    times = world.exchange.markets["BTCUSDT"].view(to_ms(NOW)).times
    first, last = to_ms("2018-12-01T00:00:00+00:00"), to_ms("2019-03-05T12:00:00+00:00")
    held = {time for time in times if first <= time <= last}
    return (last - first) // 3_600_000 + 1 - len(held)


def test_symbols_say_how_far_their_data_reach(world: World, client: Client) -> None:
    assert client.get("/symbols").json() == {"symbols": [{**COVERAGE, "gap_hours": gap_hours(world)}]}


def test_readiness_holds_the_age_of_the_newest_data(world: World, client: Client) -> None:
    """By the exchange's clock where it was heard: 37:41 after the newest candle's end, 5:37:41 after the session's."""
    ages = {"newest_candle_age_seconds": 37 * 60 + 41.0, "newest_session_age_seconds": 5 * 3600 + 37 * 60 + 41.0}
    expected = {**COVERAGE, "gap_hours": gap_hours(world), **ages}
    assert client.get("/readyz").json() == {"status": "ready", "version": __version__, "symbols": [expected]}
    world.machine.pass_by(-100)
    client.get("/today")
    world.machine.pass_by(100)
    shown = client.get("/readyz").json()["symbols"][0]
    assert shown["newest_candle_age_seconds"] == pytest.approx(37 * 60 + 41 + 100)


def test_a_clock_that_is_behind_gives_no_negative_age(world: World, client: Client) -> None:
    world.machine.pass_by(-7200)
    shown = client.get("/readyz").json()["symbols"][0]
    assert shown["newest_candle_age_seconds"] == 0.0


def test_freshness_of_other_processes_is_seen_within_a_second(world: World, client: Client) -> None:
    assert client.get("/symbols").json()["symbols"][0]["newest_session"] == "2019-03-04"
    world.set("2019-03-06T09:30:00+00:00")
    world.run_jobs()
    world.machine.pass_by(1)
    shown = client.get("/symbols").json()["symbols"][0]
    assert (shown["newest_session"], shown["newest_candle"]) == ("2019-03-05", "2019-03-06T11:00:00+03:00")
    assert value(client, "newest_session_end_timestamp_seconds") == to_ms("2019-03-06T08:00:00+00:00") / 1000


def test_no_probe_asks_the_exchange(world: World, client: Client) -> None:
    for path in ("/healthz", "/readyz", "/symbols", "/metrics", "/statistics"):
        assert client.get(path).status_code == 200
    assert world.asked() == 0


def test_metrics_hold_the_freshness(world: World, client: Client) -> None:
    assert value(client, "newest_candle_end_timestamp_seconds") == to_ms("2019-03-05T13:00:00+00:00") / 1000
    assert value(client, "newest_session_end_timestamp_seconds") == to_ms("2019-03-05T08:00:00+00:00") / 1000
    assert value(client, "gap_hours") == gap_hours(world)
    assert value(client, "simulated") == 1.0
    assert value(client, "database_up") == 1.0
    (build,) = samples(client)["build_info"]
    assert build.labels == {"version": __version__}


def test_metrics_go_on_without_a_database(world: World) -> None:
    world.execute("DROP TABLE alembic_version")
    with world.client() as client:
        read = samples(client)
    assert [sample.value for sample in read["database_up"]] == [0.0]
    assert "newest_candle_end_timestamp_seconds" not in read


def test_metrics_leave_out_what_is_not_there(world: World) -> None:
    world.execute("DELETE FROM klines_hourly", "DELETE FROM daily_sessions", "DELETE FROM aggregation_state")
    with world.client() as client:
        read = samples(client)
        assert client.get("/readyz").status_code == 503
    assert "newest_candle_end_timestamp_seconds" not in read
    assert "newest_session_end_timestamp_seconds" not in read
    assert [sample.value for sample in read["database_up"]] == [1.0]


def test_requests_are_counted_by_route_and_status_and_no_path_makes_a_new_one(client: Client) -> None:
    for path in (
        "/statistics",
        "/statistics?days=2",
        "/statistics?days=0",
        "/today",
        "/no/1",
        "/no/2",
        "/page/0123456789abcdef/js/main.js",
        "/page/fedcba9876543210/js/other.js",
    ):
        client.get(path)
    client.head("/today")
    client.post("/today")
    read = samples(client)
    counted = {(s.labels["route"], s.labels["status"]): s.value for s in read["http_requests_total"]}
    assert counted[("/statistics", "200")] == 2
    assert counted[("/statistics", "422")] == 1
    assert counted[("/today", "200")] == 2
    assert counted[("other", "404")] == 2
    assert counted[("/page/{version}/{path:path}", "404")] == 2
    routes = {route for route, _ in counted}
    assert routes <= {"/statistics", "/today", "/page/{version}/{path:path}", "other"}
    buckets = [s for s in read["http_request_seconds_bucket"] if s.labels["route"] == "/statistics"]
    assert buckets[-1].labels["le"] == "+Inf"
    assert buckets[-1].value == 3


def test_each_process_counts_for_itself(world: World) -> None:
    with world.client() as one, world.client() as other:
        one.get("/statistics")
        assert "http_requests_total" in samples(one)
        assert not re.search(r'route="/statistics"', other.get("/metrics").text)
