"""HTTP/1.1 for the simulated exchange: keep-alive, one thread for each connection, one write for each answer.

The parser is a small one of its own, since the standard library's costs more time than all the rest of an answer.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, Self

from exchange_simulator.answers import Answer, Delivery, json_answer
from exchange_simulator.control import CONTROL_PATH, control
from exchange_simulator.exchange import SIMULATED, SimulatedExchange

if TYPE_CHECKING:
    from types import TracebackType
    from typing import BinaryIO

_LONGEST_LINE = 16_384
_LONGEST_BODY = 1 << 20
_REASONS = {status.value: status.phrase for status in HTTPStatus}
_ENDLESS = 1 << 30
"""The length that a dripping answer announces."""


class _Request:
    """One parsed request."""

    def __init__(self, method: str, target: str, version: str) -> None:
        self.method = method
        self.path, _, self.query = target.partition("?")
        self.keep_alive = version != "HTTP/1.0"
        self.length = 0
        self.body = b""


class _BadRequestError(Exception):
    """Bytes that are no HTTP request."""


class _Connection(socketserver.StreamRequestHandler):
    """One client's connection, from its first request to its last."""

    server: _Listener
    request: socket.socket
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer request after request until either side has had enough."""
        with contextlib.suppress(ConnectionError, BrokenPipeError):
            while self._one():
                pass

    def _one(self) -> bool:
        """Answer one request; the answer is whether there may be another one."""
        try:
            request = _read(self.rfile)  # type: ignore[arg-type] # typeshed calls it a BufferedIOBase
        except _BadRequestError as error:
            self._send(json_answer({"error": str(error)}, 400), "GET")
            return False
        if request is None:
            return False
        answer = self.server.answer(request)
        if answer.delay_s and self.server.stopping.wait(answer.delay_s):
            return False
        return self._deliver(answer, request.method) and request.keep_alive

    def _deliver(self, answer: Answer, method: str) -> bool:
        match answer.delivery:
            case Delivery.WHOLE:
                self._send(answer, method)
                return True
            case Delivery.CUT_OFF:
                self.request.sendall(_head(answer, len(answer.body)) + self._part(answer))
            case Delivery.RESET:
                # No lingering: closing the socket then resets the connection.
                self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.server.abandon(self.request)
            case Delivery.HANG:
                # Ends when the client gives up, or when the server closes its connections.
                self.request.recv(1)
            case Delivery.DRIP:
                self._drip(answer)
        return False

    def _send(self, answer: Answer, method: str) -> None:
        body = b"" if method == "HEAD" else answer.body
        self.request.sendall(_head(answer, len(answer.body)) + body)

    @staticmethod
    def _part(answer: Answer) -> bytes:
        # At least one byte is missing, else nothing would be cut off.
        return answer.body[: min(int(len(answer.body) * answer.share), len(answer.body) - 1)]

    def _drip(self, answer: Answer) -> None:
        self.request.sendall(_head(answer, _ENDLESS))
        position = 0
        while not self.server.stopping.wait(answer.pause_s):
            # Blanks at the end are still JSON: only its length tells that the answer goes on.
            self.request.sendall(answer.body[position : position + 1] or b" ")
            position += 1


class _Listener(socketserver.ThreadingTCPServer):
    """Accepts connections and knows which are open."""

    allow_reuse_address = True
    request_queue_size = 256
    daemon_threads = False
    block_on_close = True
    timeout = 1.0
    """Seconds after which accepting looks around, should it not be woken."""

    def __init__(self, exchange: SimulatedExchange, host: str, port: int) -> None:
        self._exchange = exchange
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((host, port), _Connection)

    def answer(self, request: _Request) -> Answer:
        """The exchange's answer, or that of its control."""
        if request.path == CONTROL_PATH or request.path.startswith(CONTROL_PATH + "/"):
            answer = control(self._exchange, request.method, request.path, request.query, request.body)
            return Answer(answer.status, answer.body, answer.content_type, (SIMULATED,))
        return self._exchange.answer(request.method, request.path, request.query)

    def accept_until_stopped(self) -> None:
        """Accept connections in this thread."""
        while not self.stopping.is_set():
            self.handle_request()

    def stop(self) -> None:
        """End accepting, and wake every thread that waits for its client."""
        self.stopping.set()
        host, port = self.server_address[:2]
        with contextlib.suppress(OSError):
            # A last connection wakes the thread that accepts, where a flag alone would wait for the next client.
            socket.create_connection(("127.0.0.1" if host == "0.0.0.0" else str(host), port), timeout=1).close()  # noqa: S104 - compared, not bound
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def verify_request(self, request: object, client_address: object) -> bool:  # noqa: ARG002 - socketserver's signature
        """Nobody is let in any more once the server stops."""
        return not self.stopping.is_set()

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Remember the connection, then give it a thread."""
        assert isinstance(request, socket.socket)  # noqa: S101 - a TCP server has no other requests
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Forget the connection and close it."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def abandon(self, request: socket.socket) -> None:
        """Close a connection without a word of farewell."""
        with self._lock:
            self._open.discard(request)
        request.close()


class RunningServer:
    """A simulated exchange that listens in a thread of its own until it is closed; a context manager.

    Attributes:
        exchange: what it serves.
        url: where it is, such as `http://127.0.0.1:43121`.
        port: the port alone.
    """

    def __init__(self, exchange: SimulatedExchange, host: str, port: int) -> None:
        self.exchange = exchange
        self._listener = _Listener(exchange, host, port)
        self.port: int = self._listener.server_address[1]
        self.url = f"http://{host}:{self.port}"
        self._thread = threading.Thread(
            target=self._listener.accept_until_stopped, name="simulated exchange", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop at once: hung connections are cut, threads have ended when this returns. Twice does no harm."""
        self._listener.stop()
        self._thread.join()
        self._listener.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def serve(exchange: SimulatedExchange, *, host: str = "127.0.0.1", port: int = 0) -> RunningServer:
    """Serve an exchange over HTTP; port 0 takes a free one.

    Raises:
        OSError: when the address can't be used.
    """
    return RunningServer(exchange, host, port)


def _read(stream: BinaryIO) -> _Request | None:
    """The next request; None where the client has gone."""
    line = stream.readline(_LONGEST_LINE)
    if not line:
        return None
    parts = line.decode("latin-1").split()
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise _BadRequestError("not an HTTP/1 request")
    request = _Request(*parts)
    while (line := stream.readline(_LONGEST_LINE)) not in (b"\r\n", b"\n"):
        if not line:
            return None
        _note(request, line)
    if request.length > _LONGEST_BODY:
        raise _BadRequestError("the body is too long")
    if request.length:
        request.body = stream.read(request.length)
    return request


def _note(request: _Request, line: bytes) -> None:
    """The two headers that matter."""
    name, _, value = line.partition(b":")
    match name.lower():
        case b"content-length":
            if not value.strip().isdigit():
                raise _BadRequestError("Content-Length is no number")
            request.length = int(value)
        case b"connection":
            request.keep_alive = value.strip().lower() != b"close"


def _head(answer: Answer, length: int) -> bytes:
    lines = [
        f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Unknown')}",
        "Server: simulated exchange",
        f"Content-Type: {answer.content_type}",
        f"Content-Length: {length}",
        *(f"{name}: {value}" for name, value in answer.headers),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
