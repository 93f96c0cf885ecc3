"""The exchange's clock: it runs with the machine's, ahead of it or behind, or stands still."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from exchange_simulator.instants import Instant, to_ms

if TYPE_CHECKING:
    from collections.abc import Callable


def system_ms() -> int:
    """The machine's clock, in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


class Clock:
    """A clock that can be set, frozen, advanced and run; safe to use from many threads.

    Args:
        at: what it shows at first; None for the time of the machine.
        frozen: whether it stands still.
        source_ms: what drives it, in milliseconds since the epoch.
    """

    def __init__(
        self, at: Instant | None = None, *, frozen: bool = False, source_ms: Callable[[], int] = system_ms
    ) -> None:
        self._source_ms = source_ms
        self._lock = threading.Lock()
        self._offset_ms = 0
        self._frozen_ms: int | None = None
        if frozen:
            self.freeze()  # before it is set: no millisecond passes in between
        if at is not None:
            self.set(at)

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still."""
        return self._frozen_ms is not None

    @property
    def offset_ms(self) -> int:
        """How far this clock is ahead of the machine's, in milliseconds."""
        return self.now_ms() - self._source_ms()

    def now_ms(self) -> int:
        """What the clock shows, in milliseconds since the epoch."""
        with self._lock:
            return self._now_ms()

    def set(self, at: Instant) -> None:
        """Show this instant now; a frozen clock stays frozen, a running one runs on from it."""
        at_ms = to_ms(at)
        with self._lock:
            self._show(at_ms)

    def advance(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0, ms: float = 0) -> None:
        """Move forward (or back, by a negative amount)."""
        by_ms = round(((hours * 60 + minutes) * 60 + seconds) * 1000 + ms)
        with self._lock:
            self._show(self._now_ms() + by_ms)

    def offset(self, *, seconds: float) -> None:
        """Run at real speed, this many seconds ahead of the machine's clock (negative: behind)."""
        with self._lock:
            self._frozen_ms = None
            self._offset_ms = round(seconds * 1000)

    def freeze(self) -> None:
        """Stand still."""
        with self._lock:
            self._frozen_ms = self._now_ms()

    def run(self) -> None:
        """Run at real speed from what it shows now."""
        with self._lock:
            self._offset_ms = self._now_ms() - self._source_ms()
            self._frozen_ms = None

    def _now_ms(self) -> int:
        return self._source_ms() + self._offset_ms if self._frozen_ms is None else self._frozen_ms

    def _show(self, at_ms: int) -> None:
        if self._frozen_ms is None:
            self._offset_ms = at_ms - self._source_ms()
        else:
            self._frozen_ms = at_ms
