"""One computation for any number of requests, kept for a while."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class SharedAnswers(Generic[K, V]):
    """Answers by key: computed once however many ask at the same time, and kept for ``seconds``.

    Everyone who asks while an answer is computed gets that one; an error goes to everyone who waits and is not kept.
    """

    def __init__(self, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._monotonic = seconds, monotonic
        self._kept: dict[K, tuple[float, V]] = {}
        self._running: dict[K, asyncio.Task[V]] = {}

    async def get(self, key: K, compute: Callable[[], Awaitable[V]]) -> V:
        """The answer for a key, at most ``seconds`` older than now."""
        kept = self._kept.get(key)
        if kept is not None and self._monotonic() - kept[0] < self._seconds:
            return kept[1]
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.ensure_future(self._compute(key, compute))
            task.add_done_callback(lambda done: self._ended(key, done))
        return await asyncio.shield(task)  # one client that goes away takes nobody's answer along

    def _ended(self, key: K, task: asyncio.Task[V]) -> None:
        del self._running[key]
        if not task.cancelled():
            task.exception()  # seen: where everyone who waited went away, nobody else looks

    async def _compute(self, key: K, compute: Callable[[], Awaitable[V]]) -> V:
        began = self._monotonic()
        value = await compute()
        if self._seconds > 0:
            self._kept[key] = (began, value)
        return value


class BodyCache(Generic[K, V]):
    """Rendered answers, the least recently used dropped when together they pass ``most_bytes``."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes, self._bytes = most_bytes, 0
        self._bodies: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """A kept body."""
        kept = self._bodies.get(key)
        if kept is None:
            return None
        self._bodies.move_to_end(key)
        return kept[0]

    def put(self, key: K, body: V, size: int) -> None:
        """Keep a body of ``size`` bytes."""
        if key in self._bodies:
            self._bytes -= self._bodies.pop(key)[1]
        self._bodies[key] = body, size
        self._bytes += size
        while self._bytes > self._most_bytes and self._bodies:
            self._bytes -= self._bodies.popitem(last=False)[1][1]
