"""Errors as RFC 9457 problem documents, with the kind of problem, the parameter, the rule and the value."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin

from fastapi import FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.headers import OF_DOCUMENTS
from volatility.domain.errors import DataIncomplete, Error
from volatility.presentation.catalogue.problems import PREFIX, PROBLEM_KINDS
from volatility.queries.quality import under_way

if TYPE_CHECKING:
    from api.service import Service

log = logging.getLogger(__name__)

_MEDIA_TYPE: Final = "application/problem+json"
_SOON: Final = "5"  # seconds: a first history takes about a minute
_LIMITS: Final = ("ge", "gt", "le", "lt", "min_length", "max_length", "expected", "nearest")


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


async def refuse_unheard(request: Request) -> None:
    """A parameter that would go unheard is an error: one that the endpoint does not know, and one given twice."""
    known = _query_parameters(request.scope["route"].dependant)
    given = request.query_params
    unknown = [_unknown(name, given[name], sorted(known)) for name in given if name not in known]
    repeated = [
        {
            "type": "repeated",
            "loc": ("query", name),
            "msg": "may be given once",
            "input": ", ".join(given.getlist(name)),
        }
        for name in given
        if name in known and not known[name] and len(given.getlist(name)) > 1
    ]
    if errors := unknown + repeated:
        raise RequestValidationError(errors)


def _unknown(name: str, value: str, known: list[str]) -> dict[str, Any]:
    """What is said of a parameter that an endpoint does not know: those that it knows, and which is meant."""
    error = {"type": "unknown", "loc": ("query", name), "input": value}
    if not known:
        return error | {"msg": "is not known here, and no other is", "ctx": {"expected": ""}}
    expected = ", ".join(known)
    lower = {one.lower(): one for one in known}
    nearest = [lower[one] for one in get_close_matches(name.lower(), lower, n=1)]
    hint = f", perhaps {nearest[0]} is meant" if nearest else ""
    limits = {"expected": expected} | ({"nearest": nearest[0]} if nearest else {})
    return error | {"msg": f"must be one of {expected}{hint}", "ctx": limits}


def _query_parameters(dependant: Dependant) -> dict[str, bool]:
    """The query parameters of an endpoint and of what it depends on, and which of them may be repeated."""
    found = {parameter.alias: _is_list(parameter.field_info.annotation) for parameter in dependant.query_params}
    for other in dependant.dependencies:
        found |= _query_parameters(other)
    return found


def _is_list(annotation: Any) -> bool:
    """Whether a type is a list, or a list or None."""
    return any(get_origin(one) is list for one in (annotation, *get_args(annotation)))


def out_of_order(parameter: str, value: object, after: str, bound: object) -> RequestValidationError:
    """A bound that lies before the one that it must not lie before."""
    error = {"type": "order", "loc": ("query", parameter), "msg": f"must not lie before {after} {bound}"}
    return RequestValidationError([error | {"input": str(value), "ctx": {"ge": str(bound)}}])


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
    service: Service = request.app.state.service
    detail = service.database.without_place(str(error))
    again = {"Retry-After": "30"} if PROBLEM_KINDS[error.kind].status == 503 else {}
    more = {}
    if isinstance(error, DataIncomplete) and error.kind == "no_data":
        more = {"missing": error.missing}
        if doing := await _under_way(service):
            detail, again = doing, {"Retry-After": _SOON}
    return problem(request, error.kind, detail, more, again)


async def _under_way(service: Service) -> str | None:
    """What a job is doing to bring the data that are missing."""
    try:
        return under_way(await service.quality())
    except Error:
        return None


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    kind = HTTPStatus(error.status_code).name.lower()  # not_found, method_not_allowed: the router raises no other
    return problem(request, kind, str(error.detail), headers=error.headers)


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("%s: unexpected", request.url.path, exc_info=error)
    # Sent outside of all middleware, which adds these to other answers.
    return problem(request, "internal_error", "an unexpected error; the log has more", headers=OF_DOCUMENTS)
