"""The machine's own clocks, replaced in tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Clock:
    """The machine's own clocks, replaced in tests."""

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep

    def wall_ms(self) -> int:
        """The machine's idea of now, in epoch milliseconds."""
        return int(self.wall() * 1000)
