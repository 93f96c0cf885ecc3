"""A history with everything that is learnt from it."""

from __future__ import annotations

from tests.analytics.histories import History
from volatility.analytics.features import FeatureTable, feature_table
from volatility.analytics.forecast import VarianceHindcasts, variance_hindcasts
from volatility.analytics.odds import Odds, OddsModel, PathLibrary, fit_odds, path_library
from volatility.analytics.panel import HourlyPanel
from volatility.analytics.running_state import RunningCandles, SessionStart, session_start, session_state
from volatility.domain.hours import HOUR_MS

SESSIONS = 420
TODAY = SESSIONS - 2


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

    def odds_at(self, hours: float) -> Odds:
        """Odds that many hours into today's session."""
        now_ms = self.start.start_ms + int(hours * HOUR_MS)
        return self.model.predict(session_state(self.model, self.start, self.candles_until(now_ms), now_ms))
