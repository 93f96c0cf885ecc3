"""How a server's process ends: by SIGTERM or Ctrl+C, which is no failure."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final

from volatility.domain.errors import Stopped

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """SIGTERM and Ctrl+C end the block, closing what it opened. They are no failure: nothing else ends a server."""

    def told(_number: int, _frame: FrameType | None) -> None:
        raise Stopped

    with suppress(Stopped), on_signals(told):
        yield


@contextmanager
def on_signals(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Other handlers, as long as the block runs."""
    before = {number: signal.signal(number, handler) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
