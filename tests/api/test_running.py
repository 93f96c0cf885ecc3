"""What is computed once for the running session: answers about one moment, histories and models of few symbols."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from api import running as module
from api.paths import Paths
from api.questions import Question, Running
from api.running import Failures, Models, Moment
from api.shared import Latest, in_thread
from tests.api.conftest import MakeWorld
from tests.api.world import HandMadeMarket, World
from tests.support.clocks import FakeClock
from volatility.domain.retry import ONCE, RetryPolicy
from volatility.domain.series import Series
from volatility.exchange.binance import BinanceClient
from volatility.queries.history import load_history
from volatility.queries.running_session import RunningSession, running_session
from volatility.storage.database import Database

SYMBOLS = ("BTCUSDT", "ETHUSDT")


@pytest.fixture
def two(make_world: MakeWorld) -> World:
    markets = [HandMadeMarket("2019-01-01T08:00:00+00:00", [(10, 20)] * 6, [1000], symbol=name) for name in SYMBOLS]
    world = make_world(*markets, now="2019-01-07T08:30:00+00:00", HISTORY_START="2019-01-01")
    for name in SYMBOLS:
        world.run_jobs(name)
    return world


def running(world: World, database: Database, symbol: str) -> RunningSession:
    s = world.settings
    client = BinanceClient(s.binance_urls, ONCE)
    try:
        series = Series(symbol, s.calendar, s.windows, s.history_start_ms)
        return running_session(database, client, series, world.machine.wall_ms())
    finally:
        client.close()


@dataclass(frozen=True)
class Counted(Question[Running]):
    """A question by number, which writes down each time it is answered."""

    number: int
    answered: ClassVar[list[int]] = []

    def report(self, data: Running) -> dict[str, Any]:
        """The symbol and the number."""
        self.answered.append(self.number)
        return {"symbol": data.running.series.symbol, "number": self.number}


def models(database: Database, series: int) -> Models:
    return Models(Latest(in_thread(lambda asked: load_history(database, asked.series)), series), series)


def test_an_answer_about_one_moment_is_computed_once_and_only_so_many_are_kept(
    two: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ANSWERS_KEPT", 2)
    monkeypatch.setattr(Counted, "answered", [])
    database = Database(two.settings.database_url, RetryPolicy(10))
    client = BinanceClient(two.settings.binance_urls, ONCE)
    paths = Paths(client, FakeClock().clock.monotonic)

    async def ask() -> None:
        now = running(two, database, "BTCUSDT")
        moment = Moment(now, models(database, 1), paths)

        async def number(wanted: int) -> int:
            shown: dict[str, Any] = json.loads((await moment.answer(Counted(now.series, wanted))).content)
            assert shown == {"symbol": "BTCUSDT", "number": wanted}
            return int(shown["number"])

        for _ in range(2):
            await asyncio.gather(*(number(wanted) for wanted in (1, 2, 1, 2)))
        assert sorted(Counted.answered) == [1, 2]
        for wanted in (3, 3, 2, 1):  # the first, used least recently, made room for the third
            await number(wanted)

    try:
        asyncio.run(ask())
    finally:
        client.close()
        database.close()
    assert Counted.answered[2:] == [3, 1]


def test_a_model_is_built_once_and_the_symbol_that_was_built_first_goes_first(two: World) -> None:
    database = Database(two.settings.database_url, RetryPolicy(10))

    async def ask() -> None:
        known = models(database, 1)
        first, other = (running(two, database, name) for name in SYMBOLS)
        plain = await known.model(first, fitted=False)
        assert not plain.ready
        fitted = await asyncio.gather(*(known.model(first, fitted=True) for _ in range(3)))
        assert {id(model) for model in fitted} == {id(plain)}  # history and panel are those that were there
        assert plain.ready
        assert await known.model(first, fitted=False) is plain
        assert (await known.model(other, fitted=False)).basis.series.symbol == "ETHUSDT"
        assert await known.model(first, fitted=False) is not plain

    try:
        asyncio.run(ask())
    finally:
        database.close()


def test_an_exchange_that_failed_for_one_symbol_is_left_alone_for_that_one_for_a_while(two: World) -> None:
    clock = FakeClock()
    failures = Failures(clock.clock.monotonic)
    first, other = (two.settings.series(name) for name in SYMBOLS)
    assert first not in failures
    failures.note(first)
    clock.pass_by(14.9)
    assert (first in failures, other in failures) == (True, False)
    clock.pass_by(0.1)
    assert first not in failures


def test_it_is_known_when_the_first_of_them_is_asked_for_again(two: World) -> None:
    clock = FakeClock()
    failures = Failures(clock.clock.monotonic)
    assert failures.seconds == 0
    for name in SYMBOLS:
        failures.note(two.settings.series(name))
        clock.pass_by(5)
    assert failures.seconds == 5
    clock.pass_by(5)
    assert failures.seconds == 5  # of the other
    clock.pass_by(5)
    assert failures.seconds == 0
