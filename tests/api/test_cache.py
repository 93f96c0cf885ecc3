"""One computation for any number of requests; bodies within a limit of bytes."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable

import pytest

from api.cache import BodyCache, SharedAnswers


class Work:
    """A computation that ends when it is told to, and counts how often it began."""

    def __init__(self) -> None:
        self.begun = 0
        self.go = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> int:
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


async def started(answers: SharedAnswers[str, int], work: Work, count: int, key: str = "k") -> list[asyncio.Task[int]]:
    """So many clients that all wait for the same answer."""
    clients = [asyncio.create_task(answers.get(key, work)) for _ in range(count)]
    for _ in range(3):
        await asyncio.sleep(0)
    return clients


def test_a_hundred_at_once_cost_one_computation() -> None:
    async def scenario() -> None:
        work, answers = Work(), SharedAnswers[str, int](2, Ticks())
        clients = await started(answers, work, 100)
        assert work.begun == 1
        work.go.set()
        assert await asyncio.gather(*clients) == [1] * 100

    run(scenario)


def test_an_answer_is_kept_for_its_seconds_counted_from_its_beginning() -> None:
    async def scenario() -> None:
        work, ticks = Work(), Ticks()
        answers = SharedAnswers[str, int](2, ticks)
        clients = await started(answers, work, 1)
        ticks.now += 1.5  # so long it takes
        work.go.set()
        assert await asyncio.gather(*clients) == [1]
        ticks.now += 0.4
        assert await answers.get("k", work) == 1
        ticks.now += 0.1
        assert await answers.get("k", work) == 2

    run(scenario)


def test_no_seconds_keep_nothing_but_still_share() -> None:
    async def scenario() -> None:
        work, answers = Work(), SharedAnswers[str, int](0, Ticks())
        clients = await started(answers, work, 5)
        work.go.set()
        assert await asyncio.gather(*clients) == [1] * 5
        assert await answers.get("k", work) == 2

    run(scenario)


def test_each_key_has_its_own_answer() -> None:
    async def scenario() -> None:
        work, answers = Work(), SharedAnswers[str, int](2, Ticks())
        clients = [*await started(answers, work, 2, "a"), *await started(answers, work, 2, "b")]
        work.go.set()
        assert await asyncio.gather(*clients) == [1, 1, 2, 2]

    run(scenario)


def test_an_error_reaches_all_who_wait_and_is_not_kept() -> None:
    async def scenario() -> None:
        work, answers = Work(), SharedAnswers[str, int](2, Ticks())
        clients = await started(answers, work, 10)
        work.error = ValueError("away")
        work.go.set()
        results = await asyncio.gather(*clients, return_exceptions=True)
        assert [str(result) for result in results] == ["away"] * 10
        assert all(isinstance(result, ValueError) for result in results)
        assert work.begun == 1
        work.error = None
        assert await answers.get("k", work) == 2

    run(scenario)


def test_an_error_leaves_the_answer_before_it_no_longer_kept_than_before() -> None:
    async def scenario() -> None:
        work, ticks = Work(), Ticks()
        work.go.set()
        answers = SharedAnswers[str, int](2, ticks)
        assert await answers.get("k", work) == 1
        ticks.now += 2
        work.error = ValueError("away")
        with pytest.raises(ValueError, match="away"):
            await answers.get("k", work)

    run(scenario)


def test_a_client_that_goes_away_takes_nobodys_answer_along() -> None:
    async def scenario() -> None:
        work, answers = Work(), SharedAnswers[str, int](2, Ticks())
        first, second = await started(answers, work, 2)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        work.go.set()
        assert await second == 1
        assert await answers.get("k", work) == 1

    run(scenario)


def test_the_answer_is_kept_though_everyone_who_waited_went_away() -> None:
    async def scenario() -> None:
        work, answers = Work(), SharedAnswers[str, int](2, Ticks())
        (only,) = await started(answers, work, 1)
        only.cancel()
        work.go.set()
        await asyncio.sleep(0.01)
        assert await answers.get("k", work) == 1

    run(scenario)


def test_an_error_that_nobody_waits_for_is_no_complaint_of_the_loop() -> None:
    async def scenario() -> None:
        complaints: list[dict[str, object]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        work, answers = Work(), SharedAnswers[str, int](2, Ticks())
        (only,) = await started(answers, work, 1)
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
        answers = SharedAnswers[str, int](2, Ticks())
        await started(answers, Work(), 2)

    run(scenario)


def test_bodies_that_were_used_least_recently_make_room() -> None:
    cache = BodyCache[str, bytes](10)
    cache.put("a", b"1234", 4)
    cache.put("b", b"1234", 4)
    assert cache.get("a") == b"1234"
    cache.put("c", b"1234", 4)
    assert [cache.get(key) for key in "abc"] == [b"1234", None, b"1234"]


def test_a_body_in_place_of_another_counts_once() -> None:
    cache = BodyCache[str, bytes](10)
    for _ in range(5):
        cache.put("a", b"12345", 5)
    cache.put("b", b"12345", 5)
    assert (cache.get("a"), cache.get("b")) == (b"12345", b"12345")


def test_a_body_that_is_larger_than_all_the_room_is_not_kept() -> None:
    cache = BodyCache[str, bytes](10)
    cache.put("small", b"1", 1)
    cache.put("large", b"12345678901", 11)
    assert (cache.get("small"), cache.get("large")) == (None, None)
    cache.put("next", b"1234567890", 10)
    assert cache.get("next") == b"1234567890"
