"""All that is learnt from an hourly panel, to forecast its sessions at their open and to score them walk-forward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from volatility.analytics.features import FeatureTable, feature_table
from volatility.analytics.forecast import SessionForecast, VarianceHindcasts, forecast_session, variance_hindcasts
from volatility.analytics.odds import PathLibrary, path_library
from volatility.analytics.paths import HOURS
from volatility.analytics.recalibration import Recalibration
from volatility.analytics.walkforward import OddsScores, baseline_variance_forecasts, score_odds

if TYPE_CHECKING:
    from volatility.analytics.panel import HourlyPanel
    from volatility.domain.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class Scores:
    """Scores of consecutive sessions of a panel.

    `starts_ms` (S): of all sessions of the panel up to the last that is scored. `odds`: by metric and elapsed hour.
    `recalibrations`: what each scored session starts with, and the one after them.
    `first`: the place of the first scored session. From there on, `realised` (S) holds variances in squared log units,
    and `baselines` the forecasts (S) of them by name.
    """

    starts_ms: IntArray
    first: int
    odds: list[OddsScores]
    recalibrations: list[Recalibration]
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

    def forecast(self, index: int, recalibration: Recalibration) -> SessionForecast | None:
        """The forecast of session `index`, which starts with `recalibration`, at its open.

        None where too few sessions come before it.
        """
        return forecast_session(self.table, self.library, self.hindcasts, index, recalibration)

    def score(self, first: int, last: int, start: Recalibration) -> Scores:
        """The scores of sessions `first` up to but not including `last`, each by what was known before it.

        `start`: what session `first` starts with.
        """
        panel = self.panel[:last]
        walk = score_odds(panel, self.table, self.library, first, start)
        baselines = baseline_variance_forecasts(panel, first)
        return Scores(panel.starts_ms, first, walk.scores, walk.recalibrations, panel.realised_variance, baselines)
