"""Where the program is put together: a database and an exchange from the settings, as patient as an entry point needs.

Entry points call this and hand down what they get; nothing else builds a ``Database`` or a ``BinanceClient``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from volatility.domain.retry import ONCE, RetryPolicy
from volatility.exchange.binance import BinanceClient
from volatility.exchange.clock import Clock
from volatility.settings import Settings
from volatility.storage.ban_book import StoredBans
from volatility.storage.database import Database


@dataclass(frozen=True)
class Patience:
    """How long an entry point waits.

    Attributes:
        database: tries of a transaction; None as long as DATABASE_RETRY_SECONDS says.
        exchange: tries of a question; None as long as BINANCE_RETRY_SECONDS says.
        waits: whether it waits where the exchange asks it to.
        statement_seconds: how long the database may take to answer one statement.
        timeouts: seconds to connect to the exchange, to wait for the next bytes, and for a whole answer.
        give_up_seconds: no further base URL is asked after that.
    """

    database: RetryPolicy | None = None
    exchange: RetryPolicy | None = None
    waits: bool = True
    statement_seconds: int = 120
    timeouts: tuple[float, float, float] = (5.0, 15.0, 30.0)
    give_up_seconds: float = math.inf


JOB: Final = Patience()
# A person waits at a terminal.
TERMINAL: Final = Patience(exchange=RetryPolicy(5.0, attempts=2), waits=False)
# Many clients wait for the API, and each can come back by itself. The database gets a moment to restart.
API: Final = Patience(
    database=RetryPolicy(seconds=2.0, attempts=3, first_wait=0.1),
    exchange=ONCE,
    waits=False,
    statement_seconds=10,
    timeouts=(2.0, 3.0, 4.0),
    give_up_seconds=3.0,
)


def open_database(settings: Settings, patience: Patience = JOB) -> Database:
    """The database of the settings."""
    return Database(
        settings.database_url,
        patience.database or RetryPolicy(settings.database_retry_seconds),
        tls=settings.database_tls,
        statement_seconds=patience.statement_seconds,
        without_file_in=settings.without_file_in,
    )


def open_exchange(
    settings: Settings, database: Database, patience: Patience = JOB, clock: Clock | None = None
) -> BinanceClient:
    """The exchange of the settings, with bans remembered in the database."""
    clock = clock or Clock()
    return BinanceClient(
        settings.binance_urls,
        patience.exchange or RetryPolicy(settings.binance_retry_seconds),
        bans=StoredBans(database, clock.monotonic),
        weight_limit=settings.binance_weight_limit,
        timeouts=patience.timeouts,
        patient=patience.waits,
        give_up_seconds=patience.give_up_seconds,
        network=settings.network,
        clock=clock,
    )
