"""The scorecard: the same tables by the walk-forward itself, and those of the documentation on real candles."""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from api.forecast import ScoreTable
from exchange_simulator import Clock, GivenMarket, SimulatedExchange, WeightMeter, serve
from tests.analytics.series import mean_of
from tests.api.world import real_file
from tests.jobs.forecasting import MOSCOW, SESSIONS, correct, day, everything, exchange_in, panel_of, series_of
from tests.jobs.support import FakeExchange, at, patient
from volatility.analytics.features import feature_table
from volatility.analytics.forecast import variance_hindcasts
from volatility.analytics.inference import newey_west_variance
from volatility.analytics.odds import path_library
from volatility.analytics.panel import HourlyPanel
from volatility.analytics.recalibration import Recalibration
from volatility.analytics.scores import band_hits, calibration, shares_inside
from volatility.analytics.summaries import hour_score, pooled_odds, score_variance
from volatility.analytics.walkforward import OddsScores, score_odds, variance_forecasts
from volatility.domain.arrays import FloatArray
from volatility.domain.metrics import INTERVALS, METRICS, SCORE_TABLES, SCORED_HOURS, THRESHOLDS, VARIANCE_BASELINES
from volatility.domain.retry import ONCE
from volatility.domain.series import Series
from volatility.exchange.binance import BinanceClient
from volatility.jobs import forecast as job
from volatility.jobs.aggregate import aggregate
from volatility.jobs.backfill import BackfillRequest, backfill
from volatility.presentation.catalogue.forecasts import SCORES
from volatility.presentation.numbers import WEEKDAYS
from volatility.presentation.tables import score_table
from volatility.queries import scorecard
from volatility.queries.scorecard import those
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
    walk = score_odds(panel, features, path_library(features), 0, Recalibration())
    scores = [one for one in (those(one, one.session >= (since or 0)) for one in walk.scores) if one]
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
        assert row["worst_share"] == pytest.approx(one.crps.max() / one.crps.sum(), abs=1e-8)
        for part in score.coverage:
            shares = [
                coverage[one.metric, one.elapsed, part.nominal][name] for name in [*SCORES["coverage"].by_name][4:]
            ]
            assert shares[1] == (part.error and pytest.approx(part.error, abs=1e-8))
            wanted = [part.randomised, part.observed, part.assigned_probability, part.equal_tailed]
            assert shares[:1] + shares[2:] == pytest.approx(wanted, abs=1e-8)
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
            assert row["standard_error"] == pytest.approx(hits.error, abs=1e-8)
    forecasts = variance_forecasts(panel, variance_hindcasts(panel, features), 0)
    for score_, row in zip(score_variance(panel, forecasts, first), report["variance"], strict=True):
        assert (row["forecast"], row["n"]) == (score_.name, score_.n)
        assert row["qlike"] == pytest.approx(score_.qlike, abs=1e-8)
        assert row["worst_share"] == pytest.approx(score_.worst_share, abs=1e-8)
        test = score_.against_har
        assert row["t_against_har"] == (test and pytest.approx(test.t, abs=1e-8))
        assert row["p"] == (test and pytest.approx(test.p, rel=5e-3))


def walked(exchange: FakeExchange) -> tuple[HourlyPanel, dict[tuple[str, int], OddsScores]]:
    """The scores of all sessions by the walk-forward itself, by metric and hour."""
    panel = panel_of(exchange, LONG)
    features = feature_table(panel)
    walk = score_odds(panel, features, path_library(features), 0, Recalibration())
    return panel, {(one.metric, one.elapsed): one for one in walk.scores}


def error_of(values: FloatArray) -> Any:
    """The standard error of a mean by statsmodels; None for fewer than 30 values, and for equal ones."""
    if len(values) < 30 or values.min() == values.max():
        return None
    lags = int(4 * (len(values) / 100) ** (2 / 9))
    return pytest.approx(mean_of(values, lags).bse[0], rel=1e-6)


