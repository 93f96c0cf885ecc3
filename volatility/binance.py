"""The exchange's client: what Binance's public market-data API says about candles and about the time.

https://developers.binance.com/docs/binance-spot-api-docs/rest-api/general-api-information
"""

from __future__ import annotations

import json
import logging
import math
import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from volatility.candles import Page, parse_page
from volatility.errors import (
    BadPage,
    ExchangeBanned,
    ExchangeBlocked,
    ExchangeError,
    ExchangeRefused,
    ExchangeUnreachable,
)
from volatility.hours import Span, floor_hour, iso, to_ms
from volatility.retry import RetryPolicy

log = logging.getLogger(__name__)

PAGE_HOURS: Final = 1000  # the most candles one request gives
_KLINES_WEIGHT: Final = 2
_TIME_WEIGHT: Final = 1
_CLOCK_SECONDS: Final = 600  # how long the exchange's clock is carried on before it is asked again
_NEAR: Final = 0.9  # the share of the weight limit at which to slow down
_MOST_WAITS: Final = 10  # 429s in a row before giving up
_CHUNK: Final = 65536
_OLDEST_MS: Final = to_ms(datetime(2009, 1, 3, tzinfo=UTC))  # what lies outside these two is not in milliseconds
_NEWEST_MS: Final = to_ms(datetime(2100, 1, 1, tzinfo=UTC))


class BanBook(Protocol):
    """Where a ban is remembered, so that later runs keep to it too."""

    def until_ms(self) -> int | None:
        """Until when nothing may be asked."""

    def ban(self, until_ms: int) -> None:
        """Remember the exchange's word."""


class MemoryBans:
    """Remembers a ban as long as the process lives."""

    def __init__(self) -> None:
        self._until_ms: int | None = None

    def until_ms(self) -> int | None:
        """Until when nothing may be asked."""
        return self._until_ms

    def ban(self, until_ms: int) -> None:
        """Remember the exchange's word."""
        self._until_ms = until_ms


@dataclass(frozen=True)
class Clock:
    """The machine's own clocks, replaced in tests."""

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep

    def wall_ms(self) -> int:
        """The machine's idea of now, in epoch milliseconds."""
        return int(self.wall() * 1000)


class _Answer(NamedTuple):
    """An answer as it came: status, headers, and the body as text."""

    status: int
    headers: Mapping[str, str]
    text: str


class _Failed(Exception):
    """One try gave nothing; ``again`` says whether the same base URL is worth another."""

    def __init__(self, reason: str, *, again: bool, blocked: bool = False) -> None:
        self.reason, self.again, self.blocked = reason, again, blocked
        super().__init__(reason)


