"""What an answer means: its body, another try, a refusal in the exchange's own words, or somebody in between."""

from __future__ import annotations

import json
from typing import Any

import pytest

from volatility.domain.errors import ExchangeRefused
from volatility.exchange.failures import Failed
from volatility.exchange.judge import PASSING, body_of
from volatility.exchange.network import Proxy
from volatility.exchange.transport import Answer

PROXY = Proxy("HTTPS_PROXY", "http", "proxy.corp", 3128)


def answer(status: int, body: object = b"", proxy: Proxy | None = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, body if isinstance(body, bytes) else json.dumps(body).encode(), proxy)


@pytest.mark.parametrize("body", [[], {"serverTime": 1}, 5, None, "text", [[1, "2.5"]]])
def test_a_good_answer_is_its_json_whatever_it_came_through(body: Any) -> None:
    assert body_of(answer(200, body)) == body
    assert body_of(answer(200, body, PROXY)) == body


@pytest.mark.parametrize(
    ("given", "reason", "again", "blocked"),
    [
        (answer(403), "HTTP 403, refuses this address", False, True),
        (answer(451, {"code": 0, "msg": "restricted location"}), "HTTP 451, refuses this address", False, True),
        (answer(500), "HTTP 500", True, False),
        (answer(503, b"<html>"), "HTTP 503", True, False),
        (answer(408), "HTTP 408", True, False),
        (answer(204), "HTTP 204 with nothing in it", True, False),
        (answer(200, b"  \n"), "HTTP 200 with nothing in it", True, False),
        (answer(200, b'[[1502942400000, "42'), "HTTP 200 with a body that is not whole JSON", True, False),
        (answer(200, b"[" * 100_000), "HTTP 200 with a body that is not whole JSON", True, False),
        (
            answer(200, b"Sign in, please", Content_Type="text/HTML; charset=utf-8"),
            "HTTP 200 with a body that is not whole JSON: a page for people (of a captive portal or a firewall?)",
            True,
            False,
        ),
        (
            answer(202, b"  <!doctype html>"),
            "HTTP 202 with a body that is not whole JSON: a page for people (of a captive portal or a firewall?)",
            True,
            False,
        ),
        (answer(202, [1]), "HTTP 202, which is no answer", True, False),
        (answer(400, b"Bad Request"), "HTTP 400, not the exchange's own answer", False, False),
        (answer(400, {"code": "-1121", "msg": "a"}), "HTTP 400, not the exchange's own answer", False, False),
        (answer(400, {"code": True, "msg": "a"}), "HTTP 400, not the exchange's own answer", False, False),
        (answer(400, {"code": -1121}), "HTTP 400, not the exchange's own answer", False, False),
        (answer(400, [-1121, "a"]), "HTTP 400, not the exchange's own answer", False, False),
        (
            answer(404, {"code": -1121, "msg": "a"}),
            "HTTP 404, not the exchange's own answer (BINANCE_URLS is written without /api)",
            False,
            False,
        ),
        (answer(407), "HTTP 407, not the exchange's own answer", False, False),  # without a proxy, from there
    ],
)
def test_what_is_no_answer_is_said_and_whether_another_try_may_help(
    *, given: Answer, reason: str, again: bool, blocked: bool
) -> None:
    with pytest.raises(Failed) as caught:
        body_of(given)
    failed = caught.value
    assert (failed.reason, failed.again, failed.blocked, failed.proxy) == (reason, again, blocked, None)


def test_a_proxy_that_wants_a_login_is_the_party_at_fault() -> None:
    with pytest.raises(Failed, match=r"^the proxy proxy\.corp:3128 of HTTPS_PROXY: it wants a login") as caught:
        body_of(answer(407, proxy=PROXY))
    assert (caught.value.proxy, caught.value.again) == ("HTTPS_PROXY", False)


@pytest.mark.parametrize(
    ("status", "location", "words", "again"),
    [
        (302, "https://other.example/api", "leads to https://other.example/api", True),
        (307, "https://user:secret@other.example:8443/a?token=secret#x", "leads to https://other.example:8443/a", True),
        (301, "/elsewhere", "leads to /elsewhere", False),
        (308, "http://h/", "leads to http://h/", False),
        (302, "", "leads nowhere", True),
        (302, "http://h:port/", "leads nowhere", True),
        (302, "http://[::1", "leads nowhere", True),
    ],
)
def test_a_redirect_is_not_followed_but_named_without_login_and_query(
    *, status: int, location: str, words: str, again: bool
) -> None:
    with pytest.raises(Failed) as caught:
        body_of(answer(status, Location=location))
    named = f"{words}: name that in BINANCE_URLS if it is the exchange" if "nowhere" not in words else words
    assert caught.value.reason == f"HTTP {status}, {named}"
    assert caught.value.again is again
    assert "secret" not in caught.value.reason


def test_where_a_redirect_leads_is_one_short_line() -> None:
    with pytest.raises(Failed) as caught:
        body_of(answer(302, Location="http://h/\u202e\x07" + "a" * 1000))
    assert caught.value.reason.isascii()
    assert caught.value.reason.isprintable()
    assert len(caught.value.reason) < 300


def test_the_exchanges_own_refusal_is_told_in_its_words() -> None:
    with pytest.raises(ExchangeRefused) as caught:
        body_of(answer(400, {"code": -1121, "msg": "Invalid symbol."}))
    assert str(caught.value) == "the exchange refuses: Invalid symbol. (HTTP 400, code -1121)"
    assert caught.value.code == -1121


@pytest.mark.parametrize("code", sorted(PASSING))
def test_its_errors_that_pass_are_tried_again(code: int) -> None:
    with pytest.raises(Failed) as caught:
        body_of(answer(400, {"code": code, "msg": "Server is busy."}))
    assert caught.value.again
    assert caught.value.reason == f"Server is busy. (HTTP 400, code {code})"
