"""Scores are a function of the candles: however they came about, they are as from scratch."""

from __future__ import annotations

import json
import math
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from tests.analytics.histories import DAY_MS, START_MS, make_history
from tests.jobs.forecasting import (
    MOSCOW,
    SESSIONS,
    Stored,
    aggregated,
    candles_of,
    correct,
    day,
    everything,
    exchange_in,
    forecast,
    in_session,
    label,
    opened,
    panel_of,
    stored,
    table,
)
from tests.jobs.support import FakeExchange, fill, patient, work_out
from tests.jobs.year import Make, database, exchange, filled, make, on_file
from volatility.analytics import baselines
from volatility.analytics.features import feature_table
from volatility.analytics.forecaster import Forecaster, Scores
from volatility.analytics.odds import path_library
from volatility.analytics.recalibration import Recalibration
from volatility.analytics.walkforward import score_odds
from volatility.domain.errors import DataIncomplete, StorageError
from volatility.domain.hours import HOUR_MS
from volatility.jobs import forecast as job
from volatility.storage.database import Database
from volatility.storage.migrate import migrate

__all__ = ["database", "exchange", "filled", "make", "on_file"]  # fixtures


class Stopped(BaseException):
    """The process ended here."""


def from_scratch(url: str, exchange: FakeExchange) -> Stored:
    """What a new database comes to with the exchange's candles."""
    database = Database(url, patient())
    everything(database, exchange)
    found = stored(database)
    database.close()
    return found


def derived(found: Stored) -> tuple[list[dict[str, Any]], ...]:
    """What must be as from scratch."""
    return found.scores, found.variances, found.recalibrations


def test_scores_are_those_of_the_walk_forward(database: Database, exchange: FakeExchange) -> None:
    report = forecast(database, exchange)
    panel = panel_of(exchange, SESSIONS)
    features = feature_table(panel)
    scores, recalibrations = score_odds(panel, features, path_library(features), 0, Recalibration())
    found = {(opened(row), row["metric"], row["elapsed"]): row for row in stored(database).scores}
    assert len(found) == sum(len(one.session) for one in scores) == 8 * (report.forecasts_written - 1)
    for one in scores:
        for place, session in enumerate(one.session.tolist()):
            row = found[str(day(session)), one.metric, one.elapsed]
            losses = (one.crps, one.climatology_crps, one.pinball, one.climatology_pinball, one.mean)
            for name, values in zip(("crps", "plain_crps", "pinball", "plain_pinball", "mean"), losses, strict=True):
                assert row[name] == pytest.approx(values[place], rel=1e-12)
            assert [row["pit_below"], row["pit_at_most"]] == pytest.approx(one.pit[place].tolist(), rel=1e-12)
            for name, value in (("no_growth", one.no_growth[place]), ("surprise", one.surprise[place])):
                assert row[name] == (None if math.isnan(value) else pytest.approx(value, rel=1e-12))
            assert (row["no_growth"] is None) == (one.metric == "volatility")
            assert (row["surprise"] is None) == (one.elapsed == 0)
            for number, level in enumerate((50, 80, 90)):
                assert row[f"level_{level}"] == pytest.approx(one.levels[place, number], rel=1e-12)
                assert row[f"covered_{level}"] == one.covered[place, number]
                assert row[f"promised_{level}"] == pytest.approx(one.assigned_probability[place, number])
                assert row[f"equal_tails_{level}"] == one.equal_tailed[place, number]
            assert [row[f"odds_{level}"] for level in (10, 25, 50, 75, 90)] == pytest.approx(one.odds[place].tolist())
            assert row["exceeded"] == one.exceeded[place].sum()
    learnt = {opened(row): json.loads(row["corrections"]) for row in stored(database).recalibrations}
    assert sorted(learnt) == sorted({key[0] for key in found})
    for session in sorted({session for one in scores for session in one.session.tolist()}):
        for name, value in learnt[str(day(session))].items():
            assert np.ravel(value) == pytest.approx(np.ravel(getattr(recalibrations[session + 1], name)), rel=1e-9)


