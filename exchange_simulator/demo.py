"""The simulated exchange as the demo uses it: generated candles up to the machine's clock, in a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exchange_simulator.exchange import SimulatedExchange
from exchange_simulator.generated import GeneratedMarket
from exchange_simulator.server import RunningServer, serve

if TYPE_CHECKING:
    from collections.abc import Sequence


def start_demo_exchange(symbols: Sequence[str], *, seed: int = 7) -> RunningServer:
    """Start an exchange with these symbols on a free port of this machine; `close` ends it."""
    return serve(SimulatedExchange(GeneratedMarket(symbol, seed=seed) for symbol in symbols))
