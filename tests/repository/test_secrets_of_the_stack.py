"""What the stack's first service writes into volumes, run as its container runs it, in a folder of the test's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

ROOT = Path(__file__).resolve().parents[2]
INIT = ROOT / "docker" / "secrets" / "init.py"
SECRET = "hunter2-is-secret"


def test_proxies_come_as_files_and_are_emptied_when_they_are_no_longer_set(tmp_path: Path) -> None:
    for folder in ("airflow", "database", "mariadb", "postgres", "redis"):
        (tmp_path / folder).mkdir()
    given = tmp_path / "given"
    code = (
        f"import runpy; names = runpy.run_path({str(INIT)!r}); main = names['main']\n"
        f"from pathlib import Path; main.__globals__.update(GIVEN=Path({str(given)!r}), ROOT=Path({str(tmp_path)!r}))\n"
        "main()"
    )
    settings = {
        "BIND_ADDRESS": "127.0.0.1",
        "DB_HOST": "",
        "AIRFLOW_USER": "",
        "DB_SSL_CA": "",
        "PATH": os.environ["PATH"],
    }
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


def given_to_stack(content: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """`docker/secrets/init.py` over what Compose writes for it, in a folder instead of the volumes."""
    (folder / "given").write_bytes(content.encode())
    for name in ("mariadb", "database", "airflow", "postgres", "redis"):
        (folder / "secrets" / name).mkdir(parents=True, exist_ok=True)
    script = (
        f"import runpy, pathlib; m = runpy.run_path({str(INIT)!r}); "
        f"g = m['main'].__globals__; g['GIVEN'] = pathlib.Path({str(folder / 'given')!r}); "
        f"g['ROOT'] = pathlib.Path({str(folder / 'secrets')!r}); m['main']()"
    )
    environment = {"DB_HOST": "", "BIND_ADDRESS": "127.0.0.1", "AIRFLOW_USER": ""}
    return subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("password", [" lead", "pa${ss}=word", "Пароль-2024", "a\u2028b\x0bc"])
def test_the_stack_keeps_a_given_password_as_it_is(password: str, tmp_path: Path) -> None:
    done = given_to_stack(f"DB_PASSWORD={password}\nAIRFLOW_PASSWORD=\nAIRFLOW_DB_PASSWORD={password}\n", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "secrets/database/db_password").read_bytes() == password.encode()
    connection = (tmp_path / "secrets/airflow/sql_alchemy_conn").read_text()
    assert f"airflow:{quote(password, safe='')}@" in connection


@pytest.mark.parametrize("password", [f"a\n{SECRET}", f"a\nAIRFLOW_PASSWORD={SECRET}", f"{SECRET}\r", "a\nb=c"])
def test_the_stack_refuses_a_password_with_a_line_break(password: str, tmp_path: Path) -> None:
    done = given_to_stack(f"DB_PASSWORD={password}\nAIRFLOW_PASSWORD=\nAIRFLOW_DB_PASSWORD=\n", tmp_path)
    assert done.returncode == 1
    assert "a password holds a line break" in done.stderr
    assert list((tmp_path / "secrets/database").iterdir()) == []
