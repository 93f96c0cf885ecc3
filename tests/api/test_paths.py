"""Today's path in /cone: the five minutes that the exchange serves, and hours where it does not."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import pytest
import requests

from exchange_simulator.faults import CutOff, Drip, Fault, Hang, Latency, Reset, Revised, Status, WrongRows
from exchange_simulator.mutations import MUTATIONS
from exchange_simulator.presets import too_many_requests, unavailable
from tests.api.conftest import MakeWorld
from tests.api.world import KLINES, REAL_NOW, Client, HandMadeMarket, World, to_ms
from volatility.queries import path as module

FIVE_MINUTES: dict[str, Any] = {"params": {"interval": "5m"}}
HOUR_MS = 3_600_000
FAULTS: dict[str, Fault] = {
    "503": unavailable(**FIVE_MINUTES),
    "no such interval": Status(status=400, body={"code": -1120, "msg": "Invalid interval."}, **FIVE_MINUTES),
    "no JSON": Status(status=200, body="<html>", **FIVE_MINUTES),
    "no list": Status(status=200, body={"rows": []}, **FIVE_MINUTES),
    "cut off": CutOff(**FIVE_MINUTES),
    "reset": Reset(**FIVE_MINUTES),
    "drips": Drip(**FIVE_MINUTES),
    "hangs": Hang(**FIVE_MINUTES),
    **{name: WrongRows(mutation=name, **FIVE_MINUTES) for name in MUTATIONS},
    "hourly rows": WrongRows(mutation=lambda rows: rows[::12], **FIVE_MINUTES),
    "another market": WrongRows(mutation=lambda rows: [dearer(row) for row in rows], **FIVE_MINUTES),
    "one close": WrongRows(mutation=lambda rows: [*rows[:11], dearer(rows[11]), *rows[12:]], **FIVE_MINUTES),
    "late": WrongRows(mutation=lambda rows: rows[24:], **FIVE_MINUTES),
}


def dearer(row: list[Any]) -> list[Any]:
    """Prices three thousandths higher."""
    return [row[0], *(f"{1.003 * float(price):.8f}" for price in row[1:5]), *row[5:]]


def raw(world: World, interval: str, since: str) -> list[list[Any]]:
    """What the exchange serves from an instant on."""
    params: dict[str, str | int] = {"symbol": "BTCUSDT", "interval": interval, "startTime": to_ms(since), "limit": 1000}
    rows: list[list[Any]] = requests.get(world.server.url + KLINES, params=params, timeout=10).json()
    return rows


def plainly(rows: list[list[Any]], length_ms: int, now: str) -> list[dict[str, Any]]:
    """The points of a path, anew for each from the rows themselves."""
    start, begins = float(rows[0][1]), rows[0][0]
    points: list[dict[str, Any]] = []
    for number in count():
        seen = rows[:number]
        end_ms = begins + number * length_ms
        if end_ms > to_ms(now) or number > len(rows):
            return points
        price = float(seen[-1][4]) if seen else start
        high, low = max([start, *(float(row[2]) for row in seen)]), min([start, *(float(row[3]) for row in seen)])
        points.append({
            "time": end_ms,
            "elapsed": round(number * length_ms / HOUR_MS, 4),
            "price": price,
            "volatility_pct": pytest.approx(abs(price - start) / start * 100, abs=1e-9),
            "range_pct": pytest.approx((high - low) / start * 100, abs=1e-9),
        })  # fmt: skip
    raise AssertionError


def path_of(client: Client) -> list[dict[str, Any]]:
    """The path with its instants in milliseconds."""
    answer = client.get("/cone")
    assert answer.status_code == 200
    return [point | {"time": to_ms(point["time"])} for point in answer.json()["path"]]


def test_the_path_is_what_the_exchange_serves_of_five_minutes(world: World) -> None:
    with world.client() as client:
        report = client.get("/cone").json()
        shown = path_of(client)
    rows = raw(world, "5m", "2019-03-05T08:00:00+00:00")
    assert shown == plainly(rows, 300_000, "2019-03-05T13:37:41+00:00")
    assert len(shown) == 1 + 5 * 12 + 7  # 13:35 is over
    assert report["path"][0]["time"] == report["open_time"]
    assert (shown[0]["price"], shown[0]["volatility_pct"], shown[0]["range_pct"]) == (report["open"], 0.0, 0.0)
    by_elapsed = {point["elapsed"]: point for point in shown}
    for row in report["hours"][:5]:
        assert all(by_elapsed[row["elapsed"]][name] == row["today"][name] for name in ("price", "range_pct"))


@pytest.mark.real_data
def test_on_real_candles_the_path_goes_through_the_hours(real_world: World) -> None:
    with real_world.client() as client:
        shown = path_of(client)
    rows, hours = (raw(real_world, interval, "2023-12-30T08:00:00+00:00") for interval in ("5m", "1h"))
    assert shown == plainly(rows, 300_000, REAL_NOW)
    assert shown[::12] == plainly(hours, HOUR_MS, REAL_NOW)


@pytest.mark.parametrize("name", FAULTS)
def test_whatever_five_minutes_are_like_the_answer_is_unharmed(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_refused", set())
    with world.client() as client:
        good = client.get("/cone").json()
    world.exchange.forget_requests()
    world.exchange.order(FAULTS[name])
    with caplog.at_level(logging.WARNING), world.client() as client:
        began = time.monotonic()
        report, shown = client.get("/cone").json(), path_of(client)
        assert time.monotonic() - began < 3
        today = client.get("/today").json()
    assert {**report, "path": None} == {**good, "path": None}
    assert (report["source"], report["stale"], today["source"]) == ("exchange", False, "exchange")
    rows = raw(world, "1h", "2019-03-05T08:00:00+00:00")
    assert shown == plainly(rows, HOUR_MS, "2019-03-05T13:37:41+00:00")
    assert [request.params.get("interval") for request in world.exchange.requests(KLINES)][:-1] == ["1h", "5m"]
    if name not in {"drips", "hangs"}:  # given up after four seconds, when this test is over
        assert [("today's path" in record.message) for record in caplog.records].count(True) == 1


def test_a_wait_that_the_exchange_asks_for_is_kept_by_hours_too(world: World) -> None:
    """429 is for the address: nothing at all is asked until it is over."""
    world.exchange.order(too_many_requests(retry_after=20, times=1, **FIVE_MINUTES))
    with world.client() as client:
        assert client.get("/cone").json()["source"] == "exchange"
        world.machine.pass_by(3)
        report = client.get("/cone").json()
    assert (report["source"], len(report["path"])) == ("database", 6)
    assert world.asked(KLINES) == 2


def test_fifty_clients_a_minute_cost_two_pages_of_hours_at_most_and_one_of_minutes(world: World) -> None:
    world.exchange.order(Latency(ms=200))
    with world.client() as client, ThreadPoolExecutor(50) as pool:
        for period in range(1, 4):
            answers = [pool.submit(requests.get, f"{client.url}/cone", timeout=30) for _ in range(50)]
            assert len({answer.result().content for answer in answers}) == 1
            intervals = [request.params["interval"] for request in world.exchange.requests(KLINES)]
            assert intervals.count("1h") == period
            assert intervals.count("5m") == 1
            world.machine.pass_by(19)
        assert len(answers[0].result().json()["path"]) == 68
        world.machine.pass_by(5)
        client.get("/cone")
        client.get("/today")
        assert [request.params["interval"] for request in world.exchange.requests(KLINES)].count("5m") == 2


def test_nobody_waits_long_for_minutes_and_the_next_one_gets_them(world: World) -> None:
    world.exchange.order(Latency(ms=2200, **FIVE_MINUTES))
    with world.client() as client, ThreadPoolExecutor(20) as pool:
        began = time.monotonic()
        answers = [pool.submit(requests.get, f"{client.url}/cone", timeout=30) for _ in range(20)]
        assert {len(answer.result().json()["path"]) for answer in answers} == {6}  # by hours
        assert time.monotonic() - began < 2
        time.sleep(1.5)
        world.machine.pass_by(3)
        assert len(path_of(client)) == 68
    assert [request.params["interval"] for request in world.exchange.requests(KLINES)].count("5m") == 1


def test_an_exchange_that_hangs_costs_the_wait_for_hours_alone(world: World) -> None:
    world.exchange.order(Hang(path=KLINES))
    with world.client() as client:
        began = time.monotonic()
        report = client.get("/cone").json()
        assert time.monotonic() - began < 5
    assert (report["source"], len(report["path"])) == ("database", 6)
    assert [request.params["interval"] for request in world.exchange.requests(KLINES)] == ["1h"]


def test_minutes_that_were_known_stay_when_the_exchange_goes_away(world: World) -> None:
    with world.client() as client:
        before = path_of(client)
        world.exchange.order(Reset())
        world.machine.pass_by(90)
        report = client.get("/cone").json()
        after = path_of(client)
    assert (report["source"], report["as_of"]) == ("database", "2019-03-05T16:00:00+03:00")
    assert after == [point for point in before if point["elapsed"] <= 5]  # nothing is newer than the answer


def test_only_the_cone_asks_for_minutes(world: World) -> None:
    with world.client() as client:
        for path in ("/today", "/odds?range=100", "/straddle?premium=50"):
            assert client.get(path).status_code == 200
    assert [request.params["interval"] for request in world.exchange.requests(KLINES)] == ["1h"]


def test_before_the_first_candle_and_within_the_first_minutes(make_world: MakeWorld) -> None:
    market = HandMadeMarket("2019-01-01T08:00:00+00:00", [(10, 20)] * 6, [1005, 1001])
    world = make_world(market, now="2019-01-07T08:04:00+00:00", HISTORY_START="2019-01-01")
    world.run_jobs()
    with world.client() as client:
        (first,) = path_of(client)
    assert first == {
        "time": to_ms("2019-01-07T08:00:00+00:00"),
        "elapsed": 0.0,
        "price": 1000.0,
        "volatility_pct": 0.0,
        "range_pct": 0.0,
    }
    world.set("2019-01-08T08:00:30+00:00")  # no candle of that session exists
    with world.client() as client:
        assert client.get("/cone").json()["path"] == []


@pytest.mark.parametrize(
    ("start", "zone", "now", "hours"),
    [
        ("00:00", "UTC", "2019-03-06T13:37:41+00:00", 13),
        ("11:00", "Europe/Berlin", "2019-03-31T08:52:00+00:00", 22),  # of 23 hours: the clocks go forward
    ],
)
def test_sessions_of_another_start_or_length_have_a_path(
    make_world: MakeWorld, market: Any, *, start: str, zone: str, now: str, hours: int
) -> None:
    world = make_world(market, now=now, HISTORY_START="2019-01-01", SESSION_START=start, SESSION_TIMEZONE=zone)
    world.run_jobs()
    with world.client() as client:
        report = client.get("/cone").json()
        shown = path_of(client)
    rows = raw(world, "5m", report["open_time"])
    assert shown == plainly(rows, 300_000, now)
    assert shown[-1]["elapsed"] == pytest.approx(hours + (to_ms(now) % HOUR_MS) // 300_000 / 12, abs=1e-4)
    assert datetime.fromisoformat(report["path"][0]["time"]).astimezone(UTC).date() <= date(2019, 3, 31)


def test_a_revised_hour_takes_its_minutes_along(world: World) -> None:
    world.exchange.order(Revised(open_time="2019-03-05T10:00:00+00:00", values={"volume": "5000.00000000"}))
    with world.client() as client:
        shown = path_of(client)
    assert len(shown) == 68
    assert shown == plainly(raw(world, "5m", "2019-03-05T08:00:00+00:00"), 300_000, "2019-03-05T13:37:41+00:00")
