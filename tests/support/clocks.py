"""A clock that nobody waits for."""

from __future__ import annotations

from volatility.exchange.clock import Clock


class FakeClock:
    """The machine's clocks: both stand still until somebody sleeps or ``pass_by`` is called.

    Attributes:
        slept: the seconds of every sleep, in order.
    """

    def __init__(self, wall: float = 1_700_000_000.0, monotonic: float = 50.0) -> None:
        self._wall, self._monotonic = wall, monotonic
        self.slept: list[float] = []

    @property
    def clock(self) -> Clock:
        """What the client is given."""
        return Clock(wall=lambda: self._wall, monotonic=lambda: self._monotonic, sleep=self.sleep)

    def wall_ms(self) -> int:
        """The machine's idea of now."""
        return int(self._wall * 1000)

    def sleep(self, seconds: float) -> None:
        """Write down the wish and let the time pass at once."""
        self.slept.append(seconds)
        self.pass_by(seconds)

    def pass_by(self, seconds: float) -> None:
        """Let time pass without a sleep."""
        self._wall += seconds
        self._monotonic += seconds

    def jump(self, seconds: float) -> None:
        """Somebody sets the clock on the wall."""
        self._wall += seconds
