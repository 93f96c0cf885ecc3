"""Remembers a ban in the database, so that the next run does not ask before it ends."""

from __future__ import annotations

from volatility.errors import DataIncomplete, StorageError
from volatility.storage import candles as store
from volatility.storage.database import Database

_EXCHANGE = "binance"


class StoredBans:
    """The exchange's last word on a ban: read once, then kept in memory and in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read = False
        self._until_ms: int | None = None

    def until_ms(self) -> int | None:
        """Until when nothing may be asked."""
        if not self._read:
            try:
                self._until_ms = self._database.read(lambda connection: store.banned_until(connection, _EXCHANGE))
            except DataIncomplete:  # no tables yet, so no ban either
                self._until_ms = None
            self._read = True
        return self._until_ms

    def ban(self, until_ms: int) -> None:
        """Remember the exchange's word; where the database is away too, for this process at least."""
        self._until_ms, self._read = until_ms, True
        try:
            self._database.write(lambda connection: store.remember_ban(connection, _EXCHANGE, until_ms))
        except (DataIncomplete, StorageError):
            # The ban itself is what the caller must hear of: it is raised right after this.
            return
