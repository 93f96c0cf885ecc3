"""Compressed answers: which coding a client gets, that it unpacks to the same bytes, and an ETag for each coding."""

from __future__ import annotations

import asyncio
import gzip
from itertools import product
from pathlib import Path

import brotli
import pytest
import requests
from cachetools import LRUCache

from api.bodies import Body
from api.encodings import FOR_ANSWERS, LEAST_BYTES, Encodings, coding_of
from tests.api.world import Client, Process, World

LARGE = Body.of(b"[" + b"1," * 1000 + b"1]", "application/json")
SMALL = Body.of(b"[" + b" " * (LEAST_BYTES - 3) + b"]", "application/json")
FONT = Body.of(bytes(10_000), "font/woff2")
CODED = ("/statistics", "/sessions?format=csv", "/today", "/cone", "/odds?range=100", "/metrics")
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("GZip", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("deflate, zstd", None),
        ("gzip, br;q=0", "gzip"),
        ("gzip;q=1, br;q=0.9", "gzip"),
        ("gzip;q=0.5,br;q=0.500", "br"),
        ("gzip ; q=0.5", "gzip"),
        ("*", "br"),
        ("*;q=0", None),
        ("*;q=0, gzip", "gzip"),
        ("br;q=0, *;q=0.1", "gzip"),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("identity;q=0, gzip;q=0.001", "gzip"),
        ("gzip;q=0, br;q=0", None),
        ("gzip;q=0.0001", None),
        ("gzip;q=nan, br;q=-1", None),
        ("gzip;q=2", None),
        ("gzip;level=9", None),
        (", ,gzip,,", "gzip"),
        (";q=1", None),
    ],
)
def test_a_client_gets_what_it_likes_best(accepted: str, coding: str | None) -> None:
    assert coding_of(accepted, LARGE) == coding


def test_a_small_body_is_compressed_only_for_whoever_refuses_it_as_it_is() -> None:
    assert len(SMALL.content) == LEAST_BYTES - 1
    assert coding_of("br, gzip", SMALL) is None
    assert coding_of("gzip, identity;q=0", SMALL) == "gzip"
    assert coding_of("gzip, *;q=0", SMALL) == "gzip"


def test_a_font_is_not_compressed_again() -> None:
    assert coding_of("br, gzip, identity;q=0", FONT) is None


@pytest.mark.parametrize("path", CODED)
def test_every_coding_unpacks_to_the_same_bytes_under_an_etag_of_its_own(asked: Client, path: str) -> None:
    bodies, tags = set(), set()
    for coding, unpack in UNPACK.items():
        answer = asked.get(path, headers={"Accept-Encoding": coding or "identity"}, stream=True)
        raw = answer.raw.read(decode_content=False)
        assert answer.headers.get("content-encoding") == coding
        assert int(answer.headers["content-length"]) == len(raw)
        assert answer.headers["vary"] == "Accept-Encoding"
        bodies.add(unpack(raw)[:100] if path == "/metrics" else unpack(raw))  # its counts go on
        tags.add(answer.headers["etag"])
    assert (len(bodies), len(tags)) == (1, 3)


@pytest.mark.parametrize("path", ["/statistics", "/cone"])
def test_only_the_etag_of_the_coding_that_would_be_sent_is_a_304(asked: Client, path: str) -> None:
    tags = {
        coding: asked.get(path, headers={"Accept-Encoding": coding}).headers["etag"] for coding in ("identity", "gzip")
    }
    for (accepted, own), (known, tag) in product(tags.items(), repeat=2):
        answer = asked.get(path, headers={"Accept-Encoding": accepted, "If-None-Match": tag})
        assert answer.status_code == (304 if accepted == known else 200)
        assert answer.headers["etag"] == own
        assert answer.headers["vary"] == "Accept-Encoding"


def test_head_tells_the_length_of_the_compressed_body(asked: Client) -> None:
    for coding in UNPACK:
        headers = {"Accept-Encoding": coding or "identity"}
        got = asked.get("/statistics", headers=headers, stream=True)
        head = asked.head("/statistics", headers=headers)
        assert int(head.headers["content-length"]) == len(got.raw.read(decode_content=False))
        assert head.headers["etag"] == got.headers["etag"]
        assert head.headers.get("content-encoding") == coding


def test_many_who_ask_at_once_are_served_by_one_compression(monkeypatch: pytest.MonkeyPatch) -> None:
    packed: list[bytes] = []
    compress = brotli.compress

    def noted(content: bytes, **levels: int) -> bytes:
        packed.append(content)
        done: bytes = compress(content, **levels)
        return done

    monkeypatch.setattr(brotli, "compress", noted)

    async def many() -> list[bytes]:
        encodings = Encodings(FOR_ANSWERS, {})
        first = await asyncio.gather(*(encodings.of(LARGE, "br") for _ in range(20)))
        return [*first, await encodings.of(Body.of(LARGE.content, LARGE.media_type), "br")]

    assert {brotli.decompress(one) for one in asyncio.run(many())} == {LARGE.content}
    assert packed == [LARGE.content]


def test_compressed_forms_are_kept_within_their_room() -> None:
    async def fill() -> int:
        room: LRUCache[str, bytes] = LRUCache(2000, getsizeof=len)
        encodings = Encodings(FOR_ANSWERS, room)
        for number in range(200):
            body = Body.of(f"{number}".encode() * 1000, "text/csv")
            assert gzip.decompress(await encodings.of(body, "gzip")) == body.content
        random = Body.of(bytes(number * number % 251 for number in range(9000)) + LARGE.content, "text/csv")
        huge = Encodings(FOR_ANSWERS, LRUCache(10, getsizeof=len))
        assert brotli.decompress(await huge.of(random, "br")) == random.content
        return int(room.currsize)

    assert 1000 < asyncio.run(fill()) <= 2000


def test_the_servers_clock_stands_in_every_answer(world: World, tmp_path: Path) -> None:
    """The page reads the time from `Date`, as uvicorn sends it by default."""
    process = Process(world.names, tmp_path)
    try:
        process.await_start()
        got = requests.get(f"{process.url}/statistics", timeout=20)
        known = {"If-None-Match": got.headers["etag"]}
        answers = [
            got,
            requests.head(f"{process.url}/statistics", timeout=20),
            requests.get(f"{process.url}/statistics", headers=known, timeout=20),
            requests.get(f"{process.url}/nothing", timeout=20),
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 304, 404]
        assert all(answer.headers["date"].endswith(" GMT") for answer in answers)
    finally:
        process.kill()
