"""Bans: what the exchange said, how long it lasts from when that was heard, and where it is remembered."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from volatility.domain.errors import ExchangeBanned
from volatility.domain.hours import iso
from volatility.exchange.waits import LONGEST_BAN, date_of, retry_after

_SHORTEST: Final = 120.0  # where the exchange names no end: its own shortest
_AGREE: Final = 2.0  # seconds
_UNTIL: Final = re.compile(r"until (\d{13})(?!\d)")


@dataclass(frozen=True)
class Ban:
    """A ban that stands.

    Args:
        seconds: how long it lasts from now on.
        until_ms: when it ends, by the exchange's clock.
        said: what the exchange said instead, where that is longer than is believed.
    """

    seconds: float
    until_ms: int
    said: str = ""

    def error(self) -> ExchangeBanned:
        """What is raised instead of asking."""
        words = f"the exchange has banned this address until {iso(self.until_ms)}; nothing is asked before"
        if self.said:
            days = LONGEST_BAN / 86400
            words += f" ({self.said}: no ban is taken to be longer than {days:g} days)"
        return ExchangeBanned(words, self.until_ms, self.seconds)


class BanBook(Protocol):
    """Where a ban is remembered, so that later runs keep to it too."""

    def standing(self) -> Ban | None:
        """The ban that stands now."""

    def remember(self, ban: Ban) -> None:
        """Take the exchange's word, just heard."""


class MemoryBans:
    """Remembers a ban as long as the process lives, by a clock that nobody sets."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._known: tuple[Ban, float] | None = None  # with its end by that clock, replaced together

    def standing(self) -> Ban | None:
        """The ban that stands now."""
        known = self._known
        if known is None:
            return None
        ban, ends = known
        left = ends - self._monotonic()
        return Ban(left, ban.until_ms, ban.said) if left > 0 else None

    def remember(self, ban: Ban) -> None:
        """Take the exchange's word, just heard."""
        self._known = ban, self._monotonic() + ban.seconds

    def forget(self) -> None:
        """It is over."""
        self._known = None


def ban_of(headers: Mapping[str, str], text: str, known: float | None, machine: float) -> Ban:
    """What a 418 says.

    The exchange's clock is the answer's ``Date``, else what is ``known`` of it, else the ``machine``'s; all in epoch
    seconds. An instant that the exchange names is believed only by the exchange's own clock, unless it names nothing
    else.
    """
    date = date_of(headers)  # in whole seconds, so that what is known is better where the two agree
    clock = known if known is not None and (date is None or abs(known - date) < _AGREE) else date
    now = clock or machine
    asked = retry_after(headers, now)
    named = _UNTIL.search(text)
    by_name = int(named[1]) / 1000 - now if named else None
    if by_name is not None and (clock is not None or asked is None):
        wished = max(by_name, asked or 0.0)
    else:
        wished, by_name = _SHORTEST if asked is None else asked, None
    if wished > LONGEST_BAN:
        return Ban(LONGEST_BAN, int((now + LONGEST_BAN) * 1000), _said(named, wished))
    ends_by_name = named and by_name is not None and wished == by_name
    until_ms = int(named[1]) if named and ends_by_name else int((now + wished) * 1000)
    return Ban(max(0.0, wished), until_ms)


def _said(named: re.Match[str] | None, wished: float) -> str:
    if named:
        return f"it said until {iso(int(named[1]))}"
    return f"it said {wished:.0f} seconds" if wished < 10**12 else "it said longer than any life"
