"""One question and its whole answer over HTTP: within a time, within a size, and without anybody's credentials.

Every question is asked in a thread of its own, and the caller waits no longer than the time for a whole answer. So a
resolver that hangs, headers that drip and an endless row of 1xx answers all end in the same way. The connections of a
question that nobody waits for any more are shut down, which ends its thread.

``requests`` asks, but by connections made here: they tell how far a question has come, and can be shut down. Left to
itself it would add what ~/.netrc holds for a host, keep cookies, and know no limit.
"""

from __future__ import annotations

import socket
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from volatility.domain.errors import Error
from volatility.exchange.failures import Failed
from volatility.exchange.network import Network, Proxy
from volatility.exchange.words import Stage, failure

if TYPE_CHECKING:
    import ssl

LARGEST: Final = 2**21  # bytes of an answer, packed or not; a page of a thousand candles has a tenth of it
_CHUNK: Final = 65536
_HEADERS: Final = {"Accept": "*/*", "Accept-Encoding": "gzip", "User-Agent": "btc-volatility"}
_GZIP: Final = 16 + zlib.MAX_WBITS
_this_thread = threading.local()


class Answer(NamedTuple):
    """An answer as it came: status, headers, body, and the proxy that it came through."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    proxy: Proxy | None = None

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")


class Question:
    """One question while it is asked: how far it has come, and how to break it off."""

    def __init__(self, work: Callable[[], Answer]) -> None:
        self.stage = Stage.CONNECTING
        self._work = work
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._lines: list[socket.socket] | None = []
        self._answer: Answer | None = None
        self._error: Exception | None = None

    def answer(self, seconds: float) -> Answer:
        """The answer, if it comes in time.

        Raises:
            Failed: if not.
            Exception: whatever the work raised.
        """
        threading.Thread(target=self._run, name="question", daemon=True).start()
        try:
            in_time = self._done.wait(seconds)
        finally:
            self._close_lines()
        if not in_time:
            raise Failed(f"no whole answer within {seconds:g} s", again=True)
        if self._error is not None:
            raise self._error
        assert self._answer is not None  # noqa: S101 - one of the two is there
        return self._answer

    def watch(self, line: Any) -> None:
        """Know a connection; a handle of its own, since TLS takes the socket over."""
        with self._lock:
            if self._lines is None:
                raise ConnectionAbortedError("nobody waits for the answer any more")
            self._lines.append(socket.socket(fileno=socket.dup(line.fileno())))

    def _run(self) -> None:
        _this_thread.question = self
        try:
            self._answer = self._work()
        except Exception as error:  # noqa: BLE001 - raised again where the answer is waited for
            self._error = error
        finally:
            self._done.set()

    def _close_lines(self) -> None:
        with self._lock:
            lines, self._lines = self._lines or [], None
        for line in lines:
            if not self._done.is_set():
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
            line.close()


def question() -> Question:
    """The question that this thread asks."""
    asked: Question = _this_thread.question
    return asked


class Watched:
    """Mixed into a connection of urllib3: tells its question what it does."""

    sock: Any

    def _new_conn(self) -> socket.socket:
        line: socket.socket = super()._new_conn()  # type: ignore[misc] # of the connection it is mixed into
        question().watch(line)
        return line

    def _tunnel(self) -> None:
        question().stage = Stage.TUNNEL
        super()._tunnel()  # type: ignore[misc] # likewise
        question().stage = Stage.TLS

    def connect(self) -> None:
        """Be ready to ask."""
        super().connect()  # type: ignore[misc] # likewise
        question().stage = Stage.ASKED

    def request(self, *args: Any, **options: Any) -> None:
        """Send a question, on a connection that may have been there before."""
        if self.sock is not None:
            question().watch(self.sock)
            question().stage = Stage.ASKED
        super().request(*args, **options)  # type: ignore[misc] # likewise


class _Plain(Watched, HTTPConnection):
    """A connection without TLS."""


class _Tls(Watched, HTTPSConnection):
    """A connection with TLS."""


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls


class _Session(requests.Session):
    """Looks at no redirect: even one that is not followed would be taken apart."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """There is none."""


class _Adapter(HTTPAdapter):
    """Hands what ``requests`` asks to connections that were made for it, whatever the environment says."""

    def __init__(self, manager: urllib3.PoolManager, proxy: Proxy | None) -> None:
        super().__init__()
        self._manager, self.proxy = manager, proxy
        self._forwarded = proxy is not None and not proxy.is_socks  # what is not encrypted, the proxy itself is asked

    def close(self) -> None:
        """Close the connections."""
        self._manager.clear()

    def get_connection_with_tls_context(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> Any:
        """The connections to a URL's host; certificates are the matter of the one context that they were given."""
        return self._manager.connection_from_url(str(request.url))

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """See above."""

    def request_url(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> str:
        """What stands in the request's first line."""
        return str(request.url) if self._is_forwarded(request) else request.path_url

    def add_headers(self, request: requests.PreparedRequest, **_: Any) -> None:
        """The proxy's login; in a tunnel its connections bring it."""
        if self.proxy and self._is_forwarded(request):
            request.headers.update(_login(self.proxy))

    def _is_forwarded(self, request: requests.PreparedRequest) -> bool:
        return self._forwarded and str(request.url).startswith("http:")


class Transport:
    """Asks URLs.

    Args:
        network: proxies and certificates.
        timeouts: seconds to connect, to wait for the next bytes, and for a whole answer.
    """

    def __init__(self, network: Network, timeouts: tuple[float, float, float]) -> None:
        connect, between, self._whole = timeouts
        self._network, self._timeouts = network, (connect, between)
        self._session = _Session()
        self._session.trust_env = False  # neither ~/.netrc nor proxies: those come by the settings
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self._session.adapters.clear()
        self._session.headers.clear()
        self._session.headers.update(_HEADERS)
        self._trust: ssl.SSLContext | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def get(self, url: str, params: Mapping[str, str | int]) -> Answer:
        """One whole answer, whatever its status.

        Raises:
            Failed: where none came.
            NetworkSettingError: where a proxy's or a certificate's setting is wrong.
        """
        proxy = self._proxy_of(url)
        asked = Question(lambda: self._ask(proxy, url, params))
        try:
            return asked.answer(self._whole)
        except (Failed, Error):
            raise
        except Exception as error:  # noqa: BLE001 - whatever the libraries raise is told in our own words
            known = failure(error, asked.stage, proxy)  # raised below: a library's words may hold a secret
        raise known

    def _ask(self, proxy: Proxy | None, url: str, params: Mapping[str, str | int]) -> Answer:
        response = self._session.get(url, params=params, timeout=self._timeouts, stream=True, allow_redirects=False)
        try:
            body = _unpacked(_body(response.raw), response.headers.get("Content-Encoding", ""))
        except BaseException:
            response.close()  # what is left of it is never read
            raise
        response.raw.release_conn()
        return Answer(response.status_code, response.headers, body, proxy)

    def _proxy_of(self, url: str) -> Proxy | None:
        """The proxy that a base URL is asked through; its connections are made at the first question."""
        parts = urlsplit(url)
        base = f"{parts.scheme}://{parts.netloc}/".lower()
        with self._lock:
            adapter = self._session.adapters.get(base)
            if not isinstance(adapter, _Adapter):
                proxy = self._network.proxy_for(url)
                adapter = _Adapter(self._made(proxy, tls=parts.scheme == "https"), proxy)
                # Other threads may look into the mapping that was there: it is replaced, not changed.
                self._session.adapters = OrderedDict(self._session.adapters) | {base: adapter}
            return adapter.proxy

    def _made(self, proxy: Proxy | None, *, tls: bool) -> urllib3.PoolManager:
        options: dict[str, Any] = {"maxsize": 4}
        if tls or (proxy and proxy.scheme == "https"):
            options["ssl_context"] = self._tls_context()
        if proxy is None:
            manager = urllib3.PoolManager(**options)
        elif proxy.is_socks:
            from volatility.exchange.socks import socks_manager  # noqa: PLC0415 - it stands on this module

            return socks_manager(proxy, options)
        else:
            if proxy.scheme == "https":
                options["proxy_ssl_context"] = options["ssl_context"]
            manager = urllib3.ProxyManager(proxy.url, proxy_headers=_login(proxy), **options)
        manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}
        return manager

    def _tls_context(self) -> ssl.SSLContext:
        if self._trust is None:
            from volatility.exchange.trust import tls_context  # noqa: PLC0415 - not for http://

            self._trust = tls_context(self._network)
        return self._trust


