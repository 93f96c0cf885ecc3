"""A reverse proxy as people put before the API: it serves one prefix, takes it off, and passes the rest on."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_OF_ONE_HOP = {"connection", "transfer-encoding", "keep-alive"}


@contextmanager
def stripping_proxy(prefix: str, target: str) -> Iterator[str]:
    """The URL of a proxy that answers `/prefix/x` with what the target says to `/x`, and all else with 404."""
    host = urlsplit(target).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if not self.path.startswith(f"{prefix}/"):
                self._answer(404, [], b"no such place at the proxy")
                return
            upstream = http.client.HTTPConnection(host, timeout=20)
            try:
                # The proxy's own name, as nginx does by default or is told to by everybody.
                upstream.request("GET", self.path.removeprefix(prefix), headers={"Host": self.headers["Host"]})
                answer = upstream.getresponse()
                self._answer(answer.status, answer.getheaders(), answer.read())
            finally:
                upstream.close()

        def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in _OF_ONE_HOP | {"content-length"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
