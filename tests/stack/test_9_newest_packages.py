"""Images built on a day when a newer release of every package is out hold exactly what is pinned."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.install import wheels
from tests.stack.stack import ROOT, docker

BASE = "btc-test-newest-base"
LIST = """\
import importlib.metadata, platform
print(platform.python_version())
for one in importlib.metadata.distributions():
    print(one.metadata["Name"].lower(), one.version)
"""


@pytest.mark.parametrize(
    ("dockerfile", "target", "file"),
    [("scripts", "build", "scripts"), ("api", "build", "api"), ("airflow", "venv-celery", "airflow-celery")],
)
def test_an_image_built_later_holds_exactly_what_is_pinned(
    dockerfile: str, target: str, file: str, tmp_path: Path
) -> None:
    wheels.newest_of_all(tmp_path / "newest")
    base = "FROM python:3.13-slim\nCOPY newest /newest\nENV PIP_FIND_LINKS=/newest\n"
    (tmp_path / "Dockerfile").write_text(base)
    text = (ROOT / f"{dockerfile}.Dockerfile").read_text().replace("FROM python:3.13-slim", f"FROM {BASE}")
    image = f"btc-test-newest-{dockerfile}"
    network = os.environ.get("STACK_BUILD_NETWORK", "default")
    try:
        docker("build", "-t", BASE, str(tmp_path))
        docker("build", "--network", network, "--target", target, "-t", image, "-f", "-", str(ROOT), given=text)
        said = docker("run", "--rm", "--entrypoint", "/opt/venv/bin/python", image, "-I", "-c", LIST)
    finally:
        docker("image", "rm", "--force", image, BASE, check=False)
    version, *lines = said.splitlines()
    installed = {re.sub(r"[-_.]+", "-", name): version for name, version in (one.split() for one in lines)}
    assert installed == wheels.pins(ROOT / f"requirements-{file}.txt", version)
