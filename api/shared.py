"""One computation for any number of requests, kept for a while or while there is room.

What is asked is at once the key and all that the computation is given: nothing that an answer depends on can be
missing from its key.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable, MutableMapping
from contextlib import suppress
from typing import Generic, Protocol, TypeVar

from anyio import to_thread
from cachetools import LRUCache

from volatility.domain.series import Series

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class OfSeries(Hashable, Protocol):
    """What is asked of one series."""

    @property
    def series(self) -> Series:
        """Of which."""


S = TypeVar("S", bound=OfSeries)


def in_thread(work: Callable[[K], V]) -> Callable[[K], Awaitable[V]]:
    """The same computation in a thread, so that nobody else waits for it."""

    async def compute(asked: K) -> V:
        return await to_thread.run_sync(work, asked)

    return compute


class Shared(Generic[K, V]):
    """Answers by what is asked: computed once however many ask at the same time, and kept for ``seconds``.

    Everyone who asks while an answer is computed gets that one; an error goes to everyone who waits and is not kept.
    """

    def __init__(
        self, compute: Callable[[K], Awaitable[V]], seconds: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._compute, self._seconds, self._monotonic = compute, seconds, monotonic
        self._kept: dict[K, tuple[float, V]] = {}
        self._running: dict[K, asyncio.Task[V]] = {}

    async def get(self, asked: K) -> V:
        """The answer, at most ``seconds`` older than now."""
        kept = self._kept.get(asked)
        if kept is not None and self._monotonic() - kept[0] < self._seconds:
            return kept[1]
        task = self._running.get(asked)
        if task is None:
            task = self._running[asked] = asyncio.ensure_future(self._answer(asked))
            task.add_done_callback(lambda done: self._ended(asked, done))
        return await asyncio.shield(task)  # one client that goes away takes nobody's answer along

    def _ended(self, asked: K, task: asyncio.Task[V]) -> None:
        del self._running[asked]
        if not task.cancelled():
            task.exception()  # seen: where everyone who waited went away, nobody else looks

    async def _answer(self, asked: K) -> V:
        began = self._monotonic()
        value = await self._compute(asked)
        if self._seconds > 0:
            self._kept[asked] = (began, value)
        return value


class Kept(Generic[K, V]):
    """Answers by what is asked, each computed once and kept while there is ``room`` for it."""

    def __init__(self, compute: Callable[[K], Awaitable[V]], room: MutableMapping[K, V]) -> None:
        self._room = room
        self._computing = Shared(compute, 0.0)

    async def get(self, asked: K) -> V:
        """The answer."""
        found = self._room.get(asked)
        if found is None:
            found = await self._computing.get(asked)
            with suppress(ValueError):  # larger than all the room
                self._room[asked] = found
        return found


class Latest(Generic[S, V]):
    """Of each series the answer to what was asked last, for the few series that were asked of last."""

    def __init__(self, compute: Callable[[S], Awaitable[V]], series: int) -> None:
        self._kept: LRUCache[Series, tuple[S, V]] = LRUCache(series)
        self._computing = Shared(compute, 0.0)

    async def get(self, asked: S) -> V:
        """The answer."""
        kept = self._kept.get(asked.series)
        if kept is not None and kept[0] == asked:
            return kept[1]
        found = await self._computing.get(asked)
        self._kept[asked.series] = asked, found
        return found
