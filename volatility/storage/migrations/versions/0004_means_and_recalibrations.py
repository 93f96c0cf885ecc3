"""Scores of means, and what scores teach.

Scores are computed anew from the candles: the next aggregation fills the table. Each step must be safe to run again:
MariaDB commits at every DDL statement.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0004"
down_revision = "0003"

_SERVER = ("mysql", "mariadb")
_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "if_not_exists": True}


def _name(length):
    ascii_name = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
    return sa.String(length).with_variant(ascii_name, *_SERVER)


def _symbol():
    in_any_script = mysql.VARCHAR(20, charset="utf8mb4", collation="utf8mb4_bin")
    return sa.String(20).with_variant(in_any_script, *_SERVER)


def _column(name, kind, comment=None, **more):
    return sa.Column(name, kind, nullable=more.pop("nullable", False), comment=comment, **more)


def _doubles(*names):
    return [_column(name, sa.Double()) for name in names]


def upgrade() -> None:
    connection = op.get_bind()
    found = sa.inspect(connection)
    if found.has_table("forecast_scores") and "mean" not in {
        column["name"] for column in found.get_columns("forecast_scores")
    }:
        op.drop_table("forecast_scores")
    op.create_table(
        "forecast_scores",
        _column("symbol", _symbol(), primary_key=True),
        _column("open_time", sa.DateTime(), "UTC, the start of the session that is scored", primary_key=True),
        _column("metric", _name(20), primary_key=True),
        _column("elapsed", sa.Integer(), "hours", primary_key=True, autoincrement=False),
        *_doubles("crps", "plain_crps", "pinball", "plain_pinball", "mean", "pit_below", "pit_at_most"),
        _column("no_growth", sa.Double(), "probability that Range grows no more; null for Vol", nullable=True),
        _column(
            "surprise", sa.Double(), "range of the last hour over the expected one; null at the open", nullable=True
        ),
        *(_column(f"covered_{level}", sa.Boolean()) for level in (50, 80, 90)),
        *_doubles("level_50", "level_80", "level_90"),
        *_doubles("promised_50", "promised_80", "promised_90"),
        *(_column(f"equal_tails_{level}", sa.Boolean()) for level in (50, 80, 90)),
        *_doubles("odds_10", "odds_25", "odds_50", "odds_75", "odds_90"),
        _column("exceeded", sa.Integer(), "how many of the thresholds the outcome exceeds"),
        **_OPTIONS,
    )
    op.create_table(
        "odds_recalibrations",
        _column("symbol", _symbol(), primary_key=True),
        _column("open_time", sa.DateTime(), "UTC, the start of the last session that is scored", primary_key=True),
        _column("corrections", sa.Text(), "what the session after it starts with, JSON"),
        **_OPTIONS,
    )
    if connection.dialect.name != "sqlite":
        op.execute(
            "ALTER TABLE aggregation_state MODIFY revision BIGINT NOT NULL"
            " COMMENT 'grows with every change of a session, statistic or candle'"
        )
