"""The exchange that the demo starts."""

from __future__ import annotations

import pytest
import requests

from exchange_simulator.clock import system_ms
from exchange_simulator.demo import start_demo_exchange


def test_the_demos_exchange_has_candles_up_to_now() -> None:
    server = start_demo_exchange(["BTCUSDT", "ETHUSDT"], seed=5)
    try:
        params = {"symbol": "ETHUSDT", "interval": "1h", "limit": "1"}
        response = requests.get(f"{server.url}/api/v3/klines", params=params, timeout=10)
    finally:
        server.close()
    (row,) = response.json()
    longest_gap_ms = 9 * 3_600_000
    assert row[0] <= system_ms() <= row[6] + longest_gap_ms
    assert response.headers["X-Simulated-Exchange"] == "true"
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{server.url}/api/v3/ping", timeout=1)
