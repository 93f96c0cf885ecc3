"""Installs exactly what a requirements file pins, into an environment that is made anew when it can't be trusted.

Called by make-venv with what is wanted: run, dev or airflow. Why pip and why so: docs/decisions/0009-*.md.
"""

from __future__ import annotations

import ast
import contextlib
import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from shutil import rmtree, which
from typing import TYPE_CHECKING, Any, NoReturn

from pip_failures import named_index, reason

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
# What each environment holds; dev holds all of run.
FOLDERS = {"run": ".venv", "dev": ".venv", "airflow": ".venv-airflow"}
EXACTLY = ["--no-deps", "--require-hashes", "--only-binary=:all:"]
# Where packages come from is the user's to say. What is installed, and where to, is not: a user's `--user`, `--target`,
# constraints or sources to build would make another environment than the one that was tested.
SETTINGS_OF_THE_USER = {
    "index-url", "pypi-url", "extra-index-url", "find-links", "no-index", "trusted-host", "cert", "client-cert",
    "proxy", "timeout", "default-timeout", "retries", "cache-dir", "no-cache-dir", "keyring-provider", "use-feature",
    "use-deprecated",
}  # fmt: skip


class Failed(Exception):
    """The installation failed; the one line says why."""


def say(words: str) -> None:
    """Tell the user, in one line, what is done."""
    print(f"install: {words}", file=sys.stderr, flush=True)


def fail(words: str) -> NoReturn:
    """End the installation with a reason."""
    raise Failed(words)


class Environment:
    """One virtual environment, and the note in it that says what was installed."""

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted
        self.folder = ROOT / FOLDERS[wanted]
        self.python = self.folder / "bin" / "python"
        self.note_file = self.folder / ".installed.json"
        self.note = self.read_note()
        if wanted == "run" and self.note.get("wanted") == "dev":
            self.wanted = "dev"  # what a developer has stays
        self.requirements = ROOT / f"requirements-{self.wanted}.txt"
        self.settings: dict[str, str] = {}

    # The note

    def read_note(self) -> dict[str, Any]:
        """Return what was noted: nothing for an environment that something else made."""
        try:
            note = json.loads(self.note_file.read_text())
        except (OSError, ValueError):
            return {}
        return note if isinstance(note, dict) else {}

    def write_note(self, state: str, **more: Any) -> None:
        """Note what this installation wants, and how far it is: at work, failed or finished."""
        names = sorted({*self.note.get("names", []), *self.names}) if state != "finished" else self.names
        self.note = {
            "wanted": self.wanted, "folder": str(self.folder.resolve()), "version": running(), "state": state,
            "names": names, **more,
        }  # fmt: skip
        self.note_file.write_text(json.dumps(self.note))

    @property
    def names(self) -> list[str]:
        """Return the packages that the requirements pin, for whatever Python."""
        return sorted(set(re.findall(r"^([\w.-]+)==", self.requirements.read_text(), re.MULTILINE)))

    @property
    def pins(self) -> str:
        """Return a digest of all that decides what is installed."""
        parts = [self.requirements, ROOT / "pyproject.toml"]
        return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()

    # What is there

    def version(self) -> str | None:
        """Return the version of the environment's Python, if there is one that runs."""
        ask = "import sys; print('%d.%d' % sys.version_info[:2])"
        try:
            return subprocess.run(
                [self.python, "-I", "-c", ask], capture_output=True, text=True, check=True
            ).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            return None

    def why_anew(self) -> str | None:
        """Return why what is there can't be added to."""
        version = self.version()
        if not self.folder.exists():
            return "a first installation"
        if not self.note:
            return "what is there was not made by this"
        if self.note.get("state") not in {"finished", "failed"}:
            return "an installation was broken off"
        if self.note.get("folder") != str(self.folder.resolve()):
            return "it was moved or copied"
        if version is None or version != self.note.get("version"):
            return f"its Python {self.note.get('version')} is gone"
        if os.environ.get("PYTHON") and version != running():
            return f"PYTHON asks for {running()}"
        return None

    def is_ready(self) -> bool:
        """Return whether there is nothing to do."""
        return self.why_anew() is None and self.note.get("pins") == self.pins and self.note.get("wanted") == self.wanted

    # The steps

    def make_ready(self) -> None:
        """Install what is not yet there."""
        began = time.monotonic()
        why = self.why_anew()
        if why:
            self.make_anew(why)
        dropped = [] if why else [name for name in self.note.get("names", []) if name not in self.names]
        self.write_note("at work")
        self.settings = self.settings_of_the_user()
        if dropped:
            self.drop(dropped)
        say(f"fetching {len(self.names)} packages, as {self.requirements.name} pins them (up to a minute)")
        self.pip("install", "--no-compile", *EXACTLY, "--requirement", str(self.requirements))
        if self.wanted != "airflow":
            say(f"putting btc-volatility into {self.folder.name}/bin")
            self.pip("install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
        self.compile()
        self.check()
        self.write_note("finished", pins=self.pins)
        say(f"{self.folder.name} is ready after {time.monotonic() - began:.0f} s")

    def make_anew(self, why: str) -> None:
        """Make an empty environment in place of what is there."""
        ensure_venv()
        say(f"making {self.folder.name} with Python {running()} ({why})")
        self.empty()
        self.folder.mkdir(exist_ok=True)
        self.note = {}
        self.write_note("at work")
        self.run([sys.executable, "-I", "-m", "venv", str(self.folder)], "the environment could not be made")

    def empty(self) -> None:
        """Remove what is there, if it is an environment; a link to a folder stays one."""
        if not self.folder.exists():
            self.folder.unlink(missing_ok=True)
            return
        there = list(self.folder.iterdir()) if self.folder.is_dir() else [self.folder]
        ours = {"pyvenv.cfg", self.note_file.name, ".ready"}
        if there and not any(one.name in ours for one in there):
            fail(f"{self.folder} is no virtual environment; move it away")
        for one in there:
            rmtree(one) if one.is_dir() and not one.is_symlink() else one.unlink()

    def drop(self, names: list[str]) -> None:
        """Remove what an earlier installation brought and nothing pins any more."""
        say(f"removing what is no longer needed: {', '.join(names)}")
        self.pip("uninstall", "--yes", *names)

    def compile(self) -> None:
        """Compile on all cores what pip would compile on one, without the packages' own tests."""
        say("compiling, so that the first start is quick")
        self.run(
            [str(self.python), "-I", "-m", "compileall", "-q", "-j", "0", "-x", "/tests?/", str(self.folder / "lib")]
        )

    def check(self) -> None:
        """Make sure that what was installed belongs together; what the user added is the user's."""
        words = self.run(self.pip_command("check"))
        wrong = [line for line in words.splitlines() if line.partition(" ")[0].lower().replace("_", "-") in self.names]
        if wrong:
            fail(f"{self.requirements.name} contradicts itself: {wrong[0]}")

    # pip

    def settings_of_the_user(self) -> dict[str, str]:
        """Return where pip takes packages from, by its settings in files and in the environment."""
        asked = {"PIP_LOG": os.devnull, "PIP_QUIET": "0", "PIP_VERBOSE": "0"}
        asked |= {
            name: os.environ[name] for name in os.environ if setting(name) in SETTINGS_OF_THE_USER | {"config-file"}
        }
        words = self.run([*self.pip_command("config"), "list"], "pip can't say what its settings are", asked)
        lines = re.findall(r"^(global|install|:env:)\.([\w-]+)=(.*)$", words, re.MULTILINE)
        # pip's own order: the environment counts most.
        lines.sort(key=lambda line: ["global", "install", ":env:"].index(line[0]))
        return {name: str(ast.literal_eval(value)) for _, name, value in lines if name in SETTINGS_OF_THE_USER}

    def pip_command(self, command: str) -> list[str]:
        """Return how pip is called: apart from PYTHONPATH and the user's own packages."""
        return [str(self.python), "-I", "-m", "pip", command]

    def pip(self, command: str, *arguments: str) -> None:
        """Run pip; it must succeed."""
        self.run([*self.pip_command(command), *arguments], "pip failed")

    def run(self, command: list[str], failure: str | None = None, pip: dict[str, str] | None = None) -> str:
        """Return what a command says; where it must succeed and does not, fail with the reason."""
        settings = self.pip_settings() if pip is None else pip
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment(settings), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
        )  # fmt: skip
        if done.returncode and failure:
            self.explain(done.stdout, failure)
        return done.stdout

    def environment(self, settings: dict[str, str]) -> dict[str, str]:
        """Return the environment of a command, with just these settings of pip."""
        return {name: value for name, value in os.environ.items() if not name.startswith("PIP_")} | settings

    def pip_settings(self) -> dict[str, str]:
        """Return pip's settings: of the user's only those that are the user's to say."""
        given = {f"PIP_{name.upper().replace('-', '_')}": value for name, value in self.settings.items()}
        fixed = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        # Only where it tries again does pip say why it could not reach an index.
        retries = "1" if given.get("PIP_RETRIES") == "0" else given.get("PIP_RETRIES", "2")
        return given | {"PIP_RETRIES": retries} | fixed

    def explain(self, words: str, failure: str) -> NoReturn:
        """Fail with the reason, and leave the words that tell more in a file."""
        why = reason(words, self.folder, named_index(self.settings.get("index-url")))
        log = self.folder / "install.log"
        with contextlib.suppress(OSError):
            log.write_text(words)
            if "settings" in failure or failure == "pip failed":
                self.write_note("failed")  # by itself, so that the next call can go on from here
            fail(f"{why or failure}; all it said: {log}")
        fail(why or failure)


