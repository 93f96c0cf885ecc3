"""The five minutes of running sessions, asked of the exchange once a minute for any number of clients."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from api.shared import Shared, in_thread
from volatility.domain.errors import ExchangeError
from volatility.domain.series import Series
from volatility.queries.path import MinuteExchange, Minutes, session_minutes
from volatility.queries.running_session import RunningSession

log = logging.getLogger(__name__)

_KEPT_SECONDS: Final = 60.0  # also where they could not be had
_PATIENCE: Final = 1.0  # seconds that an answer waits for them; after that they are for the next one


class Paths:
    """The five minutes of each series' running session, as far as they are known.

    No answer depends on them: who can't have them soon gets those known before, or None, and the path goes by hours.

    Args:
        exchange: where they come from.
        monotonic: seconds that only grow.
    """

    def __init__(self, exchange: MinuteExchange, monotonic: Callable[[], float]) -> None:
        self._exchange = exchange
        self._known: dict[Series, Minutes] = {}
        self._asking = Shared[Series, None](in_thread(self._ask), _KEPT_SECONDS, monotonic)

    async def minutes(self, running: RunningSession) -> Minutes | None:
        """The newest that are known; an exchange that gave no hours is not asked."""
        if not running.stale:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._asking.get(running.series), _PATIENCE)
        return self._known.get(running.series)

    def _ask(self, series: Series) -> None:
        try:
            self._known[series] = session_minutes(self._exchange, series)
        except ExchangeError as error:
            log.warning("today's path without its newest minutes: %s", error)
