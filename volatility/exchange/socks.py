"""Connections through a SOCKS proxy: those of the transport, made by another library."""

from __future__ import annotations

import socket
from typing import Any

from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.contrib.socks import SOCKSConnection, SOCKSProxyManager

from volatility.exchange.network import Proxy
from volatility.exchange.transport import Watched, question
from volatility.exchange.words import Stage


class _Plain(Watched, SOCKSConnection):
    def _new_conn(self) -> socket.socket:
        line = super()._new_conn()
        question().stage = Stage.TLS  # the proxy has done its part
        return line


class _Tls(_Plain, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls


def socks_manager(proxy: Proxy, options: dict[str, Any]) -> SOCKSProxyManager:
    """Connections through this proxy."""
    user, password = (proxy.user, proxy.password) if proxy.user or proxy.password else (None, None)
    manager = SOCKSProxyManager(proxy.url, username=user, password=password, **options)
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}
    return manager
