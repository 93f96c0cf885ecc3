"""Each fault, over a real socket."""

from __future__ import annotations

import json
import math
import socket
import struct
import time
from typing import Any

import pytest
import requests

from exchange_simulator import RunningServer, SimulatedExchange
from exchange_simulator.faults import (
    ClockSkew,
    CutOff,
    Drip,
    Fault,
    Gap,
    Hang,
    Late,
    Latency,
    Reset,
    Revised,
    Status,
    WrongRows,
)
from exchange_simulator.instants import HOUR_MS, to_ms
from exchange_simulator.mutations import MUTATIONS
from exchange_simulator.presets import (
    FAULTS,
    banned,
    blocked,
    fault_from_json,
    forbidden,
    html_page,
    not_a_list,
    too_many_requests,
    unavailable,
)

from .conftest import Get

HOUR = to_ms("2017-10-20T10:00:00Z")


def test_latency_delays_and_adds_up(get: Get, exchange: SimulatedExchange) -> None:
    exchange.order(Latency(ms=60))
    exchange.order(Latency(ms=60, times=1))
    elapsed = [get().elapsed.total_seconds() for _ in range(2)]
    assert elapsed[0] >= 0.12
    assert 0.06 <= elapsed[1] < 0.12 or elapsed[1] < elapsed[0]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (too_many_requests(retry_after=7), (429, "application/json", "7", '"code":-1003')),
        (banned(retry_after=300), (418, "application/json", "300", "IP banned")),
        (forbidden(), (403, "text/html", None, "<title>403 Forbidden</title>")),
        (blocked(), (451, "application/json", None, "restricted location")),
        (unavailable(), (503, "text/html", None, "503")),
        (unavailable(status=502), (502, "text/html", None, "502")),
        (html_page(), (200, "text/html", None, "<!DOCTYPE html>")),
        (not_a_list(), (200, "application/json", None, '{"candles":null}')),
        (not_a_list(body="[]]"), (200, "application/json", None, "[]]")),
        (Status(status=418, body="tea", headers={"Retry-After": 9}), (418, "application/json", "9", "tea")),
    ],
)
def test_another_answer_instead(
    get: Get, exchange: SimulatedExchange, fault: Fault, expected: tuple[int, str, str | None, str]
) -> None:
    exchange.order(fault)
    response = get()
    status, content_type, retry_after, text = expected
    assert response.status_code == status
    assert response.headers["Content-Type"].startswith(content_type)
    assert response.headers.get("Retry-After") == retry_after
    assert text in response.text
    assert response.headers["X-Simulated-Exchange"] == "true"


@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_a_cut_off_body_is_shorter_than_its_length_says(get: Get, exchange: SimulatedExchange, share: float) -> None:
    exchange.order(CutOff(share=share))
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError), match="IncompleteRead"):
        get()


def test_a_reset_comes_before_any_byte(server: RunningServer, exchange: SimulatedExchange) -> None:
    exchange.order(Reset(times=1))
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"GET /api/v3/ping HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            client.recv(1)


def test_a_hung_request_is_never_answered(get: Get, exchange: SimulatedExchange) -> None:
    exchange.order(Hang(times=1))
    with pytest.raises(requests.ReadTimeout):
        get(timeout=0.1)
    assert get().status_code == 200


def test_a_drip_keeps_a_read_time_out_from_firing(server: RunningServer, exchange: SimulatedExchange) -> None:
    exchange.order(Drip(pause_ms=10))
    params = {"symbol": "BTCUSDT", "interval": "1h", "limit": "1"}
    with requests.get(f"{server.url}/api/v3/klines", params=params, timeout=10, stream=True) as response:
        began = time.monotonic()
        received = b"".join(next(response.iter_content(1)) for _ in range(60))
    assert time.monotonic() - began > 0.5
    assert received.startswith(b"[[15")


