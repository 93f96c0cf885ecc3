"""The simulated exchange by itself: `python -m exchange_simulator --port 9000`."""

from __future__ import annotations

import argparse
import io
import signal
import sys
import threading
from typing import TYPE_CHECKING, NoReturn

from exchange_simulator.clock import Clock
from exchange_simulator.exchange import SimulatedExchange
from exchange_simulator.faults import Latency
from exchange_simulator.generated import GeneratedMarket
from exchange_simulator.given import GivenMarket
from exchange_simulator.instants import to_ms
from exchange_simulator.server import serve
from exchange_simulator.weights import DEFAULT_LIMIT, WeightMeter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exchange_simulator.market import Market


def _write_any_symbol() -> None:
    """Symbols may be in a script that the console's encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; 0 then, 1 when the address can't be used, 2 for a wrong call."""
    _write_any_symbol()
    parser = _arguments()
    options = parser.parse_args(arguments)
    try:
        exchange = _exchange(options)
    except ValueError as error:
        parser.error(str(error))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        server = serve(exchange, host=options.host, port=options.port)
    except OSError as error:
        sys.stderr.write(f"{parser.prog}: can't listen on {options.host}:{options.port}: {error}\n")
        return 1
    with server:
        sources = ", ".join(sorted({market.source for market in exchange.markets.values()}))
        sys.stdout.write(f"simulated exchange on {server.url} ({', '.join(exchange.markets)}, {sources})\n")
        sys.stdout.flush()
        stop.wait()
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m exchange_simulator", description=__doc__)
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    add("--port", type=int, default=9000, help="port to listen on, 0 for a free one (%(default)s)")
    add("--data", metavar="FILE", help="serve the candles of this CSV file (.gz too), not generated ones")
    add("--symbol", default="BTCUSDT", help="symbols, comma-separated (%(default)s)")
    add("--seed", type=int, default=7, help="another seed, other generated candles (%(default)s)")
    add("--clock", metavar="ISO", help="what the exchange's clock shows at first (the machine's time)")
    add("--frozen", action="store_true", help="the clock stands still")
    add("--latency-ms", type=float, default=0, help="every answer comes so much later (%(default)s)")
    add("--weight-limit", type=int, default=DEFAULT_LIMIT, help="request weight per minute, 0 for none (%(default)s)")
    add("--no-gaps", action="store_true", help="generate every hour")
    return parser


def _exchange(options: argparse.Namespace) -> SimulatedExchange:
    symbols = [symbol.strip() for symbol in options.symbol.split(",") if symbol.strip()]
    if not symbols:
        raise ValueError("--symbol names no symbol")
    if options.seed < 0 or options.weight_limit < 0 or options.latency_ms < 0:
        raise ValueError("--seed, --weight-limit and --latency-ms must be 0 or more")
    if not 0 <= options.port <= 65535:
        raise ValueError(f"--port must be 0 to 65535, not {options.port}")
    clock = Clock(None if options.clock is None else _instant(options.clock), frozen=options.frozen)
    markets = [_market(symbol, options) for symbol in symbols]
    exchange = SimulatedExchange(markets, clock=clock, weights=WeightMeter(options.weight_limit or None))
    if options.latency_ms:
        exchange.order(Latency(ms=options.latency_ms))
    return exchange


def _instant(text: str) -> int:
    try:
        return to_ms(text)
    except ValueError as error:
        raise ValueError(f"--clock {text}: must be ISO 8601 with an offset, such as 2024-01-01T00:00:00Z") from error


def _market(symbol: str, options: argparse.Namespace) -> Market:
    if options.data is not None:
        return GivenMarket(symbol, options.data)
    return GeneratedMarket(symbol, seed=options.seed, gaps=not options.no_gaps)


if __name__ == "__main__":
    sys.exit(main())
