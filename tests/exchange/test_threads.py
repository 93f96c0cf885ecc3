"""One client for several threads: what one of them hears of the exchange leaves the others' questions whole."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import requests

from exchange_simulator import RunningServer, SimulatedExchange
from exchange_simulator.faults import Status
from exchange_simulator.instants import to_ms
from exchange_simulator.presets import too_many_requests
from tests.exchange.conftest import MakeClient
from tests.support.canned import nobody_listens
from tests.support.clocks import FakeClock
from volatility.domain.candles import Page
from volatility.domain.errors import ExchangeUnreachable
from volatility.domain.hours import HOUR_MS, Span
from volatility.domain.retry import ONCE, RetryPolicy
from volatility.exchange.waits import ExchangeTime, Weights

KLINES = "/api/v3/klines"
OPEN_MS = to_ms("2017-10-20T13:00:00Z")
DAY = Span(OPEN_MS - 23 * HOUR_MS, OPEN_MS + HOUR_MS)
THREADS = 8


def in_a_thread(work: Callable[[], object]) -> None:
    """Run it in another thread, and wait for its end."""
    other = threading.Thread(target=work)
    other.start()
    other.join()


def at_once(works: list[Callable[[], Page]]) -> list[Page]:
    """Run each in a thread of its own, all from the same instant on."""
    barrier = threading.Barrier(len(works))

    def one(work: Callable[[], Page]) -> Page:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_the_exchanges_time_is_one_hearing_and_its_age_though_another_is_heard_meanwhile() -> None:
    """What was heard first may be ten minutes old when it is heard anew: the two never mix."""
    ticks = [0.0]
    interruptions: list[Callable[[], object]] = []

    def monotonic() -> float:
        now = ticks[0]
        if interruptions:
            in_a_thread(interruptions.pop())
        return now

    time = ExchangeTime(lambda: 0.0, monotonic)
    time.heard(1000.0)
    ticks[0] = 600.0
    interruptions.append(lambda: time.heard(1600.0))
    assert time.known() == 1600.0
    assert time.known() == 1600.0


def test_a_weight_belongs_to_its_minute_though_another_is_heard_meanwhile() -> None:
    class Counted(int):
        """A weight that is asked for; meanwhile another thread hears of the next minute."""

        def __radd__(self, used: int) -> int:
            in_a_thread(lambda: weights.heard({"X-MBX-USED-WEIGHT-1M": "10"}, 120.0))
            return used + int(self)

    weights = Weights(1000)
    weights.heard({"X-MBX-USED-WEIGHT-1M": "990"}, 60.0)
    assert weights.wait(Counted(2), 130.0) == 0.0


def test_a_wait_that_one_thread_was_asked_for_is_time_that_passed_for_another(
    exchange: SimulatedExchange, make_client: MakeClient, fake_clock: FakeClock
) -> None:
    """Only the waits of its own requests are no time of a question's."""
    exchange.order(Status(status=500, path="/api/v3/time"))
    exchange.order(too_many_requests(retry_after=60, times=1, path=KLINES))
    asked: list[Page] = []

    def sleep(seconds: float) -> None:
        fake_clock.sleep(seconds)
        if not asked and seconds < 60:
            in_a_thread(lambda: asked.append(client.candles("BTCUSDT", DAY)))

    client = make_client(
        retry=RetryPolicy(seconds=20, first_wait=1.0, longest_wait=4.0), clock=replace(fake_clock.clock, sleep=sleep)
    )
    with pytest.raises(ExchangeUnreachable):
        client.now_ms()
    assert len(asked[0].candles) == 24
    assert fake_clock.slept[1:] == [pytest.approx(60)]


@pytest.mark.usefixtures("restless")
def test_threads_that_find_the_first_url_dead_at_once_keep_all_urls(
    make_client: MakeClient, server: RunningServer, second: RunningServer
) -> None:
    for _ in range(10):
        dead = nobody_listens()
        client = make_client(dead, server.url, second.url, retry=ONCE)
        pages = at_once([lambda client=client: client.candles("BTCUSDT", DAY)] * THREADS)  # type: ignore[misc]
        assert [(page.source, len(page.candles)) for page in pages] == [(server.url, 24)] * THREADS
        assert client.urls == (server.url, dead, second.url)


def test_an_address_that_is_asked_for_the_first_time_leaves_another_question_its_connections(
    make_client: MakeClient, server: RunningServer, second: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``requests`` looks through the connections of all addresses; meanwhile another thread adds one."""
    client = make_client(server.url, second.url, retry=ONCE)
    third = server.url.replace("127.0.0.1", "localhost")
    client.candles("BTCUSDT", DAY, second.url)
    find = requests.Session.get_adapter
    interruptions: list[Callable[[], object]] = [lambda: client.candles("BTCUSDT", DAY, third)]

    def interrupted(self: requests.Session, url: str) -> requests.adapters.BaseAdapter:
        looked_at = iter(self.adapters)
        next(looked_at)
        if interruptions:
            in_a_thread(interruptions.pop())
        assert all(url != other for other in looked_at)
        return find(self, url)

    monkeypatch.setattr(requests.Session, "get_adapter", interrupted)
    assert len(client.candles("BTCUSDT", DAY, server.url).candles) == 24
    assert len(server.exchange.requests(KLINES)) == 2


def test_a_page_says_of_itself_whether_it_is_simulated(make_client: MakeClient, server: RunningServer) -> None:
    assert make_client(server.url).candles("BTCUSDT", DAY).simulated
