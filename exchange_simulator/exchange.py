"""The simulated exchange: markets, a clock, weights, faults and a log, behind Binance's public market-data API.

It knows nothing of sockets: `server.py` sends what `answer` gives. Whatever it answers carries
`X-Simulated-Exchange: true`, so that nobody takes its candles for real ones.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import formatdate
from urllib.parse import parse_qsl

from exchange_simulator.answers import Answer, ApiError, json_answer
from exchange_simulator.clock import Clock
from exchange_simulator.faults import Fault
from exchange_simulator.klines import check_parameters, parse_klines
from exchange_simulator.market import Market, View
from exchange_simulator.pages import page
from exchange_simulator.plan import FaultPlan
from exchange_simulator.weights import Verdict, WeightMeter

SIMULATED = ("X-Simulated-Exchange", "true")
"""The header by which simulated data is recognised; every answer carries it, errors and faults too."""

WEIGHTS = {"/api/v3/klines": 2, "/api/v3/time": 1, "/api/v3/ping": 1, "/api/v3/exchangeInfo": 20}
_LOG_LENGTH = 100_000

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class LoggedRequest:
    """A request to the API, written down when it arrived.

    Attributes:
        method: such as GET.
        path: such as /api/v3/klines.
        params: what was asked, as text.
        time_ms: what the exchange's clock showed.
        monotonic_s: seconds that only grow, to measure how long a client waited between two requests.
    """

    method: str
    path: str
    params: Mapping[str, str]
    time_ms: int
    monotonic_s: float


class SimulatedExchange:
    """Answers requests as Binance does; safe to use from many threads.

    Args:
        markets: one for each symbol.
        clock: the exchange's clock; by default the machine's.
        weights: the bookkeeping of request weights; by default 6000 in a minute.
    """

    def __init__(
        self, markets: Iterable[Market], *, clock: Clock | None = None, weights: WeightMeter | None = None
    ) -> None:
        self.markets = {market.symbol: market for market in markets}
        self.clock = clock or Clock()
        self.weights = weights or WeightMeter()
        self.plan = FaultPlan()
        self._lock = threading.Lock()
        self._log: deque[LoggedRequest] = deque(maxlen=_LOG_LENGTH)
        self._endpoints: dict[str, Callable[[Pairs, Sequence[Fault], int], Answer]] = {
            "/api/v3/klines": self._klines,
            "/api/v3/time": self._time,
            "/api/v3/ping": self._ping,
            "/api/v3/exchangeInfo": self._exchange_info,
        }

    def order(self, fault: Fault) -> int:
        """Let a fault happen from now on; the number clears it."""
        return self.plan.order(fault)

    def clear(self, number: int | None = None) -> int:
        """End one fault, or all; the answer is how many were ended."""
        return self.plan.clear(number)

    def requests(self, path: str | None = None) -> list[LoggedRequest]:
        """The API requests so far, oldest first: the last 100,000 of one path, or of all."""
        with self._lock:
            return [request for request in self._log if path in (None, request.path)]

    def forget_requests(self) -> None:
        """Empty the log of requests."""
        with self._lock:
            self._log.clear()

    def answer(self, method: str, path: str, query: str) -> Answer:
        """What a request gets; weights first, then the faults it meets."""
        pairs = parse_qsl(query, keep_blank_values=True)
        params = dict(pairs)
        with self._lock:
            self._log.append(LoggedRequest(method, path, params, self.clock.now_ms(), time.monotonic()))
        verdict = self.weights.charge(WEIGHTS.get(path, 1))
        if verdict.status != 200:
            return self._with_headers(self._refusal(verdict), verdict)
        faults = self.plan.take(path, params)
        answer = self._undisturbed(method, path, pairs, faults)
        for fault in faults:
            answer = fault.answer(answer)
        return self._with_headers(answer, verdict)

    def _undisturbed(self, method: str, path: str, pairs: Pairs, faults: Sequence[Fault]) -> Answer:
        endpoint = self._endpoints.get(path)
        if endpoint is None:
            return json_answer({"code": -1000, "msg": f"Not found: {path}"}, 404)
        if method != "GET":
            return json_answer({"code": -1000, "msg": f"Request method '{method}' not supported"}, 405)
        now_ms = self.clock.now_ms() + sum(fault.skew_ms() for fault in faults)
        try:
            return endpoint(pairs, faults, now_ms)
        except ApiError as error:
            return error.answer()

    def _klines(self, pairs: Pairs, faults: Sequence[Fault], now_ms: int) -> Answer:
        query = parse_klines(pairs, self.markets)
        view: View = self.markets[query.symbol].view(now_ms)
        for fault in faults:
            view = fault.view(view, now_ms)
        return Answer(200, b"[" + b",".join(page(view, query, now_ms)) + b"]")

    def _time(self, pairs: Pairs, faults: Sequence[Fault], now_ms: int) -> Answer:  # noqa: ARG002 - an endpoint
        check_parameters(pairs, ())
        return json_answer({"serverTime": now_ms})

    def _ping(self, pairs: Pairs, faults: Sequence[Fault], now_ms: int) -> Answer:  # noqa: ARG002 - an endpoint
        check_parameters(pairs, ())
        return json_answer({})

    def _exchange_info(self, pairs: Pairs, faults: Sequence[Fault], now_ms: int) -> Answer:  # noqa: ARG002 - an endpoint
        values = check_parameters(pairs, ("symbol",))
        symbols = [values["symbol"]] if "symbol" in values else list(self.markets)
        if any(symbol not in self.markets for symbol in symbols):
            raise ApiError(-1121, "Invalid symbol.")
        limit = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1}
        return json_answer(
            {
                "timezone": "UTC",
                "serverTime": now_ms,
                "rateLimits": [] if self.weights.limit is None else [limit | {"limit": self.weights.limit}],
                "exchangeFilters": [],
                "symbols": [_symbol_info(symbol) for symbol in symbols],
            }
        )

    def _refusal(self, verdict: Verdict) -> Answer:
        if verdict.status == 429:
            message = (
                f"Too much request weight used; current limit is {self.weights.limit} request weight per 1 MINUTE. "
                "Please use WebSocket Streams for live updates to avoid polling the API."
            )
        else:
            until_ms = self.clock.now_ms() + verdict.retry_after_s * 1000
            message = (
                f"Way too much request weight used; IP banned until {until_ms}. "
                "Please use WebSocket Streams for live updates to avoid bans."
            )
        answer = json_answer({"code": -1003, "msg": message}, verdict.status)
        return replace(answer, headers=(("Retry-After", str(verdict.retry_after_s)),))

    def _with_headers(self, answer: Answer, verdict: Verdict) -> Answer:
        used, date = str(verdict.used), formatdate(self.clock.now_ms() // 1000, usegmt=True)
        own = (SIMULATED, ("Date", date), ("X-MBX-USED-WEIGHT", used), ("X-MBX-USED-WEIGHT-1M", used))
        return replace(answer, headers=(*own, *answer.headers))


def _symbol_info(symbol: str) -> dict[str, object]:
    """The part of a symbol's description that does not depend on trading rules."""
    quote = next((quote for quote in ("USDT", "USDC", "BTC") if symbol.endswith(quote)), "")
    return {
        "symbol": symbol,
        "status": "TRADING",
        "baseAsset": symbol.removesuffix(quote),
        "baseAssetPrecision": 8,
        "quoteAsset": quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "isSpotTradingAllowed": True,
        "filters": [],
        "permissions": ["SPOT"],
    }
