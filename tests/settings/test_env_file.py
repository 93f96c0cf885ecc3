"""`.env` is read by Compose's rule: the same values, and what Compose refuses is refused with file and line.

`tests/compose/test_env_file_in_compose.py` asks Compose itself about the same files.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.env_files import CORPUS, ENVIRONMENT, REFUSED_BY_BOTH, REFUSED_HERE
from volatility.domain.errors import SettingError
from volatility.settings.env_file import read_env_file

ROOT = Path(__file__).parents[2]
SECRET = "hunter2-is-secret"


@pytest.mark.parametrize(("content", "expected"), CORPUS)
def test_a_file_says_what_compose_makes_of_it(content: bytes, expected: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(content)
    found = read_env_file(tmp_path / ".env", ENVIRONMENT)
    assert found is not None
    assert {name: value for name, value in found.values.items() if name in expected} == expected


@pytest.mark.parametrize(("content", "line", "reason"), REFUSED_BY_BOTH + REFUSED_HERE)
def test_what_cannot_be_read_is_named_by_file_and_line(
    content: bytes, line: int, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".env").write_bytes(content)
    with pytest.raises(SettingError) as caught:
        read_env_file(Path(".env"), ENVIRONMENT)
    message = str(caught.value)
    assert f"line {line} " in message
    assert message.startswith(".env ")
    assert reason in message
    assert "hunter2" not in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (f"DB_PASSWORD={SECRET}\n".encode("utf-16"), "UTF-16"),
        (f"DB_PASSWORD={SECRET}\n".encode("utf-16-be"), "is not of the form"),
        (f"DB_PASSWORD=é{SECRET}\n".encode("latin-1"), "line 1 is not UTF-8 text"),
        (f"# Заметка\nDB_PASSWORD=П{SECRET}\n".encode("cp1251"), "line 2 is not UTF-8 text"),
        (b"A=1\n" * 300_000, "larger than 1 MB"),
    ],
)
def test_a_file_of_another_kind_is_named(content: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(content)
    with pytest.raises(SettingError) as caught:
        read_env_file(tmp_path / ".env", {})
    assert reason in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_comment_may_be_in_any_encoding(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("# Заметка\nA=1".encode("cp1251"))
    assert read_env_file(tmp_path / ".env", {}) == ({"A": "1"}, ())


def test_a_folder_or_no_file_or_a_link_to_none_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("none", "folder", "link", "none/.env"):
        assert read_env_file(tmp_path / name, {}) is None


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").symlink_to(".env")
    with pytest.raises(SettingError, match=r"\.env can't be read: Too many levels of symbolic links"):
        read_env_file(tmp_path / ".env", {})


def test_a_variable_that_is_not_set_is_warned_of_without_its_name(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\nDB_PASSWORD=hunter$two\n")
    found = read_env_file(tmp_path / ".env", {})
    assert found is not None
    assert found.values["DB_PASSWORD"] == "hunter"
    (warning,) = found.warnings
    assert "line 2: a variable that is not set is taken as empty" in warning
    assert "single quotes" in warning
    assert "two" not in warning


def test_a_command_runs_with_what_the_file_says(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A='pa${ss}word'\nB=file\nC=${B}s\n")
    command = [sys.executable, "-m", "volatility.settings", "printenv", "A", "B", "C"]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "B": "environment"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "pa${ss}word\nenvironment\nenvironments\n", "")
    (tmp_path / ".env").write_text(f"A=1\nDB_PASSWORD='{SECRET}\n")
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: .env line 2 opens a quote that is never closed\n"
