"""When to try again, and after how long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volatility.domain.retry import ONCE, RetryPolicy

POLICY = RetryPolicy(seconds=60, attempts=5, first_wait=0.5, longest_wait=3)


def test_waits_double_up_to_the_longest() -> None:
    assert [POLICY.wait(failures, 0.0) for failures in range(1, 6)] == [0.5, 1.0, 2.0, 3.0, 3.0]


def test_jitter_shortens_a_wait_by_up_to_a_half() -> None:
    assert POLICY.wait(2, 0.5) == 0.75
    assert POLICY.wait(2, 1.0) == 0.5


@given(st.integers(1, 100_000), st.floats(0, 1, exclude_max=True))
def test_a_wait_is_never_longer_than_the_longest_nor_shorter_than_half_the_first(failures: int, jitter: float) -> None:
    assert 0.25 <= POLICY.wait(failures, jitter) <= 3


@pytest.mark.parametrize(
    ("failures", "elapsed", "wait", "again"),
    [
        (1, 0, 0.5, True),
        (4, 0, 0.5, True),
        (5, 0, 0.5, False),  # five tries are all there are
        (1, 59.5, 0.5, True),
        (1, 59.6, 0.5, False),  # the next try would begin after the end
    ],
)
def test_trying_ends_by_count_and_by_time(failures: int, elapsed: float, wait: float, again: bool) -> None:
    assert POLICY.again(failures, elapsed, wait) is again


def test_once_is_once() -> None:
    assert not ONCE.again(1, 0, 0)


@pytest.mark.parametrize("seconds", [0.5, 1, 5, 60, 3600])
def test_trying_ends_with_the_time_and_not_with_ever_shorter_waits(seconds: float) -> None:
    """A clock that shows no more than the waits: their sum comes near the end without ever passing it."""
    policy, elapsed, failures = RetryPolicy(seconds), 0.0, 1
    while policy.again(failures, elapsed, wait := policy.wait(failures, 0.3, elapsed)):
        elapsed, failures = elapsed + wait, failures + 1
        assert failures < 1000
    assert elapsed == pytest.approx(seconds)
