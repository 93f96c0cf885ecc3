"""The hours that a generated market never has: the exchange was down."""

from __future__ import annotations

import numpy as np

_YEAR_HOURS = 365 * 24
_GAPS_STREAM = 1
"""Tells this random stream from those of the prices."""


def gap_hours(seed: int, first: int, stop: int) -> set[int]:
    """The missing hours among those numbered `first` to `stop - 1` since the start of history."""
    years = range(first // _YEAR_HOURS, (stop - 1) // _YEAR_HOURS + 1)
    return {hour for year in years for hour in _gaps_of_year(seed, year) if first <= hour < stop}


def _gaps_of_year(seed: int, year: int) -> set[int]:
    """Two single hours in every year of 365 days, and 3 to 9 hours in a row in every second one."""
    rng = np.random.default_rng([seed, _GAPS_STREAM, year])
    # The first and the last days stay whole: history starts with a candle, and no gap reaches into the next year.
    single, other, long = (year * _YEAR_HOURS + int(hour) for hour in rng.integers(48, _YEAR_HOURS - 48, 3))
    length = int(rng.integers(3, 10)) if year % 2 == 0 else 0
    return {single, other, *range(long, long + length)}
