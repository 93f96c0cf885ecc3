"""The real history, fetched over HTTP from the simulated exchange once for each kind of database."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from exchange_simulator import Clock, GivenMarket, RunningServer, SimulatedExchange, WeightMeter, serve
from tests.jobs.plain import Bar, read_bars
from tests.jobs.support import Tables, at, fill, moment, patient, tables, work_out
from volatility.domain.retry import RetryPolicy
from volatility.exchange.binance import BinanceClient
from volatility.jobs.aggregate import AggregationReport
from volatility.jobs.backfill import BackfillReport
from volatility.storage.database import Database

NOW = at("2024-01-01T00:30")


@pytest.fixture(scope="session")
def real_bars(real_candles: Path) -> dict[datetime, Bar]:
    """The real candles as the plain loops take them."""
    return read_bars(real_candles)


@pytest.fixture(scope="session")
def real_exchange(real_candles: Path) -> Iterator[RunningServer]:
    """The simulated exchange with the real candles, its clock half an hour after the last of them."""
    market = GivenMarket("BTCUSDT", real_candles)
    exchange = SimulatedExchange([market], clock=Clock(moment(NOW), frozen=True), weights=WeightMeter(limit=None))
    with serve(exchange) as server:
        yield server


@pytest.fixture(scope="session")
def real_client(real_exchange: RunningServer) -> Iterator[BinanceClient]:
    """The real client of it."""
    client = BinanceClient([real_exchange.url], RetryPolicy(seconds=10))
    yield client
    client.close()


class RealRun(NamedTuple):
    """What a full backfill and aggregation left behind."""

    database: Database
    filled: BackfillReport
    aggregated: AggregationReport
    tables: Tables


def _run(database: Database, client: BinanceClient) -> RealRun:
    filled, aggregated = fill(database, client), work_out(database, client)
    return RealRun(database, filled, aggregated, tables(database))


@pytest.fixture(scope="session")
def real_on_sqlite(real_client: BinanceClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRun]:
    """The whole history on SQLite. Shared: tests only read it."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('real') / 'candles.sqlite3'}", patient())
    yield _run(database, real_client)
    database.close()


@pytest.fixture(scope="session")
def real_on_mariadb(real_client: BinanceClient, mariadb_server_url: str) -> Iterator[RealRun]:
    """The whole history on MariaDB. Shared: tests only read it."""
    name = f"btc_real_{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(mariadb_server_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    url = make_url(mariadb_server_url).set(database=name).render_as_string(hide_password=False)
    database = Database(url, patient())
    yield _run(database, real_client)
    database.close()
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name}")


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.server)])
def real_run(request: pytest.FixtureRequest) -> RealRun:
    """The whole history on either."""
    run: RealRun = request.getfixturevalue(f"real_on_{request.param}")
    return run


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database of either kind, without a table."""
    database = Database(database_url, patient())
    yield database
    database.close()


@pytest.fixture
def on_file(sqlite_url: str) -> Iterator[Database]:
    """An SQLite file, not made yet."""
    database = Database(sqlite_url, patient())
    yield database
    database.close()


@pytest.fixture
def on_server(mariadb_url: str) -> Iterator[Database]:
    """A MariaDB database without a table."""
    database = Database(mariadb_url, patient())
    yield database
    database.close()
