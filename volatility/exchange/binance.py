"""The client of Binance: what its public market-data API says about candles and about the time.

https://developers.binance.com/docs/binance-spot-api-docs/rest-api/general-api-information
"""

from __future__ import annotations

import logging
import math
import os
import random
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from volatility.domain.candles import FIVE_MINUTES_MS, Page, parse_page
from volatility.domain.errors import BadPage, ExchangeBanned, ExchangeError, ExchangeRefused
from volatility.domain.hours import HOUR_MS, Span, floor_hour, to_ms
from volatility.domain.redaction import words_of
from volatility.domain.retry import RetryPolicy
from volatility.exchange.bans import BanBook, MemoryBans, ban_of
from volatility.exchange.clock import Clock
from volatility.exchange.failures import Failed, no_answer
from volatility.exchange.judge import body_of
from volatility.exchange.network import Network
from volatility.exchange.transport import Answer, Transport
from volatility.exchange.waits import LONGEST_WAIT, ExchangeTime, Stopwatch, Weights, date_of, retry_after

log = logging.getLogger(__name__)

PAGE_HOURS: Final = 1000  # the most candles one request gives
_KLINES_WEIGHT: Final = 2
_TIME_WEIGHT: Final = 1
_CLOCK_SECONDS: Final = 600  # how long the exchange's clock is carried on before it is asked again
_MOST_WAITS: Final = 10  # 429s in a row before giving up
_UNSAID_WAIT: Final = 10.0  # seconds, after a 429 that does not say
_OLDEST_MS: Final = to_ms(datetime(2009, 1, 3, tzinfo=UTC))  # what lies outside these two is not in milliseconds
_NEWEST_MS: Final = to_ms(datetime(2100, 1, 1, tzinfo=UTC))


class _Heard(NamedTuple):
    """A decoded answer, the base URL that gave it, and whether that is a simulated exchange."""

    url: str
    body: Any
    simulated: bool


class Away(NamedTuple):
    """That no base URL gave an answer when one was last asked for.

    ``since_ms`` is when that began, by the exchange's clock as far as it is known; ``seconds`` are those until the
    exchange may be asked again, where it named a wait or a ban, else 0.
    """

    since_ms: int
    seconds: float