def test_the_baselines_of_variance_are_their_definitions(sqlite_url: str) -> None:
    database, exchange = Database(sqlite_url, patient()), exchange_in(410)
    everything(database, exchange)
    realised = panel_of(exchange, 410).realised_variance
    rows = sorted(stored(database).variances, key=opened)
    assert [row["realised"] for row in rows] == pytest.approx(realised.tolist(), rel=1e-12)
    assert [row["previous"] for row in rows] == [None, *(row["realised"] for row in rows[:-1])]
    assert rows[29]["mean_30"] is None
    assert rows[30]["mean_30"] == pytest.approx(realised[:30].mean())
    assert rows[400]["ewma"] == pytest.approx(baselines.ewma(realised)[400])
    assert (rows[394]["har"], rows[394]["har_saturday"]) == (None, None)
    assert rows[402]["har"] == pytest.approx(baselines.har(realised)[402])
    database.close()


def test_day_by_day_gives_the_scores_of_one_run(make: Make, exchange: FakeExchange, tmp_path: Path) -> None:
    database = make()
    forecast(database, exchange)
    for _ in range(9):
        exchange.now += DAY_MS
        everything(database, exchange)
    found, whole = stored(database), from_scratch(f"sqlite:///{tmp_path / 'whole.sqlite3'}", exchange)
    assert derived(found) == derived(whole)
    told = [{name: row[name] for name in row if name not in {"made_at", "live"}} for row in found.forecasts]
    assert told == [{name: row[name] for name in row if name not in {"made_at", "live"}} for row in whole.forecasts]


