"""The first tables.

Each step must be safe to run again: MariaDB commits at every DDL statement.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None

_SERVER = ("mysql", "mariadb")
_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "if_not_exists": True}


def _name(length):
    ascii_name = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
    return sa.String(length).with_variant(ascii_name, *_SERVER)


def _instant(fraction=False):
    return sa.DateTime().with_variant(mysql.DATETIME(fsp=3), *_SERVER) if fraction else sa.DateTime()


def _column(name, kind, comment=None, **more):
    return sa.Column(name, kind, nullable=more.pop("nullable", False), comment=comment, **more)


def _doubles(*names, nullable=False):
    return [_column(name, sa.Double(), nullable=nullable) for name in names]


def upgrade() -> None:
    op.create_table(
        "symbols",
        _column("symbol", _name(20), primary_key=True),
        _column("first_open_time", _instant(), "the first candle that the exchange has"),
        _column("simulated", sa.Boolean(), "whether its candles come from a simulated exchange"),
        **_OPTIONS,
    )
    op.create_table(
        "klines_hourly",
        _column("symbol", _name(20), primary_key=True),
        _column("open_time", _instant(), "UTC, the start of the hour", primary_key=True),
        *_doubles("open", "high", "low", "close", "volume"),
        _column("close_time", _instant(fraction=True), "UTC"),
        *_doubles("quote_asset_volume"),
        _column("number_of_trades", sa.BigInteger()),
        *_doubles("taker_buy_base_asset_volume", "taker_buy_quote_asset_volume"),
        **_OPTIONS,
    )
    op.create_table(
        "kline_gaps",
        _column("symbol", _name(20), primary_key=True),
        _column("start_time", _instant(), "UTC, the start of an hour that has no candle", primary_key=True),
        _column("asked_at", _instant(fraction=True), "UTC, when the exchange was last asked for it"),
        **_OPTIONS,
    )
    op.create_table(
        "kline_changes",
        _column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        _column("symbol", _name(20)),
        _column("start_time", _instant(), "UTC, the first hour that changed"),
        _column("end_time", _instant(), "UTC, the end of the last hour that changed"),
        **_OPTIONS,
    )
    # MySQL has no CREATE INDEX IF NOT EXISTS
    if not sa.inspect(op.get_bind()).get_indexes("kline_changes"):
        op.create_index("ix_kline_changes_symbol", "kline_changes", ["symbol"])
    op.create_table(
        "daily_sessions",
        _column("symbol", _name(20), primary_key=True),
        _column("open_time", _instant(), "UTC, the start of the session", primary_key=True),
        _column("close_time", _instant(), "UTC, the end of the session"),
        _column("date", sa.Date(), "the session's label: its first day in the session's zone"),
        *_doubles("open", "high", "low", "close", "volume"),
        _column("trades", sa.BigInteger()),
        _column("candles", sa.Integer()),
        _column("expected_candles", sa.Integer()),
        *_doubles("volatility", "range"),
        **_OPTIONS,
    )
    op.create_table(
        "session_statistics",
        _column("symbol", _name(20), primary_key=True),
        _column("open_time", _instant(), "UTC, the start of the window's last session", primary_key=True),
        _column("metric", _name(20), primary_key=True),
        _column("window", sa.Integer(), "calendar sessions", primary_key=True, autoincrement=False),
        _column("n", sa.Integer(), "sessions of the window that exist"),
        *_doubles("mean", "median", "p10", "p25", "p75", "p90", nullable=True),
        **_OPTIONS,
    )
    op.create_table(
        "aggregation_state",
        _column("symbol", _name(20), primary_key=True),
        _column("definition", sa.String(255), "session start, zone, windows, start of history"),
        _column("first_date", sa.Date(), "label of the first session of history", nullable=True),
        _column("last_date", sa.Date(), "label of the last session that was closed", nullable=True),
        _column("revision", sa.BigInteger(), "grows with every change of a session or statistic"),
        **_OPTIONS,
    )
    op.create_table(
        "exchange_bans",
        _column("exchange", _name(20), primary_key=True),
        _column("until", _instant(fraction=True), "UTC; nothing is asked before"),
        **_OPTIONS,
    )
