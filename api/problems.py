"""Errors as RFC 9457 problem documents, with the kind of problem, the parameter, the rule and the value."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.headers import OF_DOCUMENTS
from volatility.domain.errors import DataIncomplete, Error
from volatility.presentation.catalogue.problems import PREFIX, PROBLEM_KINDS

log = logging.getLogger(__name__)

_MEDIA_TYPE: Final = "application/problem+json"
_LIMITS: Final = ("ge", "gt", "le", "lt", "min_length", "max_length", "expected")


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


class OldPage(Exception):
    """A file of the page is asked for by the name that another version has for it."""


def problem(
    request: Request,
    kind: str,
    detail: str,
    more: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document of a kind as a response that nobody keeps; ``more`` are its members besides the usual ones."""
    status, title, _ = PROBLEM_KINDS[kind]
    document = {"type": PREFIX + kind, "title": title, "status": status, "detail": detail, "instance": request.url.path}
    body = json.dumps(document | dict(more or {}), ensure_ascii=False, default=str)
    return Response(body, status, {"Cache-Control": "no-store", **(headers or {})}, _MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error with a problem document."""
    app.add_exception_handler(RequestValidationError, _bad_parameter)
    app.add_exception_handler(UnknownSymbol, _unknown_symbol)
    app.add_exception_handler(OldPage, _old_page)
    app.add_exception_handler(Error, _unavailable)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


async def refuse_unknown(request: Request) -> None:
    """A parameter that the endpoint does not know is an error: a misspelt one would go unnoticed."""
    known = _query_names(request.scope["route"].dependant)
    strangers = [name for name in request.query_params if name not in known]
    if strangers:
        rule = f"must be one of {', '.join(sorted(known))}" if known else "is not known here, and no other is"
        raise RequestValidationError(
            [
                {
                    "type": "unknown",
                    "loc": ("query", name),
                    "msg": rule,
                    "input": request.query_params[name],
                    "ctx": {"expected": ", ".join(sorted(known))},
                }
                for name in strangers
            ]
        )


def _query_names(dependant: Dependant) -> set[str]:
    """The query parameters of an endpoint and of what it depends on."""
    own = {parameter.alias for parameter in dependant.query_params}
    return own.union(*map(_query_names, dependant.dependencies))


async def _bad_parameter(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what it is registered for
    errors = [
        {
            "parameter": str(e["loc"][1]),  # behind "query"; further parts are places within a list
            "code": e["type"],
            "limits": {name: limit for name, limit in e.get("ctx", {}).items() if name in _LIMITS},
            "rule": e["msg"],
            "value": e.get("input"),
        }
        for e in error.errors()
    ]
    detail = "; ".join(f"{e['parameter']}: {e['rule']}, got {e['value']!r}" for e in errors)
    return problem(request, "bad_parameter", detail, {"errors": errors})


async def _unknown_symbol(request: Request, error: Exception) -> Response:
    assert isinstance(error, UnknownSymbol)  # noqa: S101 - what it is registered for
    known = ", ".join(error.known)
    broken = {
        "parameter": "symbol",
        "code": "unknown",
        "limits": {"expected": known},
        "rule": f"must be one of {known}",
        "value": error.symbol,
    }
    return problem(request, "unknown_symbol", f"symbol: {broken['rule']}, got {error.symbol!r}", {"errors": [broken]})


async def _old_page(request: Request, _: Exception) -> Response:
    return problem(request, "old_page", "this file is not of the page that is served now: load the page again")


async def _unavailable(request: Request, error: Exception) -> Response:
    """What is expected to go wrong behind the API; most of it comes back, so clients may try again."""
    assert isinstance(error, Error)  # noqa: S101 - what it is registered for
    log.warning("%s: %s", request.url.path, error)
    # Where the database lies is for the log.
    detail = request.app.state.service.database.without_place(str(error))
    again = {"Retry-After": "30"} if PROBLEM_KINDS[error.kind].status == 503 else {}
    more = {"missing": error.missing} if isinstance(error, DataIncomplete) and error.kind == "no_data" else {}
    return problem(request, error.kind, detail, more, again)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    kind = HTTPStatus(error.status_code).name.lower()  # not_found, method_not_allowed: the router raises no other
    return problem(request, kind, str(error.detail), headers=error.headers)


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("%s: unexpected", request.url.path, exc_info=error)
    # Sent outside of all middleware, which adds these to other answers.
    return problem(request, "internal_error", "an unexpected error; the log has more", headers=OF_DOCUMENTS)
