"""What a series is defined by: any change of it is another definition, and stored definitions stay readable."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo, available_timezones

import pytest

from volatility.domain.calendar import SessionCalendar
from volatility.domain.hours import HOUR_MS, to_ms
from volatility.domain.series import Series
from volatility.storage.schema import aggregation_state, session_forecasts

SERIES = Series(
    "BTCUSDT",
    SessionCalendar(time(11), ZoneInfo("Europe/Moscow")),
    (5, 7, 14, 30),
    to_ms(datetime(2017, 8, 17, tzinfo=UTC)),
)


def test_the_definitions_that_databases_hold() -> None:
    """Word for word: another text would rebuild every database, and part every forecast from its successors."""
    assert SERIES.definition == ("start 11:00 Europe/Moscow, windows 5,7,14,30, history from 2017-08-17, rules 1")
    assert SERIES.forecast_definition == "start 11:00 Europe/Moscow, history from 2017-08-17"


@pytest.mark.parametrize(
    "other",
    [
        replace(SERIES, calendar=SessionCalendar(time(12), ZoneInfo("Europe/Moscow"))),
        replace(SERIES, calendar=SessionCalendar(time(11), ZoneInfo("Europe/Minsk"))),
        replace(SERIES, history_start_ms=SERIES.history_start_ms + 24 * HOUR_MS),
    ],
)
def test_what_changes_sessions_changes_both_definitions(other: Series) -> None:
    assert other.definition != SERIES.definition
    assert other.forecast_definition != SERIES.forecast_definition


@pytest.mark.parametrize("windows", [(5,), (5, 7, 14), (30, 14, 7, 5), (57, 14, 30)])
def test_windows_matter_to_statistics_alone(windows: tuple[int, ...]) -> None:
    other = replace(SERIES, windows=windows)
    assert other.definition != SERIES.definition
    assert other.forecast_definition == SERIES.forecast_definition


def test_a_symbol_is_no_part_of_its_definition() -> None:
    other = replace(SERIES, symbol="ETHUSDT")
    assert (other.definition, other.forecast_definition) == (SERIES.definition, SERIES.forecast_definition)


def test_definitions_fit_their_columns() -> None:
    many = replace(SERIES, windows=tuple(range(1, 200)))
    assert len(many.definition) == 64
    assert many.definition != replace(many, windows=tuple(range(1, 201))).definition
    longest = max(available_timezones(), key=len)
    for series in (many, replace(SERIES, calendar=SessionCalendar(time(11), ZoneInfo(longest)))):
        assert len(series.definition) <= aggregation_state.c.definition.type.length  # type: ignore[attr-defined]
        assert len(series.forecast_definition) <= session_forecasts.c.definition.type.length  # type: ignore[attr-defined]
