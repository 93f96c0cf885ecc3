"""Queries over forecasts and scores, and the migration that made their tables, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from tests.storage.support import START, SYMBOL, candle, execute, rows
from volatility.domain.errors import SchemaMismatch, StorageError
from volatility.domain.hours import DAY_MS, Span
from volatility.domain.metrics import FORECAST_METRICS, FORECAST_VALUES, forecast_column
from volatility.storage import candle_rows, forecast_rows
from volatility.storage import migrate as migrations
from volatility.storage.database import Database
from volatility.storage.forecast_rows import ForecastState, Owner
from volatility.storage.migrate import check, migrate

OWNER = Owner(SYMBOL, "start 11:00 Europe/Moscow, history from 2017-08-17", 1)
EVER = Span(0, START + 10_000 * DAY_MS)
FIRST = date(2017, 8, 17)


def opened(number: int) -> int:
    return START + 4 * 3_600_000 + number * DAY_MS


def forecast(number: int, owner: Owner = OWNER, *, live: bool = False, value: float = 1 / 3) -> forecast_rows.Row:
    """A forecast of the session of a number."""
    columns = [forecast_column(metric, name) for metric in FORECAST_METRICS for name in FORECAST_VALUES]
    return {
        **owner._asdict(),
        "open_time": opened(number),
        "close_time": opened(number + 1),
        "date": FIRST + timedelta(days=number),
        "made_at": opened(number) + 1_234,
        "live": live,
        "n": 180 + number,
        "variance": value / 1000,
        **{name: value + place for place, name in enumerate(columns)},
    }


def score(number: int, metric: str = "range", elapsed: int = 6, crps: float = 0.1) -> forecast_rows.Row:
    """A score of the session of a number."""
    key = {"symbol": SYMBOL, "open_time": opened(number), "metric": metric, "elapsed": elapsed}
    values: dict[str, Any] = {name: crps for name in forecast_rows.SCORE_COLUMNS if name not in key}
    flags = {name: number % 2 == 0 for name in values if name.startswith(("covered", "equal_tails"))}
    return key | values | flags | {"exceeded": 3}


def variance(number: int, har: float | None = None) -> forecast_rows.Row:
    """Realised variance and what plain methods forecast."""
    key = {"symbol": SYMBOL, "open_time": opened(number), "realised": 4e-4}
    return key | {"previous": 1e-4, "mean_30": None, "ewma": 2e-4, "har": har, "har_saturday": har}


def add(database: Database, *forecasts: forecast_rows.Row) -> int:
    return database.write(lambda connection: forecast_rows.add_forecasts(connection, forecasts))


def test_what_is_read_back_is_what_was_written(database: Database) -> None:
    assert add(database, forecast(0), forecast(1, live=True)) == 2
    assert add(database) == 0
    found = database.read(lambda connection: forecast_rows.newest_forecasts(connection, SYMBOL, OWNER.definition, 5))
    assert found == [forecast(1, live=True), forecast(0)]
    assert database.read(lambda connection: forecast_rows.forecast_opens(connection, OWNER, EVER)) == {
        opened(0),
        opened(1),
    }
    columns = database.read(
        lambda c: forecast_rows.forecast_columns(
            c, SYMBOL, OWNER.definition, opened(1), ("open_time", "live", "variance")
        )
    )
    assert [tuple(row) for row in columns] == [(opened(1), True, 1 / 3000)]


def test_forecasts_of_all_methods_are_read_and_the_newest_method_comes_last(database: Database) -> None:
    add(database, *(forecast(number) | {"method": 7} for number in (0, 1)))
    add(database, forecast(0), forecast(1, live=True))
    add(database, forecast(0) | {"definition": "another"})
    found = database.read(
        lambda c: forecast_rows.forecast_columns(c, SYMBOL, OWNER.definition, 0, ("open_time", "method", "live"))
    )
    assert [tuple(row) for row in found] == [
        (opened(number), method, live)
        for number, ours in ((0, False), (1, True))
        for method, live in sorted([(OWNER.method, ours), (7, False)])
    ]


def test_a_forecast_that_is_there_stays(database: Database) -> None:
    add(database, forecast(0), forecast(1))
    before = rows(database, "SELECT * FROM session_forecasts ORDER BY open_time")
    assert add(database, forecast(0, value=9.0, live=True), forecast(1, value=9.0), forecast(2, value=9.0)) == 1
    assert rows(database, "SELECT * FROM session_forecasts ORDER BY open_time")[:2] == before


def test_the_database_itself_refuses_a_second_forecast(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The statement has no way to replace a row, even if it is told that there is none."""
    add(database, forecast(0))
    before = rows(database, "SELECT * FROM session_forecasts")
    monkeypatch.setattr(forecast_rows, "forecast_opens", lambda *_: set())
    with pytest.raises(StorageError):
        add(database, forecast(0, value=9.0))
    assert rows(database, "SELECT * FROM session_forecasts") == before


