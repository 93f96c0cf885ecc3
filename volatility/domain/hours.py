"""Instants and spans of hours. An instant is an ``int``: milliseconds since 1970-01-01T00:00Z, as Binance counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def to_ms(instant: datetime) -> int:
    """Milliseconds since the epoch of an aware datetime."""
    return (instant - _EPOCH) // _MILLISECOND


def to_datetime(instant_ms: int) -> datetime:
    """The aware UTC datetime of an instant."""
    return _EPOCH + timedelta(milliseconds=instant_ms)


def iso(instant_ms: int) -> str:
    """ISO 8601 in UTC with an offset, without a fraction where there is none."""
    return to_datetime(instant_ms).isoformat(timespec="milliseconds" if instant_ms % 1000 else "seconds")


def floor_hour(instant_ms: int) -> int:
    """The start of the hour that the instant falls in."""
    return instant_ms - instant_ms % HOUR_MS


def ceil_hour(instant_ms: int) -> int:
    """The first start of an hour at or after the instant."""
    return -(-instant_ms // HOUR_MS) * HOUR_MS


class Span(NamedTuple):
    """Whole hours ``[start_ms, end_ms)``."""

    start_ms: int
    end_ms: int

    @property
    def hours(self) -> int:
        """How many hours it holds; 0 where the end is not after the start."""
        return max(0, (self.end_ms - self.start_ms) // HOUR_MS)

    def __str__(self) -> str:
        return f"{to_datetime(self.start_ms):%Y-%m-%d %H:%M} to {to_datetime(self.end_ms):%Y-%m-%d %H:%M} UTC"


def merge(spans: Iterable[Span]) -> list[Span]:
    """The union of spans: sorted, disjoint, none empty, none touching another."""
    merged: list[Span] = []
    for span in sorted(span for span in spans if span.hours):
        if merged and span.start_ms <= merged[-1].end_ms:
            merged[-1] = Span(merged[-1].start_ms, max(merged[-1].end_ms, span.end_ms))
        else:
            merged.append(span)
    return merged


def runs(opens_ms: Iterable[int]) -> list[Span]:
    """The contiguous runs of single hours given by their starts."""
    return merge(Span(open_ms, open_ms + HOUR_MS) for open_ms in opens_ms)


def pages(spans: Iterable[Span], hours: int) -> Iterator[Span]:
    """The spans cut into pieces of at most ``hours`` hours, in order."""
    step = hours * HOUR_MS
    for span in spans:
        for start_ms in range(span.start_ms, span.end_ms, step):
            yield Span(start_ms, min(start_ms + step, span.end_ms))
