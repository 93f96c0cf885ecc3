"""Answers about a straddle bought at the session's open and held to its end."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from volatility.analytics.implied import implied_volatility_pct
from volatility.analytics.odds import Odds
from volatility.analytics.panel import HourlyPanel
from volatility.analytics.straddle import (
    LOOKBACKS,
    Straddle,
    StraddleRecord,
    StraddleValue,
    profit_probability,
    straddle_by_weekday,
    straddle_of,
    straddle_records,
    straddle_value,
)
from volatility.domain.errors import DataIncomplete
from volatility.domain.hours import HOUR_MS
from volatility.presentation.catalogue.straddle import (
    BREAKEVENS,
    DEFINED,
    LOOKBACK_RECORD,
    STRADDLE,
    STRADDLE_NOW,
    STRADDLE_VALUE,
    WEEKDAY_RECORD,
    WEEKDAY_RECORDS,
)
from volatility.presentation.numbers import PERCENT, WEEKDAYS, amounts, interval, shown
from volatility.queries.odds import missing_fields
from volatility.queries.running_session import RunningSession, running_fields
from volatility.queries.session_model import Outlook, SessionModel

_PAST_LOOKBACK: Final = 365  # sessions: about a year, as long as what is learnt from them lasts
# What each number means, a sentence each.
DEFINITIONS: Final = {field.name: f"{field.en[0].upper()}{field.en[1:]}." for field in DEFINED}


class Terms(NamedTuple):
    """A straddle as it is asked about: what it costs, if that is known, and its strike, by default today's open."""

    premium: float | None = None
    strike: float | None = None


def straddle_report(
    model: SessionModel, running: RunningSession, terms: Terms, lookback: int | None = None
) -> dict[str, Any]:
    """What the straddle would have given over past sessions, and what it is worth now; no record without a premium."""
    closed = model.closed_panel
    reference = _reference(closed, running)
    unit = reference / 100
    records: list[dict[str, Any]] = []
    weekdays: list[dict[str, Any]] = []
    if terms.premium is not None:
        straddle = straddle_of(terms.premium, reference, terms.strike)
        lookbacks = tuple(sorted({*LOOKBACKS, lookback}, key=lambda sessions: sessions or 10**9))
        records = [
            LOOKBACK_RECORD.of({"lookback": sessions, **_record_fields(record, unit)})
            for sessions, record in straddle_records(closed, straddle, lookbacks).items()
        ]
        weekdays = [
            WEEKDAY_RECORD.of({"weekday": day, **_record_fields(record, unit)})
            for day, record in zip(WEEKDAYS, straddle_by_weekday(closed, straddle, lookback), strict=True)
        ]
    return STRADDLE.of(
        {
            **running_fields(running),
            **straddle_fields(model, running, model.outlook(running), terms, lookback),
            "records": records,
            "by_weekday": WEEKDAY_RECORDS.of({"lookback": lookback, "weekdays": weekdays}),
            "definitions": DEFINITIONS,
        }
    )


def straddle_fields(
    model: SessionModel, running: RunningSession, outlook: Outlook, terms: Terms, lookback: int | None = None
) -> dict[str, Any]:
    """The terms, and what the straddle is worth now."""
    reference = _reference(model.closed_panel, running)
    unit, odds = reference / 100, outlook.odds
    free = straddle_of(0.0, reference, terms.strike)
    bought = None if terms.premium is None else straddle_of(terms.premium, reference, terms.strike)
    value = straddle_value(odds, free.strike_pct) if odds else None
    past = lookback or _PAST_LOOKBACK
    return STRADDLE_NOW.of(
        {
            "reference": shown(reference),
            **amounts({"premium": bought.premium_pct if bought else None, "strike": free.strike_pct}, unit),
            "breakevens": _breakevens(bought, unit) if bought else None,
            "value": STRADDLE_VALUE.of(
                {
                    **missing_fields(outlook),
                    **_value_fields(value, unit),
                    **_profit_fields(odds, value, bought, unit),
                    "implied_volatility": _implied(running, terms.premium, free.strike_pct * unit),
                    "fair_volatility": _implied(
                        running, value.fair_pct * unit if value else None, free.strike_pct * unit
                    ),
                    **_past_fields(straddle_records(model.closed_panel, free, (past,))[past], past, unit),
                }
            ),
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


def _breakevens(straddle: Straddle, unit: float) -> dict[str, Any]:
    low, high = straddle.breakevens_pct
    return BREAKEVENS.of(amounts({"low": low, "high": high}, unit))


def _value_fields(value: StraddleValue | None, unit: float) -> dict[str, Any]:
    """The fair value now; nulls where there is no distribution."""
    parts = {
        "fair": value.fair_pct if value else None,
        "call": value.call_pct if value else None,
        "put": value.put_pct if value else None,
    }
    return {
        **amounts(parts, unit),
        **_interval_fields("fair_interval", value.fair_interval_pct if value else None, unit),
    }


def _profit_fields(
    odds: Odds | None, value: StraddleValue | None, bought: Straddle | None, unit: float
) -> dict[str, Any]:
    """What the premium leaves of it; nulls without a premium or a distribution."""
    profit = value.fair_pct - bought.premium_pct if value and bought else None
    return {
        **amounts({"expected_profit": profit}, unit),
        "probability": shown(profit_probability(odds, bought)) if odds and bought else None,
    }


def _implied(running: RunningSession, premium: float | None, strike: float) -> float | None:
    """The volatility that a price of the straddle implies now; None where there is no price or none implies it."""
    if running.session is None or premium is None:
        return None
    left = (running.bounds.close_ms - running.as_of_ms) / HOUR_MS
    return shown(implied_volatility_pct(premium, running.session.close, strike, left))


def _past_fields(record: StraddleRecord, lookback: int, unit: float) -> dict[str, Any]:
    """What the last ``lookback`` sessions paid: their record at no premium."""
    return {
        **amounts({"past_payoff": record.mean_profit_pct}, unit),
        **_interval_fields("past_payoff_interval", record.mean_interval_pct, unit),
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
