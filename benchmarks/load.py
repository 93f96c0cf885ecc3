"""The load: clients that ask the next thing as soon as they are answered. Prints what came of it as JSON.

Bare asyncio protocols over raw sockets, in a process of its own: several times faster than the servers that it asks.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import math
import sys
import time
from typing import cast
from urllib.parse import urlsplit

WARM_UP_SECONDS = 0.5


class Tally:
    """When each good answer came, and how long it took; what else came is counted as an error."""

    def __init__(self) -> None:
        self.answers: list[tuple[float, float]] = []
        self.errors: list[str] = []


class Client(asyncio.Protocol):
    """One connection, kept alive: asks, waits for the whole answer, asks again."""

    def __init__(self, request: bytes, tally: Tally) -> None:
        self._request, self._tally = request, tally
        self._transport: asyncio.Transport | None = None
        self._head = b""
        self._left = 0
        self._asked = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first time."""
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Count an answer once its last byte is there."""
        if self._left:
            self._left -= len(data)
        else:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            if not self._head.startswith(b"HTTP/1.1 200 "):
                self._fail(self._head[:60].decode("latin-1"))
                return
            self._left = _length(self._head[:end]) - (len(self._head) - end - 4)
            self._head = b""
        if self._left == 0:
            now = time.perf_counter()
            self._tally.answers.append((now, now - self._asked))
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        """The server should not have hung up."""
        if self._transport is not None:
            self._tally.errors.append(f"connection lost: {error}")

    def close(self) -> None:
        """Ask no more."""
        transport, self._transport = self._transport, None
        if transport:
            transport.abort()

    def _ask(self) -> None:
        if self._transport:
            self._asked = time.perf_counter()
            self._transport.write(self._request)

    def _fail(self, reason: str) -> None:
        self._tally.errors.append(reason)
        self.close()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    raise ValueError("an answer without Content-Length")


async def load(url: str, clients: int, seconds: int) -> dict[str, object]:
    """So many clients for so many whole seconds, after a warm-up."""
    parts, tally = urlsplit(url), Tally()
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    request = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: application/json\r\n\r\n".encode()
    loop = asyncio.get_running_loop()
    opened = []
    for _ in range(clients):
        _, client = await loop.create_connection(lambda: Client(request, tally), host, port)
        opened.append(client)
    await asyncio.sleep(WARM_UP_SECONDS)
    began = time.perf_counter()
    await asyncio.sleep(seconds)
    for client in opened:
        client.close()
    return summary(tally, began, seconds)


def summary(tally: Tally, began: float, seconds: int) -> dict[str, object]:
    """Answers in each second, and the latencies of all of them, in milliseconds."""
    rates = [0] * seconds
    latencies = []
    for at, took in tally.answers:
        second = math.floor(at - began)
        if 0 <= second < seconds:
            rates[second] += 1
            latencies.append(took * 1000)
    latencies.sort()
    return {
        "requests_per_second": rates,
        "p50_ms": _quantile(latencies, 0.50),
        "p99_ms": _quantile(latencies, 0.99),
        "most_ms": latencies[-1] if latencies else None,
        "errors": tally.errors[:5],
    }


def _quantile(ascending: list[float], share: float) -> float | None:
    """The smallest value that at least this share does not exceed."""
    return ascending[math.ceil(share * len(ascending)) - 1] if ascending else None


def main() -> None:
    """Parse the arguments and print the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("clients", type=int)
    parser.add_argument("seconds", type=int)
    options = parser.parse_args()
    gc.disable()  # a collection here would count as the server's latency
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        result = runner.run(load(options.url, options.clients, options.seconds))
    sys.stdout.write(json.dumps(result) + "\n")


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - it is faster, and not on every system
    except ImportError:
        return None
    return cast("type[asyncio.AbstractEventLoop]", uvloop.Loop)


if __name__ == "__main__":
    main()
