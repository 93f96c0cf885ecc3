"""Prometheus metrics: how fresh the data are, and how requests go."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from volatility import __version__
from volatility.queries.closed_sessions import Coverage, newest_candle_end_ms

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """One process's metrics, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "btc_volatility_http_requests", "Answered requests", ["route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "btc_volatility_http_request_seconds",
            "Time to answer a request",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._children: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self._candle = self._gauge("newest_candle_end_timestamp_seconds", "End of the newest stored candle's hour")
        self._session = self._gauge("newest_session_end_timestamp_seconds", "End of the newest closed session")
        self._gaps = self._gauge("gap_hours", "Hours that the exchange confirmed to have no candle")
        self._simulated = self._gauge("simulated", "1 where the candles come from a simulated exchange")
        self._up = Gauge(
            "btc_volatility_database_up", "1 where the database answered this scrape", registry=self.registry
        )
        build = Gauge("btc_volatility_build_info", "The program's version", ["version"], registry=self.registry)
        build.labels(__version__).set(1)

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(f"btc_volatility_{name}", meaning, ["symbol"], registry=self.registry)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        children = self._children.get((route, status))
        if children is None:  # looking a child up by its labels costs more than counting
            children = self._requests.labels(route, str(status)), self._seconds.labels(route)
            self._children[route, status] = children
        children[0].inc()
        children[1].observe(seconds)

    def text(self, known: Sequence[Coverage] | None) -> bytes:
        """All metrics in Prometheus' text format; ``known`` is None where the database is away."""
        self._up.set(known is not None)
        for gauge in (self._candle, self._session, self._gaps, self._simulated):
            gauge.clear()
        for coverage in known or ():
            end_ms = newest_candle_end_ms(coverage)
            if end_ms is not None:
                self._candle.labels(coverage.symbol).set(end_ms / 1000)
            if coverage.newest_session_close_ms is not None:
                self._session.labels(coverage.symbol).set(coverage.newest_session_close_ms / 1000)
            self._gaps.labels(coverage.symbol).set(coverage.gap_hours)
            self._simulated.labels(coverage.symbol).set(coverage.simulated)
        return generate_latest(self.registry)
