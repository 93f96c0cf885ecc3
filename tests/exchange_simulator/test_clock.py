"""The exchange's clock."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from exchange_simulator import Clock
from exchange_simulator.clock import system_ms
from exchange_simulator.instants import to_iso, to_ms


class Source:
    """A machine's clock in the hands of the test."""

    def __init__(self) -> None:
        self.ms = 1_000_000

    def __call__(self) -> int:
        return self.ms


def test_by_default_it_is_the_machines_clock() -> None:
    assert abs(Clock().now_ms() - system_ms()) < 1000


def test_a_clock_that_was_set_runs_on_from_there() -> None:
    source = Source()
    clock = Clock(5_000, source_ms=source)
    source.ms += 250
    assert clock.now_ms() == 5_250
    assert clock.offset_ms == 5_000 - 1_000_000


def test_a_frozen_clock_stands_until_it_is_set_advanced_or_run() -> None:
    source = Source()
    clock = Clock(5_000, frozen=True, source_ms=source)
    source.ms += 10_000
    assert clock.now_ms() == 5_000
    clock.advance(hours=1, minutes=1, seconds=1, ms=1)
    assert clock.now_ms() == 5_000 + 3_661_001
    clock.set(7_000)
    source.ms += 10_000
    assert clock.frozen
    assert clock.now_ms() == 7_000
    clock.run()
    source.ms += 5
    assert not clock.frozen
    assert clock.now_ms() == 7_005


def test_a_running_clock_is_advanced_frozen_and_offset() -> None:
    source = Source()
    clock = Clock(source_ms=source)
    clock.advance(seconds=-2)
    assert clock.now_ms() == 998_000
    clock.freeze()
    source.ms += 1
    assert clock.now_ms() == 998_000
    clock.offset(seconds=90)
    source.ms += 1
    assert clock.now_ms() == 1_000_002 + 90_000


def test_instants_are_milliseconds_text_or_datetimes_with_an_offset() -> None:
    assert to_ms(5) == 5
    assert to_ms("1970-01-01T03:00:01+03:00") == 1000
    assert to_ms(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=1)) == 3_600_000
    assert to_iso(1_502_942_400_001) == "2017-08-17T04:00:00.001Z"


@pytest.mark.parametrize("wrong", ["2024-01-01T00:00:00", "yesterday", datetime(2024, 1, 1), True, None, []])  # noqa: DTZ001 - naive is the point
def test_anything_else_is_no_instant(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"not an instant|Invalid isoformat"):
        to_ms(wrong)  # type: ignore[arg-type] # wrong is the point


def test_a_frozen_clock_shows_what_it_was_set_to_however_slow_the_machine() -> None:
    source = itertools.count(5_000)
    assert Clock(1_000_000, frozen=True, source_ms=lambda: next(source)).now_ms() == 1_000_000
