"""What the stack's first service writes into volumes, run as its container runs it, in a folder of the test's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INIT = ROOT / "docker" / "secrets" / "init.py"


def test_proxies_come_as_files_and_are_emptied_when_they_are_no_longer_set(tmp_path: Path) -> None:
    for folder in ("airflow", "database", "mariadb", "postgres", "redis"):
        (tmp_path / folder).mkdir()
    given = tmp_path / "given"
    code = (
        f"import runpy; names = runpy.run_path({str(INIT)!r}); main = names['main']\n"
        f"from pathlib import Path; main.__globals__.update(GIVEN=Path({str(given)!r}), ROOT=Path({str(tmp_path)!r}))\n"
        "main()"
    )
    settings = {"BIND_ADDRESS": "127.0.0.1", "DB_HOST": "", "AIRFLOW_USER": "airflow", "PATH": os.environ["PATH"]}
    url = "http://ivan:p%40ss=word@proxy.corp:3128"
    for value in (url, ""):
        given.write_text(
            f"DB_PASSWORD=\nAIRFLOW_PASSWORD=\nAIRFLOW_DB_PASSWORD=\nHTTPS_PROXY={value}\nHTTP_PROXY=\nALL_PROXY=\n"
        )
        subprocess.run([sys.executable, "-c", code], env=settings, check=True)
        assert (tmp_path / "database" / "https_proxy").read_text() == value
        assert (tmp_path / "database" / "all_proxy").read_text() == ""
    compose = (ROOT / "docker-compose.yaml").read_text()
    assert compose.count("HTTPS_PROXY=${https_proxy:-${HTTPS_PROXY:-}}") == 1
    assert "HTTPS_PROXY: " not in compose, "an environment that docker inspect shows"