def setting(variable: str) -> str:
    """Return the name of pip's setting that an environment variable is."""
    return variable.removeprefix("PIP_").lower().replace("_", "-") if variable.startswith("PIP_") else ""


def running() -> str:
    """Return the version of the Python that runs this."""
    return "{}.{}".format(*sys.version_info[:2])


def ensure_venv() -> None:
    """Install the part of Python that venv needs, which Debian has in a package of its own."""
    ask = [sys.executable, "-I", "-c", "import ensurepip, venv"]
    if subprocess.run(ask, capture_output=True, check=False).returncode == 0:
        return
    package = f"python{running()}-venv"
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if which("apt-get") and subprocess.run([*sudo, "true"], capture_output=True, check=False).returncode == 0:
        say(f"installing {package}, which Debian's Python lacks")
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", package]):
            apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *command]
            subprocess.run(apt, capture_output=True, check=False)
        if subprocess.run(ask, capture_output=True, check=False).returncode == 0:
            return
    fail(f"this Python has no venv; install it first: sudo apt-get install {package}")


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Let one installation at a time into this folder."""
    handle = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another installation in this folder")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def main(wanted: str) -> int:
    """Make the environment ready, or say in one line why not."""
    if Environment(wanted).is_ready():
        return 0
    try:
        with alone():
            environment = Environment(wanted)
            if not environment.is_ready():
                environment.make_ready()
    except Failed as failed:
        say(str(failed))
    except KeyboardInterrupt:
        say("broken off; the next call begins anew")
        return 130
    except OSError as error:
        say(reason(str(error), ROOT / FOLDERS[wanted], "") or f"{error.strerror}: {error.filename}")
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
