"""Waits that an exchange asks for: as long as it says, by its own clock, and never longer than a limit that is said."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_WAIT: Final = 300.0  # seconds; a minute's weight is new after sixty
LONGEST_BAN: Final = 3 * 86400.0  # seconds; Binance bans for two minutes to three days
_NEAR: Final = 0.9  # the share of the weight limit at which to slow down
_MOST_DIGITS: Final = 18
_EPOCH: Final = (1_230_940_800.0, 4_102_444_800.0)  # 2009 to 2100: what lies outside is nobody's clock


def date_of(headers: Mapping[str, str], name: str = "Date") -> float | None:
    """What time an answer says it is, in epoch seconds; None where it does not."""
    try:
        moment = parsedate_to_datetime(headers.get(name, ""))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return seconds if _EPOCH[0] <= seconds < _EPOCH[1] else None


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds that ``Retry-After`` asks for, given as such or as an instant; None where it does not say.

    ``now`` is the exchange's time, in epoch seconds.
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdecimal():
        return math.inf if len(value) > _MOST_DIGITS else float(value)
    until = date_of(headers, "Retry-After")
    return None if until is None else max(0.0, until - now)


class Weights:
    """The request weight used in the running minute, as the exchange counts it."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._used = 0, 0  # weight, and the minute it was used in: replaced together, since several threads ask

    def heard(self, headers: Mapping[str, str], now: float) -> None:
        """Take the exchange's word of what was used, heard at ``now``, in seconds."""
        used = headers.get("X-MBX-USED-WEIGHT-1M", "")
        if used.isascii() and used.isdecimal() and len(used) <= _MOST_DIGITS:  # a load balancer's answer does not say
            self._used = int(used), int(now // 60)

    def wait(self, weight: int, now: float) -> float:
        """Seconds until the next minute begins, where ``weight`` more would near the limit in this one."""
        used, minute = self._used
        if used + weight <= self.limit * _NEAR or int(now // 60) > minute:
            return 0.0
        return 60.0 - now % 60.0


class ExchangeTime:
    """The exchange's clock: what it said last, carried on by a clock of ours that nobody sets."""

    def __init__(self, wall: Callable[[], float], monotonic: Callable[[], float]) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._heard: tuple[float, float] | None = None

    def heard(self, seconds: float) -> None:
        """Take the exchange's word of its time. In truth it is a little later there, since the answer took its time."""
        self._heard = seconds, self._monotonic()

    def age(self) -> float:
        """Seconds since it was last heard of."""
        heard = self._heard
        return math.inf if heard is None else self._monotonic() - heard[1]

    def known(self) -> float | None:
        """Epoch seconds there, None where it has not said."""
        heard = self._heard  # looked at once: another thread may hear of it meanwhile
        return None if heard is None else heard[0] + (self._monotonic() - heard[1])

    def now(self) -> float:
        """Epoch seconds there, by this machine's clock where it has not said."""
        known = self.known()
        return self._wall() if known is None else known


class Stopwatch:
    """How long something was tried, without the waits that the exchange asked for: they are not a failure's."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._began = monotonic()

    def leave_out(self, seconds: float) -> None:
        """So long the exchange asked to wait."""
        self._began += seconds

    def elapsed(self) -> float:
        """The seconds that count."""
        return self._monotonic() - self._began
