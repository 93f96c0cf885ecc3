"""The list of what is measured, and the names that derive from it."""

from __future__ import annotations

from itertools import product

from volatility.domain import metrics
from volatility.domain.metrics import (
    FORECAST_METRICS,
    FORECAST_VALUES,
    METRICS,
    RANGE,
    STATISTICS,
    VOLATILITY,
    column,
    forecast_column,
)


def test_names_are_what_databases_and_clients_know() -> None:
    assert [(metric.name, metric.percent_name) for metric in METRICS] == [
        ("volatility", "volatility_pct"),
        ("range", "range_pct"),
    ]
    assert [statistic.name for statistic in STATISTICS] == ["mean", "median", "p10", "p25", "p75", "p90"]
    assert column(VOLATILITY, "n", 30) == "volatility_n_30"
    assert column(RANGE, STATISTICS[2], 7) == "range_p10_7"
    assert forecast_column(RANGE, "p90") == "range_pct_p90"


def test_a_quantile_is_named_for_its_level() -> None:
    assert {s.name: s.quantile for s in STATISTICS} == {
        "mean": None, "median": 0.5, "p10": 0.1, "p25": 0.25, "p75": 0.75, "p90": 0.9,
    }  # fmt: skip
    assert FORECAST_VALUES[0] == "mean"
    assert FORECAST_VALUES[1:] == tuple(f"p{level}" for level in metrics.QUANTILES)
    for percents, levels in (
        (metrics.QUANTILES, metrics.QUANTILE_LEVELS),
        (metrics.INTERVALS, metrics.INTERVAL_LEVELS),
        (metrics.THRESHOLDS, metrics.THRESHOLD_LEVELS),
    ):
        assert [round(level * 100, 9) for level in levels] == list(percents)
        assert all(0 < level < 1 for level in levels)


def test_no_two_columns_share_a_name() -> None:
    windows = range(1, 40)
    statistics = ["n", *(statistic.name for statistic in STATISTICS)]
    named = [column(*parts) for parts in product(METRICS, statistics, windows)]
    assert len(set(named)) == len(named)
    forecast = [forecast_column(*parts) for parts in product(FORECAST_METRICS, FORECAST_VALUES)]
    assert len(set(forecast)) == len(forecast)


def test_hours_at_which_odds_are_scored_lie_within_every_session() -> None:
    assert metrics.SCORED_HOURS[0] == 0
    assert list(metrics.SCORED_HOURS) == sorted(set(metrics.SCORED_HOURS))
    assert metrics.SCORED_HOURS[-1] < 23
