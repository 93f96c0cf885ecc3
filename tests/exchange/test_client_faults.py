"""What the client does when the exchange, or the network before it, does not give what was asked for."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

import pytest

from exchange_simulator import Clock, GeneratedMarket, RunningServer, SimulatedExchange, WeightMeter, serve
from exchange_simulator.faults import CutOff, Drip, Fault, Hang, Reset, Status, WrongRows
from exchange_simulator.instants import to_ms
from exchange_simulator.mutations import MUTATIONS
from exchange_simulator.presets import banned, blocked, forbidden, html_page, not_a_list, too_many_requests
from exchange_simulator.presets import unavailable as unavailable_preset
from tests.exchange.conftest import PATIENT, MakeClient
from tests.support.canned import answer, canned, nobody_listens
from tests.support.clocks import FakeClock
from tests.support.simulated_exchange import NOW_MS
from volatility.domain.errors import (
    BadPage,
    ExchangeBanned,
    ExchangeBlocked,
    ExchangeError,
    ExchangeRefused,
    ExchangeUnreachable,
)
from volatility.domain.hours import HOUR_MS, Span
from volatility.domain.retry import ONCE, RetryPolicy
from volatility.exchange.bans import MemoryBans
from volatility.exchange.binance import BinanceClient

OPEN_MS = to_ms("2017-10-20T13:00:00Z")
DAY = Span(OPEN_MS - 24 * HOUR_MS, OPEN_MS)
# For what is ended by a time-out only: one of the two is short, so that the words are the same on a busy machine.
HANGS, DRIPS = (2.0, 0.8, 5.0), (2.0, 5.0, 0.8)

Order = Callable[..., Fault]
PASSING: list[tuple[str, Order, str]] = [
    ("500", lambda **w: unavailable_preset(status=500, **w), "HTTP 500"),
    ("502", lambda **w: unavailable_preset(status=502, **w), "HTTP 502"),
    ("503", unavailable_preset, "HTTP 503"),
    ("504", lambda **w: unavailable_preset(status=504, **w), "HTTP 504"),
    ("408", lambda **w: Status(status=408, **w), "HTTP 408"),
    ("reset", Reset, "connection broken off"),
    ("cut off", CutOff, "answer cut off"),
    ("cut off at once", lambda **w: CutOff(share=0.0, **w), "answer cut off"),
    ("hang", Hang, "no answer in time"),
    ("drip", lambda **w: Drip(pause_ms=50, **w), "no whole answer within 0.8 s"),
    ("a page for people", html_page, "HTTP 200 with a body that is not whole JSON: a page for people (of a captive"),
    ("half of the JSON", lambda **w: not_a_list(body='[[1502942400000,"42', **w), "HTTP 200 with a body that is not"),
    ("nested without end", lambda **w: not_a_list(body="[" * 100_000, **w), "HTTP 200 with a body that is not"),
    (
        "a redirect",
        lambda **w: Status(status=302, headers={"Location": "/login"}, **w),
        "HTTP 302, leads to /login: ",
    ),
    ("an odd success", lambda **w: Status(status=202, body="[]", **w), "HTTP 202"),
]
NAMES = [case[0] for case in PASSING]


def real_time(make_client: MakeClient, order: Order, *urls: str, attempts: int = 3) -> BinanceClient:
    """A client whose time-outs are real, and whose waits are not worth mentioning."""
    retry = RetryPolicy(seconds=20, attempts=attempts, first_wait=0.01)
    timeouts = {Hang: HANGS, Drip: DRIPS}.get(type(order()), (5.0, 5.0, 10.0))
    return make_client(*urls, retry=retry, timeouts=timeouts, clock=None)


def asked_at_least(exchange: SimulatedExchange, order: Order, times: int) -> bool:
    """Whether it was asked so often; where time-outs are short, a busy machine may let a good answer come too late."""
    requests = len(exchange.requests())
    return requests >= times if isinstance(order(), Hang | Drip) else requests == times


@pytest.mark.parametrize("order", [case[1] for case in PASSING], ids=NAMES)
def test_what_passes_is_tried_again(order: Order, exchange: SimulatedExchange, make_client: MakeClient) -> None:
    exchange.order(order(times=2))
    client = real_time(make_client, order, attempts=10)
    assert len(client.candles("BTCUSDT", DAY).candles) == 24
    assert asked_at_least(exchange, order, 3)


@pytest.mark.parametrize(("order", "words"), [case[1:] for case in PASSING], ids=NAMES)
def test_what_does_not_pass_ends_with_its_reason_and_binance_urls(
    order: Order, words: str, exchange: SimulatedExchange, make_client: MakeClient, server: RunningServer
) -> None:
    exchange.order(order())
    with pytest.raises(ExchangeUnreachable) as caught:
        real_time(make_client, order).candles("BTCUSDT", DAY)
    assert words in str(caught.value)
    assert f"127.0.0.1:{server.port}: " in str(caught.value)
    assert str(caught.value).endswith("BINANCE_URLS names the addresses")
    assert "\n" not in str(caught.value)
    assert len(exchange.requests()) == 3


@pytest.mark.parametrize("order", [case[1] for case in PASSING], ids=NAMES)
def test_an_address_that_does_not_answer_makes_room_for_the_next(
    order: Order, exchange: SimulatedExchange, make_client: MakeClient, server: RunningServer, second: RunningServer
) -> None:
    exchange.order(order())
    client = real_time(make_client, order, server.url, second.url)
    assert len(client.candles("BTCUSDT", DAY).candles) == 24
    asked, then = len(exchange.requests()), len(second.exchange.requests())
    assert (asked, then > 0) == (3, True)
    client.candles("BTCUSDT", DAY)
    assert len(exchange.requests()) == asked  # the one that answered is asked first from now on
    assert len(second.exchange.requests()) > then


def test_a_hanging_exchange_costs_no_more_than_its_time_outs(
    exchange: SimulatedExchange, make_client: MakeClient
) -> None:
    exchange.order(Hang())
    began = time.monotonic()
    with pytest.raises(ExchangeUnreachable):
        real_time(make_client, Hang).candles("BTCUSDT", DAY)
    assert 2.4 <= time.monotonic() - began < 14  # three tries of 0.8 s; an answer as a whole may take 5 s


def test_waits_grow_with_jitter_and_end_by_count(
    client: BinanceClient, exchange: SimulatedExchange, fake_clock: FakeClock
) -> None:
    exchange.order(unavailable_preset())
    with pytest.raises(ExchangeUnreachable):
        client.candles("BTCUSDT", DAY)
    assert len(exchange.requests()) == PATIENT.attempts
    assert [round(wait / full, 6) for wait, full in zip(fake_clock.slept, (1.0, 2.0, 4.0), strict=True)] == [
        pytest.approx(0.75, abs=0.25)
    ] * 3


def test_trying_ends_by_time(exchange: SimulatedExchange, make_client: MakeClient, fake_clock: FakeClock) -> None:
    exchange.order(unavailable_preset())
    client = make_client(retry=RetryPolicy(seconds=10, attempts=1000, first_wait=1.0, longest_wait=4.0))
    with pytest.raises(ExchangeUnreachable):
        client.candles("BTCUSDT", DAY)
    assert sum(fake_clock.slept) == pytest.approx(10)


def test_a_port_where_nobody_listens_is_named(make_client: MakeClient) -> None:
    url = nobody_listens()
    with pytest.raises(ExchangeUnreachable) as caught:
        make_client(url).now_ms()
    assert f"{url.removeprefix('http://')}: connection refused" in str(caught.value)


def test_a_truncated_chunked_answer_is_cut_off(make_client: MakeClient) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    whole = answer(json.dumps({"serverTime": NOW_MS}).encode())
    for cut in (b'f\r\n{"serverTime": ', b'5\r\n{"ser\r\n', b'zz\r\n{"serverTime": 1}\r\n'):
        with canned(head + cut, whole) as server:
            assert make_client(server.url).now_ms() == NOW_MS
            assert len(server.heard) == 2


def test_a_body_that_does_not_unpack_is_tried_again(make_client: MakeClient) -> None:
    whole = answer(json.dumps({"serverTime": NOW_MS}).encode())
    with canned(answer(b"not gzip at all", "Content-Encoding: gzip"), whole) as server:
        assert make_client(server.url).now_ms() == NOW_MS


# 429, and the weight


def test_429_waits_as_long_as_the_exchange_says_then_goes_on(
    client: BinanceClient, exchange: SimulatedExchange, fake_clock: FakeClock
) -> None:
    exchange.order(too_many_requests(retry_after=7, times=1))
    exchange.order(too_many_requests(retry_after=3, times=1))
    assert len(client.candles("BTCUSDT", DAY).candles) == 24
    assert fake_clock.slept == [7, 3]


@pytest.mark.parametrize("header", [{}, {"Retry-After": "soon"}, {"Retry-After": "-5"}, {"Retry-After": "1 2"}])
def test_429_without_seconds_waits_ten(
    client: BinanceClient, exchange: SimulatedExchange, fake_clock: FakeClock, header: dict[str, str]
) -> None:
    exchange.order(Status(status=429, headers=header, times=1))
    client.candles("BTCUSDT", DAY)
    assert fake_clock.slept == [10]


def test_429_without_end_gives_up(client: BinanceClient, exchange: SimulatedExchange, fake_clock: FakeClock) -> None:
    exchange.order(too_many_requests(retry_after=2))
    with pytest.raises(ExchangeUnreachable, match="HTTP 429, 10 times in a row"):
        client.candles("BTCUSDT", DAY)
    assert len(exchange.requests()) == 10
    assert fake_clock.slept == [2] * 9


def test_the_wait_that_a_429_asks_for_is_not_taken_from_the_patience_with_failures(
    client: BinanceClient, exchange: SimulatedExchange, fake_clock: FakeClock
) -> None:
    exchange.order(too_many_requests(retry_after=60, times=1))
    exchange.order(unavailable_preset(times=2))
    assert len(client.candles("BTCUSDT", DAY).candles) == 24
    assert sum(fake_clock.slept) > 60 > PATIENT.seconds


def test_who_is_not_patient_fails_at_once_and_asks_nothing_until_the_wait_is_over(
    exchange: SimulatedExchange,
    make_client: MakeClient,
    server: RunningServer,
    second: RunningServer,
    fake_clock: FakeClock,
) -> None:
    exchange.order(too_many_requests(retry_after=30, times=1))
    client = make_client(server.url, second.url, patient=False)
    for _ in range(3):
        with pytest.raises(ExchangeUnreachable, match="HTTP 429: nothing is asked for another 30 s"):
            client.candles("BTCUSDT", DAY)
    assert (len(exchange.requests()), len(second.exchange.requests())) == (1, 0)
    assert fake_clock.slept == []
    fake_clock.pass_by(30)
    assert len(client.candles("BTCUSDT", DAY).candles) == 24


def counted(weight: str) -> bytes:
    return answer(b"[]", f"X-MBX-USED-WEIGHT-1M: {weight}")


def test_near_the_weight_limit_the_client_waits_for_the_exchanges_next_minute(
    make_client: MakeClient, fake_clock: FakeClock
) -> None:
    clock = answer(json.dumps({"serverTime": NOW_MS}).encode())  # 13:37:41
    with canned(clock, counted("5398"), counted("5399"), counted("2")) as server:
        client = make_client(server.url, weight_limit=6000)
        client.now_ms()
        client.candles("BTCUSDT", DAY)
        client.candles("BTCUSDT", DAY)  # 5398 + 2 is just 90 %
        assert fake_clock.slept == []
        client.candles("BTCUSDT", DAY)
        assert fake_clock.slept == [pytest.approx(19.0)]
        client.candles("BTCUSDT", DAY)
        assert len(fake_clock.slept) == 1


def test_a_new_minute_has_a_new_budget(make_client: MakeClient, fake_clock: FakeClock) -> None:
    with canned(counted("5999")) as server:
        client = make_client(server.url)
        client.candles("BTCUSDT", DAY)
        fake_clock.pass_by(60)
        client.candles("BTCUSDT", DAY)
        assert fake_clock.slept == []


def test_an_answer_that_does_not_say_leaves_the_count(make_client: MakeClient, fake_clock: FakeClock) -> None:
    failed = answer(b"<html>", status="502 Bad Gateway")
    with canned(counted("5999"), failed, counted("1")) as server:
        client = make_client(server.url, retry=ONCE)
        client.candles("BTCUSDT", DAY)
        with pytest.raises(ExchangeUnreachable):
            client.candles("BTCUSDT", DAY)
        assert len(fake_clock.slept) == 1
        client.candles("BTCUSDT", DAY)
        assert len(fake_clock.slept) == 1  # it is a new minute by now


def test_who_is_not_patient_does_not_wait_for_the_next_minute(make_client: MakeClient, fake_clock: FakeClock) -> None:
    with canned(counted("5999")) as server:
        client = make_client(server.url, patient=False)
        client.candles("BTCUSDT", DAY)
        with pytest.raises(ExchangeUnreachable, match="near the limit of weight 6000 a minute: nothing is asked for"):
            client.candles("BTCUSDT", DAY)
        assert (len(server.heard), fake_clock.slept) == (1, [])


def test_the_limit_is_never_reached_where_the_exchange_counts(market: GeneratedMarket) -> None:
    clock = FakeClock(wall=NOW_MS / 1000, monotonic=NOW_MS / 1000)
    weights = WeightMeter(100, monotonic=clock.clock.monotonic)
    exchange = SimulatedExchange(
        [market], clock=Clock(source_ms=lambda: round(clock.clock.wall() * 1000)), weights=weights
    )
    with serve(exchange) as server:
        client = BinanceClient([server.url], PATIENT, weight_limit=100, clock=clock.clock)
        for _ in range(200):
            client.candles("BTCUSDT", DAY)
        client.close()
    assert len(exchange.requests()) == 200  # not one was refused and repeated
    assert 3 <= len(clock.slept) <= 5  # 400 of weight by 90 a minute
    assert sum(clock.slept) <= 300


# 418


def test_418_stops_at_once_and_says_until_when(
    exchange: SimulatedExchange, make_client: MakeClient, server: RunningServer, second: RunningServer
) -> None:
    exchange.order(banned(retry_after=3600, times=1))
    client = make_client(server.url, second.url)
    with pytest.raises(ExchangeBanned) as caught:
        client.candles("BTCUSDT", DAY)
    assert caught.value.until_ms == NOW_MS + 3_600_000
    assert str(caught.value) == (
        "the exchange has banned this address until 2017-10-20T14:37:41+00:00; nothing is asked before"
    )
    assert (len(exchange.requests()), len(second.exchange.requests())) == (1, 0)


def test_while_banned_nothing_is_asked(
    exchange: SimulatedExchange, client: BinanceClient, fake_clock: FakeClock
) -> None:
    exchange.order(banned(retry_after=120, times=1))
    with pytest.raises(ExchangeBanned):
        client.now_ms()
    fake_clock.pass_by(119)
    for ask in (client.now_ms, lambda: client.candles("BTCUSDT", DAY), lambda: client.first_candle_ms("BTCUSDT")):
        with pytest.raises(ExchangeBanned, match=re.escape("2017-10-20T13:39:41+00:00")):
            ask()
    assert len(exchange.requests()) == 1
    fake_clock.pass_by(1)
    assert client.now_ms() == NOW_MS


def test_the_instant_that_the_exchange_names_counts_where_it_is_later(
    exchange: SimulatedExchange, make_client: MakeClient
) -> None:
    until_ms = NOW_MS + 86_400_000
    words = {"code": -1003, "msg": f"Way too much request weight used; IP banned until {until_ms}."}
    exchange.order(Status(status=418, body=words, headers={"Retry-After": "60"}))
    bans = MemoryBans()
    with pytest.raises(ExchangeBanned):
        make_client(bans=bans).now_ms()
    standing = bans.standing()
    assert standing
    assert standing.until_ms == until_ms
    assert standing.seconds == pytest.approx(86_400, abs=5)
    with pytest.raises(ExchangeBanned):  # another client that shares the memory
        make_client(bans=bans).now_ms()
    assert len(exchange.requests()) == 1


def test_a_ban_without_an_end_counts_for_two_minutes(exchange: SimulatedExchange, client: BinanceClient) -> None:
    exchange.order(Status(status=418, body="tea"))
    with pytest.raises(ExchangeBanned) as caught:
        client.now_ms()
    assert caught.value.until_ms == NOW_MS + 120_000


# 403, 451, and the exchange's own refusals


@pytest.mark.parametrize(("order", "status"), [(forbidden, 403), (blocked, 451)])
def test_a_blocked_address_makes_room_for_the_next_without_a_second_try(
    *,
    order: Order,
    status: int,
    exchange: SimulatedExchange,
    make_client: MakeClient,
    server: RunningServer,
    second: RunningServer,
    fake_clock: FakeClock,
) -> None:
    exchange.order(order())
    client = make_client(server.url, second.url)
    assert len(client.candles("BTCUSDT", DAY).candles) == 24
    assert (len(exchange.requests()), len(second.exchange.requests())) == (1, 1)
    second.exchange.order(order())
    with pytest.raises(ExchangeBlocked) as caught:
        client.candles("BTCUSDT", DAY)
    assert str(caught.value) == (
        "every exchange address refuses this machine "
        f"(127.0.0.1:{second.port}: HTTP {status}, refuses this address; "
        f"127.0.0.1:{server.port}: HTTP {status}, refuses this address): name others in BINANCE_URLS"
    )
    assert fake_clock.slept == []


def test_blocked_here_and_away_there_is_away(
    exchange: SimulatedExchange, make_client: MakeClient, server: RunningServer
) -> None:
    exchange.order(blocked())
    with pytest.raises(ExchangeUnreachable, match=r"HTTP 451, refuses this address; .*connection refused"):
        make_client(server.url, nobody_listens()).now_ms()


def test_an_unknown_symbol_is_the_exchanges_word_and_never_tried_again(
    exchange: SimulatedExchange, make_client: MakeClient, server: RunningServer, second: RunningServer
) -> None:
    with pytest.raises(ExchangeRefused) as caught:
        make_client(server.url, second.url).candles("NOSUCH", DAY)
    assert str(caught.value) == "the exchange refuses: Invalid symbol. (HTTP 400, code -1121)"
    assert caught.value.code == -1121
    assert (len(exchange.requests()), len(second.exchange.requests())) == (1, 0)


@pytest.mark.parametrize(
    ("status", "body", "words", "code"),
    [
        (400, {"code": -1100, "msg": "Illegal characters."}, "Illegal characters. (HTTP 400, code -1100)", -1100),
        (401, {"code": -2015, "msg": "Invalid\n  API-key"}, "Invalid API-key (HTTP 401, code -2015)", -2015),
        (409, {"code": -1013, "msg": "y" * 5000}, "y" * 300 + " (HTTP 409, code -1013)", -1013),
    ],
)
def test_another_4xx_is_the_exchanges_word_and_never_tried_again(
    *, exchange: SimulatedExchange, client: BinanceClient, status: int, body: object, words: str, code: int | None
) -> None:
    exchange.order(Status(status=status, body=body))
    with pytest.raises(ExchangeRefused) as caught:
        client.candles("BTCUSDT", DAY)
    assert (str(caught.value), caught.value.code) == (f"the exchange refuses: {words}", code)
    assert len(exchange.requests()) == 1


def test_a_4xx_of_something_before_the_exchange_is_not_tried_again_but_elsewhere(
    exchange: SimulatedExchange, make_client: MakeClient, server: RunningServer, second: RunningServer
) -> None:
    exchange.order(Status(status=404, body="<html>404</html>", content_type="text/html"))
    assert make_client(server.url, second.url).now_ms() == NOW_MS
    assert len(exchange.requests()) == 1


# Pages that break a rule


@pytest.mark.parametrize("mutation", sorted(MUTATIONS))
def test_a_page_that_breaks_a_rule_is_refused_with_its_first_offending_row(
    exchange: SimulatedExchange, client: BinanceClient, mutation: str
) -> None:
    exchange.order(WrongRows(mutation=mutation, row=7))
    with pytest.raises(BadPage, match=r"^row [78] of a page of candles ") as caught:
        client.candles("BTCUSDT", DAY)
    assert "\n" not in str(caught.value)
    assert len(exchange.requests()) == 1


def test_a_page_that_is_no_list_is_refused(exchange: SimulatedExchange, client: BinanceClient) -> None:
    exchange.order(not_a_list())
    with pytest.raises(BadPage, match=r"^the exchange sent dict where a list of candles belongs$"):
        client.candles("BTCUSDT", DAY)


def test_every_failure_is_one_of_the_exchanges_errors(exchange: SimulatedExchange, make_client: MakeClient) -> None:
    for fault in (Status(status=status) for status in (400, 403, 404, 408, 418, 429, 451, 500, 599, 302)):
        exchange.clear()
        exchange.order(fault)
        with pytest.raises(ExchangeError):
            make_client(retry=ONCE).now_ms()