def test_a_gap_leaves_hours_out_and_pages_go_on_after_it(get: Get, exchange: SimulatedExchange) -> None:
    exchange.order(Gap(first=HOUR, last="2017-10-20T11:00:00Z"))
    page = get(startTime=HOUR - HOUR_MS, limit=2).json()
    assert [row[0] for row in page] == [HOUR - HOUR_MS, HOUR + 2 * HOUR_MS]
    exchange.order(Gap(first="2017-10-20T13:00:00Z"))
    assert get(limit=1).json()[0][0] == HOUR + 2 * HOUR_MS, "the open candle is left out too"
    exchange.clear()
    assert len(get(startTime=HOUR).json()) == 4


def test_a_late_candle_appears_when_told_or_in_its_time(get: Get, exchange: SimulatedExchange) -> None:
    newest_closed = HOUR + 2 * HOUR_MS
    number = exchange.order(Late(first=newest_closed))
    assert newest_closed not in [row[0] for row in get().json()]
    exchange.clear(number)
    assert newest_closed in [row[0] for row in get().json()]
    exchange.order(Late(first=newest_closed, until=exchange.clock.now_ms() + 1000))
    assert newest_closed not in [row[0] for row in get().json()]
    exchange.clock.advance(seconds=1)
    assert newest_closed in [row[0] for row in get().json()]


@pytest.mark.parametrize("hour", [HOUR, HOUR + 3 * HOUR_MS])
def test_a_revised_candle_has_other_values(get: Get, exchange: SimulatedExchange, hour: int) -> None:
    before = get(startTime=hour, limit=1).json()[0]
    exchange.order(Revised(open_time=hour, values={"high": "999999.00000000", "number_of_trades": 5}))
    (after,) = get(startTime=hour, limit=1).json()
    assert after == [*before[:2], "999999.00000000", *before[3:8], 5, *before[9:]]
    assert get(interval="1d", limit=1).json()[0][2] == "999999.00000000"
    assert get(startTime=hour - HOUR_MS, limit=1).json()[0][2] != "999999.00000000"


def test_revising_a_candle_that_is_not_there_changes_nothing(get: Get, exchange: SimulatedExchange) -> None:
    page = get().json()
    exchange.order(Revised(open_time=HOUR + 1, values={"high": "1"}))
    exchange.order(Revised(open_time="2030-01-01T00:00:00Z", values={"high": "1"}))
    assert get().json() == page


def test_clock_skew_moves_time_and_the_open_candle(get: Get, exchange: SimulatedExchange) -> None:
    exchange.order(ClockSkew(ms=-3 * HOUR_MS, times=2))
    assert get("/api/v3/time").json()["serverTime"] == exchange.clock.now_ms() - 3 * HOUR_MS
    assert get(limit=1).json()[0][0] == HOUR
    assert get(limit=1).json()[0][0] == HOUR + 3 * HOUR_MS


