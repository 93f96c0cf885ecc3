"""`make install`, `make run`: what they make of an environment, and the line that they say when they can't."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.install.conftest import Checkout, setuptools

VERSION = "{}.{}".format(*sys.version_info[:2])
EXACT = {"alpha": "1", "beta": "1"}


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that an installation which failed says after its steps."""
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert all(line.startswith("install: ") for line in lines), done.stderr
    assert not any("Traceback" in line for line in lines)
    return lines[-1]


def test_what_is_installed_is_what_is_pinned_and_every_step_is_said(checkout: Checkout) -> None:
    done = checkout.install()
    assert done.returncode == 0, done.stderr
    assert checkout.installed() == EXACT
    said = done.stderr.splitlines()
    assert [line.split()[1] for line in said] == ["making", "fetching", "compiling,", ".venv-airflow"]
    assert list((checkout.folder / ".venv-airflow").rglob("alpha.*.pyc")), "a first start would be slow"
    again = checkout.install()
    assert (again.returncode, again.stderr) == (0, "")


def test_pips_settings_change_where_packages_come_from_but_not_what_is_installed(
    checkout: Checkout, tmp_path: Path
) -> None:
    constraint = tmp_path / "constraint.txt"
    constraint.write_text("alpha==999\n")
    config = tmp_path / "pip.conf"
    config.write_text(
        f"[global]\nno-index = true\nfind-links = {checkout.wheels}\n[install]\nuser = true\ntarget = {tmp_path}/t\n"
        f"prefix = {tmp_path}/p\nno-binary = :all:\nconstraint = {constraint}\nno-compile = true\n"
    )
    python_path = tmp_path / "elsewhere"
    python_path.mkdir()
    (python_path / "sitecustomize.py").write_text("raise SystemExit('PYTHONPATH was read')\n")
    done = checkout.install(
        PIP_CONFIG_FILE=str(config), PIP_USER="1", PIP_TARGET=str(tmp_path / "t"), PIP_REQUIRE_VIRTUALENV="1",
        PIP_NO_BINARY=":all:", PIP_CONSTRAINT=str(constraint), PIP_DRY_RUN="1", PIP_ROOT=str(tmp_path / "r"),
        PIP_IGNORE_INSTALLED="1", PIP_PYTHON="/usr/bin/python3", PIP_QUIET="3", PIP_LOG=str(tmp_path / "no" / "log"),
        PIP_PLATFORM="win_amd64", PYTHONPATH=str(python_path), PYTHONDONTWRITEBYTECODE="1", UV_FIND_LINKS="nowhere",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert checkout.installed() == EXACT
    assert not list(tmp_path.glob("[tpr]"))


def test_an_installation_that_was_killed_is_begun_anew(checkout: Checkout) -> None:
    note = checkout.folder / ".venv-airflow" / ".installed.json"
    started = subprocess.Popen(
        checkout.command("airflow"), env=checkout.environment(), stderr=subprocess.DEVNULL, start_new_session=True
    )
    while not note.exists():
        time.sleep(0.02)
    time.sleep(1)
    os.killpg(started.pid, signal.SIGKILL)
    started.wait()
    done = checkout.install()
    assert done.returncode == 0, done.stderr
    assert "broken off" in done.stderr.splitlines()[0]
    assert checkout.installed() == EXACT


def test_ctrl_c_says_one_line(checkout: Checkout) -> None:
    started = subprocess.Popen(
        checkout.command("airflow"),
        env=checkout.environment(),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert started.stderr is not None
    said = started.stderr.readline()
    os.killpg(started.pid, signal.SIGINT)
    said += started.stderr.read()
    started.stderr.close()
    assert started.wait() == 130
    assert said.splitlines()[-1] == "install: broken off; the next call begins anew"
    assert "Traceback" not in said


def test_a_folder_that_was_moved_or_whose_python_is_gone_is_installed_anew(checkout: Checkout) -> None:
    assert checkout.install().returncode == 0
    checkout.folder = checkout.folder.rename(checkout.folder.with_name("moved"))
    moved = checkout.install()
    assert "moved or copied" in moved.stderr.splitlines()[0]
    assert checkout.installed() == EXACT
    python = checkout.folder / ".venv-airflow" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    gone = checkout.install()
    assert "is gone" in gone.stderr.splitlines()[0]
    assert checkout.installed() == EXACT


def test_new_pins_are_installed_what_nobody_pins_goes_and_what_the_user_added_stays(checkout: Checkout) -> None:
    assert checkout.install().returncode == 0
    own = checkout.wheel("users-own", needs=("beta==7",))
    lines = checkout.folder / "own.txt"
    lines.write_text(own)
    pip = [
        str(checkout.folder / ".venv-airflow" / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--no-deps",
        "-r",
        str(lines),
    ]
    subprocess.run(pip, env=checkout.environment(), check=True, capture_output=True)
    checkout.require("airflow", checkout.wheel("alpha", "2"), checkout.wheel("gamma"))
    done = checkout.install()
    assert done.returncode == 0, done.stderr
    assert "removing what is no longer needed: beta" in done.stderr
    assert checkout.installed() == {"alpha": "2", "gamma": "1", "users-own": "1"}


def test_pins_that_contradict_each_other_are_named(checkout: Checkout) -> None:
    checkout.require("airflow", checkout.wheel("alpha", "3", needs=("beta>=2",)), checkout.wheel("beta"))
    assert "requirements-airflow.txt contradicts itself: alpha 3 has requirement beta>=2" in last_line(
        checkout.install()
    )


def test_running_takes_less_than_developing_and_takes_nothing_away_from_it(checkout: Checkout) -> None:
    index = {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": os.environ.get("PIP_FIND_LINKS", "") + f" {checkout.wheels}"}
    run = checkout.wheel("alpha"), setuptools()
    checkout.require("run", *run)
    checkout.require("dev", *run, checkout.wheel("gamma"))
    project = {"btc-volatility": "1"}
    for what, right in (("run", {}), ("dev", {"gamma": "1"}), ("run", {"gamma": "1"})):
        done = checkout.install(what, **index)
        assert done.returncode == 0, done.stderr
        assert checkout.installed("run") == {"alpha": "1"} | project | right
        assert (checkout.folder / ".venv" / "bin" / "btc-volatility").exists()
    checkout.require("dev", *run, checkout.wheel("gamma", "2"))
    assert checkout.install("run", **index).returncode == 0
    assert checkout.installed("run")["gamma"] == "2"


def test_an_index_that_is_down_or_lacks_a_package_is_said(checkout: Checkout, tmp_path: Path) -> None:
    checkout.require("airflow", checkout.wheel("alpha"), "delta==1 \\\n    --hash=sha256:" + "0" * 64 + "\n")
    config = tmp_path / "pip.conf"
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://user:secret@127.0.0.1:{nobody.getsockname()[1]}/simple"
        config.write_text(f"[global]\nindex-url = {address}\nretries = 0\n")
        line = last_line(checkout.install(PIP_NO_INDEX="0", PIP_CONFIG_FILE=str(config)))
    assert "the package index at 127.0.0.1 can't be reached; look at the network" in line
    assert "secret" not in line
    assert Path(line.rpartition("it said: ")[2]).read_text()
    assert "does not have delta==1" in last_line(checkout.install())
    checkout.wheel("delta", "2")
    done = checkout.install()
    assert "has no delta==1 for this Python" in last_line(done)
    assert "making" not in done.stderr, "what an installation that failed had made is made again"
    config.write_text("index-url")
    assert "pip's own settings (pip.conf) can't be read" in last_line(checkout.install(PIP_CONFIG_FILE=str(config)))


def test_another_file_than_the_pinned_one_is_refused(checkout: Checkout) -> None:
    checkout.require("airflow", checkout.wheel("alpha").replace("sha256:", "sha256:" + "0" * 8, 1)[:-9] + "\n")
    assert "serves another file than the one that is pinned" in last_line(checkout.install())


def test_a_python_that_does_not_fit_is_named(checkout: Checkout, tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\necho 3.10\n")
    old.chmod(0o755)
    assert "is no Python 3.11, 3.12 or 3.13: it says '3.10'" in last_line(checkout.install(PYTHON=str(old)))
    few = tmp_path / "bin"
    few.mkdir()
    for tool in ("bash", "env", "dirname"):
        (few / tool).symlink_to(str(shutil.which(tool)))
    old.rename(few / "python3")
    line = last_line(checkout.install(PYTHON="", PATH=str(few)))
    assert line == "install: Python 3.11, 3.12 or 3.13 is needed, python3 is '3.10'; name one in PYTHON"


def test_a_python_without_venv_is_said_with_the_package_that_brings_it(checkout: Checkout, tmp_path: Path) -> None:
    # As Debian ships it: a Python whose library lacks ensurepip.
    library = Path(os.__file__).parent
    less = tmp_path / "less" / "lib" / f"python{VERSION}"
    less.mkdir(parents=True)
    for one in library.iterdir():
        if one.name != "ensurepip":
            (less / one.name).symlink_to(one)
    few = tmp_path / "less" / "bin"
    few.mkdir()
    python = few / f"python{VERSION}"
    shutil.copy(Path(sys.executable).resolve(), python)
    for tool in ("bash", "env", "dirname"):
        (few / tool).symlink_to(str(shutil.which(tool)))
    line = last_line(checkout.install(PYTHON=str(python), PATH=str(few)))
    assert line.endswith(f"this Python has no venv; install it first: sudo apt-get install python{VERSION}-venv")


@pytest.mark.parametrize("size", ["1m", "40m"])
def test_a_full_disk_is_said(checkout: Checkout, size: str) -> None:
    (checkout.folder / ".venv-airflow").mkdir()
    checkout.require("airflow", checkout.wheel("alpha", size=60_000_000))
    script = f'mount -t tmpfs -o size={size} none "$1" && shift && exec "$@"'
    inside = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "sh", "-c", script, "sh"]
    done = subprocess.run(
        [*inside, str(checkout.folder / ".venv-airflow"), *checkout.command("airflow")],
        env=checkout.environment(), capture_output=True, text=True,
    )  # fmt: skip
    assert f"no space left in {checkout.folder / '.venv-airflow'}" in last_line(done)


def test_a_folder_that_is_no_environment_is_left_alone(checkout: Checkout) -> None:
    letters = checkout.folder / ".venv-airflow" / "letters.txt"
    letters.parent.mkdir()
    letters.write_text("mine")
    assert "is no virtual environment; move it away" in last_line(checkout.install())
    assert letters.read_text() == "mine"


def test_two_installations_at_once_wait_for_each_other(checkout: Checkout) -> None:
    both = [
        subprocess.Popen(checkout.command("airflow"), env=checkout.environment(), stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [one.communicate()[1] for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert sorted("waiting for another" in words for words in said) == [False, True]
    assert checkout.installed() == EXACT
