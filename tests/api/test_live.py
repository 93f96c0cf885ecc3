"""What is computed once for the running session: answers about one moment, histories and models of few symbols."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from api import live
from api.live import Models, Now
from tests.api.conftest import MakeWorld
from tests.api.world import HandMadeMarket, World
from volatility.domain.retry import ONCE, RetryPolicy
from volatility.domain.series import Series
from volatility.exchange.binance import BinanceClient
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


def test_an_answer_about_one_moment_is_computed_once_and_only_so_many_are_kept(
    two: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_ANSWERS_KEPT", 2)
    database = Database(two.settings.database_url, RetryPolicy(10))
    computed: list[int] = []

    async def ask() -> None:
        now: Now[int] = Now(running(two, database, "BTCUSDT"))

        def compute(number: int) -> int:
            computed.append(number)
            return number

        for _ in range(2):
            await asyncio.gather(*(now.answer((number,), partial(compute, number)) for number in (1, 2, 1, 2)))
        for _ in range(2):
            assert await now.answer((3,), lambda: compute(3)) == 3
        assert len(now.kept) == 2

    try:
        asyncio.run(ask())
    finally:
        database.close()
    assert sorted(computed) == [1, 2, 3, 3]


def test_a_model_is_built_once_and_the_symbol_that_was_built_first_goes_first(
    two: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_SYMBOLS_KEPT", 1)
    database = Database(two.settings.database_url, RetryPolicy(10))

    async def ask() -> None:
        models = Models(database)
        first, other = (running(two, database, name) for name in SYMBOLS)
        plain = await models.model(first, fitted=False)
        assert not plain.ready
        fitted = await asyncio.gather(*(models.model(first, fitted=True) for _ in range(3)))
        assert {id(model) for model in fitted} == {id(plain)}  # history and panel are those that were there
        assert plain.ready
        assert await models.model(first, fitted=False) is plain
        assert (await models.model(other, fitted=False)).basis.history.series.symbol == "ETHUSDT"
        assert await models.model(first, fitted=False) is not plain

    try:
        asyncio.run(ask())
    finally:
        database.close()
