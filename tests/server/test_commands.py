"""The embedded mode: it answers within seconds, completes history, ends in order, and goes on when started again."""

from __future__ import annotations

import csv
import io
import os
import signal
import socket
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from exchange_simulator import GeneratedMarket, SimulatedExchange
from exchange_simulator.faults import Latency
from tests.cli.conftest import Call
from tests.cli.support import (
    COMMAND,
    KLINES,
    Outcome,
    assert_same,
    candles,
    free_port,
    get,
    serving,
    sessions,
    start,
    stopped,
    stored,
    until,
    windows,
)

LATER = "2018-04-01T00:30:00Z"
RUN = [*COMMAND, "run", "--port", "0"]


@pytest.fixture
def slow(exchange: SimulatedExchange) -> SimulatedExchange:
    """An exchange with half a year of candles, a page in a third of a second."""
    exchange.clock.set(LATER)
    exchange.order(Latency(ms=330, path=KLINES, after=3))
    return exchange


def count(url: str) -> int:
    """How many closed sessions the API has; 0 while it has none."""
    answer = get(f"{url}/sessions")
    assert answer.status_code in {200, 503}
    return int(answer.json()["count"]) if answer.status_code == 200 else 0


def closed_sessions(exchange: SimulatedExchange) -> dict[date, Any]:
    """All but the one that runs."""
    formed = sessions(candles(exchange))
    del formed[max(formed)]
    return formed


def test_run_answers_from_the_newest_sixty_days_then_has_all_of_history(
    slow: SimulatedExchange, settings: dict[str, str], tmp_path: Path, database_url: str
) -> None:
    wanted = closed_sessions(slow)
    newest = max(wanted)
    with serving(RUN, settings | {"DATABASE_URL": database_url}, tmp_path) as (process, url):
        until(lambda: count(url) > 0)
        assert count(url) in {59, 60}  # while history is still on its way
        first = get(f"{url}/statistics", days=1).json()
        assert first["simulated"] is True
        assert_same(first["sessions"][0], wanted[newest] | {"statistics": windows(wanted, newest)})
        assert get(f"{url}/today").json()["simulated"] is True
        until(lambda: count(url) == len(wanted))
        assert_same(get(f"{url}/sessions").json()["sessions"], list(wanted.values()))
        outcome, _ = stopped(process)
    assert stored(database_url) == candles(slow)
    assert (outcome.code, outcome.plain) == (0, [])
    assert "candles and 167 sessions written" in outcome.stderr
    assert "(simulated)" in outcome.stderr


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_during_the_first_backfill_ends_it_in_order_and_the_next_start_goes_on(
    by: signal.Signals, slow: SimulatedExchange, settings: dict[str, str], tmp_path: Path, database: str
) -> None:
    with serving(RUN, settings, tmp_path) as (process, url):
        until(lambda: count(url) > 0)
        outcome, seconds = stopped(process, by)
    assert (outcome.code, outcome.plain) == (0, [])
    assert "stopped in the middle; the next start goes on from there" in outcome.stderr
    assert seconds < 25
    kept = len(stored(database))
    assert 0 < kept < len(candles(slow))
    slow.clear()
    slow.forget_requests()
    with serving(RUN, settings, tmp_path) as (process, url):
        until(lambda: count(url) == len(closed_sessions(slow)))
        stopped(process)
    assert stored(database) == candles(slow)
    assert len(slow.requests(KLINES)) <= 8


@pytest.fixture
def interrupting() -> Iterator[list[threading.Thread]]:
    """Threads that talk to a server in this process and then interrupt it."""
    threads: list[threading.Thread] = []
    yield threads
    for thread in threads:
        thread.join(30)


def in_this_process(
    call: Call, command: str, threads: list[threading.Thread], ready: int, *more: str
) -> tuple[Outcome, list[Any]]:
    """Run a server here until it has some sessions, then interrupt it; what it answered last."""
    port, heard = free_port(), []

    def talk() -> None:
        url = f"http://127.0.0.1:{port}"
        try:
            until(lambda: _answers(url))
            until(lambda: count(url) >= ready)
            heard.append(get(f"{url}/sessions").json())
        finally:
            os.kill(os.getpid(), signal.SIGINT)

    threads.append(threading.Thread(target=talk))
    threads[-1].start()
    outcome = call(command, "--port", str(port), *more)
    return outcome, heard


def _answers(url: str) -> bool:
    try:
        return get(f"{url}/healthz").status_code == 200
    except OSError:
        return False


