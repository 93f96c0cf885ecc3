"""A series: one symbol's sessions by one definition. All that is stored and shown of them depends on it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from volatility.domain.calendar import SessionCalendar
from volatility.domain.hours import to_datetime

FORECAST_METHOD: Final = 2  # grows with every change that gives other forecasts or scores from the same candles
_RULES: Final = 1  # grows when the same candles give other sessions or statistics
_LENGTH: Final = 255  # what the column of a definition holds
_FORECASTS_LENGTH: Final = 80  # what the column of a forecast's holds


@dataclass(frozen=True)
class Series:
    """The sessions of a symbol.

    Args:
        symbol: as the exchange writes it.
        calendar: when a session starts.
        windows: how many sessions each window of statistics has.
        history_start_ms: candles before it are left out; epoch milliseconds.
    """

    symbol: str
    calendar: SessionCalendar
    windows: tuple[int, ...]
    history_start_ms: int

    @property
    def definition(self) -> str:
        """All that sessions and statistics depend on besides the candles."""
        windows = ",".join(map(str, self.windows))
        return _bounded(f"{self._start}, windows {windows}, {self._since}, rules {_RULES}", _LENGTH)

    @property
    def forecast_definition(self) -> str:
        """All that a forecast depends on besides the candles and the method."""
        return _bounded(f"{self._start}, {self._since}", _FORECASTS_LENGTH)

    @property
    def _start(self) -> str:
        return f"start {self.calendar.start:%H:%M} {self.calendar.timezone.key}"

    @property
    def _since(self) -> str:
        return f"history from {to_datetime(self.history_start_ms):%Y-%m-%d}"


def _bounded(text: str, length: int) -> str:
    """A text that fits its column: itself, or what stands for it."""
    return text if len(text) <= length else hashlib.sha256(text.encode()).hexdigest()
