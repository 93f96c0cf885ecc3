"""The same files through `docker compose config` and through us. It needs Compose alone, no engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.env_files import CORPUS, ENVIRONMENT, REFUSED_BY_BOTH, REFUSED_HERE

_ASKED = ("A", "B", "C", "D", "SYMBOLS", "DB_PASSWORD")
_COMPOSE = """\
name: asked
services:
  asked:
    image: none
    environment:
""" + "".join(f'      {name}: "${{{name}-<unset>}}"\n' for name in _ASKED)


def has_compose() -> bool:
    docker = shutil.which("docker")
    return docker is not None and subprocess.run([docker, "compose", "version"], capture_output=True).returncode == 0


if not has_compose():
    pytest.skip("needs Docker's Compose", allow_module_level=True)


def in_compose(folder: Path, content: bytes) -> dict[str, str] | None:
    """What Compose makes of a file, None where it refuses it."""
    folder.mkdir()
    (folder / ".env").write_bytes(content)
    (folder / "compose.yaml").write_text(_COMPOSE)
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **ENVIRONMENT}
    command = ["docker", "compose", "config", "--format", "json"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    if done.returncode:
        return None
    shown: dict[str, str] = json.loads(done.stdout)["services"]["asked"]["environment"]
    return {name: value.replace("$$", "$") for name, value in shown.items() if value != "<unset>"}


def all_in_compose(folder: Path, contents: list[bytes]) -> list[dict[str, str] | None]:
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda each: in_compose(folder / str(each[0]), each[1]), enumerate(contents)))


def test_compose_makes_the_same_of_every_file(tmp_path: Path) -> None:
    answers = all_in_compose(tmp_path, [content for content, _ in CORPUS])
    for (content, expected), answer in zip(CORPUS, answers, strict=True):
        assert answer == {"D": ENVIRONMENT["D"]} | expected, content


def test_compose_refuses_what_is_said_to_be_refused_by_both(tmp_path: Path) -> None:
    answers = all_in_compose(tmp_path, [content for content, _, _ in REFUSED_BY_BOTH])
    assert answers == [None] * len(REFUSED_BY_BOTH)


def test_compose_guesses_where_only_we_refuse(tmp_path: Path) -> None:
    answers = all_in_compose(tmp_path, [content for content, _, _ in REFUSED_HERE])
    assert None not in answers
