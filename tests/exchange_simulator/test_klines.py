"""`GET /api/v3/klines` answers as Binance does; expected pages come from plain loops over the file."""

from __future__ import annotations

import csv
import gzip
import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_simulator import Clock, GeneratedMarket, GivenMarket, SimulatedExchange
from exchange_simulator.instants import HOUR_MS, to_iso, to_ms

from .conftest import Get

Row = list[Any]
NEWEST_MS = to_ms("2023-12-31T23:00:00Z")


def pages_of(exchange: SimulatedExchange, **params: object) -> list[Row]:
    query = "&".join(f"{name}={value}" for name, value in ({"symbol": "BTCUSDT", "interval": "1h"} | params).items())
    answer = exchange.answer("GET", "/api/v3/klines", query)
    assert answer.status == 200, answer.body
    rows: list[Row] = json.loads(answer.body)
    return rows


@pytest.fixture(scope="module")
def real_rows(real_data: Path) -> list[Row]:
    with gzip.open(real_data / "btcusdt_1h_2017_2023.csv.gz", "rt") as lines:
        rows = list(csv.reader(lines))[1:]
    return [[int(v) if n in (0, 6, 8) else v for n, v in enumerate(row)] + ["0"] for row in rows]


@pytest.fixture
def real_exchange(real_market: GivenMarket) -> SimulatedExchange:
    return SimulatedExchange([real_market], clock=Clock("2024-01-01T00:00:00Z", frozen=True))


def naive_page(rows: list[Row], start: int | None, end: int | None, limit: int) -> list[Row]:
    page = [row for row in rows if (start is None or row[0] >= start) and (end is None or row[0] <= end)]
    return page[-limit:] if start is None else page[:limit]


@pytest.mark.real_data
def test_any_range_and_limit_gives_what_a_plain_loop_gives(
    real_exchange: SimulatedExchange, real_rows: list[Row]
) -> None:
    dice = random.Random(3)
    first = real_rows[0][0]
    for _ in range(60):
        start = dice.choice([None, dice.randrange(first - 10 * HOUR_MS, NEWEST_MS + 10 * HOUR_MS)])
        end = dice.choice([None, (start or dice.randrange(first, NEWEST_MS)) + dice.randrange(2000 * HOUR_MS)])
        limit = dice.choice([1, 2, 499, 500, 1000])
        params = {"startTime": start, "endTime": end, "limit": limit}
        page = pages_of(real_exchange, **{name: value for name, value in params.items() if value is not None})
        assert page == naive_page(real_rows, start, end, limit)


@pytest.mark.real_data
def test_paging_from_the_start_gives_all_real_candles_in_56_requests(
    real_exchange: SimulatedExchange, real_rows: list[Row]
) -> None:
    collected: list[Row] = []
    start = 0
    while page := pages_of(real_exchange, startTime=start, limit=1000):
        collected += page
        start = page[-1][0] + 1
    assert collected == real_rows
    assert len(real_exchange.requests()) == 57, "56 pages and an empty one"


@pytest.mark.real_data
def test_a_page_over_the_outage_of_2018_goes_on_after_it(real_exchange: SimulatedExchange) -> None:
    page = pages_of(real_exchange, startTime=to_ms("2018-02-07T23:00:00Z"), limit=4)
    opened = ["2018-02-07T23", "2018-02-08T00", "2018-02-09T10", "2018-02-09T11"]
    assert [to_iso(row[0])[:13] for row in page] == opened