def broken(page: str, asked: list[list[Any]]) -> bool:
    """Whether a page breaks a rule of what was asked for: by plain checks, not by the mutation's name."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        rows = json.loads(page, parse_constant=refuse)
        times = [row[0] for row in rows]
        good = all(len(row) == 12 for row in rows) and len({t // HOUR_MS for t in times}) == len(times)
        good = good and times == sorted(times) and asked[0][0] <= times[0] and times[-1] <= asked[-1][0]
        for row in rows:
            first, high, low, last, volume = numbers = [float(value) for value in row[1:6]]
            good = good and all(map(math.isfinite, numbers))
            good = good and low <= min(first, last) and max(first, last) <= high and volume >= 0
    except (ValueError, TypeError, KeyError):
        return True
    return not good


@pytest.mark.parametrize("name", MUTATIONS)
@pytest.mark.parametrize("row", [None, 0, 99])
def test_each_mutation_breaks_a_rule(get: Get, exchange: SimulatedExchange, name: str, row: int | None) -> None:
    sound = get(limit=20).text
    assert not broken(sound, json.loads(sound))
    exchange.order(WrongRows(mutation=name, row=row, times=1))
    assert broken(get(limit=20).text, json.loads(sound)), name
    assert get(limit=20).text == sound


def test_a_mutation_may_be_a_function_of_the_page(get: Get, exchange: SimulatedExchange) -> None:
    exchange.order(WrongRows(mutation=lambda rows: {"rows": len(rows)}))
    assert get(limit=20).json() == {"rows": 20}


def test_wrong_rows_leave_errors_other_paths_and_empty_pages_alone(get: Get, exchange: SimulatedExchange) -> None:
    exchange.order(WrongRows(mutation="null"))
    assert get(symbol="X").json()["code"] == -1121
    assert "serverTime" in get("/api/v3/time").json()
    assert get(startTime=exchange.clock.now_ms()).json() == []


def test_faults_take_turns_in_the_order_they_were_ordered(get: Get, exchange: SimulatedExchange) -> None:
    exchange.order(Status(status=500, times=2))
    exchange.order(Status(status=502, times=1))
    exchange.order(too_many_requests(after=1, times=1))
    assert [get().status_code for _ in range(6)] == [500, 500, 502, 200, 429, 200]


def test_faults_may_be_for_a_path_or_parameters_alone(get: Get, exchange: SimulatedExchange) -> None:
    exchange.order(Status(status=500, path="/api/v3/time"))
    exchange.order(Status(status=501, params={"symbol": "BTCUSDT", "limit": "3"}))
    statuses = [get("/api/v3/time"), get(), get(limit=3), get("/api/v3/ping")]
    assert [response.status_code for response in statuses] == [500, 200, 501, 200]


def test_clearing_ends_one_fault_or_all(get: Get, exchange: SimulatedExchange) -> None:
    first, _ = exchange.order(Status(status=500)), exchange.order(Status(status=501))
    assert exchange.clear(first) == 1
    assert get().status_code == 501
    assert exchange.clear() == 1
    assert get().status_code == 200
    assert exchange.clear(first) == 0


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ({"kind": "earthquake"}, "kind must be one of latency, status"),
        ({}, "kind must be one of"),
        ({"kind": "latency"}, "latency: .*'ms'"),
        ({"kind": "latency", "ms": "abc"}, "ms must be a number, not 'abc'"),
        ({"kind": "reset", "times": 0}, "times must be 1 or more"),
        ({"kind": "reset", "often": 1}, "reset: .*'often'"),
        ({"kind": "wrong_rows", "mutation": "upside_down"}, "mutation must be one of unordered"),
        ({"kind": "revised", "open_time": 0, "values": {"price": 1}}, "values must be named open_time, .*; not price"),
        ({"kind": "gap", "first": "2024-01-01"}, "not an instant"),
        ({"kind": "late", "first": 0, "until": "2024-01-01"}, "not an instant"),
    ],
)
def test_a_wrong_order_is_refused(order: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fault_from_json(order)


def test_every_fault_has_a_name_in_json() -> None:
    needed: dict[str, dict[str, Any]] = {
        "latency": {"ms": 5},
        "status": {"status": 500},
        "wrong_rows": {"mutation": "nan"},
        "gap": {"first": 0},
        "late": {"first": 0},
        "revised": {"open_time": 0, "values": {}},
        "clock_skew": {"ms": 1},
    }
    for kind in FAULTS:
        fault = fault_from_json({"kind": kind, "times": 3, **needed.get(kind, {})})
        assert fault.times == 3
        assert fault.describe()["kind"] in FAULTS


def test_closing_ends_hung_slow_and_idle_connections_at_once(exchange: SimulatedExchange) -> None:
    exchange.order(Hang(path="/api/v3/ping"))
    exchange.order(Drip(path="/api/v3/time"))
    exchange.order(Latency(ms=60_000, path="/api/v3/exchangeInfo"))
    clients = []
    with RunningServer(exchange, "127.0.0.1", 0) as server:
        for path in ("ping", "time", "exchangeInfo", None):
            clients.append(socket.create_connection(("127.0.0.1", server.port)))
            if path:
                clients[-1].sendall(f"GET /api/v3/{path} HTTP/1.1\r\n\r\n".encode())
        while len(exchange.requests()) < 3:
            time.sleep(0.01)
        began = time.monotonic()
    assert time.monotonic() - began < 20
    server.close()
    for client in clients:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()


def test_a_fault_by_itself_does_nothing(get: Get, exchange: SimulatedExchange) -> None:
    page = get().json()
    exchange.order(Fault())
    exchange.order(Gap(first="2030-01-01T00:00:00Z"))
    assert get().json() == page
