"""Histograms of percentages, with edges that are round numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from volatility.analytics.numerics import TIE
from volatility.domain.arrays import FloatArray

_MOST_BINS: Final = 40
_SHOWN: Final = 0.98  # of the values lie within the bins, at least
_UNITS: Final = 10_000  # in a percent: no step is finer than one of them


class Histogram(NamedTuple):
    """Counts between ``edges``, which are one more than the counts; ``beyond`` counts from the last edge on."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    beyond: int


def histogram(values: FloatArray) -> Histogram:
    """Count values, percent and not negative, in bins of one width from 0 on; all empty without values.

    The width is 1, 2 or 5 times a power of ten: the finest that needs at most 40 bins for 98 % of the values, so 17 at
    least; there are fewer where 0.0001 is fine enough. A bin holds its lower edge: a value that is an edge but for the
    rounding of doubles (`TIE`) belongs to the bin at its right.
    """
    if not len(values):
        return Histogram((), (), 0)
    top = (float(np.quantile(values, _SHOWN, method="inverted_cdf")) + TIE) * _UNITS
    width = next(width for width in _round_widths() if top // width < _MOST_BINS)
    bins = int(top // width) + 1
    # A quotient of integers is the double nearest to the decimal: 3 * 0.1 would be another one.
    edges = tuple(place * width / _UNITS for place in range(bins + 1))
    places = np.searchsorted(edges, values + TIE, side="right") - 1
    *counts, beyond = np.bincount(places, minlength=bins + 1).tolist()
    return Histogram(edges, tuple(counts), beyond)


def _round_widths() -> Iterator[int]:
    """1, 2, 5, 10, 20, 50 and so on."""
    power = 1
    while True:
        yield from (power, 2 * power, 5 * power)
        power *= 10
