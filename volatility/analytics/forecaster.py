"""All that is learnt from an hourly panel, to forecast its sessions at their open and to score them walk-forward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from volatility.analytics.features import FeatureTable, feature_table
from volatility.analytics.forecast import SessionForecast, VarianceHindcasts, forecast_session, variance_hindcasts
from volatility.analytics.odds import PathLibrary, path_library
from volatility.analytics.paths import HOURS
from volatility.analytics.walkforward import OddsScores, baseline_variance_forecasts, score_odds
from volatility.domain.metrics import SCORED_HOURS

if TYPE_CHECKING:
    from volatility.analytics.panel import HourlyPanel
    from volatility.domain.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class Scores:
    """Scores of consecutive sessions of a panel.

    `starts_ms` (S): of all sessions of the panel up to the last that is scored. `odds`: by metric and elapsed hour.
    `first`: the place of the first scored session. From there on, `realised` (S) holds variances in squared log units,
    and `baselines` the forecasts (S) of them by name.
    """

    starts_ms: IntArray
    first: int
    odds: list[OddsScores]
    realised: FloatArray
    baselines: dict[str, FloatArray]


@dataclass(frozen=True)
class Forecaster:
    """What is learnt from a panel, for each session from the ones before it."""

    panel: HourlyPanel
    table: FeatureTable
    library: PathLibrary
    hindcasts: VarianceHindcasts

    @classmethod
    def of(cls, panel: HourlyPanel) -> Self | None:
        """The forecaster of a panel; None where no session has 24 hours: nothing is learnt from others."""
        if panel.width < HOURS:
            return None
        table = feature_table(panel)
        return cls(panel, table, path_library(table), variance_hindcasts(panel, table))

    def forecast(self, index: int) -> SessionForecast | None:
        """The forecast of session `index` at its open; None where too few sessions come before it."""
        return forecast_session(self.table, self.library, self.hindcasts, index)

    def score(self, first: int, last: int) -> Scores:
        """The scores of sessions `first` up to but not including `last`, each by what was known before it."""
        panel = self.panel[:last]
        odds = score_odds(panel, self.table, self.library, first, SCORED_HOURS)
        return Scores(panel.starts_ms, first, odds, panel.realised_variance, baseline_variance_forecasts(panel, first))
