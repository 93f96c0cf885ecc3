"""What the routes call: questions about one kind of data each, answered once for any number of clients."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from cachetools import LRUCache

from api.bodies import Body
from api.encodings import FOR_ANSWERS, Encodings
from api.paths import Paths
from api.running import Models, RunningAnswers
from api.shared import Latest, Shared
from api.stored import Revised, Stored, StoredAnswers
from volatility.bootstrap import API, open_database, open_exchange
from volatility.domain.series import Series
from volatility.exchange.clock import Clock
from volatility.queries import closed_sessions, forecasts
from volatility.queries import quality as data_quality
from volatility.queries.closed_sessions import Coverage
from volatility.queries.history import History, load_history
from volatility.queries.quality import ExchangeAway, SymbolQuality
from volatility.queries.scores import ScoredSessions, scored_sessions
from volatility.settings import Settings
from volatility.storage.database import Database

_REVISION_SECONDS: Final = 1.0  # how long a closed session's change may stay unseen
_BODIES: Final = 64 * 2**20  # bytes of rendered answers
_PACKED: Final = 16 * 2**20  # bytes of their compressed forms
_SERIES_KEPT: Final = 16  # histories and models in memory: some 30 MB each on nine years


class Service:
    """Everything behind the routes, built once per process.

    Args:
        settings: what is served.
        clock: the machine's clocks, replaced in tests.

    Attributes:
        sessions: answers from stored sessions and statistics.
        history: answers from the hourly history of closed sessions.
        forecasts: answers from stored forecasts.
        scores: answers from all scores of stored forecasts.
        running: answers about the running session.
        encodings: compressed forms of all these answers.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        clock = clock or Clock()
        self.settings = settings
        self.database = open_database(settings, API)
        self.exchange = open_exchange(settings, self.database, API, clock)
        stored = Stored(self.database)
        sessions: Shared[Series, int] = Shared(
            stored.reading(closed_sessions.revision), _REVISION_SECONDS, clock.monotonic
        )
        scores: Shared[Series, tuple[int, int]] = Shared(
            stored.reading(forecasts.revision), _REVISION_SECONDS, clock.monotonic
        )
        self._revisions, self._clock = sessions, clock
        self._coverage: Shared[Series, Coverage] = Shared(
            stored.reading(closed_sessions.coverage), _REVISION_SECONDS, clock.monotonic
        )
        self._quality: Shared[Series, SymbolQuality] = Shared(
            stored.reading(data_quality.quality), _REVISION_SECONDS, clock.monotonic
        )

        async def database(_: Revised) -> Database:
            return self.database

        read_history, read_scored = stored.reading(load_history), stored.reading(scored_sessions)
        histories: Latest[Revised, History] = Latest(lambda asked: read_history(asked.series), _SERIES_KEPT)
        scored: Latest[Revised, ScoredSessions] = Latest(lambda asked: read_scored(asked.series), _SERIES_KEPT)
        room: LRUCache[Any, Body] = LRUCache(_BODIES, getsizeof=lambda body: len(body.content))
        self.encodings = Encodings(FOR_ANSWERS, LRUCache(_PACKED, getsizeof=len))
        self.sessions = StoredAnswers(sessions, database, room)
        self.history = StoredAnswers(sessions, histories.get, room)
        self.forecasts = StoredAnswers(scores, database, room)
        self.scores = StoredAnswers(scores, scored.get, room)
        models = Models(histories, _SERIES_KEPT)
        paths = Paths(self.exchange, clock.monotonic)
        self.running = RunningAnswers(
            stored, self.exchange, models, paths, seconds=settings.today_cache_seconds, clock=clock
        )

    @property
    def series(self) -> list[Series]:
        """Those whose history is kept in memory: of the first symbols of the settings."""
        return [self.settings.series(symbol) for symbol in self.settings.symbols[:_SERIES_KEPT]]

    async def state(self, series: Series) -> tuple[Any, date]:
        """What models of a series rest on: the revision of its sessions, and the label of the running one."""
        return await self._revisions.get(series), series.calendar.containing(self._clock.wall_ms()).date

    def close(self) -> None:
        """Close all connections."""
        self.exchange.close()
        self.database.close()

    async def coverage(self) -> list[Coverage]:
        """How far the data of each symbol reach."""
        return [await self._coverage.get(self.settings.series(symbol)) for symbol in self.settings.symbols]

    async def quality(self) -> list[SymbolQuality]:
        """What the data of each symbol lack, and how its jobs went."""
        return [await self._quality.get(self.settings.series(symbol)) for symbol in self.settings.symbols]

    def exchange_away(self) -> ExchangeAway | None:
        """That the exchange did not answer this process when it was last asked; None where it did, or was not asked."""
        away = self.exchange.away()
        if away is None:
            return None
        seconds = max(away.seconds, self.running.failures.seconds)
        next_try_ms = self.exchange.estimated_now_ms() + round(seconds * 1000) if seconds else None
        return ExchangeAway(away.since_ms, next_try_ms)
