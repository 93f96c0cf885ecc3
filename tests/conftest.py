"""What all tests share: databases to test with, and the real candles."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from tests.support_mariadb import MariaDBServer, ServerUnavailable

ROOT = Path(__file__).resolve().parent.parent
_SERVER_SETTING = "TEST_DATABASE_URL"
CANDLES_FILE = "btcusdt_1h_2017_2023.csv.gz"
hypothesis.settings.register_profile("untimed", deadline=None)  # a busy machine makes no number wrong
hypothesis.settings.load_profile("untimed")

# What `make test-fast` leaves out besides tests with a server: HTTP, real time-outs, processes of their own, long
# histories, runs that are killed.
SLOW = (
    "api/test_analytics.py",
    "api/test_analytics_odds.py",
    "api/test_caching.py",
    "api/test_closed_sessions.py",
    "api/test_concurrency.py",
    "api/test_forecast.py",
    "api/test_freshness.py",
    "api/test_main.py",
    "api/test_one_market.py",
    "api/test_paths.py",
    "api/test_prefix.py",
    "api/test_preparation.py",
    "api/test_problem_kinds.py",
    "api/test_problems.py",
    "api/test_quality.py",
    "api/test_questions.py",
    "api/test_today.py",
    "cli/test_analytics.py",
    "cli/test_bad_input.py",
    "cli/test_forecast.py",
    "cli/test_jobs.py",
    "cli/test_processes.py",
    "cli/test_surroundings.py",
    "cli/test_views.py",
    "coins/",
    "compose/",
    "dags/",
    "exchange/test_client_faults.py",
    "exchange/test_network.py",
    "exchange/test_socks.py",
    "exchange/test_transport.py",
    "exchange/test_trust.py",
    "exchange_simulator/test_demo.py",
    "exchange_simulator/test_generated.py",
    "exchange_simulator/test_main.py",
    "exchange_simulator/test_minutes.py",
    "faults/",
    "install/",
    "jobs/test_aggregate.py",
    "jobs/test_at_once.py",
    "jobs/test_backfill.py",
    "jobs/test_forecast.py",
    "jobs/test_forecast_scores.py",
    "jobs/test_properties.py",
    "jobs/test_real_history.py",
    "jobs/test_recording.py",
    "queries/test_odd_histories.py",
    "queries/test_scorecard.py",
    "repository/test_readme.py",
    "repository/test_shell.py",
    "secrets/",
    "server/test_commands.py",
    "server/test_refresher.py",
    "storage/test_migrate.py",
)


def is_slow(path: Path) -> bool:
    """Whether a test file is slow as a whole."""
    return path.is_relative_to(ROOT / "tests") and path.relative_to(ROOT / "tests").as_posix().startswith(SLOW)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where slow tests are left out, their files are not even read: that alone takes ten seconds."""
    return True if "not slow" in config.option.markexpr and is_slow(collection_path) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow."""
    for item in items:
        if is_slow(item.path) or item.get_closest_marker("real_data"):
            item.add_marker("slow")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Sockets are blocked but for this machine's own, and for the server that TEST_DATABASE_URL names.

    Started in the background of a script, a process ignores Ctrl+C, and so would all that the tests start.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    host = make_url(os.environ[_SERVER_SETTING]).host if os.environ.get(_SERVER_SETTING) else None
    if host and config.option.allow_hosts:
        config.option.allow_hosts += f",{host}"


@pytest.fixture(scope="session")
def mariadb_server_url() -> Iterator[str]:
    """A MariaDB where databases may be made: the one that TEST_DATABASE_URL names, else one started here."""
    if named := os.environ.get(_SERVER_SETTING):
        yield named
        return
    with own_server() as server:
        yield server.url()


@contextmanager
def own_server(*options: str, kind: type[MariaDBServer] = MariaDBServer) -> Iterator[MariaDBServer]:
    """A server of one's own, for tests that kill it or fill it; nothing of it stays behind."""
    server = kind(Path(tempfile.mkdtemp(prefix="btc-server-")), options)
    try:
        server.start()
        yield server
    except ServerUnavailable as error:
        pytest.fail(str(error), pytrace=False)
    finally:
        server.remove()


@pytest.fixture
def mariadb_url(mariadb_server_url: str) -> Iterator[str]:
    """A fresh, empty database on the MariaDB."""
    name = f"btc_test_{os.getpid()}_{uuid.uuid4().hex[:12]}"
    server = make_url(mariadb_server_url)
    _execute(mariadb_server_url, f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    yield server.set(database=name).render_as_string(hide_password=False)
    _execute(mariadb_server_url, f"DROP DATABASE IF EXISTS {name}")


def _execute(url: str, statement: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"ssl_disabled": True, "read_timeout": 60})
    with engine.begin() as connection:
        connection.exec_driver_sql("SET SESSION lock_wait_timeout = 30")  # a leaked connection must not hang the tests
        connection.exec_driver_sql(statement)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'candles.sqlite3'}"


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.server)])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of either kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real candles."""
    folder = Path(os.environ.get("BTC_REAL_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / CANDLES_FILE).is_file():
        pytest.skip(f"no real candles in {folder}; BTC_REAL_DATA names the folder")
    return folder


@pytest.fixture(scope="session")
def real_candles(real_data: Path) -> Path:
    """The file of real hourly candles; tests that use it carry the mark ``real_data``."""
    return real_data / CANDLES_FILE


@pytest.fixture(autouse=True)
def _secrets_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test keeps secret is not hidden in the next one's messages, and the hooks that hide it are undone."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr("volatility.domain.redaction._secrets", set())