class BinanceClient:
    """Asks the exchange, by the rules it sets.

    Args:
        urls: base URLs, tried in order; the one that answered last is asked first.
        retry: how patiently each base URL is tried.
        bans: where a ban is remembered.
        weight_limit: the exchange's limit of request weight a minute; asking slows down at 90 % of it.
        timeouts: seconds to connect, to wait for the next bytes, and for a whole answer.
        patient: whether to wait where the exchange asks to (429, weight); if not, such a request fails at once,
            and so do those that follow until the wait is over: none of them is sent.
        give_up_seconds: no further base URL is tried this long after a question was first asked.
        session: one for all requests, made here if not given.
        clock: the machine's clocks.
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
        session: requests.Session | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._urls, self._retry, self._timeouts, self._patient = list(urls), retry, timeouts, patient
        self._give_up_seconds = give_up_seconds
        self._bans = bans or MemoryBans()
        self._session = session or requests.Session()
        self._clock = clock or Clock()
        self._weights = _Weights(weight_limit)
        self._time: tuple[int, float] | None = None  # the exchange's, and ours when it said so
        self._not_before = 0.0  # by our monotonic clock, as a 429 asked
        self._waited = 0.0  # seconds that the exchange asked for: they are not a failure's
        self.simulated = False
        self.requests = 0

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def now_ms(self) -> int:
        """What time it is by the exchange's clock: asked rarely, carried on in between."""
        if self._time is None or self._clock.monotonic() - self._time[1] > _CLOCK_SECONDS:
            _, body = self._get("/api/v3/time", {}, _TIME_WEIGHT)
            server_ms = body.get("serverTime") if isinstance(body, dict) else None
            if not isinstance(server_ms, int) or not _OLDEST_MS <= server_ms < _NEWEST_MS:
                raise BadPage(f"the exchange sent no serverTime in milliseconds but {str(body)[:200]!r}")
            # It was read before it was heard: counted from now on it is never ahead, so no open candle seems closed.
            self._time = server_ms, self._clock.monotonic()
        return int(self._seconds() * 1000)

    def estimated_now_ms(self) -> int:
        """What time it is by the exchange's clock as far as it is known, without asking; else by the machine's."""
        return int(self._seconds() * 1000)

    def first_candle_ms(self, symbol: str) -> int | None:
        """The hour of the first candle that the exchange has of a symbol, None where it has none."""
        params: dict[str, str | int] = {"symbol": symbol, "interval": "1h", "startTime": 0, "limit": 1}
        _, rows = self._get("/api/v3/klines", params, _KLINES_WEIGHT)
        page = parse_page(rows, Span(0, _NEWEST_MS))
        return page.candles[0].open_time_ms if page.candles else None

    @property
    def urls(self) -> tuple[str, ...]:
        """The base URLs, in the order in which they are asked next."""
        return tuple(self._urls)

    def candles(self, symbol: str, asked: Span, url: str | None = None) -> Page:
        """The checked candles that open within at most 1000 hours, the open one included.

        Where ``url`` names a base URL, only that one is asked. The page's ``source`` is the base URL that answered.
        """
        params: dict[str, str | int] = {
            "symbol": symbol,
            "interval": "1h",
            "startTime": asked.start_ms,
            "endTime": asked.end_ms - 1,
            "limit": PAGE_HOURS,
        }
        source, rows = self._get("/api/v3/klines", params, _KLINES_WEIGHT, url)
        return parse_page(rows, asked)._replace(source=source)

    def closed_candles(self, symbol: str, asked: Span, url: str | None = None) -> Page:
        """Like ``candles``, without one that had not closed by the exchange's clock."""
        now_ms = self.now_ms()  # asked first: what closes while the page is on its way may lack its last trades
        page = self.candles(symbol, asked, url)
        return page._replace(candles=[candle for candle in page.candles if candle.close_time_ms < now_ms])

    def last_closed_end_ms(self) -> int:
        """The end of the newest hour that is over by the exchange's clock."""
        return floor_hour(self.now_ms())

    def _get(self, path: str, params: Mapping[str, str | int], weight: int, only: str | None = None) -> tuple[str, Any]:
        """The first base URL that gives an answer, or the only one to ask, and its decoded answer."""
        self._refuse_while_banned()
        failures: dict[str, _Failed] = {}
        began = self._clock.monotonic()
        for url in [only] if only else list(self._urls):
            if failures and self._clock.monotonic() - began > self._give_up_seconds:
                break
            try:
                body = self._ask(url, path, params, weight)
            except _Failed as failed:
                failures[url] = failed
                log.warning("%s: %s", url, failed.reason)
                continue
            if failures:  # ask this one first from now on
                self._urls.remove(url)
                self._urls.insert(0, url)
            return url, body
        raise _no_answer(failures)

    def _ask(self, url: str, path: str, params: Mapping[str, str | int], weight: int) -> Any:
        """The decoded answer of one base URL, tried as often as the policy says."""
        began, failures = self._clock.monotonic() - self._waited, 0
        while True:
            try:
                return self._try(url, path, params, weight)
            except _Failed as failed:
                failures += 1
                wait = self._retry.wait(failures, random.random())  # noqa: S311 - jitter, not a secret
                elapsed = self._clock.monotonic() - self._waited - began
                if not failed.again or not self._retry.again(failures, elapsed, wait):
                    raise
                log.info("%s: %s; again in %.1f s", url, failed.reason, wait)
                self._clock.sleep(wait)

    def _try(self, url: str, path: str, params: Mapping[str, str | int], weight: int) -> Any:
        """The decoded answer to one request, or to those that follow a 429 when the exchange said."""
        for _ in range(_MOST_WAITS):
            self._wait_for_its_turn(weight)
            answer = self._send(url + path, params)
            if answer.status != 429:
                return self._judge(answer)
            seconds = _retry_after(answer.headers, 10.0)
            log.warning("%s: HTTP 429, asks to wait %g s", url, seconds)
            self._not_before = self._clock.monotonic() + seconds
        raise _Failed(f"HTTP 429, {_MOST_WAITS} times in a row", again=False)

    def _send(self, url: str, params: Mapping[str, str | int]) -> _Answer:
        """One request and its whole answer, within the time for a whole answer."""
        connect, between, whole = self._timeouts
        deadline = self._clock.monotonic() + whole
        self.requests += 1
        try:
            with self._session.get(
                url, params=params, timeout=(connect, between), stream=True, allow_redirects=False
            ) as response:
                parts = []
                while part := response.raw.read1(_CHUNK, decode_content=True):
                    parts.append(part)
                    if self._clock.monotonic() > deadline:
                        raise _Failed(f"no whole answer within {whole:g} s", again=True)
                self._weights.heard(response.headers, self._seconds())
                if response.status_code == 200:
                    self.simulated = response.headers.get("X-Simulated-Exchange") == "true"
                text = b"".join(parts).decode("utf-8", "replace")
                return _Answer(response.status_code, response.headers, text)
        except (requests.RequestException, HTTPError, OSError) as error:  # reading the body raises urllib3's own
            raise _Failed(_network_words(error), again=True) from error

    def _judge(self, answer: _Answer) -> Any:
        """The decoded body of a good answer; what any other means."""
        status = answer.status
        if status == 418:
            raise self._banned(answer)
        if status in {403, 451}:
            raise _Failed(f"HTTP {status}, refuses this address", again=False, blocked=True)
        if status >= 500 or status == 408:
            raise _Failed(f"HTTP {status}", again=True)
        try:
            body = json.loads(answer.text)
        except (ValueError, RecursionError):
            # A page for people behind a 4xx is not the exchange's word but that of something before it.
            again = not 400 <= status < 500
            raise _Failed(f"HTTP {status} with a body that is not whole JSON", again=again) from None
        if 400 <= status < 500:
            raise _refused(status, body)
        if status != 200:
            raise _Failed(f"HTTP {status}", again=True)
        return body

    def _banned(self, answer: _Answer) -> ExchangeBanned:
        """Remember until when the exchange will not be asked."""
        named = re.search(r"until (\d{13})", answer.text)
        until_ms = self._clock.wall_ms() + int(_retry_after(answer.headers, 120.0) * 1000)
        if named:
            until_ms = max(until_ms, int(named[1]))
        self._bans.ban(until_ms)
        return _ban(until_ms)

    def _refuse_while_banned(self) -> None:
        until_ms = self._bans.until_ms()
        if until_ms is not None and self._clock.wall_ms() < until_ms:
            raise _ban(until_ms)

    def _wait_for_its_turn(self, weight: int) -> None:
        """Wait as a 429 asked, and for the next minute where this request would near the exchange's limit."""
        asked = self._not_before - self._clock.monotonic()
        near = self._weights.wait(weight, self._seconds())
        seconds = max(asked, near)
        if seconds <= 0:
            return
        reason = "HTTP 429" if asked >= near else f"near the limit of weight {self._weights.limit} a minute"
        if not self._patient:
            raise _Failed(f"{reason}: nothing is asked for another {seconds:.0f} s", again=False)
        log.info("%s: waiting %.1f s", reason, seconds)
        self._clock.sleep(seconds)
        self._waited += seconds

    def _seconds(self) -> float:
        """Now in seconds, by the exchange's clock where it is known: its minutes are the ones that count."""
        if self._time is None:
            return self._clock.wall()
        server_ms, heard = self._time
        return server_ms / 1000 + self._clock.monotonic() - heard


