"""Every answer has an end, in time and in size, and nobody's credentials are sent."""

from __future__ import annotations

import gzip
import itertools
import time
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.conftest import SECRET, Ask, said
from tests.support.canned import answer, canned
from tests.support.network import Authority, Handler, dripping, listening
from tests.support.simulated_exchange import NOW_MS
from volatility.domain.errors import ExchangeUnreachable
from volatility.domain.hours import Span
from volatility.domain.retry import ONCE, RetryPolicy
from volatility.exchange.binance import BinanceClient
from volatility.exchange.network import Network


@pytest.mark.parametrize("entry", ["default", "machine 127.0.0.1"])
def test_nobodys_netrc_is_sent_to_the_exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str) -> None:
    (tmp_path / ".netrc").write_text(f"{entry} login corp.user password {SECRET}\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    heads: list[bytes] = []
    body = b'{"serverTime": %d}' % NOW_MS

    def handle(connection: Any) -> None:
        while head := connection.recv(65536):
            heads.append(head)
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
            )

    with listening(handle) as at:
        client = BinanceClient([f"http://127.0.0.1:{at.port}"], ONCE, timeouts=(2.0, 2.0, 4.0))
        for _ in range(2):
            with pytest.raises(Exception, match="where a list"):
                client.first_candle_ms("BTCUSDT")
        client.close()
    assert len(heads) == 2
    assert at.accepted == 1
    for head in heads:
        assert b"authorization" not in head.lower()
        assert b"cookie" not in head.lower()


@pytest.mark.parametrize(
    "first",
    [
        (),
        (b"HTTP/1.1 200 OK\r\n", b"X-A: "),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",),
    ],
    ids=["status line", "headers", "body", "chunks"],
)
def test_a_drip_ends_with_the_time_for_a_whole_answer_and_its_connection_too(first: tuple[bytes, ...]) -> None:
    with listening(dripping(*first)) as at:
        client = BinanceClient([f"http://127.0.0.1:{at.port}"], ONCE, timeouts=(2.0, 5.0, 0.8))
        began = time.monotonic()
        with pytest.raises(ExchangeUnreachable, match=r"no whole answer within 0\.8 s"):
            client.now_ms()
        assert time.monotonic() - began < 20
        client.close()
        deadline = time.monotonic() + 3
        while at.open and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not at.open, "the connection of a question that nobody waits for stays open"


@pytest.mark.parametrize("through", ["https proxy's tunnel", "tls"])
def test_a_drip_of_a_proxy_or_within_tls_ends_too(authority: Authority, through: str) -> None:
    headers = dripping(b"HTTP/1.1 200 OK\r\n", b"X-A: ")
    context = authority.serving("drip", "IP:127.0.0.1") if through == "tls" else None
    with listening(headers, context) as at:
        settings = {"REQUESTS_CA_BUNDLE": str(authority.bundle)}
        if through != "tls":
            settings["HTTPS_PROXY"] = f"http://127.0.0.1:{at.port}"
        url = f"https://127.0.0.1:{at.port if through == 'tls' else 9}"
        client = BinanceClient([url], ONCE, timeouts=(2.0, 5.0, 0.8), network=Network.of(settings))
        began = time.monotonic()
        with pytest.raises(ExchangeUnreachable, match=r"no whole answer within 0\.8 s"):
            client.now_ms()
        assert time.monotonic() - began < 20
        client.close()


def test_an_endless_row_of_interim_answers_ends_too() -> None:
    with listening(dripping(byte=b"HTTP/1.1 100 Continue\r\n\r\n" * 50, pause=0.01)) as at:
        client = BinanceClient([f"http://127.0.0.1:{at.port}"], ONCE, timeouts=(2.0, 5.0, 0.8))
        with pytest.raises(ExchangeUnreachable, match=r"no whole answer within 0\.8 s"):
            client.now_ms()
        client.close()


def endless(piece: bytes, pieces: int | None = None) -> Handler:
    """A body in chunks, sent as fast as it is taken, until nobody takes it any more."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"%x\r\n%b\r\n" % (len(piece), piece)

    def handle(connection: Any) -> None:
        connection.recv(65536)
        connection.sendall(head)
        with suppress(OSError):
            for _ in itertools.count() if pieces is None else range(pieces):
                connection.sendall(chunk)
            connection.sendall(b"0\r\n\r\n")

    return handle


@pytest.mark.parametrize(
    "handler", [endless(b" " * 65536), endless(b"[1502942400000]," * 4096, 3200)], ids=["without end", "200 MB of JSON"]
)
def test_of_a_body_without_end_no_more_is_kept_than_the_largest_answer_has(handler: Handler) -> None:
    with listening(handler) as at:
        client = BinanceClient([f"http://127.0.0.1:{at.port}"], ONCE, timeouts=(5.0, 20.0, 60.0))
        tracemalloc.start()
        with pytest.raises(ExchangeUnreachable, match="an answer of more than 2 MiB"):
            client.candles("BTCUSDT", Span(NOW_MS - 3_600_000, NOW_MS))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        client.close()
    assert peak < 8 * 2**20


def test_an_answer_that_is_too_large_packed_or_not_is_not_taken(ask: Ask) -> None:
    bomb = gzip.compress(b"[" + b" " * 2**26)
    for body, headers in ((b" " * (2**21 + 1), ()), (bomb, ("Content-Encoding: gzip",))):
        with canned(answer(body, *headers)) as server:
            assert "an answer of more than 2 MiB" in said(ask, server.url, retry=RetryPolicy(60))
            assert len(server.heard) == 1
    with canned(answer(b"x", "Content-Encoding: br")) as server:
        assert "packed in a way nobody asked for" in said(ask, server.url)
    with canned(answer(gzip.compress(b"{}")[:-9], "Content-Encoding: gzip")) as server:
        assert "answer cut off" in said(ask, server.url)
