"""Which candles a request gets, against plain loops over a small view with holes and an open candle."""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

import pytest

from exchange_simulator.instants import HOUR_MS
from exchange_simulator.klines import KlinesQuery
from exchange_simulator.market import View, render
from exchange_simulator.pages import page

DAY_MS = 24 * HOUR_MS
HOURS = [hour for hour in range(2, 80) if hour not in {5, 6, 30} and not 48 <= hour < 72]  # the third day is empty


def row(hour: int) -> list[Any]:
    low = 100 + (hour * 7) % 13
    prices = [f"{low + part:.8f}" for part in (1, 3, 0, 2)]
    at = hour * HOUR_MS
    return [
        at,
        *prices,
        f"{hour}.10000000",
        at + HOUR_MS - 1,
        f"{hour}.20000000",
        hour,
        "0.30000000",
        "0.40000000",
        "0",
    ]


VIEW = View([hour * HOUR_MS for hour in HOURS], [render(row(hour)) for hour in HOURS], len(HOURS))


def asked(
    interval_ms: int, start_ms: int | None, end_ms: int | None, limit: int = 1000, zone_ms: int = 0
) -> list[list[Any]]:
    query = KlinesQuery("BTCUSDT", interval_ms, start_ms, end_ms, zone_ms, limit)
    return [json.loads(one) for one in page(VIEW, query)]


def limited(rows: list[list[Any]], start_ms: int | None, limit: int) -> list[list[Any]]:
    """The first ones from a start on, else the newest ones."""
    return rows[:limit] if start_ms is not None else rows[-limit:]


def test_any_start_end_and_limit_give_what_a_plain_loop_gives() -> None:
    rng = random.Random(4)
    for _ in range(400):
        start, end = (rng.choice([None, rng.randrange(-2 * HOUR_MS, 90 * HOUR_MS)]) for _ in range(2))
        limit = rng.choice([1, 2, 7, 1000])
        every = [hour * HOUR_MS for hour in HOURS]
        inside = [at for at in every if (start is None or at >= start) and (end is None or at <= end)]
        expected = limited([row(at // HOUR_MS) for at in inside], start, limit)
        assert asked(HOUR_MS, start, end, limit) == expected, (start, end, limit)


@pytest.mark.parametrize("zone_hours", [0, 3, -5])
@pytest.mark.parametrize("length", [4 * HOUR_MS, DAY_MS])
def test_longer_candles_are_sums_of_the_hours_that_open_in_them(length: int, zone_hours: int) -> None:
    zone_ms, rng = zone_hours * HOUR_MS, random.Random(5)
    whole = []
    for opened, part in itertools.groupby(HOURS, lambda hour: (hour * HOUR_MS + zone_ms) // length * length - zone_ms):
        hours = list(part)
        rows = [row(hour) for hour in hours]
        total = sum(hours)
        whole.append([
            opened,
            rows[0][1],
            max((str(one[2]) for one in rows), key=float),
            min((str(one[3]) for one in rows), key=float),
            rows[-1][4],
            f"{total + 0.1 * len(hours):.8f}",
            opened + length - 1,
            f"{total + 0.2 * len(hours):.8f}",
            total,
            f"{0.3 * len(hours):.8f}",
            f"{0.4 * len(hours):.8f}",
            "0",
        ])  # fmt: skip
    assert asked(length, None, None, zone_ms=zone_ms) == whole
    for _ in range(100):
        start, end = (rng.choice([None, rng.randrange(-2 * HOUR_MS, 90 * HOUR_MS)]) for _ in range(2))
        limit = rng.choice([1, 2, 3])
        inside = [one for one in whole if (start is None or one[0] >= start) and (end is None or one[0] <= end)]
        assert asked(length, start, end, limit, zone_ms) == limited(inside, start, limit), (start, end, limit)


def test_the_open_candle_is_shown_as_far_as_it_has_come_alone_and_within_its_day() -> None:
    so_far = render([79 * HOUR_MS, "1", "500.00000000", "1", "7.00000000", "1", 0, "1", 1, "1", "1", "0"])
    view = View(VIEW.times, VIEW.rows, VIEW.count, so_far)
    newest = page(view, KlinesQuery("BTCUSDT", HOUR_MS, None, None, 0, 2))
    assert newest == [render(row(78)), so_far]
    (day,) = page(view, KlinesQuery("BTCUSDT", DAY_MS, None, None, 0, 1))
    assert json.loads(day)[2] == "500.00000000"
    assert json.loads(day)[4] == "7.00000000"
    assert so_far not in page(view, KlinesQuery("BTCUSDT", HOUR_MS, None, 78 * HOUR_MS, 0, 5))