def test_means_stand_beside_outcomes_over_all_sessions_and_by_thirds(exchange: FakeExchange, report: Report) -> None:
    panel, scores = walked(exchange)
    values = {"volatility": panel.volatility_pct, "range": panel.range_pct}
    rows = by(report, "means", "metric", "elapsed_hours", "tercile")
    assert len(rows) == 2 * 4 * 4
    for (metric, elapsed), one in scores.items():
        came = values[metric][one.session]
        order = np.argsort(one.mean)
        parts = {"all": order, "low": order[: len(order) // 3], "high": order[-(len(order) // 3) :]}
        for name, chosen in parts.items():
            row = rows[metric, elapsed, name]
            assert row["n"] == pytest.approx(len(chosen), abs=1)  # a third of a number that 3 does not divide
            if row["n"] == len(chosen):
                assert row["mean"] == pytest.approx(one.mean[chosen].mean(), abs=1e-8)
                assert row["outcome"] == pytest.approx(came[chosen].mean(), abs=1e-8)
                assert row["bias"] == pytest.approx(one.mean[chosen].mean() / came[chosen].mean() - 1, abs=1e-8)
        errors = one.mean - came
        t = errors.mean() / math.sqrt(newey_west_variance(errors))
        assert rows[metric, elapsed, "all"]["t"] == pytest.approx(t, abs=1e-8)
        assert sum(rows[metric, elapsed, name]["n"] for name in ("low", "middle", "high")) == len(errors)


def test_coverage_is_shown_by_weekday_and_after_wild_hours(exchange: FakeExchange, report: Report) -> None:
    panel, scores = walked(exchange)
    days, wild = (
        by(report, "weekdays", "metric", "elapsed_hours", "weekday"),
        by(report, "wild_hours", "metric", "elapsed_hours", "nominal"),
    )
    assert len(days) == 2 * 4 * 7
    assert {row["cells"] for row in days.values()} == {len(days)}
    assert len(wild) == 2 * 3 * 3
    for (metric, elapsed), one in scores.items():
        for number, day_ in enumerate(WEEKDAYS):
            chosen = panel.weekdays[one.session] == number
            row = days[metric, elapsed, day_]
            inside = shares_inside(one.pit[chosen], one.levels[chosen, 1])
            assert (row["n"], row["randomised"]) == (chosen.sum(), pytest.approx(inside.mean(), abs=1e-8))
            assert row["standard_error"] == error_of(inside)
            assert row["t"] is None or row["standard_error"]
        for place, level in enumerate((0.5, 0.8, 0.9)) if elapsed else ():
            chosen = one.surprise > 2
            row = wild[metric, elapsed, level]
            inside = shares_inside(one.pit[chosen], one.levels[chosen, place])
            assert (row["n"], row["randomised"]) == (chosen.sum(), pytest.approx(inside.mean(), abs=1e-8))
            assert row["standard_error"] == error_of(inside)
        for place, level in enumerate((0.5, 0.8, 0.9)):
            row = by(report, "coverage", "metric", "elapsed_hours", "nominal")[metric, elapsed, level]
            assert row["standard_error"] == error_of(shares_inside(one.pit, one.levels[:, place]))
    assert max(row["n"] for row in wild.values()) > 3  # some hours were wild


def test_the_probability_that_range_grows_no_more_is_held_against_what_came(
    exchange: FakeExchange, report: Report
) -> None:
    panel, scores = walked(exchange)
    rows = by(report, "no_growth", "elapsed_hours", "low", "high")
    assert len(rows) == 3 * 6
    for elapsed in (6, 12, 18):
        one = scores["range", elapsed]
        uncertain = (one.no_growth > 1e-9) & (one.no_growth < 1 - 1e-9)
        session, said = one.session[uncertain], one.no_growth[uncertain]
        came = panel.range_path_pct[session, elapsed] == panel.range_pct[session]
        for low, high in ((0.0, 1.0), *((k / 5, (k + 1) / 5) for k in range(5))):
            chosen = (said >= low) & (said < high)
            row = rows[elapsed, low, high]
            assert row["n"] == chosen.sum()
            if row["n"]:
                shown = (row["predicted"], row["observed"])
                assert shown == pytest.approx((said[chosen].mean(), came[chosen].mean()), abs=1e-8)
            assert row["standard_error"] == error_of(came[chosen].astype(np.float64))
    assert sum(row["standard_error"] is not None for row in rows.values()) > 3


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
            assert shown["standard_error"] == error_of(np.array(held, np.float64))
            assert stored["live", name, level / 100]["n"] == 0  # that session still runs
            assert stored["live", name, level / 100]["covered"] is None


def test_where_nothing_is_scored_everything_is_null_and_n_says_so(sqlite_url: str) -> None:
    database = Database(sqlite_url, patient())
    everything(database, exchange_in(40))
    report = scorecard_report(database, series_of(), None)
    assert (report["first"], report["last"], report["n"], report["up_to_date"]) == (None, None, 0, True)
    for name in SCORE_TABLES[:-2] + SCORE_TABLES[-1:]:
        for row in report[name]:
            assert row["n"] == 0
            known = {"metric", "elapsed_hours", "nominal", "low", "high", "n", "forecast", "made"}
            known |= {"tercile", "weekday", "cells"}
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
    for name in SCORE_TABLES[:-2] + SCORE_TABLES[-1:]:
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
    lines = part.rstrip().splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"\|", line.strip("|"))] for line in lines]


