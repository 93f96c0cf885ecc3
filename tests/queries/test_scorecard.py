"""The scorecard: the same tables by the walk-forward itself, and those of the documentation on real candles."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from api.forecast import ScoreTable
from exchange_simulator import Clock, GivenMarket, SimulatedExchange, WeightMeter, serve
from tests.jobs.forecasting import MOSCOW, SESSIONS, correct, day, everything, exchange_in, panel_of, series_of
from tests.jobs.support import FakeExchange, at, patient
from volatility.analytics.features import feature_table
from volatility.analytics.forecast import variance_hindcasts
from volatility.analytics.odds import path_library
from volatility.analytics.scores import band_hits, calibration
from volatility.analytics.walkforward import hour_score, pooled_odds, score_odds, score_variance, variance_forecasts
from volatility.domain.metrics import INTERVALS, METRICS, SCORE_TABLES, SCORED_HOURS, THRESHOLDS, VARIANCE_BASELINES
from volatility.domain.retry import ONCE
from volatility.domain.series import Series
from volatility.exchange.binance import BinanceClient
from volatility.jobs import forecast as job
from volatility.jobs.aggregate import aggregate
from volatility.jobs.backfill import BackfillRequest, backfill
from volatility.presentation.catalogue.forecasts import SCORES
from volatility.presentation.tables import score_table
from volatility.queries import scorecard
from volatility.queries.scores import scored_sessions
from volatility.storage.database import Database

LONG = 460  # HAR begins with the 396th session, its test with 30 more
PAGE = Path(__file__).parents[2] / "docs" / "forecast.md"
Report = dict[str, Any]


@pytest.fixture(scope="module")
def exchange() -> FakeExchange:
    return exchange_in(LONG)


@pytest.fixture(scope="module")
def scored(exchange: FakeExchange, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('scored') / 'long.sqlite3'}", patient())
    everything(database, exchange)
    yield database
    database.close()


@pytest.fixture(scope="module")
def report(scored: Database) -> Report:
    return scorecard_report(scored, series_of(), None)


def scorecard_report(database: Database, series: Series, since: date | None) -> Report:
    """The report over what is stored."""
    return scorecard.scorecard_report(scored_sessions(database, series), series, since)


def by(report: Report, name: str, *keys: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The rows of a table by some of their fields."""
    return {tuple(row[key] for key in keys): row for row in report[name]}


@pytest.mark.parametrize("since", [None, LONG - 50])
def test_the_tables_are_those_of_the_walk_forward(exchange: FakeExchange, scored: Database, since: int | None) -> None:
    report = scorecard_report(scored, series_of(), None if since is None else day(since))
    panel = panel_of(exchange, LONG)
    features = feature_table(panel)
    scores = score_odds(panel, features, path_library(features), since or 0)
    first = int(scores[0].session[0])
    assert (report["first"], report["last"]) == (str(day(first)), str(day(LONG - 1)))
    assert (report["n"], report["up_to_date"]) == (LONG - first, True)
    odds, coverage = (
        by(report, "odds", "metric", "elapsed_hours"),
        by(report, "coverage", "metric", "elapsed_hours", "nominal"),
    )
    for one in scores:
        score = hour_score(one)
        row = odds[one.metric, one.elapsed]
        assert row["n"] == score.n
        crps = (score.crps, score.climatology_crps, score.crps_gain)
        assert [row[name] for name in ("crps", "plain_crps", "crps_gain")] == pytest.approx(crps, abs=1e-8)
        assert row["pinball_gain"] == pytest.approx(score.pinball_gain, abs=1e-8)
        assert row["pinball"] == pytest.approx(one.pinball.mean(), abs=1e-8)
        for part in score.coverage:
            shares = [
                coverage[one.metric, one.elapsed, part.nominal][name] for name in [*SCORES["coverage"].by_name][4:]
            ]
            wanted = [part.randomised, part.observed, part.assigned_probability, part.equal_tailed]
            assert shares == pytest.approx(wanted, abs=1e-8)
    for metric in METRICS:
        rows = [row for row in report["calibration"] if row["metric"] == metric.name]
        for row, bin_ in zip(rows, calibration(*pooled_odds(scores, metric.name)), strict=True):
            assert (row["n"], row["low"]) == (bin_.n, bin_.low)
            assert [row["predicted"], row["observed"]] == pytest.approx([bin_.predicted, bin_.observed], abs=1e-8)
        values = {"volatility": panel.volatility_pct, "range": panel.range_pct}[metric.name]
        for window in MOSCOW.windows:
            hits = band_hits(values[first - window :], window)
            row = by(report, "bands", "metric", "window")[metric.name, window]
            assert (row["n"], row["inside"]) == (hits.n, pytest.approx(hits.observed, abs=1e-8))
    forecasts = variance_forecasts(panel, variance_hindcasts(panel, features), 0)
    for score_, row in zip(score_variance(panel, forecasts, first), report["variance"], strict=True):
        assert (row["forecast"], row["n"]) == (score_.name, score_.n)
        assert row["qlike"] == pytest.approx(score_.qlike, abs=1e-8)
        test = score_.against_har
        assert row["t_against_har"] == (test and pytest.approx(test.t, abs=1e-8))
        assert row["p"] == (test and pytest.approx(test.p, rel=5e-3))


