"""Remembers a ban in the database, so that the next run does not ask before it ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from volatility.errors import DataIncomplete, StorageError
from volatility.storage import candles as store
from volatility.storage.database import Database

_EXCHANGE = "binance"


_SECONDS: Final = 30.0  # how long what was read serves: another process may have been banned meanwhile


class StoredBans:
    """The exchange's last word on a ban, kept in memory and in the database."""

    def __init__(self, database: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database, self._monotonic = database, monotonic
        self._read_at: float | None = None
        self._until_ms: int | None = None

    def until_ms(self) -> int | None:
        """Until when nothing may be asked."""
        now = self._monotonic()
        if self._read_at is None or now - self._read_at > _SECONDS:
            self._until_ms = max(self._until_ms or 0, self._stored_ms() or 0) or None  # what was heard stays heard
            self._read_at = now
        return self._until_ms

    def _stored_ms(self) -> int | None:
        try:
            return self._database.read(lambda connection: store.banned_until(connection, _EXCHANGE))
        except DataIncomplete:  # no tables yet, so no ban either
            return None

    def ban(self, until_ms: int) -> None:
        """Remember the exchange's word; where the database is away too, for this process at least."""
        self._until_ms, self._read_at = until_ms, self._monotonic()
        if self._database.file and not self._database.file.exists():
            return  # a dry run or a reader makes no file
        try:
            self._database.write(lambda connection: store.remember_ban(connection, _EXCHANGE, until_ms))
        except (DataIncomplete, StorageError):
            # The ban itself is what the caller must hear of: it is raised right after this.
            return
