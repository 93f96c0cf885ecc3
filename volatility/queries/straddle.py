"""Answers about a straddle bought at the session's open and held to its end."""

from __future__ import annotations

from typing import Any, Final

from volatility.analytics.panel import HourlyPanel
from volatility.analytics.straddle import (
    LOOKBACKS,
    Straddle,
    StraddleRecord,
    straddle_by_weekday,
    straddle_of,
    straddle_records,
    straddle_value,
)
from volatility.domain.errors import DataIncomplete
from volatility.presentation.catalogue.analytics import (
    BREAKEVENS,
    DEFINED,
    LOOKBACK_RECORD,
    STRADDLE,
    STRADDLE_VALUE,
    WEEKDAY_RECORD,
    WEEKDAY_RECORDS,
)
from volatility.presentation.numbers import PERCENT, WEEKDAYS, amounts, interval, shown
from volatility.queries.running_session import RunningSession, running_fields
from volatility.queries.session_model import SessionModel

_PAST_LOOKBACK: Final = 365  # sessions: about a year, as long as what is learnt from them lasts
# What each number means, a sentence each.
DEFINITIONS: Final = {field.name: f"{field.en[0].upper()}{field.en[1:]}." for field in DEFINED}


def straddle_report(
    model: SessionModel,
    running: RunningSession,
    premium: float,
    strike: float | None = None,
    lookback: int | None = None,
) -> dict[str, Any]:
    """What the straddle would have given over past sessions, and what it is worth now."""
    reference = _reference(model.closed_panel, running)
    straddle = straddle_of(premium, reference, strike)
    unit = reference / 100
    lookbacks = (*LOOKBACKS[:-1], None) if lookback in LOOKBACKS else (lookback, *LOOKBACKS)
    records = straddle_records(model.closed_panel, straddle, tuple(sorted(lookbacks, key=lambda n: n or 10**9)))
    past = lookback or _PAST_LOOKBACK
    low, high = straddle.breakevens_pct
    return STRADDLE.of(
        {
            **running_fields(running),
            "reference": shown(reference),
            **amounts({"premium": straddle.premium_pct, "strike": straddle.strike_pct}, unit),
            "breakevens": BREAKEVENS.of(amounts({"low": low, "high": high}, unit)),
            "value": STRADDLE_VALUE.of(
                {
                    **_value_fields(model, running, straddle, unit),
                    **_past_fields(records[past], past, straddle, unit),
                }
            ),
            "records": [
                LOOKBACK_RECORD.of({"lookback": count, **_record_fields(record, unit)})
                for count, record in records.items()
            ],
            "by_weekday": WEEKDAY_RECORDS.of(
                {
                    "lookback": lookback,
                    "weekdays": [
                        WEEKDAY_RECORD.of({"weekday": day, **_record_fields(record, unit)})
                        for day, record in zip(
                            WEEKDAYS, straddle_by_weekday(model.closed_panel, straddle, lookback), strict=True
                        )
                    ],
                }
            ),
            "definitions": DEFINITIONS,
        }
    )


def _reference(closed: HourlyPanel, running: RunningSession) -> float:
    """Today's open; while it has no candle the last price of history.

    Raises:
        DataIncomplete: where there is neither.
    """
    if running.session:
        return running.session.open
    if not closed.exists.any():
        words = f"no session of {running.series.symbol} before {running.bounds.date} is stored"
        raise DataIncomplete(words, "sessions")
    return float(closed.session_close[closed.exists][-1])


def _value_fields(model: SessionModel, running: RunningSession, straddle: Straddle, unit: float) -> dict[str, Any]:
    """The fair value now; nulls, and why, where there is no distribution."""
    outlook = model.outlook(running)
    value = straddle_value(outlook.odds, straddle) if outlook.odds else None
    percent = {
        "fair": value.fair_pct if value else None,
        "expected_profit": value.expected_profit_pct if value else None,
    }
    return {
        "missing": outlook.missing,
        "n": outlook.sessions,
        **amounts(percent, unit),
        **_interval_fields("fair_interval", value.fair_interval_pct if value else None, unit),
        "probability": shown(value.probability) if value else None,
    }


def _past_fields(record: StraddleRecord, lookback: int, straddle: Straddle, unit: float) -> dict[str, Any]:
    """What the last ``lookback`` sessions paid, by their record."""
    profit, ends = record.mean_profit_pct, record.mean_interval_pct
    premium = straddle.premium_pct
    return {
        **amounts({"past_payoff": None if profit is None else profit + premium}, unit),
        **_interval_fields("past_payoff_interval", ends and (ends[0] + premium, ends[1] + premium), unit),
        "past_lookback": lookback,
        "past_n": record.n,
    }


def _record_fields(record: StraddleRecord, unit: float) -> dict[str, Any]:
    profits = {
        "mean_profit": record.mean_profit_pct,
        "median_profit": record.median_profit_pct,
        "worst_profit": record.worst_profit_pct,
        "best_profit": record.best_profit_pct,
    }
    return {
        "n": record.n,
        "win_rate": shown(record.win_rate),
        "win_rate_interval": interval(record.win_rate_interval),
        **amounts(profits, unit),
        **_interval_fields("mean_profit_interval", record.mean_interval_pct, unit),
    }


def _interval_fields(name: str, percent: tuple[float, float] | None, unit: float) -> dict[str, Any]:
    """An interval in quote currency (percent times ``unit``), and in percent of the open."""
    money = percent and (percent[0] * unit, percent[1] * unit)
    return {name: interval(money, PERCENT * unit), f"{name}_pct": interval(percent, PERCENT)}
