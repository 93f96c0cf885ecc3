"""What notebooks get: the stored rows, as DataFrames."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from exchange_simulator import Clock, GeneratedMarket, SimulatedExchange, serve
from tests.storage.accounts import Patience, five
from tests.support.canned import nobody_listens
from volatility.cli import main
from volatility.domain.errors import DatabaseAway
from volatility.domain.retry import ONCE
from volatility.domain.series import Series
from volatility.frames import candles_frame, load_candles, load_sessions, sessions_frame
from volatility.settings import Settings
from volatility.storage.database import Database


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Six weeks of simulated history, which the environment's settings name."""
    url = f"sqlite:///{tmp_path / 'frames.sqlite3'}"
    exchange = SimulatedExchange([GeneratedMarket("BTCUSDT")], clock=Clock("2018-02-20T12:00:00Z", frozen=True))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("HISTORY_START", "2018-01-10")
    with serve(exchange) as server:
        monkeypatch.setenv("BINANCE_URLS", server.url)
        assert (main(["backfill"]), main(["aggregate"])) == (0, 0)
    return Database(url, ONCE)


def test_candles_are_the_stored_rows_by_the_hour_in_utc(database: Database) -> None:
    frame = candles_frame(database, "BTCUSDT")
    with database.engine.begin() as connection:
        rows = connection.exec_driver_sql(
            "SELECT open_time, open, number_of_trades, close_time FROM klines_hourly"
        ).all()
    assert [str(when)[:19] for when in frame.index] == [row[0][:19] for row in rows]
    assert frame["open"].tolist() == [row[1] for row in rows]
    assert frame["number_of_trades"].tolist() == [row[2] for row in rows]
    assert frame.index[0].tzname() == str(frame["close_time"].dt.tz) == "UTC"
    assert frame.index.is_monotonic_increasing


def test_sessions_are_the_rows_of_the_csv_oldest_first(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    s = Settings.load()
    frame = sessions_frame(database, Series("BTCUSDT", s.calendar, s.windows, s.history_start_ms))
    capsys.readouterr()
    assert main(["statistics", "--days", "3650", "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))[::-1]
    assert list(frame.columns) == [name for name in rows[0] if name != "date"]
    assert [f"{day:%Y-%m-%d}" for day in frame.index] == [row["date"] for row in rows]
    for name in ("open", "range", "volatility_pct", "range_p90_30"):
        given = [float(row[name]) if row[name] else None for row in rows]
        assert [None if pd.isna(value) else value for value in frame[name]] == given
    assert frame["open_time"].iloc[0].isoformat() == rows[0]["open_time"]
    assert frame["simulated"].all()


def test_a_notebook_needs_no_more_than_the_settings(database: Database) -> None:
    sessions, candles = load_sessions(), load_candles("BTCUSDT")
    assert sessions.index[0].date() == date(2018, 1, 10)
    assert len(candles) == len(candles_frame(database, "BTCUSDT")) > 900


@pytest.mark.parametrize("load", [load_sessions, load_candles])
@pytest.mark.parametrize("seconds", [1, 60, 3600])
def test_a_notebook_waits_for_the_database_as_long_as_the_settings_say(
    load: Callable[[], pd.DataFrame], seconds: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    place = nobody_listens().removeprefix("http://")
    for name, value in five(f"mysql+pymysql://u:p@{place}/x", DATABASE_RETRY_SECONDS=str(seconds)).items():
        monkeypatch.setenv(name, value)
    time, opened = Patience(), Database.__init__

    def opened_with_time(self: Database, *arguments: Any, **options: Any) -> None:
        opened(self, *arguments, **options | {"sleep": time.sleep, "monotonic": time.monotonic})

    monkeypatch.setattr(Database, "__init__", opened_with_time)
    with pytest.raises(DatabaseAway):
        load()
    assert time.monotonic() == pytest.approx(seconds, abs=1e-3)
