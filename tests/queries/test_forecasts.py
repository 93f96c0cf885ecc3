"""Stored forecasts beside the outcomes of their sessions, from rows that are made by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from tests.queries.by_hand import FIRST, SERIES, STORED, label, start_ms
from volatility.domain.errors import DataIncomplete
from volatility.domain.hours import Span
from volatility.domain.metrics import FORECAST_METRICS, FORECAST_VALUES, forecast_column
from volatility.queries.forecasts import forecast_extent, forecast_report, revision
from volatility.storage import forecast_rows
from volatility.storage.database import Database
from volatility.storage.forecast_rows import ForecastState, owner_of

OWNER = owner_of(SERIES)
COLUMNS = [forecast_column(metric, name) for metric in FORECAST_METRICS for name in FORECAST_VALUES]


def forecast(number: int, *, live: bool = False, variance: float = 4e-4) -> forecast_rows.Row:
    """A forecast of the session of a number, each value another one, counted from 0.5."""
    return {
        **OWNER._asdict(),
        "open_time": start_ms(number),
        "close_time": start_ms(number + 1),
        "date": label(number),
        "made_at": start_ms(number) + 61_234,
        "live": live,
        "n": 180 + number,
        "variance": variance,
        **{name: place + 0.5 for place, name in enumerate(COLUMNS)},
    }


def keep(database: Database, *rows: forecast_rows.Row, state: ForecastState | None = None) -> None:
    def work(connection: sa.Connection) -> None:
        forecast_rows.add_forecasts(connection, rows)
        if state:
            forecast_rows.write_state(connection, state)

    database.write(work)


def realised(database: Database, number: int, variance: float) -> None:
    """What a session's realised variance was."""
    baselines = dict.fromkeys(("previous", "mean_30", "ewma", "har", "har_saturday"))
    row = {"symbol": "BTCUSDT", "open_time": start_ms(number), "realised": variance} | baselines
    within = Span(start_ms(number), start_ms(number + 1))
    database.write(lambda connection: forecast_rows.reconcile_variances(connection, "BTCUSDT", within, [row]))


def outcome(number: int) -> dict[str, Any]:
    """Vol and Range of a stored session, percent of its open."""
    bars = [bar for bar in STORED[number] if bar]
    first, high, low = bars[0][0], max(bar[1] for bar in bars), min(bar[2] for bar in bars)
    return {
        "volatility_pct": pytest.approx(100 * abs(bars[-1][3] - first) / first, rel=1e-12),
        "range_pct": pytest.approx(100 * (high - low) / first, rel=1e-12),
    }


def test_the_next_one_is_that_of_the_session_after_the_last_closed_one(small: Database) -> None:
    keep(small, forecast(8), forecast(9, live=True, variance=1e-4))
    report = forecast_report(small, SERIES, 5)
    found = report["next"]
    assert (found["date"], found["live"], found["n"]) == ("2024-01-10", True, 189)
    assert found["open_time"] == "2024-01-10T11:00:00+03:00"
    assert found["close_time"] == "2024-01-11T11:00:00+03:00"
    assert found["made_at"] == "2024-01-10T11:01:01.234+03:00"
    assert found["annualised_volatility_pct"] == pytest.approx(100 * math.sqrt(365 * 1e-4))
    assert found["outcome"] == {"realised_volatility_pct": None, "volatility_pct": None, "range_pct": None}
    assert [one["date"] for one in report["forecasts"]] == ["2024-01-09"]


def test_each_value_comes_from_its_own_column(small: Database) -> None:
    keep(small, forecast(9))
    found = forecast_report(small, SERIES, 1)["next"]
    shown = [found[metric.percent_name][name] for metric in FORECAST_METRICS for name in FORECAST_VALUES]
    assert shown == [place + 0.5 for place in range(len(COLUMNS))]
    assert list(found["range_pct"])[:2] == ["mean", "p5"]


def test_past_ones_are_newest_first_beside_what_their_sessions_became(small: Database) -> None:
    keep(small, *(forecast(number) for number in (3, 4, 5, 6, 7)))
    realised(small, 5, 2.5e-3)
    report = forecast_report(small, SERIES, 4)
    assert report["count"] == 4
    assert [one["date"] for one in report["forecasts"]] == [label(number).isoformat() for number in (7, 6, 5, 4)]
    after, none, scored, before = (one["outcome"] for one in report["forecasts"])
    assert scored == {"realised_volatility_pct": 5.0} | outcome(5)
    assert after == {"realised_volatility_pct": None} | outcome(7)
    assert before == {"realised_volatility_pct": None} | outcome(4)
    assert set(none.values()) == {None}  # the exchange had no candle of that session


def test_where_the_next_one_is_not_made_yet_its_session_is_named_and_how_far_it_could_rest_on_the_past(
    small: Database,
) -> None:
    keep(small, forecast(8), state=ForecastState(OWNER, label(8), 97, 0, 4))
    report = forecast_report(small, SERIES, 1)
    found = report["next"]
    assert (found["date"], found["open_time"]) == ("2024-01-10", "2024-01-10T11:00:00+03:00")
    assert (found["n"], found["made_at"], found["live"], found["method"]) == (97, None, None, None)
    assert (found["range_pct"], found["annualised_volatility_pct"]) == (None, None)
    assert report["count"] == 1


def test_as_many_are_shown_as_are_asked_for_whether_or_not_the_next_is_made(small: Database) -> None:
    keep(small, *(forecast(number) for number in range(5)))
    assert [one["date"] for one in forecast_report(small, SERIES, 2)["forecasts"]] == ["2024-01-05", "2024-01-04"]
    keep(small, forecast(9))
    assert [one["date"] for one in forecast_report(small, SERIES, 2)["forecasts"]] == ["2024-01-05", "2024-01-04"]


def test_forecasts_of_another_definition_are_not_shown(small: Database) -> None:
    other = forecast(9) | {"definition": "start 09:00 Asia/Tokyo, history from 2017-08-17"}
    keep(small, other, state=ForecastState(OWNER._replace(definition=other["definition"]), label(9), 97, 0, 4))
    report = forecast_report(small, SERIES, 5)
    assert (report["count"], report["next"]["made_at"], report["next"]["n"]) == (0, None, 0)


def test_windows_define_no_forecast(small: Database) -> None:
    """Other windows are other statistics, and the same forecasts; but the sessions are to be aggregated anew first."""
    keep(small, forecast(9))
    with pytest.raises(DataIncomplete, match="windows"):
        forecast_report(small, replace(SERIES, windows=(3,)), 1)


def test_the_revision_names_sessions_and_forecasts(small: Database) -> None:
    assert revision(small, SERIES) == (1, 0)
    keep(small, state=ForecastState(OWNER, FIRST, 0, 0, 6))
    assert revision(small, SERIES) == (1, 6)
    keep(small, state=ForecastState(OWNER._replace(method=99), FIRST, 0, 0, 8))
    assert revision(small, SERIES) == (1, 8)  # another's: to be seen, and not to be shown
    found = small.read(lambda connection: forecast_extent(connection, SERIES))
    assert (found.state, found.closed.last) == (None, label(8))
