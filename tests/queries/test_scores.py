"""Stored scores as arrays over calendar sessions: each number in its place, and nothing where there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from tests.queries.by_hand import SERIES, STORED, label, start_ms
from tests.queries.test_forecasts import OWNER, forecast, keep
from volatility.analytics.walkforward import OURS
from volatility.domain.hours import Span
from volatility.domain.metrics import VARIANCE_BASELINES
from volatility.queries.scores import scored_sessions
from volatility.storage import forecast_rows
from volatility.storage.database import Database
from volatility.storage.forecast_rows import ForecastState

EVER = Span(0, start_ms(1000))
STATE = ForecastState(OWNER, label(8), 0, 0, 3)


def variance(number: int, **values: float | None) -> dict[str, Any]:
    baselines: dict[str, float | None] = dict.fromkeys(VARIANCE_BASELINES)
    return {"symbol": "BTCUSDT", "open_time": start_ms(number), "realised": 4e-4} | baselines | values


def score(number: int, elapsed: int, crps: float) -> dict[str, Any]:
    key = {"symbol": "BTCUSDT", "open_time": start_ms(number), "metric": "range", "elapsed": elapsed}
    values: dict[str, Any] = {name: 0.5 for name in forecast_rows.SCORE_COLUMNS if name not in key}
    flags = {name: True for name in values if name.startswith(("covered", "equal_tails"))}
    return key | values | flags | {"exceeded": 3, "crps": crps}


def write(database: Database, variances: list[dict[str, Any]], scores: list[dict[str, Any]]) -> None:
    def work(connection: sa.Connection) -> None:
        forecast_rows.write_state(connection, STATE)
        forecast_rows.reconcile_variances(connection, "BTCUSDT", EVER, variances)
        forecast_rows.reconcile_scores(connection, "BTCUSDT", EVER, scores)

    database.write(work)


def test_outcomes_are_the_sessions_own_with_a_hole_where_there_is_none(small: Database) -> None:
    found = scored_sessions(small, SERIES)
    assert [bound.open_ms for bound in found.bounds] == [start_ms(number) for number in range(9)]
    moves, spreads = [], []
    for day in STORED:
        bars = [bar for bar in day if bar]
        first = bars[0][0] if bars else np.nan
        moves.append(100 * abs(bars[-1][3] - first) / first if bars else np.nan)
        spreads.append(100 * (max(b[1] for b in bars) - min(b[2] for b in bars)) / first if bars else np.nan)
    np.testing.assert_allclose(found.outcomes["volatility"], moves, rtol=1e-12)
    np.testing.assert_allclose(found.outcomes["range"], spreads, rtol=1e-12)
    assert np.isnan(found.outcomes["realised_volatility"]).all()


def test_variances_lie_under_the_names_of_their_methods(small: Database) -> None:
    write(small, [variance(2, previous=1e-4, har=3e-4), variance(7, realised=9e-4, ewma=2e-4, mean_30=5e-4)], [])
    found = scored_sessions(small, SERIES)
    nothing = [np.nan] * 9
    for name, filled in (
        ("previous session", {2: 1e-4}),
        ("mean of 30 sessions", {7: 5e-4}),
        ("EWMA, 0.94", {7: 2e-4}),
        ("HAR", {2: 3e-4}),
        ("HAR and Saturday", {}),
    ):
        np.testing.assert_array_equal(found.variances[name], [filled.get(i, x) for i, x in enumerate(nothing)])
    np.testing.assert_array_equal(found.realised, [{2: 4e-4, 7: 9e-4}.get(i, x) for i, x in enumerate(nothing)])
    assert found.outcomes["realised_volatility"][[2, 7]].tolist() == pytest.approx([2.0, 3.0])


def test_stored_forecasts_give_their_variance_their_liveness_and_the_ends_of_their_intervals(small: Database) -> None:
    keep(small, forecast(4, variance=7e-4), forecast(8, live=True), forecast(9, live=True))
    found = scored_sessions(small, SERIES)
    assert np.isfinite(found.live_ends).all(axis=(1, 2, 3)).tolist() == [False] * 8 + [True]
    assert np.isfinite(found.hindcast_ends).all(axis=(1, 2, 3)).tolist() == [False] * 4 + [True] + [False] * 4
    assert found.variances[OURS][[4, 8]].tolist() == [7e-4, 4e-4]
    assert np.isfinite(found.variances[OURS]).sum() == 2
    assert found.live_ends.shape == found.hindcast_ends.shape == (9, 3, 3, 2)
    # Twenty values a metric: the mean, then p5, p10, …, p95, counted from 0.5.
    for metric in range(3):
        first = 20 * metric + 0.5
        ends = [[first + low / 5, first + high / 5] for low, high in ((25, 75), (10, 90), (5, 95))]
        assert found.hindcast_ends[4, metric].tolist() == ends
    assert np.isnan(found.hindcast_ends[3]).all()


def test_what_an_earlier_method_said_live_is_still_held_against_the_outcome(small: Database) -> None:
    earlier = {"method": OWNER.method - 1}
    keep(small, forecast(4, live=True) | earlier, forecast(5) | earlier)
    keep(small, forecast(4, variance=9e-4), forecast(5, variance=9e-4))
    found = scored_sessions(small, SERIES)
    assert np.isfinite(found.live_ends[:, 0, 0, 0]).nonzero()[0].tolist() == [4]
    assert np.isfinite(found.hindcast_ends[:, 0, 0, 0]).nonzero()[0].tolist() == [4, 5]  # of the present method
    assert found.variances[OURS][[4, 5]].tolist() == [9e-4, 9e-4]


def test_scores_of_odds_know_their_session_by_its_place(small: Database) -> None:
    write(small, [], [score(7, 6, 0.7), score(1, 6, 0.1), score(3, 12, 0.3)])
    odds = scored_sessions(small, SERIES).odds
    assert set(odds) == {("range", 6), ("range", 12)}
    assert odds["range", 6].session.tolist() == [1, 7]
    assert odds["range", 6].crps.tolist() == [0.1, 0.7]
    assert odds["range", 12].session.tolist() == [3]


def test_scores_of_another_definition_are_left_out(small: Database) -> None:
    write(small, [variance(2)], [score(1, 6, 0.1)])
    other = STATE._replace(owner=OWNER._replace(definition="start 09:00 Asia/Tokyo, history from 2017-08-17"))
    keep(small, state=other)
    found = scored_sessions(small, SERIES)
    assert found.odds == {}
    assert np.isnan(found.realised).all()
    assert found.extent.state is None
