"""Exceptions of the libraries below, in words that name the party at fault and say whether another try may help."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl

import pytest
from urllib3 import exceptions as of_urllib3

from volatility.exchange.network import Proxy
from volatility.exchange.words import Stage, failure, wants_login

HTTP = Proxy("HTTPS_PROXY", "http", "p.corp", 3128)
SOCKS = Proxy("ALL_PROXY", "socks5h", "s.corp", 1080)


class HandshakeTimeout(ssl.SSLError, TimeoutError):
    """As a handshake that is late may be told: an error of TLS that is a time-out."""


def tls(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}] it says (_ssl.c:1006)")
    error.reason = reason
    return error


def certificate(code: int, message: str = "so it says") -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, message
    return error


@pytest.mark.parametrize(
    ("error", "words", "again"),
    [
        (socket.gaierror(-2, "Name or service not known"), "its name can't be resolved", True),
        (UnicodeError("label too long"), "its name is no host name", False),
        (of_urllib3.LocationParseError("http://.."), "its name is no host name", False),
        (TimeoutError("timed out"), "no answer in time", True),
        (HandshakeTimeout("The handshake operation timed out"), "no answer in time", True),
        (ConnectionRefusedError(111, "refused"), "connection refused", True),
        (ConnectionResetError(104, "reset"), "connection broken off", True),
        (BrokenPipeError(32, "pipe"), "connection broken off", True),
        (OSError(errno.ENETUNREACH, "unreachable"), "no way leads there: is there a network?", True),
        (OSError(errno.EHOSTUNREACH, "no route"), "no way leads there: is there a network?", True),
        (OSError(errno.EMFILE, "many"), "this machine has too many files open", True),
        (http.client.IncompleteRead(b"abc", 9), "answer cut off", True),
        (http.client.BadStatusLine("SSH-2.0"), "what answers there does not speak HTTP", False),
        (tls("WRONG_VERSION_NUMBER"), "it does not speak TLS on this port: is it http://?", False),
        (tls("UNEXPECTED_EOF_WHILE_READING"), "connection broken off while TLS began", True),
        (tls("TLSV1_ALERT_PROTOCOL_VERSION"), "it offers no TLS 1.2 or newer that is known here", False),
        (tls("SSLV3_ALERT_HANDSHAKE_FAILURE"), "it offers no TLS 1.2 or newer that is known here", False),
        (tls("BAD_ECPOINT"), "TLS failed (BAD_ECPOINT)", True),
        (certificate(18), "its certificate is signed by itself: name it in REQUESTS_CA_BUNDLE", False),
        (certificate(20), "its certificate is signed by an unknown issuer: name your company's CA in", False),
        (certificate(62), "its certificate is for another host", False),
        (certificate(64), "its certificate is for another host", False),
        (certificate(10), "its certificate has expired, or this machine's clock is ahead", False),
        (certificate(9), "its certificate is not valid yet, or this machine's clock is behind", False),
        (certificate(26), "its certificate is refused (so it says)", False),
        (RuntimeError("what\nnobody knows"), "RuntimeError: what nobody knows", True),
    ],
)
def test_what_happened_is_said_in_plain_words(*, error: BaseException, words: str, again: bool) -> None:
    failed = failure(error, Stage.ASKED, None)
    assert failed.reason.startswith(words)
    assert (failed.again, failed.proxy, failed.blocked) == (again, None, False)
    assert "\n" not in failed.reason


def test_the_cause_is_found_however_deep_the_libraries_wrapped_it() -> None:
    by_argument = of_urllib3.ProtocolError("aborted", ConnectionResetError(104, "reset"))
    assert failure(RuntimeError(by_argument), Stage.ASKED, None).reason == "connection broken off"
    by_cause = RuntimeError("outer")
    by_cause.__cause__ = OSError(errno.ENETUNREACH, "unreachable")
    assert failure(by_cause, Stage.CONNECTING, None).reason == "no way leads there: is there a network?"
    circle, other = RuntimeError("one"), RuntimeError("other")
    circle.__context__, other.__context__ = other, circle
    assert failure(circle, Stage.ASKED, None).reason == "RuntimeError: one"


def test_a_refused_certificate_goes_before_the_connection_that_broke_for_it() -> None:
    error = ConnectionResetError(104, "reset")
    error.__cause__ = certificate(10)
    assert failure(error, Stage.TLS, None).reason.startswith("its certificate has expired")


@pytest.mark.parametrize(
    ("stage", "named"), [(Stage.CONNECTING, True), (Stage.TUNNEL, True), (Stage.TLS, False), (Stage.ASKED, False)]
)
def test_a_proxy_is_at_fault_until_it_has_led_there(*, stage: Stage, named: bool) -> None:
    failed = failure(ConnectionResetError(104, "reset"), stage, HTTP)
    place = "the proxy p.corp:3128 of HTTPS_PROXY: "
    assert failed.reason == (place if named else "") + "connection broken off"
    assert failed.proxy == ("HTTPS_PROXY" if named else None)


@pytest.mark.parametrize(
    ("status", "words", "again"),
    [
        (407, "it wants a login (HTTP 407), as in http://user:password@host:port", False),
        (403, "it refuses to lead there (HTTP 403)", False),
        (502, "it can't reach the exchange (HTTP 502)", True),
    ],
)
def test_a_tunnel_that_is_not_given(*, status: int, words: str, again: bool) -> None:
    failed = failure(OSError(f"Tunnel connection failed: {status} so it says"), Stage.TUNNEL, HTTP)
    assert failed.reason == f"the proxy p.corp:3128 of HTTPS_PROXY: {words}"
    assert failed.again is again


def test_a_login_that_was_sent_is_refused_rather_than_wanted_and_not_shown() -> None:
    known = Proxy("HTTPS_PROXY", "http", "p.corp", 3128, "ivan", "Geheim2024")
    assert wants_login(known).reason == "the proxy p.corp:3128 of HTTPS_PROXY: it refuses the login (HTTP 407)"
    assert "wants a login" in wants_login(HTTP).reason


class SOCKS5Error(Exception):
    """Named as that of the library, which tells its errors by their words alone."""


@pytest.mark.parametrize(
    ("said", "words", "again"),
    [
        ("SOCKS5 authentication failed", "it wants a login, or refuses the one that it got", False),
        ("0x02: Connection not allowed by ruleset", "it refuses to lead there", False),
        ("0x04: Host unreachable", "it can't reach the exchange", True),
        ("0x5b: Request rejected or failed", "it can't reach the exchange", True),
        ("Connection closed unexpectedly", "what answers there does not speak SOCKS", False),
    ],
)
def test_what_a_socks_proxy_says(*, said: str, words: str, again: bool) -> None:
    failed = failure(SOCKS5Error(said), Stage.CONNECTING, SOCKS)
    assert failed.reason == f"the proxy s.corp:1080 of ALL_PROXY: {words}"
    assert failed.again is again


def test_what_does_not_speak_http_in_place_of_a_proxy() -> None:
    failed = failure(ValueError("not enough values to unpack"), Stage.TUNNEL, HTTP)
    assert failed.reason.endswith("what answers there does not speak HTTP")
    assert failure(ValueError("of ours"), Stage.ASKED, None).reason == "ValueError: of ours"
