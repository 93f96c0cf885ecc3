"""Control of a running simulated exchange over HTTP, for those who are not in its process.

| request | body | answer |
| --- | --- | --- |
| `GET /simulator` | | the state: clock, symbols, weights, faults, number of requests |
| `POST /simulator/clock` | `{"set": "2024-01-01T00:00:00Z", "frozen": true}` | the state |
| `POST /simulator/faults` | `{"kind": "reset", "times": 2}`, or a list of such | `{"ids": [1]}`, 201 |
| `DELETE /simulator/faults` | (`?id=1` for one, else all) | `{"cleared": 1}` |
| `GET /simulator/requests` | (`?path=/api/v3/klines` for one path) | `{"count": 1, "requests": [{"method": …}]}` |
| `DELETE /simulator/requests` | | `{"cleared": 1}` |

The clock's body holds any of: `set` (ISO 8601 with an offset, or ms), `offset_seconds` (run ahead of the machine's
clock by so much), `advance_seconds`, `frozen` (true or false); they are carried out in this order. The fields of a
fault are those of its class in `faults.py`, its kinds are listed in `presets.py`. What is wrong is answered with 400
and `{"error": "…"}`. Nothing here has a weight, meets a fault or is written to the log of requests.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from exchange_simulator.answers import Answer
from exchange_simulator.instants import to_iso
from exchange_simulator.presets import fault_from_json

if TYPE_CHECKING:
    from exchange_simulator.exchange import SimulatedExchange

CONTROL_PATH = "/simulator"


def control(exchange: SimulatedExchange, method: str, path: str, query: str, body: bytes) -> Answer:
    """Carry out one request to the control."""
    params = dict(parse_qsl(query))
    try:
        match method, path.removeprefix(CONTROL_PATH):
            case "GET", "" | "/":
                return _answer(state(exchange))
            case "POST", "/clock":
                _set_clock(exchange, _object(_parsed(body)))
                return _answer(state(exchange))
            case "POST", "/faults":
                return _answer({"ids": _order(exchange, _parsed(body))}, 201)
            case "DELETE", "/faults":
                return _answer({"cleared": exchange.clear(int(params["id"]) if "id" in params else None)})
            case "GET", "/requests":
                return _answer(_requests(exchange, params.get("path")))
            case "DELETE", "/requests":
                return _answer(_forget(exchange))
            case _:
                return _answer({"error": f"no such control: {method} {path}"}, 404)
    except ValueError as error:
        return _answer({"error": str(error)}, 400)


def state(exchange: SimulatedExchange) -> dict[str, Any]:
    """The exchange's state, as JSON."""
    now_ms = exchange.clock.now_ms()
    symbols = []
    for market in exchange.markets.values():
        view = market.view(now_ms)
        symbols.append(
            {
                "symbol": market.symbol,
                "source": market.source,
                "candles": view.count,
                "first": to_iso(view.times[0]) if view.count else None,
                "newest": to_iso(view.times[view.count - 1]) if view.count else None,
            }
        )
    return {
        "simulated": True,
        "clock": {
            "now": to_iso(now_ms),
            "now_ms": now_ms,
            "frozen": exchange.clock.frozen,
            "offset_seconds": exchange.clock.offset_ms / 1000,
        },
        "symbols": symbols,
        "weight": {"used": exchange.weights.used, "limit": exchange.weights.limit},
        "faults": exchange.plan.describe(),
        "requests": len(exchange.requests()),
    }


def _set_clock(exchange: SimulatedExchange, order: dict[str, Any]) -> None:
    unknown = set(order) - {"set", "offset_seconds", "advance_seconds", "frozen"}
    if unknown:
        raise ValueError(f"the clock does not know {', '.join(sorted(unknown))}")
    for name in ("offset_seconds", "advance_seconds"):
        if name in order and (isinstance(order[name], bool) or not isinstance(order[name], int | float)):
            raise ValueError(f"{name} must be a number, not {order[name]!r}")
    clock = exchange.clock
    if "set" in order:
        clock.set(order["set"])
    if "offset_seconds" in order:
        clock.offset(seconds=order["offset_seconds"])
    if "advance_seconds" in order:
        clock.advance(seconds=order["advance_seconds"])
    if "frozen" in order:
        (clock.freeze if order["frozen"] else clock.run)()


def _order(exchange: SimulatedExchange, orders: Any) -> list[int]:
    faults = [fault_from_json(_object(order)) for order in (orders if isinstance(orders, list) else [orders])]
    return [exchange.order(fault) for fault in faults]


def _requests(exchange: SimulatedExchange, path: str | None) -> dict[str, Any]:
    requests = exchange.requests(path)
    return {"count": len(requests), "requests": [asdict(r) | {"time": to_iso(r.time_ms)} for r in requests]}


def _forget(exchange: SimulatedExchange) -> dict[str, Any]:
    count = len(exchange.requests())
    exchange.forget_requests()
    return {"cleared": count}


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise ValueError(f"the body is not JSON: {error}") from error


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object, not {json.dumps(value)[:80]}")
    return value


def _answer(value: Any, status: int = 200) -> Answer:
    """Indented, since people read it."""
    return Answer(status, json.dumps(value, indent=2).encode() + b"\n")
