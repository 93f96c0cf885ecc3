"""The rule that tells one market from another, over small cases and over all of real history."""

from __future__ import annotations

import csv
import gzip
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from volatility.domain.candles import Candle
from volatility.domain.hours import HOUR_MS, floor_hour
from volatility.domain.market import Comparison, compare

FLAT = (1504713600000, 1559941200000, 1613012400000, 1679659200000)  # 2017-09-06 16:00 … 2023-03-24 12:00 UTC
NOON = 1_518_350_400_000


def candle(hour: int = 0, close: float = 7976.74, volume: float = 1521.537318, factor: float = 1.0) -> Candle:
    """A candle with a close of its own."""
    opened, price = NOON + hour * HOUR_MS, close * factor
    body = (price * 0.999, price * 1.001, price * 0.998, price)
    return Candle(opened, *body, volume, opened + HOUR_MS - 1, price * volume, 17, 0.0, 0.0)


def some(count: int, **values: float) -> list[Candle]:
    """Candles that differ from hour to hour."""
    return [candle(hour, close=8000.0 + hour, volume=1000.0 + 30 * hour, **values) for hour in range(count)]


def test_a_last_digit_and_a_small_change_of_volume_are_a_revision() -> None:
    old = candle()
    for new in (old._replace(close=7976.73), old._replace(volume=old.volume * 1.0073), old):
        assert compare([old], [new]).one_market


@pytest.mark.parametrize("change", [{"close": 8000.67}, {"open": 7000.0}, {"volume": 15.2}, {"volume": 0.0}])
def test_one_stored_candle_that_differs_by_more_is_another_market(change: dict[str, Any]) -> None:
    found = compare([candle()], [candle()._replace(**change)])
    assert (found.differ, found.one_market) == (1, False)


@pytest.mark.parametrize(("stored", "revised", "same"), [(1, 1, False), (2, 1, True), (5, 2, True), (5, 3, False)])
def test_of_few_candles_the_greater_part_decides(stored: int, revised: int, *, same: bool) -> None:
    served = [one._replace(close=one.low) if hour < revised else one for hour, one in enumerate(some(stored))]
    assert compare(some(stored), served).one_market is same


@pytest.mark.parametrize(("hours", "revised", "clear"), [(48, 3, True), (48, 4, False), (5, 0, False), (6, 0, True)])
def test_only_single_hours_may_differ_where_nothing_else_is_asked(hours: int, revised: int, *, clear: bool) -> None:
    served = [one._replace(close=one.low) if hour < revised else one for hour, one in enumerate(some(hours))]
    assert compare(some(hours), served).clearly_one_market is clear


def test_hours_without_a_trade_tell_nothing_unless_their_price_differs() -> None:
    silent = [candle(hour, volume=0.0) for hour in range(30)]
    assert compare(silent, silent) == Comparison()
    assert compare(silent, []) == Comparison()
    assert compare(silent, [candle(hour, volume=0.0, factor=1.003) for hour in range(30)]).differ == 30


def test_what_is_not_served_speaks_neither_for_nor_against_but_is_no_proof() -> None:
    nothing = compare(some(10), [])
    assert (nothing.absent, nothing.one_market) == (10, False)
    assert compare(some(10), some(3)).one_market
    assert not compare(some(48), some(10)).clearly_one_market


def test_a_source_that_counts_hours_from_their_middle_on_is_another_market() -> None:
    off = [one._replace(close=one.close * 1.01, high=one.high * 1.01) for one in some(48)]
    half_past = [one._replace(close_time_ms=one.close_time_ms + 1_800_000) for one in off]
    assert compare(some(48), half_past).differ == 48


def test_a_cheap_coin_may_be_revised_by_one_unit_of_its_last_digit() -> None:
    def pepe(close: float, volume: float) -> Candle:
        return candle(volume=volume)._replace(open=3.7e-6, high=3.8e-6, low=3.6e-6, close=close)

    assert compare([pepe(3.7e-6, 1e12)], [pepe(3.71e-6, 1e12)]).one_market
    assert not compare([pepe(3.7e-6, 1e12)], [pepe(3.72e-6, 1e12)]).one_market
    assert not compare([pepe(3.7e-6, 1e12)], [pepe(3.7e-6, 1.3e10)]).one_market


