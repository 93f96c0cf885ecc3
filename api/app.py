"""The application: routes, errors, documentation and metrics around one ``Service``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import Any, Final

from fastapi import Depends, FastAPI, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import analytics, forecast, pages, problems, routes
from api.bodies import json_body
from api.examples import EXAMPLES
from api.headers import Guarded
from api.metrics import Metrics
from api.models import model_of
from api.preparation import Preparation
from api.routes import kept
from api.service import Service
from volatility import __version__
from volatility.exchange.clock import Clock
from volatility.presentation.catalogue import ANSWERS, groups
from volatility.presentation.catalogue.service import PROBLEM
from volatility.settings import Settings

_DESCRIPTION: Final = """\
**Vol** (|open - close|: what a straddle struck at the open pays) and **Range** (high - low) of the session of daily BTC
options, 11:00 to 11:00 Moscow time (08:00 UTC), from Binance's hourly candles.

A session is labelled by the date on which it begins. Windows cover the last 5, 7, 14 and 30 calendar sessions. Prices
are in quote currency (USDT for BTCUSDT). Instants carry their offset. Where `simulated` is true no number is real.
"""
# What a page of another origin may do: read, and see what it needs for asking again.
_READ_ALONE: Final[dict[str, Any]] = {
    "allow_methods": ["GET", "HEAD"],
    "expose_headers": ["ETag", "Page-Version", "Retry-After"],
}
_TAGS: Final = [
    {"name": "sessions", "description": "Closed sessions, the running one, and the windows around them."},
    {"name": "analytics", "description": "How today may end, what a straddle is worth, and when the market moves."},
    {"name": "forecasts", "description": "Forecasts made at the open, and how good they and the odds were."},
    {"name": "service", "description": "What is kept, how fresh it is, and whether the service lives."},
]


def create_app(settings: Settings, clock: Clock | None = None) -> FastAPI:
    """The API over the database and the exchange that the settings name; nothing is connected before it starts.

    Raises:
        SettingError: where the settings name no database that can be spoken to.
    """
    service = Service(settings, clock)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        preparation = Preparation(service)
        await preparation.first()
        _build_routes(app)
        preparing = asyncio.create_task(preparation.forever())
        try:
            yield
        finally:
            preparing.cancel()
            with suppress(asyncio.CancelledError):
                await preparing
            service.close()

    app = FastAPI(
        title="BTC Volatility",
        version=__version__,
        description=_DESCRIPTION,
        license_info={"name": "MIT", "identifier": "MIT"},
        lifespan=lifespan,
        openapi_url=None,
        openapi_tags=_TAGS,
        generate_unique_id_function=lambda route: route.name,  # the names of methods in clients that are generated
        # Beside the document, wherever a proxy puts it: no address here begins with a slash.
        servers=[{"url": "."}],
    )
    app.state.service, app.state.metrics = service, Metrics()
    problems.install(app)
    for answers in (routes.router, analytics.router, forecast.router):
        app.include_router(answers, dependencies=[Depends(problems.refuse_unheard)])
    pages.install(app, reload=settings.page_reload)
    if settings.api_cors_origins:
        app.add_middleware(CORSMiddleware, allow_origins=settings.api_cors_origins, **_READ_ALONE)
    app.add_middleware(_RelativeRedirects)
    app.add_middleware(Guarded, page=app.state.page)
    app.add_middleware(_Measured, metrics=app.state.metrics)
    _describe(app)
    return app


def _build_routes(app: FastAPI) -> None:
    """Look for a path that no route has: FastAPI makes what validates parameters when a route is first looked for."""
    nowhere: Scope = {"type": "http", "method": "GET", "path": "/-", "root_path": "", "headers": []}
    for route in app.routes:
        route.matches(nowhere)


def _describe(app: FastAPI) -> None:
    """Put the problem document into the OpenAPI schema, in place of FastAPI's own, and examples that hold nulls."""
    original = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schemas = original().setdefault("components", {}).setdefault("schemas", {})
            problem = model_of(PROBLEM).model_json_schema(ref_template="#/components/schemas/{model}")
            schemas |= problem.pop("$defs", {}) | {"Problem": problem}
            for answer in (*ANSWERS.values(), PROBLEM):
                for group in groups(answer):  # put here, since FastAPI leaves nulls out of examples
                    schemas[group.name]["examples"] = [EXAMPLES.of(group)]
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
        assert app.openapi_schema is not None  # noqa: S101 - original() keeps it there
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]

    rendered = cache(lambda: json_body(openapi()))

    async def document(request: Request) -> Response:
        return await kept(request, rendered(), "no-cache")

    app.add_api_route("/openapi.json", document, include_in_schema=False)


class _RelativeRedirects:
    """Sends `/docs/` to `../docs`: a proxy may have taken a prefix off the path, and the whole address is its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def relative(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                if "://" in headers.get("location", "").partition("?")[0]:  # the router's own, for a slash too many
                    headers["location"] = _beside(scope["path"]) + "?" * bool(query) + query
            await send(message)

        query = scope.get("query_string", b"").decode("latin-1")
        await self._app(scope, receive, relative)


def _beside(path: str) -> str:
    """The same path with the slash at its end that is missing, or without those that are too many."""
    bare = path.rstrip("/")
    last = bare.rpartition("/")[2]
    return "../" * (len(path) - len(bare)) + last if path != bare else f"{last}/"


class _Measured:
    """Counts and times requests by route, and answers HEAD as GET without the body."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, head = time.perf_counter(), 500, scope["method"] == "HEAD"
        if head:  # in a copy: the server itself must know that it sends no body
            scope = {**scope, "method": "GET"}

        async def measured(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            await self._app(scope, receive, measured)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self._metrics.answered(route, status, time.perf_counter() - began)