def test_run_and_serve_in_this_process(
    call: Call, exchange: SimulatedExchange, interrupting: list[threading.Thread]
) -> None:
    outcome, heard = in_this_process(call, "run", interrupting, 64)
    assert outcome.code == 0
    assert_same(heard[0]["sessions"], list(closed_sessions(exchange).values()))
    interrupting.pop().join(10)
    exchange.forget_requests()
    outcome, again = in_this_process(call, "serve", interrupting, 64)
    assert (outcome.code, again) == (0, heard)
    assert exchange.requests() == []


def test_demo_in_this_process(
    call: Call, interrupting: list[threading.Thread], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")  # to be put back: the demo sets it for its process
    outcome, heard = in_this_process(call, "demo", interrupting, 59, "--seed", "11")
    assert outcome.code == 0
    assert heard[0]["simulated"] is True
    assert outcome.stderr.startswith("SIMULATED candles from http://127.0.0.1:")
    wanted = sessions(candles(SimulatedExchange([GeneratedMarket("BTCUSDT", seed=11)])))  # another seed, another market
    assert_same(heard[0]["sessions"], [wanted[date.fromisoformat(one["date"])] for one in heard[0]["sessions"]])
    assert list(tmp_path.iterdir()) == []


def test_a_signal_while_the_database_is_waited_for_ends_it_too(settings: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"mysql+pymysql://u:p@127.0.0.1:{silent.getsockname()[1]}/d"
        process = start(RUN, settings | {"DATABASE_URL": url, "DATABASE_RETRY_SECONDS": "60"}, tmp_path)
        silent.settimeout(20)
        connection, _ = silent.accept()
        outcome, seconds = stopped(process)
        connection.close()
    assert (outcome.code, outcome.stderr) == (0, "")
    assert seconds < 25


def test_an_address_of_the_sixth_version_is_announced_as_one(
    settings: dict[str, str], tmp_path: Path, exchange: SimulatedExchange
) -> None:
    with serving([*COMMAND, "serve", "--host", "::1", "--port", "0"], settings, tmp_path) as (process, url):
        assert get(url.replace("localhost", "[::1]") + "/healthz").status_code == 200
        outcome, _ = stopped(process)
    assert (outcome.code, outcome.plain) == (0, [])
    assert exchange.requests() == []


AUDIT = """
import os, sys
def heard(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo"):
        address = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
        with open(os.environ["AUDIT"], "a") as file:
            file.write(f"{address[0] if isinstance(address, tuple) else address}\\n")
sys.addaudithook(heard)
"""


def test_the_demo_says_simulated_everywhere_and_touches_and_leaves_nothing(tmp_path: Path) -> None:
    folder, home, temporary = tmp_path / "site", tmp_path / "home", tmp_path / "tmp"
    for one in (folder, home, temporary):
        one.mkdir()
    (folder / "sitecustomize.py").write_text(AUDIT)
    named = tmp_path / "mine.sqlite3"
    settings = {
        "AUDIT": str(tmp_path / "addresses"),
        "TMPDIR": str(temporary),
        "DATABASE_URL": f"sqlite:///{named}",
        "DB_HOST": "db.example.org",
        "DB_USER": "u",
        "DB_NAME": "d",
        "BINANCE_URLS": "https://api.example.org",
        "HTTP_PROXY": "http://proxy.example.org:3128",
        "http_proxy": "http://proxy.example.org:3128",
        "no_proxy": "intranet.example.org",
        "PYTHONPATH": f"{folder}{os.pathsep}{Path(__file__).resolve().parents[2]}",
    }
    with serving([*COMMAND, "demo", "--port", "0"], settings, home) as (process, url):
        until(lambda: count(url) >= 59, 30)
        for path in ("/today", "/statistics", "/sessions"):
            assert get(url + path).json()["simulated"] is True
        assert all(symbol["simulated"] for symbol in get(f"{url}/symbols").json()["symbols"])
        assert all(symbol["simulated"] for symbol in get(f"{url}/readyz").json()["symbols"])
        rows = list(csv.DictReader(io.StringIO(get(f"{url}/statistics", format="csv").text)))
        assert {row["simulated"] for row in rows} == {"true"}
        assert [one.name.startswith("btc-volatility-demo-") for one in temporary.iterdir()] == [True]
        outcome, seconds = stopped(process)
    assert outcome.code == 0
    assert outcome.plain == []
    written = [line for line in outcome.stderr.splitlines() if " sessions written" in line]
    assert written
    assert all(line.endswith("(simulated)") for line in written)
    assert seconds < 25
    assert list(temporary.iterdir()) == []
    assert list(home.iterdir()) == []
    assert not named.exists()
    assert set((tmp_path / "addresses").read_text().split()) <= {"127.0.0.1", "::1"}