def test_other_definitions_methods_and_symbols_have_forecasts_of_their_own(database: Database) -> None:
    others = [OWNER._replace(definition="start 12:00"), OWNER._replace(method=2), OWNER._replace(symbol="ETHUSDT")]
    assert add(database, forecast(0)) == 1
    for other in others:
        assert add(database, forecast(0, other, value=2.0)) == 1
    assert database.read(lambda connection: forecast_rows.forecast_opens(connection, OWNER, EVER)) == {opened(0)}
    assert len(rows(database, "SELECT symbol FROM session_forecasts")) == 4


def test_of_two_methods_forecasts_of_a_session_the_live_one_is_shown(database: Database) -> None:
    second = OWNER._replace(method=2)
    add(database, forecast(0), forecast(1, live=True), forecast(2))
    add(database, *(forecast(number, second, value=2.0) for number in range(4)))
    found = database.read(lambda connection: forecast_rows.newest_forecasts(connection, SYMBOL, OWNER.definition, 10))
    assert [(row["open_time"], row["method"]) for row in found] == [
        (opened(3), 2),
        (opened(2), 2),
        (opened(1), 1),
        (opened(0), 2),
    ]
    two = database.read(lambda connection: forecast_rows.newest_forecasts(connection, SYMBOL, OWNER.definition, 2))
    assert two == found[:2]


def test_scores_become_what_was_computed_and_only_differences_are_written(database: Database) -> None:
    def reconciled(within: Span, *computed: forecast_rows.Row) -> int:
        return database.write(lambda connection: forecast_rows.reconcile_scores(connection, SYMBOL, within, computed))

    whole = Span(opened(0), opened(5))
    assert reconciled(whole, *(score(number) for number in range(5))) == 5
    assert reconciled(whole, *(score(number) for number in range(5))) == 0
    assert reconciled(whole, *(score(number, crps=1 / 3 if number == 2 else 0.1) for number in range(4))) == 2
    found = database.read(lambda connection: forecast_rows.scores_since(connection, SYMBOL, opened(2)))
    assert [tuple(row) for row in found] == [
        tuple(score(2, crps=1 / 3).values())[1:],
        tuple(score(3).values())[1:],
    ]
    assert reconciled(Span(opened(1), opened(2))) == 1  # what lies outside the span stays
    assert len(rows(database, "SELECT * FROM forecast_scores")) == 3


def test_variances_keep_nulls(database: Database) -> None:
    def reconciled(*computed: forecast_rows.Row) -> int:
        within = Span(opened(0), opened(5))
        return database.write(
            lambda connection: forecast_rows.reconcile_variances(connection, SYMBOL, within, computed)
        )

    assert reconciled(variance(0), variance(1, 3e-4)) == 2
    assert reconciled(variance(0), variance(1, 3e-4)) == 0
    assert reconciled(variance(0, 3e-4), variance(1)) == 2
    found = database.read(lambda connection: forecast_rows.variances_since(connection, SYMBOL, 0))
    assert [tuple(row) for row in found] == [
        (opened(0), 4e-4, 1e-4, None, 2e-4, 3e-4, 3e-4),
        (opened(1), 4e-4, 1e-4, None, 2e-4, None, None),
    ]


