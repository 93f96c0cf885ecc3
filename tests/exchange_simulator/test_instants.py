"""Instants as people write them and as the exchange counts them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from exchange_simulator.instants import to_iso, to_ms

AT = 1_502_942_400_000


@pytest.mark.parametrize(
    "instant",
    [
        AT,
        "2017-08-17T04:00:00Z",
        "2017-08-17T07:00+03:00",
        "2017-08-16T23:00:00.000-05:00",
        datetime(2017, 8, 17, 4, tzinfo=UTC),
        datetime(2017, 8, 17, 9, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    ],
)
def test_every_way_to_write_an_instant_is_the_same_number(instant: int | str | datetime) -> None:
    assert to_ms(instant) == AT


@pytest.mark.parametrize(
    "instant", ["2017-08-17T04:00", "2017-08-17", "soon", "", True, None, 1.5, datetime.fromisoformat("2017-08-17")]
)
def test_what_names_no_instant_is_refused(instant: Any) -> None:
    with pytest.raises(ValueError, match=r"not an instant|Invalid isoformat"):
        to_ms(instant)


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (AT, "2017-08-17T04:00:00.000Z"),
        (AT + 1, "2017-08-17T04:00:00.001Z"),
        (0, "1970-01-01T00:00:00.000Z"),
        (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
    ],
)
def test_an_instant_is_told_in_utc_to_the_millisecond(ms: int, text: str) -> None:
    assert to_iso(ms) == text
    assert to_ms(text) == ms
