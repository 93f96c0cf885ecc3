"""The two jobs as their users meet them: an exit code, a line on stderr, a JSON object on stdout, and the tables."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from volatility.settings import DEFAULTS

ROOT = Path(__file__).resolve().parents[2]
BACKFILL = ROOT / "scripts" / "backfill_script.py"
AGGREGATE = ROOT / "scripts" / "session_aggregator.py"
_LOG_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO|WARNING|ERROR) ")


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    code: int
    stdout: str
    stderr: str

    @property
    def report(self) -> dict[str, Any]:
        """The JSON object of the last line on stdout."""
        value = json.loads(self.stdout.splitlines()[-1])
        assert isinstance(value, dict)
        return value

    @property
    def plain(self) -> list[str]:
        """The lines on stderr that are no log lines."""
        return [line for line in self.stderr.splitlines() if not _LOG_LINE.match(line)]


class Outcome(Ended):
    """What a job left behind for whoever started it."""

    @property
    def reason(self) -> str:
        """The one plain line on stderr that is no log line; there must be just one, and no traceback."""
        assert len(self.plain) == 1, self.stderr
        assert self.plain[0].startswith("error: ")
        return self.plain[0].removeprefix("error: ")

    def succeeded(self) -> Outcome:
        """Itself, where the job did what it was started for."""
        assert self.code == 0, self.stderr
        assert "Traceback" not in self.stderr
        return self

    def failed(self, code: int = 1) -> Outcome:
        """Itself, where the job failed with this code and said why in one line."""
        assert self.code == code, self.stderr
        assert self.reason
        return self


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with these settings and none of its own."""
    return {name: value for name, value in os.environ.items() if name not in DEFAULTS} | dict(settings)


def start(
    script: Path, settings: Mapping[str, str], folder: Path, *arguments: str, before: Callable[[], object] | None = None
) -> subprocess.Popen[str]:
    """Start a job as the container image does; ``before`` runs in the new process."""
    return subprocess.Popen(
        [sys.executable, str(script), *arguments],
        env=environment(settings) | {"PYTHONPATH": str(ROOT)},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=before,  # noqa: PLW1509 - one system call, nothing that could hold a lock
    )


def ended(process: subprocess.Popen[str]) -> Outcome:
    """Wait for a job."""
    stdout, stderr = process.communicate(timeout=60)
    return Outcome(process.returncode, stdout, stderr)
