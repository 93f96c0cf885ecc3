"""The analytic endpoints: the cone, odds, straddle, estimators and seasonality."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from api import questions
from api.models import MODELS
from api.routes import (
    CLOSED,
    KEPT,
    KEPT_JSON,
    METRIC,
    FormatQuery,
    MetricQuery,
    SymbolQuery,
    kept,
    live_caching,
    series_of,
    service_of,
)
from volatility.queries.cone import DEFAULT_LOOKBACK
from volatility.queries.odds import Asked, thresholds_of
from volatility.queries.seasonality import DEFAULT_LOOKBACK as SEASON_LOOKBACK
from volatility.queries.straddle import Terms

router = APIRouter(tags=["analytics"])

_MOST_PRICE: Final = 1e12  # no price has more digits than a double holds
_MOST_PERCENT: Final = 1e6
_MOST_ASKED: Final = 50

Lookback = Annotated[int, Query(ge=1, le=3650, description="how many closed calendar sessions back to look")]
Money = Annotated[float, Field(ge=0, le=_MOST_PRICE, allow_inf_nan=False)]
Percent = Annotated[float, Field(ge=0, le=_MOST_PERCENT, allow_inf_nan=False)]
Price = Annotated[float, Field(gt=0, le=_MOST_PRICE, allow_inf_nan=False)]


def asked_for(
    *,
    volatility: Annotated[
        list[Money] | None, Query(max_length=_MOST_ASKED, description="a final Vol, in quote currency; or several")
    ] = None,
    volatility_pct: Annotated[
        list[Percent] | None, Query(max_length=_MOST_ASKED, description="the same in percent of the open")
    ] = None,
    range_: Annotated[
        list[Money] | None,
        Query(alias="range", max_length=_MOST_ASKED, description="a final Range, in quote currency; or several"),
    ] = None,
    range_pct: Annotated[
        list[Percent] | None, Query(max_length=_MOST_ASKED, description="the same in percent of the open")
    ] = None,
    price: Annotated[
        list[Price] | None, Query(max_length=_MOST_ASKED, description="a price to end above or to touch; or several")
    ] = None,
) -> Asked:
    """Whose odds are asked for."""
    return Asked(thresholds_of(volatility, volatility_pct), thresholds_of(range_, range_pct), tuple(price or ()))


def terms_of(
    *,
    premium: Annotated[
        float | None,
        Query(
            gt=0,
            le=_MOST_PRICE,
            allow_inf_nan=False,
            description="what it costs, in quote currency; without it there is no record",
            examples=[1200],
        ),
    ] = None,
    strike: Annotated[
        float | None,
        Query(gt=0, le=_MOST_PRICE, allow_inf_nan=False, description="in quote currency; today's open by default"),
    ] = None,
) -> Terms:
    """A straddle's price and strike."""
    return Terms(premium, strike)


AskedFor = Annotated[Asked, Depends(asked_for)]
TermsQuery = Annotated[Terms, Depends(terms_of)]


@router.get("/live", response_model=MODELS["/live"], responses=KEPT_JSON, summary="All of the running session")
async def live(
    request: Request,
    asked: AskedFor,
    terms: TermsQuery,
    lookback: Lookback = DEFAULT_LOOKBACK,
    symbol: SymbolQuery = None,
) -> Response:
    """Today, its path, the odds and the straddle's value, all of one instant: what a page asks for every few seconds.

    Each part is as in `/today`, `/cone`, `/odds` and `/straddle`; what changes once a session only is left out.
    """
    service = service_of(request)
    body = await service.running.answer(questions.Live(series_of(service, symbol), lookback, asked, terms))
    return await kept(request, body, live_caching(service))


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
    request: Request, asked: AskedFor, symbol: SymbolQuery = None, as_format: FormatQuery = "json"
) -> Response:
    """The distribution of the session's final Vol, Range and price from now, and the odds that were asked for.

    By filtered historical simulation: past sessions' remaining paths from the same hour, rescaled to today's forecast
    volatility and laid onto today's price, high and low. Deterministic. As CSV: the quantiles.
    """
    service = service_of(request)
    body = await service.running.answer(questions.Odds(series_of(service, symbol), as_format, asked))
    return await kept(request, body, live_caching(service))


@router.get("/straddle", response_model=MODELS["/straddle"], responses=KEPT, summary="A straddle's record and value")
async def straddle(
    request: Request,
    terms: TermsQuery,
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
    body = await service.running.answer(questions.Straddle(series_of(service, symbol), as_format, terms, lookback))
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


@router.get(
    "/distribution", response_model=MODELS["/distribution"], responses=KEPT, summary="How often which Vol or Range"
)
async def distribution(
    request: Request,
    metric: MetricQuery = "volatility",
    lookback: Lookback = DEFAULT_LOOKBACK,
    symbol: SymbolQuery = None,
    as_format: FormatQuery = "json",
) -> Response:
    """A histogram of a metric over the last closed sessions, in percent of their opens, and its quantiles.

    The bins have round edges. As CSV: one row a bin, the last one open-ended.
    """
    service = service_of(request)
    question = questions.Distribution(series_of(service, symbol), as_format, METRIC[metric], lookback)
    body = await service.sessions.answer(question)
    return await kept(request, body, CLOSED)
