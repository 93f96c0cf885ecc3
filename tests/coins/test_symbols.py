"""A symbol in Chinese goes through the whole program, on both databases; those of older tables too."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
import sqlalchemy as sa

from exchange_simulator import GeneratedMarket
from tests.api.world import World, to_ms
from tests.cli.support import AGGREGATE, BACKFILL, COMMAND, query, run, serving
from tests.coins.markets import COINS, Rescaled
from tests.storage.support import before_each_statement
from volatility.domain.retry import RetryPolicy
from volatility.storage.database import Database
from volatility.storage.migrate import check, migrate

CHINESE = "币安人生USDT"
NOW = "2017-10-20T13:37:41+00:00"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    (coin,) = (coin for coin in COINS if coin.symbol == CHINESE)
    market = Rescaled(coin, GeneratedMarket("BTCUSDT", gaps=False), to_ms(NOW))
    world = World([market], database_url, NOW, HISTORY_START="2017-09-01")
    yield world
    world.close()


def test_a_chinese_symbol_goes_from_the_exchange_to_every_answer(world: World, tmp_path: Path) -> None:
    settings = {**world.names, "BINANCE_RETRY_SECONDS": "0", "DATABASE_RETRY_SECONDS": "10"}
    filled = run([*BACKFILL, "--symbol", CHINESE], settings, tmp_path).done()
    assert filled.report["symbol"] == CHINESE
    assert run(AGGREGATE, settings, tmp_path).done().report["sessions_written"] == 49
    for table in ("symbols", "klines_hourly", "daily_sessions", "session_statistics", "aggregation_state"):
        assert query(world.names["DATABASE_URL"], f"SELECT DISTINCT symbol FROM {table}") == [(CHINESE,)]
    with serving([*COMMAND, "serve", "--port", "0"], settings, tmp_path) as (_, url):
        for path in ("statistics", "today", "sessions", "cone", "volatility", "seasonality", "forecast", "scorecard"):
            answer = requests.get(f"{url}/{path}?symbol={quote(CHINESE.lower())}", timeout=10)
            assert (answer.status_code, answer.json()["symbol"]) == (200, CHINESE)
        assert requests.get(f"{url}/symbols", timeout=10).json()["symbols"][0]["symbol"] == CHINESE
        csv_text = requests.get(f"{url}/sessions", params={"format": "csv"}, timeout=10).content.decode()
        assert csv_text.splitlines()[1].startswith(f"{CHINESE},2017-09-01,")
        metrics = requests.get(f"{url}/metrics", timeout=10).content.decode()
        assert f'btc_volatility_gap_hours{{symbol="{CHINESE}"}} 0.0' in metrics
        unknown = requests.get(f"{url}/today", params={"symbol": "币安USDT"}, timeout=10)
        assert unknown.status_code == 404
        assert unknown.json()["detail"] == f"symbol: must be one of {CHINESE}, got '币安USDT'"
    shown = json.loads(run([*COMMAND, "sessions", "--json"], settings, tmp_path).done().stdout)
    assert shown["sessions"][-1]["date"] == "2017-10-19"


def test_a_symbol_that_the_exchange_does_not_know_is_named(world: World, tmp_path: Path) -> None:
    settings = {**world.names, "BINANCE_RETRY_SECONDS": "0", "DATABASE_RETRY_SECONDS": "10"}
    said = run([*BACKFILL, "--symbol", "狗狗币USDT"], settings, tmp_path).failed(1)
    assert "Invalid symbol" in said


@pytest.mark.parametrize("symbol", ["BTC-USDT", "BTCUSDT_240329", "BTC/USDT", "ВТСUSDT"])
def test_what_no_exchange_would_name_so_is_refused_before_it_is_asked(
    world: World, tmp_path: Path, symbol: str
) -> None:
    said = run([*BACKFILL], {**world.names, "SYMBOLS": symbol}, tmp_path).failed(2)
    latin = "" if symbol.isascii() else ", Latin or Chinese"
    assert said == f"SYMBOLS must be a symbol such as BTCUSDT: 2 to 20 letters and digits{latin}, got {symbol!r}"
    assert world.asked() == 0


class Stopped(BaseException):
    """The process ended here."""


@pytest.fixture
def older(mariadb_url: str) -> Iterator[Database]:
    """A server's tables as the release before made them, with a candle."""
    database = Database(mariadb_url, RetryPolicy(10))
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "import sqlalchemy as sa\n"
        "from alembic import command\n"
        "from alembic.config import Config\n"
        "from volatility.storage import migrate\n"
        "config = Config()\n"
        "config.set_main_option('script_location', str(Path(migrate.__file__).parent / 'migrations'))\n"
        "with sa.create_engine(sys.argv[1], connect_args={'ssl_disabled': True}).begin() as connection:\n"
        "    config.attributes['connection'] = connection\n"
        "    command.upgrade(config, '0002')\n"
    )
    subprocess.run([sys.executable, "-c", script, mariadb_url], check=True, timeout=60)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO symbols VALUES ('BTCUSDT', '2017-08-17 04:00:00', 0)")
    yield database
    database.close()


SYMBOL_COLUMNS = "FROM information_schema.columns WHERE table_schema = DATABASE() AND column_name = 'symbol'"


def collations(database: Database) -> set[tuple[str, str]]:
    with database.engine.begin() as connection:
        rows = connection.execute(sa.text(f"SELECT character_set_name, collation_name {SYMBOL_COLUMNS}"))
        return {(row[0], row[1]) for row in rows}


def with_symbols(database: Database) -> int:
    """How many tables name a symbol."""
    with database.engine.begin() as connection:
        return int(connection.scalar(sa.text(f"SELECT count(*) {SYMBOL_COLUMNS}")) or 0)


@pytest.mark.server
def test_older_tables_take_chinese_symbols_wherever_their_migration_was_stopped(older: Database) -> None:
    assert collations(older) == {("ascii", "ascii_bin")}
    tables = with_symbols(older)
    for number in range(tables - 1):  # each time one table further: those that are done are not copied again
        altered: list[str] = []
        with before_each_statement(older, _stop_at_second(altered)), pytest.raises(Stopped):
            migrate(older)
        assert len(altered) == 2, number
    migrate(older)
    check(older)
    assert collations(older) == {("utf8mb4", "utf8mb4_bin")}
    with older.engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO symbols VALUES (:symbol, '2017-08-17 04:00:00', 0)"), {"symbol": CHINESE}
        )
        assert set(connection.scalars(sa.text("SELECT symbol FROM symbols"))) == {"BTCUSDT", CHINESE}


def _stop_at_second(altered: list[str]) -> Callable[[str], None]:
    """Let one table be altered."""

    def look(statement: str) -> None:
        if statement.startswith("ALTER"):
            altered.append(statement)
            if len(altered) == 2:
                raise Stopped

    return look
