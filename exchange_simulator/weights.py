"""The exchange's bookkeeping of request weights: 429 above the limit, 418 for those who go on.

https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits
"""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_LIMIT = 6000
_LONGEST_BAN_S = 3 * 24 * 3600.0


class Verdict(NamedTuple):
    """What the bookkeeping says to a request.

    Attributes:
        used: weight used in this minute, the request's own included.
        status: 200, 429 or 418.
        retry_after_s: seconds to wait, whole, at least 1 where the request is refused.
    """

    used: int
    status: int = 200
    retry_after_s: int = 0


class WeightMeter:
    """Counts weights by fixed windows; safe to use from many threads.

    Args:
        limit: weight allowed in a window; None for no limit.
        window_s: length of a window, a minute on the exchange; tests shorten it.
        patience: how many 429 a window holds before the address is banned.
        ban_s: length of the first ban; each further one is twice as long, up to three days.
        monotonic: seconds that only grow.
    """

    def __init__(
        self,
        limit: int | None = DEFAULT_LIMIT,
        *,
        window_s: float = 60.0,
        patience: int = 10,
        ban_s: float = 120.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limit = limit
        self._window_s = window_s
        self._patience = patience
        self._first_ban_s = self._next_ban_s = ban_s
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._window = -1
        self._used = self._refused = 0
        self._banned_until = -math.inf

    @property
    def used(self) -> int:
        """Weight used in the current window."""
        return self.charge(0).used

    def reset(self) -> None:
        """Forget everything: weights, refusals and bans."""
        with self._lock:
            self._used = self._refused = 0
            self._banned_until = -math.inf
            self._next_ban_s = self._first_ban_s

    def charge(self, weight: int) -> Verdict:
        """Count a request of this weight and say whether it is answered; a weight of 0 only looks."""
        with self._lock:
            now = self._monotonic()
            self._turn_window(now)
            self._used += weight
            if weight == 0:
                return Verdict(self._used)
            if now < self._banned_until:
                return Verdict(self._used, 418, _whole_seconds(self._banned_until - now))
            if self.limit is None or self._used <= self.limit:
                return Verdict(self._used)
            return self._refuse(now)

    def _turn_window(self, now: float) -> None:
        window = int(now // self._window_s)
        if window != self._window:
            self._window, self._used, self._refused = window, 0, 0

    def _refuse(self, now: float) -> Verdict:
        self._refused += 1
        if self._refused > self._patience:
            self._banned_until = now + self._next_ban_s
            self._next_ban_s = min(2 * self._next_ban_s, _LONGEST_BAN_S)
            return Verdict(self._used, 418, _whole_seconds(self._banned_until - now))
        return Verdict(self._used, 429, _whole_seconds((self._window + 1) * self._window_s - now))


def _whole_seconds(seconds: float) -> int:
    # Rounded first: 90.00000000001 is 90.
    return max(math.ceil(round(seconds, 6)), 1)
