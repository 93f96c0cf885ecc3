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
from volatility import bootstrap
from volatility.bootstrap import open_database, open_exchange
from volatility.domain.digits import cell
from volatility.domain.series import Series
from volatility.exchange.clock import Clock
from volatility.presentation.sessions import flat_header, flat_rows
from volatility.presentation.tables import TABLES, Table
from volatility.queries import closed_sessions as history
from volatility.queries import forecasts
from volatility.queries.cone import percentile_fields
from volatility.queries.running_session import LiveExchange, RunningSession, running_session, today_report
from volatility.queries.scores import ScoreHistory, score_history
from volatility.queries.session_model import History, SessionModel
from volatility.settings import Settings
from volatility.storage.migrate import check

log = logging.getLogger(__name__)
T = TypeVar("T")
Format = Literal["json", "csv"]

_REVISION_SECONDS: Final = 1.0  # how long a closed session's change may stay unseen
_BODIES: Final = 64 * 2**20
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
        self.database = open_database(settings, bootstrap.API)
        self.exchange = open_exchange(settings, self.database, bootstrap.API, self.clock)
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

    async def statistics(self, symbol: str, days: int, as_format: Format) -> Body:
        """The last closed sessions with their statistics, rendered."""
        series = self.settings.series(symbol)
        return await self._rendered(
            ("statistics", days),
            series,
            as_format,
            lambda: _flat(history.statistics_report(self.database, series, days), as_format, series.windows),
        )

    async def sessions(self, symbol: str, since: date | None, until: date | None, as_format: Format) -> Body:
        """Closed sessions by date, rendered."""
        series = self.settings.series(symbol)
        return await self._rendered(
            ("sessions", since, until),
            series,
            as_format,
            lambda: _flat(history.sessions_report(self.database, series, since, until), as_format, ()),
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
        series = self.settings.series(symbol)
        revision = await self._known_revision(series)
        known = await self._models.history(series, revision)
        return await self._rendered((name, *asked), series, as_format, lambda: _table(name, report(known), as_format))

    async def forecasts(
        self, symbol: str, asked: tuple[Any, ...], as_format: Format, table: Table, report: Callable[[], dict[str, Any]]
    ) -> Body:
        """An answer from stored forecasts and scores, rendered."""
        series = self.settings.series(symbol)
        revision = await self._forecasts.get(symbol, lambda: to_thread.run_sync(self._read_forecasts, series))
        return await self._rendered((*asked, revision), series, as_format, lambda: _shown(table, report(), as_format))

    async def _running(self, symbol: str) -> Now[Body]:
        """The running session, asked of the exchange once a cache period whatever is answered from it."""

        def compute() -> Now[Body]:
            self._check()
            live = self._live(symbol)
            running = running_session(self.database, live, self.settings.series(symbol), self.clock.wall_ms())
            if live and running.stale:
                self._away_until[symbol] = self.clock.monotonic() + _AWAY_SECONDS
            return Now(running)

        return await self._now.get(symbol, lambda: to_thread.run_sync(compute))

    async def coverage(self) -> list[history.Coverage]:
        """How far the data of each symbol reach."""

        def compute() -> list[history.Coverage]:
            self._check()
            return [history.coverage(self.database, self.settings.series(symbol)) for symbol in self.settings.symbols]

        return await self._coverage.get("", lambda: to_thread.run_sync(compute))

    def _live(self, symbol: str) -> LiveExchange | None:
        """The exchange, None while it is left alone after a failure."""
        until = self._away_until.get(symbol)
        return None if until is not None and self.clock.monotonic() < until else self.exchange

    async def _rendered(
        self, key: tuple[Any, ...], series: Series, as_format: Format, render: Callable[[], Body]
    ) -> Body:
        """A rendered report, kept until a session or statistic of its symbol changes."""
        full_key = (*key, series.symbol, as_format, await self._known_revision(series))
        body = self._bodies.get(full_key)
        if body is None:
            body = await self._rendering.get(full_key, lambda: to_thread.run_sync(render))
            self._bodies.put(full_key, body, len(body.content))
        return body

    async def _known_revision(self, series: Series) -> int:
        return await self._revision.get(series.symbol, lambda: to_thread.run_sync(self._read_revision, series))

    def _read_revision(self, series: Series) -> int:
        self._check()
        return history.revision(self.database, series)

    def score_history(self, series: Series) -> ScoreHistory:
        """All scores of a symbol, read anew when one changed; to be called in a thread."""
        kept = self._scores.get(series.symbol)
        if kept is None or kept.known.revision != self._read_forecasts(series):
            kept = self._scores[series.symbol] = score_history(self.database, series)
        return kept

    def _read_forecasts(self, series: Series) -> tuple[int, int]:
        self._check()
        return forecasts.revision(self.database, series)

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
