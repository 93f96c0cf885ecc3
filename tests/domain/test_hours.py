"""Instants and spans of hours."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volatility.domain.hours import (
    DAY_MS,
    HOUR_MS,
    Span,
    ceil_hour,
    floor_hour,
    iso,
    merge,
    pages,
    runs,
    to_datetime,
    to_ms,
)

FIRST_CANDLE_MS = 1_502_942_400_000  # 2017-08-17T04:00Z, by `date -d @1502942400`
HOURS = st.integers(0, 60)
SPANS = st.lists(st.builds(lambda a, b: Span(a * HOUR_MS, b * HOUR_MS), HOURS, HOURS), max_size=8)


def hours_of(*spans: Span) -> set[int]:
    """The single hours of spans, by counting."""
    return {hour for span in spans for hour in range(60) if span.start_ms <= hour * HOUR_MS < span.end_ms}


def test_an_instant_counts_milliseconds_in_utc() -> None:
    moscow = timezone(timedelta(hours=3))
    assert to_ms(datetime(2017, 8, 17, 7, tzinfo=moscow)) == FIRST_CANDLE_MS
    assert to_datetime(FIRST_CANDLE_MS) == datetime(2017, 8, 17, 4, tzinfo=UTC)
    assert to_datetime(FIRST_CANDLE_MS).tzinfo is UTC
    assert DAY_MS == 86_400_000


def test_a_naive_datetime_is_a_defect() -> None:
    with pytest.raises(TypeError):
        to_ms(datetime(2017, 8, 17, 4))  # noqa: DTZ001 - that is the defect


@given(st.integers(0, 4_102_444_800_000))
def test_an_instant_survives_the_way_to_a_datetime_and_back(instant_ms: int) -> None:
    assert to_ms(to_datetime(instant_ms)) == instant_ms
    assert datetime.fromisoformat(iso(instant_ms)) == to_datetime(instant_ms)


@pytest.mark.parametrize(
    ("instant_ms", "text"),
    [
        (FIRST_CANDLE_MS, "2017-08-17T04:00:00+00:00"),
        (FIRST_CANDLE_MS - 1, "2017-08-17T03:59:59.999+00:00"),
        (FIRST_CANDLE_MS + 1000, "2017-08-17T04:00:01+00:00"),
    ],
)
def test_an_instant_prints_its_milliseconds_only_where_it_has_some(instant_ms: int, text: str) -> None:
    assert iso(instant_ms) == text


@pytest.mark.parametrize(
    ("instant_ms", "floor", "ceil"),
    [(0, 0, 0), (1, 0, HOUR_MS), (HOUR_MS - 1, 0, HOUR_MS), (HOUR_MS, HOUR_MS, HOUR_MS), (-1, -HOUR_MS, 0)],
)
def test_an_hour_begins_at_or_before_and_the_next_at_or_after(instant_ms: int, floor: int, ceil: int) -> None:
    assert (floor_hour(instant_ms), ceil_hour(instant_ms)) == (floor, ceil)


@pytest.mark.parametrize(("start", "end", "hours"), [(0, 3, 3), (3, 3, 0), (5, 3, 0)])
def test_a_span_that_ends_before_it_begins_holds_nothing(start: int, end: int, hours: int) -> None:
    assert Span(start * HOUR_MS, end * HOUR_MS).hours == hours


def test_a_span_prints_both_ends() -> None:
    span = Span(FIRST_CANDLE_MS, FIRST_CANDLE_MS + DAY_MS)
    assert str(span) == "2017-08-17 04:00 to 2017-08-18 04:00 UTC"


@given(SPANS)
def test_merged_spans_hold_the_same_hours_and_do_not_touch(spans: list[Span]) -> None:
    merged = merge(spans)
    assert hours_of(*merged) == hours_of(*spans)
    assert all(span.hours for span in merged)
    assert all(left.end_ms < right.start_ms for left, right in itertools.pairwise(merged))


@given(st.lists(HOURS, max_size=20))
def test_runs_join_hours_that_follow_each_other(hours: list[int]) -> None:
    joined = runs(hour * HOUR_MS for hour in hours)
    assert hours_of(*joined) == set(hours) - {60}
    ends = {hour for hour in set(hours) if hour + 1 not in hours}
    assert len(joined) == len(ends)


@given(SPANS, st.integers(1, 7))
def test_pages_cut_spans_without_loss_and_in_order(spans: list[Span], size: int) -> None:
    merged = merge(spans)
    cut = list(pages(merged, size))
    assert hours_of(*cut) == hours_of(*merged)
    assert cut == sorted(cut)
    assert sum(page.hours for page in cut) == sum(span.hours for span in merged)
    assert all(0 < page.hours <= size for page in cut)
    # No more pages than needed: each span is cut from its start.
    assert len(cut) == sum(-(-span.hours // size) for span in merged)
