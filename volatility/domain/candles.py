"""What a candle is, and what a page of candles must keep before anything of it is used.

One kline as Binance sends it (``GET /api/v3/klines``), an array of twelve, the last of no meaning::

    [1502942400000, "4261.48000000", "4313.62000000", "4261.32000000", "4308.83000000", "47.18100900",
     1502945999999, "202366.13839304", 171, "35.16050300", "150952.47794304", "0"]

https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from volatility.domain.errors import BadPage
from volatility.domain.hours import HOUR_MS, Span, iso

FIVE_MINUTES_MS: Final = 5 * 60_000


class Candle(NamedTuple):
    """One candle, of an hour where nothing else is said, in the order of Binance's fields.

    ``open_time_ms`` is the start of the hour under which it is stored; prices are in quote currency, ``volume`` in base
    currency. ``close_time_ms`` is what the exchange said: normally the hour's last millisecond, earlier where an outage
    cut the candle short.
    """

    open_time_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    close_time_ms: int
    quote_asset_volume: float
    number_of_trades: int
    taker_buy_base_asset_volume: float
    taker_buy_quote_asset_volume: float


class Page(NamedTuple):
    """A checked page: candles by ascending hour, and how many came with an open time that is not on the hour.

    ``source`` is the base URL that the page came from, where it came from one; ``simulated`` says whether it came from
    a simulated exchange.
    """

    candles: list[Candle]
    irregular: int
    source: str = ""
    simulated: bool = False


def parse_page(rows: object, asked: Span, length_ms: int = HOUR_MS) -> Page:
    """Check every rule over the whole page, then give its candles, the open one included.

    Rules: open times inside ``asked``, strictly ascending, at most one to the hour; ``low <= open, close <= high``;
    numbers finite, prices positive, volumes and counts not negative; a candle ends after it begins.

    A candle that opens off the hour (some sources have xx:28:14.789 after the outage of February 2018) belongs to the
    hour it falls in and is counted as irregular.

    Of candles of another length, ``length_ms``, the same holds, but for those: each must open on a multiple of it.

    Raises:
        BadPage: with the first offending row and the rule it breaks.
    """
    if not isinstance(rows, list):
        raise BadPage(f"the exchange sent {type(rows).__name__} where a list of candles belongs")
    candles: list[Candle] = []
    irregular = 0
    previous_ms = asked.start_ms - 1
    for number, row in enumerate(rows):
        before_ms = candles[-1].open_time_ms if candles else None
        broken, candle, opened_ms = _check(row, asked, previous_ms, before_ms, length_ms)
        if broken or candle is None:
            raise BadPage(f"row {number} of a page of candles {broken}: {_short(row)}")
        irregular += opened_ms != candle.open_time_ms
        previous_ms = opened_ms
        candles.append(candle)
    return Page(candles, irregular)


def _check(
    row: object, asked: Span, previous_ms: int, hour_ms: int | None, length_ms: int
) -> tuple[str, Candle | None, int]:
    """The rule that the row breaks ("" for none), its candle, and when that opened by the exchange's word."""
    if not isinstance(row, Sequence) or isinstance(row, str) or len(row) < len(Candle._fields):
        return "does not have eleven fields", None, 0
    try:
        opened_ms, closed_ms, trades = _whole(row[0]), _whole(row[6]), _whole(row[8])
        numbers = [_number(row[i]) for i in (1, 2, 3, 4, 5, 7, 9, 10)]
    except (TypeError, ValueError, OverflowError):
        return "holds something that is not a number", None, 0
    open_, high, low, close, volume, quote_volume, taker_base, taker_quote = numbers
    if not all(map(math.isfinite, numbers)):
        return "holds a number that is not finite", None, 0
    if not asked.start_ms <= opened_ms < asked.end_ms:
        return f"opens outside {asked}, which was asked for", None, 0
    if opened_ms <= previous_ms:
        return "does not open after the row before it", None, 0
    if length_ms != HOUR_MS and opened_ms % length_ms:
        return f"does not open on a multiple of {length_ms // 60_000} minutes", None, 0
    start_ms = opened_ms - opened_ms % length_ms
    candle = Candle(start_ms, open_, high, low, close, volume, closed_ms, quote_volume, trades, taker_base, taker_quote)
    if candle.open_time_ms == hour_ms:
        return "is the second of its hour", None, 0
    return _values(candle, opened_ms, length_ms), candle, opened_ms


def _values(candle: Candle, opened_ms: int, length_ms: int) -> str:
    """The rule about values that the candle breaks, "" for none."""
    if not (candle.low <= candle.open <= candle.high and candle.low <= candle.close <= candle.high):
        return "does not keep low <= open, close <= high"
    if candle.low <= 0:
        return "has a price that is not positive"
    volumes = (candle.volume, candle.quote_asset_volume, candle.number_of_trades)
    if min(*volumes, candle.taker_buy_base_asset_volume, candle.taker_buy_quote_asset_volume) < 0:
        return "has a negative volume or count"
    if not opened_ms <= candle.close_time_ms < opened_ms + length_ms:
        within = "an hour" if length_ms == HOUR_MS else f"{length_ms // 60_000} minutes"
        return f"does not close within {within} of its open"
    return ""


def _whole(value: object) -> int:
    """An integer of 64 bits that came as one; a string, a fraction or a boolean is not one."""
    if isinstance(value, bool) or not isinstance(value, int) or not -(1 << 63) <= value < 1 << 63:
        raise TypeError(value)
    return value


def _number(value: object) -> float:
    """A number that came as one or as text; a boolean is not one."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError(value)
    return float(value)


def _short(row: object) -> str:
    try:
        text = repr(row)
    except RecursionError:
        text = "lists within lists"
    opened = row[0] if isinstance(row, list) and row and isinstance(row[0], int) else None
    when = f" ({iso(opened)})" if opened is not None and 0 <= opened < 10**13 else ""
    return (text if len(text) <= 200 else text[:200] + "…") + when
