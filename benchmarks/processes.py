"""Processes: jobs that are measured, and servers that are stopped by their process id."""

from __future__ import annotations

import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from benchmarks.results import Cost
from volatility.settings import DEFAULTS

ROOT: Final = Path(__file__).resolve().parent.parent
_MEASURE: Final = Path(__file__).parent / "measure.py"
_START_SECONDS: Final = 30.0


class BenchmarkFailed(Exception):
    """What was to be measured did not do its work; one line says why."""


def environment(**settings: str) -> dict[str, str]:
    """This process's environment with just these of the program's settings."""
    kept = {name: value for name, value in os.environ.items() if name not in DEFAULTS}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | settings


def measured(command: Sequence[str], folder: Path, settings: Mapping[str, str]) -> tuple[Cost, dict[str, Any]]:
    """Run a command to its end: what it cost, and the JSON object on its last line, if it prints any.

    Raises:
        BenchmarkFailed: where it fails.
    """
    result = folder / "cost.json"
    result.unlink(missing_ok=True)
    done = finished([sys.executable, "-I", "-S", str(_MEASURE), str(result), *command], folder, settings)
    cost = json.loads(result.read_text()) if result.exists() else {"exit_code": None}
    if cost.pop("exit_code") != 0:
        raise BenchmarkFailed(f"{' '.join(command[1:])} failed: {last_line(done.stderr)}")
    last = last_line(done.stdout)
    return Cost(**cost), json.loads(last) if last.startswith("{") else {}


def finished(command: Sequence[str], folder: Path, settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; it is ended where waiting for it is."""
    process = subprocess.Popen(
        command,
        cwd=folder,  # no .env here
        env=environment(**settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_die_with_parent(),  # noqa: PLW1509 - one system call, nothing that could hold a lock
    )
    try:
        output, errors = process.communicate()
    finally:
        _end(process)
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


@contextmanager
def server(command: Sequence[str], folder: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """A server while the block runs; the answer is the first ``http://127.0.0.1:PORT`` that it prints.

    Raises:
        BenchmarkFailed: where it does not come up.
    """
    log = folder / f"server-{time.monotonic_ns()}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=_die_with_parent(),  # noqa: PLW1509 - as above
        )
    try:
        yield _url(process, log)
    finally:
        _end(process)


def _end(process: subprocess.Popen[Any]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _url(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text()):
            return found.group()
        time.sleep(0.02)
    raise BenchmarkFailed(f"{' '.join(map(str, process.args))} did not start: {last_line(log.read_text())}")  # type: ignore[arg-type] # a list here


def last_line(text: str) -> str:
    """The last line that says anything."""
    return ([line.strip() for line in text.splitlines() if line.strip()] or [""])[-1]


def _die_with_parent() -> Callable[[], object] | None:
    """On Linux: the kernel ends the process when this one is killed and can't."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
