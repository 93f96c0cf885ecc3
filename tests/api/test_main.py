"""`uvicorn api.main:app` as its users start it: a wrong setting, a stop, and what it logs."""

from __future__ import annotations

import importlib
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from fastapi import FastAPI
from sqlalchemy.engine import make_url

from exchange_simulator import GeneratedMarket
from exchange_simulator.faults import Latency
from tests.api.conftest import MakeWorld
from tests.api.world import KLINES, Process, World, environment
from tests.storage.accounts import Admin, five

SECRET = "h0rse-battery"


@pytest.fixture
def started() -> Iterator[list[Process]]:
    processes: list[Process] = []
    yield processes
    for process in processes:
        process.kill()


def start(started: list[Process], folder: Path, **settings: str) -> Process:
    started.append(Process(settings, folder))
    return started[-1]


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("WINDOWS", "5,x", "error: WINDOWS must hold whole numbers of sessions from 1 to 365"),
        ("SESSION_TIMEZONE", "Mars/Base", "error: SESSION_TIMEZONE must be a time zone such as Europe/Moscow"),
        ("DATABASE_URL", f"postgresql://me:{SECRET}@host/db", "error: DATABASE_URL must begin with one of"),
        ("DATABASE_URL", f"mysql+pymysql://me:{SECRET}@host:port/db", "error: DATABASE_URL must be"),
        ("DATABASE_URL", f"mysql+pymysql://me:x@{SECRET}@host:3306/db", "error: DATABASE_URL must be"),
    ],
)
def test_a_wrong_setting_ends_it_at_once_with_one_plain_line(
    started: list[Process], tmp_path: Path, name: str, value: str, line: str
) -> None:
    code, out, err = start(started, tmp_path, **{name: value}).end()
    assert (code, out) == (2, "")
    assert err.startswith(line)
    assert err.count("\n") == 1
    assert SECRET not in err


def test_it_answers_and_ends_in_order_with_requests_under_way(
    world: World, started: list[Process], tmp_path: Path
) -> None:
    process = start(started, tmp_path, **world.names)
    process.await_start()
    assert requests.get(f"{process.url}/statistics", timeout=10).json()["count"] == 30
    assert requests.get(f"{process.url}/docs", timeout=10).status_code == 200
    head = requests.head(f"{process.url}/statistics", timeout=10)
    assert (head.status_code, int(head.headers["content-length"]) > 1000) == (200, True)
    world.exchange.order(Latency(ms=800))
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(requests.get, f"{process.url}/today", timeout=30)
        while world.asked(KLINES) == 0 and world.asked() == 0:
            time.sleep(0.01)
        process.terminate()
        assert under_way.result().json()["source"] == "exchange"
    code, _, err = process.end()
    assert code in {0, -15}  # uvicorn passes the signal on once it is done
    assert "Traceback" not in err
    assert "Error" not in err
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{process.url}/healthz", timeout=5)


def test_a_refused_database_is_no_traceback_in_the_log_and_shows_no_password(
    started: list[Process], tmp_path: Path
) -> None:
    url = f"mysql+pymysql://me:{SECRET}@127.0.0.1:1/db"
    process = start(started, tmp_path, DATABASE_URL=url, BINANCE_URLS="http://127.0.0.1:1")
    process.await_start()
    for path in ("/statistics", "/today", "/readyz"):
        answer = requests.get(process.url + path, timeout=20)
        assert (answer.status_code, SECRET in answer.text) == (503, False)
    process.terminate()
    _, out, err = process.end()
    assert "can't be reached" in err
    assert "Traceback" not in err
    assert SECRET not in out + err


def test_a_traceback_of_the_server_shows_no_password(tmp_path: Path) -> None:
    script = (
        "import logging, uvicorn\n"
        "uvicorn.Config('api.main:app').load()\n"
        "for name in ('uvicorn.error', 'uvicorn.access', 'another'):\n"
        "    try: raise RuntimeError('it said SECRET')\n"
        "    except RuntimeError: logging.getLogger(name).exception('%s', 'SECRET')\n"
        "raise ValueError('SECRET')\n"
    ).replace("SECRET", SECRET)
    settings = {"DATABASE_URL": f"mysql://me:{SECRET}@127.0.0.1:1/db"}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, env=environment(settings), capture_output=True, text=True)
    assert done.stderr.count("RuntimeError: it said ***") == 2
    assert "ERROR uvicorn.access: a line that can't be written" in done.stdout  # it needs a request's five fields
    assert "ValueError: ***" in done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_a_service_link_does_not_keep_it_from_serving(world: World, started: list[Process], tmp_path: Path) -> None:
    process = start(started, tmp_path, **world.names, API_PORT="tcp://10.96.7.12:8000", DB_PORT="tcp://10.96.7.13:3306")
    process.await_start()
    assert requests.get(f"{process.url}/statistics", timeout=10).status_code == 200


def test_a_client_does_not_hear_where_the_database_lies(started: list[Process], tmp_path: Path) -> None:
    process = start(started, tmp_path)
    process.await_start()
    answer = requests.get(f"{process.url}/statistics", timeout=20)
    assert (answer.status_code, answer.json()["detail"]) == (
        503,
        "the database holds nothing yet: run btc-volatility backfill",
    )
    process.terminate()
    _, _, err = process.end()
    assert f"SQLite file {tmp_path / 'data' / 'btc_volatility.sqlite3'} (no .env in {tmp_path} was read)" in err


def test_the_entry_point_serves_the_settings_of_the_environment(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in world.names.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, "api.main", raising=False)
    app = importlib.import_module("api.main").app
    assert isinstance(app, FastAPI)
    monkeypatch.setenv("WINDOWS", "0")
    monkeypatch.delitem(sys.modules, "api.main")
    with pytest.raises(SystemExit) as ended:
        importlib.import_module("api.main")
    assert ended.value.code == 2


@pytest.mark.server
@pytest.mark.parametrize("password", ["Пароль-2024", "a@b:c/d#e[f]g?h", "p%40ss%word"])
def test_it_logs_in_with_any_password(
    *, password: str, mariadb_url: str, make_world: MakeWorld, market: GeneratedMarket,
    started: list[Process], tmp_path: Path,
) -> None:  # fmt: skip
    world = make_world(market, database_url=mariadb_url, HISTORY_START="2019-02-20")
    world.run_jobs()
    admin = Admin(mariadb_url)
    admin.account("kir", f"IDENTIFIED BY {admin.quoted(password)}", str(make_url(mariadb_url).database))
    login = five(mariadb_url, DB_USER="kir", DB_PASSWORD=password)
    process = start(started, tmp_path, **world.names | {"DATABASE_URL": ""} | login)
    process.await_start()
    answers = [requests.get(f"{process.url}/{path}", timeout=20) for path in ("statistics", "today", "readyz")]
    process.terminate()
    _, out, err = process.end()
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert password not in out + err + "".join(answer.text for answer in answers)
