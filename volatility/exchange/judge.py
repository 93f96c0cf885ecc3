"""What an answer means, whether it is Binance's or comes from something in between.

https://developers.binance.com/docs/binance-spot-api-docs/errors
"""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit

from volatility.domain.errors import ExchangeRefused
from volatility.domain.redaction import words_of
from volatility.exchange.failures import Failed
from volatility.exchange.transport import Answer
from volatility.exchange.words import wants_login

# Of its general errors those that pass: UNKNOWN ("an unknown error"), DISCONNECTED ("Internal error; unable to process
# your request. Please try again."), TOO_MANY_REQUESTS, UNEXPECTED_RESP, TIMEOUT, SERVER_BUSY, SERVICE_SHUTTING_DOWN.
# They come with a status of 5xx, but also inside a 400.
PASSING: Final = frozenset({-1000, -1001, -1003, -1006, -1007, -1008, -1016})
_FOR_GOOD: Final = {301, 308}
_LONGEST_LOCATION: Final = 200


def body_of(answer: Answer) -> Any:
    """The decoded body of a good answer.

    Raises:
        Failed: where the answer is not good, and another try or base URL may help.
        ExchangeRefused: with the exchange's own words on what was asked.
    """
    status = answer.status
    if status == 407 and answer.proxy:
        raise wants_login(answer.proxy)
    if status in {403, 451}:
        raise Failed(f"HTTP {status}, refuses this address", again=False, blocked=True)
    if status >= 500 or status == 408:
        raise Failed(f"HTTP {status}", again=True)
    if 300 <= status < 400:
        raise _redirected(answer)
    if 400 <= status < 500:
        _refused(answer)
    if status != 200:
        raise Failed(f"HTTP {status}{_instead(answer)}", again=True)
    try:
        return json.loads(answer.text)  # NaN passes here, and is no finite number where a page is checked
    except (ValueError, RecursionError):
        raise Failed(f"HTTP 200{_instead(answer)}", again=True) from None


def _instead(answer: Answer) -> str:
    """What stands where JSON belongs."""
    if not answer.body.strip():
        return " with nothing in it"
    page = ": a page for people (of a captive portal or a firewall?)" if _is_page(answer) else ""
    return f" with a body that is not whole JSON{page}" if answer.status == 200 or page else ", which is no answer"


def _is_page(answer: Answer) -> bool:
    return "html" in answer.headers.get("Content-Type", "").lower() or answer.body.lstrip()[:1] == b"<"


def _redirected(answer: Answer) -> Failed:
    """It is not followed: the settings name whom to ask."""
    target = _location(answer.headers.get("Location", ""))
    leads = f"leads to {target}: name that in BINANCE_URLS if it is the exchange" if target else "leads nowhere"
    return Failed(f"HTTP {answer.status}, {leads}", again=answer.status not in _FOR_GOOD)


def _location(value: str) -> str:
    """Where a redirect leads, without a login and without a query."""
    try:
        parts = urlsplit(value.strip())
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    place = f"{parts.scheme}://{parts.hostname}{port}{parts.path}" if parts.scheme and parts.hostname else parts.path
    return words_of(ascii(place)[1:-1], _LONGEST_LOCATION) if place else ""


def _refused(answer: Answer) -> NoReturn:
    """A 4xx: the exchange's own words, or those of something before it."""
    if answer.status == 404:  # what is asked for is there on every address of the exchange
        raise Failed("HTTP 404, not the exchange's own answer (BINANCE_URLS is written without /api)", again=False)
    try:
        body = json.loads(answer.text)
    except (ValueError, RecursionError):
        body = None
    code, words = (body.get("code"), body.get("msg")) if isinstance(body, dict) else (None, None)
    if not isinstance(code, int) or isinstance(code, bool) or not isinstance(words, str):
        raise Failed(f"HTTP {answer.status}, not the exchange's own answer", again=False)
    said = f"{words_of(words, 300)} (HTTP {answer.status}, code {code})"
    if code in PASSING:
        raise Failed(said, again=True)
    raise ExchangeRefused(f"the exchange refuses: {said}", code)
