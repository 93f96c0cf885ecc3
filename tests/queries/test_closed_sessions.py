"""Closed sessions as they are stored, against plain loops over the candles that they came from."""

from __future__ import annotations

import statistics
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tests.jobs.support import patient
from tests.queries.by_hand import FIRST, SERIES, STORED, label, start_ms
from volatility.domain.calendar import SessionCalendar
from volatility.domain.errors import DataIncomplete
from volatility.domain.hours import HOUR_MS
from volatility.queries.closed_sessions import (
    Coverage,
    closed_extent,
    coverage,
    newest_candle_end_ms,
    revision,
    sessions_report,
    statistics_report,
)
from volatility.storage.database import Database
from volatility.storage.migrate import migrate

EXIST = [0, 1, 2, 3, 4, 5, 7, 8]
OTHER = replace(SERIES, windows=(3,))


def by_hand(number: int) -> tuple[float, float]:
    """Vol and Range of a session, to the cent as its prices are."""
    bars = [bar for bar in STORED[number] if bar]
    high, low = max(bar[1] for bar in bars), min(bar[2] for bar in bars)
    return round(abs(bars[-1][3] - bars[0][0]), 2), round(high - low, 2)


def numbers(report: dict[str, Any]) -> list[int]:
    """The sessions of a report by number."""
    return [(date.fromisoformat(session["date"]) - FIRST).days for session in report["sessions"]]


def test_sessions_are_those_that_have_candles_oldest_first(small: Database) -> None:
    report = sessions_report(small, SERIES, None, None)
    assert numbers(report) == EXIST
    assert report["count"] == 8
    for number, shown in zip(EXIST, report["sessions"], strict=True):
        bars = [bar for bar in STORED[number] if bar]
        assert (shown["open"], shown["close"]) == (bars[0][0], bars[-1][3])
        assert (shown["volatility"], shown["range"]) == by_hand(number)
        assert (shown["candles"], shown["complete"]) == (len(bars), len(bars) == 24)
        assert "statistics" not in shown


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (2, None, EXIST[2:]),
        (None, 2, EXIST[:2]),
        (2, 4, [2, 3]),
        (6, 8, [7]),
        (4, 4, []),
        (5, 3, []),
        (-40, 400, EXIST),
    ],
)
def test_a_range_holds_its_start_and_not_its_end(
    small: Database, since: int | None, until: int | None, expected: list[int]
) -> None:
    bounds = (None if number is None else label(number) for number in (since, until))
    assert numbers(sessions_report(small, SERIES, *bounds)) == expected


def test_any_date_is_a_bound(small: Database) -> None:
    assert numbers(sessions_report(small, SERIES, date.min, date.max)) == EXIST
    assert numbers(sessions_report(small, SERIES, date.max, None)) == []
    assert numbers(sessions_report(small, SERIES, None, date.min)) == []


def test_any_date_is_a_bound_where_sessions_begin_a_day_before_it_in_utc(small: Database) -> None:
    tokyo = replace(SERIES, calendar=SessionCalendar(time(0), ZoneInfo("Asia/Tokyo")))
    with small.engine.begin() as connection:
        connection.execute(sa.text("UPDATE aggregation_state SET definition = :of"), {"of": tokyo.definition})
    assert numbers(sessions_report(small, tokyo, date.min, date.max)) == EXIST


def test_statistics_are_of_the_newest_sessions_newest_first(small: Database) -> None:
    report = statistics_report(small, SERIES, 3)
    assert numbers(report) == [8, 7, 5]
    assert report["count"] == 3
    assert numbers(statistics_report(small, SERIES, 100)) == EXIST[::-1]


def test_windows_count_calendar_sessions_and_say_how_many_exist(small: Database) -> None:
    newest, after_the_hole, before_it = statistics_report(small, SERIES, 3)["sessions"]
    for shown, inside in ((newest, (4, 5, 7, 8)), (after_the_hole, (3, 4, 5, 7)), (before_it, (1, 2, 3, 4, 5))):
        for place, metric in enumerate(("volatility", "range")):
            values = [by_hand(number)[place] for number in inside]
            found = shown["statistics"][metric]["5"]
            assert found["n"] == len(inside)
            assert found["mean"] == pytest.approx(statistics.fmean(values), abs=1e-9)
            assert found["median"] == pytest.approx(statistics.median(values), abs=1e-9)
            assert found["p25"] == pytest.approx(statistics.quantiles(values, n=4, method="inclusive")[0], abs=1e-9)
            opens = [next(bar for bar in STORED[number] if bar)[0] for number in inside]
            percents = [100 * value / opened for value, opened in zip(values, opens, strict=True)]
            assert found["mean_pct"] == pytest.approx(statistics.fmean(percents), abs=1e-9)
            assert found["median_pct"] == pytest.approx(statistics.median(percents), abs=1e-9)
            assert found["p25_pct"] == pytest.approx(
                statistics.quantiles(percents, n=4, method="inclusive")[0], abs=1e-9
            )
    names = ("mean", "median", "p10", "p25", "p75", "p90")
    nothing = dict.fromkeys((*names, *(f"{name}_pct" for name in names)))
    assert after_the_hole["statistics"]["range"]["2"] == {"n": 1} | nothing  # half of its sessions
    assert newest["statistics"]["range"]["2"]["n"] == 2


def test_the_extent_is_what_aggregation_has_closed(small: Database) -> None:
    assert small.read(lambda connection: closed_extent(connection, SERIES)) == (FIRST, label(8), 1, False)
    assert revision(small, SERIES) == 1


def test_sessions_by_another_definition_are_refused_with_the_remedy(small: Database) -> None:
    for ask in (
        lambda: revision(small, OTHER),
        lambda: statistics_report(small, OTHER, 3),
        lambda: sessions_report(small, OTHER, None, None),
    ):
        with pytest.raises(DataIncomplete, match=r"were computed for .*windows 2,5,.*windows 3,.*aggregate$"):
            ask()


def test_coverage_says_how_far_candles_and_sessions_reach(small: Database) -> None:
    found = coverage(small, SERIES)
    assert found == Coverage(
        symbol="BTCUSDT",
        simulated=False,
        first_candle_ms=start_ms(0),
        newest_candle_ms=start_ms(9) - HOUR_MS,
        first_session=FIRST,
        newest_session=label(8),
        newest_session_close_ms=start_ms(9),
        gap_hours=25,
    )
    assert newest_candle_end_ms(found) == start_ms(9)


def test_sessions_by_another_definition_are_no_coverage_but_candles_are(small: Database) -> None:
    found = coverage(small, OTHER)
    assert (found.first_session, found.newest_session, found.newest_session_close_ms) == (None, None, None)
    assert (found.newest_candle_ms, found.gap_hours) == (start_ms(9) - HOUR_MS, 25)


def test_where_nothing_is_stored_there_is_no_coverage_and_no_session(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}", patient())
    migrate(database)
    found = coverage(database, SERIES)
    assert found == Coverage("BTCUSDT", False, None, None, None, None, None, 0)
    assert newest_candle_end_ms(found) is None
    with pytest.raises(DataIncomplete, match="no closed session of BTCUSDT is stored yet"):
        sessions_report(database, SERIES, None, None)
    database.close()
