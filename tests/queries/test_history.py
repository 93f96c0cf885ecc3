"""History as it is stored: which sessions, with which candles, and what an answer says of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tests.jobs.support import patient
from tests.queries.by_hand import FIRST, MOSCOW, SERIES, STORED, Day, history, label, start_ms, walk
from volatility.domain.errors import DataIncomplete
from volatility.queries.history import closed_fields, load_history
from volatility.storage.database import Database
from volatility.storage.migrate import migrate


def test_what_is_read_is_what_the_exchange_had(small: Database) -> None:
    found = load_history(small, SERIES)
    assert (found.first, found.last, found.revision, found.simulated) == (FIRST, label(8), 1, False)
    assert found.series is SERIES
    assert found.panel.starts_ms.tolist() == [start_ms(number) for number in range(9)]
    assert found.panel.weekdays.tolist() == [0, 1, 2, 3, 4, 5, 6, 0, 1]
    for place, name in enumerate(("open", "high", "low", "close")):
        expected = [[np.nan if bar is None else bar[place] for bar in day] for day in STORED]
        np.testing.assert_array_equal(getattr(found.panel, name), expected)


def test_a_running_sessions_candles_are_no_part_of_it(small: Database) -> None:
    with small.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE aggregation_state SET last_date = '2024-01-04', revision = 7")
    found = load_history(small, SERIES)
    assert (found.last, found.revision, found.panel.candles.tolist()) == (date(2024, 1, 4), 7, [24, 24, 23, 24])


def test_sessions_by_another_definition_are_not_read(small: Database) -> None:
    other = replace(SERIES, windows=(3,))
    with pytest.raises(DataIncomplete, match=r"windows 2,5,.* and the settings say .*windows 3,.* btc-volatility agg"):
        load_history(small, other)


def test_without_a_closed_session_there_is_no_history(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}", patient())
    migrate(database)
    with pytest.raises(DataIncomplete, match=r"^no closed session of BTCUSDT is stored yet: backfill and aggregation"):
        load_history(database, SERIES)
    database.close()


@pytest.mark.parametrize(("number", "sessions"), [(-3, 0), (0, 0), (1, 1), (3, 3), (5, 5), (9, 5)])
def test_the_sessions_before_a_day(number: int, sessions: int) -> None:
    before = history(walk(5)).before(label(number))
    assert before.starts_ms.tolist() == [start_ms(one) for one in range(sessions)]


def test_an_answer_says_up_to_which_session_it_goes_and_how_many_there_are() -> None:
    days: list[Day] = [*walk(3), [], *walk(1)]
    assert closed_fields(history(days)) == {
        "symbol": "BTCUSDT",
        "session_start": "11:00",
        "timezone": "Europe/Moscow",
        "simulated": False,
        "date": "2024-01-05",
        "close_time": "2024-01-06T11:00:00+03:00",
        "sessions": 4,
    }
    assert closed_fields(replace(history(days), simulated=True))["simulated"] is True


def test_history_that_was_read_again_is_another_one() -> None:
    days = walk(2)
    one, other = history(days), history(days)
    assert one != other
    assert len({one, other}) == 2
    assert one.series.calendar is MOSCOW
