"""Remembers a ban in the database, so that the next run does not ask before it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from volatility.domain.errors import DataIncomplete, StorageError
from volatility.exchange.bans import Ban, MemoryBans
from volatility.exchange.waits import LONGEST_BAN
from volatility.storage import ban_rows
from volatility.storage.database import Database

EXCHANGE: Final = "binance"
_SECONDS: Final = 30.0  # how long what was read serves: another process may have been banned meanwhile


class StoredBans:
    """The exchange's last word on a ban, kept in memory and in the database; for any number of threads.

    No lock is held while the database is asked. What was read of it counts unless something changed here meanwhile: a
    ban that was just heard is not forgotten because of a read that began before.
    """

    def __init__(self, database: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database, self._monotonic = database, monotonic
        self._read_at: float | None = None
        self._memory = MemoryBans(monotonic)
        self._is_stored = False
        self._changes = 0
        self._lock = threading.Lock()  # for all of these

    def standing(self) -> Ban | None:
        """The ban that stands now."""
        now = self._monotonic()
        with self._lock:
            is_due, changes = self._read_at is None or now - self._read_at > _SECONDS, self._changes
        if is_due:
            stored = standing_ban(self._database)
            with self._lock:
                if changes == self._changes:
                    self._take(stored)
                    self._read_at = now
        return self._memory.standing()

    def remember(self, ban: Ban) -> None:
        """Take the exchange's word; where the database is away too, for this process at least."""
        with self._lock:
            self._memory.remember(ban)
            self._read_at, self._is_stored = self._monotonic(), False
            self._changes += 1
            changes = self._changes
        if self._database.file and not self._database.file.exists():
            return  # a dry run or a reader makes no file
        try:
            _write(self._database, ban)
        except (DataIncomplete, StorageError):
            # The ban itself is what the caller must hear of: it is raised right after this.
            return
        with self._lock:
            if changes == self._changes:
                self._is_stored = True
                self._changes += 1

    def _take(self, stored: Ban | None) -> None:
        """Hear of another process's ban, and of one that somebody lifted."""
        here = self._memory.standing()
        if stored is None:
            if self._is_stored:
                self._memory.forget()
        elif here is None or stored.seconds > here.seconds:
            self._memory.remember(stored)
            self._is_stored = True


def standing_ban(database: Database) -> Ban | None:
    """The ban that stands by what is stored; counted by the database's own clock, and never beyond the limit.

    Where that clock was put back since, or nobody knows when the ban was heard, it is counted from now.

    Raises:
        StorageError: where the database can't be read.
    """
    try:
        stored = database.read(lambda connection: ban_rows.stored_ban(connection, EXCHANGE))
    except DataIncomplete:  # no tables yet, so no ban either
        return None
    if stored is None:
        return None
    left = _left(stored)
    if left.seconds <= 0:
        return None
    ban = Ban(left.seconds, stored.until_ms if left.counted else stored.now_ms + int(left.seconds * 1000))
    if not left.counted:
        _note(database, ban)
    return ban


def lift(database: Database) -> None:
    """Forget the ban; running processes hear of it within half a minute."""
    database.write(lambda connection: ban_rows.lift_ban(connection, EXCHANGE))


class _Left(NamedTuple):
    """How long a ban still lasts, and whether that was counted from when it was heard."""

    seconds: float
    counted: bool


def _left(stored: ban_rows.StoredBan) -> _Left:
    if stored.heard_ms is None or stored.ends_ms is None:  # an older program wrote it
        seconds = (stored.until_ms - stored.now_ms) / 1000
        return _Left(min(seconds, LONGEST_BAN), counted=seconds <= 0)
    whole = min((stored.ends_ms - stored.heard_ms) / 1000, LONGEST_BAN)
    passed = (stored.now_ms - stored.heard_ms) / 1000
    return _Left(whole, counted=False) if passed < 0 else _Left(whole - passed, counted=True)


def _write(database: Database, ban: Ban) -> None:
    database.write(lambda connection: ban_rows.remember_ban(connection, EXCHANGE, ban.until_ms, ban.seconds))


def _note(database: Database, ban: Ban) -> None:
    """Write down from when it is counted. A program that may only read counts anew each time."""
    try:
        _write(database, ban)
    except StorageError:
        return