def test_stored_intervals_are_held_against_outcomes(exchange: FakeExchange, scored: Database, report: Report) -> None:
    panel = panel_of(exchange, LONG)
    outcomes = {
        "realised_volatility": 100 * np.sqrt(panel.realised_variance),
        "volatility": panel.volatility_pct,
        "range": panel.range_pct,
    }
    with scored.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM session_forecasts WHERE NOT live").mappings().all()
    stored = by(report, "stored", "made", "metric", "nominal")
    for name, values in outcomes.items():
        for level in (50, 80, 90):
            low, high = ((100 - level) // 2, (100 + level) // 2)
            held = []
            for row in rows:
                number = (date.fromisoformat(row["date"]) - day(0)).days
                column = f"{name}_pct_p"
                held.append(row[f"{column}{low}"] - 1e-9 <= values[number] <= row[f"{column}{high}"] + 1e-9)
            shown = stored["in retrospect", name, level / 100]
            assert (shown["n"], shown["covered"]) == (len(rows), pytest.approx(np.mean(held), abs=1e-8))
            assert stored["live", name, level / 100]["n"] == 0  # that session still runs
            assert stored["live", name, level / 100]["covered"] is None


def test_where_nothing_is_scored_everything_is_null_and_n_says_so(sqlite_url: str) -> None:
    database = Database(sqlite_url, patient())
    everything(database, exchange_in(40))
    report = scorecard_report(database, series_of(), None)
    assert (report["first"], report["last"], report["n"], report["up_to_date"]) == (None, None, 0, True)
    for name in ("odds", "coverage", "calibration", "variance", "stored"):
        for row in report[name]:
            assert row["n"] == 0
            known = ("metric", "elapsed_hours", "nominal", "low", "high", "n", "forecast", "made")
            assert {value for field, value in row.items() if field not in known} == {None}, name
    assert len(report["odds"]) == 8
    assert [row["n"] for row in report["bands"]] == [35, 33, 35, 33]  # these need no forecast
    database.close()


@pytest.mark.parametrize(("number", "n"), [(LONG - 1, 1), (LONG, 0), (LONG + 300, 0)])
def test_since_late_leaves_little(scored: Database, number: int, n: int) -> None:
    report = scorecard_report(scored, series_of(), day(number))
    assert {row["n"] for row in report["odds"]} == {n}
    assert {row["n"] for row in report["bands"]} == {n}
    assert [row["t_against_har"] for row in report["variance"]] == [None] * 6


@pytest.mark.parametrize("since", [date(1, 1, 1), date(2009, 1, 1)])
def test_since_early_is_everything(scored: Database, report: Report, since: date) -> None:
    everything_since = scorecard_report(scored, series_of(), since)
    for name in ("odds", "coverage", "calibration", "variance", "stored"):
        assert everything_since[name] == report[name]
    assert scorecard_report(scored, series_of(), date(9999, 12, 31))["n"] == 0


def test_scores_of_changed_candles_are_not_up_to_date(sqlite_url: str) -> None:
    database, exchange = Database(sqlite_url, patient()), exchange_in(SESSIONS)
    everything(database, exchange)
    assert scorecard_report(database, series_of(), None)["up_to_date"]
    correct(exchange, SESSIONS - 1)
    backfill(database, exchange, BackfillRequest("BTCUSDT", series_of().history_start_ms))
    aggregate(database, exchange, series_of(), 0)
    assert not scorecard_report(database, series_of(), None)["up_to_date"]
    database.close()


def test_no_number_is_a_nan(report: Report) -> None:
    numbers = [value for name in SCORE_TABLES for row in report[name] for value in row.values()]
    assert all(math.isfinite(value) for value in numbers if isinstance(value, float))


def test_the_lists_of_names_agree() -> None:
    assert tuple(SCORES) == SCORE_TABLES == get_args(ScoreTable)
    assert tuple(level / 100 for level in INTERVALS) == (0.5, 0.8, 0.9)
    assert THRESHOLDS == (10, 25, 50, 75, 90)
    assert SCORED_HOURS == (0, 6, 12, 18)
    assert len(VARIANCE_BASELINES) == 5


@pytest.mark.parametrize("name", SCORE_TABLES)
def test_a_flat_table_has_the_fields_of_the_report(report: Report, name: str) -> None:
    flat = score_table(name)
    rows = [dict(zip(flat.columns, row, strict=True)) for row in flat.rows(report)]
    assert rows == [{"symbol": "BTCUSDT", **row, "simulated": False} for row in report[name]]


def documented(title: str) -> list[list[str]]:
    """The cells of a table of the documentation."""
    part = PAGE.read_text(encoding="utf-8").partition(f"### {title}\n\n")[2].partition("\n\n")[0]
    lines = part.splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"\|", line.strip("|"))] for line in lines]


