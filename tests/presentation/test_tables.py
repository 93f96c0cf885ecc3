"""The answers as flat rows: every cell is what the JSON holds under the name of its column."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from volatility.domain.calendar import SessionCalendar
from volatility.domain.metrics import QUANTILES, SCORE_TABLES
from volatility.domain.sessions import Session
from volatility.domain.windows import WindowStatistics
from volatility.presentation.catalogue.forecasts import SCORES
from volatility.presentation.sessions import heading, session_fields, statistics_fields
from volatility.presentation.tables import TABLES, score_table, sessions_table

MOSCOW = SessionCalendar(time(11), ZoneInfo("Europe/Moscow"))
DAY = date(2024, 5, 6)
NAMES = ("mean", "median", "p10", "p25", "p75", "p90")
OWN_FIELDS = 15


def known(n: int, first: float) -> WindowStatistics:
    return WindowStatistics(n, {name: first + place for place, name in enumerate(NAMES)})


def report(windows: tuple[int, ...], days: int) -> dict[str, Any]:
    """Sessions that all differ, as JSON shows them."""
    sessions = []
    for day in range(days):
        bounds = MOSCOW.bounds(DAY + timedelta(days=day))
        session = Session(bounds, 90.0 + day, 101.0 + day, 80.0 - day, 95.5, 12.5 * day, trades=77, candles=24 - day)
        computed = {name: {w: known(w, day + w) for w in windows} for name in ("volatility", "range")}
        percents = {name: {w: known(w, day + w + 0.5) for w in windows} for name in ("volatility", "range")}
        statistics = {"statistics": statistics_fields(computed, percents, 100.0)} if windows else {}
        sessions.append(session_fields(bounds, session, MOSCOW) | statistics)
    return {**heading("BTCUSDT", MOSCOW, simulated=False), "sessions": sessions}


def at(session: Mapping[str, Any], name: str) -> Any:
    """What a flat name stands for in JSON, found by taking the name apart."""
    if name in session:
        return session[name]
    metric, *statistic, window = name.split("_")
    return session["statistics"][metric][window]["_".join(statistic)]


@pytest.mark.parametrize("windows", [(), (5,), (30, 7)])
def test_a_row_of_sessions_holds_what_the_json_holds_under_the_names_of_the_columns(windows: tuple[int, ...]) -> None:
    shown, table = report(windows, 4), sessions_table(windows)
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows(shown)]
    assert len(set(table.columns)) == len(table.columns) == 2 + OWN_FIELDS + 26 * len(windows)
    for row, session in zip(rows, shown["sessions"], strict=True):
        assert (row.pop("symbol"), row.pop("simulated")) == ("BTCUSDT", False)
        assert row == {name: at(session, name) for name in row}


def test_columns_of_statistics_go_by_metric_then_window_then_name_and_those_in_percent_are_the_last() -> None:
    columns = sessions_table((5, 7)).columns[1 + OWN_FIELDS :]
    windows = [(metric, window) for metric in ("volatility", "range") for window in (5, 7)]
    assert columns == (
        *(f"{metric}_{name}_{window}" for metric, window in windows for name in ("n", *NAMES)),
        "simulated",
        *(f"{metric}_{name}_pct_{window}" for metric, window in windows for name in NAMES),
    )


def test_no_sessions_no_rows() -> None:
    assert list(sessions_table((5,)).rows(report((5,), 0))) == []


@pytest.mark.parametrize("name", SCORE_TABLES)
def test_a_row_of_the_scorecard_is_a_row_of_its_answer(name: str) -> None:
    rows = [{field: (place, field) for field in SCORES[name].by_name} for place in range(2)]
    table = score_table(name)
    answer = {"symbol": "BTCUSDT", "simulated": True, name: rows}
    assert [dict(zip(table.columns, row, strict=True)) for row in table.rows(answer)] == [
        {"symbol": "BTCUSDT", **row, "simulated": True} for row in rows
    ]


def test_the_odds_are_a_row_for_each_quantile_and_a_metric_that_has_none_is_left_out() -> None:
    levels = [f"p{percent}" for percent in (1, 2, *QUANTILES, 98, 99)]
    quantiles = {name: 100 + place for place, name in enumerate(levels)}
    of_range = {"quantiles": quantiles, "quantiles_pct": {name: value + 100 for name, value in quantiles.items()}}
    answer = {"symbol": "BTCUSDT", "date": "2024-05-06", "as_of": "now", "stale": False, "simulated": True}
    table = TABLES["odds"]
    found = table.rows(answer | {"distribution": {"volatility": None, "range": of_range}})
    rows = [dict(zip(table.columns, row, strict=True)) for row in found]
    assert [row["quantile"] for row in rows] == levels
    assert {(row["measure"], row["as_of"], row["simulated"]) for row in rows} == {("range", "now", True)}
    assert [(row["value"], row["value_pct"]) for row in rows] == [(value, value + 100) for value in quantiles.values()]


@pytest.mark.parametrize(("made_at", "dates"), [("a while ago", ["2024-05-07", "2024-05-06"]), (None, ["2024-05-06"])])
def test_a_forecast_that_is_not_made_is_no_row(made_at: str | None, dates: list[str]) -> None:
    table = TABLES["forecast"]
    empty: dict[str, Any] = dict.fromkeys(table.group.by_name)
    following = empty | {"date": "2024-05-07", "made_at": made_at}
    earlier = empty | {"date": "2024-05-06", "made_at": "earlier"}
    rows = table.rows({"symbol": "BTCUSDT", "simulated": False, "next": following, "forecasts": [earlier]})
    assert [row[table.columns.index("date")] for row in rows] == dates
