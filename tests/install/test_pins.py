"""On any later day exactly what is pinned is installed: beside the index stands a newer release of everything.

Each Python installs with the pip that it brings. Which Pythons must be there INSTALL_PYTHONS says (CI: all three);
one that it does not name and that is not there is skipped, the one that runs the tests never.
"""

from __future__ import annotations

import ast
import importlib.metadata
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.install import wheels
from tests.install.conftest import ROOT, beside, plain_environment
from tests.install.wheels import pins

BIN = Path(sys.executable).parent
RUNNING = "{}.{}.{}".format(*sys.version_info[:3])
VERSIONS = ["3.11", "3.12", "3.13"]
DOCKERFILES = [*sorted(ROOT.glob("*.Dockerfile")), ROOT / "docs" / "kubernetes" / "Dockerfile"]


@pytest.fixture(scope="module")
def newest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The settings by which pip and uv see, beside the index, version 999 of everything."""
    return plain_environment(**beside(wheels.newest_of_all(tmp_path_factory.mktemp("newest"))))


def python(version: str) -> Path:
    """Return an interpreter: on PATH, or one of pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    on_path = shutil.which(f"python{version}")
    for found in [Path(sys.executable).resolve(), *pyenv.glob(f"{version}.*/bin/python"), Path(on_path or "/none")]:
        asked = subprocess.run([found, "-V"], capture_output=True, text=True) if found.exists() else None
        if asked and asked.returncode == 0 and asked.stdout.startswith(f"Python {version}."):
            return found
    assert version not in os.environ.get("INSTALL_PYTHONS", RUNNING.rpartition(".")[0]).split(), (
        f"Python {version} must be there"
    )
    pytest.skip(f"no Python {version} here")


def full(version: str) -> str:
    """Return the whole version of the Python that `python` finds."""
    return subprocess.run([python(version), "-V"], capture_output=True, text=True, check=True).stdout.split()[1]


def in_folder(environment: Path) -> dict[str, str]:
    """Return what lies in an environment's folder."""
    (packages,) = environment.glob("lib/python*/site-packages")
    found = importlib.metadata.distributions(path=[str(packages)])
    return {re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower(): one.version for one in found}


def planned(report: Path) -> dict[str, str]:
    """Return what pip would have installed, by its report."""
    metadata = [one["metadata"] for one in json.loads(report.read_text())["install"]]
    return {re.sub(r"[-_.]+", "-", one["name"]).lower(): one["version"] for one in metadata}


def install_commands(dockerfile: Path) -> list[str]:
    """Return the commands by which an image installs its packages."""
    text = dockerfile.read_text().replace("\\\n", " ")
    return [" ".join(one.split()) for one in re.findall(r"python -m pip [^&\n]* install [^&\n]*", text)]


def test_the_folder_beside_the_index_would_break_what_resolves(newest: dict[str, str], tmp_path: Path) -> None:
    """Without its options pip takes 999: the folder is seen."""
    report = tmp_path / "report.json"
    command: list[str | Path] = [
        BIN / "python",
        "-m",
        "pip",
        "install",
        "-q",
        "--dry-run",
        "--ignore-installed",
        "--report",
        str(report),
        "idna",
    ]
    subprocess.run(command, env=newest, check=True, capture_output=True)
    assert planned(report) == {"idna": wheels.NEWEST}


