"""A simulated exchange: Binance's public market-data API over given or made-up candles, for tests and demos.

exchange = SimulatedExchange([GeneratedMarket("BTCUSDT")], clock=Clock("2025-01-01T00:30:00Z", frozen=True))
with serve(exchange) as server:
    requests.get(f"{server.url}/api/v3/klines", params={"symbol": "BTCUSDT", "interval": "1h"}, timeout=5)

Faults are ordered from `faults.py` (by class) and `presets.py` (answers that Binance is known to give).
"""

from exchange_simulator.clock import Clock
from exchange_simulator.demo import start_demo_exchange
from exchange_simulator.exchange import LoggedRequest, SimulatedExchange
from exchange_simulator.generated import GeneratedMarket
from exchange_simulator.given import GivenMarket
from exchange_simulator.market import MarketError
from exchange_simulator.server import RunningServer, serve
from exchange_simulator.weights import WeightMeter

__all__ = [
    "Clock",
    "GeneratedMarket",
    "GivenMarket",
    "LoggedRequest",
    "MarketError",
    "RunningServer",
    "SimulatedExchange",
    "WeightMeter",
    "serve",
    "start_demo_exchange",
]