class _Weights:
    """The request weight used in the running minute, as the exchange counts it."""

    def __init__(self, limit: int) -> None:
        self.limit, self._used, self._minute = limit, 0, 0

    def heard(self, headers: Mapping[str, str], now: float) -> None:
        """Take the exchange's word of what was used, heard at ``now``, in seconds."""
        used = headers.get("X-MBX-USED-WEIGHT-1M", "")
        if used.isdecimal():  # a load balancer's own answer does not say
            self._used, self._minute = int(used), int(now // 60)

    def wait(self, weight: int, now: float) -> float:
        """Seconds until the next minute begins, where ``weight`` more would near the limit in this one."""
        if self._used + weight <= self.limit * _NEAR or int(now // 60) > self._minute:
            return 0.0
        return 60.0 - now % 60.0


def _no_answer(failures: Mapping[str, _Failed]) -> ExchangeError:
    reasons = "; ".join(f"{urlsplit(url).netloc}: {failed.reason}" for url, failed in failures.items())
    if all(failed.blocked for failed in failures.values()):
        return ExchangeBlocked(f"every exchange address refuses this machine ({reasons}): name others in BINANCE_URLS")
    return ExchangeUnreachable(f"no exchange address answered ({reasons}); BINANCE_URLS names the addresses")


def _refused(status: int, body: object) -> ExchangeRefused:
    """The exchange's own words, in one line."""
    code, words = (body.get("code"), body.get("msg")) if isinstance(body, dict) else (None, body)
    said = " ".join(str(words).split())[:300]
    named = code if isinstance(code, int) else None
    return ExchangeRefused(f"the exchange refuses: {said} (HTTP {status}, code {named})", named)


def _ban(until_ms: int) -> ExchangeBanned:
    return ExchangeBanned(
        f"the exchange has banned this address until {iso(until_ms)}; nothing is asked before", until_ms
    )


def _retry_after(headers: Mapping[str, str], default: float) -> float:
    value = headers.get("Retry-After", "").strip()
    return float(value) if value.isdecimal() else default


def _network_words(error: BaseException) -> str:
    """The last cause's own words: what happened on the wire rather than who noticed it."""
    text = " ".join(str(error).split())
    for pattern, words in (
        (r"Name or service not known|Temporary failure in name|NameResolution", "its name can't be resolved"),
        (r"[Cc]onnection refused", "connection refused"),
        (r"timed out|Timeout", "no answer in time"),
        (r"reset by peer|Connection aborted|RemoteDisconnected", "connection broken off"),
        (r"IncompleteRead|InvalidChunkLength", "answer cut off"),
        (r"[Ss][Ss][Ll]|certificate", "TLS failed"),
    ):
        if re.search(pattern, text):
            return words
    return f"{type(error).__name__}: {text[:120]}"
