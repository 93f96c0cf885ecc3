"""`tools/airflow-standalone` hands Airflow the settings of `.env` as every other program here reads them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = ("DB_PASSWORD", "SYMBOLS", "AIRFLOW__API__PORT", "JOB_PYTHON", "AIRFLOW_HOME")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The script with this Python beside it, and an Airflow that says what it was started with."""
    for folder in ("tools", ".venv/bin", ".venv-airflow/bin"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "tools" / "airflow-standalone", tmp_path / "tools")
    (tmp_path / "volatility").symlink_to(ROOT / "volatility")
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    airflow = tmp_path / ".venv-airflow" / "bin" / "airflow"
    printed = "".join(f'printf "{name}=%s\\n" "${name}"\n' for name in NAMES)
    airflow.write_text(f'#!/bin/sh\n[ "$1" = standalone ] || exit 0\n{printed}')
    for file in (python, airflow):
        file.chmod(0o755)
    return tmp_path


def started(project: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(project), **settings}
    return subprocess.run([project / "tools" / "airflow-standalone"], env=environment, capture_output=True, text=True)


def test_it_starts_without_a_file_of_settings(project: Path) -> None:
    done = started(project, SYMBOLS="BTCUSDT")
    assert (done.returncode, done.stderr) == (0, "Airflow: http://127.0.0.1:8080\n")
    assert "SYMBOLS=BTCUSDT\n" in done.stdout
    assert f"JOB_PYTHON={project}/.venv/bin/python\n" in done.stdout


def test_the_file_is_read_by_the_one_rule_and_the_environment_goes_before(project: Path) -> None:
    (project / ".env").write_text("DB_PASSWORD='pa${ss}$$ '\nSYMBOLS: ETHUSDT\nAIRFLOW_PORT=8081\n")
    done = started(project, SYMBOLS="BTCUSDT")
    assert (done.returncode, done.stderr) == (0, "Airflow: http://127.0.0.1:8081\n")
    assert "DB_PASSWORD=pa${ss}$$ \n" in done.stdout
    assert "SYMBOLS=BTCUSDT\n" in done.stdout
    assert "AIRFLOW__API__PORT=8081\n" in done.stdout


def test_a_line_that_cannot_be_read_stops_it(project: Path) -> None:
    (project / ".env").write_text("SYMBOLS=ETHUSDT\nDB_PASSWORD='hunter2\n")
    done = started(project)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: .env line 2 opens a quote that is never closed\n"
