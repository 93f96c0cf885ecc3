"""Real history through backfill and aggregation: every number equals one computed by another route."""

from __future__ import annotations

import csv
import gzip
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pandas as pd
import pytest

from exchange_simulator import RunningServer
from tests.jobs.conftest import NOW, RealRun
from tests.jobs.plain import Bar, Definition
from tests.jobs.support import (
    SETTINGS,
    STATISTICS,
    Tables,
    assert_equal_to_plain_loops,
    fill,
    moment,
    patient,
    stored_days,
    stored_statistics,
    tables,
    work_out,
)
from volatility.exchange.binance import BinanceClient
from volatility.storage.database import Database

pytestmark = pytest.mark.real_data

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CHANGE_TO_SUMMER = {"America/New_York": date(2021, 3, 13), "Europe/Berlin": date(2021, 3, 27)}
CHANGE_TO_WINTER = {"America/New_York": date(2021, 11, 6), "Europe/Berlin": date(2021, 10, 30)}


def test_every_session_and_statistic_equals_the_plain_loops(real_run: RealRun, real_bars: dict[datetime, Bar]) -> None:
    assert_equal_to_plain_loops(real_run.tables, real_bars, moment(NOW))
    assert len(real_run.tables.sessions) == 2326
    assert real_run.aggregated.sessions_written == 2326


def test_every_candle_prints_as_the_exchange_sent_it(real_run: RealRun, real_candles: Path) -> None:
    with gzip.open(real_candles, "rt") as lines:
        sent = list(csv.reader(lines))[1:]
    stored = real_run.tables.candles
    assert len(stored) == len(sent) == 55740
    for row, texts in zip(stored, sent, strict=True):
        opened, closed = (int(texts[i]) for i in (0, 6))
        assert (row[1], row[7]) == (moment(opened), EPOCH + timedelta(milliseconds=closed))
        assert row[9] == int(texts[8])
        for place in (1, 2, 3, 4, 5, 7, 9, 10):
            value, text = row[place + 1], texts[place]
            # some volumes have 16 digits, more than a double holds: those are the nearest double
            assert str(value).rstrip("0").rstrip(".") == text.rstrip("0").rstrip(".") or value == float(text)
            assert place > 4 or f"{value:.8f}" == text


def test_the_gaps_are_exactly_the_hours_that_the_exchange_has_no_candle_for(real_run: RealRun, real_data: Path) -> None:
    missing = []
    with (real_data / "btcusdt_1h_gaps.csv").open() as lines:
        for row in csv.DictReader(lines):
            hour = datetime.fromisoformat(row["first_missing_open_utc"]).replace(tzinfo=UTC)
            last = datetime.fromisoformat(row["last_missing_open_utc"]).replace(tzinfo=UTC)
            while hour <= last:
                missing.append(hour)
                hour += timedelta(hours=1)
    assert len(missing) == 128
    assert real_run.tables.gaps == missing
    assert real_run.filled.gaps_recorded == 128
    assert real_run.filled.candles_written == real_run.filled.candles_new == 55740


def test_the_session_of_2018_02_08_does_not_exist_and_windows_over_it_know(real_run: RealRun) -> None:
    labels = {day.date for day in stored_days(real_run.tables)}
    assert date(2018, 2, 8) not in labels
    assert {date(2018, 2, 7), date(2018, 2, 9)} <= labels
    found = stored_statistics(real_run.tables)
    for window in SETTINGS.windows:
        for back in range(window):
            label = date(2018, 2, 8) + timedelta(days=back)
            if label in labels:
                assert found[label, "range", window].n == window - 1
        assert found[date(2018, 2, 7), "range", window].n == window
        assert found[date(2018, 2, 8) + timedelta(days=window), "range", window].n == window
    # four of five are 80 %: enough
    assert found[date(2018, 2, 12), "volatility", 5].values["median"] is not None


def test_sessions_with_missing_hours_are_not_complete(real_run: RealRun, real_bars: dict[datetime, Bar]) -> None:
    missing: dict[date, int] = {}
    hour = datetime(2017, 8, 17, 8, tzinfo=UTC)
    while hour < datetime(2023, 12, 31, 8, tzinfo=UTC):
        if hour not in real_bars:
            label = (hour - timedelta(hours=8)).date()
            missing[label] = missing.get(label, 0) + 1
        hour += timedelta(hours=1)
    partial = {day.date: 24 - day.candles for day in stored_days(real_run.tables) if day.candles != 24}
    del missing[date(2018, 2, 8)]
    assert partial == missing
    assert partial[date(2018, 1, 3)] == 1
    assert all(day.expected_candles == 24 for day in stored_days(real_run.tables))


def test_a_hole_right_up_to_the_next_start_leaves_a_session_with_fewer_candles(
    real_run: RealRun, real_bars: dict[datetime, Bar]
) -> None:
    """On 2021-04-25 the hours 05 to 07 UTC are missing: the close is that of the candle of 04."""
    (day,) = (day for day in stored_days(real_run.tables) if day.date == date(2021, 4, 24))
    assert (day.candles, day.close) == (21, real_bars[datetime(2021, 4, 25, 4, tzinfo=UTC)].close)


