"""Which candles a request gets: hourly ones as they are, longer ones added up from them, shorter ones from minutes."""

from __future__ import annotations

import json
from collections import deque
from decimal import Decimal
from itertools import chain, groupby, islice
from typing import TYPE_CHECKING, Any

from exchange_simulator.instants import HOUR_MS
from exchange_simulator.market import (
    CLOSE,
    CLOSE_TIME,
    HIGH,
    LOW,
    OPEN,
    OPEN_TIME,
    QUOTE_VOLUME,
    TAKER_BASE,
    TAKER_QUOTE,
    TRADES,
    VOLUME,
    View,
    render,
)
from exchange_simulator.minutes import Row, minutes_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from exchange_simulator.klines import KlinesQuery

_FOR_EVER_MS = 1 << 62


def page(view: View, query: KlinesQuery, now_ms: int = _FOR_EVER_MS) -> list[bytes]:
    """The rows that answer a request, ascending: the first ones from its start on, else the newest ones.

    `now_ms`: what the exchange's clock shows; by default all that the view has is over.
    """
    if query.interval_ms < HOUR_MS:
        return _shorter(view, query, now_ms)
    return _hours(view, query) if query.interval_ms == HOUR_MS else _longer(view, query)


def _hours(view: View, query: KlinesQuery) -> list[bytes]:
    stop = view.count if query.end_ms is None else view.position_after(query.end_ms)
    if query.start_ms is None:
        return view.cut(max(stop - query.limit, 0), stop)
    start = view.position(query.start_ms)
    return view.cut(start, min(stop, start + query.limit))


def _shorter(view: View, query: KlinesQuery, now_ms: int) -> list[bytes]:
    """Candles shorter than an hour, added up from the minutes of the hours that they lie in."""
    length = query.interval_ms

    def bucket(instant_ms: int) -> int:
        return (instant_ms + query.zone_ms) // length * length - query.zone_ms

    def candles(hours: Iterable[list[Row]]) -> Iterator[bytes]:
        grouped = groupby(chain.from_iterable(hours), key=lambda row: bucket(row[OPEN_TIME]))
        return (_added_up(open_ms, length, list(part)) for open_ms, part in grouped if first <= open_ms <= last)

    first = 0 if query.start_ms is None else bucket(query.start_ms + length - 1)
    last = bucket(_FOR_EVER_MS if query.end_ms is None else query.end_ms)
    start, stop = view.position_after(first - HOUR_MS), view.position(last + length)
    if query.start_ms is not None:
        return list(islice(candles(minutes_at(view, at, now_ms) for at in range(start, stop)), query.limit))
    hours: deque[list[Row]] = deque()
    seen: set[int] = set()
    while stop > start and len(seen) <= query.limit:  # one more: the first may have begun in the hour before
        stop -= 1
        hours.appendleft(minutes_at(view, stop, now_ms))
        seen |= {at for at in (bucket(row[OPEN_TIME]) for row in hours[0]) if at <= last}
    return list(candles(hours))[-query.limit :]


def _longer(view: View, query: KlinesQuery) -> list[bytes]:
    """Longer candles; an hour counts for the one that its open time falls in.

    Where a zone's bounds do not fall on an hour (`05:45`) this is as near as hourly candles come.
    """
    length = query.interval_ms

    def bucket(instant_ms: int) -> int:
        return (instant_ms + query.zone_ms) // length * length - query.zone_ms

    last = bucket(_FOR_EVER_MS if query.end_ms is None else query.end_ms)
    stop = view.position(last + length)
    if query.start_ms is None:
        start = _go_back(view, stop, query.limit, bucket)
    else:
        start = view.position(bucket(query.start_ms + length - 1))
        stop = min(stop, _go_on(view, start, stop, query.limit, bucket))
    rows = map(json.loads, view.cut(start, stop))
    grouped = groupby(rows, key=lambda row: bucket(row[OPEN_TIME]))
    return [_added_up(open_ms, length, list(hours)) for open_ms, hours in grouped]


def _go_back(view: View, stop: int, limit: int, bucket: Callable[[int], int]) -> int:
    """The position where the last `limit` buckets before `stop` begin."""
    position = stop
    for _ in range(limit):
        if position == 0:
            break
        position = view.position(bucket(view.times[position - 1]))
    return position


def _go_on(view: View, start: int, stop: int, limit: int, bucket: Callable[[int], int]) -> int:
    """The position where the first `limit` buckets from `start` on end, at most `stop`."""
    position, previous, seen = start, None, 0
    while position < stop:
        current = bucket(view.times[position])
        if current != previous:
            if seen == limit:
                break
            previous, seen = current, seen + 1
        position += 1
    return position


def _added_up(open_ms: int, length: int, hours: list[Row]) -> bytes:
    row: list[Any] = [""] * 12
    row[OPEN_TIME], row[CLOSE_TIME] = open_ms, open_ms + length - 1
    row[OPEN], row[CLOSE] = hours[0][OPEN], hours[-1][CLOSE]
    row[HIGH] = max((hour[HIGH] for hour in hours), key=float)
    row[LOW] = min((hour[LOW] for hour in hours), key=float)
    row[TRADES] = sum(hour[TRADES] for hour in hours)
    for field in (VOLUME, QUOTE_VOLUME, TAKER_BASE, TAKER_QUOTE):
        row[field] = f"{sum((Decimal(hour[field]) for hour in hours), Decimal(0)):.8f}"
    row[-1] = "0"
    return render(row)
