"""The rule by which candles of one market are told from those of another.

Two sources of one market serve equal candles, hour by hour. Two markets hardly ever do. Even where a large tick makes
their prices equal, their volumes differ. The numbers, and what they rest on:

- Two candles *agree* where each price is equal within 0.01 % (or one unit of the eighth decimal, the last that the
  exchange sends) and the volume within 1 %. That is more than a revision is seen to change: 7976.74 became 7976.73, and
  a volume of 1055.87 became 1063.59. Of 55,740 real hours none agrees with the hour, two hours or the day before it.
- Hours without a trade tell nothing: they are the same in every market.
- A revision changes single hours. So where at least 6 hours agree, and at most one does not for every 12 that do, the
  market is the same, at once.
- Else older candles decide, spread over all that is stored. At least half of those compared must agree: in one market
  nearly all do, in another nearly none, and what an earlier mix damaged is in between. So are the 43 hours of February
  2018 that some sources count from xx:28 on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from volatility.domain.candles import Candle
from volatility.domain.digits import plain
from volatility.domain.hours import to_datetime

PRICE_TOLERANCE: Final = 1e-4
VOLUME_TOLERANCE: Final = 1e-2
_LAST_DECIMAL: Final = 1.000001e-8  # a little more than one unit, for what doubles make of a difference
FEW_HOURS: Final = 6  # fewer decide only together with all others there are
_ONE_IN: Final = 12


class Difference(NamedTuple):
    """An hour that does not agree: the candle that is stored, and the one that was served, if any."""

    stored: Candle
    served: Candle | None

    def __str__(self) -> str:
        hour = f"{to_datetime(self.stored.open_time_ms):%Y-%m-%d %H:%M} UTC"
        there = "no candle" if self.served is None else _words(self.served)
        return f"{hour} has {_words(self.stored)} in the database, {there} there"


class Comparison(NamedTuple):
    """Stored hours set beside what was served for them: how many agree, how many differ, how many were not served."""

    agree: int = 0
    differ: int = 0
    absent: int = 0
    first: Difference | None = None

    @property
    def hours(self) -> int:
        """How many hours could tell anything."""
        return self.agree + self.differ + self.absent

    @property
    def clearly_one_market(self) -> bool:
        """Whether nothing but revised or late hours differ."""
        return self.agree >= FEW_HOURS and (self.differ + self.absent) * _ONE_IN <= self.agree

    @property
    def one_market(self) -> bool:
        """Whether more speaks for one market than against it; what was not served speaks for nothing."""
        return self.agree > 0 and self.agree >= self.differ

    def plus(self, other: Comparison) -> Comparison:
        """Both together."""
        sums = (self.agree + other.agree, self.differ + other.differ, self.absent + other.absent)
        return Comparison(*sums, _telling(self.first, other.first))


def compare(stored: Iterable[Candle], served: Iterable[Candle]) -> Comparison:
    """Set stored candles beside what was served for their hours."""
    there = {candle.open_time_ms: candle for candle in served}
    agree = differ = absent = 0
    first: Difference | None = None
    for candle in stored:
        other = there.get(candle.open_time_ms)
        if _tells_nothing(candle, other):
            continue
        if other is not None and _agree(candle, other):
            agree += 1
            continue
        differ, absent = differ + (other is not None), absent + (other is None)
        first = _telling(first, Difference(candle, other))
    return Comparison(agree, differ, absent, first)


def _agree(one: Candle, other: Candle) -> bool:
    """Equal up to what a revision changes."""
    prices = zip(one[1:5], other[1:5], strict=True)
    if any(abs(a - b) > max(PRICE_TOLERANCE * a, _LAST_DECIMAL) for a, b in prices):
        return False
    return abs(one.volume - other.volume) <= VOLUME_TOLERANCE * max(one.volume, other.volume)


def _tells_nothing(stored: Candle, served: Candle | None) -> bool:
    """Whether nothing was traded, by both words: also a source that leaves such hours out is right."""
    return not stored.volume and (served is None or _agree(stored, served))


def _telling(one: Difference | None, other: Difference | None) -> Difference | None:
    """The first that shows two candles, else the first."""
    if one is None or (one.served is None and other is not None and other.served is not None):
        return other
    return one


def _words(candle: Candle) -> str:
    return f"close {plain(candle.close)} and volume {plain(candle.volume)}"
