"""What a page of candles must keep before anything of it is used."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volatility.domain.candles import FIVE_MINUTES_MS, Candle, Page, parse_page
from volatility.domain.errors import BadPage
from volatility.domain.hours import HOUR_MS, Span

START_MS = 1_502_942_400_000  # 2017-08-17T04:00Z
FIRST_ROW = json.loads(  # the first candle of BTCUSDT, as Binance sends it
    '[1502942400000, "4261.48000000", "4313.62000000", "4261.32000000", "4308.83000000", "47.18100900",'
    ' 1502945999999, "202366.13839304", 171, "35.16050300", "150952.47794304", "0"]'
)
OPEN_TIME, OPEN, HIGH, LOW, CLOSE, VOLUME, CLOSE_TIME, QUOTE, TRADES, TAKER_BASE, TAKER_QUOTE, IGNORED = range(12)
NUMBERS = (OPEN, HIGH, LOW, CLOSE, VOLUME, QUOTE, TAKER_BASE, TAKER_QUOTE)

Row = list[Any]


def row(hour: int, **changes: Any) -> Row:
    """A good row of the hour, with other values under names such as ``LOW="1"``."""
    made = [START_MS + hour * HOUR_MS, *FIRST_ROW[1:6], START_MS + (hour + 1) * HOUR_MS - 1, *FIRST_ROW[7:]]
    for name, value in changes.items():
        made[globals()[name]] = value
    return made


def with_field(field: int, value: Any) -> Row:
    """A good row but for one field."""
    made = row(2)
    made[field] = value
    return made


def page(count: int = 5) -> list[Row]:
    return [row(hour) for hour in range(count)]


def span(hours: int = 5) -> Span:
    return Span(START_MS, START_MS + hours * HOUR_MS)


def test_a_row_keeps_what_the_exchange_sent() -> None:
    parsed = parse_page([FIRST_ROW], span())
    assert parsed.irregular == 0
    assert parsed.candles == [
        Candle(
            open_time_ms=1502942400000,
            open=4261.48,
            high=4313.62,
            low=4261.32,
            close=4308.83,
            volume=47.181009,
            close_time_ms=1502945999999,
            quote_asset_volume=202366.13839304,
            number_of_trades=171,
            taker_buy_base_asset_volume=35.160503,
            taker_buy_quote_asset_volume=150952.47794304,
        )
    ]


def test_a_number_read_back_prints_as_the_string_that_came_in() -> None:
    candle = parse_page([FIRST_ROW], span()).candles[0]
    sent = [FIRST_ROW[place] for place in NUMBERS]
    kept = [candle[place] for place in NUMBERS]
    assert [f"{number:.8f}" for number in kept] == sent


def test_an_empty_page_is_a_page() -> None:
    assert parse_page([], span()) == Page([], 0)


def test_hours_may_be_missing() -> None:
    parsed = parse_page([row(0), row(3)], span())
    assert [candle.open_time_ms for candle in parsed.candles] == [START_MS, START_MS + 3 * HOUR_MS]


@pytest.mark.parametrize(
    "valid",
    [
        row(2, OPEN="4300.0", HIGH="4300.0", LOW="4300.0", CLOSE="4300.0", VOLUME="0", QUOTE="0", TRADES=0),
        row(2, CLOSE_TIME=START_MS + 2 * HOUR_MS + 60_000),  # an outage cut it short
        row(2, CLOSE_TIME=START_MS + 2 * HOUR_MS),  # at once
        row(2, OPEN=4261.48, VOLUME=47),  # numbers instead of text
        row(2)[:11],  # without the field of no meaning
    ],
)
def test_odd_candles_of_real_history_are_valid(valid: Row) -> None:
    rows = page()
    rows[2] = valid
    assert len(parse_page(rows, span()).candles) == 5


def test_a_candle_off_the_hour_is_stored_under_its_hour_and_counted_as_irregular() -> None:
    shift = 28 * 60_000 + 14_789  # xx:28:14.789, as after the outage of February 2018
    rows = [row(0), *[row(h, OPEN_TIME=row(h)[0] + shift, CLOSE_TIME=row(h)[6] + shift) for h in (1, 2)], row(3)]
    parsed = parse_page(rows, span())
    assert parsed.irregular == 2
    assert [candle.open_time_ms for candle in parsed.candles] == [START_MS + h * HOUR_MS for h in range(4)]
    assert parsed.candles[1].close_time_ms == START_MS + 2 * HOUR_MS - 1 + shift


BROKEN: list[tuple[str, Row | Any, str]] = [
    ("before the range", row(-1), "opens outside 2017-08-17 04:00 to 2017-08-17 09:00 UTC, which was asked for"),
    ("after the range", row(5), "opens outside"),
    ("long before", row(2, OPEN_TIME=-1), "opens outside"),
    ("in microseconds", row(2, OPEN_TIME=START_MS * 1000), "opens outside"),
    ("again", row(1), "does not open after the row before it"),
    ("back in time", row(0), "does not open after the row before it"),
    ("the same hour", row(1, OPEN_TIME=START_MS + HOUR_MS + 60_000), "is the second of its hour"),
    ("low above open", row(2, LOW="4262"), "does not keep low <= open, close <= high"),
    ("low above close", row(2, OPEN="4310", LOW="4309"), "does not keep low <= open, close <= high"),
    ("high below open", row(2, OPEN="4313.63"), "does not keep low <= open, close <= high"),
    ("high below close", row(2, CLOSE="4313.63"), "does not keep low <= open, close <= high"),
    ("a price of 0", row(2, LOW="0"), "has a price that is not positive"),
    ("a negative price", row(2, LOW="-1"), "has a price that is not positive"),
    ("ends before it begins", row(2, CLOSE_TIME=START_MS + 2 * HOUR_MS - 1), "does not close within an hour"),
    ("lasts two hours", row(2, CLOSE_TIME=START_MS + 4 * HOUR_MS - 1), "does not close within an hour"),
    ("ends with the next", row(2, CLOSE_TIME=START_MS + 3 * HOUR_MS), "does not close within an hour"),
    ("no row", None, "does not have eleven fields"),
    ("an object", {"open": "1"}, "does not have eleven fields"),
    ("text", "twelve bytes", "does not have eleven fields"),
    ("ten fields", row(2)[:10], "does not have eleven fields"),
    ("a boolean time", row(2, OPEN_TIME=True), "holds something that is not a number"),
    ("a time as text", row(2, OPEN_TIME=str(START_MS + 2 * HOUR_MS)), "holds something that is not a number"),
    ("a time as a fraction", row(2, OPEN_TIME=1502949600000.0), "holds something that is not a number"),
    ("half a trade", row(2, TRADES=0.5), "holds something that is not a number"),
    ("trades beyond 64 bits", row(2, TRADES=1 << 63), "holds something that is not a number"),
    ("no close time", row(2, CLOSE_TIME=None), "holds something that is not a number"),
    *((f"field {f} is null", with_field(f, None), "not a number") for f in NUMBERS),
    *((f"field {f} is empty", with_field(f, ""), "not a number") for f in NUMBERS),
    *((f"field {f} is words", with_field(f, "abc"), "not a number") for f in NUMBERS),
    *((f"field {f} is true", with_field(f, True), "not a number") for f in NUMBERS),
    *((f"field {f} is huge", with_field(f, 10**400), "not a number") for f in NUMBERS),
    *((f"field {f} is NaN", with_field(f, "NaN"), "not finite") for f in NUMBERS),
    *((f"field {f} is infinite", with_field(f, "-Infinity"), "not finite") for f in NUMBERS),
    *((f"field {f} is a bare NaN", with_field(f, float("nan")), "not finite") for f in NUMBERS),
    *(
        (f"field {f} is negative", with_field(f, "-1"), "has a negative volume or count")
        for f in (VOLUME, QUOTE, TAKER_BASE, TAKER_QUOTE)
    ),
    ("negative trades", row(2, TRADES=-1), "has a negative volume or count"),
]


@pytest.mark.parametrize(("broken", "words"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_row_that_breaks_a_rule_is_named_with_its_number_and_the_rule(broken: Any, words: str) -> None:
    rows = page()
    rows[2] = broken
    with pytest.raises(BadPage) as caught:
        parse_page(rows, span())
    message = str(caught.value)
    assert message.startswith("row 2 of a page of candles ")
    assert words in message
    assert "\n" not in message
    assert len(message) < 400


def test_the_first_of_several_offending_rows_is_named() -> None:
    rows = page()
    rows[3][LOW] = "9999"
    rows[1][CLOSE] = "NaN"
    with pytest.raises(BadPage, match=r"^row 1 of a page of candles holds a number that is not finite: .*\+00:00\)$"):
        parse_page(rows, span())


def test_the_offending_row_is_shown_with_its_time_for_a_person() -> None:
    with pytest.raises(BadPage, match=r"'9999', .*\(2017-08-17T04:00:00\+00:00\)"):
        parse_page([row(0, LOW="9999")], span())


def test_a_long_row_is_cut() -> None:
    with pytest.raises(BadPage, match="…"):
        parse_page([row(0, OPEN="x" * 5000)], span())


@pytest.mark.parametrize(("body", "kind"), [({}, "dict"), (None, "NoneType"), ("[]", "str"), (7, "int")])
def test_what_is_no_list_is_no_page(body: object, kind: str) -> None:
    with pytest.raises(BadPage, match=f"^the exchange sent {kind} where a list of candles belongs$"):
        parse_page(body, span())


# Each breaks one row for certain, wherever it stands and whatever the values are.
BREAKERS: list[Callable[[Row, float], Row]] = [
    lambda r, x: [*r[:LOW], f"{float(r[HIGH]) + abs(x) + 0.01:.8f}", *r[LOW + 1 :]],
    lambda r, x: [*r[:HIGH], f"{float(r[LOW]) - abs(x) - 0.01:.8f}", *r[HIGH + 1 :]],
    lambda r, x: [*r[:OPEN], f"{float(r[HIGH]) + abs(x) + 0.01:.8f}", *r[OPEN + 1 :]],
    lambda r, x: [*r[:CLOSE], f"{float(r[LOW]) - abs(x) - 0.01:.8f}", *r[CLOSE + 1 :]],
    lambda r, x: [r[0] + 1000 * HOUR_MS + int(abs(x)), *r[1:]],
    lambda r, x: [r[0] - 1000 * HOUR_MS - int(abs(x)), *r[1:]],
    lambda r, x: [*r[:VOLUME], f"{-abs(x) - 0.01:.8f}", *r[VOLUME + 1 :]],
    lambda r, x: [*r[:CLOSE_TIME], r[CLOSE_TIME] + 1 + int(abs(x)), *r[CLOSE_TIME + 1 :]],
    lambda r, x: r[: 1 + int(abs(x)) % 10],
]
VALUE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=10),
    st.lists(st.integers(), max_size=2),
    st.sampled_from(["NaN", "inf", "-1", "1e400", "0x10", "1,5", "4262.00000000"]),
)


@given(st.integers(0, 9), st.sampled_from(BREAKERS), st.floats(-1e6, 1e6))
def test_one_bad_row_anywhere_spoils_the_page(place: int, spoil: Callable[[Row, float], Row], x: float) -> None:
    rows = page(10)
    rows[place] = spoil(rows[place], x)
    with pytest.raises(BadPage, match=f"^row {place} of a page of candles "):
        parse_page(rows, span(10))


@given(st.permutations(range(6)).filter(lambda order: order != list(range(6))))
def test_rows_out_of_order_spoil_the_page(order: list[int]) -> None:
    with pytest.raises(BadPage, match="does not open after the row before it"):
        parse_page([row(hour) for hour in order], span(6))


@given(st.lists(st.lists(VALUE, max_size=13) | VALUE, max_size=5))
def test_garbage_is_a_bad_page_and_never_another_error(rows: list[Any]) -> None:
    if rows:
        with pytest.raises(BadPage):
            parse_page(rows, span())


@given(st.integers(0, 4), st.integers(0, 11), VALUE)
def test_whatever_one_field_holds_a_page_that_passes_keeps_every_rule(place: int, field: int, value: Any) -> None:
    rows = page()
    rows[place][field] = value
    try:
        candles = parse_page(rows, span()).candles
    except BadPage:
        return
    assert [candle.open_time_ms for candle in candles] == [START_MS + hour * HOUR_MS for hour in range(5)]
    changed = candles[place]
    assert 0 < changed.low <= min(changed.open, changed.close) <= max(changed.open, changed.close) <= changed.high
    assert changed.high < float("inf")
    assert all(0 <= number < float("inf") for number in changed[5:])


@pytest.mark.real_data
def test_the_irregular_file_of_2018_is_stored_by_hours(real_data: Path) -> None:
    with (real_data / "btcusdt_1h_old_api_2018-02_irregular.csv").open() as file:
        rows: list[Row] = [
            [int(f) if place in {OPEN_TIME, CLOSE_TIME, TRADES} else f for place, f in enumerate(fields)]
            for fields in list(csv.reader(file))[1:]
        ]
    first, last = rows[0][0], rows[-1][0]
    parsed = parse_page(rows, Span(first, last + HOUR_MS))
    assert len(parsed.candles) == 46
    assert parsed.irregular == 43
    assert all(candle.open_time_ms % HOUR_MS == 0 for candle in parsed.candles)
    offs = [r[OPEN_TIME] - candle.open_time_ms for r, candle in zip(rows, parsed.candles, strict=True)]
    assert sorted(set(offs)) == sorted({0, *(off for off in offs if off)})
    assert all(0 <= off < HOUR_MS for off in offs)
    assert sum(off > 0 for off in offs) == 43


def five(place: int, **changes: Any) -> Row:
    """A good row of five minutes."""
    at = START_MS + place * FIVE_MINUTES_MS
    return row(0, **({"OPEN_TIME": at, "CLOSE_TIME": at + FIVE_MINUTES_MS - 1} | changes))


def test_candles_of_five_minutes_are_kept_under_their_own_start() -> None:
    parsed = parse_page([five(place) for place in range(24)], span(2), FIVE_MINUTES_MS)
    assert [one.open_time_ms for one in parsed.candles] == list(
        range(START_MS, START_MS + 2 * HOUR_MS, FIVE_MINUTES_MS)
    )
    assert parsed.irregular == 0


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (five(2, OPEN_TIME=START_MS + 2 * FIVE_MINUTES_MS + 60_000), "does not open on a multiple of 5 minutes"),
        (five(2, OPEN_TIME=START_MS + 2 * FIVE_MINUTES_MS + 1), "does not open on a multiple of 5 minutes"),
        (five(2, CLOSE_TIME=START_MS + 3 * FIVE_MINUTES_MS), "does not close within 5 minutes of its open"),
        (five(1), "does not open after the row before it"),
        (five(0), "does not open after the row before it"),
        (five(24), "opens outside"),
        (five(-1), "opens outside"),
        (five(2, HIGH="4000"), "low <= open, close <= high"),
        (five(2, CLOSE="NaN"), "not finite"),
        (five(2, VOLUME="-1"), "negative"),
    ],
)
def test_a_page_of_five_minutes_keeps_the_rules_of_its_own_length(broken: Row, rule: str) -> None:
    with pytest.raises(BadPage, match=re.escape(rule)):
        parse_page([five(0), five(1), broken], span(2), FIVE_MINUTES_MS)
