"""Control of a running exchange over HTTP."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
import requests

from exchange_simulator import RunningServer, SimulatedExchange
from exchange_simulator.faults import Status, WrongRows
from exchange_simulator.instants import to_ms
from tests.support.simulated_exchange import NOW

from .conftest import Get


def send(server: RunningServer, method: str, path: str, body: Any = None) -> requests.Response:
    return requests.request(method, f"{server.url}/simulator{path}", json=body, timeout=5)


def test_the_state_is_json_that_people_can_read(server: RunningServer, get: Get, exchange: SimulatedExchange) -> None:
    get()
    exchange.order(Status(status=500, times=3))
    response = send(server, "GET", "")
    assert response.headers["X-Simulated-Exchange"] == "true"
    assert "\n  " in response.text
    state = response.json()
    assert state["simulated"] is True
    assert state["clock"]["now"] == "2017-10-20T13:37:41.000Z"
    assert state["clock"]["frozen"] is True
    (symbol,) = state["symbols"]
    assert symbol == {
        "symbol": "BTCUSDT",
        "source": "generated, seed 7",
        "candles": 64 * 24 + 10,
        "first": "2017-08-17T04:00:00.000Z",
        "newest": "2017-10-20T13:00:00.000Z",
    }
    assert state["weight"] == {"used": 2, "limit": 6000}
    assert [(fault["id"], fault["kind"], fault["times"]) for fault in state["faults"]] == [(1, "status", 3)]
    assert state["requests"] == 1


def test_before_the_first_candle_the_state_says_so(server: RunningServer, exchange: SimulatedExchange) -> None:
    exchange.clock.set("2017-01-01T00:00:00Z")
    (symbol,) = send(server, "GET", "/").json()["symbols"]
    assert (symbol["candles"], symbol["first"], symbol["newest"]) == (0, None, None)


def test_the_clock_is_set_advanced_and_run(server: RunningServer, exchange: SimulatedExchange) -> None:
    body = {"set": "2024-01-01T03:00:00+03:00", "advance_seconds": 1.5}
    assert send(server, "POST", "/clock", body).json()["clock"]["now"] == "2024-01-01T00:00:01.500Z"
    assert exchange.clock.now_ms() == to_ms("2024-01-01T00:00:01.500Z")
    assert send(server, "POST", "/clock", {"frozen": False}).json()["clock"]["frozen"] is False
    assert send(server, "POST", "/clock", {"offset_seconds": 60}).json()["clock"]["offset_seconds"] == pytest.approx(60)
    assert send(server, "POST", "/clock", {"set": 5, "frozen": True}).json()["clock"]["frozen"] is True


def test_faults_are_ordered_and_cleared(server: RunningServer, get: Get) -> None:
    orders = [{"kind": "too_many_requests", "retry_after": 3, "times": 1}, {"kind": "wrong_rows", "mutation": "null"}]
    response = send(server, "POST", "/faults", orders)
    assert (response.status_code, response.json()) == (201, {"ids": [1, 2]})
    assert get().headers["Retry-After"] == "3"
    assert None in get(limit=1).json()[0]
    assert send(server, "POST", "/faults", {"kind": "latency", "ms": 1}).json() == {"ids": [3]}
    assert send(server, "DELETE", "/faults?id=2").json() == {"cleared": 1}
    assert None not in get(limit=1).json()[0]
    assert send(server, "DELETE", "/faults").json() == {"cleared": 1}


def test_gaps_and_revisions_are_ordered_by_iso_instants(server: RunningServer, get: Get) -> None:
    orders = [
        {"kind": "gap", "first": "2017-10-20T12:00:00Z", "params": {"symbol": "BTCUSDT"}},
        {"kind": "revised", "open_time": "2017-10-20T11:00:00Z", "values": {"close": "1.00000000"}},
    ]
    send(server, "POST", "/faults", orders).raise_for_status()
    revised, opened = get(limit=2).json()
    assert revised[4] == "1.00000000"
    assert opened[0] == to_ms("2017-10-20T13:00:00Z")
    described = send(server, "GET", "").json()["faults"]
    assert described[0]["first"] == "2017-10-20T12:00:00Z"
    assert described[0]["params"] == {"symbol": "BTCUSDT"}


def test_a_fault_made_of_code_is_described_by_its_name(server: RunningServer, exchange: SimulatedExchange) -> None:
    def upside_down(rows: list[Any]) -> list[Any]:
        return rows[::-1]

    exchange.order(WrongRows(mutation=upside_down))
    assert send(server, "GET", "").json()["faults"][0]["mutation"] == "upside_down()"


def test_requests_are_listed_and_forgotten(server: RunningServer, get: Get) -> None:
    get(limit=2)
    get("/api/v3/time")
    listed = send(server, "GET", "/requests").json()
    assert listed["count"] == 2
    first = listed["requests"][0]
    assert (first["method"], first["path"], first["params"]["limit"]) == ("GET", "/api/v3/klines", "2")
    assert first["time_ms"] == to_ms(NOW)
    assert first["time"] == "2017-10-20T13:37:41.000Z"
    assert send(server, "GET", "/requests?path=/api/v3/time").json()["count"] == 1
    assert send(server, "DELETE", "/requests").json() == {"cleared": 2}
    assert send(server, "GET", "/requests").json() == {"count": 0, "requests": []}


def test_the_control_meets_no_fault_and_has_no_weight(server: RunningServer, exchange: SimulatedExchange) -> None:
    exchange.order(Status(status=500))
    assert send(server, "GET", "").status_code == 200
    assert exchange.weights.used == 0
    assert exchange.requests() == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("POST", "/clock", {"set": "2024-01-01"}, 400, "not an instant"),
        ("POST", "/clock", {"advance_seconds": "long"}, 400, "advance_seconds must be a number, not 'long'"),
        ("POST", "/clock", {"speed": 2}, 400, "the clock does not know speed"),
        ("POST", "/clock", [1], 400, "expected a JSON object, not [1]"),
        ("POST", "/faults", {"kind": "earthquake"}, 400, "kind must be one of"),
        ("POST", "/faults", [{"kind": "reset"}, 1], 400, "expected a JSON object, not 1"),
        ("DELETE", "/faults?id=first", None, 400, "invalid literal"),
        ("PUT", "/clock", {}, 404, "no such control: PUT /simulator/clock"),
        ("GET", "/weather", None, 404, "no such control"),
    ],
)
def test_a_wrong_order_is_answered_with_its_reason(  # noqa: PLR0917 - one column of the table each
    server: RunningServer, method: str, path: str, body: object, status: int, message: str
) -> None:
    response = send(server, method, path, body)
    assert response.status_code == status
    assert message in response.json()["error"]
    assert send(server, "GET", "").json()["faults"] == [], "nothing of a wrong order is carried out"


def test_a_body_that_is_not_json_is_refused(server: RunningServer) -> None:
    response = requests.post(f"{server.url}/simulator/faults", data="reset, please", timeout=5)
    assert response.status_code == 400
    assert response.json()["error"].startswith("the body is not JSON")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"hello\r\n\r\n",
        b"GET / HTTP/2\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST /simulator HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
    ],
)
def test_what_is_no_request_gets_400_and_the_connection_ends(server: RunningServer, request_bytes: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(request_bytes)
        answer = client.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert "error" in json.loads(answer.partition(b"\r\n\r\n")[2])


def test_http_10_head_and_half_a_request(server: RunningServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"GET /api/v3/ping HTTP/1.0\n\n")
        assert client.makefile("rb").read().endswith(b"\r\n\r\n{}")
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"HEAD /simulator HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert client.makefile("rb").read().endswith(b"\r\n\r\n")
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"GET /api/v3/ping HTTP/1.1\r\nHost: x\r\n")
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""


def test_other_methods_than_get_are_refused(server: RunningServer) -> None:
    assert requests.post(f"{server.url}/api/v3/klines", timeout=5).status_code == 405
