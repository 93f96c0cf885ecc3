"""What happened on the wire, in plain words that name the party at fault and what to do; never a library's own."""

from __future__ import annotations

import errno
import http.client
import re
import socket
import ssl
from collections.abc import Iterator
from enum import Enum
from typing import Final, NamedTuple

from urllib3 import exceptions as of_urllib3

from volatility.domain.redaction import words_of
from volatility.exchange.failures import UNKNOWN_NAME, Failed
from volatility.exchange.network import Proxy


class Stage(Enum):
    """How far a question had come."""

    CONNECTING = 1
    TUNNEL = 2
    TLS = 3
    ASKED = 4


class _Cause(NamedTuple):
    """What happened, and whether it can change by itself."""

    words: str
    again: bool


_LEAF_SIGNED_ITSELF: Final = 18
_ISSUERS: Final = {2, 19, 20, 21, 27}
_OTHER_NAMES: Final = {62, 64}
_NO_TLS: Final = {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE"} | {
    "PACKET_LENGTH_TOO_LONG",
    "HTTPS_PROXY_REQUEST",
}
_BROKEN_OFF: Final = {"UNEXPECTED_EOF_WHILE_READING", "EOF occurred in violation of protocol"}
_TIME_OUTS: Final = (TimeoutError, of_urllib3.TimeoutError)
_CUT_OFF: Final = (of_urllib3.IncompleteRead, http.client.IncompleteRead, of_urllib3.InvalidChunkLength)
_NO_HTTP: Final = (http.client.HTTPException, of_urllib3.InvalidHeader, of_urllib3.HeaderParsingError)
_OF_SOCKS: Final = (
    (r"authentication|username", _Cause("it wants a login, or refuses the one that it got", again=False)),
    (r"0x02|not allowed", _Cause("it refuses to lead there", again=False)),
    (r"0x0[1345678]|0x5[b-d]|rejected|unreachable|refused", _Cause("it can't reach the exchange", again=True)),
    (r"closed|invalid|unexpected", _Cause("what answers there does not speak SOCKS", again=False)),
)


def failure(error: BaseException, stage: Stage, proxy: Proxy | None) -> Failed:
    """What an exception of the libraries below means, at the stage that the question had reached."""
    causes = list(_causes(error))
    at_proxy = proxy is not None and stage in {Stage.CONNECTING, Stage.TUNNEL}
    if proxy is None or not at_proxy:
        words, again = _cause(causes, stage)
        return Failed(words, again=again)
    words, again = _of_tunnel(causes, proxy) or _of_socks(causes, proxy) or _cause(causes, stage)
    return Failed(f"{proxy}: {words}", again=again, proxy=proxy.setting)


def wants_login(proxy: Proxy) -> Failed:
    """What 407 means."""
    return Failed(f"{proxy}: {_login_words(proxy)}", again=False, proxy=proxy.setting)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and all that it was made of, the outermost first."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [*one.args, getattr(one, "socket_err", None), one.__cause__, one.__context__]


def _of_tunnel(causes: list[BaseException], proxy: Proxy) -> _Cause | None:
    for cause in causes:
        match = re.match(r"Tunnel connection failed: (\d{3})", str(cause))
        if match:
            status = int(match[1])
            if status == 407:
                return _Cause(_login_words(proxy), again=False)
            if status >= 500:
                return _Cause(f"it can't reach the exchange (HTTP {status})", again=True)
            return _Cause(f"it refuses to lead there (HTTP {status})", again=False)
    return None


def _login_words(proxy: Proxy) -> str:
    if proxy.user or proxy.password:
        return "it refuses the login (HTTP 407)"
    return "it wants a login (HTTP 407), as in http://user:password@host:port"


def _of_socks(causes: list[BaseException], proxy: Proxy) -> _Cause | None:
    if not proxy.is_socks:
        return None
    for cause in causes:
        if type(cause).__name__.startswith(("SOCKS", "GeneralProxyError")):
            said = str(cause).lower()
            return next((known for pattern, known in _OF_SOCKS if re.search(pattern, said)), None)
    return None


def _cause(causes: list[BaseException], stage: Stage) -> _Cause:
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _Cause(_of_certificate(cause), again=False)
    for cause in causes:
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, TimeoutError):
            return _of_tls(cause)
    for cause in causes:
        known = _of_connection(cause) or _of_answer(cause, stage)
        if known:
            return known
    return _Cause(f"{type(causes[0]).__name__}: {words_of(causes[0], 120)}", again=True)


def _of_connection(cause: BaseException) -> _Cause | None:
    if isinstance(cause, socket.gaierror):
        return _Cause(UNKNOWN_NAME, again=True)
    if isinstance(cause, UnicodeError | of_urllib3.LocationParseError):
        return _Cause("its name is no host name", again=False)
    if isinstance(cause, _TIME_OUTS) and not isinstance(cause, of_urllib3.NewConnectionError):
        return _Cause("no answer in time", again=True)
    if isinstance(cause, ConnectionRefusedError):
        return _Cause("connection refused", again=True)
    if isinstance(cause, ConnectionError):
        return _Cause("connection broken off", again=True)
    if isinstance(cause, OSError) and cause.errno in {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN}:
        return _Cause("no way leads there: is there a network?", again=True)
    if isinstance(cause, OSError) and cause.errno in {errno.EMFILE, errno.ENFILE}:
        return _Cause("this machine has too many files open", again=True)
    return None


def _of_answer(cause: BaseException, stage: Stage) -> _Cause | None:
    if isinstance(cause, _CUT_OFF):
        return _Cause("answer cut off", again=True)
    if isinstance(cause, _NO_HTTP) or (stage is Stage.TUNNEL and isinstance(cause, ValueError)):
        return _Cause("what answers there does not speak HTTP", again=False)
    return None


def _of_certificate(error: ssl.SSLCertVerificationError) -> str:
    code = error.verify_code
    if code == _LEAF_SIGNED_ITSELF:
        return "its certificate is signed by itself: name it in REQUESTS_CA_BUNDLE if it is meant to be"
    if code in _ISSUERS:
        return "its certificate is signed by an unknown issuer: name your company's CA in REQUESTS_CA_BUNDLE"
    if code in _OTHER_NAMES:
        return "its certificate is for another host"
    if code == 10:
        return "its certificate has expired, or this machine's clock is ahead"
    if code == 9:
        return "its certificate is not valid yet, or this machine's clock is behind"
    return f"its certificate is refused ({words_of(error.verify_message, 100)})"


def _of_tls(error: ssl.SSLError) -> _Cause:
    reason = error.reason or ""
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError) or reason in _BROKEN_OFF:
        return _Cause("connection broken off while TLS began", again=True)
    if reason in _NO_TLS:
        return _Cause("it does not speak TLS on this port: is it http://?", again=False)
    if "PROTOCOL" in reason or "HANDSHAKE" in reason or "VERSION" in reason:
        return _Cause("it offers no TLS 1.2 or newer that is known here", again=False)
    return _Cause(f"TLS failed ({words_of(reason or error, 100)})", again=True)
