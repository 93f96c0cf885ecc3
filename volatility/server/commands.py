"""The commands ``serve``, ``run`` and ``demo``."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from exchange_simulator import start_demo_exchange
from volatility.bootstrap import open_database
from volatility.domain.errors import SettingError
from volatility.exchange.network import DIRECT
from volatility.server import http
from volatility.server.refresher import kept_fresh
from volatility.server.signals import ended_by_signals
from volatility.settings import Settings
from volatility.storage.migrate import migrate


def serve(settings: Settings, host: str | None, port: int | None) -> int:
    """Serve the API over what is stored."""
    open_database(settings).close()  # a URL that is none is said here, in plain words
    with ended_by_signals():
        at = _at(settings, host, port)
        with http.listening(at) as listener:
            http.serve(at, listener)
    return 0


def run(settings: Settings, host: str | None, port: int | None) -> int:
    """Backfill, aggregate, serve the API, and keep all of it fresh: hourly and after each session's end."""
    with ended_by_signals():
        _run(_at(settings, host, port))
    return 0


def demo(settings: Settings, host: str | None, port: int | None, seed: int) -> int:
    """The same against the simulated exchange, in a folder that is gone afterwards, whatever the settings name."""
    with (
        ended_by_signals(),
        start_demo_exchange(settings.symbols, seed=seed) as exchange,
        tempfile.TemporaryDirectory(prefix="btc-volatility-demo-") as folder,
    ):
        http.say(f"SIMULATED candles from {exchange.url}: no number shown is real, nothing is kept")
        url = f"sqlite:///{Path(folder) / 'demo.sqlite3'}"
        _run(_at(replace(settings, binance_urls=(exchange.url,), database_url=url, network=DIRECT), host, port))
    return 0


def _run(settings: Settings) -> None:
    database = open_database(settings)
    try:
        migrate(database)  # what is wrong with the database is said at once
    finally:
        database.close()
    with http.listening(settings) as listener, kept_fresh(settings):
        http.serve(settings, listener)


def _at(settings: Settings, host: str | None, port: int | None) -> Settings:
    asked = settings.api_port if port is None else port
    if asked is None:
        raise SettingError(
            "API_PORT",
            "looks like a Kubernetes service link: set enableServiceLinks: false for the pod, or name a --port",
        )
    return replace(settings, api_host=settings.api_host if host is None else host, api_port=asked)
