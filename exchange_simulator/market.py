"""What a market shows at an instant: hourly candles as the exchange sends them, the open one last.

A row is one kline of `GET /api/v3/klines`, rendered as JSON once and kept as bytes, since a page is then no more
than a join::

    [1502942400000,"4261.48000000","4313.62000000","4261.32000000","4308.83000000","47.18100900",
     1502945999999,"202366.13839304",171,"35.16050300","150952.47794304","0"]

https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints#klinecandlestick-data
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from exchange_simulator.walk import Floats

HISTORY_START_MS = 1_502_942_400_000
"""2017-08-17T04:00Z: the first candle of BTCUSDT."""

FIELDS = (
    "open_time",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "close_time",
    "quote_asset_volume",
    "number_of_trades",
    "taker_buy_base_asset_volume",
    "taker_buy_quote_asset_volume",
    "ignore",
)
OPEN_TIME, OPEN, HIGH, LOW, CLOSE, VOLUME, CLOSE_TIME, QUOTE_VOLUME, TRADES, TAKER_BASE, TAKER_QUOTE, IGNORE = range(12)


class MarketError(ValueError):
    """Candles that can't be served: a file that is missing, or not in the format."""


class Market(Protocol):
    """The candles of one symbol."""

    @property
    def symbol(self) -> str:
        """Such as BTCUSDT."""
        ...

    @property
    def source(self) -> str:
        """Where the candles come from, in words: `generated, seed 7`."""
        ...

    def view(self, now_ms: int) -> View:
        """What the exchange shows when its clock shows `now_ms`."""
        ...


def _unknown(open_time_ms: int) -> Floats | None:  # noqa: ARG001 - whatever the hour
    """Nobody knows how the price went within an hour."""
    return None


@dataclass(frozen=True)
class View:
    """Hourly candles up to the clock, ascending.

    Attributes:
        times: open times, ms; may go on beyond `count`.
        rows: the same candles as JSON; may go on beyond `count`.
        count: how many of them are visible.
        open_row: the candle the clock stands in, so far: it replaces the last visible one.
        path: the price at the start of an hour, by its open time, and at the end of each of its minutes, shape (61,);
            None where that is not known.
    """

    times: Sequence[int]
    rows: Sequence[bytes]
    count: int
    open_row: bytes | None = None
    path: Callable[[int], Floats | None] = _unknown

    def position(self, instant_ms: int) -> int:
        """How many visible candles open before an instant."""
        return bisect_left(self.times, instant_ms, 0, self.count)

    def position_after(self, instant_ms: int) -> int:
        """How many visible candles open at an instant or before it."""
        return bisect_right(self.times, instant_ms, 0, self.count)

    def cut(self, start: int, stop: int) -> list[bytes]:
        """The rows at positions `start` to `stop`, the last one left out."""
        stop = min(stop, self.count)
        if start >= stop:
            return []
        rows = list(self.rows[start:stop])
        if self.open_row is not None and stop == self.count:
            rows[-1] = self.open_row
        return rows

    def without(self, first_ms: int, last_ms: int) -> View:
        """The same candles without those that open from `first_ms` to `last_ms`, both included."""
        start, stop = self.position(first_ms), self.position_after(last_ms)
        if start == stop:
            return self
        open_row = self.open_row if stop < self.count else None
        times = [*self.times[:start], *self.times[stop : self.count]]
        rows = [*self.rows[:start], *self.rows[stop : self.count]]
        return replace(self, times=times, rows=rows, count=len(times), open_row=open_row)

    def revised(self, open_time_ms: int, values: Mapping[str, object]) -> View:
        """The same candles with other values in one of them, where it is visible; values by names of `FIELDS`."""
        position = self.position(open_time_ms)
        if position == self.count or self.times[position] != open_time_ms:
            return self
        row = json.loads(self.cut(position, position + 1)[0])
        for name, value in values.items():
            row[FIELDS.index(name)] = value
        rendered = render(row)
        if self.open_row is not None and position == self.count - 1:
            return replace(self, open_row=rendered)
        rows = [*self.rows[:position], rendered, *self.rows[position + 1 : self.count]]
        return replace(self, rows=rows)


def render(value: Any) -> bytes:
    """Compact JSON, as the exchange writes it."""
    return json.dumps(value, separators=(",", ":")).encode()
