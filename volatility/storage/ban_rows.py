"""The ban that an exchange has spoken, by two clocks: its own, for people, and the database's, which counts.

Several machines may share a database, and each one's clock may be wrong. So a ban's length is counted by the clock that
they share, from the moment when it was written down. One ban takes three rows of ``exchange_bans``. Under the
exchange's name stands when it ends by the exchange's clock. Beside it stand when it was heard and when it ends, by the
database's clock.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from volatility.storage.schema import exchange_bans
from volatility.storage.upsert import upsert

_HEARD, _ENDS = ":heard", ":ends"
_NOW: Final = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    "mysql": "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000",
}


class StoredBan(NamedTuple):
    """A ban as it is stored; the last three in epoch milliseconds by the database's clock, None where unknown."""

    until_ms: int
    heard_ms: int | None
    ends_ms: int | None
    now_ms: int


def stored_ban(connection: Connection, exchange: str) -> StoredBan | None:
    """What was last heard of an exchange, whether it is over or not."""
    names = {exchange, exchange + _HEARD, exchange + _ENDS}
    rows = connection.execute(sa.select(exchange_bans).where(exchange_bans.c.exchange.in_(names)))
    instants: dict[str, int] = {row.exchange: row.until for row in rows}
    if exchange not in instants:
        return None
    return StoredBan(
        instants[exchange], instants.get(exchange + _HEARD), instants.get(exchange + _ENDS), _now_ms(connection)
    )


def remember_ban(connection: Connection, exchange: str, until_ms: int, seconds: float) -> None:
    """Keep the exchange's word, so that the next run does not ask before; it lasts for so many seconds from now."""
    now_ms = _now_ms(connection)
    instants = {exchange: until_ms, exchange + _HEARD: now_ms, exchange + _ENDS: now_ms + int(seconds * 1000)}
    upsert(connection, exchange_bans, [{"exchange": name, "until": at_ms} for name, at_ms in instants.items()])


def lift_ban(connection: Connection, exchange: str) -> None:
    """Forget what was heard of an exchange."""
    names = {exchange, exchange + _HEARD, exchange + _ENDS}
    connection.execute(sa.delete(exchange_bans).where(exchange_bans.c.exchange.in_(names)))


def _now_ms(connection: Connection) -> int:
    """What time it is by the database's clock."""
    kind = "sqlite" if connection.dialect.name == "sqlite" else "mysql"
    return int(connection.scalar(sa.text(f"SELECT {_NOW[kind]}")))
