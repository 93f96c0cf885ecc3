"""A checkout that installs in seconds, and environments to install into."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.install import wheels

ROOT = Path(__file__).parents[2]
PYPROJECT = """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "btc-volatility"
version = "1"
scripts = {btc-volatility = "alpha:main"}

[tool.setuptools]
packages = []
"""


def plain_environment(**more: str) -> dict[str, str]:
    """Return this process's environment without what a virtual environment or pytest added."""
    left = {"VIRTUAL_ENV", "PYTHON", "MAKEFLAGS", "MAKELEVEL"}
    return {name: value for name, value in os.environ.items() if name not in left} | more


def beside(folder: Path) -> dict[str, str]:
    """Return the settings by which pip and uv see a folder of wheels beside the index."""
    links = f"{os.environ.get('PIP_FIND_LINKS', '')} {folder}".strip()
    return {"PIP_FIND_LINKS": links, "UV_FIND_LINKS": str(folder)}


@dataclass
class Checkout:
    """A clone of a repository with this one's tools and requirements of its own."""

    folder: Path
    wheels: Path

    def require(self, what: str, *lines: str) -> None:
        """Write a requirements file."""
        (self.folder / f"requirements-{what}.txt").write_text("".join(lines))

    def wheel(self, name: str, version: str = "1", needs: tuple[str, ...] = (), size: int = 0) -> str:
        """Add a release to the folder of wheels, and return its pin."""
        return wheels.wheel(self.wheels, name, version, needs=needs, size=size)

    def command(self, what: str) -> list[str]:
        """Return the command by which make installs."""
        return [str(self.folder / "tools" / "make-venv"), what]

    def environment(self, **more: str) -> dict[str, str]:
        """Return an environment in which pip knows the folder of wheels only."""
        only = {"PIP_FIND_LINKS": str(self.wheels), "PIP_NO_INDEX": "1", "PYTHON": sys.executable}
        return plain_environment() | only | more

    def install(self, what: str = "airflow", **more: str) -> subprocess.CompletedProcess[str]:
        """Install as make does."""
        return subprocess.run(self.command(what), env=self.environment(**more), capture_output=True, text=True)

    def installed(self, what: str = "airflow") -> dict[str, str]:
        """Return what an environment holds, by asking its own Python."""
        ask = "import importlib.metadata as m\nfor d in m.distributions(): print(d.metadata['Name'], d.version)"
        python = self.folder / {"airflow": ".venv-airflow"}.get(what, ".venv") / "bin" / "python"
        said = subprocess.run([python, "-I", "-c", ask], capture_output=True, text=True, check=True).stdout
        return dict(line.split() for line in said.splitlines() if line.split()[0] not in {"pip", "setuptools"})


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout that pins alpha and beta 1, while 999 of both is there."""
    folder = tmp_path / "a checkout with blanks"
    shutil.copytree(ROOT / "tools", folder / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "pyproject.toml").write_text(PYPROJECT)
    made = Checkout(folder, tmp_path / "wheels")
    made.wheels.mkdir()
    for name in ("alpha", "beta", "gamma"):
        made.wheel(name, wheels.NEWEST)
    made.require("airflow", made.wheel("alpha", needs=("beta[toml]>=1",)), made.wheel("beta"))
    return made


def setuptools() -> str:
    """Return the pin of setuptools, as this repository has it."""
    found = re.search(r"^setuptools==.*?(?=^\S)", (ROOT / "requirements-run.txt").read_text(), re.MULTILINE | re.DOTALL)
    assert found
    return "\n".join(line for line in found[0].splitlines() if "#" not in line) + "\n"
