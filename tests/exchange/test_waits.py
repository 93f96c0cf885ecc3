"""Waits and bans: by the exchange's clock, from when they were heard, and never beyond a limit that is said."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from email.utils import formatdate

import pytest

from exchange_simulator import RunningServer, SimulatedExchange
from exchange_simulator.faults import Status
from exchange_simulator.presets import banned, too_many_requests, unavailable
from tests.exchange.conftest import MakeClient
from tests.support.canned import answer, canned
from tests.support.clocks import FakeClock
from tests.support.simulated_exchange import NOW_MS
from volatility.domain.errors import ExchangeBanned, ExchangeError, ExchangeRefused, ExchangeUnreachable
from volatility.domain.hours import HOUR_MS, Span
from volatility.domain.retry import RetryPolicy
from volatility.exchange.bans import ban_of
from volatility.exchange.binance import BinanceClient
from volatility.exchange.judge import PASSING
from volatility.exchange.waits import LONGEST_BAN, retry_after

NOW = NOW_MS / 1000
DAY = Span(NOW_MS // HOUR_MS * HOUR_MS - 24 * HOUR_MS, NOW_MS // HOUR_MS * HOUR_MS)


# How long failures are tried again


@pytest.mark.parametrize("seconds", [1, 60, 3600])
def test_failures_are_tried_again_for_as_long_as_the_setting_says(
    seconds: int, exchange: SimulatedExchange, make_client: MakeClient, fake_clock: FakeClock
) -> None:
    exchange.order(unavailable())
    with pytest.raises(ExchangeUnreachable):
        make_client(retry=RetryPolicy(seconds)).candles("BTCUSDT", DAY)
    assert sum(fake_clock.slept) == pytest.approx(seconds, abs=0.001)
    assert max(fake_clock.slept) <= 15


def test_the_exchange_is_there_again_after_fifty_seconds(exchange: SimulatedExchange, server: RunningServer) -> None:
    clock = FakeClock(wall=NOW)
    number = exchange.order(unavailable())

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if sum(clock.slept) > 50:
            exchange.clear(number)

    client = BinanceClient([server.url], RetryPolicy(60), clock=replace(clock.clock, sleep=sleep))
    assert client.now_ms() >= NOW_MS
    client.close()


@pytest.mark.parametrize("code", sorted(PASSING))
def test_an_error_of_the_exchange_that_passes_is_tried_again_whatever_its_status(
    code: int, exchange: SimulatedExchange, make_client: MakeClient
) -> None:
    words = {"code": code, "msg": "Internal error; unable to process your request. Please try again."}
    exchange.order(Status(status=400, body=words, times=2))
    client = make_client(retry=RetryPolicy(60))
    assert len(client.candles("BTCUSDT", DAY).candles) == 24
    exchange.order(Status(status=400, body=words))
    with pytest.raises(ExchangeUnreachable, match=f"Please try again. .HTTP 400, code {code}."):
        client.candles("BTCUSDT", DAY)


@pytest.mark.parametrize("code", [-1100, -1121, -1003_0])
def test_an_error_of_ours_is_not(code: int, exchange: SimulatedExchange, make_client: MakeClient) -> None:
    exchange.order(Status(status=400, body={"code": code, "msg": "Illegal."}))
    with pytest.raises(ExchangeRefused):
        make_client(retry=RetryPolicy(60)).candles("BTCUSDT", DAY)
    assert len(exchange.requests()) == 1


# 429


@pytest.mark.parametrize("asked", ["99999999", "9" * 400, "Fri, 31 Dec 2027 23:59:59 GMT"])
def test_no_wait_is_longer_than_five_minutes_and_the_log_says_so(
    asked: str,
    exchange: SimulatedExchange,
    client: BinanceClient,
    fake_clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    exchange.order(Status(status=429, headers={"Retry-After": asked}, times=1))
    client.candles("BTCUSDT", DAY)
    assert fake_clock.slept == [300]
    assert "waiting 300 s of the" in caplog.text
    assert "the longest wait" in caplog.text


def test_a_wait_until_an_instant_is_counted_by_the_exchanges_clock(
    exchange: SimulatedExchange, make_client: MakeClient
) -> None:
    machine = FakeClock(wall=NOW - 3 * 3600)
    exchange.order(Status(status=429, headers={"Retry-After": formatdate(NOW + 7, usegmt=True)}, times=1))
    make_client(clock=machine.clock).candles("BTCUSDT", DAY)
    assert machine.slept == [7]


def test_seconds_of_retry_after_are_ascii_digits_only() -> None:
    assert retry_after({"Retry-After": " 7 "}, NOW) == 7
    assert retry_after({"Retry-After": "9" * 19}, NOW) == math.inf
    for odd in ("", "-7", "7.5", "1e9", "٧", "²", "never", "Thu, 99 Jan 2017 00:00:00 GMT"):
        assert retry_after({"Retry-After": odd}, NOW) is None


def test_a_weight_that_is_no_number_of_this_world_is_passed_over(make_client: MakeClient) -> None:
    with canned(answer(b"[]", "X-MBX-USED-WEIGHT-1M: " + "9" * 5000)) as server:
        assert make_client(server.url).candles("BTCUSDT", DAY).candles == []


# 418


@pytest.mark.parametrize("hours_off", [-3, 0, 3])
@pytest.mark.parametrize("with_time_known", [False, True])
def test_a_ban_ends_when_the_exchange_says_whatever_this_machines_clock_shows(
    *, hours_off: int, with_time_known: bool, exchange: SimulatedExchange, make_client: MakeClient
) -> None:
    machine = FakeClock(wall=NOW + hours_off * 3600)
    client = make_client(clock=machine.clock)
    if with_time_known:
        client.now_ms()
    words = {"code": -1003, "msg": f"Way too much request weight used; IP banned until {NOW_MS + 8000}. "}
    exchange.order(Status(status=418, body=words, headers={"Retry-After": "8"}, times=1))
    with pytest.raises(ExchangeBanned, match=r"until 2017-10-20T13:37:49\+00:00; nothing is asked before$") as caught:
        client.candles("BTCUSDT", DAY)
    assert caught.value.until_ms == NOW_MS + 8000
    assert caught.value.seconds == pytest.approx(8, abs=1)
    machine.pass_by(7)
    with pytest.raises(ExchangeBanned):
        client.candles("BTCUSDT", DAY)
    machine.pass_by(2)
    assert len(client.candles("BTCUSDT", DAY).candles) == 24


def test_a_clock_that_jumps_while_a_ban_stands_changes_nothing(
    exchange: SimulatedExchange, make_client: MakeClient
) -> None:
    machine = FakeClock(wall=NOW)
    client = make_client(clock=machine.clock)
    exchange.order(banned(retry_after=100, times=1))
    with pytest.raises(ExchangeBanned):
        client.now_ms()
    for hours in (-5, 5):
        machine.jump(hours * 3600)
        with pytest.raises(ExchangeBanned):
            client.now_ms()
    machine.pass_by(101)
    assert client.now_ms() == NOW_MS


@pytest.mark.parametrize(
    ("text", "header", "said"),
    [
        ("IP banned until 9999999999999.", "60", "it said until 2286-11-20T17:46:39.999+00:00"),
        ("IP banned.", "99999999", "it said 99999999 seconds"),
        ("IP banned.", "9" * 500, "it said longer than any life"),
        ("IP banned.", "Fri, 31 Dec 2027 23:59:59 GMT", "seconds"),
    ],
)
def test_no_ban_is_believed_for_longer_than_three_days_and_the_message_says_so(
    *, text: str, header: str, said: str, exchange: SimulatedExchange, client: BinanceClient, fake_clock: FakeClock
) -> None:
    exchange.order(Status(status=418, body=text, headers={"Retry-After": header}, times=1))
    with pytest.raises(ExchangeBanned) as caught:
        client.now_ms()
    fake_clock.pass_by(3 * 86400 - 2)
    with pytest.raises(ExchangeBanned):
        client.now_ms()
    assert len(exchange.requests()) == 1
    fake_clock.pass_by(3)
    client.now_ms()
    assert len(exchange.requests()) == 2
    assert caught.value.seconds == LONGEST_BAN == 3 * 86400
    assert "until 2017-10-23T13:37:41+00:00; nothing is asked before (" in str(caught.value)
    assert said in str(caught.value)
    assert "no ban is taken to be longer than 3 days" in str(caught.value)


def test_where_nobody_knows_the_exchanges_clock_its_seconds_count_rather_than_its_instant() -> None:
    text = f"banned until {NOW_MS + 8000}"
    assert ban_of({"Retry-After": "8"}, text, None, NOW - 3 * 3600).seconds == 8
    assert ban_of({}, text, None, NOW).seconds == pytest.approx(8)
    assert ban_of({"Date": "yesterday", "Retry-After": "8"}, text, NOW, NOW - 3600).seconds == pytest.approx(8)
    assert ban_of({"Retry-After": "0"}, "banned until 1000000000000", NOW, NOW).seconds == 0


def test_429_after_429_is_waited_out(client: BinanceClient, exchange: SimulatedExchange, fake_clock: FakeClock) -> None:
    exchange.order(too_many_requests(retry_after=60, times=3))
    client.candles("BTCUSDT", DAY)
    assert fake_clock.slept == [60] * 3


# What is not the exchange's


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/api/v3", '{"code":-1000,"msg":"Not found"}', "application/json"),
        ("/api/v3", '{"error":"none"}', "application/json"),
        ("/api", "<html>404</html>", "text/html"),
        ("", "[1, 2]", "application/json"),
    ],
)
def test_a_404_names_the_setting_and_makes_room_for_the_next(
    path: str, body: str, kind: str, make_client: MakeClient, server: RunningServer
) -> None:
    with canned(answer(body.encode(), f"Content-Type: {kind}", status="404 Not Found")) as other:
        with pytest.raises(ExchangeUnreachable, match=r"HTTP 404, .*BINANCE_URLS is written without /api"):
            make_client(other.url + path, retry=RetryPolicy(60)).now_ms()
        assert len(other.heard) == 1
        assert make_client(other.url + path, server.url).now_ms() == NOW_MS


@pytest.mark.parametrize(
    ("status", "location", "words", "tries"),
    [
        (301, "https://ivan:geheim@new.org:84/base?token=geheim#x", "HTTP 301, leads to https://new.org:84/base:", 1),
        (308, "/elsewhere?token=geheim", "HTTP 308, leads to /elsewhere:", 1),
        (302, "http://[", "HTTP 302, leads nowhere", 3),
        (307, "", "HTTP 307, leads nowhere", 3),
    ],
)  # fmt: skip
def test_a_redirect_is_not_followed_and_says_where_it_leads_without_secrets(
    *, status: int, location: str, words: str, tries: int, make_client: MakeClient
) -> None:
    with canned(answer(b"", f"Location: {location}", status=f"{status} Moved")) as server:
        with pytest.raises(ExchangeUnreachable) as caught:
            make_client(server.url, retry=RetryPolicy(60, attempts=3, first_wait=0.01)).now_ms()
        assert words in str(caught.value)
        assert "geheim" not in str(caught.value)
        assert "ivan" not in str(caught.value)
        assert len(server.heard) == tries


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        ("202 Accepted", b"", "HTTP 202 with nothing in it"),
        ("202 Accepted", b"<script>challenge()</script>", "HTTP 202 with a body that is not whole JSON: a page for"),
        ("204 No Content", b"", "HTTP 204 with nothing in it"),
        ("200 OK", b"", "HTTP 200 with nothing in it"),
        ("200 OK", b" <!DOCTYPE html>", "a page for people (of a captive portal or a firewall?)"),
        ("403 Forbidden", b"<html>", "HTTP 403, refuses this address"),
        ("418 Teapot", b"tea", "has banned this address"),
        ("200 OK", b"[" + b"9" * 5000 + b"]", "HTTP 200 with a body that is not whole JSON"),
    ],
)
def test_what_stands_in_the_exchanges_place_is_described(
    status: str, body: bytes, words: str, make_client: MakeClient
) -> None:
    with canned(answer(body, status=status)) as server, pytest.raises(ExchangeError) as caught:
        make_client(server.url).now_ms()
    assert words in str(caught.value)


def test_no_network_is_said_once_with_what_to_do(make_client: MakeClient) -> None:
    with pytest.raises(ExchangeUnreachable) as caught:
        make_client("https://a.invalid", "https://b.invalid", retry=RetryPolicy(0)).now_ms()
    text = str(caught.value)
    assert text.count("its name can't be resolved") == 1
    for words in ("a.invalid, b.invalid: ", "is there a network here?", "HTTPS_PROXY", "make demo", "BINANCE_URLS"):
        assert words in text


def test_deep_lists_and_clocks_that_are_none_are_one_plain_line(make_client: MakeClient) -> None:
    for body in (json.dumps({"serverTime": 10**30}), '{"serverTime": NaN}', '{"serverTime": 0}', "[]"):
        with canned(answer(body.encode())) as server, pytest.raises(Exception, match="no serverTime in milliseconds"):
            make_client(server.url).now_ms()
