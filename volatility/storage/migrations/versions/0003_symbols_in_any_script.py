"""Symbols in any script: the exchange lists some in Chinese.

Each step must be safe to run again: MariaDB commits at every DDL statement. SQLite's text holds any letter already.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TABLES = (
    "symbols",
    "klines_hourly",
    "kline_gaps",
    "kline_changes",
    "daily_sessions",
    "session_statistics",
    "aggregation_state",
    "session_forecasts",
    "forecast_scores",
    "variance_scores",
    "forecast_state",
)
_COLLATION = sa.text(
    "SELECT collation_name FROM information_schema.columns"
    " WHERE table_schema = DATABASE() AND table_name = :table AND column_name = 'symbol'"
)


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        return
    for table in _TABLES:
        # A change of the character set copies the table: not again where it is done.
        if connection.scalar(_COLLATION, {"table": table}) != "utf8mb4_bin":
            op.execute(
                f"ALTER TABLE {table} MODIFY symbol VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL"
            )
