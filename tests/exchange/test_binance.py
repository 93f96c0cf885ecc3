"""What the client asks for and what it makes of good answers."""

from __future__ import annotations

import gzip
import json

import pytest
import requests

from exchange_simulator import RunningServer, SimulatedExchange
from exchange_simulator.faults import ClockSkew, Late, Latency, Status
from exchange_simulator.instants import to_ms
from exchange_simulator.presets import banned, blocked, not_a_list, too_many_requests, unavailable
from tests.exchange.conftest import PATIENT, MakeClient
from tests.support.canned import answer, canned
from tests.support.clocks import FakeClock
from tests.support.simulated_exchange import NOW_MS
from volatility.domain.errors import BadPage, ExchangeBlocked, ExchangeError, ExchangeRefused, ExchangeUnreachable
from volatility.domain.hours import HOUR_MS, Span
from volatility.domain.retry import ONCE
from volatility.exchange.binance import BinanceClient
from volatility.exchange.clock import Clock

KLINES = "/api/v3/klines"
TIME = "/api/v3/time"
FIRST_MS = to_ms("2017-08-17T04:00:00Z")
OPEN_MS = to_ms("2017-10-20T13:00:00Z")  # the hour that the exchange's clock stands in
DAY = Span(OPEN_MS - 23 * HOUR_MS, OPEN_MS + HOUR_MS)


def test_one_request_asks_for_exactly_the_hours(client: BinanceClient, exchange: SimulatedExchange) -> None:
    page = client.candles("BTCUSDT", DAY)
    (asked,) = exchange.requests()
    assert (asked.method, asked.path) == ("GET", KLINES)
    assert asked.params == {
        "symbol": "BTCUSDT",
        "interval": "1h",
        "startTime": str(DAY.start_ms),
        "endTime": str(DAY.end_ms - 1),
        "limit": "1000",
    }
    assert [candle.open_time_ms for candle in page.candles] == list(range(DAY.start_ms, DAY.end_ms, HOUR_MS))


def test_the_five_minutes_of_a_session_are_one_request(client: BinanceClient, exchange: SimulatedExchange) -> None:
    page = client.five_minutes("BTCUSDT", DAY)
    (asked,) = exchange.requests()
    assert asked.params == {
        "symbol": "BTCUSDT",
        "interval": "5m",
        "startTime": str(DAY.start_ms),
        "endTime": str(DAY.end_ms - 1),
        "limit": "1000",
    }
    times = [candle.open_time_ms for candle in page.candles]
    assert times == list(range(DAY.start_ms, NOW_MS + 1, 300_000))
    assert page.simulated


def test_for_five_minutes_one_base_url_is_asked_and_hours_go_on_from_the_same(
    exchange: SimulatedExchange, server: RunningServer, make_client: MakeClient
) -> None:
    exchange.order(unavailable(params={"interval": "5m"}))
    other = server.url.replace("127.0.0.1", "localhost")
    client = make_client(server.url, other, retry=ONCE)
    with pytest.raises(ExchangeError):
        client.five_minutes("BTCUSDT", DAY)
    assert client.urls == (server.url, other)
    assert len(exchange.requests()) == 1
    assert client.candles("BTCUSDT", DAY).source == server.url


def test_candles_are_what_the_exchange_sent(client: BinanceClient, server: RunningServer) -> None:
    params: dict[str, str | int] = {"symbol": "BTCUSDT", "interval": "1h", "startTime": DAY.start_ms, "limit": 3}
    raw = requests.get(server.url + KLINES, params=params, timeout=5).json()
    kept = client.candles("BTCUSDT", DAY).candles[:3]
    assert [list(candle) for candle in kept] == [
        [value if place in {0, 6, 8} else float(value) for place, value in enumerate(row[:11])] for row in raw
    ]


def test_a_thousand_hours_come_in_one_page(client: BinanceClient) -> None:
    asked = Span(FIRST_MS, FIRST_MS + 1000 * HOUR_MS)
    assert len(client.candles("BTCUSDT", asked).candles) == 1000


def test_hours_without_candles_give_an_empty_page(client: BinanceClient) -> None:
    assert client.candles("BTCUSDT", Span(FIRST_MS - 5 * HOUR_MS, FIRST_MS)).candles == []


def test_closed_candles_leave_out_the_open_one(client: BinanceClient) -> None:
    hours = [candle.open_time_ms for candle in client.closed_candles("BTCUSDT", DAY).candles]
    assert hours == list(range(DAY.start_ms, OPEN_MS, HOUR_MS))
    assert client.last_closed_end_ms() == OPEN_MS