class BinanceClient:
    """Asks the exchange, by the rules it sets; for any number of threads.

    What one thread hears of the exchange (its clock, its weights, a wait, a ban, which base URL answers) serves all.
    No lock is held while something is asked.

    Args:
        urls: base URLs, tried in order; the one that answered last is asked first.
        retry: how patiently each base URL is tried.
        bans: where a ban is remembered.
        weight_limit: the exchange's limit of request weight a minute; asking slows down at 90 % of it.
        timeouts: seconds to connect, to wait for the next bytes, and for a whole answer.
        patient: whether to wait where the exchange asks to (429, weight); if not, such a request fails at once,
            and so do those that follow until the wait is over: none of them is sent.
        give_up_seconds: no further base URL is tried this long after a question was first asked.
        network: proxies and certificates; those that the environment names if not given.
        clock: the machine's clocks.

    Attributes:
        simulated: whether the last answer came from a simulated exchange; a page says it of itself.
    """

    def __init__(
        self,
        urls: Sequence[str],
        retry: RetryPolicy,
        *,
        bans: BanBook | None = None,
        weight_limit: int = 6000,
        timeouts: tuple[float, float, float] = (5.0, 15.0, 30.0),
        patient: bool = True,
        give_up_seconds: float = math.inf,
        network: Network | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._urls, self._retry, self._patient = tuple(urls), retry, patient
        self._give_up_seconds = give_up_seconds
        self._clock = clock or Clock()
        self._bans = bans or MemoryBans(self._clock.monotonic)
        self._transport = Transport(Network.of(os.environ) if network is None else network, timeouts)
        self._weights = Weights(weight_limit)
        self._time = ExchangeTime(self._clock.wall, self._clock.monotonic)
        self._not_before = 0.0  # by our monotonic clock, as a 429 asked
        self._away_since_ms: int | None = None
        self._away_until = 0.0  # by our monotonic clock
        self._lock = threading.Lock()  # for these and the order of the URLs
        self.simulated = False

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def now_ms(self) -> int:
        """What time it is by the exchange's clock: asked rarely, carried on in between."""
        if self._time.age() > _CLOCK_SECONDS:
            body = self._get("/api/v3/time", {}, _TIME_WEIGHT).body
            server_ms = body.get("serverTime") if isinstance(body, dict) else None
            if not isinstance(server_ms, int) or not _OLDEST_MS <= server_ms < _NEWEST_MS:
                raise BadPage(f"the exchange sent no serverTime in milliseconds but {words_of(repr(server_ms), 100)}")
            # The exchange read its clock before we got the answer. Counted from now on, ours is behind and never ahead:
            # no open candle seems closed.
            self._time.heard(server_ms / 1000)
        return self.estimated_now_ms()

    def estimated_now_ms(self) -> int:
        """What time it is by the exchange's clock as far as it is known, without asking; else by the machine's."""
        return int(self._time.now() * 1000 + 1e-3)  # not a millisecond less for the rounding of doubles

    def first_candle_ms(self, symbol: str) -> int | None:
        """The hour of the first candle that the exchange has of a symbol, None where it has none."""
        params: dict[str, str | int] = {"symbol": symbol, "interval": "1h", "startTime": 0, "limit": 1}
        heard = self._get("/api/v3/klines", params, _KLINES_WEIGHT)
        page = parse_page(heard.body, Span(0, _NEWEST_MS))
        return page.candles[0].open_time_ms if page.candles else None

    @property
    def urls(self) -> tuple[str, ...]:
        """The base URLs, in the order in which they are asked next."""
        return self._urls

    def candles(self, symbol: str, asked: Span, url: str | None = None) -> Page:
        """The checked candles that open within at most 1000 hours, the open one included.

        Where ``url`` names a base URL, only that one is asked. The page's ``source`` is the base URL that answered.
        """
        return self._page(symbol, "1h", HOUR_MS, asked, url)

    def five_minutes(self, symbol: str, asked: Span) -> Page:
        """The checked candles of five minutes that open within at most 83 hours, the open one included.

        Only the base URL that answered last is asked: hours are never asked elsewhere for the sake of these.
        """
        return self._page(symbol, "5m", FIVE_MINUTES_MS, asked, self._urls[0])

    def _page(self, symbol: str, interval: str, length_ms: int, asked: Span, url: str | None) -> Page:
        params: dict[str, str | int] = {
            "symbol": symbol,
            "interval": interval,
            "startTime": asked.start_ms,
            "endTime": asked.end_ms - 1,
            "limit": PAGE_HOURS,
        }
        heard = self._get("/api/v3/klines", params, _KLINES_WEIGHT, url)
        return parse_page(heard.body, asked, length_ms)._replace(source=heard.url, simulated=heard.simulated)

    def closed_candles(self, symbol: str, asked: Span, url: str | None = None) -> Page:
        """Like ``candles``, without one that had not closed by the exchange's clock."""
        now_ms = self.now_ms()  # asked first: a candle that closes meanwhile may lack its last trades
        page = self.candles(symbol, asked, url)
        return page._replace(candles=[candle for candle in page.candles if candle.close_time_ms < now_ms])

    def last_closed_end_ms(self) -> int:
        """The end of the newest hour that is over by the exchange's clock."""
        return floor_hour(self.now_ms())

    def away(self) -> Away | None:
        """That the exchange did not answer when it was last asked; None where it did, or nothing was asked yet."""
        with self._lock:
            since_ms, until = self._away_since_ms, self._away_until
        return None if since_ms is None else Away(since_ms, max(0.0, until - self._clock.monotonic()))

    def _get(self, path: str, params: Mapping[str, str | int], weight: int, only: str | None = None) -> _Heard:
        """The answer of the first base URL that gives one, or of the only one to ask."""
        try:
            heard = self._asked_in_order(path, params, weight, only)
        except ExchangeRefused:  # an answer too
            self._note_answer()
            raise
        except ExchangeError as error:
            if only is None:  # else nothing is known of the others
                self._note_no_answer(error.seconds if isinstance(error, ExchangeBanned) else 0.0)
            raise
        self._note_answer()
        return heard

    def _note_answer(self) -> None:
        with self._lock:
            self._away_since_ms = None

    def _note_no_answer(self, seconds: float) -> None:
        with self._lock:
            if self._away_since_ms is None:
                self._away_since_ms = self.estimated_now_ms()
            self._away_until = max(self._not_before, self._clock.monotonic() + seconds)

    def _asked_in_order(self, path: str, params: Mapping[str, str | int], weight: int, only: str | None) -> _Heard:
        self._refuse_while_banned()
        failures: dict[str, Failed] = {}
        began = self._clock.monotonic()
        for url in (only,) if only else self._urls:
            if failures and self._clock.monotonic() - began > self._give_up_seconds:
                break
            try:
                heard = self._ask(url, path, params, weight)
            except Failed as failed:
                failures[url] = failed
                log.warning("%s: %s", url, failed.reason)
                continue
            if failures:
                self._ask_first(url)
            return heard
        raise no_answer(failures)

    def _ask_first(self, url: str) -> None:
        """From now on; other threads may be asking the URLs as they stood."""
        with self._lock:
            urls = list(self._urls)
            urls.remove(url)
            self._urls = (url, *urls)

    def _ask(self, url: str, path: str, params: Mapping[str, str | int], weight: int) -> _Heard:
        """The answer of one base URL, tried as often as the policy says."""
        watch, failures = Stopwatch(self._clock.monotonic), 0
        while True:
            try:
                return self._try(url, path, params, weight, watch)
            except Failed as failed:
                failures += 1
                elapsed = watch.elapsed()
                wait = self._retry.wait(failures, random.random(), elapsed)  # noqa: S311 - jitter, not a secret
                if not failed.again or not self._retry.again(failures, elapsed, wait):
                    raise
                log.info("%s: %s; again in %.1f s", url, failed.reason, wait)
                self._clock.sleep(wait)

    def _try(self, url: str, path: str, params: Mapping[str, str | int], weight: int, watch: Stopwatch) -> _Heard:
        """The answer to one request; after a 429 to the next one, sent when the exchange said."""
        for _ in range(_MOST_WAITS):
            watch.leave_out(self._wait_for_its_turn(weight))
            answer = self._send(url + path, params)
            if answer.status == 418:
                raise self._banned(answer)
            if answer.status != 429:
                return _Heard(url, body_of(answer), _is_simulated(answer))
            self._asked_to_wait(url, answer)
        raise Failed(f"HTTP 429, {_MOST_WAITS} times in a row", again=False)

    def _send(self, url: str, params: Mapping[str, str | int]) -> Answer:
        """One request and its whole answer."""
        answer = self._transport.get(url, params)
        self._weights.heard(answer.headers, self._time.now())
        if answer.status == 200:
            self.simulated = _is_simulated(answer)
        return answer

    def _asked_to_wait(self, url: str, answer: Answer) -> None:
        """Note until when a 429 asks to wait."""
        asked = retry_after(answer.headers, date_of(answer.headers) or self._time.now())
        seconds = min(_UNSAID_WAIT if asked is None else asked, LONGEST_WAIT)
        limit = f" of the {asked:.0f} s that it asks for, the longest wait" if asked and asked > seconds else ""
        log.warning("%s: HTTP 429, waiting %g s%s", url, seconds, limit)
        with self._lock:  # another thread may have been told to wait longer
            self._not_before = max(self._not_before, self._clock.monotonic() + seconds)

    def _banned(self, answer: Answer) -> ExchangeBanned:
        """Remember until when the exchange will not be asked."""
        ban = ban_of(answer.headers, answer.text, self._time.known(), self._clock.wall())
        self._bans.remember(ban)
        return ban.error()

    def _refuse_while_banned(self) -> None:
        ban = self._bans.standing()
        if ban is not None:
            raise ban.error()

    def _wait_for_its_turn(self, weight: int) -> float:
        """Wait as a 429 asked, and for the next minute where this request would near the exchange's limit; how long."""
        asked = self._not_before - self._clock.monotonic()
        near = self._weights.wait(weight, self._time.now())
        seconds = max(asked, near)
        if seconds <= 0:
            return 0.0
        reason = "HTTP 429" if asked >= near else f"near the limit of weight {self._weights.limit} a minute"
        if not self._patient:
            raise Failed(f"{reason}: nothing is asked for another {seconds:.0f} s", again=False)
        log.info("%s: waiting %.1f s", reason, seconds)
        self._clock.sleep(seconds)
        return seconds


def _is_simulated(answer: Answer) -> bool:
    return answer.headers.get("X-Simulated-Exchange") == "true"
