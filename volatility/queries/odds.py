"""The odds of how the running session ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from volatility.analytics.distribution import Distribution, Interval
from volatility.analytics.numerics import TIE
from volatility.analytics.odds import Odds
from volatility.domain.metrics import CONE_LEVELS, INTERVAL_LEVELS, METRICS, MIDPOINT_LEVELS, ODDS_LEVELS, RANGE, Metric
from volatility.domain.sessions import Session
from volatility.presentation.catalogue.odds import (
    DISTRIBUTIONS,
    FAN_HOUR,
    FAN_QUANTILES,
    FINAL_PRICE,
    LEVEL_ODDS,
    ODDS,
    ODDS_NOW,
    PREDICTION_INTERVAL,
    PREDICTIVE_DISTRIBUTION,
    THRESHOLD_ODDS,
    THRESHOLDS_ODDS,
)
from volatility.presentation.numbers import PERCENT, by_level, shown
from volatility.queries.running_session import RunningSession, running_fields
from volatility.queries.session_model import FanHour, Outlook, SessionModel


@dataclass(frozen=True)
class Threshold:
    """A value that the final Vol or Range may exceed: in quote currency, or in percent of the open."""

    value: float | None = None
    percent: float | None = None


def thresholds_of(values: Sequence[float] | None, percents: Sequence[float] | None) -> tuple[Threshold, ...]:
    """Thresholds in quote currency, and behind them those in percent of the open."""
    money = [Threshold(value=value) for value in values or ()]
    return (*money, *(Threshold(percent=percent) for percent in percents or ()))


@dataclass(frozen=True)
class Asked:
    """Whose odds are asked for: final Vols and Ranges, and prices in quote currency."""

    volatility: tuple[Threshold, ...] = ()
    range: tuple[Threshold, ...] = ()
    prices: tuple[float, ...] = ()

    def of(self, metric: Metric) -> tuple[Threshold, ...]:
        """The thresholds of a metric."""
        return self.range if metric == RANGE else self.volatility


def odds_report(model: SessionModel, running: RunningSession, asked: Asked | None = None) -> dict[str, Any]:
    """How the running session may end, and the odds that were asked for."""
    now = odds_fields(model, running, model.outlook(running), asked or Asked())
    return ODDS.of({**running_fields(running), **now})


def odds_fields(model: SessionModel, running: RunningSession, outlook: Outlook, asked: Asked) -> dict[str, Any]:
    """The distributions of the session's end and until then, and the odds that were asked for."""
    odds, session = outlook.odds, running.session
    unit = session.open / 100 if session else None
    return ODDS_NOW.of(
        {
            **missing_fields(outlook),
            "effective": shown(odds.effective) if odds else None,
            "no_growth": shown(odds.range.at_most(session.percent(RANGE) + TIE)) if odds and session else None,
            "odds": THRESHOLDS_ODDS.of(
                {
                    metric.name: [
                        _threshold_fields(one, odds.of(metric) if odds else None, unit) for one in asked.of(metric)
                    ]
                    for metric in METRICS
                }
            ),
            "distribution": DISTRIBUTIONS.of(
                {metric.name: distribution_fields(odds, metric, unit) if unit and odds else None for metric in METRICS}
            ),
            "final_price": _final_price_fields(session, odds, asked.prices),
            "fan": [_fan_fields(hour) for hour in model.fan(running)],
        }
    )


def missing_fields(outlook: Outlook) -> dict[str, Any]:
    """Whether there is a distribution, and on how many sessions it rests."""
    missing = outlook.missing
    return {
        "missing": missing and missing.sentence,
        "missing_code": missing and missing.code,
        "n": outlook.sessions,
    }


def _fan_fields(hour: FanHour) -> dict[str, Any]:
    quantiles = {
        metric.percent_name: FAN_QUANTILES.of(
            by_level(CONE_LEVELS, hour.finals.of(metric).quantiles(CONE_LEVELS), PERCENT)
        )
        for metric in METRICS
    }
    return FAN_HOUR.of({"elapsed": hour.elapsed, **quantiles})


def _final_price_fields(session: Session | None, odds: Odds | None, prices: Sequence[float]) -> dict[str, Any]:
    """The distribution of the price at the end; prices in quote currency are moves in percent of the open."""
    if session is None or odds is None:
        levels = [LEVEL_ODDS.of({"price": shown(price), "above": None, "touch": None}) for price in prices]
        return FINAL_PRICE.of({"mean": None, "quantiles": None, "odds": levels})
    start, unit = session.open, session.open / 100
    now = (session.close - start) / unit
    levels = []
    for price in prices:
        move = (price - start) / unit
        chances = {"above": odds.move.exceeds(move + TIE), "touch": odds.touches(move, now)}
        levels.append(LEVEL_ODDS.of({"price": shown(price), **{name: shown(p) for name, p in chances.items()}}))
    quantiles = [start + move * unit for move in odds.move.quantiles(ODDS_LEVELS)]
    return FINAL_PRICE.of(
        {
            "mean": shown(start + odds.move.mean * unit, start),
            "quantiles": by_level(ODDS_LEVELS, quantiles, start),
            "odds": levels,
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
