"""What the generated candles look like, and that they depend on nothing but the seed and the hour."""

from __future__ import annotations

import json
import statistics
import tracemalloc
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from exchange_simulator import GeneratedMarket
from exchange_simulator.instants import HOUR_MS, to_iso, to_ms

START = to_ms("2017-08-17T04:00:00Z")
NOW = to_ms("2026-08-17T04:00:00Z")
Row = list[Any]


def rows_of(market: GeneratedMarket, now_ms: int, first: int = 0) -> list[Row]:
    view = market.view(now_ms)
    return [json.loads(row) for row in view.cut(first, view.count)]


def prices(row: Row) -> list[float]:
    """Open, high, low, close."""
    return [float(value) for value in row[1:5]]


@pytest.fixture(scope="module")
def history() -> list[Row]:
    """Nine years and one open candle."""
    return rows_of(GeneratedMarket("BTCUSDT", seed=7), NOW)


@pytest.fixture(scope="module")
def sessions(history: list[Row]) -> dict[int, tuple[float, float]]:
    """Vol and Range in percent of the open, by days since 1970, of sessions from 08:00 UTC that are whole."""
    hours: dict[int, list[list[float]]] = {}
    for row in history:
        hours.setdefault((row[0] // HOUR_MS - 8) // 24, []).append(prices(row))
    result = {}
    for day, candles in hours.items():
        if len(candles) == 24:
            first = candles[0][0]
            high, low = max(candle[1] for candle in candles), min(candle[2] for candle in candles)
            result[day] = (abs(first - candles[-1][3]) / first * 100, (high - low) / first * 100)
    return result


def test_three_years_take_less_than_33_megabytes() -> None:
    tracemalloc.start()
    GeneratedMarket("BTCUSDT", seed=8).view(START + 3 * 365 * 24 * HOUR_MS)
    peak_of_three_years = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_of_three_years < 33_000_000


def test_history_starts_with_the_first_candle_of_btcusdt(history: list[Row]) -> None:
    assert to_iso(history[0][0]) == "2017-08-17T04:00:00.000Z"
    assert history[0][1] == "4261.48000000" or abs(float(history[0][1]) - 4261.48) < 0.02


def test_before_history_there_is_no_candle() -> None:
    assert rows_of(GeneratedMarket("BTCUSDT"), START - 1) == []
    assert len(rows_of(GeneratedMarket("BTCUSDT"), START)) == 1


def test_rows_have_the_exchanges_twelve_fields_and_form(history: list[Row]) -> None:
    for row in history[:: len(history) // 500]:
        assert [type(value) for value in row] == [int, *[str] * 5, int, str, int, str, str, str]
        assert row[0] % HOUR_MS == 0
        assert row[6] == row[0] + HOUR_MS - 1
        assert row[11] == "0"
        assert all(len(row[field].split(".")[1]) == 8 for field in (1, 2, 3, 4, 5, 7, 9, 10))
        assert all(row[field].endswith("000000") for field in (1, 2, 3, 4)), "prices come in cents"


def test_every_candle_is_consistent(history: list[Row]) -> None:
    for row in history:
        first, high, low, last = prices(row)
        volume, quote_volume, taker, taker_quote = (float(row[field]) for field in (5, 7, 9, 10))
        assert 0 < low <= min(first, last) <= max(first, last) <= high
        assert 0 <= taker <= volume
        assert 0 <= taker_quote <= quote_volume
        assert low * volume - 1e-8 <= quote_volume <= high * volume + 1e-8
        assert row[8] >= 1


def test_a_candle_opens_where_the_one_before_closed(history: list[Row]) -> None:
    for before, after in pairwise(history):
        if after[0] - before[0] == HOUR_MS:
            assert abs(float(after[1]) - float(before[4])) < 0.011


def test_vol_and_range_of_a_session_are_bitcoins(sessions: dict[int, tuple[float, float]]) -> None:
    assert 1.4 < statistics.mean(vol for vol, _ in sessions.values()) < 2.1
    assert 3.2 < statistics.mean(width for _, width in sessions.values()) < 4.4


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_seeds_are_as_wild_but_other_histories(seed: int, history: list[Row]) -> None:
    rows = rows_of(GeneratedMarket("BTCUSDT", seed=seed), START + 3 * 365 * 24 * HOUR_MS)
    moves = [abs(float(row[4]) / float(row[1]) - 1) for row in rows]
    assert 0.0015 < statistics.mean(moves) < 0.0040
    assert [row[4] for row in rows[:100]] != [row[4] for row in history[:100]]


def test_tails_are_fat_and_volatility_clusters(history: list[Row]) -> None:
    moves = np.array([np.log(float(row[4]) / float(row[1])) for row in history])
    assert ((moves - moves.mean()) ** 4).mean() / moves.var() ** 2 > 8, "a normal distribution has 3"
    size = np.abs(moves)
    for lag, least in ((1, 0.12), (24, 0.06), (168, 0.04)):
        assert np.corrcoef(size[:-lag], size[lag:])[0, 1] > least
    assert abs(np.corrcoef(moves[:-1], moves[1:])[0, 1]) < 0.1, "the direction can't be foretold"


def test_the_session_from_saturday_is_the_quietest(sessions: dict[int, tuple[float, float]]) -> None:
    by_day: dict[int, list[float]] = {}
    for day, (_, width) in sessions.items():
        by_day.setdefault(day % 7, []).append(width)
    means = {day: statistics.mean(widths) for day, widths in by_day.items()}
    saturday = 2  # 1970-01-01 was a Thursday
    assert min(means, key=means.__getitem__) == saturday


def test_the_hours_of_new_york_are_the_busiest(history: list[Row]) -> None:
    by_hour: dict[int, list[float]] = {}
    for row in history:
        first, high, low, _ = prices(row)
        by_hour.setdefault(row[0] // HOUR_MS % 24, []).append((high - low) / first)
    means = {hour: statistics.mean(widths) for hour, widths in by_hour.items()}
    assert max(means, key=means.__getitem__) in range(13, 17)
    assert statistics.mean(means[h] for h in (13, 14, 15)) > 1.25 * statistics.mean(means[h] for h in (3, 4, 5))


def test_volume_and_trades_follow_volatility(history: list[Row]) -> None:
    width = np.array([(prices(row)[1] - prices(row)[2]) / prices(row)[0] for row in history])
    turnover = np.array([float(row[7]) for row in history])
    trades = np.array([row[8] for row in history])
    assert np.corrcoef(np.log(width + 1e-5), np.log(turnover))[0, 1] > 0.6
    assert np.corrcoef(np.log(turnover), np.log(trades))[0, 1] > 0.9


def test_prices_stay_believable_after_many_years(history: list[Row]) -> None:
    assert all(500 < float(row[4]) < 2_000_000 for row in history)


def test_a_few_hours_are_missing_for_good_some_of_them_in_a_row(history: list[Row]) -> None:
    times = [row[0] for row in history]
    lengths = [(after - before) // HOUR_MS - 1 for before, after in pairwise(times)]
    gaps = [length for length in lengths if length]
    assert 10 <= len(gaps) <= 40
    assert gaps.count(1) >= 5
    assert sum(3 <= length <= 9 for length in gaps) >= 3


def test_without_gaps_there_is_every_hour() -> None:
    view = GeneratedMarket("BTCUSDT", gaps=False).view(START + 3 * 365 * 24 * HOUR_MS)
    assert list(view.times[: view.count]) == [START + n * HOUR_MS for n in range(3 * 365 * 24 + 1)]


def test_gaps_change_no_other_candle() -> None:
    end = START + 365 * 24 * HOUR_MS
    whole = {row[0]: row for row in rows_of(GeneratedMarket("BTCUSDT", gaps=False), end)}
    holed = rows_of(GeneratedMarket("BTCUSDT"), end)
    assert 0 < len(whole) - len(holed) < 20
    assert all(whole[row[0]] == row for row in holed)


def test_closed_candles_do_not_depend_on_when_one_asks(history: list[Row]) -> None:
    market = GeneratedMarket("BTCUSDT", seed=7)
    for days in (1, 29.99, 30, 31, 400, 10):
        rows = rows_of(market, START + int(days * 24 * HOUR_MS))
        assert rows[:-1] == history[: len(rows) - 1]


def test_symbols_have_histories_of_their_own() -> None:
    end = START + 100 * HOUR_MS
    btc, eth, other = (rows_of(GeneratedMarket(symbol), end) for symbol in ("BTCUSDT", "ETHUSDT", "NEWUSDT"))
    assert 150 < float(eth[-1][4]) < 600
    assert 50 < float(other[-1][4]) < 200
    assert float(btc[50][4]) / float(btc[0][4]) != float(eth[50][4]) / float(eth[0][4])


@pytest.mark.parametrize("hour", [0, 100, 719, 720, 5000])
def test_the_open_candle_develops_into_the_closed_one(hour: int) -> None:
    market = GeneratedMarket("BTCUSDT", gaps=False)
    opened = START + hour * HOUR_MS
    states = [rows_of(market, opened + second * 1000, hour)[0] for second in range(0, 3600, 20)]
    states += [rows_of(market, opened + HOUR_MS - 1, hour)[0], rows_of(market, opened + HOUR_MS, hour)[0]]
    assert {state[0] for state in states} == {opened}
    assert {state[1] for state in states} == {states[0][1]}
    assert states[0][1:5] == [states[0][1]] * 4, "at first there is one price"
    for before, after in pairwise(states):
        (_, high, low, last), (_, higher, lower, _) = prices(before), prices(after)
        assert lower <= low <= last <= high <= higher
        assert low * float(before[5]) - 1e-8 <= float(before[7]) <= high * float(before[5]) + 1e-8
        assert after[8] >= before[8] >= 1
        assert all(float(after[field]) >= float(before[field]) for field in (5, 7, 9, 10))
    assert len({state[4] for state in states}) > 100, "the price moves all the time"
    assert abs(float(states[-2][4]) / float(states[-1][4]) - 1) < 0.005


def test_the_open_candle_is_the_same_for_a_process_that_started_later() -> None:
    now = START + 3000 * HOUR_MS + 1_234_567
    early = GeneratedMarket("BTCUSDT")
    early.view(now + 40 * 24 * HOUR_MS)
    assert rows_of(early, now)[-1] == rows_of(GeneratedMarket("BTCUSDT"), now)[-1]


def test_the_clock_in_a_gap_sees_no_open_candle() -> None:
    market = GeneratedMarket("BTCUSDT")
    view = market.view(NOW)
    times = list(view.times[: view.count])
    before_gap = next(a for a, b in pairwise(times) if b - a > HOUR_MS)
    inside = market.view(before_gap + HOUR_MS + 60_000)
    assert inside.open_row is None
    assert inside.times[inside.count - 1] == before_gap
