"""Hours that a generated market never has: few, the same whoever asks, and not at either end of a year."""

from __future__ import annotations

import itertools

import pytest

from exchange_simulator.gaps import gap_hours

YEAR = 365 * 24
LONG = 12 * YEAR


def longest_run(hours: list[int]) -> int:
    """How many follow each other at most."""
    length = longest = 1
    for before, hour in itertools.pairwise(hours):
        length = length + 1 if hour == before + 1 else 1
        longest = max(longest, length)
    return longest


@pytest.mark.parametrize("seed", range(6))
def test_each_year_lacks_two_hours_and_every_second_one_some_in_a_row(seed: int) -> None:
    for year in range(12):
        missing = sorted(gap_hours(seed, year * YEAR, (year + 1) * YEAR))
        longest = longest_run(missing)
        assert len(missing) <= 2 + (9 if year % 2 == 0 else 0)
        assert 3 <= longest <= 11 if year % 2 == 0 else longest <= 2
        assert year * YEAR + 48 <= missing[0]
        assert missing[-1] < (year + 1) * YEAR - 48 + 9


@pytest.mark.parametrize("step", [1000, 720, YEAR - 1])
def test_the_hours_are_the_same_however_they_are_asked_for(step: int) -> None:
    whole = gap_hours(7, 0, LONG)
    parts = [gap_hours(7, first, min(first + step, LONG)) for first in range(0, LONG, step)]
    assert set().union(*parts) == whole
    assert sum(map(len, parts)) == len(whole)


def test_the_stop_is_left_out_and_another_seed_has_other_gaps() -> None:
    hour = min(gap_hours(7, 0, YEAR))
    assert gap_hours(7, hour, hour + 1) == {hour}
    assert gap_hours(7, 0, hour) == set()
    assert gap_hours(8, 0, YEAR) != gap_hours(7, 0, YEAR)