def test_a_candle_is_closed_from_the_millisecond_after_its_close_time(
    client: BinanceClient, exchange: SimulatedExchange
) -> None:
    exchange.clock.set(OPEN_MS)  # the candle before closed a millisecond ago
    assert client.closed_candles("BTCUSDT", DAY).candles[-1].open_time_ms == OPEN_MS - HOUR_MS


def test_a_candle_that_closes_while_the_page_is_on_its_way_is_not_taken_for_closed(
    exchange: SimulatedExchange, make_client: MakeClient
) -> None:
    exchange.clock.set(OPEN_MS + HOUR_MS - 2000)  # time enough to ask, on a busy machine too
    exchange.clock.run()
    exchange.order(Latency(ms=2100, path=KLINES))
    client = make_client(clock=Clock())
    candles = client.closed_candles("BTCUSDT", DAY).candles
    assert exchange.clock.now_ms() >= OPEN_MS + HOUR_MS
    assert candles[-1].open_time_ms == OPEN_MS - HOUR_MS


@pytest.mark.parametrize("hours_off", [-5, 5])
def test_the_exchanges_clock_decides_what_is_closed_not_ours(
    exchange: SimulatedExchange, make_client: MakeClient, hours_off: int
) -> None:
    client = make_client(clock=FakeClock(wall=NOW_MS / 1000 + hours_off * 3600).clock)
    assert client.now_ms() == NOW_MS
    assert client.closed_candles("BTCUSDT", DAY).candles[-1].open_time_ms == OPEN_MS - HOUR_MS
    assert len(exchange.requests(TIME)) == 1


def test_the_exchanges_clock_is_carried_on_and_asked_again_after_ten_minutes(
    client: BinanceClient, exchange: SimulatedExchange, fake_clock: FakeClock
) -> None:
    assert client.now_ms() == NOW_MS
    fake_clock.pass_by(90.5)
    assert client.now_ms() == NOW_MS + 90_500
    fake_clock.pass_by(509)
    assert client.now_ms() == NOW_MS + 599_500
    assert len(exchange.requests(TIME)) == 1
    fake_clock.pass_by(1)
    exchange.clock.advance(seconds=630)
    assert client.now_ms() == NOW_MS + 630_000
    assert len(exchange.requests(TIME)) == 2


def test_the_clock_is_never_ahead_of_the_exchange_however_long_it_took_to_ask(
    client: BinanceClient, exchange: SimulatedExchange, fake_clock: FakeClock
) -> None:
    exchange.order(unavailable(times=3, path=TIME))
    assert client.now_ms() == NOW_MS  # after three waits, the exchange standing still
    assert len(fake_clock.slept) == 3


def test_a_clock_put_forward_is_believed(client: BinanceClient, exchange: SimulatedExchange) -> None:
    exchange.order(ClockSkew(ms=7 * HOUR_MS))
    assert client.last_closed_end_ms() == OPEN_MS + 7 * HOUR_MS


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"time": 1},
        {"serverTime": "1508506661000"},
        {"serverTime": True},
        {"serverTime": 1_508_506_661},  # seconds
        {"serverTime": 1_508_506_661_000_000},  # microseconds
        {"serverTime": -1},
        None,
    ],
)
def test_what_is_no_time_in_milliseconds_is_refused(
    client: BinanceClient, exchange: SimulatedExchange, body: object
) -> None:
    exchange.order(not_a_list(body=json.dumps(body)))
    with pytest.raises(BadPage, match=r"^the exchange sent no serverTime in milliseconds but "):
        client.now_ms()


def test_the_first_candle_of_a_symbol_is_found_by_one_request(
    client: BinanceClient, exchange: SimulatedExchange
) -> None:
    assert client.first_candle_ms("BTCUSDT") == FIRST_MS
    assert len(exchange.requests()) == 1


def test_a_symbol_without_candles_has_no_first_one(client: BinanceClient, exchange: SimulatedExchange) -> None:
    exchange.order(Late(first=FIRST_MS, last=NOW_MS))
    assert client.first_candle_ms("BTCUSDT") is None


def test_a_first_candle_in_the_far_future_is_a_bad_page(make_client: MakeClient) -> None:
    row = [FIRST_MS * 1000, "1", "1", "1", "1", "1", FIRST_MS * 1000 + 1, "1", 1, "1", "1", "0"]
    with (
        canned(answer(json.dumps([row]).encode())) as server,
        pytest.raises(BadPage, match=r"^row 0 of a page of candles opens outside 1970-01-01 00:00 to 2100-01-01"),
    ):
        make_client(server.url).first_candle_ms("BTCUSDT")


def test_who_simulates_says_so_and_the_client_remembers(client: BinanceClient) -> None:
    assert not client.simulated
    client.now_ms()
    assert client.simulated


def test_an_exchange_that_does_not_say_so_is_real(make_client: MakeClient) -> None:
    with canned(answer(b'{"serverTime": 1508506661000}')) as server:
        client = make_client(server.url)
        client.now_ms()
        assert not client.simulated


