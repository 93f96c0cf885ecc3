"""What answers about a running session rest on, whatever the minute: history before it, and the odds' model of it.

A ``SessionModel`` is made once for every running session. Answers from it cost milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from volatility.analytics.features import feature_table
from volatility.analytics.odds import MIN_SESSIONS, Finals, Odds, OddsModel, SessionState, fit_odds, path_library
from volatility.analytics.panel import HourlyPanel, build_panel, joined
from volatility.analytics.regression import MIN_OBSERVATIONS
from volatility.analytics.running_state import RunningCandles, SessionStart, session_start, session_state
from volatility.domain.calendar import SessionBounds
from volatility.domain.candles import Candle
from volatility.domain.hours import HOUR_MS
from volatility.domain.series import Series
from volatility.queries.history import History
from volatility.queries.running_session import RunningSession

NEEDED: Final = MIN_OBSERVATIONS + MIN_SESSIONS  # complete sessions: to fit the first forecast, then to judge some


@dataclass(frozen=True)
class Basis:
    """All that a model is made of, and so the key that it is kept under. Two equal ones give the same model.

    ``day`` labels the running session; ``late`` are the candles of sessions that are over and that aggregation has not
    closed yet.
    """

    history: History
    day: date
    late: tuple[Candle, ...]

    @property
    def series(self) -> Series:
        """The series that the sessions are of."""
        return self.history.series

    def panel(self) -> HourlyPanel:
        """History before the running session, and that one without its candles."""
        since = min(self.history.last + timedelta(days=1), self.day)
        later = _panel(self.late, self.series.calendar.between(since, self.day))
        return joined(self.history.before(self.day), later)


@dataclass(frozen=True)
class Prepared:
    """What the odds of one session need besides its candles."""

    start: SessionStart
    model: OddsModel


class _Now(NamedTuple):
    """A running session's model, and what has happened in it."""

    prepared: Prepared
    state: SessionState


@dataclass(frozen=True)
class Fitted:
    """Past sessions with all their candles, and what was fitted on them: None where they are too few."""

    complete: int
    prepared: Prepared | None


class Missing(NamedTuple):
    """Why there are no odds: a word for programs, and a sentence."""

    code: str
    sentence: str


class FanHour(NamedTuple):
    """The distributions of Vol and Range so far at the end of one remaining hour of the session."""

    elapsed: int
    finals: Finals


@dataclass(frozen=True)
class Outlook:
    """How the running session may end: its ``odds``, or None, and in ``missing`` why.

    ``sessions``: how many past sessions could contribute; where odds are missing, how many have all their candles.
    """

    sessions: int
    odds: Odds | None
    missing: Missing | None = None


@dataclass(frozen=True, eq=False)
class SessionModel:
    """All of history before one running session; the last session of ``panel`` is that one, without its candles."""

    basis: Basis
    panel: HourlyPanel

    @cached_property
    def closed_panel(self) -> HourlyPanel:
        """The closed sessions before the running one; those without candles so far are empty."""
        return self.panel[:-1]

    @cached_property
    def fitted(self) -> Fitted:
        """The odds' model of the running session; some tenths of a second on years of history, then kept."""
        index, complete = len(self.panel) - 1, int(self.closed_panel.complete.sum())
        if complete < NEEDED:
            return Fitted(complete, None)
        table = feature_table(self.panel)
        model = fit_odds(path_library(table), index)
        return Fitted(complete, Prepared(session_start(self.panel, table, index), model) if model else None)

    @property
    def ready(self) -> bool:
        """Whether the odds' model has been made."""
        return "fitted" in self.__dict__

    def fit(self) -> None:
        """Make the odds' model now rather than at the first question."""
        _ = self.fitted

    def outlook(self, running: RunningSession) -> Outlook:
        """The predictive distribution of the session's end, or why there is none."""
        now = self._now(running)
        if isinstance(now, Missing):
            return Outlook(self.fitted.complete, None, now)
        odds = now.prepared.model.predict(now.state, running.recalibration)
        return Outlook(odds.sessions, odds)

    def fan(self, running: RunningSession) -> list[FanHour]:
        """The distributions at the end of every remaining hour, the last at the session's end; none without odds.

        Some 40 ms for a session that has just begun: ten times as long as ``outlook``.
        """
        now, bounds = self._now(running), running.bounds
        if isinstance(now, Missing):
            return []
        length = (bounds.close_ms - bounds.open_ms) // HOUR_MS
        hours = range(math.floor(running.elapsed_hours) + 1, length + 1)
        columns = now.prepared.model.fan(
            now.state, running.recalibration, [max(hour + now.prepared.start.shift, 0) for hour in hours]
        )
        return [FanHour(hour, finals) for hour, finals in zip(hours, columns, strict=True)]

    def _now(self, running: RunningSession) -> _Now | Missing:
        """What the odds start from at this minute, or why there are none."""
        candles, complete, prepared = own_candles(running), self.fitted.complete, self.fitted.prepared
        if not candles:
            return Missing("no_candle", "the running session has no candle yet")
        if prepared is None:
            needed = f"some {NEEDED} past sessions with all their candles are needed, there are {complete}"
            return Missing("short_history", needed)
        now_ms = min(max(running.as_of_ms, running.bounds.open_ms), running.bounds.close_ms)
        state = session_state(prepared.model, prepared.start, _running_candles(candles), now_ms)
        if not np.isfinite([state.scale, state.past_scale]).all():
            return Missing("no_scale", "the hours before this one don't say how volatile the market is")
        return _Now(prepared, state)


def basis_of(history: History, running: RunningSession) -> Basis:
    """What the model of a running session is made of; what nobody has aggregated yet comes from its newest candles."""
    return Basis(history, running.bounds.date, tuple(_late_candles(history, running)))


def session_model(basis: Basis) -> SessionModel:
    """History before a running session."""
    return SessionModel(basis, basis.panel())


def _late_candles(history: History, running: RunningSession) -> list[Candle]:
    """The candles of sessions that are over and not in history; a session that is known in part is left out."""
    calendar = running.series.calendar
    since_ms = calendar.first_at_or_after(max(calendar.bounds(history.last).close_ms, running.recent.start_ms)).open_ms
    over_ms = min(running.bounds.open_ms, calendar.containing(running.as_of_ms).open_ms)
    return [candle for candle in running.candles if since_ms <= candle.open_time_ms < over_ms]


def own_candles(running: RunningSession) -> list[Candle]:
    """The candles of the running session itself."""
    bounds = running.bounds
    return [candle for candle in running.candles if bounds.open_ms <= candle.open_time_ms < bounds.close_ms]


def own_panel(running: RunningSession) -> HourlyPanel:
    """The running session alone, as far as it has come."""
    return _panel(own_candles(running), [running.bounds])


def _panel(candles: Sequence[Candle], bounds: Sequence[SessionBounds]) -> HourlyPanel:
    columns = _running_candles(candles)
    return build_panel(
        columns.open_time_ms,
        np.stack([columns.open, columns.high, columns.low, columns.close]),
        [bound.open_ms for bound in bounds],
        [bound.close_ms for bound in bounds],
        weekdays=[bound.date.weekday() for bound in bounds],
    )


def _running_candles(candles: Sequence[Candle]) -> RunningCandles:
    rows = np.array([candle[1:5] for candle in candles], np.float64).reshape(-1, 4).T
    times = np.array([candle.open_time_ms for candle in candles], np.int64)
    return RunningCandles(times, *rows)
