"""The API on a socket of this process."""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn

from api.app import create_app
from volatility.domain.errors import Error
from volatility.server.signals import on_signals
from volatility.settings import Settings

_THIS_MACHINE: Final = {"127.0.0.1", "::1", "0.0.0.0", "::"}  # noqa: S104 - only shown


def listening(settings: Settings) -> socket.socket:
    """The API's address, taken before anything is fetched."""
    host, port = settings.api_host, settings.api_port or 0
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        reason = str(error.strerror).partition(" (while")[0]
        raise Error(f"can't listen on {host} port {port}: {reason}; name others by --host and --port") from None


def serve(settings: Settings, listener: socket.socket) -> None:
    """Serve until told to stop."""
    config = uvicorn.Config(create_app(settings), log_config=None, access_log=False, timeout_graceful_shutdown=10)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)  # what it would say of starting, _Server says
    _Server(config).run([listener])


class _Server(uvicorn.Server):
    """Says where it listens, once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen."""
        await super().startup(sockets)
        for listener in sockets or ():
            host, port = listener.getsockname()[:2]
            shown = "localhost" if host in _THIS_MACHINE else f"[{host}]" if ":" in host else host
            say(f"dashboard and API on http://{shown}:{port} (documentation at /docs); Ctrl+C stops it")

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on a signal, and don't raise it again afterwards as uvicorn does: the caller has more to close."""
        with on_signals(self.handle_exit):
            yield


def say(line: str) -> None:
    """A line for the person who started this."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
