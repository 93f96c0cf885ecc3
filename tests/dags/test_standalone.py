"""`make airflow`: the DAGs under `airflow standalone`, their jobs as local processes."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from exchange_simulator import GeneratedMarket, SimulatedExchange, serve

ROOT = Path(__file__).parents[2]
AIRFLOW = ROOT / ".venv-airflow" / "bin" / "airflow"
PATIENCE_S = 240


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def closed_sessions(file: Path) -> int:
    if not file.exists():
        return 0
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        (count,) = connection.execute("SELECT COUNT(*) FROM daily_sessions").fetchone()
    except sqlite3.OperationalError:  # the tables are still being made
        return 0
    finally:
        connection.close()
    return int(count)


@pytest.mark.timeout(PATIENCE_S + 60)
def test_sessions_appear_with_nothing_to_click_and_no_docker(tmp_path: Path) -> None:
    if not AIRFLOW.exists():
        pytest.skip("no Airflow here: `make airflow-venv` installs it")
    file, port = tmp_path / "candles.sqlite3", free_port()
    since = datetime.now(UTC) - timedelta(days=20)
    with serve(SimulatedExchange([GeneratedMarket("BTCUSDT")])) as exchange:
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(tmp_path), "AIRFLOW_FOLDER": str(tmp_path / "airflow"),
            "AIRFLOW_PORT": str(port), "DATABASE_URL": f"sqlite:///{file}", "BINANCE_URLS": exchange.url,
            "HISTORY_START": f"{since:%Y-%m-%d}",
        }  # fmt: skip
        with (tmp_path / "log").open("w") as log:
            standalone = subprocess.Popen(
                [ROOT / "tools" / "airflow-standalone"], env=environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            deadline = time.monotonic() + PATIENCE_S
            while closed_sessions(file) < 19 and time.monotonic() < deadline:
                assert standalone.poll() is None, (tmp_path / "log").read_text()[-3000:]
                time.sleep(1)
            assert closed_sessions(file) in {19, 20}, (tmp_path / "log").read_text()[-3000:]
            assert requests.get(f"http://127.0.0.1:{port}/api/v2/monitor/health", timeout=10).status_code == 200
        finally:
            os.killpg(standalone.pid, signal.SIGTERM)
            try:
                standalone.wait(timeout=30)
            finally:
                os.killpg(standalone.pid, signal.SIGKILL) if standalone.poll() is None else None
