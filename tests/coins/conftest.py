"""One exchange with all the coins, both jobs done, an API over them, and commands called in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from exchange_simulator import GeneratedMarket
from tests.api.world import Client, World, to_ms
from tests.cli.conftest import call as call  # noqa: PLC0414 - a fixture
from tests.cli.conftest import own_logging as own_logging  # noqa: PLC0414 - a fixture
from tests.coins.markets import BITCOIN, COINS, Coin, Rescaled

NOW = "2019-03-05T13:37:41+00:00"  # 5 h 37 m 41 s into a session
SINCE = "2018-04-01"  # 338 closed sessions: enough for the odds


@pytest.fixture(scope="session")
def markets() -> dict[str, Rescaled]:
    of = GeneratedMarket("BTCUSDT", gaps=False)
    return {coin.symbol: Rescaled(coin, of, to_ms(NOW)) for coin in (BITCOIN, *COINS)}


@pytest.fixture(scope="session")
def world(markets: dict[str, Rescaled], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """All coins, backfilled and aggregated; nobody may change it."""
    file = tmp_path_factory.mktemp("coins") / "coins.sqlite3"
    world = World(list(markets.values()), f"sqlite:///{file}", NOW, HISTORY_START=SINCE)
    for symbol in markets:
        world.run_jobs(symbol)
    yield world
    world.close()


@pytest.fixture(scope="session")
def client(world: World) -> Iterator[Client]:
    with world.client() as client:
        yield client


@pytest.fixture
def settings(world: World) -> dict[str, str]:
    """For ``call``."""
    return {**world.names, "BINANCE_RETRY_SECONDS": "0", "DATABASE_RETRY_SECONDS": "0"}


@pytest.fixture(params=COINS, ids=[coin.symbol for coin in COINS])
def coin(request: pytest.FixtureRequest) -> Coin:
    found: Coin = request.param
    return found