@pytest.mark.real_data
@pytest.mark.timeout(600)
def test_on_real_candles_the_report_is_the_table_of_the_documentation(
    real_candles: Path, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """Through exchange, backfill, aggregation, job and tables; the page is written by the walk-forward alone.

    All but the last session is there already.
    """
    sqlite_url = f"sqlite:///{shutil.copy(real_file(real_candles, tmp_path_factory), tmp_path)}"
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
         percent(r["crps_gain"]), percent(after["crps_gain"]), percent(r["pinball_gain"]), percent(r["worst_share"])]
        for r, after in zip(report["odds"], late["odds"], strict=True)
    ] == [[*row[:6], *row[7:]] for row in documented("Odds: CRPS, percent of the open")]  # fmt: skip
    assert [
        [r["metric"], str(r["elapsed_hours"]), r["tercile"], f"{r['mean']:.4f}", f"{r['outcome']:.4f}",
         f"{100 * r['bias']:+.1f}", f"{r['t']:+.2f}", str(r["n"])]
        for r in report["means"]
    ] == [[*row[:7], row[8]] for row in documented("Odds: means, percent of the open")]  # fmt: skip
    assert [
        [str(r["elapsed_hours"]), f"{100 * r['low']:.0f}-{100 * r['high']:.0f}", percent(r["predicted"]),
         percent(r["observed"]), str(r["n"])]
        for r in report["no_growth"] if r["n"]
    ] == [[*row[:4], row[6]] for row in documented("Odds: Range grows no more")]  # fmt: skip
    assert [
        [r["metric"], str(r["elapsed_hours"]), percent(r["nominal"]), percent(r["randomised"]), f"{r['t']:+.2f}",
         str(r["n"])]
        for r in report["wild_hours"]
    ] == documented("Odds: coverage after a wild hour, percent")  # fmt: skip
    days = [row[2:] for row in documented("Odds: coverage of the 80 % interval by weekday, randomised, percent")]
    assert [percent(r["randomised"]) for r in report["weekdays"]] == [
        cell.partition(" ")[0] for row in days for cell in row
    ]
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
         f"{r['p']:.1e}" if r["p"] else "", f"{after['qlike']:.4f}", percent(r["worst_share"]), str(r["n"])]
        for r, after in zip(report["variance"], late["variance"], strict=True)
    ] == documented("Forecast of realised variance")  # fmt: skip
    bands = by(report, "bands", "metric", "window")
    assert [
        [str(window), *(percent(bands[metric.name, window]["inside"]) for metric in METRICS),
         percent(bands["range", window]["expected"]), str(bands["range", window]["n"])]
        for window in (5, 7, 14, 30)
    ] == documented("Rolling p10 to p90 bands")  # fmt: skip
