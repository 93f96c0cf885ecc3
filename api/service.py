"""What the routes call: the library's use cases, one at a time for any number of clients."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, Self, TypeVar

from anyio import to_thread

from api.cache import BodyCache, SharedAnswers
from api.live import Models, Now
from volatility.domain.digits import cell
from volatility.domain.retry import ONCE, RetryPolicy
from volatility.exchange.binance import BinanceClient
from volatility.exchange.clock import Clock
from volatility.jobs.aggregate import Request
from volatility.presentation.sessions import flat_header, flat_rows
from volatility.presentation.tables import TABLES, Table
from volatility.queries import closed_sessions as history
from volatility.queries import forecasts
from volatility.queries.live_analytics import percentile_fields
from volatility.queries.running_session import LiveExchange, RunningSession, running_session, today_report
from volatility.queries.scores import ScoreHistory, score_history
from volatility.queries.session_model import History, SessionModel
from volatility.settings import Settings
from volatility.storage.ban_book import StoredBans
from volatility.storage.database import Database
from volatility.storage.migrate import check

log = logging.getLogger(__name__)
T = TypeVar("T")
Format = Literal["json", "csv"]

_REVISION_SECONDS: Final = 1.0  # how long a closed session's change may stay unseen
_BODIES: Final = 64 * 2**20
# A reader waits a little for a database that restarts, then says 503: the client decides whether to come back.
_DATABASE: Final = RetryPolicy(seconds=2.0, attempts=3, first_wait=0.1)
_STATEMENT_SECONDS: Final = 10
_EXCHANGE_TIMEOUTS: Final = (2.0, 3.0, 4.0)
_EXCHANGE_GIVE_UP: Final = 3.0  # no further address after that: somebody is waiting for an answer
_AWAY_SECONDS: Final = 15.0  # how long an exchange that failed is left alone


@dataclass(frozen=True)
class Body:
    """A rendered answer, and the ETag that names it."""

    content: bytes
    media_type: str
    etag: str

    @classmethod
    def of(cls, content: bytes, media_type: str) -> Self:
        """An answer with its ETag, which is computed once however often it is sent."""
        return cls(content, media_type, f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"')


class Service:
    """Everything behind the routes, built once per process.

    Args:
        settings: what is served.
        clock: the machine's clocks, replaced in tests.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings, self.clock = settings, clock or Clock()
        self.database = Database(
            settings.database_url,
            _DATABASE,
            tls=settings.database_tls,
            statement_seconds=_STATEMENT_SECONDS,
            without_file_in=settings.without_file_in,
        )
        self.exchange = BinanceClient(
            settings.binance_urls,
            ONCE,
            bans=StoredBans(self.database, self.clock.monotonic),
            weight_limit=settings.binance_weight_limit,
            timeouts=_EXCHANGE_TIMEOUTS,
            patient=False,
            give_up_seconds=_EXCHANGE_GIVE_UP,
            network=settings.network,
            clock=self.clock,
        )
        self._away_until: dict[str, float] = {}  # by symbol: one that is delisted says nothing of the others
        self._checked = False
        monotonic = self.clock.monotonic
        self._now: SharedAnswers[str, Now[Body]] = SharedAnswers(settings.today_cache_seconds, monotonic)
        self._models = Models(self.database)
        self._revision: SharedAnswers[str, int] = SharedAnswers(_REVISION_SECONDS, monotonic)
        self._forecasts: SharedAnswers[str, tuple[int, int]] = SharedAnswers(_REVISION_SECONDS, monotonic)
        self._scores: dict[str, ScoreHistory] = {}
        self._coverage: SharedAnswers[str, list[history.Coverage]] = SharedAnswers(_REVISION_SECONDS, monotonic)
        self._rendering: SharedAnswers[tuple[Any, ...], Body] = SharedAnswers(0.0, monotonic)
        self._bodies: BodyCache[tuple[Any, ...], Body] = BodyCache(_BODIES)

    def close(self) -> None:
        """Close all connections."""
        self.exchange.close()
        self.database.close()

    def request(self, symbol: str) -> Request:
        """A symbol by the settings' definition of a session."""
        s = self.settings
        return Request(symbol, s.calendar, s.windows, s.history_start_ms)

    async def statistics(self, symbol: str, days: int, as_format: Format) -> Body:
        """The last closed sessions with their statistics, rendered."""
        request = self.request(symbol)
        return await self._rendered(
            ("statistics", days),
            request,
            as_format,
            lambda: _flat(history.statistics_report(self.database, request, days), as_format, request.windows),
        )

    async def sessions(self, symbol: str, since: date | None, until: date | None, as_format: Format) -> Body:
        """Closed sessions by date, rendered."""
        request = self.request(symbol)
        return await self._rendered(
            ("sessions", since, until),
            request,
            as_format,
            lambda: _flat(history.sessions_report(self.database, request, since, until), as_format, ()),
        )

    async def today(self, symbol: str) -> Body:
        """The running session, rendered; one computation for everyone who asks in a cache period."""
        now = await self._running(symbol)
        model = await self._models.model(now.running, fitted=False)
        return await now.answer(
            ("today",), lambda: _json(today_report(now.running, percentile_fields(model, now.running)))
        )

    async def live(
        self,
        symbol: str,
        name: str,
        asked: tuple[Any, ...],
        as_format: Format,
        report: Callable[[SessionModel, RunningSession], dict[str, Any]],
        *,
        fitted: bool,
    ) -> Body:
        """An analytic answer about the running session, rendered; with ``fitted`` it needs the odds' model."""
        now = await self._running(symbol)
        model = await self._models.model(now.running, fitted=fitted)
        return await now.answer((name, *asked, as_format), lambda: _table(name, report(model, now.running), as_format))

    async def closed(
        self,
        symbol: str,
        name: str,
        asked: tuple[Any, ...],
        as_format: Format,
        report: Callable[[History], dict[str, Any]],
    ) -> Body:
        """An analytic answer about closed sessions, rendered."""
        request = self.request(symbol)
        revision = await self._known_revision(request)
        known = await self._models.history(request, revision)
        return await self._rendered((name, *asked), request, as_format, lambda: _table(name, report(known), as_format))

    async def forecasts(
        self, symbol: str, asked: tuple[Any, ...], as_format: Format, table: Table, report: Callable[[], dict[str, Any]]
    ) -> Body:
        """An answer from stored forecasts and scores, rendered."""
        request = self.request(symbol)
        revision = await self._forecasts.get(symbol, lambda: to_thread.run_sync(self._read_forecasts, request))
        return await self._rendered((*asked, revision), request, as_format, lambda: _shown(table, report(), as_format))

    async def _running(self, symbol: str) -> Now[Body]:
        """The running session, asked of the exchange once a cache period whatever is answered from it."""

        def compute() -> Now[Body]:
            self._check()
            live = self._live(symbol)
            running = running_session(self.database, live, self.request(symbol), self.clock.wall_ms())
            if live and running.stale:
                self._away_until[symbol] = self.clock.monotonic() + _AWAY_SECONDS
            return Now(running)

        return await self._now.get(symbol, lambda: to_thread.run_sync(compute))

    async def coverage(self) -> list[history.Coverage]:
        """How far the data of each symbol reach."""

        def compute() -> list[history.Coverage]:
            self._check()
            return [history.coverage(self.database, self.request(symbol)) for symbol in self.settings.symbols]

        return await self._coverage.get("", lambda: to_thread.run_sync(compute))

    def _live(self, symbol: str) -> LiveExchange | None:
        """The exchange, None while it is left alone after a failure."""
        until = self._away_until.get(symbol)
        return None if until is not None and self.clock.monotonic() < until else self.exchange

    async def _rendered(
        self, key: tuple[Any, ...], request: Request, as_format: Format, render: Callable[[], Body]
    ) -> Body:
        """A rendered report, kept until a session or statistic of its symbol changes."""
        full_key = (*key, request.symbol, as_format, await self._known_revision(request))
        body = self._bodies.get(full_key)
        if body is None:
            body = await self._rendering.get(full_key, lambda: to_thread.run_sync(render))
            self._bodies.put(full_key, body, len(body.content))
        return body

    async def _known_revision(self, request: Request) -> int:
        return await self._revision.get(request.symbol, lambda: to_thread.run_sync(self._read_revision, request))

    def _read_revision(self, request: Request) -> int:
        self._check()
        return history.revision(self.database, request)

    def score_history(self, request: Request) -> ScoreHistory:
        """All scores of a symbol, read anew when one changed; to be called in a thread."""
        kept = self._scores.get(request.symbol)
        if kept is None or kept.known.revision != self._read_forecasts(request):
            kept = self._scores[request.symbol] = score_history(self.database, request)
        return kept

    def _read_forecasts(self, request: Request) -> tuple[int, int]:
        self._check()
        return forecasts.revision(self.database, request)

    def _check(self) -> None:
        """Once: whether the schema is one that this program knows."""
        if not self._checked:
            check(self.database)
            self._checked = True


def _json(report: dict[str, Any]) -> Body:
    return Body.of(json.dumps(report, separators=(",", ":"), allow_nan=False).encode(), "application/json")


def _flat(report: dict[str, Any], as_format: Format, windows: Sequence[int]) -> Body:
    """Closed sessions as JSON or as flat rows."""
    if as_format == "json":
        return _json(report)
    return _csv(flat_header(windows), flat_rows(report, windows))


def _table(name: str, report: dict[str, Any], as_format: Format) -> Body:
    """An analytic answer as JSON or as flat rows."""
    return _shown(TABLES[name], report, as_format)


def _shown(table: Table, report: dict[str, Any], as_format: Format) -> Body:
    return _json(report) if as_format == "json" else _csv(table.columns, table.rows(report))


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Body:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # as RFC 4180 has it
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    return Body.of(text.getvalue().encode(), "text/csv; charset=utf-8")
