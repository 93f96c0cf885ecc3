"""The tables. Instants are ``int`` milliseconds in Python and readable UTC DATETIMEs in the database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Double,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

from volatility.domain.hours import to_datetime, to_ms
from volatility.domain.metrics import (
    FORECAST_METRICS,
    FORECAST_VALUES,
    INTERVALS,
    METRICS,
    STATISTICS,
    THRESHOLDS,
    VARIANCE_BASELINES,
    forecast_column,
)


class Instant(TypeDecorator[int]):
    """Milliseconds since the epoch, stored as a UTC DATETIME; whole seconds unless ``fraction``."""

    impl = DateTime
    cache_ok = True

    def __init__(self, *, fraction: bool = False) -> None:
        super().__init__()
        self.fraction = fraction

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """DATETIME(3) on MariaDB/MySQL where there is a fraction."""
        kind = mysql.DATETIME(fsp=3) if dialect.name in {"mysql", "mariadb"} and self.fraction else DateTime()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's
        """To the UTC datetime without a zone that a DATETIME column holds."""
        return None if value is None else to_datetime(value).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - likewise
        """From the UTC datetime without a zone that a DATETIME column holds."""
        return None if value is None else to_ms(value.replace(tzinfo=UTC))


def _name(length: int) -> TypeEngine[str]:
    """A short ASCII name, compared byte by byte."""
    ascii_name = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
    return String(length).with_variant(ascii_name, "mysql", "mariadb")


def _symbol() -> TypeEngine[str]:
    """A symbol, in whatever script the exchange names it, compared byte by byte."""
    in_any_script = mysql.VARCHAR(20, charset="utf8mb4", collation="utf8mb4_bin")
    return String(20).with_variant(in_any_script, "mysql", "mariadb")


metadata: Final = MetaData()
_OPTIONS: Final[dict[str, Any]] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4"}


def _doubles(*names: str, nullable: bool = False) -> list[Column[float]]:
    return [Column(name, Double, nullable=nullable) for name in names]


symbols = Table(
    "symbols",
    metadata,
    Column("symbol", _symbol(), primary_key=True),
    Column("first_open_time", Instant, nullable=False, comment="the first candle that the exchange has"),
    Column("simulated", Boolean, nullable=False, comment="whether its candles come from a simulated exchange"),
    **_OPTIONS,
)

klines_hourly = Table(
    "klines_hourly",
    metadata,
    Column("symbol", _symbol(), primary_key=True),
    Column("open_time", Instant, primary_key=True, comment="UTC, the start of the hour"),
    *_doubles("open", "high", "low", "close", "volume"),
    Column("close_time", Instant(fraction=True), nullable=False, comment="UTC"),
    *_doubles("quote_asset_volume"),
    Column("number_of_trades", BigInteger, nullable=False),
    *_doubles("taker_buy_base_asset_volume", "taker_buy_quote_asset_volume"),
    **_OPTIONS,
)

kline_gaps = Table(
    "kline_gaps",
    metadata,
    Column("symbol", _symbol(), primary_key=True),
    Column("start_time", Instant, primary_key=True, comment="UTC, the start of an hour that has no candle"),
    Column("asked_at", Instant(fraction=True), nullable=False, comment="UTC, when the exchange was last asked for it"),
    **_OPTIONS,
)

# Written with every change of candles, in its transaction; read and emptied by aggregation in its own.
kline_changes = Table(
    "kline_changes",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("symbol", _symbol(), nullable=False, index=True),
    Column("start_time", Instant, nullable=False, comment="UTC, the first hour that changed"),
    Column("end_time", Instant, nullable=False, comment="UTC, the end of the last hour that changed"),
    **_OPTIONS,
)

daily_sessions = Table(
    "daily_sessions",
    metadata,
    Column("symbol", _symbol(), primary_key=True),
    Column("open_time", Instant, primary_key=True, comment="UTC, the start of the session"),
    Column("close_time", Instant, nullable=False, comment="UTC, the end of the session"),
    Column("date", Date, nullable=False, comment="the session's label: its first day in the session's zone"),
    *_doubles("open", "high", "low", "close", "volume"),
    Column("trades", BigInteger, nullable=False),
    Column("candles", Integer, nullable=False),
    Column("expected_candles", Integer, nullable=False),
    *_doubles(*(metric.name for metric in METRICS)),
    **_OPTIONS,
)

session_statistics = Table(
    "session_statistics",
    metadata,
    Column("symbol", _symbol(), primary_key=True),
    Column("open_time", Instant, primary_key=True, comment="UTC, the start of the window's last session"),
    Column("metric", _name(20), primary_key=True),
    Column("window", Integer, primary_key=True, autoincrement=False, comment="calendar sessions"),
    Column("n", Integer, nullable=False, comment="sessions of the window that exist"),
    *_doubles(*(statistic.name for statistic in STATISTICS), nullable=True),
    **_OPTIONS,
)

# What the two tables above were computed with and up to where; its row is also the lock of aggregation.
aggregation_state = Table(
    "aggregation_state",
    metadata,
    Column("symbol", _symbol(), primary_key=True),
    Column("definition", String(255), nullable=False, comment="session start, zone, windows, start of history"),
    Column("first_date", Date, nullable=True, comment="label of the first session of history"),
    Column("last_date", Date, nullable=True, comment="label of the last session that was closed"),
    Column("revision", BigInteger, nullable=False, comment="grows with every change of a session, statistic or candle"),
    **_OPTIONS,
)

# Rows are inserted and never changed: what was forecast stays as it was said.
session_forecasts = Table(
    "session_forecasts",
    metadata,
    Column("symbol", _symbol(), primary_key=True),
    Column("definition", _name(80), primary_key=True, comment="session start, zone, start of history"),
    Column("method", Integer, primary_key=True, autoincrement=False, comment="version of the method"),
    Column("open_time", Instant, primary_key=True, comment="UTC, the start of the session that is forecast"),
    Column("close_time", Instant, nullable=False, comment="UTC, its end"),
    Column("date", Date, nullable=False, comment="its label"),
    Column("made_at", Instant(fraction=True), nullable=False, comment="UTC, when the forecast was made"),
    Column("live", Boolean, nullable=False, comment="whether that was before the session's end"),
    Column("n", Integer, nullable=False, comment="past forecasts that it rests on"),
    Column("variance", Double, nullable=False, comment="expected realised variance, squared log units"),
    *_doubles(*(forecast_column(metric, value) for metric in FORECAST_METRICS for value in FORECAST_VALUES)),
    **_OPTIONS,
)

# The tables of scores are a function of the candles, as sessions and statistics are.
forecast_scores = Table(
    "forecast_scores",
    metadata,
    Column("symbol", _symbol(), primary_key=True),
    Column("open_time", Instant, primary_key=True, comment="UTC, the start of the session that is scored"),
    Column("metric", _name(20), primary_key=True),
    Column("elapsed", Integer, primary_key=True, autoincrement=False, comment="hours"),
    *_doubles("crps", "plain_crps", "pinball", "plain_pinball", "mean", "pit_below", "pit_at_most"),
    Column("no_growth", Double, nullable=True, comment="probability that Range grows no more; null for Vol"),
    Column("surprise", Double, nullable=True, comment="range of the last hour over the expected one; null at the open"),
    *(Column(f"covered_{level}", Boolean, nullable=False) for level in INTERVALS),
    *_doubles(*(f"level_{level}" for level in INTERVALS)),
    *_doubles(*(f"promised_{level}" for level in INTERVALS)),
    *(Column(f"equal_tails_{level}", Boolean, nullable=False) for level in INTERVALS),
    *_doubles(*(f"odds_{level}" for level in THRESHOLDS)),
    Column("exceeded", Integer, nullable=False, comment="how many of the thresholds the outcome exceeds"),
    **_OPTIONS,
)

variance_scores = Table(
    "variance_scores",
    metadata,
    Column("symbol", _symbol(), primary_key=True),
    Column("open_time", Instant, primary_key=True, comment="UTC, the start of the session"),
    Column("realised", Double, nullable=False, comment="sum of hourly Garman-Klass variances, squared log units"),
    *_doubles(*VARIANCE_BASELINES, nullable=True),
    **_OPTIONS,
)

# Likewise. What the scores up to a session teach: the odds of the next one are corrected by it.
odds_recalibrations = Table(
    "odds_recalibrations",
    metadata,
    Column("symbol", _symbol(), primary_key=True),
    Column("open_time", Instant, primary_key=True, comment="UTC, the start of the last session that is scored"),
    Column("corrections", Text, nullable=False, comment="what the session after it starts with, JSON"),
    **_OPTIONS,
)

# What the scores were computed with and up to where; its row is also their lock.
forecast_state = Table(
    "forecast_state",
    metadata,
    Column("symbol", _symbol(), primary_key=True),
    Column("definition", _name(80), nullable=False, comment="session start, zone, start of history"),
    Column("method", Integer, nullable=False, comment="version of the method"),
    Column("done_date", Date, nullable=True, comment="label of the last session that is forecast and scored"),
    Column("n", Integer, nullable=False, comment="past forecasts that the next one can rest on"),
    Column("changes", BigInteger, nullable=False, comment="grows when candles of closed sessions change"),
    Column("revision", BigInteger, nullable=False, comment="grows with every change of a forecast or score"),
    **_OPTIONS,
)

exchange_bans = Table(
    "exchange_bans",
    metadata,
    Column("exchange", _name(20), primary_key=True),
    Column("until", Instant(fraction=True), nullable=False, comment="UTC; nothing is asked before"),
    **_OPTIONS,
)

# How the last run of a job goes or went. Instants are by the database's clock; the run that began last owns the row.
job_runs = Table(
    "job_runs",
    metadata,
    Column("symbol", _symbol(), primary_key=True),
    Column("job", _name(20), primary_key=True),
    Column("run", _name(32), nullable=False, comment="which run: what another one has to say is not written"),
    Column("began_at", Instant(fraction=True), nullable=False, comment="UTC"),
    Column("heard_at", Instant(fraction=True), nullable=False, comment="UTC, when the run was last heard of"),
    Column("ended_at", Instant(fraction=True), nullable=True, comment="UTC; null while it runs, or where it was lost"),
    Column("result", _name(20), nullable=False, comment="running, done or failed"),
    Column("message", Text, nullable=True, comment="why it failed"),
    Column("done", BigInteger, nullable=True, comment="hours fetched, or sessions aggregated"),
    Column("total", BigInteger, nullable=True, comment="of so many"),
    **_OPTIONS,
)
