"""What stands between us and an exchange: proxies that speak HTTP and SOCKS, and TLS with certificates of any kind."""

from __future__ import annotations

import base64
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

END = b"\r\n\r\n"
Handler = Callable[[socket.socket], None]


class Listener:
    """Gives every connection to a handler in a thread of its own, until it is closed.

    Attributes:
        port: where it listens on 127.0.0.1.
        accepted: how many connections came.
        open: those that are open.
    """

    def __init__(self, handler: Handler, tls: ssl.SSLContext | None = None) -> None:
        self._handler, self._tls = handler, tls
        self.open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.accepted = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        """Stop, and cut what is open."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        with self._lock:
            for one in self.open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.accepted += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, plain: socket.socket) -> None:
        with self._lock:
            self.open.add(plain)
        connection = plain
        try:
            if self._tls:
                connection = self._tls.wrap_socket(plain, server_side=True)
                with self._lock:
                    self.open.discard(plain)
                    self.open.add(connection)
            self._handler(connection)
        except (OSError, ValueError):
            pass  # the client has gone, or did not like the certificate
        finally:
            with self._lock:
                self.open -= {plain, connection}
            connection.close()
            plain.close()


@contextmanager
def listening(handler: Handler, tls: ssl.SSLContext | None = None) -> Iterator[Listener]:
    """A listener as long as the block runs."""
    listener = Listener(handler, tls)
    try:
        yield listener
    finally:
        listener.close()


def dripping(*first: bytes, pause: float = 0.05, byte: bytes = b"a") -> Handler:
    """Send these, then a byte at a time for ever."""

    def handle(connection: socket.socket) -> None:
        connection.recv(65536)
        for part in first:
            connection.sendall(part)
        while True:
            connection.sendall(byte)
            time.sleep(pause)

    return handle


def pipe(one: socket.socket, other: socket.socket) -> None:
    """Pass bytes on, both ways, until either side ends."""

    def forward(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError, ValueError):
            while data := source.recv(65536):
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)

    thread = threading.Thread(target=forward, args=(other, one), daemon=True)
    thread.start()
    forward(one, other)
    thread.join(10)


def before(port: int) -> Handler:
    """Pass all on to a port of this machine."""

    def handle(connection: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as target:
            pipe(connection, target)

    return handle


def _head(connection: socket.socket) -> bytes:
    head = b""
    while END not in head:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError
        head += part
    return head


class HttpProxy:
    """An HTTP proxy: CONNECT, and plain requests by their whole URL. Every name leads to this machine.

    Args:
        login: ``user:password`` that it wants.
        refusal: a status that it answers to everything.

    Attributes:
        heard: the first line of every request that it let through.
        heads: the whole heads, of all.
    """

    def __init__(self, login: str | None = None, refusal: str | None = None) -> None:
        self._login, self._refusal = login, refusal
        self.heard: list[str] = []
        self.heads: list[bytes] = []

    def __call__(self, connection: socket.socket) -> None:
        """Serve a connection."""
        head = _head(connection)
        self.heads.append(head)
        if self._refusal or not self._may(head):
            status = self._refusal or "407 Proxy Authentication Required"
            connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            return
        line = head.split(b"\r\n", 1)[0].decode()
        self.heard.append(line)
        method, target, _ = line.split()
        port = int(target.rpartition(":")[2]) if method == "CONNECT" else urlsplit(target).port or 80
        with socket.create_connection(("127.0.0.1", port)) as server:
            if method == "CONNECT":
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                path = urlsplit(target)._replace(scheme="", netloc="").geturl()
                one = head.replace(target.encode(), path.encode(), 1)  # and no other on this connection
                server.sendall(one.replace(END, b"\r\nConnection: close" + END))
            pipe(connection, server)

    def _may(self, head: bytes) -> bool:
        wanted = base64.b64encode((self._login or "").encode())
        return self._login is None or b" " + wanted + b"\r\n" in head


class SocksProxy:
    """A SOCKS5 proxy. Every name leads to this machine.

    Attributes:
        asked: the hosts that it was asked for, as they came: a name, or an address.
    """

    def __init__(self, login: str | None = None, refusal: int = 0) -> None:
        self._login, self._refusal = login, refusal
        self.asked: list[str] = []

    def __call__(self, connection: socket.socket) -> None:
        """Serve a connection."""
        stream = connection.makefile("rb")
        _, count = stream.read(2)
        methods = stream.read(count)
        method = 2 if self._login else 0
        connection.sendall(bytes([5, method if method in methods else 255]))
        if method not in methods:
            return
        if self._login and not self._may(connection, stream.read):
            return
        stream.read(3)
        (kind,) = stream.read(1)
        host = socket.inet_ntoa(stream.read(4)) if kind == 1 else stream.read(stream.read(1)[0]).decode()
        port = int.from_bytes(stream.read(2), "big")
        self.asked.append(host)
        if self._refusal:
            connection.sendall(bytes([5, self._refusal, 0, 1, 0, 0, 0, 0, 0, 0]))
            return
        with socket.create_connection(("127.0.0.1", port)) as server:
            connection.sendall(bytes([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
            pipe(connection, server)

    def _may(self, connection: socket.socket, read: Callable[[int], bytes]) -> bool:
        read(1)
        user, password = read(read(1)[0]).decode(), read(read(1)[0]).decode()
        right = f"{user}:{password}" == self._login
        connection.sendall(bytes([1, 0 if right else 1]))
        return right


@dataclass(frozen=True)
class Authority:
    """A CA of a company that nobody else knows."""

    folder: Path

    @property
    def bundle(self) -> Path:
        """Its certificate."""
        return self.folder / "ca.pem"

    def serving(self, name: str, address: str, *days: str, by_itself: bool = False) -> ssl.SSLContext:
        """TLS with a new certificate for an address such as ``IP:127.0.0.1``; ``days`` are openssl's options."""
        key, cert, conf = (self.folder / f"{name}.{kind}" for kind in ("key", "pem", "conf"))
        conf.write_text(f"subjectAltName={address}\n")
        request = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        whose = ["-keyout", str(key), "-subj", f"/CN={name}"]
        if by_itself:
            _run([*request, *whose, "-x509", "-out", str(cert), "-addext", f"subjectAltName={address}", "-days", "9"])
        else:
            asked = self.folder / f"{name}.csr"
            _run([*request, *whose, "-out", str(asked)])
            ca = ["-CA", str(self.bundle), "-CAkey", str(self.folder / "ca.key"), "-CAcreateserial"]
            period = [*days] if days else ["-days", "9"]
            _run(["openssl", "x509", "-req", "-in", str(asked), *ca, "-out", str(cert), "-extfile", str(conf), *period])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        return context


def new_authority(folder: Path) -> Authority:
    """A new CA in a folder."""
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9"]
    _run([*made, "-keyout", str(folder / "ca.key"), "-out", str(folder / "ca.pem"), "-subj", "/CN=Corp CA"])
    return Authority(folder)


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)