def test_make_run_installs_exactly_what_is_pinned(newest: dict[str, str], tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in tracked.split("\0"):
        if name.startswith(("tools/", "volatility/", "api/")) or "/" not in name:
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_file():
                shutil.copy2(ROOT / name, clone / name)
    done = subprocess.run(["make", "install-run"], cwd=clone, env=newest, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    installed = in_folder(clone / ".venv")
    assert installed.pop("pip") != wheels.NEWEST
    assert installed.pop("btc-volatility")
    assert installed == pins(ROOT / "requirements-run.txt", RUNNING)
    said = subprocess.run([clone / ".venv/bin/btc-volatility", "--version"], env={}, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr


@pytest.mark.parametrize("version", VERSIONS)
def test_the_pip_of_each_python_takes_exactly_what_make_run_pins(
    version: str, newest: dict[str, str], tmp_path: Path
) -> None:
    file = ROOT / "requirements-run.txt"  # CI installs the others, or uv does below
    subprocess.run([python(version), "-m", "venv", tmp_path / "venv"], check=True, env=newest)
    found = re.search(r"^EXACTLY = (\[.*\])$", (ROOT / "tools" / "install.py").read_text(), re.MULTILINE)
    assert found
    report = tmp_path / "report.json"
    pip = [tmp_path / "venv/bin/python", "-I", "-m", "pip", "install", "-q", *ast.literal_eval(found[1])]
    done = subprocess.run(
        [*pip, "--dry-run", "--ignore-installed", "--report", report, "-r", file],
        env=newest, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert planned(report) == pins(file, full(version))


def test_all_images_install_by_the_same_command_and_check_afterwards() -> None:
    """What that command takes, the container test sees in the images (test_9_newest_packages)."""
    commands = {path: install_commands(path) for path in DOCKERFILES}
    assert [len(commands[path]) for path in DOCKERFILES] == [2, 1, 1, 1]
    files = [re.sub(r".*-r /tmp/", "", one) for some in commands.values() for one in some]
    assert len({one.rpartition(" ")[0] for some in commands.values() for one in some}) == 1
    assert all((ROOT / file).exists() for file in files)
    for path in DOCKERFILES:
        assert path.read_text().count("python -m pip --python /opt/venv/bin/python check") == len(commands[path])
        assert not re.findall(r"pip .*install(?!.*--no-deps)", path.read_text())


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("file", wheels.FILES, ids=lambda file: file.stem.partition("-")[2])
def test_uv_installs_exactly_what_is_pinned(file: Path, version: str, newest: dict[str, str], tmp_path: Path) -> None:
    shown = re.search(r"^\$ (uv pip install .*) -r \S+$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    assert shown, "the documentation does not say how uv installs"
    environment = newest | {"VIRTUAL_ENV": str(tmp_path / "venv")}
    assert " --compile-bytecode" in shown[1]  # for a quick start, which no test of pins needs
    subprocess.run([BIN / "uv", "venv", "-q", "--python", python(version), tmp_path / "venv"], check=True, env=newest)
    done = subprocess.run(
        [BIN / "uv", *shlex.split(shown[1].replace("--compile-bytecode", ""))[1:], "-r", file],
        env=environment, capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert in_folder(tmp_path / "venv") == pins(file, full(version))


def test_the_environment_of_these_tests_holds_what_is_pinned() -> None:
    """CI makes it, and Airflow's, with newer releases beside the index (.ci/run)."""
    environments = [(BIN.parent, "dev")]
    airflow = Path(os.environ.get("AIRFLOW_PYTHON") or ROOT / ".venv-airflow" / "bin" / "python")
    if airflow.exists():
        environments.append((ROOT / airflow.parent.parent, "airflow"))
    for folder, what in environments:
        pinned = pins(ROOT / f"requirements-{what}.txt", RUNNING)
        installed = in_folder(folder)
        assert {name: installed.get(name) for name in pinned} == pinned


def test_requirements_are_up_to_date_on_a_day_of_newer_releases(newest: dict[str, str], tmp_path: Path) -> None:
    for file in [*wheels.FILES, ROOT / "pyproject.toml"]:
        shutil.copy(file, tmp_path)
    command: list[str | Path] = [ROOT / "tools" / "compile-requirements", BIN / "uv", "--check"]
    traps = {"UV_UPGRADE": "1", "UV_EXCLUDE_NEWER": "2020-01-01", "UV_RESOLUTION": "lowest", "UV_PRERELEASE": "allow"}
    done = subprocess.run(command, cwd=tmp_path, env=newest | traps, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_adds_to_another_file_has_the_same_versions() -> None:
    for less, more in (("run", "dev"), ("airflow", "airflow-celery"), ("airflow", "airflow-kubernetes")):
        smaller, larger = (wheels.pinned((ROOT / f"requirements-{one}.txt").read_text()) for one in (less, more))
        assert {name: larger.get(name) for name in smaller} == smaller


def test_running_needs_no_tool_of_developers() -> None:
    tools = {"coverage", "hypothesis", "mypy", "pandas-stubs", "pre-commit", "pytest", "ruff", "types-requests", "uv"}
    assert not tools & set(wheels.pinned((ROOT / "requirements-run.txt").read_text()))
