"""The answers that Binance and the networks before it are known to give, and every fault by its name in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exchange_simulator.answers import HTML
from exchange_simulator.faults import (
    ClockSkew,
    CutOff,
    Drip,
    Fault,
    Gap,
    Hang,
    Late,
    Latency,
    Reset,
    Revised,
    Status,
    WrongRows,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FORBIDDEN_PAGE = "<html><head><title>403 Forbidden</title></head><body><center>403 Forbidden</center></body></html>"
_PORTAL_PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to this network.</body></html>"
_REGION = (
    "Service unavailable from a restricted location according to 'b. Eligibility' in https://www.binance.com/en/terms."
    " Please contact customer service if you believe you received this message in error."
)


def too_many_requests(*, retry_after: int = 1, **when: Any) -> Status:
    """429: wait as long as `Retry-After` says."""
    body = {"code": -1003, "msg": "Too much request weight used; current limit is 6000 request weight per 1 MINUTE."}
    return Status(status=429, body=body, headers={"Retry-After": str(retry_after)}, **when)


def banned(*, retry_after: int = 120, **when: Any) -> Status:
    """418: the address is banned."""
    body = {"code": -1003, "msg": "Way too much request weight used; IP banned."}
    return Status(status=418, body=body, headers={"Retry-After": str(retry_after)}, **when)


def forbidden(**when: Any) -> Status:
    """403 with a firewall's page."""
    return Status(status=403, body=_FORBIDDEN_PAGE, content_type=HTML, **when)


def blocked(**when: Any) -> Status:
    """451: not from this region."""
    return Status(status=451, body={"code": 0, "msg": _REGION}, **when)


def unavailable(*, status: int = 503, **when: Any) -> Status:
    """A 5xx as a load balancer sends it."""
    return Status(status=status, body=f"<html><body><h1>{status}</h1></body></html>", content_type=HTML, **when)


def html_page(**when: Any) -> Status:
    """200 with a page for people, as hotel networks send it."""
    return Status(status=200, body=_PORTAL_PAGE, content_type=HTML, **when)


def not_a_list(*, body: Any = None, **when: Any) -> Status:
    """200 with JSON that is no list."""
    return Status(status=200, body={"candles": None} if body is None else body, **when)


_CLASSES: tuple[type[Fault], ...] = (
    Latency,
    Status,
    CutOff,
    Reset,
    Hang,
    Drip,
    WrongRows,
    Gap,
    Late,
    Revised,
    ClockSkew,
)
_PRESETS = (too_many_requests, banned, forbidden, blocked, unavailable, html_page, not_a_list)

FAULTS: dict[str, Callable[..., Fault]] = {c.kind: c for c in _CLASSES} | {p.__name__: p for p in _PRESETS}
"""Every fault by its name: `latency`, `status`, `reset`, `too_many_requests` and so on."""


def fault_from_json(order: Mapping[str, Any]) -> Fault:
    """A fault from `{"kind": "latency", "ms": 50, "times": 3}`.

    Raises:
        ValueError: for an unknown kind or field, or a value that does not fit.
    """
    settings = dict(order)
    kind = settings.pop("kind", None)
    if kind not in FAULTS:
        raise ValueError(f"kind must be one of {', '.join(FAULTS)}; not {kind}")
    try:
        return FAULTS[kind](**settings)
    except TypeError as error:
        raise ValueError(f"{kind}: {error}") from error
