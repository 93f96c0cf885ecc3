"""The running session as all endpoints see it, and what is computed once for it, shared by any number of requests."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from anyio import to_thread
from cachetools import LRUCache

from api.bodies import Body
from api.paths import Paths
from api.questions import Live, Question, Running
from api.shared import Kept, Latest, Shared, in_thread
from api.stored import Revised, Stored
from volatility.domain.series import Series
from volatility.exchange.clock import Clock
from volatility.queries.cone import DEFAULT_LOOKBACK
from volatility.queries.history import History
from volatility.queries.odds import Asked
from volatility.queries.running_session import RunningExchange, RunningSession, running_session
from volatility.queries.session_model import Basis, SessionModel, basis_of, session_model
from volatility.queries.straddle import Terms

_AWAY_SECONDS: Final = 15.0  # how long an exchange that failed is left alone
_ANSWERS_KEPT: Final = 256  # rendered answers about one state of the running session


class Failures:
    """The series that the exchange failed for a moment ago: one that is delisted says nothing of the others."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._until: dict[Series, float] = {}

    def note(self, series: Series) -> None:
        """It failed just now."""
        self._until[series] = self._monotonic() + _AWAY_SECONDS

    @property
    def seconds(self) -> float:
        """Until the first of them is asked for again; 0 where none is left alone."""
        now = self._monotonic()
        return min((until - now for until in list(self._until.values()) if until > now), default=0.0)

    def __contains__(self, series: Series) -> bool:
        return self._monotonic() < self._until.get(series, -math.inf)


class Models:
    """Models of the running session, each built once however many ask for it at the same time."""

    def __init__(self, histories: Latest[Revised, History], series: int) -> None:
        self._histories = histories
        self._models = Latest[Basis, SessionModel](in_thread(session_model), series)
        self._fitting = Shared[SessionModel, None](in_thread(SessionModel.fit), 0.0)

    async def model(self, running: RunningSession, *, fitted: bool) -> SessionModel:
        """History before a running session; with ``fitted`` the odds' model is ready too."""
        history = await self._histories.get(Revised(running.series, running.revision))
        model = await self._models.get(basis_of(history, running))
        if fitted and not model.ready:
            await self._fitting.get(model)
        return model


class Moment:
    """The running session at one moment, and the answers that were rendered about it."""

    def __init__(self, running: RunningSession, models: Models, paths: Paths) -> None:
        self._running, self._models, self._paths = running, models, paths
        self._bodies = Kept[Question[Running], Body](self._rendered, LRUCache(_ANSWERS_KEPT))

    async def answer(self, question: Question[Running]) -> Body:
        """The answer, rendered."""
        return await self._bodies.get(question)

    async def _rendered(self, question: Question[Running]) -> Body:
        model = await self._models.model(self._running, fitted=question.fitted)
        minutes = await self._paths.minutes(self._running) if question.by_minutes else None
        return await to_thread.run_sync(question.answer, Running(self._running, model, minutes))


class RunningAnswers:
    """Answers about the running session, which is asked of the exchange once a cache period whatever is answered.

    Args:
        stored: what is stored.
        exchange: where the newest candles come from; left alone for a while after it failed.
        models: history before the running session.
        paths: its five minutes.
        seconds: the cache period.
        clock: the machine's clocks.

    Attributes:
        failures: the series that the exchange failed for a moment ago.
    """

    def __init__(
        self, stored: Stored, exchange: RunningExchange, models: Models, paths: Paths, *, seconds: float, clock: Clock
    ) -> None:
        self._stored, self._exchange, self._models, self._paths = stored, exchange, models, paths
        self._clock = clock
        self.failures = Failures(clock.monotonic)
        self._moments = Shared[Series, Moment](in_thread(self._now), seconds, clock.monotonic)

    async def answer(self, question: Question[Running]) -> Body:
        """The answer, rendered."""
        moment = await self._moments.get(question.series)
        return await moment.answer(question)

    async def prepare(self, series: Series) -> None:
        """Make the model of the session that runs by the machine's clock, and an answer, from what is stored.

        The answer goes to nobody: what it needs is loaded and compiled then when the first question comes.
        """
        running = await to_thread.run_sync(self._from_database, series)
        model = await self._models.model(running, fitted=True)
        question = Live(series, DEFAULT_LOOKBACK, Asked(), Terms())
        await to_thread.run_sync(question.answer, Running(running, model))

    def _from_database(self, series: Series) -> RunningSession:
        return running_session(self._stored.checked(), None, series, self._clock.wall_ms())

    def _now(self, series: Series) -> Moment:
        exchange = None if series in self.failures else self._exchange
        running = running_session(self._stored.checked(), exchange, series, self._clock.wall_ms())
        if exchange and running.stale:
            self.failures.note(series)
        return Moment(running, self._models, self._paths)
