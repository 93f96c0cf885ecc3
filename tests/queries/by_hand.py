"""History and a running session from lists of candles: no database, no exchange."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from tests.jobs.support import FakeExchange
from volatility.analytics.distribution import from_samples
from volatility.analytics.odds import Odds, Samples
from volatility.analytics.panel import build_panel
from volatility.analytics.recalibration import Recalibration
from volatility.domain.calendar import SessionCalendar
from volatility.domain.candles import Candle
from volatility.domain.hours import HOUR_MS, Span
from volatility.domain.metrics import INTERVAL_LEVELS
from volatility.domain.series import Series
from volatility.domain.sessions import Session
from volatility.jobs.aggregate import aggregate
from volatility.jobs.backfill import BackfillRequest, backfill
from volatility.queries.history import History
from volatility.queries.running_session import RunningSession
from volatility.queries.session_model import Outlook, SessionModel, basis_of, session_model
from volatility.storage.database import Database

MOSCOW = SessionCalendar(time(11), ZoneInfo("Europe/Moscow"))
FIRST = date(2024, 1, 1)  # a Monday
SERIES = Series("BTCUSDT", MOSCOW, (2, 5), MOSCOW.open_ms(FIRST))

Bar = tuple[float, float, float, float]  # open, high, low, close
Day = Sequence[Bar | None]  # by hour from the session's start; None where the exchange has no candle


def label(number: int) -> date:
    """The label of a session by its number, from 0."""
    return FIRST + timedelta(days=number)


def start_ms(number: int) -> int:
    """When a session begins."""
    return MOSCOW.open_ms(label(number))


def candles_of(number: int, day: Day) -> list[Candle]:
    """A session's candles as the exchange sends them."""
    hours = ((start_ms(number) + place * HOUR_MS, bar) for place, bar in enumerate(day))
    return [Candle(ms, *bar, 1.0, ms + HOUR_MS - 1, 1.0, 1, 0.5, 0.5) for ms, bar in hours if bar]


def walk(sessions: int, seed: int = 1, price: float = 100.0) -> list[list[Bar]]:
    """Whole sessions of a random walk, prices to the cent."""
    rng, days = random.Random(seed), []
    for _ in range(sessions):
        day = []
        for _ in range(24):
            last = round(price * (1 + rng.gauss(0, 0.01)), 2)
            high, low = max(price, last) + rng.randrange(100) / 100, min(price, last) - rng.randrange(100) / 100
            day.append((price, round(high, 2), round(low, 2), last))
            price = last
        days.append(day)
    return days


def flat(price: float, high: float, low: float, last: float) -> list[Bar | None]:
    """A session that does all of it in its first hour and stands still from then on."""
    return [(price, high, low, last), *[(last, last, last, last)] * 23]


def history(days: Sequence[Day], *, revision: int = 1) -> History:
    """The closed sessions from the first one on."""
    candles = [candle for number, day in enumerate(days) for candle in candles_of(number, day)]
    bounds = MOSCOW.between(FIRST, label(len(days) - 1))
    panel = build_panel(
        [candle.open_time_ms for candle in candles],
        np.array([candle[1:5] for candle in candles]).reshape(-1, 4).T,
        [bound.open_ms for bound in bounds],
        [bound.close_ms for bound in bounds],
        weekdays=[bound.date.weekday() for bound in bounds],
    )
    return History(SERIES, FIRST, label(len(days) - 1), revision, False, panel)


def running(number: int, day: Day, hours: float, late: Sequence[tuple[int, Day]] = ()) -> RunningSession:
    """The session of a number after some hours, and the candles of ``late`` ones before it."""
    bounds, own = MOSCOW.bounds(label(number)), candles_of(number, day)
    before = [candle for one, candles in late for candle in candles_of(one, candles)]
    formed = None
    if own:
        high, low = max(candle.high for candle in own), min(candle.low for candle in own)
        formed = Session(bounds, own[0].open, high, low, own[-1].close, 1.0, trades=1, candles=len(own))
    return RunningSession(
        series=SERIES,
        bounds=bounds,
        session=formed,
        past=[],
        before=0,
        recent=Span(min([bounds.open_ms, *(candle.open_time_ms for candle in before)]), bounds.close_ms),
        candles=[*before, *own],
        as_of_ms=bounds.open_ms + round(hours * HOUR_MS),
        source="exchange",
        simulated=False,
        revision=1,
        recalibration=Recalibration(),
    )


def model_of(days: Sequence[Day], now: RunningSession) -> SessionModel:
    """What answers about a running session rest on."""
    return session_model(basis_of(history(days), now))


class Foretold(SessionModel):
    """A model whose odds are those of five ends: of moves -4, -1, 0, 2 and 3 percent, all as likely."""

    def outlook(self, running: RunningSession) -> Outlook:  # noqa: ARG002 - whatever the session
        """Moves in percent of the open, and Ranges of 2, 3, 4, 5 and 6 percent."""
        moves = np.array([3.0, -1.0, 0.0, 2.0, -4.0])
        ranges = from_samples(np.array([6.0, 2.0, 3.0, 4.0, 5.0]))
        samples = Samples(moves, ranges.values, np.fmax(moves + 1, 1), np.fmin(moves - 1, 1), np.ones(5), np.arange(5))
        levels = np.tile(np.array(INTERVAL_LEVELS), (2, 1))
        return Outlook(200, Odds(from_samples(moves), from_samples(np.abs(moves)), ranges, 200, 5.0, levels, samples))


def foretold(days: Sequence[Day], now: RunningSession) -> SessionModel:
    """The same with an end that is known."""
    basis = basis_of(history(days), now)
    return Foretold(basis, basis.panel())


# Nine closed sessions on file: the third lacks its fourth hour, the seventh all of its hours.
STORED: list[Day] = [
    [None if (number, hour) == (2, 3) or number == 6 else bar for hour, bar in enumerate(day)]
    for number, day in enumerate(walk(9, seed=3, price=1000.0))
]


def store(database: Database) -> None:
    """Have both jobs write them."""
    candles = [candle for number, day in enumerate(STORED) for candle in candles_of(number, day)]
    exchange = FakeExchange(candles, start_ms(9) + HOUR_MS // 2)
    backfill(database, exchange, BackfillRequest(SERIES.symbol, SERIES.history_start_ms))
    aggregate(database, exchange, SERIES, exchange.now)
