"""The analytic endpoints: the cone, odds, straddle, estimators and seasonality."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api import questions
from api.models import MODELS
from api.routes import CLOSED, KEPT, FormatQuery, SymbolQuery, kept, live_caching, series_of, service_of
from volatility.queries.cone import DEFAULT_LOOKBACK
from volatility.queries.odds import thresholds_of
from volatility.queries.seasonality import DEFAULT_LOOKBACK as SEASON_LOOKBACK

router = APIRouter(tags=["analytics"])

_MOST_PRICE: Final = 1e12  # no price has more digits than a double holds
_MOST_PERCENT: Final = 1e6
_MOST_THRESHOLDS: Final = 50

Lookback = Annotated[int, Query(ge=1, le=3650, description="how many closed calendar sessions back to look")]
Price = Annotated[float, Field(ge=0, le=_MOST_PRICE, allow_inf_nan=False)]
Percent = Annotated[float, Field(ge=0, le=_MOST_PERCENT, allow_inf_nan=False)]


@router.get("/cone", response_model=MODELS["/cone"], responses=KEPT, summary="Today in the session cone")
async def cone(
    request: Request,
    lookback: Lookback = DEFAULT_LOOKBACK,
    symbol: SymbolQuery = None,
    as_format: FormatQuery = "json",
) -> Response:
    """The usual |price - open| and running Range after each hour of a session, and today's own path beside them."""
    service = service_of(request)
    body = await service.running.answer(questions.Cone(series_of(service, symbol), as_format, lookback))
    return await kept(request, body, live_caching(service))


@router.get("/odds", response_model=MODELS["/odds"], responses=KEPT, summary="How today may end")
async def odds(
    request: Request,
    *,
    volatility: Annotated[
        list[Price] | None, Query(max_length=_MOST_THRESHOLDS, description="a final Vol, in quote currency; or several")
    ] = None,
    volatility_pct: Annotated[
        list[Percent] | None, Query(max_length=_MOST_THRESHOLDS, description="the same in percent of the open")
    ] = None,
    range_: Annotated[
        list[Price] | None,
        Query(alias="range", max_length=_MOST_THRESHOLDS, description="a final Range, in quote currency; or several"),
    ] = None,
    range_pct: Annotated[
        list[Percent] | None, Query(max_length=_MOST_THRESHOLDS, description="the same in percent of the open")
    ] = None,
    symbol: SymbolQuery = None,
    as_format: FormatQuery = "json",
) -> Response:
    """The distribution of the session's final Vol and Range from now, and the odds that they exceed given values.

    By filtered historical simulation: past sessions' remaining paths from the same hour, rescaled to today's forecast
    volatility and laid onto today's price, high and low. Deterministic. As CSV: the quantiles.
    """
    service = service_of(request)
    question = questions.Odds(
        series_of(service, symbol),
        as_format,
        thresholds_of(volatility, volatility_pct),
        thresholds_of(range_, range_pct),
    )
    body = await service.running.answer(question)
    return await kept(request, body, live_caching(service))


@router.get("/straddle", response_model=MODELS["/straddle"], responses=KEPT, summary="A straddle's record and value")
async def straddle(
    request: Request,
    *,
    premium: Annotated[
        float,
        Query(
            gt=0, le=_MOST_PRICE, allow_inf_nan=False, description="what it costs, in quote currency", examples=[1200]
        ),
    ],
    strike: Annotated[
        float | None,
        Query(gt=0, le=_MOST_PRICE, allow_inf_nan=False, description="in quote currency; today's open by default"),
    ] = None,
    lookback: Annotated[
        int | None,
        Query(ge=1, le=3650, description="one more record, over so many sessions; that by weekday is over them too"),
    ] = None,
    symbol: SymbolQuery = None,
    as_format: FormatQuery = "json",
) -> Response:
    """What buying a straddle at the open and holding it to the session's end would have given, and its value now.

    Past sessions are asked in proportion: the same premium and strike in percent of their own open. Costs are left out.
    As CSV: the records.
    """
    service = service_of(request)
    question = questions.Straddle(series_of(service, symbol), as_format, premium, strike, lookback)
    body = await service.running.answer(question)
    return await kept(request, body, live_caching(service))


@router.get("/volatility", response_model=MODELS["/volatility"], responses=KEPT, summary="Estimators of volatility")
async def volatility(request: Request, symbol: SymbolQuery = None, as_format: FormatQuery = "json") -> Response:
    """Estimators over several windows of closed sessions, and the classic volatility cone of each.

    As CSV: the cone.
    """
    service = service_of(request)
    body = await service.history.answer(questions.Volatility(series_of(service, symbol), as_format))
    return await kept(request, body, CLOSED)


@router.get("/seasonality", response_model=MODELS["/seasonality"], responses=KEPT, summary="Weekday by hour")
async def seasonality(
    request: Request,
    lookback: Lookback = SEASON_LOOKBACK,
    symbol: SymbolQuery = None,
    as_format: FormatQuery = "json",
) -> Response:
    """How far each hour of each weekday's sessions goes, and what Vol and Range come to on each weekday.

    As CSV: weekday by hour.
    """
    service = service_of(request)
    body = await service.history.answer(questions.Seasonality(series_of(service, symbol), as_format, lookback))
    return await kept(request, body, CLOSED)
