"""The stored forecasts and their scorecard."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from api import questions
from api.models import MODELS
from api.routes import CLOSED, KEPT, Day, FormatQuery, SymbolQuery, kept, series_of, service_of

router = APIRouter(tags=["forecasts"])

ScoreTable = Literal[  # SCORE_TABLES
    "odds", "means", "coverage", "weekdays", "wild_hours", "calibration", "no_growth", "variance", "bands", "stored"
]


@router.get("/forecast", response_model=MODELS["/forecast"], responses=KEPT, summary="Forecasts as they were made")
async def forecast(
    request: Request,
    days: Annotated[int, Query(ge=1, le=3650, description="how many past forecasts, the newest first")] = 30,
    symbol: SymbolQuery = None,
    as_format: FormatQuery = "json",
) -> Response:
    """The forecast of the session after the newest closed one, and earlier forecasts beside what came.

    Realised volatility, Vol and Range, each as a distribution in percent of the open, made at the session's open from
    closed history. `live` forecasts were stored while their session ran, the others in retrospect by the same rules;
    none is ever rewritten. As CSV: one row a forecast, newest first.
    """
    service = service_of(request)
    body = await service.forecasts.answer(questions.Forecasts(series_of(service, symbol), as_format, days))
    return await kept(request, body, CLOSED)


@router.get(
    "/scorecard", response_model=MODELS["/scorecard"], responses=KEPT, summary="How good odds and forecasts were"
)
async def scorecard(
    request: Request,
    since: Annotated[Day | None, Query(description="label of the first session", examples=["2021-07-01"])] = None,
    table: Annotated[ScoreTable, Query(description="which table, where CSV is asked for")] = "odds",
    symbol: SymbolQuery = None,
    as_format: FormatQuery = "json",
) -> Response:
    """What past sessions show about the odds, the forecasts and the windows' bands; each judged by what was known then.

    Losses and means are in percent of the open, shares from 0 to 1. Null where there is too little to say; `n` is
    everywhere.
    """
    service = service_of(request)
    body = await service.scores.answer(questions.Scorecard(series_of(service, symbol), as_format, since, table))
    return await kept(request, body, CLOSED)