def test_forgetting_scores_touches_no_forecast_and_no_other_symbol(database: Database) -> None:
    add(database, forecast(0))
    within = Span(opened(0), opened(5))

    def fill(connection: sa.Connection) -> None:
        for symbol in (SYMBOL, "ETHUSDT"):
            forecast_rows.reconcile_scores(connection, symbol, within, [score(0) | {"symbol": symbol}])
            forecast_rows.reconcile_variances(connection, symbol, within, [variance(0) | {"symbol": symbol}])

    database.write(fill)
    database.write(lambda connection: forecast_rows.forget_scores(connection, SYMBOL))
    for name in ("forecast_scores", "variance_scores"):
        assert rows(database, f"SELECT symbol FROM {name}") == [("ETHUSDT",)]
    assert len(rows(database, "SELECT * FROM session_forecasts")) == 1


def state(database: Database) -> ForecastState | None:
    return database.read(lambda connection: forecast_rows.read_state(connection, SYMBOL))


def test_the_state_is_kept(database: Database) -> None:
    assert state(database) is None
    for _ in range(2):
        database.write(lambda connection: forecast_rows.ensure_state(connection, OWNER))
        assert state(database) == ForecastState(OWNER, None, 0, 0, 0)
    wanted = ForecastState(OWNER._replace(method=7), date(2020, 2, 29), 181, 5, 2**40)
    database.write(lambda connection: forecast_rows.write_state(connection, wanted))
    assert state(database) == wanted
    database.write(lambda connection: forecast_rows.ensure_state(connection, OWNER))
    assert database.write(lambda connection: forecast_rows.read_state(connection, SYMBOL, lock=True)) == wanted


@pytest.mark.parametrize(
    ("since", "done"),
    [
        (date(2020, 1, 9), date(2020, 1, 8)),
        (date(2020, 1, 10), date(2020, 1, 9)),
        (date(2020, 1, 11), date(2020, 1, 10)),
        (date(2021, 1, 1), date(2020, 1, 10)),
    ],
)
def test_a_change_lowers_how_far_it_is_done_and_never_raises_it(database: Database, since: date, done: date) -> None:

    def fill(connection: sa.Connection) -> None:
        for symbol in (SYMBOL, "ETHUSDT"):
            forecast_rows.write_state(
                connection, ForecastState(OWNER._replace(symbol=symbol), date(2020, 1, 10), 200, 3, 9)
            )

    database.write(fill)
    database.write(lambda connection: forecast_rows.note_changes(connection, SYMBOL, since))
    assert state(database) == ForecastState(OWNER, done, 200, 4, 9)
    other = database.read(lambda connection: forecast_rows.read_state(connection, "ETHUSDT"))
    assert other is not None
    assert other.changes == 3


def test_a_change_is_noted_also_where_nothing_is_done_yet(database: Database) -> None:
    database.write(lambda connection: forecast_rows.note_changes(connection, SYMBOL, FIRST))
    assert state(database) is None
    database.write(lambda connection: forecast_rows.ensure_state(connection, OWNER))
    database.write(lambda connection: forecast_rows.note_changes(connection, SYMBOL, FIRST))
    assert state(database) == ForecastState(OWNER, None, 0, 1, 0)


# The migration


