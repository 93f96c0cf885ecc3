"""Forecasts, which are never rewritten, and their scores.

Each step must be safe to run again: MariaDB commits at every DDL statement.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"

_SERVER = ("mysql", "mariadb")
_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "if_not_exists": True}
_QUANTILES = ("mean", *(f"p{level}" for level in range(5, 100, 5)))


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
        "session_forecasts",
        _column("symbol", _name(20), primary_key=True),
        _column("definition", _name(80), "session start, zone, start of history", primary_key=True),
        _column("method", sa.Integer(), "version of the method", primary_key=True, autoincrement=False),
        _column("open_time", _instant(), "UTC, the start of the session that is forecast", primary_key=True),
        _column("close_time", _instant(), "UTC, its end"),
        _column("date", sa.Date(), "its label"),
        _column("made_at", _instant(fraction=True), "UTC, when the forecast was made"),
        _column("live", sa.Boolean(), "whether that was before the session's end"),
        _column("n", sa.Integer(), "past forecasts that it rests on"),
        _column("variance", sa.Double(), "expected realised variance, squared log units"),
        *_doubles(*(f"realised_volatility_pct_{value}" for value in _QUANTILES)),
        *_doubles(*(f"volatility_pct_{value}" for value in _QUANTILES)),
        *_doubles(*(f"range_pct_{value}" for value in _QUANTILES)),
        **_OPTIONS,
    )
    op.create_table(
        "forecast_scores",
        _column("symbol", _name(20), primary_key=True),
        _column("open_time", _instant(), "UTC, the start of the session that is scored", primary_key=True),
        _column("metric", _name(20), primary_key=True),
        _column("elapsed", sa.Integer(), "hours", primary_key=True, autoincrement=False),
        *_doubles("crps", "plain_crps", "pinball", "plain_pinball", "pit_below", "pit_at_most"),
        *(_column(f"covered_{level}", sa.Boolean()) for level in (50, 80, 90)),
        *_doubles("promised_50", "promised_80", "promised_90"),
        *(_column(f"equal_tails_{level}", sa.Boolean()) for level in (50, 80, 90)),
        *_doubles("odds_10", "odds_25", "odds_50", "odds_75", "odds_90"),
        _column("exceeded", sa.Integer(), "how many of the thresholds the outcome exceeds"),
        **_OPTIONS,
    )
    op.create_table(
        "variance_scores",
        _column("symbol", _name(20), primary_key=True),
        _column("open_time", _instant(), "UTC, the start of the session", primary_key=True),
        _column("realised", sa.Double(), "sum of hourly Garman-Klass variances, squared log units"),
        *_doubles("previous", "mean_30", "ewma", "har", "har_saturday", nullable=True),
        **_OPTIONS,
    )
    op.create_table(
        "forecast_state",
        _column("symbol", _name(20), primary_key=True),
        _column("definition", _name(80), "session start, zone, start of history"),
        _column("method", sa.Integer(), "version of the method"),
        _column("done_date", sa.Date(), "label of the last session that is forecast and scored", nullable=True),
        _column("n", sa.Integer(), "past forecasts that the next one can rest on"),
        _column("changes", sa.BigInteger(), "grows when candles of closed sessions change"),
        _column("revision", sa.BigInteger(), "grows with every change of a forecast or score"),
        **_OPTIONS,
    )
