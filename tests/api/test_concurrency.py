"""Many clients, and an exchange that takes its time: real servers and real threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import requests

from api.app import create_app
from exchange_simulator.faults import Hang, Latency
from tests.api.world import KLINES, Client, World, listening


def at_once(count: int, ask: Callable[[], requests.Response]) -> list[requests.Response]:
    """So many clients at the same instant."""
    barrier = threading.Barrier(count)

    def one() -> requests.Response:
        barrier.wait()
        return ask()

    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(one) for _ in range(count)]]


def test_a_hundred_clients_cost_the_exchange_one_request_a_period(world: World) -> None:
    world.exchange.order(Latency(ms=300))
    with world.client() as client:

        def ask() -> requests.Response:
            """Each time a client of its own."""
            return requests.get(f"{client.url}/today", timeout=30)

        for period in (1, 2):
            answers = at_once(100, ask) + [ask() for _ in range(20)]
            assert {answer.status_code for answer in answers} == {200}
            assert len({answer.content for answer in answers}) == 1
            assert answers[0].json()["source"] == "exchange"
            assert world.asked(KLINES) == period
            world.machine.pass_by(2)
    assert world.asked() == 3  # and its clock once


def test_by_the_machines_own_clock_the_exchange_is_asked_once_in_two_seconds(world: World) -> None:
    with listening(create_app(world.settings)) as url:
        began = time.monotonic()
        while time.monotonic() - began < 2.5:
            at_once(20, lambda: requests.get(f"{url}/today", timeout=30))
        periods = (time.monotonic() - began) / 2
    assert 2 <= world.asked(KLINES) <= 1 + periods


def test_a_hundred_clients_get_the_same_closed_sessions(world: World) -> None:
    with world.client() as client:
        answers = at_once(100, lambda: requests.get(f"{client.url}/statistics?days=90", timeout=30))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert world.asked() == 0


def test_an_exchange_that_hangs_holds_up_nobody_but_today(world: World) -> None:
    world.exchange.order(Hang())
    with listening(create_app(world.settings)) as url, Client(url) as client, ThreadPoolExecutor(60) as pool:
        waiting = [pool.submit(requests.get, f"{url}/today", timeout=30) for _ in range(60)]
        while world.asked() == 0:
            time.sleep(0.01)
        for path in ("/healthz", "/statistics", "/sessions", "/readyz", "/symbols", "/metrics", "/docs"):
            assert client.get(path).status_code == 200, path
        assert not any(answer.done() for answer in waiting)
        reports = [answer.result().json() for answer in waiting]
    assert {(report["source"], report["stale"]) for report in reports} == {("database", True)}
    assert world.asked() == 1


def test_clients_that_go_away_leave_the_answer_to_the_others(world: World) -> None:
    world.exchange.order(Latency(ms=400, path=KLINES))
    with world.client() as client, ThreadPoolExecutor(5) as pool:
        patient = pool.submit(requests.get, f"{client.url}/today", timeout=30)
        gone = [pool.submit(requests.get, f"{client.url}/today", timeout=0.1) for _ in range(4)]
        assert all(isinstance(answer.exception(), requests.Timeout) for answer in gone)
        assert patient.result().json()["source"] == "exchange"
    assert world.asked(KLINES) == 1


def test_many_questions_at_once_share_one_model_and_one_request(long_world: World) -> None:
    paths = ("/today", "/cone", *(f"/odds?range={value}" for value in range(10, 100, 10)), "/straddle?premium=50")
    with long_world.client() as client:
        asked = iter(paths * 4)
        lock = threading.Lock()

        def ask() -> requests.Response:
            with lock:
                path = next(asked)
            return requests.get(client.url + path, timeout=30)

        answers = at_once(len(paths) * 4, ask)
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["as_of"] for answer in answers} == {answers[0].json()["as_of"]}
    assert len({answer.content for answer in answers}) == len(paths)
    assert long_world.asked(KLINES) == 2  # of hours, and of the cone's five minutes
