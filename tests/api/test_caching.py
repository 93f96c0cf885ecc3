"""ETags and Cache-Control: closed sessions never change lightly, and a change is seen within about a second."""

from __future__ import annotations

import csv
import io
import time

import pytest
import requests

from exchange_simulator import GeneratedMarket
from exchange_simulator.faults import Revised
from tests.api.conftest import SINCE, MakeWorld
from tests.api.world import Client, World, to_ms

CLOSED = (
    "/statistics",
    "/statistics?days=94",
    "/statistics?format=csv",
    "/sessions",
    "/sessions?from=2019-01-01&to=2019-01-02",
    "/sessions?format=csv",
    "/history",
    "/history?metric=range&window=5&format=csv",
    "/volatility",
    "/seasonality",
    "/seasonality?format=csv",
    "/distribution",
    "/distribution?metric=range&format=csv",
)
RUNNING = ("/today", "/live", "/cone", "/cone?format=csv", "/odds?range=100", "/straddle?premium=100")
ALL = (*CLOSED, *RUNNING)


def etag(client: Client, path: str) -> str:
    tag: str = client.get(path).headers["etag"]
    return tag


@pytest.mark.parametrize("path", ALL)
def test_an_etag_is_strong_and_stays_while_nothing_changes(asked: Client, path: str) -> None:
    tag = etag(asked, path)
    assert tag.startswith('"')
    assert tag.endswith('"')
    assert len(tag) > 12
    assert etag(asked, path) == tag


def test_other_answers_have_other_etags(asked: Client) -> None:
    assert len({etag(asked, path) for path in ALL}) == len(ALL)


@pytest.mark.parametrize("path", ALL)
def test_a_match_is_a_304_without_a_body(asked: Client, path: str) -> None:
    tag = etag(asked, path)
    for match in (tag, "W/" + tag, f'"other", {tag}', f'W/"other",W/{tag} , "third"', "*"):
        answer = asked.get(path, headers={"If-None-Match": match})
        assert (answer.status_code, answer.content) == (304, b""), match
        assert answer.headers["etag"] == tag
        assert "cache-control" in answer.headers
        assert "content-type" not in answer.headers


@pytest.mark.parametrize("path", ALL)
@pytest.mark.parametrize("match", ['"other"', "", "nonsense", '"', "W/", '"a","b"', "W/*x"])
def test_no_match_is_the_whole_answer(asked: Client, path: str, match: str) -> None:
    answer = asked.get(path, headers={"If-None-Match": match})
    assert answer.status_code == 200
    assert len(answer.content) > 100


def test_head_has_the_etag_and_knows_304(asked: Client) -> None:
    tag = etag(asked, "/statistics")
    assert asked.head("/statistics").headers["etag"] == tag
    assert asked.head("/statistics", headers={"If-None-Match": tag}).status_code == 304


def test_how_long_an_answer_may_be_kept(world: World, make_world: MakeWorld, market: GeneratedMarket) -> None:
    with world.client() as client:
        for path in CLOSED:
            assert client.get(path).headers["cache-control"] == "public, max-age=30, must-revalidate"
        for path in RUNNING:
            assert client.get(path).headers["cache-control"] == "public, max-age=2"
    with make_world(market, HISTORY_START=SINCE, TODAY_CACHE_SECONDS="0").client() as client:
        for path in RUNNING:
            assert client.get(path).headers["cache-control"] == "no-cache"


def test_a_problem_is_kept_by_nobody(asked: Client) -> None:
    for path in ("/statistics?days=0", "/today?symbol=NONE", "/nothing"):
        answer = asked.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers


def test_a_rebuild_that_changes_nothing_changes_no_etag(world: World, client: Client) -> None:
    tags = [etag(client, path) for path in CLOSED]
    report = world.run_jobs(backfilling=False, rebuild=True)
    assert report.sessions_computed == 94
    world.machine.pass_by(1)
    assert [etag(client, path) for path in CLOSED] == tags


