"""History by columns, beside what the answers by session say of the same sessions."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.queries.by_hand import SERIES, STORED, label
from volatility.domain.errors import DataIncomplete
from volatility.domain.metrics import METRICS, RANGE, Metric
from volatility.presentation.tables import TABLES
from volatility.queries.closed_sessions import statistics_report
from volatility.queries.session_columns import columns_report
from volatility.storage.database import Database

EXIST = [0, 1, 2, 3, 4, 5, 7, 8]
STATISTICS = ["mean_pct", "median_pct", "p10_pct", "p25_pct", "p75_pct", "p90_pct"]
COLUMNS = [
    *("date", "open", "high", "low", "close", "volatility_pct", "range_pct", "candles", "complete"),
    *("n", *STATISTICS),
]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("window", SERIES.windows)
def test_every_column_holds_what_the_sessions_say_oldest_first(small: Database, metric: Metric, window: int) -> None:
    report = columns_report(small, SERIES, metric, window)
    sessions = statistics_report(small, SERIES, 100)["sessions"][::-1]
    assert [report[name] for name in ("metric", "window", "count")] == [metric.name, window, 8]
    columns = report["columns"]
    assert list(columns) == COLUMNS
    for name in COLUMNS[:9]:
        assert columns[name] == [session[name] for session in sessions], name
    for name in COLUMNS[9:]:
        assert columns[name] == [one["statistics"][metric.name][str(window)][name] for one in sessions], name
    assert columns["date"] == [label(number).isoformat() for number in EXIST]


def test_the_numbers_are_those_of_the_bars(small: Database) -> None:
    """By hand: opens, closes and the mean Range of five calendar sessions, of which one does not exist."""
    columns = columns_report(small, SERIES, RANGE, 5)["columns"]
    bars = {number: [bar for bar in STORED[number] if bar] for number in EXIST}
    assert columns["open"] == [bars[number][0][0] for number in EXIST]
    assert columns["close"] == [bars[number][-1][3] for number in EXIST]
    assert columns["complete"] == [len(bars[number]) == 24 for number in EXIST]
    ranges = {
        number: 100 * (max(bar[1] for bar in own) - min(bar[2] for bar in own)) / own[0][0]
        for number, own in bars.items()
    }
    assert columns["range_pct"] == pytest.approx([ranges[number] for number in EXIST], abs=1e-9)
    assert columns["n"] == [1, 2, 3, 4, 5, 5, 4, 4]
    assert columns["mean_pct"][:4] == [None] * 4  # history does not reach back five sessions
    expected = [
        sum(ranges[one] for one in inside) / len(inside)
        for inside in ((0, 1, 2, 3, 4), (1, 2, 3, 4, 5), (3, 4, 5, 7), (4, 5, 7, 8))
    ]
    assert columns["mean_pct"][4:] == pytest.approx(expected, abs=1e-9)


def test_a_window_that_lacks_more_than_a_fifth_is_null_and_says_how_many_went_in(small: Database) -> None:
    columns = columns_report(small, SERIES, RANGE, 2)["columns"]
    place = EXIST.index(7)  # the session before it does not exist
    assert columns["n"][place] == 1
    assert [columns[name][place] for name in STATISTICS] == [None] * 6


def test_the_rows_of_csv_are_the_sessions(small: Database) -> None:
    report, table = columns_report(small, SERIES, RANGE, 5), TABLES["history"]
    assert table.columns == ("symbol", "metric", "window", *COLUMNS, "simulated")
    rows = list(table.rows(report))
    assert [row[:3] for row in rows] == [["BTCUSDT", "range", 5]] * 8
    assert [list(column) for column in zip(*rows, strict=True)][3:-1] == list(report["columns"].values())


def test_a_history_of_which_no_session_exists_has_empty_columns(small: Database) -> None:
    with small.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM daily_sessions"))
    report = columns_report(small, SERIES, RANGE, 5)
    assert (report["count"], report["columns"]) == (0, {name: [] for name in COLUMNS})
    assert list(TABLES["history"].rows(report)) == []


def test_sessions_by_another_definition_are_refused(small: Database) -> None:
    with pytest.raises(DataIncomplete, match="run btc-volatility aggregate"):
        columns_report(small, replace(SERIES, windows=(2, 5, 9)), RANGE, 5)
