"""What is stored as a forecast, when, and that nothing ever changes it."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from tests.jobs.forecasting import (
    MOSCOW,
    SESSIONS,
    aggregated,
    correct,
    day,
    everything,
    exchange_in,
    forecast,
    in_session,
    label,
    panel_of,
    series_of,
    stored,
)
from tests.jobs.plain import Definition
from tests.jobs.support import FakeExchange, fill, patient, work_out
from tests.jobs.year import database, exchange, filled, make, on_file
from volatility.analytics.features import feature_table
from volatility.analytics.forecast import forecast_session, variance_hindcasts
from volatility.analytics.odds import path_library
from volatility.analytics.panel import HourlyPanel, build_panel
from volatility.analytics.recalibration import Recalibration
from volatility.analytics.walkforward import score_odds
from volatility.domain.hours import DAY_MS, HOUR_MS
from volatility.storage.database import Database

__all__ = ["database", "exchange", "filled", "make", "on_file"]  # fixtures

QUANTILES = [f"p{level}" for level in range(5, 100, 5)]


def with_an_empty_session(panel: HourlyPanel) -> HourlyPanel:
    """The panel and the session after it, of which nothing is known."""
    starts, ends = (np.append(bounds, bounds[-1] + DAY_MS) for bounds in (panel.starts_ms, panel.ends_ms))
    times = (panel.starts_ms[:, None] + HOUR_MS * np.arange(24)).ravel()
    candles = [getattr(panel, name).ravel() for name in ("open", "high", "low", "close")]
    return build_panel(times, candles, starts, ends)


def said(exchange: FakeExchange, number: int) -> dict[str, float] | None:
    """A forecast of a session from nothing but the candles before it, past the database and the job."""
    panel = with_an_empty_session(panel_of(exchange, number))
    features = feature_table(panel)
    library = path_library(features)
    walk = score_odds(panel[:number], features, library, 0, Recalibration())
    hindcasts = variance_hindcasts(panel, features)
    found = forecast_session(features, library, hindcasts, number, walk.recalibrations[-1])
    if found is None:
        return None
    values = {"n": found.n, "variance": found.variance}
    for name in ("realised_volatility_pct", "volatility", "range"):
        distribution, column = getattr(found, name), name.removesuffix("_pct") + "_pct"
        values[f"{column}_mean"] = distribution.mean
        values |= {f"{column}_p{level}": distribution.quantile(level / 100) for level in range(5, 100, 5)}
    return values


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What the database is told meanwhile."""
    told: list[str] = []

    def heard(_c: object, _cursor: object, statement: str, *_: object) -> None:
        told.append(" ".join(statement.split()))

    sa.event.listen(database.engine, "before_cursor_execute", heard)
    yield told
    sa.event.remove(database.engine, "before_cursor_execute", heard)


def test_every_forecast_is_what_the_sessions_before_it_say(database: Database, exchange: FakeExchange) -> None:
    report = forecast(database, exchange)
    rows = {label(row): row for row in stored(database).forecasts}
    assert report.forecasts_written == len(rows) > 20
    first = SESSIONS + 1 - len(rows)
    assert sorted(rows) == [str(day(number)) for number in range(first, SESSIONS + 1)]  # none is left out
    assert said(exchange, first - 1) is None
    for number in (first, first + 13, SESSIONS):
        wanted = said(exchange, number)
        assert wanted is not None
        row = rows[str(day(number))]
        assert {name: row[name] for name in wanted} == pytest.approx(wanted, rel=1e-12), number


