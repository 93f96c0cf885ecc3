"""The minutes inside an hour: candles that add up to the hour's.

Where a market knows how the price went, as a generated one does, they are those of its path. How it went in an hour
from a file, or in one that was revised, nobody knows: there it walks from open to close by way of high and low, on a
path that depends on the hour alone. A minute that is over never changes.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from exchange_simulator.instants import HOUR_MS, MINUTE_MS
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
)
from exchange_simulator.walk import Floats, activity

if TYPE_CHECKING:
    from exchange_simulator.market import View

Row = list[Any]

_PRICES = (OPEN, HIGH, LOW, CLOSE)
_BASE, _QUOTE = (VOLUME, TRADES, TAKER_BASE), (QUOTE_VOLUME, TAKER_QUOTE)
_BRIDGE_STREAM = 2
"""Tells this random stream from those of the prices and the gaps."""
_SWING = 0.12
"""Standard deviation of a bridge half way between two of its fixed points, as a share of the hour's range."""


def minutes_at(view: View, position: int, now_ms: int) -> list[Row]:
    """The minutes of the hour at a position, those that open at `now_ms` or before.

    The last one of an hour that is not over holds whatever the hour's candle shows beyond the minutes before it.
    """
    whole = json.loads(view.rows[position])
    minutes = _minutes(whole, view.path(whole[OPEN_TIME]))
    shown = json.loads(view.cut(position, position + 1)[0])
    visible = [minute for minute in minutes if minute[OPEN_TIME] <= now_ms]
    if visible and now_ms < whole[OPEN_TIME] + HOUR_MS:
        visible[-1] = _rest(shown, visible[:-1], visible[-1])
    return visible


def _minutes(hour: Row, known: Floats | None) -> list[Row]:
    """All minutes of an hour's candle; of one that an outage cut short those until then."""
    first = hour[OPEN_TIME] // MINUTE_MS * MINUTE_MS
    end = min(hour[CLOSE_TIME] + 1, first + HOUR_MS)
    count = max(-(-(end - first) // MINUTE_MS), 1)
    open_, high, low, close = (float(hour[field]) for field in _PRICES)
    path = known
    if path is None or (path[0], path.max(), path.min(), path[-1]) != (open_, high, low, close):
        path = _bridge(hour, count)
    highs, lows = np.maximum(path[:-1], path[1:]), np.minimum(path[:-1], path[1:])
    if highs.max() < high:  # a bridge of a minute or two has no room for both
        highs[0] = high
    if lows.min() > low:
        lows[0] = low
    decimals = max(8, *(len(str(hour[field]).partition(".")[2]) for field in _PRICES))
    rows: list[Row] = []
    for place, prices in enumerate(zip(path[:-1], highs, lows, path[1:], strict=True)):
        at = first + place * MINUTE_MS
        texts = (f"{price:.{decimals}f}" for price in prices)
        rows.append([at, *texts, "", at + MINUTE_MS - 1, "", 0, "", "", "0"])
    shares = activity(path)
    money = shares * (path[:-1] + path[1:])
    for field in (*_BASE, *_QUOTE):
        _share_out(hour[field], field, shares if field in _BASE else money / money.sum(), rows)
    return rows


def _share_out(total: str | int, field: int, shares: Floats, rows: list[Row]) -> None:
    """Write each minute's part of a total into its row; the parts add up to it, to its last decimal."""
    text = f"{Decimal(total):f}"
    decimals = len(text.partition(".")[2].rstrip("0"))
    units = int(Decimal(text).scaleb(decimals))
    until = [min(int(units * share), units) for share in np.cumsum(shares)[:-1].tolist()]
    for row, before, after in zip(rows, [0, *until], [*until, units], strict=True):
        row[field] = after - before if field == TRADES else f"{Decimal(after - before).scaleb(-decimals):.8f}"


def _bridge(hour: Row, count: int) -> Floats:
    """A path of so many minutes, shape (count + 1,): from open to close, by way of high and low where there is room."""
    open_, high, low, close = (float(hour[field]) for field in _PRICES)
    rng = np.random.default_rng([_BRIDGE_STREAM, hour[OPEN_TIME]])
    fixed = {0: open_, count: close}
    if count > 2:
        fixed |= dict(zip(rng.permutation(np.arange(1, count))[:2].tolist(), (high, low), strict=True))
    places = np.array(sorted(fixed))
    steps = np.concatenate(([0.0], rng.standard_normal(count).cumsum()))
    steps *= 2 * _SWING * (high - low) / np.sqrt(count)
    level = np.interp(np.arange(count + 1), places, [fixed[place] for place in places.tolist()])
    noise = steps - np.interp(np.arange(count + 1), places, steps[places])
    decimals = max(len(str(hour[field]).partition(".")[2].rstrip("0")) for field in _PRICES)
    path: Floats = np.round(np.clip(level + noise, low, high), decimals)
    path[places] = [fixed[place] for place in places.tolist()]
    return path


def _rest(shown: Row, before: list[Row], minute: Row) -> Row:
    """What the hour's candle shows beyond the minutes before the newest one."""
    rest = list(minute)
    rest[CLOSE] = shown[CLOSE]
    for field, furthest in ((HIGH, max), (LOW, min)):
        reached = [row[field] for row in before]
        ends = [rest[OPEN], rest[CLOSE]]
        beyond = not reached or furthest(*reached, shown[field], key=float) not in reached
        rest[field] = furthest([*ends, shown[field]] if beyond else ends, key=float)
    rest[TRADES] = max(shown[TRADES] - sum(row[TRADES] for row in before), 0)
    for field in (VOLUME, QUOTE_VOLUME, TAKER_BASE, TAKER_QUOTE):
        left = Decimal(shown[field]) - sum((Decimal(row[field]) for row in before), Decimal(0))
        rest[field] = f"{max(left, Decimal(0)):.8f}"
    return rest
