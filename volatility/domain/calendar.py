"""Sessions in time: the one place that knows when a session begins and ends.

A session is the half-open day ``[D start, D+1 start)`` in a zone, labelled by the date D. In a zone with summer time it
has 23 or 25 hours on the days when clocks change, so bounds are never computed by adding 24 hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from volatility.domain.hours import HOUR_MS, to_datetime, to_ms

_DAY = timedelta(days=1)


class SessionBounds(NamedTuple):
    """One session: its label and ``[open_ms, close_ms)``."""

    date: date
    open_ms: int
    close_ms: int

    @property
    def expected_candles(self) -> int:
        """How many hours the session has: 24, or 23 or 25 when clocks change."""
        return (self.close_ms - self.open_ms) // HOUR_MS

    @property
    def last_open_ms(self) -> int:
        """When the candle that ends the session opens."""
        return self.close_ms - HOUR_MS


@dataclass(frozen=True)
class SessionCalendar:
    """The sessions that start at ``start`` o'clock in ``timezone``."""

    start: time
    timezone: ZoneInfo

    def open_ms(self, day: date) -> int:
        """When the session labelled ``day`` begins.

        A start that the clocks skip that day means the instant they skip it; one that they show twice, the first.
        """
        return to_ms(datetime.combine(day, self.start, self.timezone))

    def bounds(self, day: date) -> SessionBounds:
        """The session labelled ``day``."""
        return SessionBounds(day, self.open_ms(day), self.open_ms(day + _DAY))

    def containing(self, instant_ms: int) -> SessionBounds:
        """The session in which the instant lies."""
        day = to_datetime(instant_ms).astimezone(self.timezone).date()
        if instant_ms < self.open_ms(day):
            day -= _DAY
        return self.bounds(day)

    def first_at_or_after(self, instant_ms: int) -> SessionBounds:
        """The first session that begins at or after the instant."""
        session = self.containing(instant_ms)
        return session if session.open_ms == instant_ms else self.bounds(session.date + _DAY)

    def last_closed(self, instant_ms: int) -> SessionBounds:
        """The newest session whose end does not lie after the instant."""
        return self.bounds(self.containing(instant_ms).date - _DAY)

    def between(self, first: date, last: date) -> list[SessionBounds]:
        """The sessions labelled ``first`` to ``last``, both included; none where ``last`` is before ``first``."""
        count = (last - first).days + 1
        opens = [self.open_ms(first + timedelta(days=i)) for i in range(count + 1)] if count > 0 else []
        return [SessionBounds(first + timedelta(days=i), opens[i], opens[i + 1]) for i in range(len(opens) - 1)]

    def local_iso(self, instant_ms: int) -> str:
        """ISO 8601 in the session's zone, with its offset."""
        precision = "milliseconds" if instant_ms % 1000 else "seconds"
        return to_datetime(instant_ms).astimezone(self.timezone).isoformat(timespec=precision)

    def starts_on_the_hour(self) -> bool:
        """Whether sessions begin where a candle does, winter and summer, from 2017 to 2037."""
        days = (date(2017, 1, 1) + timedelta(days=15 * i) for i in range(24 * 21))
        return all(self.open_ms(day) % HOUR_MS == 0 for day in days)
