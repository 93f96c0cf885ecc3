"""Which candles a request gets: hourly ones as they are, longer ones added up from them."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import groupby
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

if TYPE_CHECKING:
    from collections.abc import Callable

    from exchange_simulator.klines import KlinesQuery

_FOR_EVER_MS = 1 << 62


def page(view: View, query: KlinesQuery) -> list[bytes]:
    """The rows that answer a request, ascending: the first ones from its start on, else the newest ones."""
    return _hours(view, query) if query.interval_ms == HOUR_MS else _longer(view, query)


def _hours(view: View, query: KlinesQuery) -> list[bytes]:
    stop = view.count if query.end_ms is None else view.position_after(query.end_ms)
    if query.start_ms is None:
        return view.cut(max(stop - query.limit, 0), stop)
    start = view.position(query.start_ms)
    return view.cut(start, min(stop, start + query.limit))


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


def _added_up(open_ms: int, length: int, hours: list[list[Any]]) -> bytes:
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
