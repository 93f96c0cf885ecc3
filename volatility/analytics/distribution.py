"""A predictive distribution as a weighted sample: quantiles, odds and intervals without any further assumption."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from volatility.analytics.numerics import TIE
from volatility.domain.metrics import QUANTILE_LEVELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volatility.domain.arrays import FloatArray


ROUNDING = 1e-12  # probabilities this close are the same one, but for the rounding of doubles


@dataclass(frozen=True)
class Interval:
    """A closed prediction interval [low, high], and the probability that the distribution gives it."""

    low: float
    high: float
    probability: float


@dataclass(frozen=True)
class Distribution:
    """A discrete distribution: `values` (N) ascending with `cumulative` (N) probabilities, the last of them 1."""

    values: FloatArray
    cumulative: FloatArray

    @property
    def weights(self) -> FloatArray:
        """(N) probability of each value."""
        return np.diff(self.cumulative, prepend=0.0)

    @property
    def mean(self) -> float:
        """The expectation."""
        return weighted_sum(self.values, self.weights)

    def quantile(self, level: float) -> float:
        """Smallest value whose cumulative probability reaches `level` (0 to 1)."""
        at = int(np.searchsorted(self.cumulative, level - ROUNDING))
        return float(self.values[min(at, len(self.values) - 1)])

    def quantiles(self, levels: Sequence[float] = QUANTILE_LEVELS) -> tuple[float, ...]:
        """Quantiles at several levels."""
        return tuple(self.quantile(level) for level in levels)

    def at_most(self, value: float) -> float:
        """P(X <= value)."""
        at = int(np.searchsorted(self.values, value, side="right"))
        return float(self.cumulative[at - 1]) if at else 0.0

    def below(self, value: float) -> float:
        """P(X < value)."""
        at = int(np.searchsorted(self.values, value, side="left"))
        return float(self.cumulative[at - 1]) if at else 0.0

    def exceeds(self, value: float) -> float:
        """P(X > value)."""
        return max(0.0, 1.0 - self.at_most(value))

    @property
    def atom(self) -> float:
        """Probability of the smallest value: late in a session the chance that the range does not grow any more."""
        return self.at_most(float(self.values[0]) + TIE)

    def interval(self, level: float) -> Interval:
        """Prediction interval of nominal probability `level`.

        With equal tails, unless the smallest value alone holds more than the lower tail: then no part of the
        distribution lies below, so the interval goes from the smallest value to the quantile `level`. Where the
        smallest value is likelier than `level`, it is the whole interval, and its probability is larger than nominal.
        """
        tail = (1 - level) / 2
        if self.atom > tail + ROUNDING:
            low, high = float(self.values[0]), self.quantile(level)
        else:
            low, high = self.quantile(tail), self.quantile(1 - tail)
        return Interval(low, high, self.at_most(high) - self.below(low))


def nested_intervals(distribution: Distribution, levels: Sequence[float]) -> list[Interval]:
    """The intervals at ascending levels, each as wide as the one before it or wider.

    Where the point mass lies between the tails of two levels, the wider one alone might end first.
    """
    found: list[Interval] = []
    for level in levels:
        own = distribution.interval(level)
        low, high = own.low, own.high
        if found:
            low, high = min(low, found[-1].low), max(high, found[-1].high)
        found.append(Interval(low, high, distribution.at_most(high) - distribution.below(low)))
    return found


def weighted_sum(values: FloatArray, weights: FloatArray) -> float:
    """Sum of products, the same to the last bit whatever the machine's number of cores.

    Not `values @ weights`: BLAS shares long vectors among threads, which costs milliseconds where cores are busy.
    """
    return float(np.sum(values * weights))


def from_samples(values: FloatArray, weights: FloatArray | None = None) -> Distribution:
    """Build a distribution from samples in any order and their weights (equal ones by default).

    Raises:
        ValueError: if there is no sample, or no positive weight.
    """
    if len(values) == 0:
        raise ValueError("a distribution needs at least one sample, got none")
    order = np.argsort(values)
    parts = np.ones(len(values)) if weights is None else weights[order]
    cumulative = np.cumsum(parts)
    if not cumulative[-1] > 0:
        raise ValueError(f"the weights of a distribution must have a positive sum, got {cumulative[-1]}")
    cumulative = cumulative / cumulative[-1]
    cumulative[-1] = 1.0
    return Distribution(np.asarray(values)[order], cumulative)