def test_a_long_run_says_how_far_it_has_come(
    on_file: Database, exchange: FakeExchange, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr("volatility.jobs.forecast._SAY_SECONDS", 0.0)
    forecast(on_file, exchange)
    lines = [line for line in caplog.messages if "forecast" in line]
    assert lines[0] == f"BTCUSDT: forecasting and scoring {SESSIONS} sessions"
    assert lines[-1] == f"BTCUSDT: forecast and scored up to {day(299)} of {day(SESSIONS - 1)}"
    caplog.clear()
    exchange.now += DAY_MS
    everything(on_file, exchange)
    assert [line for line in caplog.messages if "scor" in line] == []  # one session is no long run


def test_forecasts_are_whole_distributions(on_file: Database, exchange: FakeExchange) -> None:
    forecast(on_file, exchange)
    for row in stored(on_file).forecasts:
        assert row["n"] >= 180
        assert all(math.isfinite(value) for value in row.values() if isinstance(value, float))
        for name in ("realised_volatility_pct", "volatility_pct", "range_pct"):
            levels = [row[f"{name}_{quantile}"] for quantile in QUANTILES]
            assert levels == sorted(levels)
            assert levels[0] < row[f"{name}_mean"] < levels[-1]


def test_only_the_running_session_is_forecast_live(database: Database, exchange: FakeExchange) -> None:
    forecast(database, exchange)
    rows = stored(database).forecasts
    assert [label(row) for row in rows if row["live"]] == [str(day(SESSIONS))]
    assert {str(row["made_at"])[:19] for row in rows} == {f"{day(SESSIONS)} 10:30:00"}  # the exchange's clock
    assert {row["method"] for row in rows} == {2}
    assert {row["definition"] for row in rows} == {"start 11:00 Europe/Moscow, history from 2017-08-17"}


def test_a_day_later_there_is_one_forecast_more(database: Database, exchange: FakeExchange) -> None:
    forecast(database, exchange)
    before = stored(database).forecasts
    exchange.now += DAY_MS
    report = everything(database, exchange)
    after = stored(database).forecasts
    assert report.as_json() == {"forecasts_written": 1, "scores_written": 9}
    assert [row for row in after if row in before] == before
    assert [label(row) for row in after if row["live"]] == [str(day(SESSIONS)), str(day(SESSIONS + 1))]


def test_days_that_nobody_was_there_are_hindcast(on_file: Database, exchange: FakeExchange) -> None:
    forecast(on_file, exchange)
    exchange.now += 3 * DAY_MS
    assert everything(on_file, exchange).forecasts_written == 3
    live = {label(row): bool(row["live"]) for row in stored(on_file).forecasts}
    assert [live[str(day(SESSIONS + more))] for more in range(4)] == [True, False, False, True]


def test_with_nothing_new_nothing_is_read_but_the_state(on_file: Database, exchange: FakeExchange) -> None:
    forecast(on_file, exchange)
    with statements(on_file) as told:
        assert forecast(on_file, exchange).as_json() == {"forecasts_written": 0, "scores_written": 0}
    assert not [text for text in told if "klines_hourly" in text or text.split()[0] not in {"SELECT", "BEGIN"}]
    assert len(told) < 12


def disturb(database: Database, exchange: FakeExchange, number: int) -> None:
    """All that may happen to a database that has forecasts; nothing of it is a reason to touch one."""
    if number == 0:
        correct(exchange, SESSIONS - 1, by=1.5)  # within 48 hours: the next backfill sees it
    elif number == 1:
        correct(exchange, 100, by=3.0)
        with database.engine.begin() as connection:  # a stored candle is asked for again only where it is missing
            connection.execute(sa.text("DELETE FROM klines_hourly WHERE open_time < '2017-12-01'"))
    elif number == 2:
        exchange.now += 2 * DAY_MS
    elif number == 3:
        work_out(database, exchange, MOSCOW, rebuild=True)
    else:
        work_out(database, exchange, Definition(windows=(3,)), rebuild=True)


def test_no_forecast_is_ever_changed_or_removed(database: Database, exchange: FakeExchange) -> None:
    forecast(database, exchange)
    ever: list[dict[str, Any]] = stored(database).forecasts
    with statements(database) as told:
        for number in range(5):
            disturb(database, exchange, number)
            everything(database, exchange)
            now = stored(database).forecasts
            assert [row for row in now if row in ever] == ever, number
            ever = now
    touching = {text.split("session_forecasts")[0].strip() for text in told if "session_forecasts" in text}
    assert {text for text in touching if not text.startswith("SELECT")} <= {"INSERT INTO"}
    assert not [text for text in told if ("session_forecasts" in text and "DUPLICATE" in text) or "REPLACE" in text]


def test_a_corrected_candle_changes_scores_and_outcomes_but_no_forecast(
    on_file: Database, exchange: FakeExchange
) -> None:
    forecast(on_file, exchange)
    before = stored(on_file)
    correct(exchange, SESSIONS - 1, by=1.2)
    report = everything(on_file, exchange)
    after = stored(on_file)
    assert after.forecasts == before.forecasts
    assert (report.forecasts_written, report.scores_written) == (0, 8)  # all but the odds of Vol at the open
    assert [row for row in after.scores if row not in before.scores] != []
    with_hindsight = said(exchange, SESSIONS)
    assert with_hindsight is not None
    (running,) = (row for row in after.forecasts if label(row) == str(day(SESSIONS)))
    assert running["variance"] != pytest.approx(with_hindsight["variance"], rel=1e-6)


def test_forecasts_belong_to_the_definition_of_a_session(on_file: Database, exchange: FakeExchange) -> None:
    forecast(on_file, exchange)
    moscow = stored(on_file)
    later = MOSCOW._replace(start=time(12))
    assert everything(on_file, exchange, later).forecasts_written > 20
    both = stored(on_file)
    assert [row for row in both.forecasts if row in moscow.forecasts] == moscow.forecasts
    assert {row["definition"] for row in both.forecasts} == {
        f"start {hour}:00 Europe/Moscow, history from 2017-08-17" for hour in (11, 12)
    }
    assert {str(row["open_time"])[11:13] for row in both.scores} == {"09"}  # scores are of one definition
    back = everything(on_file, exchange)
    assert (back.forecasts_written, stored(on_file).forecasts) == (0, both.forecasts)
    assert stored(on_file)[1:4] == moscow[1:4]


def test_windows_are_no_part_of_the_definition(on_file: Database, exchange: FakeExchange) -> None:
    forecast(on_file, exchange)
    before = stored(on_file)
    assert everything(on_file, exchange, MOSCOW._replace(windows=(3, 9))).as_json() == {
        "forecasts_written": 0,
        "scores_written": 0,
    }
    assert stored(on_file)[:4] == before[:4]


@pytest.mark.parametrize("sessions", [1, 40, 179, 299])
def test_a_short_history_gives_no_forecast_and_says_how_short(sqlite_url: str, sessions: int) -> None:
    database, exchange = Database(sqlite_url, patient()), exchange_in(sessions)
    assert everything(database, exchange).forecasts_written == 0
    found = stored(database)
    assert (found.forecasts, found.scores) == ([], [])
    assert [row["n"] for row in found.state] == [max(0, sessions - 121)]  # so many the regression needs first
    assert len(found.variances) == sessions
    database.close()


def test_nothing_is_done_before_the_first_aggregation(sqlite_url: str, exchange: FakeExchange) -> None:
    database = Database(sqlite_url, patient())
    fill(database, exchange)
    assert forecast(database, exchange).as_json() == {"forecasts_written": 0, "scores_written": 0}
    assert stored(database) == ([], [], [], [], [])
    database.close()


def test_without_the_exchanges_clock_no_forecast_is_live(on_file: Database, exchange: FakeExchange) -> None:
    exchange.away = True
    forecast(on_file, exchange)
    rows = stored(on_file).forecasts
    assert [row for row in rows if row["live"]] == []
    assert label(rows[-1]) == str(day(SESSIONS - 1))
    assert str(rows[-1]["made_at"]).startswith(f"{day(SESSIONS)} 10:30:00.007")  # the machine's
    exchange.away = False
    assert forecast(on_file, exchange).forecasts_written == 1
    assert bool(stored(on_file).forecasts[-1]["live"])


def test_a_session_whose_eve_is_not_closed_is_not_forecast(on_file: Database, exchange: FakeExchange) -> None:
    exchange.now += DAY_MS  # aggregation has not seen this
    forecast(on_file, exchange)
    assert label(stored(on_file).forecasts[-1]) == str(day(SESSIONS - 1))


def test_a_session_without_candles_is_forecast_and_not_scored(sqlite_url: str) -> None:
    database, exchange = Database(sqlite_url, patient()), exchange_in(SESSIONS)
    for hour in range(24):
        del exchange.candles[in_session(315, hour)]
    everything(database, exchange)
    found = stored(database)
    assert str(day(315)) in {label(row) for row in found.forecasts}
    for rows in (found.scores, found.variances):
        dates = {str(row["open_time"])[:10] for row in rows}
        assert str(day(315)) not in dates
        assert str(day(316)) in dates
    database.close()


def test_where_clocks_change_such_sessions_are_forecast_and_not_scored(sqlite_url: str) -> None:
    zone = MOSCOW._replace(zone="America/New_York", start=time(4))
    exchange = exchange_in(590, more=3)  # to 30 March 2019
    database = Database(sqlite_url, patient())
    aggregated(database, exchange, zone)
    assert forecast(database, exchange, zone).forecasts_written > 250
    found = stored(database)
    scored = {str(row["open_time"])[:10] for row in found.scores}
    forecasted = {label(row) for row in found.forecasts}
    for changed in ("2018-11-03", "2019-03-09"):
        assert changed in forecasted
        assert changed not in scored
    assert {"2018-11-02", "2018-11-04", "2019-03-08", "2019-03-10"} <= scored
    database.close()


def test_a_definition_too_long_for_its_column_is_named_by_a_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = series_of().forecast_definition
    assert plain == "start 11:00 Europe/Moscow, history from 2017-08-17"
    longest = MOSCOW._replace(zone="America/Argentina/ComodRivadavia")
    assert len(series_of(longest).forecast_definition) <= 80
    monkeypatch.setattr("volatility.domain.series._FORECASTS_LENGTH", 20)
    digests = {series_of(one).forecast_definition for one in (MOSCOW, longest)}
    assert {len(digest) for digest in digests} == {64}
    assert len(digests) == 2
