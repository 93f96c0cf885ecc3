"""Errors as RFC 9457 problem documents, with the parameter, the rule and the value."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from volatility.domain.errors import DataIncomplete, Error, StorageError

log = logging.getLogger(__name__)

_MEDIA_TYPE = "application/problem+json"


class UnknownSymbol(Exception):
    """A symbol that this service does not keep."""

    def __init__(self, symbol: str, known: Sequence[str]) -> None:
        self.symbol, self.known = symbol, known
        super().__init__(symbol)


def not_one_of(parameter: str, value: str, choices: Sequence[object]) -> RequestValidationError:
    """A parameter that must be one of some values, as FastAPI itself says it of those that it knows."""
    *others, last = map(str, choices)
    expected = f"{', '.join(others)} or {last}" if others else last
    error = {"type": "literal_error", "loc": ("query", parameter), "msg": f"Input should be {expected}"}
    return RequestValidationError([error | {"input": value, "ctx": {"expected": expected}}])


def problem(
    request: Request,
    status: int,
    detail: str,
    *,
    kind: str = "about:blank",
    title: str | None = None,
    errors: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem document as a response that nobody keeps."""
    document: dict[str, Any] = {
        "type": kind,
        "title": title or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
    }
    if errors:
        document["errors"] = errors
    body = json.dumps(document, ensure_ascii=False, default=str)
    kept = {"Cache-Control": "no-store"} | (headers or {})
    return Response(body, status, kept, _MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error with a problem document."""
    app.add_exception_handler(RequestValidationError, _bad_parameter)
    app.add_exception_handler(UnknownSymbol, _unknown_symbol)
    app.add_exception_handler(Error, _unavailable)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


async def _bad_parameter(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what it is registered for
    errors = [{"parameter": str(e["loc"][1]), "rule": e["msg"], "value": e.get("input")} for e in error.errors()]
    detail = "; ".join(f"{e['parameter']}: {e['rule']}, got {e['value']!r}" for e in errors)
    return problem(request, 422, detail, errors=errors)


async def _unknown_symbol(request: Request, error: Exception) -> Response:
    assert isinstance(error, UnknownSymbol)  # noqa: S101 - what it is registered for
    rule = "must be one of " + ", ".join(error.known)
    errors = [{"parameter": "symbol", "rule": rule, "value": error.symbol}]
    return problem(request, 404, f"symbol: {rule}, got {error.symbol!r}", errors=errors)


async def _unavailable(request: Request, error: Exception) -> Response:
    """What is expected to go wrong behind the API: it comes back, so clients may try again."""
    status, headers = (503, {"Retry-After": "30"}) if isinstance(error, StorageError | DataIncomplete) else (500, {})
    log.warning("%s: %s", request.url.path, error)
    # Where the database lies is for the log.
    detail = request.app.state.service.database.without_place(str(error))
    return problem(request, status, detail, headers=headers)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    return problem(request, error.status_code, str(error.detail), headers=dict(error.headers or {}))


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("%s: unexpected", request.url.path, exc_info=error)
    return problem(request, 500, "an unexpected error; the log has more")
