"""The running session's path: by five minutes where the exchange gives them, else by hours."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, NamedTuple, Protocol

from volatility.domain.calendar import SessionBounds
from volatility.domain.candles import FIVE_MINUTES_MS, Candle, Page
from volatility.domain.hours import HOUR_MS, Span, floor_hour
from volatility.domain.market import PRICE_TOLERANCE, compare
from volatility.domain.redaction import redact
from volatility.domain.series import Series
from volatility.presentation.catalogue.analytics import TODAY_POINT
from volatility.presentation.numbers import PERCENT, shown
from volatility.queries.running_session import RunningSession
from volatility.queries.session_model import own_candles

log = logging.getLogger(__name__)


class MinuteExchange(Protocol):
    """What a path by minutes needs of an exchange; ``BinanceClient`` is one."""

    def now_ms(self) -> int:
        """The exchange's clock."""

    def five_minutes(self, symbol: str, asked: Span) -> Page:
        """The checked candles of five minutes that open within a session, the open one included."""


@dataclass(frozen=True)
class Minutes:
    """The five-minute candles of the session that ran at ``as_of_ms``, the open one included.

    ``source`` is the base URL that they came from; ``simulated`` says whether that is a simulated exchange.
    """

    bounds: SessionBounds
    candles: Sequence[Candle]
    as_of_ms: int
    source: str
    simulated: bool


class _Step(NamedTuple):
    """A candle that is over, and when it ended."""

    end_ms: int
    candle: Candle


def session_minutes(exchange: MinuteExchange, series: Series) -> Minutes:
    """The five minutes of the session that runs now: one request.

    Raises:
        ExchangeError: where they can't be had.
    """
    now_ms = exchange.now_ms()  # asked first: a candle that closes meanwhile may lack its last trades
    bounds = series.calendar.containing(now_ms)
    page = exchange.five_minutes(series.symbol, Span(bounds.open_ms, bounds.close_ms))
    return Minutes(bounds, page.candles, now_ms, page.source, page.simulated)


def path_fields(running: RunningSession, minutes: Minutes | None) -> list[dict[str, Any]]:
    """The running session from its open on, after each five minutes that are over.

    What ``minutes`` don't reach goes by hours, and so does all of it where they are None or don't fit. Empty before the
    first candle.
    """
    session, hours = running.session, own_candles(running)
    if session is None:
        return []
    start, known = session.open, minutes if minutes and _fits(running, hours, minutes) else None

    def point(at_ms: int, price: float, high: float, low: float) -> dict[str, Any]:
        fields = {
            "time": running.series.calendar.local_iso(at_ms),
            "elapsed": round((at_ms - running.bounds.open_ms) / HOUR_MS, 4),
            "price": shown(price),
            "volatility_pct": shown(abs(price - start) / start * 100, PERCENT),
            "range_pct": shown((high - low) / start * 100, PERCENT),
        }
        return TODAY_POINT.of(fields)

    high = low = start
    points = [point((known.candles if known else hours)[0].open_time_ms, start, high, low)]
    for end_ms, candle in _steps(running, hours, known):
        high, low = max(high, candle.high), min(low, candle.low)
        points.append(point(end_ms, candle.close, high, low))
    return points


def _steps(running: RunningSession, hours: Sequence[Candle], minutes: Minutes | None) -> list[_Step]:
    """The five minutes that are over, then the hours that end after them."""
    steps: list[_Step] = []
    if minutes:
        steps += _over(minutes.candles, FIVE_MINUTES_MS, min(running.as_of_ms, minutes.as_of_ms))
    reached_ms = steps[-1].end_ms if steps else running.bounds.open_ms
    return steps + [step for step in _over(hours, HOUR_MS, running.as_of_ms) if step.end_ms > reached_ms]


def _over(candles: Iterable[Candle], length_ms: int, now_ms: int) -> Iterator[_Step]:
    """The candles that are over by then."""
    steps = (_Step(candle.open_time_ms + length_ms, candle) for candle in candles)
    return (step for step in steps if step.end_ms <= now_ms)


def _fits(running: RunningSession, hours: Sequence[Candle], minutes: Minutes) -> bool:
    """Whether the minutes are of this session and of the market of its hours."""
    if minutes.bounds != running.bounds or not minutes.candles:
        return False
    reason = _not_of_these(running, hours, minutes)
    key = running.series.symbol, minutes.source
    if not reason:
        _refused.discard(key)
    elif key not in _refused:
        _refused.add(key)
        log.warning("today's path goes by hours: %s", reason)
    return not reason


_refused: Final[set[tuple[str, str]]] = set()  # symbols and base URLs that the log has named


def _not_of_these(running: RunningSession, hours: Sequence[Candle], minutes: Minutes) -> str:
    """Why the minutes can't stand beside the hours; "" where they can.

    Every hour that both know to the end must agree; of the one that runs only the open is known.
    """
    symbol, source = running.series.symbol, redact(minutes.source)
    if minutes.simulated != running.simulated:
        return f"the five minutes of {symbol} and its hours are not of one kind (simulated)"
    known_ms = min(running.as_of_ms, minutes.as_of_ms)
    added = {hour.open_time_ms: hour for hour in map(_hour, _by_hour(minutes.candles))}
    compared = compare([one for one in hours if one.open_time_ms + HOUR_MS <= known_ms], added.values())
    if compared.differ or compared.absent:
        return f"the five minutes that {source} serves of {symbol} do not add up to its hours"
    if any(_apart(one.open, added[one.open_time_ms].open) for one in hours if one.open_time_ms in added):
        return f"the five minutes that {source} serves of {symbol} do not open where its hours do"
    return ""


def _apart(one: float, other: float) -> bool:
    """Whether two prices differ by more than a revision changes."""
    return abs(one - other) > PRICE_TOLERANCE * one


def _by_hour(candles: Iterable[Candle]) -> Iterator[list[Candle]]:
    return (list(part) for _, part in groupby(candles, key=lambda candle: floor_hour(candle.open_time_ms)))


def _hour(parts: Sequence[Candle]) -> Candle:
    """The hour's candle that shorter ones add up to."""
    first, last = parts[0], parts[-1]
    return Candle(
        floor_hour(first.open_time_ms),
        first.open,
        max(part.high for part in parts),
        min(part.low for part in parts),
        last.close,
        sum(part.volume for part in parts),
        last.close_time_ms,
        sum(part.quote_asset_volume for part in parts),
        sum(part.number_of_trades for part in parts),
        sum(part.taker_buy_base_asset_volume for part in parts),
        sum(part.taker_buy_quote_asset_volume for part in parts),
    )
