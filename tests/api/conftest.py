"""A filled database and the exchange that it came from, small and made up or long and real."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from exchange_simulator import GeneratedMarket, GivenMarket
from exchange_simulator.market import Market
from tests.api import reference
from tests.api.reference import History
from tests.api.world import REAL_NOW, Client, World, real_file
from tests.support.made_once import made_once

NOW = "2019-03-05T13:37:41+00:00"  # 5 h 37 m 41 s into a session
SINCE = "2018-12-01"
LONG_SINCE = "2018-01-01"  # 428 closed sessions
MakeWorld = Callable[..., World]


@pytest.fixture(scope="session")
def market() -> GeneratedMarket:
    return GeneratedMarket("BTCUSDT")


@pytest.fixture(scope="session")
def filled_file(market: GeneratedMarket, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file that both jobs have filled up to ``NOW``."""

    def make(file: Path) -> None:
        with closing(World([market], f"sqlite:///{file}", NOW, HISTORY_START=SINCE)) as world:
            world.run_jobs()

    return made_once(tmp_path_factory, "filled.sqlite3", make)


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[MakeWorld]:
    """Worlds on an SQLite file of the test's own, closed in the end."""
    worlds: list[World] = []

    def make(*markets: Market, now: str = NOW, database_url: str = "", **settings: str) -> World:
        url = database_url or f"sqlite:///{tmp_path / 'candles.sqlite3'}"
        worlds.append(World(markets, url, now, **settings))
        return worlds[-1]

    yield make
    for world in worlds:
        world.close()


@pytest.fixture
def world(make_world: MakeWorld, market: GeneratedMarket, filled_file: Path, tmp_path: Path) -> World:
    """94 closed sessions, and the exchange's clock in the 95th."""
    shutil.copy(filled_file, tmp_path / "candles.sqlite3")
    return make_world(market, HISTORY_START=SINCE)


@pytest.fixture
def client(world: World) -> Iterator[Client]:
    with world.client() as client:
        yield client


@pytest.fixture(scope="session")
def unchanged(market: GeneratedMarket, filled_file: Path) -> Iterator[World]:
    """The same world for all tests that only ask."""
    world = World([market], f"sqlite:///{filled_file}", NOW, HISTORY_START=SINCE)
    yield world
    world.close()


@pytest.fixture(scope="session")
def asked(unchanged: World) -> Iterator[Client]:
    """An API for all tests that only ask."""
    with unchanged.client() as client:
        yield client


@pytest.fixture(scope="session")
def history(unchanged: World) -> History:
    """The numbers by another route."""
    return History(reference.fetch(unchanged.server.url, f"{SINCE}T00:00:00+00:00"), since=SINCE)


@pytest.fixture(scope="session")
def real_world(real_candles: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Six years of real candles, through both jobs; nobody may change it."""
    file = real_file(real_candles, tmp_path_factory)
    with closing(World([GivenMarket("BTCUSDT", real_candles)], f"sqlite:///{file}", REAL_NOW)) as world:
        yield world


@pytest.fixture(scope="session")
def real_history(real_world: World) -> History:
    """The real sessions by another route."""
    return History(reference.fetch(real_world.server.url, "2017-08-17T00:00:00+00:00"), since="2017-08-17")


@pytest.fixture(scope="session")
def long_file(market: GeneratedMarket, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with enough closed sessions for the odds."""

    def make(file: Path) -> None:
        with closing(World([market], f"sqlite:///{file}", NOW, HISTORY_START=LONG_SINCE)) as world:
            world.run_jobs()
            world.forecast()

    return made_once(tmp_path_factory, "long.sqlite3", make)


@pytest.fixture
def long_world(make_world: MakeWorld, market: GeneratedMarket, long_file: Path, tmp_path: Path) -> World:
    """428 closed sessions, and the exchange's clock in the next."""
    shutil.copy(long_file, tmp_path / "candles.sqlite3")
    return make_world(market, HISTORY_START=LONG_SINCE)


@pytest.fixture(scope="session")
def long_unchanged(market: GeneratedMarket, long_file: Path) -> Iterator[World]:
    """The same world for all tests that only ask."""
    world = World([market], f"sqlite:///{long_file}", NOW, HISTORY_START=LONG_SINCE)
    yield world
    world.close()


@pytest.fixture(scope="session")
def long_asked(long_unchanged: World) -> Iterator[Client]:
    """An API over long history for all tests that only ask."""
    with long_unchanged.client() as client:
        yield client


@pytest.fixture(scope="session")
def long_history(long_unchanged: World) -> History:
    """Its numbers by another route."""
    return History(reference.fetch(long_unchanged.server.url, f"{LONG_SINCE}T00:00:00+00:00"), since=LONG_SINCE)
