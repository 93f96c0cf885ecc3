"""A history with everything that is learnt from it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from tests.analytics.histories import History
from volatility.analytics.features import FeatureTable, feature_table
from volatility.analytics.forecast import VarianceHindcasts, variance_hindcasts
from volatility.analytics.odds import Odds, OddsModel, PathLibrary, SessionState, fit_odds, path_library
from volatility.analytics.panel import HourlyPanel
from volatility.analytics.recalibration import Recalibration
from volatility.analytics.running_state import RunningCandles, SessionStart, session_start, session_state
from volatility.domain.hours import HOUR_MS

SESSIONS = 420
TODAY = SESSIONS - 2
PLAIN = Recalibration()  # no corrections


def with_ratios(volatility: float, ranged: float) -> Recalibration:
    """Of these levels, whatever is expected: thirty sessions of one percent, as much as is taken for granted."""
    outcomes = 30 * (2 * np.array([volatility, ranged]) - 1)
    return Recalibration(level=np.stack([outcomes, np.full(2, 30.0)], axis=1), level_count=30.0)


def with_slopes(start: Recalibration, usual: float, volatility: float, ranged: float) -> Recalibration:
    """The same with the factors 1 + slope z, z the log of the expected range over the usual one.

    Sixty sessions of one percent, as many as are taken for granted, and as far from the usual as those.
    """
    spread = 60 * 0.4**2
    slope = [[60.0, 2 * spread * one, 60.0, 0.0, spread] for one in (volatility, ranged)]
    return replace(start, slope=np.array(slope), scale_logs=60 * math.log(usual), count=60.0)


class Learnt:
    """A history with everything that is computed from it once."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.panel: HourlyPanel = history.panel()
        self.table: FeatureTable = feature_table(self.panel)
        self.library: PathLibrary = path_library(self.table)
        self.hindcasts: VarianceHindcasts = variance_hindcasts(self.panel, self.table)
        model = fit_odds(self.library, TODAY)
        assert model is not None
        self.model: OddsModel = model
        self.start: SessionStart = session_start(self.panel, self.table, TODAY)

    def candles_until(self, now_ms: int) -> RunningCandles:
        """Candles of today's session that have begun; the last one as it will be when it closes."""
        chosen = (self.history.times >= self.start.start_ms) & (
            self.history.times < max(now_ms, self.start.start_ms + 1)
        )
        return RunningCandles(self.history.times[chosen], *self.history.candles[:, chosen])

    def state_at(self, hours: float) -> SessionState:
        """The state that many hours into today's session."""
        now_ms = self.start.start_ms + int(hours * HOUR_MS)
        return session_state(self.model, self.start, self.candles_until(now_ms), now_ms)

    def odds_at(self, hours: float, recalibration: Recalibration = PLAIN) -> Odds:
        """Odds that many hours into today's session."""
        return self.model.predict(self.state_at(hours), recalibration)