def test_a_revised_candle_is_seen_within_a_second_of_its_aggregation(world: World, client: Client) -> None:
    before = client.get("/statistics").json()["sessions"]
    tags = {path: etag(client, path) for path in CLOSED}
    world.exchange.order(Revised(open_time="2019-03-04T12:00:00Z", values={"high": "99999.00000000"}))
    report = world.run_jobs()
    assert (report.sessions_written, report.statistics_written > 0) == (1, True)
    world.machine.pass_by(1)
    after = client.get("/statistics").json()["sessions"]
    assert after[0]["high"] == 99999.0
    assert after[0]["statistics"] != before[0]["statistics"]
    assert after[1:] == before[1:]
    changed = {path for path in CLOSED if etag(client, path) != tags[path]}
    same = {path for path in CLOSED if "to=2019-01-02" in path} | {"/distribution"}  # its sessions, and every Vol
    assert changed == set(CLOSED) - same
    answer = client.get("/statistics", headers={"If-None-Match": tags["/statistics"]})
    assert answer.status_code == 200


def test_a_revised_candle_that_no_session_shows_is_seen_by_what_looks_at_hours(world: World, client: Client) -> None:
    tags = {path: etag(client, path) for path in CLOSED}
    hour = "2019-03-04T12:00:00Z"
    question = {"symbol": "BTCUSDT", "interval": "1h", "startTime": str(to_ms(hour)), "limit": "1"}
    (candle,) = requests.get(f"{world.server.url}/api/v3/klines", params=question, timeout=10).json()
    opened, closed = candle[1], candle[4]
    assert opened != closed
    world.exchange.order(Revised(open_time=hour, values={"close": opened}))
    report = world.run_jobs()
    assert (report.sessions_computed, report.sessions_written, report.statistics_written) == (1, 0, 0)
    world.machine.pass_by(1)
    changed = {path for path in CLOSED if etag(client, path) != tags[path]}
    assert "/volatility" in changed
    assert {path for path in changed if path.startswith(("/statistics", "/sessions", "/history"))} == set()
    with world.client() as fresh:
        assert [client.get(path).content for path in CLOSED] == [fresh.get(path).content for path in CLOSED]


def test_a_new_session_is_seen_by_the_machines_own_clock(world: World) -> None:
    """As users have it: no clock is replaced."""
    from api.app import create_app  # noqa: PLC0415 - the only place without a fake clock
    from tests.api.world import listening  # noqa: PLC0415

    with listening(create_app(world.settings)) as url, Client(url) as client:
        tag = etag(client, "/statistics?days=1")
        world.set("2019-03-06T09:00:00+00:00")
        world.run_jobs()
        done = time.monotonic()
        while etag(client, "/statistics?days=1") == tag:
            assert time.monotonic() - done < 20
            time.sleep(0.02)
        assert client.get("/statistics?days=1").json()["sessions"][0]["date"] == "2019-03-05"


@pytest.mark.parametrize(
    "path",
    [
        *("/statistics", "/sessions", "/today", "/cone", "/odds", "/straddle?premium=1", "/volatility", "/seasonality"),
        *("/history", "/distribution"),
    ],
)
def test_made_up_numbers_are_called_so_and_real_ones_are_not(world: World, path: str) -> None:
    for simulated in (True, False):
        world.execute(f"UPDATE symbols SET simulated = {int(simulated)}")
        with world.client() as client:
            assert client.get(path).json()["simulated"] is simulated
            assert client.get("/symbols").json()["symbols"][0]["simulated"] is simulated
            assert client.get("/readyz").json()["symbols"][0]["simulated"] is simulated
            metric = f'btc_volatility_simulated{{symbol="BTCUSDT"}} {float(simulated)}'
            assert metric in client.get("/metrics").text
            rows = list(csv.DictReader(io.StringIO(client.get("/statistics?format=csv&days=2").text)))
            assert [row["simulated"] for row in rows] == [str(simulated).lower()] * 2
