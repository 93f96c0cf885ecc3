"""The way to the exchange as users meet it: the job's exit code and line, the API's answer, and the command of bans."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
import requests

from exchange_simulator import Clock as ExchangeClock
from exchange_simulator import GeneratedMarket, RunningServer, SimulatedExchange, WeightMeter, serve
from exchange_simulator.faults import Status
from tests.faults.conftest import HOURS, KLINES, Job
from tests.support import tables
from tests.support.network import HttpProxy, dripping, listening
from volatility.settings import DEFAULTS

SECRET = "Geheim2024"
# A machine whose clock is wrong by as many seconds as SHIFT says, as a faulty battery leaves it.
SHIFTED = "import os, time\n_true = time.time\ntime.time = lambda: _true() + float(os.environ['SHIFT'])\n"


def environment(**settings: str) -> dict[str, str]:
    """This process's environment without settings of its own."""
    mine = {*DEFAULTS, *(name.lower() for name in DEFAULTS)}
    kept = {name: value for name, value in os.environ.items() if name not in mine}
    return kept | {"PYTHONPATH": str(Path(__file__).parents[2])} | settings


def program(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The program as a process of its own."""
    code = "from volatility.cli import main; import sys; sys.exit(main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment(**settings),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=90,
    )


@contextmanager
def api(folder: Path, **settings: str) -> Iterator[str]:
    """The API as a process of its own."""
    code = "from volatility.cli import main; import sys; sys.exit(main(sys.argv[1:]))"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "serve", "--port", "0"],
        env=environment(**settings),
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr
        announced = (re.search(r"API on (http://\S+) ", line) for line in process.stderr)
        yield next(found[1] for found in announced if found)
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.fixture
def stored(job: Job) -> None:
    """Candles and sessions, fetched while all was well."""
    job("backfill").succeeded()
    job("aggregate").succeeded()


LOGINS = [f"ivan:Пар{SECRET}", f"ivan:ge[{SECRET}", f"ivan:ge/{SECRET}", f"ivan:ge {SECRET}", f"ivan:%zz{SECRET}"]


@pytest.mark.parametrize("login", LOGINS)
def test_a_job_says_one_line_without_the_login_of_its_proxy(
    login: str, settings: dict[str, str], tmp_path: Path
) -> None:
    with listening(HttpProxy("somebody:else")) as at:
        url = f"http://{login}@127.0.0.1:{at.port}"
        done = program(tmp_path, "backfill", **settings, HTTP_PROXY=url, LOG_LEVEL="DEBUG")
    assert done.returncode == (2 if login != LOGINS[0] else 1)
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert "HTTP_PROXY" in errors[0]
    assert "Traceback" not in done.stderr
    for part in (SECRET, "ivan", "Пар", "ge["):
        assert part not in done.stdout + done.stderr


def test_the_settings_of_the_network_count_in_a_file_too(settings: dict[str, str], tmp_path: Path) -> None:
    proxy = HttpProxy(f"ivan:{SECRET}")
    with listening(proxy) as at:
        (tmp_path / ".env").write_text(f"HTTP_PROXY=http://ivan:{SECRET}@127.0.0.1:{at.port}\n")
        done = program(tmp_path, "backfill", "--until", "2017-08-20", **settings)
    assert done.returncode == 0, done.stderr
    assert proxy.heard
    assert SECRET not in done.stdout + done.stderr


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    "value",
    [
        f"http://ivan:ge[{SECRET}@127.0.0.1:1",
        f"http://ivan:ge/{SECRET}@127.0.0.1:1",
        f"http://Иван:Пароль{SECRET}@127.0.0.1:1",
        f"http://ivan:{SECRET}@127.0.0.1:{{refusing}}",
        "socks://127.0.0.1:1",
        "http://127.0.0.1:1",
    ],
)
def test_the_api_serves_what_is_stored_where_a_proxy_is_wrong(
    value: str,
    settings: dict[str, str],
    tmp_path: Path,
) -> None:
    with listening(HttpProxy("somebody:else")) as at:
        proxy = value.replace("{refusing}", str(at.port))
        with api(tmp_path, **settings, HTTP_PROXY=proxy) as url:
            today = requests.get(f"{url}/today", timeout=30)
            statistics = requests.get(f"{url}/statistics", timeout=30)
    assert (today.status_code, statistics.status_code) == (200, 200), today.text
    assert today.json()["stale"] is True
    for part in (SECRET, "ivan", "Иван", "Пароль"):
        assert part not in today.text + statistics.text


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("first", [(), (b"HTTP/1.1 200 OK\r\n", b"X-A: "), (b"HTTP/1.1 200 OK\r\n\r\n[",)])
def test_the_api_does_not_hang_on_an_exchange_that_drips(
    first: tuple[bytes, ...],
    settings: dict[str, str],
    tmp_path: Path,
) -> None:
    with listening(dripping(*first, pause=0.3)) as at:
        changed = settings | {"BINANCE_URLS": f"http://127.0.0.1:{at.port}"}
        with api(tmp_path, **changed) as url:
            began = time.monotonic()
            today = requests.get(f"{url}/today", timeout=30)
            assert time.monotonic() - began < 10
    assert today.status_code == 200
    assert today.json()["stale"] is True


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_ban_ends_for_jobs_on_a_machine_whose_clock_is_wrong(
    hours: int, market: GeneratedMarket, sqlite_url: str, tmp_path: Path
) -> None:
    """FIELD 21: each job is a process of its own; the exchange's clock is the true one."""
    (tmp_path / "sitecustomize.py").write_text(SHIFTED)
    path = f"{tmp_path}{os.pathsep}{Path(__file__).parents[2]}"
    exchange = SimulatedExchange([market], clock=ExchangeClock(), weights=WeightMeter(None))
    with serve(exchange) as server:
        settings = {"BINANCE_URLS": server.url, "DATABASE_URL": sqlite_url, "HISTORY_START": "2026-01-01"}
        wrong = settings | {"PYTHONPATH": path, "SHIFT": str(hours * 3600)}
        until_ms = round(time.time() * 1000) + 20_000
        words = {"code": -1003, "msg": f"Way too much request weight used; IP banned until {until_ms}."}
        exchange.order(Status(status=418, body=words, headers={"Retry-After": "20"}, times=1, path=KLINES))
        first = program(tmp_path, "backfill", "--until", "2026-01-02", **wrong)
        heard = time.time()  # or a little earlier: the seconds count from then
        assert first.returncode == 1
        asked = len(exchange.requests())
        again = program(tmp_path, "backfill", "--until", "2026-01-02", **wrong)
        assert again.returncode == 1
        for done in (first, again):
            said = re.search(r"has banned this address until (\S+); nothing", done.stderr)
            assert said
            assert -2 <= datetime.fromisoformat(said[1]).timestamp() - until_ms / 1000 <= 22
        assert len(exchange.requests()) == asked
        time.sleep(max(0.0, heard + 21.5 - time.time()))
        assert program(tmp_path, "backfill", "--until", "2026-01-02", **wrong).returncode == 0
    assert len(tables.candles(sqlite_url)) == 24


def test_a_remembered_ban_is_shown_and_lifted(
    job: Job, exchange: SimulatedExchange, settings: dict[str, str], server: RunningServer
) -> None:
    assert server.url == settings["BINANCE_URLS"]
    assert job("bans").succeeded().stdout == "no ban is remembered\n"
    exchange.order(Status(status=418, body="tea", headers={"Retry-After": "99999999"}, times=1))
    assert "no ban is taken to be longer than 3 days" in job("backfill").failed().reason
    shown = job("bans", "--json").succeeded().report
    assert shown["banned"] is True
    assert 3 * 86400 - 60 < shown["seconds_left"] <= 3 * 86400
    assert "the exchange has banned this address until" in job("bans").succeeded().stdout
    asked = len(exchange.requests())
    job("backfill").failed()
    assert len(exchange.requests()) == asked
    assert json.loads(job("bans", "--lift", "--json").succeeded().stdout)["lifted"] is True
    assert job("bans", "--lift").succeeded().stdout == "no ban is remembered\n"
    assert job("backfill").succeeded().report["candles_written"] == HOURS
