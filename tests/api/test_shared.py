"""One computation for any number of requests, kept for a while or while there is room."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo

import pytest
from cachetools import LRUCache

from api.shared import Kept, Latest, Shared
from volatility.domain.calendar import SessionCalendar
from volatility.domain.series import Series


class Work:
    """A computation that ends when it is told to, and counts how often it began."""

    def __init__(self) -> None:
        self.begun = 0
        self.go = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self, _: str) -> int:
        self.begun += 1
        number = self.begun
        await self.go.wait()
        if self.error:
            raise self.error
        return number


class Ticks:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await scenario()

    asyncio.run(main())


async def started(answers: Shared[str, int], count: int, key: str = "k") -> list[asyncio.Task[int]]:
    """So many clients that all wait for the same answer."""
    clients = [asyncio.create_task(answers.get(key)) for _ in range(count)]
    for _ in range(3):
        await asyncio.sleep(0)
    return clients


def test_a_hundred_at_once_cost_one_computation() -> None:
    async def scenario() -> None:
        work = Work()
        answers = Shared(work, 2, Ticks())
        clients = await started(answers, 100)
        assert work.begun == 1
        work.go.set()
        assert await asyncio.gather(*clients) == [1] * 100

    run(scenario)


def test_an_answer_is_kept_for_its_seconds_counted_from_its_beginning() -> None:
    async def scenario() -> None:
        work, ticks = Work(), Ticks()
        answers = Shared(work, 2, ticks)
        clients = await started(answers, 1)
        ticks.now += 1.5  # so long it takes
        work.go.set()
        assert await asyncio.gather(*clients) == [1]
        ticks.now += 0.4
        assert await answers.get("k") == 1
        ticks.now += 0.1
        assert await answers.get("k") == 2

    run(scenario)


def test_no_seconds_keep_nothing_but_still_share() -> None:
    async def scenario() -> None:
        work = Work()
        answers = Shared(work, 0, Ticks())
        clients = await started(answers, 5)
        work.go.set()
        assert await asyncio.gather(*clients) == [1] * 5
        assert await answers.get("k") == 2

    run(scenario)


def test_each_key_has_its_own_answer() -> None:
    async def scenario() -> None:
        work = Work()
        answers = Shared(work, 2, Ticks())
        clients = [*await started(answers, 2, "a"), *await started(answers, 2, "b")]
        work.go.set()
        assert await asyncio.gather(*clients) == [1, 1, 2, 2]

    run(scenario)


def test_an_error_reaches_all_who_wait_and_is_not_kept() -> None:
    async def scenario() -> None:
        work = Work()
        answers = Shared(work, 2, Ticks())
        clients = await started(answers, 10)
        work.error = ValueError("away")
        work.go.set()
        results = await asyncio.gather(*clients, return_exceptions=True)
        assert [str(result) for result in results] == ["away"] * 10
        assert all(isinstance(result, ValueError) for result in results)
        assert work.begun == 1
        work.error = None
        assert await answers.get("k") == 2

    run(scenario)


def test_an_error_leaves_the_answer_before_it_no_longer_kept_than_before() -> None:
    async def scenario() -> None:
        work, ticks = Work(), Ticks()
        work.go.set()
        answers = Shared(work, 2, ticks)
        assert await answers.get("k") == 1
        ticks.now += 2
        work.error = ValueError("away")
        with pytest.raises(ValueError, match="away"):
            await answers.get("k")

    run(scenario)


def test_a_client_that_goes_away_takes_nobodys_answer_along() -> None:
    async def scenario() -> None:
        work = Work()
        answers = Shared(work, 2, Ticks())
        first, second = await started(answers, 2)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        work.go.set()
        assert await second == 1
        assert await answers.get("k") == 1

    run(scenario)


def test_the_answer_is_kept_though_everyone_who_waited_went_away() -> None:
    async def scenario() -> None:
        work = Work()
        answers = Shared(work, 2, Ticks())
        (only,) = await started(answers, 1)
        only.cancel()
        work.go.set()
        await asyncio.sleep(0.01)
        assert await answers.get("k") == 1

    run(scenario)


def test_an_error_that_nobody_waits_for_is_no_complaint_of_the_loop() -> None:
    async def scenario() -> None:
        complaints: list[dict[str, object]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        work = Work()
        answers = Shared(work, 2, Ticks())
        (only,) = await started(answers, 1)
        only.cancel()
        work.error = ValueError("away")
        work.go.set()
        await asyncio.sleep(0.01)
        del only
        gc.collect()
        await asyncio.sleep(0.01)
        assert complaints == []

    run(scenario)


def test_the_end_of_the_loop_ends_a_computation_without_a_complaint() -> None:
    async def scenario() -> None:
        answers = Shared(Work(), 2, Ticks())
        await started(answers, 2)

    run(scenario)


class Rendering:
    """A computation of texts, which counts how often it began."""

    def __init__(self) -> None:
        self.begun: list[str] = []

    async def __call__(self, text: str) -> bytes:
        self.begun.append(text)
        await asyncio.sleep(0)
        return text.encode()


def within_ten_bytes(rendering: Rendering) -> Kept[str, bytes]:
    return Kept(rendering, LRUCache(10, getsizeof=len))


def test_what_was_used_least_recently_makes_room() -> None:
    async def scenario() -> None:
        rendering = Rendering()
        kept = within_ten_bytes(rendering)
        for text in ("aaaa", "bbbb", "aaaa", "cccc", "aaaa", "cccc", "bbbb"):
            assert await kept.get(text) == text.encode()
        assert rendering.begun == ["aaaa", "bbbb", "cccc", "bbbb"]

    run(scenario)


def test_what_is_asked_at_once_is_rendered_once() -> None:
    async def scenario() -> None:
        rendering = Rendering()
        kept = within_ten_bytes(rendering)
        assert await asyncio.gather(*(kept.get("aaaa") for _ in range(9))) == [b"aaaa"] * 9
        assert rendering.begun == ["aaaa"]

    run(scenario)


def test_what_is_larger_than_all_the_room_is_not_kept_and_drops_nothing() -> None:
    async def scenario() -> None:
        rendering = Rendering()
        kept = within_ten_bytes(rendering)
        for text in ("small", "larger than ten", "larger than ten", "small", "just ten b"):
            assert await kept.get(text) == text.encode()
        assert rendering.begun == ["small", "larger than ten", "larger than ten", "just ten b"]

    run(scenario)


@dataclass(frozen=True)
class OfDay:
    """What is asked of a series on a day."""

    series: Series
    day: int


def test_of_each_series_the_latest_is_kept_and_of_few_series() -> None:
    def series(name: str) -> Series:
        return Series(name, SessionCalendar(time(11), ZoneInfo("Europe/Moscow")), (5,), 0)

    async def scenario() -> None:
        begun: list[tuple[str, int]] = []

        async def read(asked: OfDay) -> int:
            begun.append((asked.series.symbol, asked.day))
            return asked.day

        latest = Latest(read, 2)
        for name, day in (("A", 1), ("A", 1), ("A", 2), ("B", 1), ("A", 2), ("C", 1), ("A", 2), ("B", 1), ("A", 1)):
            assert await latest.get(OfDay(series(name), day)) == day
        assert begun == [("A", 1), ("A", 2), ("B", 1), ("C", 1), ("B", 1), ("A", 1)]

    run(scenario)
