"""Stops the clocks at FROZEN_AT, and chance, for the code that is compared; Python imports this by itself at its start.

The clock on the wall stands still for everyone. The others do so only for the packages of the project: an event loop or
a lock with a time-out needs them.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable

OURS = ("volatility", "api", "scripts")
SECONDS = float(os.environ["FROZEN_AT"])


def stopped(real: Callable[[], float]) -> Callable[[], float]:
    """A clock that stands still for the project's own modules."""

    def read() -> float:
        caller = str(sys._getframe(1).f_globals.get("__name__", ""))
        return 1e6 if caller.partition(".")[0] in OURS else real()

    return read


time.time = lambda: SECONDS
time.time_ns = lambda: int(SECONDS * 1000) * 1_000_000
time.monotonic = stopped(time.monotonic)
time.perf_counter = stopped(time.perf_counter)
random.random = lambda: 0.5  # waits between tries differ by it
