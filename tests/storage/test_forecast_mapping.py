"""Forecasts and scores as columns, and back: each number under its own name."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from volatility.analytics.distribution import from_samples
from volatility.analytics.forecast import SessionForecast
from volatility.analytics.forecaster import Scores
from volatility.analytics.recalibration import Recalibration
from volatility.analytics.walkforward import OddsScores
from volatility.domain.metrics import VARIANCE_BASELINES
from volatility.storage.forecast_mapping import (
    forecast_columns,
    odds_rows,
    odds_scores,
    recalibration,
    recalibration_rows,
    variance_rows,
)
from volatility.storage.forecast_rows import SCORE_COLUMNS
from volatility.storage.schema import session_forecasts

OPENS = np.array([1000, 2000, 3000, 4000])


def of(metric: str, elapsed: int, session: list[int]) -> OddsScores:
    """Scores whose numbers are all different: tenths by field, thousandths by session."""
    at = np.array(session)

    def numbers(start: float, width: int = 0) -> Any:
        values = start + at / 1000
        return values if not width else values[:, None] + np.arange(width) / 100

    return OddsScores(
        metric,
        elapsed,
        session=at,
        crps=numbers(0.1),
        climatology_crps=numbers(0.2),
        pinball=numbers(0.3),
        climatology_pinball=numbers(0.4),
        mean=numbers(0.8),
        no_growth=numbers(0.85) if metric == "range" else np.full(len(at), np.nan),
        surprise=numbers(0.9) if elapsed else np.full(len(at), np.nan),
        levels=numbers(0.95, 3),
        pit=numbers(0.5, 2),
        covered=np.array([[0.0, 1.0, 1.0]] * len(at)),
        assigned_probability=numbers(0.6, 3),
        equal_tailed=np.array([[0.0, 0.0, 1.0]] * len(at)),
        odds=numbers(0.7, 5),
        exceeded=np.array([[True, True, True, False, False]] * len(at)),
    )


def taught(count: float) -> Recalibration:
    """A recalibration whose numbers need all their digits."""
    level = np.array([[1 / 3, 2 / 3], [0.1, 0.2]]) * count
    return Recalibration(level, count / 7, level[:, [0, 1, 0, 1, 0]] / 3, -count / 11, count, np.array([0.1] * 4) / 3)


SCORES = Scores(
    starts_ms=OPENS,
    first=1,
    odds=[of("range", 6, [1, 3]), of("volatility", 0, [2])],
    recalibrations=[Recalibration(), taught(1.0), taught(2.0), taught(3.0)],
    realised=np.array([9e-4, 1e-4, np.nan, 4e-4]),
    baselines={
        name: np.array([0.0, 1.0, 2.0, np.nan if place == 4 else 3.0]) + place / 10
        for place, name in enumerate(VARIANCE_BASELINES.values())
    },
)


def test_a_row_has_each_score_under_the_name_of_its_column() -> None:
    rows = odds_rows("BTCUSDT", SCORES)
    assert [(row["open_time"], row["metric"], row["elapsed"]) for row in rows] == [
        (2000, "range", 6),
        (4000, "range", 6),
        (3000, "volatility", 0),
    ]
    expected = {
        "symbol": "BTCUSDT", "open_time": 4000, "metric": "range", "elapsed": 6,
        "crps": 0.103, "plain_crps": 0.203, "pinball": 0.303, "plain_pinball": 0.403,
        "mean": 0.803, "no_growth": 0.853, "surprise": 0.903,
        "level_50": 0.953, "level_80": 0.963, "level_90": 0.973,
        "pit_below": 0.503, "pit_at_most": 0.513,
        "covered_50": False, "covered_80": True, "covered_90": True,
        "promised_50": 0.603, "promised_80": 0.613, "promised_90": 0.623,
        "equal_tails_50": False, "equal_tails_80": False, "equal_tails_90": True,
        "odds_10": 0.703, "odds_25": 0.713, "odds_50": 0.723, "odds_75": 0.733, "odds_90": 0.743,
        "exceeded": 3,
    }  # fmt: skip
    assert rows[1] == pytest.approx(expected)
    assert (rows[2]["no_growth"], rows[2]["surprise"]) == (None, None)
    assert set(expected) == set(SCORE_COLUMNS)


def test_what_is_read_back_is_what_was_computed() -> None:
    rows = [[row[name] for name in SCORE_COLUMNS[1:]] for row in odds_rows("BTCUSDT", SCORES)]
    found = odds_scores(OPENS, rows)
    assert set(found) == {("range", 6), ("volatility", 0)}
    for scores in SCORES.odds:
        back = found[scores.metric, scores.elapsed]
        for name in OddsScores.__dataclass_fields__:
            np.testing.assert_array_equal(getattr(back, name), getattr(scores, name), err_msg=name)


def test_each_scored_session_keeps_what_the_one_after_it_starts_with() -> None:
    rows = recalibration_rows("BTCUSDT", SCORES)
    assert [(row["symbol"], row["open_time"]) for row in rows] == [
        ("BTCUSDT", 2000),
        ("BTCUSDT", 3000),
        ("BTCUSDT", 4000),
    ]
    for row, wanted in zip(rows, SCORES.recalibrations[1:], strict=True):
        back = recalibration(row["corrections"])
        for field in fields(Recalibration):
            np.testing.assert_array_equal(getattr(back, field.name), getattr(wanted, field.name), err_msg=field.name)


def test_where_nothing_is_stored_there_are_no_corrections() -> None:
    assert recalibration(None).factors(0.0, 0.02) == (1.0, 1.0)
    assert recalibration(None).interval_levels(3.0).tolist() == [[0.5, 0.8, 0.9]] * 2


def test_variances_begin_with_the_first_scored_session_and_leave_out_those_without_an_outcome() -> None:
    first, last = variance_rows("BTCUSDT", SCORES)
    assert first == pytest.approx(
        {
            "symbol": "BTCUSDT", "open_time": 2000, "realised": 1e-4,
            "previous": 1.0, "mean_30": 1.1, "ewma": 1.2, "har": 1.3, "har_saturday": 1.4,
        }
    )  # fmt: skip
    assert (last["open_time"], last["realised"], last["har"], last["har_saturday"]) == (4000, 4e-4, 3.3, None)


def test_a_forecast_fills_a_mean_and_nineteen_quantiles_of_each_metric() -> None:
    """Of 1 to 100 the p-th percentile is p; each metric's hundred begins with another."""
    hundred = np.arange(1.0, 101.0)
    forecast = SessionForecast(
        variance=4e-4,
        realised_volatility_pct=from_samples(hundred),
        annualised_pct=1.0,
        volatility=from_samples(hundred + 1000),
        range=from_samples(hundred + 2000),
        n=181,
    )
    columns = forecast_columns(forecast)
    assert (columns["n"], columns["variance"]) == (181, 4e-4)
    for more, metric in ((0, "realised_volatility_pct"), (1000, "volatility_pct"), (2000, "range_pct")):
        assert columns[f"{metric}_mean"] == pytest.approx(50.5 + more)
        assert [columns[f"{metric}_p{level}"] for level in range(5, 100, 5)] == [more + p for p in range(5, 100, 5)]
    key = {"symbol", "definition", "method", "open_time", "close_time", "date", "made_at", "live"}
    assert set(columns) == {column.name for column in session_forecasts.columns} - key