@contextmanager
def stopping_after(revision: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A program that knows the schema up to a revision only."""
    upgrade = command.upgrade

    def older(config: Config, _: str) -> None:
        upgrade(config, revision)

    with monkeypatch.context() as changed:
        changed.setattr(command, "upgrade", older)
        changed.setattr(migrations, "known_revisions", lambda: [f"{n:04}" for n in range(1, int(revision) + 1)])
        yield


@pytest.fixture
def old(empty: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database that the program before this migration has filled."""
    with stopping_after("0001", monkeypatch):
        migrate(empty)
    assert not sa.inspect(empty.engine).has_table("session_forecasts")
    candles = [candle(number) for number in range(48)]
    empty.write(
        lambda connection: candle_rows.write_page(
            connection, SYMBOL, Span(START, START + 2 * DAY_MS), candles, asked_at_ms=START, gap_before_ms=0
        )
    )
    execute(
        empty,
        "INSERT INTO symbols VALUES ('BTCUSDT', '2017-08-17 04:00:00.000000', 0)",
        "INSERT INTO aggregation_state VALUES ('BTCUSDT', 'some', '2017-08-17', '2017-08-18', 7)",
    )
    return empty


def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the tables of the first migration."""
    names = [name for name in sa.inspect(database.engine).get_table_names() if name != "alembic_version"]
    new = {"session_forecasts", "forecast_scores", "variance_scores", "odds_recalibrations", "forecast_state"}
    new.add("job_runs")
    return {name: rows(database, f"SELECT * FROM {name}") for name in names if name not in new}


def test_a_filled_database_keeps_everything_and_gets_the_new_tables(old: Database) -> None:
    before = contents(old)
    assert len(before["klines_hourly"]) == 48
    with pytest.raises(SchemaMismatch, match="run btc-volatility migrate"):
        check(old)
    migrate(old)
    check(old)
    assert contents(old) == before
    assert add(old, forecast(0)) == 1
    migrate(old)
    assert len(rows(old, "SELECT * FROM session_forecasts")) == 1


def test_a_migration_that_stopped_after_some_tables_is_completed(old: Database) -> None:
    before = contents(old)

    class Stopped(BaseException):
        pass

    for name in ("forecast_scores", "forecast_state"):

        def stop(_c: object, _cursor: object, text: str, *_: object, name: str = name) -> None:
            if f"CREATE TABLE IF NOT EXISTS {name}" in text:
                raise Stopped

        sa.event.listen(old.engine, "before_cursor_execute", stop)
        with pytest.raises(Stopped):
            migrate(old)
        sa.event.remove(old.engine, "before_cursor_execute", stop)
        assert rows(old, "SELECT version_num FROM alembic_version") == [("0001",)]
    migrate(old)
    check(old)
    assert contents(old) == before


@pytest.fixture
def before_means(old: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database of the program that scored no means, with a score and a state of its method."""
    with stopping_after("0003", monkeypatch):
        migrate(old)
    losses = ("crps", "plain_crps", "pinball", "plain_pinball", "pit_below", "pit_at_most")
    scored = {"symbol": SYMBOL, "open_time": "2017-12-01 08:00:00", "metric": "range", "elapsed": 6, "exceeded": 2}
    scored |= dict.fromkeys(losses, 0.5)
    scored |= {f"{name}_{level}": 1 for name in ("covered", "promised", "equal_tails") for level in (50, 80, 90)}
    scored |= {f"odds_{level}": 0.5 for level in (10, 25, 50, 75, 90)}
    columns = ", ".join(scored)
    values = ", ".join(repr(value) for value in scored.values())
    execute(
        old,
        f"INSERT INTO forecast_scores ({columns}) VALUES ({values})",
        "INSERT INTO variance_scores (symbol, open_time, realised) VALUES ('BTCUSDT', '2017-12-01 08:00:00', 0.001)",
        "INSERT INTO forecast_state VALUES ('BTCUSDT', 'some', 1, '2017-12-01', 200, 3, 8)",
    )
    return old


def test_scores_without_means_make_room_for_new_ones_and_all_else_stays(before_means: Database) -> None:
    old, kept = before_means, contents(before_means)
    migrate(old)
    check(old)
    assert contents(old) == kept
    assert rows(old, "SELECT COUNT(*) FROM forecast_scores") == [(0,)]
    assert rows(old, "SELECT method, n, changes, revision FROM forecast_state") == [(1, 200, 3, 8)]  # of that method
    assert rows(old, "SELECT realised FROM variance_scores") == [(0.001,)]
    assert old.read(lambda connection: forecast_rows.corrections_before(connection, SYMBOL, START + 10**11)) is None


def test_a_migration_to_scores_of_means_that_stopped_at_any_statement_is_completed(before_means: Database) -> None:
    class Stopped(BaseException):
        pass

    stops = ("DROP TABLE", "CREATE TABLE IF NOT EXISTS forecast_scores", "CREATE TABLE IF NOT EXISTS odds_rec")
    for text in stops:

        def stop(_c: object, _cursor: object, told: str, *_: object, text: str = text) -> None:
            if text in told:
                raise Stopped

        sa.event.listen(before_means.engine, "before_cursor_execute", stop)
        with pytest.raises(Stopped):
            migrate(before_means)
        sa.event.remove(before_means.engine, "before_cursor_execute", stop)
        assert rows(before_means, "SELECT version_num FROM alembic_version") == [("0003",)]
    migrate(before_means)
    check(before_means)
    migrate(before_means)


def test_an_older_program_refuses_the_newer_schema(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        stopping_after("0001", monkeypatch),
        pytest.raises(SchemaMismatch, match="newer than this program knows"),
    ):
        migrate(database)
