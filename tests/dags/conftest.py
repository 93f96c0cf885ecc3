"""The DAGs as Airflow sees them: described by the interpreter that has Airflow, which the project's own has not."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any, TypeAlias

import pytest

ROOT = Path(__file__).parents[2]
Described: TypeAlias = dict[str, Any]


def describe(folder: Path, **settings: str) -> Described:
    """Return what `describe.py` found, with settings of the stack."""
    python = os.environ.get("AIRFLOW_PYTHON")
    candidate = Path(python) if python else ROOT / ".venv-airflow" / "bin" / "python"
    if not python and not candidate.exists():
        pytest.skip("no Airflow here: `make airflow-venv` installs it")
    found = folder / "dags.json"
    environment = {"PATH": os.environ["PATH"], "AIRFLOW_HOME": str(folder), "HOME": str(folder), **settings}
    command = [str(candidate), str(Path(__file__).parent / "describe.py"), str(found)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    described: Described = json.loads(found.read_text())
    return described


@pytest.fixture(scope="session", params=["docker", "local"])
def described(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Described:
    """All DAGs, with either way to run a job."""
    folder = tmp_path_factory.mktemp("airflow")
    return {"runner": request.param} | describe(
        folder, AIRFLOW_JOB_RUNNER=request.param, SYMBOLS="BTCUSDT,ETHUSDT", DB_PASSWORD="a-password-to-look-for"
    )


@pytest.fixture
def describe_with(tmp_path: Path) -> Any:
    """Describe the DAGs with other settings."""
    return lambda **settings: describe(tmp_path, **settings)
