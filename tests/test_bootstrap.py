"""The one place where a database and an exchange are built: as the settings say, as patient as who asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange_simulator import Clock, GeneratedMarket, RunningServer, SimulatedExchange, serve
from exchange_simulator.presets import banned, too_many_requests, unavailable
from tests.support.clocks import FakeClock
from volatility.bootstrap import API, JOB, TERMINAL, Patience, open_database, open_exchange
from volatility.domain.errors import ExchangeError, SettingError
from volatility.settings import Settings
from volatility.storage.migrate import migrate

NOW = "2020-01-02T00:00:00Z"


def settings(folder: Path, server: RunningServer | None = None, **names: str) -> Settings:
    own = {"BINANCE_URLS": server.url} if server else {}
    return Settings.of({"DATABASE_URL": f"sqlite:///{folder / 'own.sqlite3'}", **own, **names})


@pytest.fixture
def exchange() -> SimulatedExchange:
    return SimulatedExchange([GeneratedMarket("BTCUSDT", gaps=False)], clock=Clock(NOW, frozen=True))


def asked(exchange: SimulatedExchange, patience: Patience, folder: Path, **names: str) -> tuple[int, FakeClock]:
    """How often an exchange that is away is asked for the time, and the clock that was slept by."""
    clock = FakeClock()
    with serve(exchange) as server:
        known = settings(folder, server, **names)
        database = open_database(known, patience)
        migrate(database)
        client = open_exchange(known, database, patience, clock.clock)
        try:
            with pytest.raises(ExchangeError):
                client.now_ms()
        finally:
            client.close()
            database.close()
    return len(exchange.requests()), clock


def test_the_database_is_the_one_that_the_settings_name(tmp_path: Path) -> None:
    database = open_database(settings(tmp_path))
    try:
        assert database.file == tmp_path / "own.sqlite3"
        assert database.file_is_missing
        migrate(database)
        assert not database.file_is_missing
    finally:
        database.close()


def test_a_url_that_is_none_is_said_before_anything_is_connected(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="DATABASE_URL"):
        open_database(Settings.of({"DATABASE_URL": f"mysql+pymysql://host:port/{tmp_path.name}"}))


def test_the_exchange_is_the_one_that_the_settings_name(exchange: SimulatedExchange, tmp_path: Path) -> None:
    with serve(exchange) as server:
        known = settings(tmp_path, server)
        database = open_database(known)
        client = open_exchange(known, database)
        try:
            migrate(database)
            assert client.urls == (server.url,)
            assert client.now_ms() >= exchange.clock.now_ms()
        finally:
            client.close()
            database.close()


def test_a_job_tries_as_long_as_the_settings_say(exchange: SimulatedExchange, tmp_path: Path) -> None:
    exchange.order(unavailable())
    requests, clock = asked(exchange, JOB, tmp_path, BINANCE_RETRY_SECONDS="20")
    assert requests > 2
    assert sum(clock.slept) == pytest.approx(20, abs=0.001)
    again = SimulatedExchange(list(exchange.markets.values()), clock=Clock(NOW, frozen=True))
    again.order(unavailable())
    assert asked(again, JOB, tmp_path, BINANCE_RETRY_SECONDS="0")[0] == 1


def test_a_terminal_tries_twice_and_the_api_once(exchange: SimulatedExchange, tmp_path: Path) -> None:
    exchange.order(unavailable())
    assert asked(exchange, TERMINAL, tmp_path)[0] == 2
    again = SimulatedExchange(list(exchange.markets.values()), clock=Clock(NOW, frozen=True))
    again.order(unavailable())
    requests, clock = asked(again, API, tmp_path)
    assert (requests, clock.slept) == (1, [])


@pytest.mark.parametrize("patience", [TERMINAL, API])
def test_who_looks_at_an_answer_does_not_wait_as_long_as_the_exchange_asks(
    exchange: SimulatedExchange, tmp_path: Path, patience: Patience
) -> None:
    exchange.order(too_many_requests(retry_after=30))
    _, clock = asked(exchange, patience, tmp_path)
    assert sum(clock.slept) < 5


def test_a_ban_is_remembered_in_the_database(exchange: SimulatedExchange, tmp_path: Path) -> None:
    exchange.order(banned(retry_after=120))
    requests, _ = asked(exchange, API, tmp_path)
    with serve(exchange) as server:
        known = settings(tmp_path, server)
        database = open_database(known, API)
        client = open_exchange(known, database, API)
        try:
            with pytest.raises(ExchangeError, match="banned"):
                client.now_ms()
        finally:
            client.close()
            database.close()
    assert len(exchange.requests()) == requests == 1