@pytest.mark.real_data
@pytest.mark.parametrize(("zone", "ahead_hours"), [("3", 3), ("0", 0), ("-4", -4), ("14", 14), ("-8:00", -8)])
@pytest.mark.parametrize("start", ["2018-02-05T07:30:00Z", "2021-04-20T00:00:00Z", None])
def test_longer_candles_equal_plain_sums_of_hours(
    real_exchange: SimulatedExchange, real_rows: list[Row], zone: str, ahead_hours: int, start: str | None
) -> None:
    first = to_ms(start) if start else NEWEST_MS - 9 * 24 * HOUR_MS
    by_day: dict[int, list[Row]] = {}
    for row in real_rows:
        by_day.setdefault((row[0] + ahead_hours * HOUR_MS) // (24 * HOUR_MS), []).append(row)
    expected = []
    for day, hours in sorted(by_day.items()):
        opened = day * 24 * HOUR_MS - ahead_hours * HOUR_MS
        if opened >= first:
            high = max(hours, key=lambda row: Decimal(row[2]))[2]
            low = min(hours, key=lambda row: Decimal(row[3]))[3]
            sums = {n: f"{sum(Decimal(row[n]) for row in hours):.8f}" for n in (5, 7, 9, 10)}
            trades = sum(row[8] for row in hours)
            closed = opened + 24 * HOUR_MS - 1
            row = [opened, hours[0][1], high, low, hours[-1][4], sums[5], closed, sums[7], trades, sums[9], sums[10]]
            expected.append([*row, "0"])
    if start:
        assert pages_of(real_exchange, interval="1d", timeZone=zone, startTime=first, limit=7) == expected[:7]
    else:
        assert pages_of(real_exchange, interval="1d", timeZone=zone, limit=7) == expected[-7:]


@pytest.mark.real_data
def test_the_real_page_at_a_clock_ends_with_the_open_candle(real_market: GivenMarket) -> None:
    exchange = SimulatedExchange([real_market], clock=Clock("2020-03-12T10:41:00Z", frozen=True))
    page = pages_of(exchange, limit=2)
    assert [to_iso(row[0])[:16] for row in page] == ["2020-03-12T09:00", "2020-03-12T10:00"]
    assert exchange.clock.now_ms() < page[-1][6]


@pytest.mark.parametrize(("interval", "hours"), [("2h", 2), ("4h", 4), ("6h", 6), ("8h", 8), ("12h", 12), ("1d", 24)])
def test_longer_intervals_hold_whole_hours_and_the_open_candle(
    exchange: SimulatedExchange, interval: str, hours: int
) -> None:
    length = hours * HOUR_MS
    start = to_ms("2017-10-02T00:00:00Z")
    page = pages_of(exchange, interval=interval, startTime=start)
    assert [row[0] for row in page] == list(range(start, exchange.clock.now_ms(), length))
    hour_rows = pages_of(exchange, startTime=start, limit=1000)
    assert sum(row[8] for row in page) == sum(row[8] for row in hour_rows)
    assert page[-1][4] == hour_rows[-1][4]
    assert page[-1][6] == page[-1][0] + length - 1 > exchange.clock.now_ms()


def test_pages_of_longer_candles_split_anywhere_are_the_whole(exchange: SimulatedExchange) -> None:
    whole = pages_of(exchange, interval="4h", startTime=0, limit=1000)
    collected: list[Row] = []
    while page := pages_of(exchange, interval="4h", startTime=collected[-1][0] + 1 if collected else 0, limit=37):
        collected += page
    assert collected == whole
    assert pages_of(exchange, interval="4h", limit=1000) == whole
    assert pages_of(exchange, interval="4h", endTime=whole[10][0], limit=5) == whole[6:11]
    assert pages_of(exchange, interval="4h", startTime=whole[3][0], endTime=whole[5][0] + 1) == whole[3:6]


def test_an_offset_with_minutes_starts_the_day_at_that_minute(exchange: SimulatedExchange) -> None:
    page = pages_of(exchange, interval="1d", timeZone="05:45", limit=3)
    assert [to_iso(row[0])[11:16] for row in page] == ["18:15"] * 3


def test_without_start_the_newest_come_and_the_open_one_is_last(exchange: SimulatedExchange) -> None:
    page = pages_of(exchange)
    assert len(page) == 500
    assert to_iso(page[-1][0]) == "2017-10-20T13:00:00.000Z"
    assert len(pages_of(exchange, limit=5000)) == 1000


def test_the_open_candle_grows_and_closes_as_the_clock_goes_on(exchange: SimulatedExchange) -> None:
    (before,) = pages_of(exchange, limit=1)
    exchange.clock.advance(minutes=15)
    (later,) = pages_of(exchange, limit=1)
    exchange.clock.advance(minutes=15)
    closed, opened = pages_of(exchange, limit=2)
    assert before[0] == later[0] == closed[0] == opened[0] - HOUR_MS
    assert float(before[5]) < float(later[5]) < float(closed[5])
    assert float(closed[2]) >= float(later[2]) >= float(before[2])


def test_a_start_in_the_future_gives_an_empty_page(exchange: SimulatedExchange) -> None:
    assert pages_of(exchange, startTime=exchange.clock.now_ms() + 1) == []
    assert pages_of(exchange, interval="1d", startTime=exchange.clock.now_ms() + 1) == []
    assert pages_of(exchange, endTime=0) == []
    assert pages_of(exchange, interval="1d", endTime=0) == []


@pytest.mark.parametrize(
    ("params", "code", "message"),
    [
        ({"symbol": "NOPEUSDT"}, -1121, "Invalid symbol."),
        ({"symbol": "btcusdt"}, -1100, "Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]"),
        ({"symbol": ""}, -1105, "Parameter 'symbol' was empty."),
        ({"symbol": None}, -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."),
        ({"interval": None}, -1102, "Mandatory parameter 'interval' was not sent"),
        ({"interval": "7h"}, -1120, "Invalid interval."),
        ({"interval": "1w"}, -1120, "Invalid interval."),
        ({"startTime": "soon"}, -1100, "Illegal characters found in parameter 'startTime'; legal range is '^[0-9]{1,2"),
        ({"endTime": "-5"}, -1100, "Illegal characters found in parameter 'endTime'"),
        ({"endTime": ""}, -1105, "Parameter 'endTime' was empty."),
        ({"limit": "1.5"}, -1100, "Illegal characters found in parameter 'limit'"),
        ({"limit": "0"}, -1130, "Data sent for parameter 'limit' is not valid."),
        ({"timeZone": "15"}, -1130, "Data sent for parameter 'timeZone' is not valid."),
        ({"timeZone": "Moscow"}, -1130, "Data sent for parameter 'timeZone' is not valid."),
        ({"startTime": 2, "endTime": 1}, -1128, "Combination of optional parameters invalid."),
        ({"page": 2}, -1101, "Too many parameters; expected '6' and received '3'."),
        ({"limit": [1, 2]}, -1101, "Duplicate values for a parameter detected."),
    ],
)
def test_wrong_parameters_are_refused_in_binances_words(
    get: Get, params: dict[str, Any], code: int, message: str
) -> None:
    response = get(**params)
    assert response.status_code == 400
    assert response.json()["code"] == code
    assert response.json()["msg"].startswith(message)
    assert response.headers["X-Simulated-Exchange"] == "true"


def test_the_other_endpoints(get: Get, exchange: SimulatedExchange) -> None:
    assert get("/api/v3/ping").json() == {}
    assert get("/api/v3/time").json() == {"serverTime": exchange.clock.now_ms()}
    info = get("/api/v3/exchangeInfo").json()
    assert [(s["symbol"], s["baseAsset"], s["quoteAsset"]) for s in info["symbols"]] == [("BTCUSDT", "BTC", "USDT")]
    assert info["rateLimits"][0]["limit"] == 6000
    assert get("/api/v3/exchangeInfo", symbol="XUSDT").json()["code"] == -1121
    assert get("/api/v3/time", symbol="BTCUSDT").json()["code"] == -1101
    assert get("/api/v3/depth").status_code == 404


def test_every_answer_says_that_it_is_simulated_and_what_was_used(get: Get) -> None:
    used = []
    for path in ("/api/v3/ping", "/api/v3/time", "/api/v3/klines", "/api/v3/exchangeInfo", "/api/v3/nothing"):
        headers = get(path).headers
        assert headers["X-Simulated-Exchange"] == "true"
        assert headers["X-MBX-USED-WEIGHT-1M"] == headers["X-MBX-USED-WEIGHT"]
        used.append(int(headers["X-MBX-USED-WEIGHT-1M"]))
    assert used == [1, 2, 4, 24, 25]


def test_each_symbol_has_its_own_candles() -> None:
    markets = [GeneratedMarket("BTCUSDT"), GeneratedMarket("ETHUSDT")]
    exchange = SimulatedExchange(markets, clock=Clock("2017-09-01T00:00:00Z", frozen=True))
    btc, eth = pages_of(exchange), pages_of(exchange, symbol="ETHUSDT")
    assert [row[0] for row in btc] == [row[0] for row in eth]
    assert float(btc[-1][4]) > 1000 > float(eth[-1][4])


def test_requests_are_logged_with_method_path_parameters_and_time(get: Get, exchange: SimulatedExchange) -> None:
    get(limit=3)
    exchange.clock.advance(seconds=2)
    get("/api/v3/time")
    klines, time = exchange.requests()
    assert (klines.method, klines.path) == ("GET", "/api/v3/klines")
    assert klines.params == {"symbol": "BTCUSDT", "interval": "1h", "limit": "3"}
    assert time.time_ms - klines.time_ms == 2000
    assert time.monotonic_s >= klines.monotonic_s
    assert exchange.requests("/api/v3/time") == [time]
    exchange.forget_requests()
    assert exchange.requests() == []
