"""The endpoints."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from api import questions
from api.bodies import Body, Format, json_body
from api.encodings import respond
from api.models import MODELS
from api.problems import UnknownSymbol, not_one_of, out_of_order
from api.service import Service
from volatility import __version__
from volatility.domain.calendar import SessionCalendar
from volatility.domain.errors import DataIncomplete, Error
from volatility.domain.metrics import METRICS
from volatility.domain.series import Series
from volatility.presentation.catalogue.history import HISTORY_COLUMNS
from volatility.queries.closed_sessions import Coverage, coverage_fields, newest_candle_end_ms
from volatility.queries.quality import quality_report
from volatility.settings.values import SYMBOL_LENGTH, as_symbol

router = APIRouter()

CLOSED: Final = "public, max-age=30, must-revalidate"
_PROBLEM: Final[dict[str, Any]] = {
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
}
_PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    404: {"description": "unknown symbol", **_PROBLEM},
    422: {"description": "a parameter breaks its rule", **_PROBLEM},
    503: {"description": "the database is away or holds nothing yet", **_PROBLEM},
}
KEPT_JSON: Final[dict[int | str, dict[str, Any]]] = _PROBLEMS | {
    304: {"description": "what the client has is current (If-None-Match)"},
}
KEPT: Final[dict[int | str, dict[str, Any]]] = KEPT_JSON | {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "JSON, or CSV where asked for"},
}


def _written_as_date(value: object) -> object:
    """Pydantic alone takes seconds since 1970 for a date too."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise PydanticCustomError("date", "Input should be a date as YYYY-MM-DD")
    return value


Day = Annotated[date, BeforeValidator(_written_as_date)]
SymbolQuery = Annotated[
    str | None,
    Query(description="one of /symbols; the first of them by default", examples=["BTCUSDT"], max_length=SYMBOL_LENGTH),
]
FormatQuery = Annotated[Format, Query(alias="format", description="json, or csv as flat columns")]
ColumnName = Literal[  # HISTORY_COLUMNS
    "date", "open", "high", "low", "close", "volatility_pct", "range_pct", "candles", "complete",
    "n", "mean_pct", "median_pct", "p10_pct", "p25_pct", "p75_pct", "p90_pct",
]  # fmt: skip
MetricQuery = Annotated[Literal["volatility", "range"], Query(description="Vol or Range")]  # METRICS
METRIC: Final = {metric.name: metric for metric in METRICS}


def service_of(request: Request) -> Service:
    """What is behind the routes."""
    service: Service = request.app.state.service
    return service


def series_of(service: Service, given: str | None) -> Series:
    """The series of the symbol asked for, however that is written; of the first of the settings by default."""
    known = service.settings.symbols
    symbol = known[0] if given is None else as_symbol(given)
    if symbol not in known:
        raise UnknownSymbol(symbol, known)
    return service.settings.series(symbol)


async def kept(request: Request, body: Body, caching: str) -> Response:
    """A response with its ETag, compressed where the client takes that, or 304 where the client has it."""
    return await respond(request, body, caching, service_of(request).encodings)


def live_caching(service: Service) -> str:
    """How long an answer about the running session may be kept."""
    seconds = int(service.settings.today_cache_seconds)
    return f"public, max-age={seconds}" if seconds else "no-cache"


@router.get(
    "/statistics", response_model=MODELS["/statistics"], responses=KEPT, tags=["sessions"], summary="Closed sessions"
)
async def statistics(
    request: Request,
    days: Annotated[int, Query(ge=1, le=3650, description="how many closed sessions, the newest first")] = 30,
    symbol: SymbolQuery = None,
    as_format: FormatQuery = "json",
) -> Response:
    """The last closed sessions with the statistics of their windows, newest first."""
    service = service_of(request)
    body = await service.sessions.answer(questions.Statistics(series_of(service, symbol), as_format, days))
    return await kept(request, body, CLOSED)


@router.get(
    "/today", response_model=MODELS["/today"], responses=_PROBLEMS, tags=["sessions"], summary="The running session"
)
async def today(request: Request, symbol: SymbolQuery = None) -> Response:
    """The session that runs now, up to the exchange's last trade, with the windows around it.

    At most a few seconds old. While the exchange can't be reached it is made of stored candles: `source` is `database`
    and `stale` is true.
    """
    service = service_of(request)
    body = await service.running.answer(questions.Today(series_of(service, symbol)))
    return await kept(request, body, live_caching(service))


@router.get(
    "/sessions",
    response_model=MODELS["/sessions"],
    responses=KEPT,
    tags=["sessions"],
    summary="Closed sessions by date",
)
async def sessions(
    request: Request,
    since: Annotated[Day | None, Query(alias="from", description="first label", examples=["2024-01-01"])] = None,
    until: Annotated[
        Day | None, Query(alias="to", description="up to but not including this label", examples=["2024-02-01"])
    ] = None,
    symbol: SymbolQuery = None,
    as_format: FormatQuery = "json",
) -> Response:
    """The closed sessions labelled `from` up to but not including `to`, oldest first, without statistics."""
    if since and until and since > until:
        raise out_of_order("to", until, "from", since)
    service = service_of(request)
    question = questions.Sessions(series_of(service, symbol), as_format, since, until)
    body = await service.sessions.answer(question)
    return await kept(request, body, CLOSED)


