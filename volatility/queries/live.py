"""Everything about the running session that changes by the minute, in one answer of one instant."""

from __future__ import annotations

from typing import Any

from volatility.presentation.catalogue.live import LIVE
from volatility.queries.cone import DEFAULT_LOOKBACK, cone_now_fields, percentile_fields
from volatility.queries.odds import Asked, odds_fields
from volatility.queries.running_session import RunningSession, running_fields, today_fields
from volatility.queries.session_model import SessionModel
from volatility.queries.straddle import Terms, straddle_fields


def live_report(
    model: SessionModel,
    running: RunningSession,
    asked: Asked | None = None,
    terms: Terms | None = None,
    lookback: int = DEFAULT_LOOKBACK,
) -> dict[str, Any]:
    """The running session with its windows, its part of the cone, the odds, and what a straddle is worth.

    Each part is that of its own answer. ``lookback``: sessions of the cone.
    """
    outlook = model.outlook(running)
    return LIVE.of(
        {
            **running_fields(running),
            "today": today_fields(running, percentile_fields(model, running)),
            "cone": cone_now_fields(model, running, lookback),
            "odds": odds_fields(model, running, outlook, asked or Asked()),
            "straddle": straddle_fields(model, running, outlook, terms or Terms()),
        }
    )
