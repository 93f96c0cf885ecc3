"""How far a backfill has come: a bar on a terminal, plain log lines elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

log = logging.getLogger(__name__)

Progress: TypeAlias = Callable[[int, int], None]
_LOG_SECONDS = 5.0


@contextmanager
def shown_progress(symbol: str) -> Iterator[Progress]:
    """Shows the progress of one symbol's backfill on stderr."""
    if sys.stderr.isatty():
        with _bar(symbol) as progress:
            yield progress
    else:
        yield _log_lines(symbol)


def _log_lines(symbol: str) -> Progress:
    """A line every few seconds, and one at the end of what took longer."""
    began = last = time.monotonic()

    def progress(done_hours: int, all_hours: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _LOG_SECONDS or (done_hours == all_hours and now - began >= _LOG_SECONDS):
            last = now
            log.info("%s: %d of %d hours", symbol, done_hours, all_hours)

    return progress


@contextmanager
def _bar(symbol: str) -> Iterator[Progress]:
    """A bar that shows itself once there is something to wait for."""
    try:
        from rich.console import Console  # noqa: PLC0415 - a tenth of a second that only a terminal needs
        from rich.progress import Progress as Bar  # noqa: PLC0415
    except ImportError:  # the image of the jobs has no use for it
        yield _log_lines(symbol)
        return
    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{symbol}: hours of history", total=None, visible=False)

        def progress(done_hours: int, all_hours: int) -> None:
            bar.update(task, completed=done_hours, total=all_hours, visible=all_hours > 1000)

        yield progress
