"""Whether a base URL serves the market whose candles are stored: checked once a run, before any of it is written."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Final, Protocol

from sqlalchemy.engine import Connection

from volatility.domain.candles import Candle, Page
from volatility.domain.errors import OtherMarket
from volatility.domain.hours import HOUR_MS, Span, floor_hour
from volatility.domain.market import FEW_HOURS, Comparison, compare
from volatility.domain.redaction import redact
from volatility.exchange.binance import PAGE_HOURS
from volatility.storage import candle_rows
from volatility.storage.database import Database

log = logging.getLogger(__name__)

_SAMPLE_HOURS: Final = 48
_LEAD_HOURS: Final = 24


class Asked(Protocol):
    """What a witness needs of an exchange."""

    def closed_candles(self, symbol: str, asked: Span, url: str | None = None) -> Page:
        """The checked closed candles of at most 1000 hours, of one base URL where it is named."""


class Witness:
    """What is known, in one run, of the base URLs that serve a symbol.

    A page that overlaps stored candles is proof by itself. Only where the overlap is too small, or looks wrong, is the
    base URL asked for older stored hours, in at most three requests.
    """

    def __init__(self, database: Database, exchange: Asked, symbol: str) -> None:
        self._database, self._exchange, self._symbol = database, exchange, symbol
        self._known: set[str] = set()
        self._served: dict[str, int] = {}  # the newest hour of each base URL's last page that was not empty
        self.hours_compared = 0

    def knows(self, url: str) -> bool:
        """Whether a base URL was found to serve the stored market."""
        return url in self._known

    def with_lead(self, asked: Span) -> Span:
        """Hours to ask for. Where few of them are stored, some stored hours before them are added.

        It is still one request, and its page can be compared. Nothing is added once a base URL is known.
        """
        room = min(_LEAD_HOURS, PAGE_HOURS - asked.hours)
        if self._known or room <= 0:
            return asked
        wide = Span(asked.start_ms - room * HOUR_MS, asked.end_ms)
        stored = self._database.read(lambda connection: candle_rows.stored_hours(connection, self._symbol, wide))
        before = [hour for hour in stored if hour < asked.start_ms]
        enough = len(stored) - len(before) >= _LEAD_HOURS
        return Span(before[0], asked.end_ms) if before and not enough else asked

    def trust(self, url: str) -> None:
        """Take a base URL for the stored market: the first candles came from it."""
        self._known.add(url)

    def examine(self, page: Page, asked: Span, replaced: Span | None = None) -> None:
        """Find out whether the base URL of a page serves the stored market; nothing is said where nothing is stored.

        What lies in ``replaced`` is about to be replaced and proves nothing.

        Raises:
            OtherMarket: where it does not.
            ExchangeError: where it gives no answer to that.
        """
        overlap = Comparison()
        if replaced is None:
            stored = self._database.read(lambda connection: candle_rows.stored_candles(connection, self._symbol, asked))
            overlap = compare(stored, page.candles)
        older = Comparison() if overlap.clearly_one_market else self._older(page.source, replaced or asked)
        self.hours_compared += overlap.hours + older.hours
        telling = older if older.hours >= FEW_HOURS else older.plus(overlap)
        if telling.hours and not telling.one_market:
            raise OtherMarket(_refusal(self._symbol, page.source, telling))
        if overlap.differ and not overlap.one_market:
            log.warning(
                "%s: %d of %d stored hours of %s differ from what %s serves, older ones do not: they are revised",
                self._symbol, overlap.differ, overlap.hours, asked, redact(page.source),
            )  # fmt: skip
        if telling.hours or self._anything_stored():
            if not telling.hours:
                log.warning("%s: nothing is stored that could tell another market from this one", self._symbol)
            self.trust(page.source)

    def gaps_from_ms(self, page: Page, asked: Span, first_ms: int, gap_before_ms: int) -> int:
        """From which hour on a page may show gaps, which are over by ``gap_before_ms``.

        An answer that begins with nothing proves nothing by itself: the base URL may not reach back so far. It must
        have served the candle before, the nearest that is stored or else the first of the symbol.
        """
        begins_ms = page.candles[0].open_time_ms if page.candles else asked.end_ms
        empty = Span(asked.start_ms, min(begins_ms, floor_hour(gap_before_ms)))
        before_ms = self._before_new_gap(empty, first_ms) if empty.hours else None
        proven = before_ms is None or self._serves(page.source, before_ms)
        if page.candles:
            self._served[page.source] = page.candles[-1].open_time_ms
        if proven:
            return asked.start_ms
        log.warning(
            "%s: %s serves nothing for %s, nor the candle before that, which exists: no gap is recorded",
            self._symbol, redact(page.source), empty,
        )  # fmt: skip
        return begins_ms

    def _before_new_gap(self, empty: Span, first_ms: int) -> int | None:
        """The hour of the candle before some hours, None where none of them would be a new gap."""

        def before(connection: Connection) -> int | None:
            if not candle_rows.missing_hours(connection, self._symbol, empty):
                return None
            stored_ms = candle_rows.last_before(connection, self._symbol, empty.start_ms)
            return first_ms if stored_ms is None else stored_ms

        return self._database.read(before)

    def _serves(self, url: str, hour_ms: int) -> bool:
        if self._served.get(url) != hour_ms:
            page = self._exchange.closed_candles(self._symbol, Span(hour_ms, hour_ms + HOUR_MS), url or None)
            if not page.candles:
                return False
            self._served[url] = hour_ms
        return True

    def _older(self, url: str, outside: Span) -> Comparison:
        """Stored candles outside a span, beside what a base URL serves for them, until the comparison is clear."""
        total = Comparison()
        for stored in self._samples(outside):
            span = Span(stored[0].open_time_ms, stored[-1].open_time_ms + HOUR_MS)
            page = self._exchange.closed_candles(self._symbol, span, url or None)
            total = total.plus(compare(stored, page.candles))
            if total.clearly_one_market:
                break
        return total

    def _samples(self, outside: Span) -> Iterator[list[Candle]]:
        """Stretches of stored candles from the middle, the beginning and the end; none twice."""
        seen: set[int] = set()
        for share in (0.5, 0.0, 1.0):
            stored = self._database.read(
                lambda connection, share=share: candle_rows.sample(  # type: ignore[misc]
                    connection, self._symbol, outside, share, _SAMPLE_HOURS
                )
            )
            fresh = [candle for candle in stored if candle.open_time_ms not in seen]
            seen |= {candle.open_time_ms for candle in fresh}
            if fresh:
                yield fresh

    def _anything_stored(self) -> bool:
        return self._database.read(lambda connection: candle_rows.newest_stored(connection, self._symbol)) is not None


def _refusal(symbol: str, url: str, compared: Comparison) -> str:
    against = compared.differ + compared.absent
    return (
        f"{redact(url) or 'the exchange'} serves another market than the stored candles of {symbol}: {compared.first} "
        f"({against} of {compared.hours} compared hours differ). Nothing of it was written: take it out of "
        "BINANCE_URLS, or if what is stored is wrong, replace it with backfill --refetch --since DATE"
    )
