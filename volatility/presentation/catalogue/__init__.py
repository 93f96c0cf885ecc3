"""The catalogue of fields: every field of every answer, once.

A new field of an answer is one entry here, and the line that computes it in ``volatility.queries``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from volatility.presentation.catalogue import (
    analytics,
    forecasts,
    history,
    live,
    odds,
    quality,
    service,
    sessions,
    straddle,
)
from volatility.presentation.fields import ByKey, Group, ListOf, Shape

ANSWERS: Final = {
    "/statistics": sessions.STATISTICS_REPORT,
    "/today": sessions.TODAY,
    "/sessions": sessions.SESSIONS_REPORT,
    "/live": live.LIVE,
    "/history": history.HISTORY,
    "/cone": analytics.CONE,
    "/odds": odds.ODDS,
    "/straddle": straddle.STRADDLE,
    "/volatility": analytics.VOLATILITY,
    "/seasonality": analytics.SEASONALITY,
    "/distribution": history.DISTRIBUTION,
    "/forecast": forecasts.FORECAST_REPORT,
    "/scorecard": forecasts.SCORECARD,
    "/symbols": service.SYMBOLS,
    "/quality": quality.QUALITY,
    "/healthz": service.HEALTH,
    "/readyz": service.READINESS,
}  # by path
CSV_ALONE: Final = {
    "/odds": odds.QUANTILE_ROW,
    "/volatility": analytics.CONE_KEYS,
    "/distribution": history.DISTRIBUTION_BIN,
}  # fields that are columns of CSV and nothing else, by path


def within(shape: Shape) -> Group | None:
    """The group that a shape is of, however deep in lists and maps; None for single values."""
    while isinstance(shape, ListOf | ByKey):
        shape = shape.of
    return shape if isinstance(shape, Group) else None


def groups(answer: Group) -> Iterator[Group]:
    """An answer and the groups in it, each before those within."""
    yield answer
    for field in answer.fields:
        if inner := within(field.shape):
            yield from groups(inner)