@pytest.mark.parametrize("seed", range(3))
def test_late_and_corrected_candles_give_the_scores_from_scratch(
    make: Make, exchange: FakeExchange, tmp_path: Path, seed: int
) -> None:
    """Holes that are filled, candles that are corrected, days without a run, rebuilds, runs that stop."""
    database, rng = make(), random.Random(seed)
    for _ in range(6):
        what = rng.choice(("hole", "correct", "wait", "rebuild", "half", "old"))
        if what == "hole":
            at = in_session(rng.randrange(250, SESSIONS), rng.randrange(23))
            with database.engine.begin() as connection:
                moment = f"{day((at - START_MS) // DAY_MS)}%"
                connection.execute(sa.text(f"DELETE FROM klines_hourly WHERE open_time LIKE '{moment}'"))
        elif what == "correct":
            correct(exchange, (exchange.now - START_MS) // DAY_MS - 1, rng.randrange(20), 1.3)
        elif what == "old":
            number = rng.randrange(150, SESSIONS)
            correct(exchange, number, rng.randrange(20), 1.3)
            with database.engine.begin() as connection:
                connection.execute(sa.text(f"DELETE FROM klines_hourly WHERE open_time LIKE '{day(number)}%'"))
        elif what == "wait":
            exchange.now += rng.randrange(1, 3) * DAY_MS
        elif what == "rebuild":
            aggregated(database, exchange)
            work_out(database, exchange, MOSCOW, rebuild=True)
        if what == "half":
            aggregated(database, exchange)  # and the process ends before it forecasts
        else:
            everything(database, exchange)
    everything(database, exchange)
    whole = from_scratch(f"sqlite:///{tmp_path / 'whole.sqlite3'}", exchange)
    assert derived(stored(database)) == derived(whole)


def test_nothing_in_what_comes_later_changes_what_was_said_before(tmp_path: Path) -> None:
    """Through exchange, backfill, aggregation and job: two futures of the same past."""
    split = 318
    one, other = exchange_in(SESSIONS), exchange_in(SESSIONS)
    rng = random.Random(3)
    for candle in list(other.candles.values()):
        if candle.open_time_ms >= START_MS + split * DAY_MS:
            factor = rng.uniform(0.5, 2.0)
            open_, high, low, close = (value * factor for value in candle[1:5])
            other.candles[candle.open_time_ms] = candle._replace(open=open_, high=high, low=low, close=close)
    found = [from_scratch(f"sqlite:///{tmp_path / str(n)}.sqlite3", each) for n, each in enumerate((one, other))]
    for place, last in ((0, split), (1, split - 1), (2, split - 1)):
        parts = [[row for row in tables[place] if str(row["open_time"])[:10] <= str(day(last))] for tables in found]
        assert parts[0] == parts[1]
        assert len(parts[0]) > 10
        assert found[0][place] != found[1][place]


def test_older_history_scores_anew_and_keeps_what_was_forecast(sqlite_url: str, tmp_path: Path) -> None:
    exchange = exchange_in(380)
    database = Database(sqlite_url, patient())
    fill(database, exchange, since_ms=in_session(60, 0))
    work_out(database, exchange, MOSCOW)
    forecast(database, exchange)
    before = stored(database).forecasts
    everything(database, exchange)
    after, whole = stored(database), from_scratch(f"sqlite:///{tmp_path / 'whole.sqlite3'}", exchange)
    assert derived(after) == derived(whole)
    assert [row for row in after.forecasts if row in before] == before
    assert {label(row) for row in after.forecasts} == {label(row) for row in whole.forecasts}
    assert {row["n"] for row in before}.isdisjoint({row["n"] for row in whole.forecasts[-20:]})
    database.close()


def writing(database: Database, then: Callable[[int, str], None]) -> Callable[[], None]:
    """Be told of the number and text of each statement that writes or commits; undone by what comes back."""
    count = iter(range(10**6))

    def heard(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.split(maxsplit=1)[0] not in {"SELECT", "BEGIN", "SET"}:
            then(next(count), statement)

    def committed(_: object) -> None:
        then(next(count), "COMMIT")

    sa.event.listen(database.engine, "before_cursor_execute", heard)
    sa.event.listen(database.engine, "commit", committed)

    def undo() -> None:
        sa.event.remove(database.engine, "before_cursor_execute", heard)
        sa.event.remove(database.engine, "commit", committed)

    return undo


def test_a_run_that_ends_at_any_write_is_completed_by_the_next(
    make: Make, exchange: FakeExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "_CHUNK", 80)
    whole, seen = make(), list[str]()
    undo = writing(whole, lambda _, text: seen.append(text))
    forecast(whole, exchange)
    undo()
    assert len(seen) > 20
    for number in range(len(seen)):
        database = make()

        def stop(now: int, _: str, number: int = number) -> None:
            if now == number:
                raise Stopped

        undo = writing(database, stop)
        with pytest.raises(Stopped):
            forecast(database, exchange)
        undo()
        done = stored(database)
        assert len({opened(row) for row in done.scores}) * 8 == len(done.scores)  # no half session
        forecast(database, exchange)
        assert stored(database)[:3] == stored(whole)[:3], seen[number]
        database.close()


@pytest.mark.server
def test_a_run_on_a_server_that_ends_between_pieces_is_completed_by_the_next(
    mariadb_url: str, exchange: FakeExchange, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "_CHUNK", 60)
    database, whole = Database(mariadb_url, patient()), make()
    aggregated(database, exchange)
    forecast(whole, exchange)
    left = iter(range(5, -1, -1))

    def stop() -> None:
        if next(left) == 0:
            raise Stopped

    with pytest.raises(Stopped):
        forecast(database, exchange, pause=stop)
    assert 0 < len(stored(database).variances) < SESSIONS
    forecast(database, exchange)
    assert stored(database)[:3] == stored(whole)[:3]
    database.close()


def at_once(*work: Callable[[], object]) -> None:
    """Let all begin together."""
    barrier, raised = threading.Barrier(len(work)), list[Exception]()

    def one(do: Callable[[], object]) -> None:
        barrier.wait()
        try:
            do()
        except Exception as error:  # noqa: BLE001 - shown by the test
            raised.append(error)

    threads = [threading.Thread(target=one, args=(do,)) for do in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []


def test_runs_at_once_give_what_one_gives(
    database: Database, exchange: FakeExchange, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "_CHUNK", 40)
    at_once(*(lambda: forecast(database, exchange) for _ in range(3)))
    whole = make()
    forecast(whole, exchange)
    assert stored(database)[:3] == stored(whole)[:3]


def test_two_whole_aggregations_at_once(database_url: str, make: Any) -> None:
    exchange = exchange_in(SESSIONS)
    database, whole = Database(database_url, patient()), make()
    migrate(database)
    fill(database, exchange)

    def run() -> None:
        work_out(database, exchange, MOSCOW)
        forecast(database, exchange)

    at_once(run, run)
    forecast(whole, exchange)
    assert stored(database)[:3] == stored(whole)[:3]
    database.close()


def test_candles_that_change_meanwhile_are_worked_in(
    make: Make, exchange: FakeExchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "_CHUNK", 50)
    database, pauses = make(), list[int]()

    def another() -> None:
        pauses.append(len(pauses))
        if len(pauses) == 4:
            correct(exchange, SESSIONS - 2, by=1.4)
            aggregated(database, exchange)

    forecast(database, exchange, pause=another)
    assert len(pauses) > 8  # it began again
    assert derived(stored(database)) == derived(from_scratch(f"sqlite:///{tmp_path / 'whole.sqlite3'}", exchange))


def test_candles_that_never_stop_changing_are_a_failure_in_plain_words(make: Make, exchange: FakeExchange) -> None:
    database = make()

    def another() -> None:
        correct(exchange, SESSIONS - 1, by=1.01)
        aggregated(database, exchange)

    with pytest.raises(DataIncomplete, match="candles of BTCUSDT kept changing while it was forecast and scored"):
        forecast(database, exchange, pause=another)
    forecast(database, exchange)
    assert derived(stored(database))[1] != []


def test_a_database_that_fails_is_a_failure_and_the_sessions_stay(make: Make, exchange: FakeExchange) -> None:
    database = make()
    sessions = table(database, "daily_sessions")
    with database.engine.begin() as connection:
        connection.execute(
            sa.text("CREATE TRIGGER full BEFORE INSERT ON forecast_scores BEGIN SELECT RAISE(ABORT, 'no room'); END")
        )
    with pytest.raises(StorageError, match="no room"):
        forecast(database, exchange)
    assert table(database, "daily_sessions") == sessions
    assert stored(database).forecasts == []  # a forecast rests on what the scores taught
    with database.engine.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER full"))
    forecast(database, exchange)
    assert len(stored(database).scores) > 100
    assert [bool(row["live"]) for row in stored(database).forecasts].count(True) == 1


def test_one_more_session_costs_the_work_of_one(
    make: Make, exchange: FakeExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = make()
    forecast(database, exchange)
    exchange.now += DAY_MS
    aggregated(database, exchange)
    scored: list[tuple[int, int]] = []
    score = Forecaster.score

    def counted(forecaster: Forecaster, first: int, last: int, start: Recalibration) -> Scores:
        scored.append((first, last))
        return score(forecaster, first, last, start)

    monkeypatch.setattr(Forecaster, "score", counted)
    forecast(database, exchange)
    assert scored == [(SESSIONS, SESSIONS + 1)]


def test_scores_of_a_history_with_holes_are_finite(sqlite_url: str) -> None:
    exchange, rng = exchange_in(SESSIONS), random.Random(5)
    for hour in rng.sample(sorted(exchange.candles), 20):
        del exchange.candles[hour]
    database = Database(sqlite_url, patient())
    everything(database, exchange)
    found = stored(database)
    assert len({opened(row) for row in found.scores}) > 5
    for row in found.scores:
        unknown = {name for name, value in row.items() if value is None}
        assert unknown <= {"no_growth", "surprise"}
        assert 0 <= row["pit_below"] <= row["pit_at_most"] <= 1
        assert row["crps"] >= 0
    database.close()


def test_the_made_up_candles_are_whole() -> None:
    candles = candles_of(make_history(3))
    assert [candle.open_time_ms for candle in candles] == list(range(START_MS, START_MS + 72 * HOUR_MS, HOUR_MS))
    assert all(candle.low <= min(candle.open, candle.close) for candle in candles)
