"""The parameters of `GET /api/v3/klines`, and what is wrong with them in Binance's words.

https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints#klinecandlestick-data
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exchange_simulator.answers import ApiError
from exchange_simulator.instants import HOUR_MS, MINUTE_MS

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

INTERVALS = (
    {f"{minutes}m": minutes * MINUTE_MS for minutes in (1, 3, 5, 15, 30)}
    | {f"{hours}h": hours * HOUR_MS for hours in (1, 2, 4, 6, 8, 12)}
    | {"1d": 24 * HOUR_MS}
)
"""The intervals that whole hours hold, or that they add up to, in milliseconds."""

DEFAULT_LIMIT, MAX_LIMIT = 500, 1000
_PARAMETERS = ("symbol", "interval", "startTime", "endTime", "timeZone", "limit")
_SYMBOL = "^[A-Z0-9-_.]{1,20}$"
_INTEGER = "^[0-9]{1,20}$"
_TIME_ZONE = re.compile(r"([+-]?)(\d{1,2})(?::([0-5]\d))?")
_MIN_ZONE_MINUTES, _MAX_ZONE_MINUTES = -12 * 60, 14 * 60


@dataclass(frozen=True)
class KlinesQuery:
    """A checked request for candles.

    Attributes:
        symbol: one that the exchange knows.
        interval_ms: length of a candle.
        start_ms: first open time wanted; None for the newest ones.
        end_ms: last open time wanted; None for no bound.
        zone_ms: how far the zone whose midnight starts a day is ahead of UTC.
        limit: how many candles at most, 1 to 1000.
    """

    symbol: str
    interval_ms: int
    start_ms: int | None = None
    end_ms: int | None = None
    zone_ms: int = 0
    limit: int = DEFAULT_LIMIT


def parse_klines(pairs: Sequence[tuple[str, str]], symbols: Container[str]) -> KlinesQuery:
    """Check the parameters as they came.

    Raises:
        ApiError: with Binance's code and words.
    """
    values = check_parameters(pairs, _PARAMETERS)
    symbol = values.get("symbol", "")
    # Letters outside ASCII are legal: since 2025 some symbols are Chinese.
    if symbol.isascii() or not symbol.isalnum():
        _matching(values, "symbol", _SYMBOL, required=True)
    interval = _matching(values, "interval", None, required=True)
    start_ms, end_ms = _integer(values, "startTime"), _integer(values, "endTime")
    zone_ms, limit = _zone_ms(values), _integer(values, "limit")
    if interval not in INTERVALS:
        raise ApiError(-1120, "Invalid interval.")
    if symbol not in symbols:
        raise ApiError(-1121, "Invalid symbol.")
    if start_ms is not None and end_ms is not None and start_ms > end_ms:
        raise ApiError(-1128, "Combination of optional parameters invalid.")
    if limit == 0:
        raise _not_valid("limit")
    # Binance does not refuse a larger limit: it answers with a thousand candles.
    limit = min(DEFAULT_LIMIT if limit is None else limit, MAX_LIMIT)
    return KlinesQuery(symbol, INTERVALS[interval or ""], start_ms, end_ms, zone_ms, limit)


def check_parameters(pairs: Sequence[tuple[str, str]], known: Sequence[str]) -> dict[str, str]:
    """The parameters by name, each known and sent once.

    Raises:
        ApiError: -1101 for one that is unknown or sent twice.
    """
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ApiError(-1101, "Duplicate values for a parameter detected.")
    if any(name not in known for name in values):
        raise ApiError(-1101, f"Too many parameters; expected '{len(known)}' and received '{len(values)}'.")
    return values


def _matching(values: dict[str, str], name: str, pattern: str | None, *, required: bool = False) -> str | None:
    value = values.get(name)
    if value is None:
        if required:
            raise ApiError(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
        return None
    if not value:
        raise ApiError(-1105, f"Parameter '{name}' was empty.")
    if pattern is not None and not re.fullmatch(pattern, value):
        raise ApiError(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{pattern}'.")
    return value


def _integer(values: dict[str, str], name: str) -> int | None:
    value = _matching(values, name, _INTEGER)
    return None if value is None else int(value)


def _zone_ms(values: dict[str, str]) -> int:
    """`3`, `-4`, `05:45`: ahead of UTC, from -12:00 to +14:00."""
    value = _matching(values, "timeZone", None)
    if value is None:
        return 0
    match = _TIME_ZONE.fullmatch(value)
    if match is None:
        raise _not_valid("timeZone")
    sign, hours, minutes = match.groups()
    offset = (int(hours) * 60 + int(minutes or 0)) * (-1 if sign == "-" else 1)
    if not _MIN_ZONE_MINUTES <= offset <= _MAX_ZONE_MINUTES:
        raise _not_valid("timeZone")
    return offset * 60_000


def _not_valid(name: str) -> ApiError:
    return ApiError(-1130, f"Data sent for parameter '{name}' is not valid.")