@pytest.mark.real_data
@pytest.mark.timeout(600)
def test_on_real_candles_the_report_is_the_table_of_the_documentation(real_candles: Path, sqlite_url: str) -> None:
    """Through exchange, backfill, aggregation, job and tables; the page is written by the walk-forward alone."""
    now = at("2023-12-31T08:20")
    market = GivenMarket("BTCUSDT", real_candles)
    simulated = SimulatedExchange([market], clock=Clock("2023-12-31T08:20:00Z", frozen=True), weights=WeightMeter(None))
    calendar = series_of().calendar
    series = Series("BTCUSDT", calendar, (5, 7, 14, 30), series_of().history_start_ms)
    database = Database(sqlite_url, patient())
    with serve(simulated) as server:
        client = BinanceClient([server.url], ONCE)
        backfill(database, client, BackfillRequest("BTCUSDT", series.history_start_ms))
        aggregate(database, client, series, now)
        job.forecast(database, client, series, now)
        client.close()
    report = scorecard_report(database, series, date(2019, 10, 1))
    late = scorecard_report(database, series, date(2021, 7, 1))
    database.close()
    assert (report["first"], report["last"], report["simulated"]) == ("2019-10-01", "2023-12-30", True)

    def percent(value: float) -> str:
        return f"{100 * value:.1f}"

    assert [
        [r["metric"], str(r["elapsed_hours"]), str(r["n"]), f"{r['crps']:.4f}", f"{r['plain_crps']:.4f}",
         percent(r["crps_gain"]), percent(after["crps_gain"]), percent(r["pinball_gain"])]
        for r, after in zip(report["odds"], late["odds"], strict=True)
    ] == [[*row[:6], *row[7:]] for row in documented("Odds: CRPS, percent of the open")]  # fmt: skip
    assert [
        [r["metric"], str(r["elapsed_hours"]), percent(r["nominal"]), percent(r["randomised"]),
         percent(after["randomised"]), percent(r["interval"]), percent(r["interval_probability"]),
         percent(r["equal_tails"])]
        for r, after in zip(report["coverage"], late["coverage"], strict=True)
    ] == documented("Odds: coverage of intervals, percent")  # fmt: skip
    assert [
        [r["metric"], f"{100 * r['low']:.0f}-{100 * r['high']:.0f}", percent(r["predicted"]), percent(r["observed"]),
         str(r["n"])]
        for r in report["calibration"]
    ] == [[*row[:4], row[5]] for row in documented("Odds: calibration")]  # fmt: skip
    assert [
        [r["forecast"], f"{r['qlike']:.4f}", f"{r['t_against_har']:+.2f}" if r["p"] else "",
         f"{r['p']:.1e}" if r["p"] else "", f"{after['qlike']:.4f}", str(r["n"])]
        for r, after in zip(report["variance"], late["variance"], strict=True)
    ] == documented("Forecast of realised variance")  # fmt: skip
    bands = by(report, "bands", "metric", "window")
    assert [
        [str(window), *(percent(bands[metric.name, window]["inside"]) for metric in METRICS),
         percent(bands["range", window]["expected"]), str(bands["range", window]["n"])]
        for window in (5, 7, 14, 30)
    ] == documented("Rolling p10 to p90 bands")  # fmt: skip