def test_the_difference_is_told_with_the_hour_and_both_candles() -> None:
    found = compare(some(2), [some(2)[0], candle(1, close=8025.003, volume=10.5)])
    assert str(found.first) == (
        "2018-02-11 13:00 UTC has close 8001.0 and volume 1030.0 in the database, close 8025.003 and volume 10.5 there"
    )
    small = candle(close=3.7e-6, volume=0.5)
    assert "close 0.0000037 and volume 0.5 in the database, no candle there" in str(compare([small], []).first)


# Over real history


@pytest.fixture(scope="module")
def real(real_candles: Path) -> list[Candle]:
    """All of it."""
    with gzip.open(real_candles, "rt") as lines:
        return [_row(row) for row in csv.DictReader(lines)]


def _row(row: dict[str, str]) -> Candle:
    values = list(row.values())[: len(Candle._fields)]
    whole = {0, 6, 8}
    candle = Candle(*(int(v) if place in whole else float(v) for place, v in enumerate(values)))  # type: ignore[arg-type]
    return candle._replace(open_time_ms=floor_hour(candle.open_time_ms))


def _dearer(one: Candle) -> Candle:
    prices = {name: round(getattr(one, name) * 1.003, 2) for name in ("open", "high", "low", "close")}
    return one._replace(**prices, volume=one.volume / 100)


OTHERS: dict[str, Callable[[Candle], Candle]] = {
    "prices 0.3 % off": _dearer,
    "a hundredth of the volume": lambda one: one._replace(volume=one.volume / 100),
    "an hour later": lambda one: one._replace(open_time_ms=one.open_time_ms + HOUR_MS),
    "an hour earlier": lambda one: one._replace(open_time_ms=one.open_time_ms - HOUR_MS),
    "a day later": lambda one: one._replace(open_time_ms=one.open_time_ms + 24 * HOUR_MS),
}


@pytest.mark.real_data
@pytest.mark.parametrize("change", OTHERS.values(), ids=OTHERS)
def test_no_hour_of_real_history_agrees_with_another_markets(
    real: list[Candle], change: Callable[[Candle], Candle]
) -> None:
    """So any window of whatever length is told, flat and cut-short candles included."""
    found = compare(real, map(change, real))
    assert found.agree == 0
    assert found.differ > 55_000


@pytest.mark.real_data
@pytest.mark.parametrize("length", [1, 2, 5, 24, 48, 1000])
def test_any_window_of_real_history_is_one_market_with_itself_and_with_single_hours_revised(
    real: list[Candle], length: int
) -> None:
    rng = random.Random(length)
    for start in [*range(0, len(real) - length, 997), *_around_flat(real, length)]:
        window = real[start : start + length]
        assert compare(window, window).one_market or not any(one.volume for one in window)
        revised = _revised(window, rng, length // 20)
        found = compare(window, revised)
        assert found.one_market or not found.hours
        assert found.clearly_one_market or length < 24 or length // 20 > 2


def _around_flat(real: Sequence[Candle], length: int) -> list[int]:
    places = {one.open_time_ms: place for place, one in enumerate(real)}
    return [max(0, places[hour] - length // 2) for hour in FLAT]


def _revised(window: Sequence[Candle], rng: random.Random, count: int) -> list[Candle]:
    chosen = set(rng.sample(range(len(window)), count))
    return [
        one._replace(close=one.low, number_of_trades=one.number_of_trades + 1) if place in chosen else one
        for place, one in enumerate(window)
    ]


@pytest.mark.real_data
def test_the_old_sources_odd_candles_of_february_2018_are_outvoted_by_other_hours(
    real: list[Candle], real_data: Path
) -> None:
    with (real_data / "btcusdt_1h_old_api_2018-02_irregular.csv").open() as lines:
        odd = compare([_row(row) for row in csv.DictReader(lines)], real)
    assert (odd.agree, odd.differ, odd.absent) == (3, 42, 1)
    assert odd.plus(compare(real[:48], real)).one_market
