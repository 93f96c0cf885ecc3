"""A server that sends ready-made bytes, for answers that no HTTP library would send."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.support.network import END, Listener


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """A whole answer with its length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + END + body


class CannedServer:
    """Answers the first request with the first of the answers, the next with the next, the last one for ever.

    Attributes:
        url: where it is.
        heard: the first line of every request.
    """

    def __init__(self, answers: Sequence[bytes]) -> None:
        self._answers = list(answers)
        self.heard: list[str] = []
        self._listener = Listener(self._answer)
        self.url = f"http://127.0.0.1:{self._listener.port}"

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()

    def _answer(self, connection: socket.socket) -> None:
        request = b""
        while END not in request:
            part = connection.recv(65536)
            if not part:
                return
            request += part
        self.heard.append(request.split(b"\r\n", 1)[0].decode())
        connection.sendall(self._answers.pop(0) if len(self._answers) > 1 else self._answers[0])


@contextmanager
def canned(*answers: bytes) -> Iterator[CannedServer]:
    """A canned server as long as the block runs."""
    server = CannedServer(answers)
    try:
        yield server
    finally:
        server.close()


def nobody_listens() -> str:
    """The URL of a port of this machine that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
