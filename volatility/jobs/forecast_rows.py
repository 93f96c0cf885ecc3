"""From the hourly panel to what is stored: forecasts at the open, and scores of closed sessions. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from volatility.analytics.arrays import finite_or_none
from volatility.analytics.distribution import Distribution
from volatility.analytics.features import FeatureTable, feature_table
from volatility.analytics.forecast import SessionForecast, VarianceHistory, forecast_session, variance_history
from volatility.analytics.odds import PathLibrary, path_library
from volatility.analytics.outcomes import HOURS
from volatility.analytics.panel import HourlyPanel
from volatility.analytics.walkforward import Records, plain_variance_forecasts, score_odds
from volatility.domain.metrics import (
    FORECAST_METRICS,
    FORECAST_VALUES,
    INTERVALS,
    QUANTILE_LEVELS,
    SCORED_HOURS,
    THRESHOLDS,
    VARIANCE_FORECASTS,
    forecast_column,
)

Row = dict[str, Any]


@dataclass(frozen=True)
class Scores:
    """Rows of scores: of the odds (session, metric, hour), and of realised variance (session)."""

    odds: list[Row]
    variances: list[Row]


@dataclass(frozen=True)
class Model:
    """Everything that is learnt from a panel, each session from the ones before it."""

    panel: HourlyPanel
    table: FeatureTable
    library: PathLibrary
    history: VarianceHistory

    @classmethod
    def of(cls, panel: HourlyPanel) -> Self | None:
        """The model of a panel; None where no session has 24 hours, as all that is learnt from must have."""
        if panel.width < HOURS:
            return None
        table = feature_table(panel)
        return cls(panel, table, path_library(table), variance_history(panel, table))

    def known(self, index: int) -> int:
        """How many past forecasts one of session ``index`` can rest on."""
        return int(np.isfinite(self.history.ratio[:index]).sum())

    def forecast(self, index: int) -> Row | None:
        """The columns of a forecast of session ``index`` at its open; None where too few sessions are before it."""
        forecast = forecast_session(self.table, self.library, self.history, index)
        if forecast is None:
            return None
        values: Row = {"n": forecast.n, "variance": forecast.variance}
        for metric in FORECAST_METRICS:
            distribution = _distribution(forecast, metric.name)
            levels = distribution.quantiles(QUANTILE_LEVELS)
            numbers = zip(FORECAST_VALUES, (distribution.mean, *levels), strict=True)
            values |= {forecast_column(metric, name): value for name, value in numbers}
        return values

    def scores(self, symbol: str, first: int, last: int) -> Scores:
        """The scores of sessions ``first`` up to but not including ``last``, by what was known before each."""
        opens = self.panel.starts_ms.tolist()
        records = score_odds(self.panel[:last], self.table, self.library, first, SCORED_HOURS)
        odds = [{"symbol": symbol} | row for record in records for row in _score_rows(record, opens)]
        return Scores(odds, self._variances(symbol, first, last))

    def _variances(self, symbol: str, first: int, last: int) -> list[Row]:
        panel = self.panel[:last]
        plain = plain_variance_forecasts(panel, first)
        realised = panel.realised_variance
        return [
            {"symbol": symbol, "open_time": int(panel.starts_ms[i]), "realised": float(realised[i])}
            | {column: finite_or_none(plain[name][i]) for column, name in VARIANCE_FORECASTS.items()}
            for i in range(first, last)
            if np.isfinite(realised[i])
        ]


def _distribution(forecast: SessionForecast, metric: str) -> Distribution:
    return {
        "realised_volatility": forecast.realised_volatility_pct,
        "volatility": forecast.volatility,
        "range": forecast.range,
    }[metric]


def _score_rows(records: Records, opens: list[int]) -> list[Row]:
    """One row for each session of one metric and hour."""
    columns: dict[str, list[Any]] = {
        "crps": records.crps.tolist(),
        "plain_crps": records.plain_crps.tolist(),
        "pinball": records.pinball.tolist(),
        "plain_pinball": records.plain_pinball.tolist(),
        "pit_below": records.pit[:, 0].tolist(),
        "pit_at_most": records.pit[:, 1].tolist(),
        "exceeded": records.happened.sum(axis=1).tolist(),  # of ascending thresholds, so the first ones
    }
    for place, level in enumerate(INTERVALS):
        columns[f"covered_{level}"] = (records.covered[:, place] > 0).tolist()
        columns[f"promised_{level}"] = records.promised[:, place].tolist()
        columns[f"equal_tails_{level}"] = (records.equal_tailed[:, place] > 0).tolist()
    for place, level in enumerate(THRESHOLDS):
        columns[f"odds_{level}"] = records.odds[:, place].tolist()
    key = {"metric": records.measure, "elapsed": records.elapsed}
    names = list(columns)
    return [
        {"open_time": opens[session]} | key | dict(zip(names, values, strict=True))
        for session, *values in zip(records.session.tolist(), *columns.values(), strict=True)
    ]
