"""Insert or update by primary key, in each database's own dialect, without staging tables."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.engine import Connection


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows (every column but a generated one); a row whose key exists takes the new values."""
    if rows:
        connection.execute(_statement(table, connection.dialect.name), rows)


def upsert_one(connection: Connection, table: Table, values: dict[str, Any]) -> None:
    """The same for one row, whose values may be expressions that the database computes."""
    connection.execute(_statement(table, connection.dialect.name).values(values))


@cache
def _statement(table: Table, dialect: str) -> Insert:
    keys = [column.name for column in table.primary_key]
    others = [column.name for column in table.columns if column.name not in keys]
    if dialect == "sqlite":
        on_file = sqlite.insert(table)
        return on_file.on_conflict_do_update(
            index_elements=keys, set_={name: on_file.excluded[name] for name in others}
        )
    on_server = mysql.insert(table)
    return on_server.on_duplicate_key_update({name: on_server.inserted[name] for name in others})
