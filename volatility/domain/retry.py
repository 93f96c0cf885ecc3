"""When to try again, and after how long: pure functions, shared by the exchange's client and the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_CLOSE: Final = 1e-6  # seconds that sums of waits may be off


@dataclass(frozen=True)
class RetryPolicy:
    """How patiently something is tried again.

    Args:
        seconds: trying ends this long after the first try began.
        attempts: trying ends after this many tries, where it is given; else the time alone decides.
        first_wait: seconds before the second try; each further wait is twice the one before.
        longest_wait: no wait is longer, in seconds.
    """

    seconds: float
    attempts: int | None = None
    first_wait: float = 0.5
    longest_wait: float = 15.0

    def wait(self, failures: int, jitter: float, elapsed: float = 0.0) -> float:
        """Seconds to wait after the given number of failures (1 for the first).

        ``jitter`` in [0, 1) shortens the wait by up to a half, so that many clients don't come back together.
        ``elapsed`` seconds of the time are over; the last wait ends when the time does.
        """
        full = min(self.longest_wait, self.first_wait * 2.0 ** min(failures - 1, 60))
        left = self.seconds - elapsed
        return min(full * (1.0 - jitter / 2), left if left > 0 else full)

    def again(self, failures: int, elapsed: float, wait: float) -> bool:
        """Whether another try is due after ``failures`` and a wait, ``elapsed`` seconds since the first try began.

        The try at the end of the time is the last. None follows it at once, however near to the end it began.
        """
        if self.attempts is not None and failures >= self.attempts:
            return False
        return elapsed < self.seconds - _CLOSE and elapsed + wait <= self.seconds + _CLOSE


ONCE = RetryPolicy(seconds=0, attempts=1)
