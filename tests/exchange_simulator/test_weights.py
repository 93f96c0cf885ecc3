"""Weights, 429 and 418."""

from __future__ import annotations

import requests

from exchange_simulator import Clock, GeneratedMarket, SimulatedExchange, WeightMeter, serve


class Seconds:
    """A monotonic clock in the hands of the test."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_above_the_limit_comes_429_until_the_minute_is_over() -> None:
    seconds = Seconds()
    meter = WeightMeter(5, monotonic=seconds)
    assert [meter.charge(2).status for _ in range(3)] == [200, 200, 429]
    seconds.now = 17.5
    assert meter.charge(2) == (8, 429, 43)
    seconds.now = 60.0
    assert meter.charge(2) == (2, 200, 0)


def test_who_goes_on_after_429_is_banned_for_longer_each_time() -> None:
    seconds = Seconds()
    meter = WeightMeter(1, patience=2, ban_s=120, monotonic=seconds)
    assert [meter.charge(1).status for _ in range(5)] == [200, 429, 429, 418, 418]
    seconds.now = 100.0
    assert meter.charge(1) == (1, 418, 20)
    seconds.now = 120.0
    assert [meter.charge(1) for _ in range(4)][3] == (4, 418, 240)


def test_without_a_limit_weights_are_only_counted() -> None:
    meter = WeightMeter(None)
    meter.charge(1_000_000)
    assert meter.charge(1).status == 200


def test_reset_forgets_weights_and_bans() -> None:
    meter = WeightMeter(1, patience=0, window_s=3600)
    assert [meter.charge(1).status for _ in range(2)] == [200, 418]
    meter.reset()
    assert meter.charge(1) == (1, 200, 0)
    assert meter.used == 1


def test_refusals_look_like_binances(market: GeneratedMarket) -> None:
    clock = Clock("2017-10-20T00:00:00Z", frozen=True)
    meter = WeightMeter(4, window_s=3600, patience=1, ban_s=90)
    exchange = SimulatedExchange([market], clock=clock, weights=meter)
    with serve(exchange) as server:
        params = {"symbol": "BTCUSDT", "interval": "1h"}
        answers = [requests.get(f"{server.url}/api/v3/klines", params=params, timeout=5) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 418, 418]
    assert [answer.headers["X-MBX-USED-WEIGHT-1M"] for answer in answers] == ["2", "4", "6", "8", "10"]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 3600
    assert answers[2].json()["code"] == answers[3].json()["code"] == -1003
    assert "current limit is 4 request weight per 1 MINUTE" in answers[2].json()["msg"]
    assert answers[3].headers["Retry-After"] == "90"
    assert f"IP banned until {clock.now_ms() + 90_000}" in answers[3].json()["msg"]
    assert answers[4].headers["X-Simulated-Exchange"] == "true"
