"""Runs the commands that stand on stdin, each in a fork of this process, in which all modules are imported already.

A line is ``[arguments, settings]``; the answer is a line too, with the exit code and what was written.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from typing import IO


def load_all() -> None:
    """Import every module of the program, so that no command has to."""
    package = importlib.import_module("volatility")
    for found in pkgutil.walk_packages(package.__path__, "volatility."):
        if "migrations" not in found.name and not found.name.endswith("__main__"):
            importlib.import_module(found.name)


def run(arguments: Sequence[str]) -> int:
    """One command; its exit code."""
    command = importlib.import_module("volatility.cli").main
    try:
        return int(command(arguments))
    except SystemExit as ending:
        return int(ending.code or 0)
    except Exception:  # noqa: BLE001 - shown like an interpreter's end, and compared
        traceback.print_exc()
        return 1


def forked(arguments: Sequence[str], settings: Mapping[str, str]) -> tuple[int, str, str]:
    """Run a command in a fork with these settings; the exit code, stdout and stderr."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            os.environ.update(settings)
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            code = run(arguments)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status), _written(out), _written(err)


def _written(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="surrogateescape")


def main() -> None:
    """Answer line by line until stdin ends."""
    load_all()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(forked(*json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
