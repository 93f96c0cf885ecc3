"""Whatever the order of backfills, aggregations and the exchange's changes of mind: the tables are as from scratch."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, event, example, given, settings
from hypothesis import strategies as st

from tests.jobs.made_up import walk
from tests.jobs.plain import Definition
from tests.jobs.support import (
    SYMBOL,
    FakeExchange,
    assert_equal_to_plain_loops,
    at,
    bars_of,
    fill,
    moment,
    patient,
    tables,
    work_out,
)
from volatility.domain.candles import Candle
from volatility.domain.errors import DataIncomplete
from volatility.domain.hours import DAY_MS, HOUR_MS, Span
from volatility.storage import candle_rows
from volatility.storage.database import Database
from volatility.storage.migrate import migrate
from volatility.storage.schema import kline_gaps, klines_hourly

COLUMNS = [column.name for column in klines_hourly.columns if column.name != "symbol"]
LONGEST = 26 * 24  # hours of history at most
OLD = datetime(2010, 1, 1, tzinfo=UTC)
# Each with a history that begins some days before clocks change there, if they do.
WORLDS = [
    (Definition(windows=(2, 3, 5), history_start=OLD), at("2017-08-17T04:00")),
    (Definition("America/New_York", time(9), (2, 3, 5), OLD), at("2021-03-05T21:00")),
    (Definition("America/New_York", time(17), (1, 4), OLD), at("2021-10-28T00:00")),
    (Definition("Europe/Berlin", time(2), (3,), OLD), at("2021-10-20T13:00")),
    (Definition("Europe/Berlin", time(0), (2, 5), datetime(2021, 3, 22, tzinfo=UTC)), at("2021-03-19T22:00")),
]


class Step(NamedTuple):
    """One thing that happens; the numbers mean what the kind makes of them."""

    kind: str
    one: int = 0
    two: int = 0


hour_numbers = st.integers(1, LONGEST - 1)
fills = st.builds(Step, st.just("fill"), st.just(0), st.integers(0, 1))
steps = st.one_of(
    fills,
    st.builds(Step, st.just("aggregate")),
    st.builds(Step, st.just("wait"), st.integers(1, 60)),
    fills,
    st.builds(Step, st.just("fill part"), hour_numbers, st.integers(1, 200)),
    st.builds(Step, st.just("aggregate")),
    st.builds(Step, st.just("revise"), st.integers(1, 47), st.integers(1, 99)),
    st.builds(Step, st.just("revise old"), hour_numbers, st.integers(1, 99)),
    st.builds(Step, st.just("appear"), hour_numbers),
    st.builds(Step, st.just("write again"), hour_numbers, st.integers(1, 200)),
)


class Story(NamedTuple):
    """A history with holes, and what happens."""

    world: int
    seed: int
    age: int  # hours that are over when the story begins
    holes: list[tuple[int, int]]
    steps: list[Step]


stories = st.builds(
    Story,
    st.integers(0, len(WORLDS) - 1),
    st.integers(0, 1000),
    st.integers(40, LONGEST - 100),
    st.lists(st.tuples(hour_numbers, st.sampled_from([1, 1, 3, 9, 30, 60])), max_size=6),
    st.lists(steps, min_size=2, max_size=20),
)


class World:
    """Plays a story on a database."""

    def __init__(self, story: Story, database: Database) -> None:
        self.definition, self.start_ms = WORLDS[story.world]
        self.database = database
        everything = walk(self.start_ms, LONGEST, story.seed)
        absent = {number for first, length in story.holes for number in range(first, first + length)} - {0}
        self.absent = {c.open_time_ms: c for number, c in enumerate(everything) if number in absent}
        there = [c for number, c in enumerate(everything) if number not in absent]
        self.exchange = FakeExchange(there, self.start_ms + story.age * HOUR_MS + 1_800_000)

    def play(self, step: Step) -> None:
        """Let one thing happen."""
        actions: dict[str, Callable[[int, int], object]] = {
            "wait": self._wait,
            "fill": lambda _, recheck: self.fill(recheck_gaps=bool(recheck)),
            "fill part": lambda first, length: self.fill(
                since_ms=self._hour(first), until_ms=self._hour(first + length)
            ),
            "aggregate": lambda *_: self.aggregate(),
            "revise": lambda back, factor: self._revise(
                self.exchange.now // HOUR_MS * HOUR_MS - back * HOUR_MS, factor
            ),
            "revise old": self._revise_and_write,
            "appear": lambda number, _: self._appear(self._hour(number)),
            "write again": self._write,
        }
        actions[step.kind](step.one, step.two)

    def fill(self, **more: Any) -> None:
        """Backfill by the settings."""
        fill(self.database, self.exchange, self.definition, **more)

    def aggregate(self) -> None:
        """Aggregate, unless there is nothing yet."""
        if any(candle.open_time_ms >= self.since_ms for candle in self.stored()):
            work_out(self.database, self.exchange, self.definition)
        else:
            with pytest.raises(DataIncomplete, match="no candles of BTCUSDT are stored"):
                work_out(self.database, self.exchange, self.definition)

    @property
    def since_ms(self) -> int:
        """Where history begins by the settings."""
        return int(self.definition.history_start.timestamp() * 1000)

    def write_everything_again(self) -> None:
        """Ask for all of history, and write what comes, however old it is."""
        self.fill(recheck_gaps=True)
        self._write(0, LONGEST)

    def stored(self) -> list[Candle]:
        """All stored candles."""
        everything = Span(self.start_ms, self.start_ms + LONGEST * HOUR_MS)
        return self.database.read(lambda c: candle_rows.stored_candles(c, SYMBOL, everything))

    def _hour(self, number: int) -> int:
        return self.start_ms + number * HOUR_MS

    def _wait(self, hours: int, _: int) -> None:
        self.exchange.now = min(self.exchange.now + hours * HOUR_MS, self._hour(LONGEST) + 1_800_000)

    def _revise(self, hour_ms: int, factor: int) -> None:
        """A revision changes single hours: where more of those stored differ, it would be another market."""
        stored = self.stored()
        differ = 1 + sum(self.exchange.candles.get(one.open_time_ms) != one for one in stored)
        if stored and (differ > 2 or 2 * differ > len(stored)):
            return
        if candle := self.exchange.candles.get(hour_ms):
            scale = 1 + factor / 100
            prices = {name: round(getattr(candle, name) * scale, 8) for name in ("open", "high", "low", "close")}
            self.exchange.candles[hour_ms] = candle._replace(**prices, number_of_trades=candle.number_of_trades + 1)

    def _revise_and_write(self, number: int, factor: int) -> None:
        """A correction older than what backfill asks again for, brought in by hand."""
        self._revise(self._hour(number), factor)
        self._write(number, 1)

    def _appear(self, hour_ms: int) -> None:
        if candle := self.absent.pop(hour_ms, None):
            self.exchange.candles[hour_ms] = candle

    def _write(self, number: int, length: int) -> None:
        """A page that is written once more, or for the first time."""
        end = self.exchange.last_closed_end_ms()
        asked = Span(self._hour(number), min(self._hour(number + length), end))
        if asked.hours:
            migrate(self.database)
            page, now = self.exchange.closed_candles(SYMBOL, asked).candles, self.exchange.now
            self.database.write(
                lambda c: candle_rows.write_page(c, SYMBOL, asked, page, asked_at_ms=now, gap_before_ms=now - DAY_MS)
            )


def assert_as_from_the_same_candles(world: World, fresh: Database) -> None:
    """Bit for bit what an aggregation from scratch makes of the same candles and gaps; right by the plain loops."""
    since_ms = world.since_ms
    candles, found = world.stored(), tables(world.database)
    if not any(candle.open_time_ms >= since_ms for candle in candles):
        assert found.sessions == found.statistics == []
        return
    world.aggregate()
    candles, found = world.stored(), tables(world.database)
    gaps = [int(hour.timestamp() * 1000) for hour in found.gaps]
    copy_to(fresh, candles, gaps)
    # An exchange that has these candles and no others, so that none are fetched on the way.
    work_out(fresh, FakeExchange(candles, world.exchange.now), world.definition, rebuild=True)
    scratch = tables(fresh)
    assert found.sessions == scratch.sessions
    assert found.statistics == scratch.statistics
    if found.sessions:
        known = [hour for hour in (*gaps, *(candle.open_time_ms for candle in candles)) if hour >= since_ms]
        inside = [candle for candle in candles if candle.open_time_ms >= since_ms]
        assert_equal_to_plain_loops(
            found, bars_of(inside), moment(world.exchange.now), world.definition, moment(min(known))
        )
    event(f"{len(found.sessions) // 5 * 5} sessions or more")


def copy_to(fresh: Database, candles: list[Candle], gaps: list[int]) -> None:
    """Candles and gaps as they are, past backfill."""
    with fresh.engine.begin() as connection:
        rows = [{"symbol": SYMBOL, **dict(zip(COLUMNS, candle, strict=True))} for candle in candles]
        connection.execute(sa.insert(klines_hourly), rows)
        if gaps:
            connection.execute(
                sa.insert(kline_gaps), [{"symbol": SYMBOL, "start_time": hour, "asked_at": 0} for hour in gaps]
            )


def assert_as_a_first_run_makes_them(world: World, fresh: Database) -> None:
    """Once all is asked for again, the tables are those of one backfill and one aggregation on a fresh database."""
    world.write_everything_again()
    fill(fresh, world.exchange, world.definition)
    if not any(candle.open_time_ms >= world.since_ms for candle in world.exchange.closed):
        return
    world.aggregate()
    work_out(fresh, world.exchange, world.definition, rebuild=True)
    found, scratch = tables(world.database), tables(fresh)
    assert [row for row in found.candles if row[1] >= moment(world.since_ms)] == scratch.candles
    assert [hour for hour in found.gaps if hour >= moment(world.since_ms)] == scratch.gaps
    assert found.sessions == scratch.sessions
    assert found.statistics == scratch.statistics


@contextmanager
def file_at(path: Path, template: Path) -> Iterator[Database]:
    """A migrated SQLite file, as quick as memory."""
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    shutil.copy(template, path)
    database = Database(f"sqlite:///{path}", patient())
    sa.event.listen(database.engine, "connect", _in_a_hurry)
    yield database
    database.close()


def _in_a_hurry(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty file."""
    file = tmp_path_factory.mktemp("template") / "empty.sqlite3"
    database = Database(f"sqlite:///{file}", patient())
    migrate(database)
    database.close()
    return file


