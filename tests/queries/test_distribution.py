"""The answer about the distribution of past sessions, against plain counts over the bars that made them."""

from __future__ import annotations

import statistics
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import sqlalchemy as sa

from tests.queries.by_hand import SERIES, STORED, label
from volatility.domain.errors import DataIncomplete
from volatility.domain.metrics import METRICS, RANGE, VOLATILITY, Metric
from volatility.presentation.tables import TABLES
from volatility.queries.distribution import distribution_report
from volatility.storage.database import Database

EXIST = [0, 1, 2, 3, 4, 5, 7, 8]
HEADING = ["symbol", "session_start", "timezone", "simulated"]


def percent(number: int, metric: Metric) -> float:
    """Vol or Range of a session by its bars, percent of its open."""
    bars = [bar for bar in STORED[number] if bar]
    high, low = max(bar[1] for bar in bars), min(bar[2] for bar in bars)
    return 100 * (abs(bars[-1][3] - bars[0][0]) if metric == VOLATILITY else high - low) / bars[0][0]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(("lookback", "inside"), [(365, EXIST), (9, EXIST), (8, EXIST[1:]), (2, [7, 8]), (3, [7, 8])])
def test_every_bin_holds_the_sessions_of_the_lookback_that_lie_in_it(
    small: Database, metric: Metric, lookback: int, inside: list[int]
) -> None:
    """The lookback counts calendar sessions, and session 6 does not exist."""
    report = distribution_report(small, SERIES, metric, lookback)
    assert list(report) == [*HEADING, "metric", "lookback", "n", "edges", "counts", "beyond", "quantiles_pct"]
    assert (report["metric"], report["lookback"], report["n"]) == (metric.name, lookback, len(inside))
    values = [percent(number, metric) for number in inside]
    edges = report["edges"]
    counted = [sum(low <= v < high for v in values) for low, high in pairwise(edges)]
    assert report["counts"] == counted
    assert report["beyond"] == sum(v >= edges[-1] for v in values)
    assert sum(report["counts"]) + report["beyond"] == report["n"]
    expected = np.percentile(values, [10, 25, 50, 75, 90])
    assert list(report["quantiles_pct"]) == ["p10", "p25", "p50", "p75", "p90"]
    np.testing.assert_allclose(list(report["quantiles_pct"].values()), expected, atol=1e-9)
    assert report["quantiles_pct"]["p50"] == pytest.approx(statistics.median(values), abs=1e-9)


def test_one_session_is_a_distribution(small: Database) -> None:
    report = distribution_report(small, SERIES, RANGE, 1)
    assert (report["n"], sum(report["counts"]), report["beyond"]) == (1, 1, 0)
    assert report["quantiles_pct"] == dict.fromkeys(report["quantiles_pct"], pytest.approx(percent(8, RANGE), abs=1e-9))


def test_a_lookback_without_a_session_is_empty_and_not_an_error(small: Database) -> None:
    """As where the exchange was down for a whole session: it does not exist, and is the newest."""
    with small.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM daily_sessions WHERE date = :day"), {"day": label(8)})
    report = distribution_report(small, SERIES, RANGE, 1)
    assert (report["n"], report["edges"], report["counts"], report["beyond"]) == (0, [], [], 0)
    assert report["quantiles_pct"] == dict.fromkeys(("p10", "p25", "p50", "p75", "p90"))
    assert list(TABLES["distribution"].rows(report)) == []


def test_the_rows_of_csv_are_the_bins_and_the_last_has_no_end(small: Database) -> None:
    report, table = distribution_report(small, SERIES, RANGE), TABLES["distribution"]
    assert table.columns == ("symbol", "metric", "lookback", "low", "high", "count", "simulated")
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows(report)]
    assert [row["low"] for row in rows] == report["edges"]
    assert [row["high"] for row in rows] == [*report["edges"][1:], None]
    assert [row["count"] for row in rows] == [*report["counts"], report["beyond"]]
    assert {(row["symbol"], row["metric"], row["lookback"], row["simulated"]) for row in rows} == {
        ("BTCUSDT", "range", 365, False)
    }


def test_sessions_by_another_definition_are_refused(small: Database) -> None:
    with pytest.raises(DataIncomplete, match="run btc-volatility aggregate"):
        distribution_report(small, replace(SERIES, windows=(3,)), RANGE)
