"""Files that take long to make and are never changed: one worker makes them, all use them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The file of this name, which is made where no worker of this run has made it yet; the others wait for it."""
    mine = factory.getbasetemp()
    folder = mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine
    file, begun = folder / name, folder / f"begun-{name}"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            begun.unlink(missing_ok=True)  # of a worker that was stopped
            make(begun)
            begun.rename(file)
    return file