HOLE_AT_THE_END = Story(
    0, 1, 40, [(27, 1)], [Step("fill"), Step("aggregate"), Step("appear", 27), Step("wait", 9), Step("fill")]
)
# A candle from before the start of history, which itself begins in a hole.
BEFORE_HISTORY = Story(4, 0, 97, [(44, 30)], [Step("fill"), Step("revise old", 1, 1)])
BACKWARDS = Story(
    0,
    2,
    40,
    [],
    [Step("wait", 60)] * 5
    + [Step("fill part", 300, 40), Step("aggregate"), Step("fill part", 5, 60), Step("aggregate")],
)
examples = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=set(Phase) - {Phase.explain},
)


@settings(examples, max_examples=120)
@given(story=stories)
@example(story=HOLE_AT_THE_END)
@example(story=BACKWARDS)
@example(story=BEFORE_HISTORY)
def test_on_sqlite(story: Story, template: Path, tmp_path: Path) -> None:
    with file_at(tmp_path / "one.sqlite3", template) as database:
        _tell(story, database, template, tmp_path)


@pytest.mark.server
@settings(examples, max_examples=12)
@given(story=stories)
@example(story=BACKWARDS)
def test_on_mariadb(story: Story, template: Path, tmp_path: Path, on_server: Database) -> None:
    """Compared with what SQLite makes from scratch: the two agree to the last bit."""
    _empty(on_server)
    _tell(story, on_server, template, tmp_path)


def _tell(story: Story, database: Database, template: Path, folder: Path) -> None:
    world = World(story, database)
    for step in story.steps:
        world.play(step)
    with file_at(folder / "same.sqlite3", template) as fresh:
        assert_as_from_the_same_candles(world, fresh)
    with file_at(folder / "first.sqlite3", template) as fresh:
        assert_as_a_first_run_makes_them(world, fresh)


def _empty(database: Database) -> None:
    migrate(database)
    with database.engine.begin() as connection:
        for name in sa.inspect(connection).get_table_names():
            if name != "alembic_version":
                connection.exec_driver_sql(f"DELETE FROM {name}")
