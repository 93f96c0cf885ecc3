"""Content codings: which one a client takes, and compressed forms of bodies, each made once.

Brotli for whoever takes it, gzip for the others: a browser offers brotli over HTTPS and to this machine alone.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from typing import Final, NamedTuple

import brotli
from fastapi import Request, Response

from api.bodies import Body
from api.shared import Shared, in_thread

CODINGS: Final = ("br", "gzip")  # the smaller one first
LEAST_BYTES: Final = 500  # less fits into one packet anyhow
_QUALITY: Final = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)
_TEXT: Final = ("text/", "application/json", "image/svg+xml")  # all else is compressed as it is


class Levels(NamedTuple):
    """How hard to compress."""

    br: int
    gzip: int


FOR_ANSWERS: Final = Levels(5, 6)  # 4 MB in a tenth of a second
FOR_DOCS: Final = Levels(9, 9)  # Swagger UI's 2 MB in a third of a second; 11 takes five seconds for a tenth less
FOR_PAGE: Final = Levels(11, 9)


class _Wanted(NamedTuple):
    body: Body
    coding: str


class Encodings:
    """Compressed forms of bodies, each made once however many ask, and kept while there is room.

    Args:
        levels: how hard to compress.
        room: where they are kept, by their ETag.
    """

    def __init__(self, levels: Levels, room: MutableMapping[str, bytes]) -> None:
        self._levels, self._room = levels, room
        self._making = Shared[_Wanted, bytes](in_thread(self._made), 0.0)

    async def of(self, body: Body, coding: str) -> bytes:
        """The body in a coding."""
        etag = etag_of(body, coding)
        found = self._room.get(etag)
        if found is None:
            found = await self._making.get(_Wanted(body, coding))
            with suppress(ValueError):  # larger than all the room
                self._room[etag] = found
        return found

    def _made(self, wanted: _Wanted) -> bytes:
        content = wanted.body.content
        if wanted.coding == "br":
            packed: bytes = brotli.compress(content, quality=self._levels.br)
            return packed
        return gzip.compress(content, self._levels.gzip, mtime=0)


async def respond(request: Request, body: Body, caching: str, encodings: Encodings) -> Response:
    """The body as the client takes it, with an ETag of that form; 304 where the client has it so."""
    coding = coding_of(", ".join(request.headers.getlist("accept-encoding")), body)
    headers = {"ETag": etag_of(body, coding), "Cache-Control": caching}
    if is_packable(body):
        headers["Vary"] = "Accept-Encoding"
    known = {tag.strip().removeprefix("W/") for tag in ",".join(request.headers.getlist("if-none-match")).split(",")}
    if headers["ETag"] in known or "*" in known:
        return Response(status_code=304, headers=headers)
    if coding is None:
        return Response(body.content, headers=headers, media_type=body.media_type)
    headers["Content-Encoding"] = coding
    return Response(await encodings.of(body, coding), headers=headers, media_type=body.media_type)


def is_packable(body: Body) -> bool:
    """Whether compressing makes it smaller."""
    return body.media_type.startswith(_TEXT)


def etag_of(body: Body, coding: str | None) -> str:
    """The strong ETag of a body in a coding, which is another one for each coding."""
    return f'{body.etag[:-1]}.{coding}"' if coding else body.etag


def coding_of(accepted: str, body: Body) -> str | None:
    """The coding that a client likes best by its `Accept-Encoding`; None for the body as it is.

    The body goes out as it is also where a client refuses everything, that included: it can still complain.
    """
    weights = _weights(accepted)
    if not weights or not is_packable(body):
        return None
    others = weights.get("*", 0.0)
    best = max(CODINGS, key=lambda coding: weights.get(coding, others))
    liking = weights.get(best, others)
    plain = weights.get("identity", weights.get("*", 0.001))  # what is not named is taken, and liked least
    if not liking or liking < plain or (plain and len(body.content) < LEAST_BYTES):
        return None
    return best


def _weights(accepted: str) -> Mapping[str, float]:
    """What a client takes, and how much it likes that; 0 for what it refuses or says in no proper way."""
    weights = {}
    for item in accepted.lower().split(","):
        coding, *parameters = (part.strip() for part in item.split(";"))
        if coding:
            quality = _QUALITY.fullmatch(parameters[0]) if len(parameters) == 1 else None
            weights[coding] = float(quality[1]) if quality else float(not parameters)
    return weights
