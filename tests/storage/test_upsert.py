"""Rows are inserted, or take the place of those with their key; nothing else of the table changes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tests.storage.support import rows
from volatility.storage.database import Database
from volatility.storage.schema import exchange_bans, forecast_scores
from volatility.storage.upsert import upsert

BANS = "SELECT exchange, until FROM exchange_bans ORDER BY exchange"


def write(database: Database, *bans: tuple[str, int], table: sa.Table = exchange_bans) -> None:
    given = [{"exchange": name, "until": until} for name, until in bans]
    database.write(lambda connection: upsert(connection, table, given))


def stored(database: Database) -> list[tuple[str, int]]:
    query = sa.select(exchange_bans).order_by(exchange_bans.c.exchange)
    return database.read(lambda connection: [(row.exchange, row.until) for row in connection.execute(query)])


def test_a_new_key_is_a_new_row_and_a_known_one_takes_the_new_values(database: Database) -> None:
    write(database, ("a", 1000), ("b", 2000), ("c", 3000))
    write(database, ("d", 4000), ("b", 2222))
    assert stored(database) == [("a", 1000), ("b", 2222), ("c", 3000), ("d", 4000)]
    assert len(rows(database, BANS)) == 4


def test_the_last_of_two_rows_with_one_key_stays(database: Database) -> None:
    write(database, ("a", 1000), ("a", 5000))
    assert stored(database) == [("a", 5000)]


def test_no_row_is_no_statement(database: Database) -> None:
    write(database, ("a", 1000))
    write(database)
    assert stored(database) == [("a", 1000)]


def test_a_key_of_several_columns_is_one_only_as_a_whole(database: Database) -> None:
    names = [column.name for column in forecast_scores.columns]

    def score(elapsed: int, metric: str, crps: float) -> dict[str, Any]:
        key = {"symbol": "BTCUSDT", "open_time": 1_704_096_000_000, "metric": metric, "elapsed": elapsed}
        flags = {name: True for name in names if name.startswith(("covered", "equal_tails"))}
        return dict.fromkeys(names, 0.5) | key | flags | {"exceeded": 1, "crps": crps}

    for part in (
        [score(0, "range", 1.0), score(6, "range", 2.0)],
        [score(6, "range", 3.0), score(6, "volatility", 4.0)],
    ):
        database.write(lambda connection, part=part: upsert(connection, forecast_scores, part))  # type: ignore[misc]
    found = rows(database, "SELECT metric, elapsed, crps FROM forecast_scores ORDER BY metric, elapsed")
    assert found == [("range", 0, 1.0), ("range", 6, 3.0), ("volatility", 6, 4.0)]
