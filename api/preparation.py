"""What a first question would wait for, made ready before anyone asks: history, and the odds' model of each symbol."""

from __future__ import annotations

import asyncio
import logging
from datetime import date
from typing import Any, Final

from api.service import Service
from volatility.domain.errors import Error
from volatility.domain.series import Series

log = logging.getLogger(__name__)

_FIRST_SECONDS: Final = 5.0  # how long the service's start waits for it
_EVERY_SECONDS: Final = 5.0  # how soon a new session or new history is noticed


class Preparation:
    """Looks at the stored data and the clock, never at the exchange, and prepares each symbol whenever they changed."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._prepared: dict[Series, tuple[Any, date]] = {}

    async def first(self) -> None:
        """Prepare everything, for some seconds at most: a database that is away does not keep the service away too."""
        try:
            await asyncio.wait_for(self.once(), _FIRST_SECONDS)
        except TimeoutError:
            log.warning("the first answers will take longer: preparing them takes more than %g s", _FIRST_SECONDS)

    async def forever(self) -> None:
        """Prepare whatever changes, until cancelled."""
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            await self.once()

    async def once(self) -> None:
        """Prepare what has changed since the last time; what can't be read is left to those who ask for it."""
        for series in self._service.series:
            try:
                now = await self._service.state(series)
                if self._prepared.get(series) != now:
                    await self._service.running.prepare(series)
                    self._prepared[series] = now
            except Error as error:
                log.debug("%s is not prepared: %s", series.symbol, error)
            except Exception:  # whoever asks meets it too, and the service is there for the others
                log.exception("%s is not prepared: unexpected", series.symbol)
