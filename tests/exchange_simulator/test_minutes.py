"""Candles shorter than an hour add up to the hour's, stay what they are, and depend on the hour alone."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from exchange_simulator import Clock, GeneratedMarket, GivenMarket, SimulatedExchange
from exchange_simulator.faults import Gap, Revised
from exchange_simulator.instants import HOUR_MS, MINUTE_MS, to_ms
from exchange_simulator.klines import KlinesQuery
from exchange_simulator.market import FIELDS, View, render
from exchange_simulator.pages import page

Row = list[Any]
SHORTER = {"1m": 1, "3m": 3, "5m": 5, "15m": 15, "30m": 30}
NOW = "2021-03-05T10:42:17Z"
AMOUNTS = ("volume", "quote_asset_volume", "taker_buy_base_asset_volume", "taker_buy_quote_asset_volume")


def asked(exchange: SimulatedExchange, interval: str, **params: int | str) -> list[Row]:
    """The rows of a page."""
    query = "&".join(f"{name}={value}" for name, value in ({"limit": 1000} | params).items())
    answer = exchange.answer("GET", "/api/v3/klines", f"symbol=BTCUSDT&interval={interval}&{query}")
    assert answer.status == 200, answer.body
    rows: list[Row] = json.loads(answer.body)
    return rows


def named(row: Row) -> dict[str, Any]:
    return dict(zip(FIELDS, row, strict=True))


def added_up(rows: list[Row]) -> dict[str, Any]:
    """What candles come to together, in decimals."""
    parts = [named(row) for row in rows]
    return {
        "open": Decimal(parts[0]["open"]),
        "high": max(Decimal(part["high"]) for part in parts),
        "low": min(Decimal(part["low"]) for part in parts),
        "close": Decimal(parts[-1]["close"]),
        "number_of_trades": sum(part["number_of_trades"] for part in parts),
    } | {name: sum(Decimal(part[name]) for part in parts) for name in AMOUNTS}


def as_decimals(hour: Row) -> dict[str, Any]:
    found = named(hour)
    names = ("open", "high", "low", "close", *AMOUNTS)
    return {name: Decimal(found[name]) for name in names} | {"number_of_trades": found["number_of_trades"]}


def by_hour(rows: list[Row]) -> dict[int, list[Row]]:
    hours: dict[int, list[Row]] = {}
    for row in rows:
        hours.setdefault(row[0] // HOUR_MS * HOUR_MS, []).append(row)
    return hours


def keeps_the_rules(rows: list[Row], minutes: int) -> None:
    """What a page of candles must be."""
    for row in rows:
        assert [type(value) for value in row] == [int, *[str] * 5, int, str, int, str, str, str]
        open_, high, low, close = map(float, row[1:5])
        assert 0 < low <= open_ <= high
        assert low <= close <= high
        assert min(map(float, (row[5], *row[7:11]))) >= 0
        assert row[0] % (minutes * MINUTE_MS) == 0
        assert row[6] == row[0] + minutes * MINUTE_MS - 1
    times = [row[0] for row in rows]
    assert times == sorted(set(times))


@pytest.fixture
def exchange() -> SimulatedExchange:
    return SimulatedExchange([GeneratedMarket("BTCUSDT", seed=3)], clock=Clock(NOW, frozen=True))


@pytest.mark.parametrize("interval", SHORTER)
def test_shorter_candles_add_up_to_the_hours_to_the_last_decimal(exchange: SimulatedExchange, interval: str) -> None:
    minutes = SHORTER[interval]
    start = exchange.clock.now_ms() // HOUR_MS * HOUR_MS - 400 * HOUR_MS  # two blocks of the walk
    hours = {row[0]: row for row in asked(exchange, "1h", startTime=start)}
    rows: list[Row] = []
    while not rows or rows[-1][0] + minutes * MINUTE_MS <= exchange.clock.now_ms():
        rows += asked(exchange, interval, startTime=rows[-1][0] + 1 if rows else start)
    keeps_the_rules(rows, minutes)
    found = by_hour(rows)
    assert found.keys() == hours.keys()
    newest = max(hours)
    for at, part in found.items():
        if at < newest:
            assert len(part) == 60 // minutes
            assert added_up(part) == as_decimals(hours[at]), named(hours[at])


@pytest.mark.parametrize("now", ["10:00:00", "10:00:31", "10:05:00", "10:42:17", "10:59:59"])
@pytest.mark.parametrize("interval", SHORTER)
def test_those_of_the_open_hour_add_up_to_what_it_shows_so_far(now: str, interval: str) -> None:
    market = GeneratedMarket("BTCUSDT", seed=3)
    exchange = SimulatedExchange([market], clock=Clock(f"2021-03-05T{now}Z", frozen=True))
    start = to_ms("2021-03-05T10:00:00Z")
    (hour,) = asked(exchange, "1h", startTime=start)
    rows = asked(exchange, interval, startTime=start)
    keeps_the_rules(rows, SHORTER[interval])
    assert len(rows) == (exchange.clock.now_ms() - start) // (SHORTER[interval] * MINUTE_MS) + 1
    together, shown = added_up(rows), as_decimals(hour)
    for name in ("open", "high", "low", "close", "number_of_trades", "volume", "taker_buy_base_asset_volume"):
        assert together[name] == shown[name], name
    for name in ("quote_asset_volume", "taker_buy_quote_asset_volume"):  # the hour's are of a rounded volume
        assert abs(together[name] - shown[name]) < Decimal("0.00001") * shown["high"], name


def test_what_is_over_never_changes(exchange: SimulatedExchange) -> None:
    """Watched every eleven seconds through an hour and beyond its end."""
    start, seen = to_ms("2021-03-05T10:00:00Z"), dict[int, Row]()
    for now in range(start, start + HOUR_MS + 10 * MINUTE_MS, 11_000):
        exchange.clock.set(now)
        for row in asked(exchange, "5m", startTime=start):
            if row[6] < now:
                assert seen.setdefault(row[0], row) == row
    assert len(seen) == 13


def test_another_seed_is_another_path_and_the_same_seed_the_same(exchange: SimulatedExchange) -> None:
    again, other = (
        SimulatedExchange([GeneratedMarket("BTCUSDT", seed=seed)], clock=Clock(NOW, frozen=True)) for seed in (3, 4)
    )
    assert asked(exchange, "1m") == asked(again, "1m") != asked(other, "1m")


def test_the_newest_ones_are_the_end_of_all(exchange: SimulatedExchange) -> None:
    start = exchange.clock.now_ms() - 5 * HOUR_MS
    every = asked(exchange, "5m", startTime=start)
    for limit in (1, 7, 12, 30):
        assert asked(exchange, "5m", limit=limit) == every[-limit:]
        assert asked(exchange, "5m", startTime=start, limit=limit) == every[:limit]
        end = every[-20][0] + 1
        assert asked(exchange, "5m", endTime=end, limit=limit) == every[-19 - limit : -19]


@pytest.mark.parametrize(("interval", "zone", "ahead"), [("5m", "0", 0), ("30m", "5:45", 345), ("15m", "-3", -180)])
def test_any_start_end_and_limit_give_what_a_plain_loop_over_minutes_gives(
    exchange: SimulatedExchange, interval: str, zone: str, ahead: int
) -> None:
    exchange.order(Gap(first=exchange.clock.now_ms() // HOUR_MS * HOUR_MS - 3 * HOUR_MS))
    length, rng = SHORTER[interval] * MINUTE_MS, random.Random(interval)
    now = exchange.clock.now_ms()
    since = now // HOUR_MS * HOUR_MS - 12 * HOUR_MS
    whole: dict[int, list[Row]] = {}
    for row in asked(exchange, "1m", startTime=since):
        whole.setdefault((row[0] + ahead * MINUTE_MS) // length * length - ahead * MINUTE_MS, []).append(row)
    del whole[min(whole)]  # it may have begun before
    for _ in range(150):
        start, end = (rng.choice([None, rng.randrange(since + HOUR_MS, now + HOUR_MS)]) for _ in range(2))
        limit = rng.choice([1, 2, 9])
        if start is not None and end is not None and start > end:
            continue
        inside = [at for at in whole if (start is None or at >= start) and (end is None or at <= end)]
        params = {"limit": limit} | {n: v for n, v in (("startTime", start), ("endTime", end)) if v is not None}
        rows = asked(exchange, interval, timeZone=zone, **params)
        wanted = inside[:limit] if start is not None else inside[-limit:]
        if start is None and len(inside) < limit:
            rows = rows[-len(inside) :] if inside else []
        assert [row[0] for row in rows] == wanted, params
        assert [added_up([row]) for row in rows] == [added_up(whole[at]) for at in wanted]


def test_an_hour_that_is_missing_has_no_minutes_and_a_revised_one_has_its_own(exchange: SimulatedExchange) -> None:
    at = to_ms("2021-03-05T08:00:00Z")
    exchange.order(Gap(first=at - HOUR_MS))
    before = asked(exchange, "5m", startTime=at, endTime=at + HOUR_MS - 1)
    assert asked(exchange, "5m", startTime=at - HOUR_MS, endTime=at + HOUR_MS - 1) == before
    hour = named(asked(exchange, "1h", startTime=at, limit=1)[0])
    high = f"{float(hour['high']) + 12.5:.8f}"
    exchange.order(Revised(open_time=at, values={"high": high, "close": high, "volume": "7.00000000"}))
    after = asked(exchange, "5m", startTime=at, endTime=at + HOUR_MS - 1)
    assert added_up(after) == as_decimals(asked(exchange, "1h", startTime=at, limit=1)[0])
    assert (after[-1][4], after) != (before[-1][4], before)


def given(hour: Mapping[str, Any]) -> tuple[Row, View]:
    """A view that holds one hour of a file."""
    row = [
        hour.get("open_time", 5 * HOUR_MS),
        *(
            hour.get(name, value)
            for name, value in (("open", "10.2"), ("high", "11"), ("low", "9.75"), ("close", "10"))
        ),
        hour.get("volume", "3.5"),
        hour.get("close_time", 6 * HOUR_MS - 1),
        "35.01",
        hour.get("number_of_trades", 7),
        "1.25",
        "12.34567891",
        "0",
    ]
    return row, View([row[0]], [render(row)], 1)


@pytest.mark.parametrize(
    "hour",
    [
        {},
        {"high": "10.2", "low": "10", "close": "10"},
        {"open": "10", "high": "10", "low": "10", "close": "10", "volume": "0", "number_of_trades": 0},
        {"open": "0.00000370", "high": "0.00000372", "low": "0.00000369", "close": "0.00000371"},
        {"close_time": 5 * HOUR_MS + 17 * MINUTE_MS + 203},
        {"close_time": 5 * HOUR_MS + MINUTE_MS + 203},
        {"close_time": 5 * HOUR_MS + 9},
        {"open_time": 5 * HOUR_MS + 28 * MINUTE_MS + 14_789},
    ],
    ids=["plain", "falling", "still", "a coin", "cut short", "two minutes", "one minute", "off the hour"],
)
@pytest.mark.parametrize("interval", SHORTER)
def test_the_minutes_of_a_candle_from_a_file_touch_its_prices(hour: Mapping[str, Any], interval: str) -> None:
    row, view = given(hour)
    query = KlinesQuery("BTCUSDT", SHORTER[interval] * MINUTE_MS, 0, None, 0, 1000)
    rows = [json.loads(one) for one in page(view, query)]
    keeps_the_rules(rows, SHORTER[interval])
    assert added_up(rows) == as_decimals(row)
    last = min(row[6], row[0] // HOUR_MS * HOUR_MS + HOUR_MS - 1)
    assert rows[0][0] <= row[0] <= rows[0][6]
    assert rows[-1][0] <= last <= rows[-1][6]


@pytest.mark.real_data
def test_the_minutes_of_real_hours_add_up_to_them_and_stay(real_market: GivenMarket) -> None:
    exchange = SimulatedExchange([real_market], clock=Clock("2023-12-30T10:42:17Z", frozen=True))
    rng, newest = random.Random(9), to_ms("2023-12-30T10:00:00Z")
    starts = [rng.randrange(to_ms("2017-08-18T00:00:00Z"), newest, HOUR_MS) // HOUR_MS * HOUR_MS for _ in range(60)]
    for start in [to_ms("2018-02-09T00:00:00Z"), newest - 7 * HOUR_MS, *starts]:
        span = {"startTime": start, "endTime": start + 8 * HOUR_MS - 1}
        hours = {row[0] // HOUR_MS * HOUR_MS: row for row in asked(exchange, "1h", **span)}
        rows = asked(exchange, "5m", **span)
        keeps_the_rules(rows, 5)
        found = by_hour(rows)
        for at, hour in hours.items():
            if hour[0] == at:  # February 2018 has some off the hour, which reach into the next one
                assert added_up(found[at]) == as_decimals(hour), named(hour)
    first = asked(exchange, "5m", startTime=newest)
    exchange.clock.set("2023-12-30T11:10:00Z")
    later = asked(exchange, "5m", startTime=newest)
    assert len(first) == 9
    assert first[:8] == later[:8]  # the ninth was open: the hour of a file is shown whole
