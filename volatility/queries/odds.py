"""The odds of how the running session ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from volatility.analytics.distribution import Distribution, Interval
from volatility.analytics.numerics import TIE
from volatility.analytics.odds import Odds
from volatility.domain.metrics import INTERVAL_LEVELS, METRICS, MIDPOINT_LEVELS, ODDS_LEVELS, RANGE, Metric
from volatility.presentation.catalogue.analytics import (
    DISTRIBUTIONS,
    ODDS,
    PREDICTION_INTERVAL,
    PREDICTIVE_DISTRIBUTION,
    THRESHOLD_ODDS,
    THRESHOLDS_ODDS,
)
from volatility.presentation.numbers import PERCENT, by_level, shown
from volatility.queries.running_session import RunningSession, running_fields
from volatility.queries.session_model import SessionModel


@dataclass(frozen=True)
class Threshold:
    """A value that the final Vol or Range may exceed: in quote currency, or in percent of the open."""

    value: float | None = None
    percent: float | None = None


def thresholds_of(values: Sequence[float] | None, percents: Sequence[float] | None) -> tuple[Threshold, ...]:
    """Thresholds in quote currency, and behind them those in percent of the open."""
    money = [Threshold(value=value) for value in values or ()]
    return (*money, *(Threshold(percent=percent) for percent in percents or ()))


def odds_report(
    model: SessionModel, running: RunningSession, thresholds: Mapping[Metric, Sequence[Threshold]] | None = None
) -> dict[str, Any]:
    """The distribution of the session's final Vol and Range, and the odds of exceeding the thresholds."""
    outlook, session = model.outlook(running), running.session
    odds = outlook.odds
    unit = session.open / 100 if session else None
    return ODDS.of(
        {
            **running_fields(running),
            "missing": outlook.missing,
            "n": outlook.sessions,
            "effective": shown(odds.effective) if odds else None,
            "no_growth": shown(odds.range.at_most(session.percent(RANGE) + TIE)) if odds and session else None,
            "odds": THRESHOLDS_ODDS.of(
                {
                    metric.name: [
                        _threshold_fields(one, odds.of(metric) if odds else None, unit)
                        for one in (thresholds or {}).get(metric, ())
                    ]
                    for metric in METRICS
                }
            ),
            "distribution": DISTRIBUTIONS.of(
                {metric.name: distribution_fields(odds, metric, unit) if unit and odds else None for metric in METRICS}
            ),
        }
    )


def _threshold_fields(threshold: Threshold, distribution: Distribution | None, unit: float | None) -> dict[str, Any]:
    """A threshold in both forms and the probability that the end lies above it."""
    value, percent = threshold.value, threshold.percent
    if percent is None and value is not None and unit:
        percent = value / unit
    elif value is None and percent is not None and unit:
        value = percent * unit
    probability = None if distribution is None or percent is None else distribution.exceeds(percent + TIE)
    return THRESHOLD_ODDS.of(
        {
            "threshold": shown(value),
            "threshold_pct": shown(percent),
            "probability": shown(probability),
        }
    )


def distribution_fields(odds: Odds, metric: Metric, unit: float) -> dict[str, Any]:
    """Mean, quantiles and intervals in quote currency (percent times ``unit``) and in percent of the open."""
    distribution = odds.of(metric)
    values: Sequence[float] = distribution.quantiles(ODDS_LEVELS)
    midpoints = distribution.quantiles(MIDPOINT_LEVELS)
    return PREDICTIVE_DISTRIBUTION.of(
        {
            "mean": shown(distribution.mean * unit, PERCENT * unit),
            "mean_pct": shown(distribution.mean, PERCENT),
            "quantiles": by_level(ODDS_LEVELS, [value * unit for value in values], PERCENT * unit),
            "quantiles_pct": by_level(ODDS_LEVELS, values, PERCENT),
            "midpoints": [shown(value * unit, PERCENT * unit) for value in midpoints],
            "midpoints_pct": [shown(value, PERCENT) for value in midpoints],
            "intervals": [
                _interval_fields(found, level, unit)
                for found, level in zip(odds.intervals(metric), INTERVAL_LEVELS, strict=True)
            ],
        }
    )


def _interval_fields(found: Interval, nominal: float, unit: float) -> dict[str, Any]:
    return PREDICTION_INTERVAL.of(
        {
            "nominal": nominal,
            "probability": shown(found.probability),
            "low": shown(found.low * unit, PERCENT * unit),
            "high": shown(found.high * unit, PERCENT * unit),
            "low_pct": shown(found.low, PERCENT),
            "high_pct": shown(found.high, PERCENT),
        }
    )