def test_compressed_and_chunked_answers_are_read_whole(make_client: MakeClient) -> None:
    body = json.dumps({"serverTime": NOW_MS, "filler": list(range(20_000))}).encode()
    packed = gzip.compress(body)
    zipped = answer(packed, "Content-Encoding: gzip")
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    pieces = [body[i : i + 7001] for i in range(0, len(body), 7001)]
    chunked = head + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    for sent in (zipped, chunked):
        with canned(sent) as server:
            assert make_client(server.url).now_ms() == NOW_MS
            assert server.heard == ["GET /api/v3/time HTTP/1.1"]


def test_one_connection_carries_all_requests(client: BinanceClient, server: RunningServer) -> None:
    ports = set()
    for _ in range(5):
        client.candles("BTCUSDT", DAY)
        ports |= {s.getpeername() for s in server._listener._open}
    assert len(ports) == 1


def test_the_machines_clock_is_the_default() -> None:
    client = BinanceClient(["http://127.0.0.1:9"], PATIENT)
    assert abs(client._clock.wall_ms() - Clock().wall_ms()) < 60_000
    client.close()


def test_the_time_may_be_told_without_asking(
    client: BinanceClient, exchange: SimulatedExchange, fake_clock: FakeClock
) -> None:
    assert client.estimated_now_ms() == fake_clock.wall_ms()  # the machine's, as long as nothing better is known
    exchange.order(ClockSkew(ms=HOUR_MS))
    client.now_ms()
    fake_clock.pass_by(700)
    assert client.estimated_now_ms() == NOW_MS + HOUR_MS + 700_000
    assert len(exchange.requests()) == 1


def test_a_page_says_which_base_url_it_came_from(
    server: RunningServer, second: RunningServer, make_client: MakeClient
) -> None:
    client = make_client(server.url, second.url)
    asked = Span(to_ms("2017-09-01T00:00:00Z"), to_ms("2017-09-02T00:00:00Z"))
    assert client.candles("BTCUSDT", asked).source == server.url
    assert client.closed_candles("BTCUSDT", asked).source == server.url


def test_one_given_base_url_is_asked_alone_and_keeps_its_place(
    server: RunningServer, second: RunningServer, make_client: MakeClient, exchange: SimulatedExchange
) -> None:
    client = make_client(server.url, second.url)
    asked = Span(to_ms("2017-09-01T00:00:00Z"), to_ms("2017-09-02T00:00:00Z"))
    assert client.candles("BTCUSDT", asked, second.url).source == second.url
    assert client.urls == (server.url, second.url)
    exchange.order(blocked())
    with pytest.raises(ExchangeBlocked):
        client.candles("BTCUSDT", asked, server.url)


def test_it_is_known_since_when_no_base_url_answers(
    make_client: MakeClient, exchange: SimulatedExchange, fake_clock: FakeClock
) -> None:
    client = make_client(retry=ONCE)
    assert client.away() is None
    order = exchange.order(unavailable())
    for seconds in (0, 30):
        fake_clock.pass_by(seconds)
        with pytest.raises(ExchangeUnreachable):
            client.now_ms()
        assert client.away() == (NOW_MS, 0.0)
    exchange.clear(order)
    client.now_ms()
    assert client.away() is None


def test_another_base_url_that_answers_is_enough(
    make_client: MakeClient, exchange: SimulatedExchange, server: RunningServer, second: RunningServer
) -> None:
    client = make_client(server.url, second.url, retry=ONCE)
    exchange.order(unavailable())
    client.now_ms()
    assert client.away() is None
    with pytest.raises(ExchangeUnreachable):
        client.candles("BTCUSDT", DAY, server.url)
    assert client.away() is None  # nothing was asked of the other


def test_a_refusal_is_an_answer(client: BinanceClient) -> None:
    with pytest.raises(ExchangeRefused):
        client.candles("NONEUSDT", DAY)
    assert client.away() is None


@pytest.mark.parametrize("order", [too_many_requests(retry_after=30, times=1), banned(retry_after=30, times=1)])
def test_who_is_told_to_wait_knows_how_long(
    make_client: MakeClient, exchange: SimulatedExchange, fake_clock: FakeClock, order: Status
) -> None:
    exchange.order(order)
    client = make_client(patient=False)
    with pytest.raises(ExchangeError):
        client.candles("BTCUSDT", DAY)
    for left in (30.0, 10.0):
        away = client.away()
        assert away is not None
        assert away.since_ms == NOW_MS
        assert away.seconds == pytest.approx(left)
        fake_clock.pass_by(20)
    client.candles("BTCUSDT", DAY)
    assert client.away() is None