def test_the_first_session_is_the_first_whole_one(real_run: RealRun) -> None:
    """Candles begin at 04:00 UTC; the session that begins at 08:00 is the first."""
    first = stored_days(real_run.tables)[0]
    assert (first.date, first.open_time) == (date(2017, 8, 17), datetime(2017, 8, 17, 8, tzinfo=UTC))
    assert stored_days(real_run.tables)[-1].date == date(2023, 12, 30)


def test_where_no_session_is_missing_the_statistics_are_those_of_pandas_rolling(real_run: RealRun) -> None:
    """From the day after the missing one on."""
    days = [day for day in stored_days(real_run.tables) if day.date > date(2018, 2, 8)]
    found = stored_statistics(real_run.tables)
    compared = 0
    for metric in ("volatility", "range"):
        series = pd.Series([getattr(day, metric) for day in days], index=[day.date for day in days])
        for window in SETTINGS.windows:
            rolling = series.rolling(window)
            columns = {"mean": rolling.mean(), "median": rolling.median()} | {
                f"p{level}": rolling.quantile(level / 100) for level in (10, 25, 75, 90)
            }
            for label in series.index[window - 1 :]:
                for name in STATISTICS:
                    # pandas keeps running sums for the mean: the ninth digit is its own
                    assert found[label, metric, window].values[name] == pytest.approx(columns[name][label], rel=1e-8)
                    compared += 1
    assert compared > 100_000


@pytest.mark.server
def test_both_databases_hold_the_same_to_the_last_bit(request: pytest.FixtureRequest) -> None:
    on_sqlite: RealRun = request.getfixturevalue("real_on_sqlite")
    on_mariadb: RealRun = request.getfixturevalue("real_on_mariadb")
    assert on_sqlite.tables == on_mariadb.tables


def test_running_both_again_asks_for_two_days_and_changes_nothing(
    real_run: RealRun, real_client: BinanceClient, real_exchange: RunningServer
) -> None:
    real_exchange.exchange.forget_requests()
    again = fill(real_run.database, real_client)
    assert (again.hours_missing, again.hours_asked, again.pages, again.candles_written) == (0, 48, 1, 0)
    assert len(real_exchange.exchange.requests("/api/v3/klines")) == 1
    report = work_out(real_run.database, real_client)
    assert (report.sessions_computed, report.statistics_computed, report.changed) == (0, 0, False)
    assert tables(real_run.database) == real_run.tables


def test_a_rebuild_computes_everything_and_changes_nothing(real_run: RealRun, real_client: BinanceClient) -> None:
    report = work_out(real_run.database, real_client, rebuild=True)
    assert report.sessions_computed == len(real_run.tables.sessions)
    assert report.statistics_computed == len(real_run.tables.statistics)
    assert not report.changed
    assert tables(real_run.database) == real_run.tables


class TestOtherDefinitions:
    """The same candles by another clock: changed settings rebuild all by themselves."""

    @pytest.fixture
    def copy(self, real_on_sqlite: RealRun, tmp_path: Path) -> Iterator[Database]:
        """A copy that holds Moscow's sessions."""
        real_on_sqlite.database.close()  # which empties the write-ahead log into the file
        assert real_on_sqlite.database.file
        shutil.copy(real_on_sqlite.database.file, tmp_path / "copy.sqlite3")
        database = Database(f"sqlite:///{tmp_path / 'copy.sqlite3'}", patient())
        yield database
        database.close()

    def _counts(self, found: Tables) -> dict[date, int]:
        return {day.date: day.expected_candles for day in stored_days(found) if day.expected_candles != 24}

    @pytest.mark.parametrize(
        "definition",
        [
            Definition("America/New_York", time(9)),
            Definition("America/New_York", time(17)),
            Definition("Europe/Berlin", time(11)),
        ],
        ids=lambda definition: f"{definition.zone} {definition.start:%H:%M}",
    )
    def test_a_zone_with_summer_time_has_sessions_of_23_and_25_hours_on_the_right_days(
        self, copy: Database, real_client: BinanceClient, real_bars: dict[datetime, Bar], definition: Definition
    ) -> None:
        report = work_out(copy, real_client, definition)
        assert report.sessions_removed > 0
        found = tables(copy)
        assert_equal_to_plain_loops(found, real_bars, moment(NOW), definition)
        odd = self._counts(found)
        assert odd[CHANGE_TO_SUMMER[definition.zone]] == 23
        assert odd[CHANGE_TO_WINTER[definition.zone]] == 25
        assert sorted(odd.values()) == [23] * 6 + [25] * 7  # autumn 2017 to autumn 2023

    def test_other_windows_and_a_later_start_of_history_and_back(
        self, copy: Database, real_client: BinanceClient, real_bars: dict[datetime, Bar], real_on_sqlite: RealRun
    ) -> None:
        definition = Definition(windows=(3, 30, 90), history_start=datetime(2018, 1, 10, tzinfo=UTC))
        report = work_out(copy, real_client, definition)
        assert report.sessions_removed == (date(2018, 1, 10) - date(2017, 8, 17)).days
        assert_equal_to_plain_loops(tables(copy), real_bars, moment(NOW), definition)
        assert not work_out(copy, real_client, definition).changed
        work_out(copy, real_client)
        assert tables(copy) == real_on_sqlite.tables