@router.get(
    "/history",
    response_model=MODELS["/history"],
    responses=KEPT,
    tags=["sessions"],
    summary="All closed sessions by columns",
)
async def history(
    request: Request,
    *,
    metric: MetricQuery = "volatility",
    window: Annotated[
        int | None, Query(description="one of WINDOWS; the longest of them by default", examples=[30])
    ] = None,
    column: Annotated[
        list[ColumnName] | None,
        Query(
            description="a column that is wanted; may be repeated; all of them by default", examples=[["date", "close"]]
        ),
    ] = None,
    symbol: SymbolQuery = None,
    as_format: FormatQuery = "json",
) -> Response:
    """All closed sessions, oldest first, each field a list, and the percentages of one window that ends with each.

    A fraction of what `/statistics` would send. As CSV: one row a session.
    """
    service = service_of(request)
    series = series_of(service, symbol)
    chosen = series.windows[-1] if window is None else window
    if chosen not in series.windows:
        raise not_one_of("window", request.query_params["window"], series.windows)
    names = tuple(name for name in HISTORY_COLUMNS.by_name if column is None or name in column)
    body = await service.sessions.answer(questions.SessionColumns(series, as_format, METRIC[metric], chosen, names))
    return await kept(request, body, CLOSED)


@router.get("/symbols", response_model=MODELS["/symbols"], responses={503: _PROBLEMS[503]}, tags=["service"])
async def symbols(request: Request) -> Response:
    """The symbols that are kept, and how far their data reach."""
    service = service_of(request)
    known = [coverage_fields(known, service.settings.calendar) for known in await service.coverage()]
    return await kept(request, json_body({"symbols": known}), "no-cache")


@router.get(
    "/quality",
    response_model=MODELS["/quality"],
    responses={304: KEPT[304], 503: _PROBLEMS[503]},
    tags=["service"],
    summary="Gaps, incomplete sessions, and how the jobs went",
)
async def quality(request: Request) -> Response:
    """What the data lack, how the last jobs went or how far they have come, and whether the exchange answers.

    At most a second old. An empty database is no error here: a first backfill is followed by this.
    """
    service = service_of(request)
    report = quality_report(await service.quality(), service.exchange_away(), service.settings.calendar)
    return await kept(request, json_body(report), "no-cache")


@router.get("/healthz", response_model=MODELS["/healthz"], tags=["service"], summary="The process lives")
async def healthz() -> dict[str, str]:
    """Says nothing of the database: a process that lives need not be restarted because that is away."""
    return {"status": "ok"}


@router.get("/readyz", response_model=MODELS["/readyz"], responses={503: _PROBLEMS[503]}, tags=["service"])
async def readyz(request: Request) -> Response:
    """Whether the database answers, and the age of the newest candle and of the newest closed session.

    503 while no symbol has a closed session; `partial` while only some have.
    """
    service = service_of(request)
    known = await service.coverage()
    now_ms = service.exchange.estimated_now_ms()
    ready = [coverage.newest_session is not None for coverage in known]
    if not any(ready):
        has_candles = any(coverage.newest_candle_ms is not None for coverage in known)
        raise DataIncomplete(
            "no closed session is stored yet: backfill and aggregation come first",
            "sessions" if has_candles else "candles",
        )
    report = {
        "status": "ready" if all(ready) else "partial",
        "version": __version__,
        "symbols": [_readiness(coverage, service.settings.calendar, now_ms) for coverage in known],
    }
    return await kept(request, json_body(report), "no-cache")


@router.get("/metrics", tags=["service"], response_class=Response, summary="Prometheus metrics")
async def metrics(request: Request) -> Response:
    """Freshness of the data and counts of requests, in Prometheus' text format."""
    known: list[Coverage] | None
    try:
        known = await service_of(request).coverage()
    except Error:  # scraping goes on while the database is away: a metric says so
        known = None
    return await kept(request, Body.of(request.app.state.metrics.text(known), CONTENT_TYPE_LATEST), "no-cache")


def _readiness(known: Coverage, calendar: SessionCalendar, now_ms: int) -> dict[str, Any]:
    def age(instant_ms: int | None) -> float | None:
        return None if instant_ms is None else max(0.0, (now_ms - instant_ms) / 1000)

    ages = {
        "newest_candle_age_seconds": age(newest_candle_end_ms(known)),
        "newest_session_age_seconds": age(known.newest_session_close_ms),
    }
    return coverage_fields(known, calendar) | ages
