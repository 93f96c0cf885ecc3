"""What is measured, as plain values: the raw numbers that are kept, and the medians that are shown."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True)
class Cost:
    """What one process cost: seconds on the clock, seconds of processor, resident memory at its peak in MB (2^20)."""

    seconds: float
    processor_seconds: float
    peak_mb: float


class Spread(NamedTuple):
    """The median, the lowest and the highest of some numbers."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of at least one number."""
        return cls(statistics.median(values), min(values), max(values))


@dataclass
class Job:
    """A command that was run several times, and the bare process that was run in turn with it.

    Attributes:
        name: which one, a key of ``table.JOBS``.
        database: SQLite or MariaDB.
        count: candles or sessions that it worked on.
    """

    name: str
    database: str
    count: int = 0
    runs: list[Cost] = field(default_factory=list)
    bare: list[Cost] = field(default_factory=list)

    def spread(self, part: Callable[[Cost], float]) -> Spread:
        """Of one part of the cost."""
        return Spread.of([part(run) for run in self.runs])

    def bare_spread(self, part: Callable[[Cost], float]) -> Spread:
        """The same of the bare process."""
        return Spread.of([part(run) for run in self.bare])


@dataclass(frozen=True)
class Load:
    """What clients got: answers in each second, and latencies over all of them."""

    requests_per_second: list[int]
    p50_ms: float
    p99_ms: float
    most_ms: float


@dataclass(frozen=True)
class Endpoint:
    """One endpoint under load, and the bare one that answers with the same bytes."""

    path: str
    database: str
    clients: int
    answer_bytes: int
    load: Load
    bare: Load

    @property
    def share(self) -> float:
        """Requests per second as a share of the bare endpoint's."""
        bare = statistics.median(self.bare.requests_per_second)
        return statistics.median(self.load.requests_per_second) / bare if bare else 0.0


Result = Job | Endpoint