def _login(proxy: Proxy) -> dict[str, str]:
    """The header for a proxy that wants a login; in UTF-8, as proxies of today read it."""
    if not proxy.user and not proxy.password:
        return {}
    import base64  # noqa: PLC0415 - seldom needed

    login = base64.b64encode(f"{proxy.user}:{proxy.password}".encode()).decode()
    return {"Proxy-Authorization": f"Basic {login}"}


def _body(response: urllib3.BaseHTTPResponse) -> bytes:
    """The body as it comes over the wire, up to the largest that is taken."""
    body = bytearray()
    while part := response.read1(_CHUNK, decode_content=False):
        body += part
        if len(body) > LARGEST:
            raise _too_large()
    return bytes(body)


def _unpacked(body: bytes, encoding: str) -> bytes:
    """The body without its packing; what would unpack to more than the largest is not unpacked further."""
    if encoding.strip().lower() in {"", "identity"} or not body:
        return body
    if encoding.strip().lower() not in {"gzip", "x-gzip"}:
        raise Failed("an answer that is packed in a way nobody asked for", again=False)
    unpacker = zlib.decompressobj(_GZIP)
    try:
        whole = unpacker.decompress(body, LARGEST + 1)
    except zlib.error:
        raise Failed("an answer that does not unpack", again=True) from None
    if len(whole) > LARGEST:
        raise _too_large()
    if not unpacker.eof:
        raise Failed("answer cut off", again=True)
    return whole


def _too_large() -> Failed:
    return Failed(f"an answer of more than {LARGEST // 2**20} MiB, which is no page of candles", again=False)
