"""What the API answers, for its documentation: types, units and real examples.

Answers are rendered from ``volatility.presentation.sessions``; a test validates every one of them against these models.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.examples import SESSION, SESSIONS, STATISTICS, SYMBOLS, TODAY, WINDOW
from volatility.domain.metrics import RANGE, VOLATILITY

PRICE = "in quote currency (USDT for BTCUSDT)"


class Model(BaseModel):
    """What all answers share: no field that is not described, no NaN."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class WindowStatistics(Model):
    """The six statistics of one window; all null where history does not reach back or too few sessions exist."""

    model_config = ConfigDict(json_schema_extra={"examples": [WINDOW]})

    n: int = Field(description="sessions of the window that exist and went in", ge=0)
    mean: float | None = Field(description=f"arithmetic mean, {PRICE}")
    median: float | None = Field(description=f"median, {PRICE}")
    p10: float | None = Field(description=f"10th percentile, linear interpolation, {PRICE}")
    p25: float | None = Field(description=f"25th percentile, linear interpolation, {PRICE}")
    p75: float | None = Field(description=f"75th percentile, linear interpolation, {PRICE}")
    p90: float | None = Field(description=f"90th percentile, linear interpolation, {PRICE}")


Windows = Annotated[
    dict[str, WindowStatistics],
    Field(description="by window: the last 5, 7, 14 and 30 calendar sessions (or as set by WINDOWS)"),
]


class Statistics(Model):
    """Statistics of both metrics by window."""

    volatility: Windows
    range: Windows


class PercentileRank(Model):
    """The share of each window's closed sessions that are at or below today's value so far, 0 to 1."""

    volatility: dict[str, float | None] = Field(description="of today's Vol so far, by window")
    range: dict[str, float | None] = Field(description="of today's Range so far, by window")


class _Bounds(Model):
    date: str = Field(
        description="the session's label: its first day in the session's zone", pattern=r"^\d{4}-\d\d-\d\d$"
    )
    open_time: AwareDatetime = Field(description="start of the session, with its zone's offset")
    close_time: AwareDatetime = Field(description="end of the session (not part of it)")
    volume: float = Field(description="traded volume in base currency (BTC for BTCUSDT)", ge=0)
    candles: int = Field(description="hourly candles that the session has", ge=0)
    expected_candles: int = Field(description="hours of the session: 24, or 23 or 25 when clocks change", ge=1)
    complete: bool = Field(description="whether every hour of the closed session has its candle")


class Session(_Bounds):
    """One closed session."""

    model_config = ConfigDict(json_schema_extra={"examples": [SESSION]})

    open: float = Field(description=f"first trade, {PRICE}", gt=0)
    high: float = Field(description=f"highest trade, {PRICE}", gt=0)
    low: float = Field(description=f"lowest trade, {PRICE}", gt=0)
    close: float = Field(description=f"last trade, {PRICE}", gt=0)
    volatility: float = Field(description=f"{VOLATILITY.meaning}: what a straddle struck at the open pays", ge=0)
    range: float = Field(description=RANGE.meaning, ge=0)
    volatility_pct: float = Field(description="Vol as a percentage of the session's open", ge=0)
    range_pct: float = Field(description="Range as a percentage of the session's open", ge=0)


class SessionWithStatistics(Session):
    """One closed session with the windows that end with it."""

    model_config = ConfigDict(json_schema_extra={"examples": [STATISTICS["sessions"][0]]})

    statistics: Statistics


class Heading(Model):
    """What every answer begins with."""

    symbol: str = Field(description="as the exchange names it")
    session_start: str = Field(description="time of day in `timezone` at which sessions start")
    timezone: str = Field(description="the zone of the sessions")
    simulated: bool = Field(description="true where the candles come from a simulated exchange: no number is real then")


class StatisticsReport(Heading):
    """Closed sessions with their statistics, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [STATISTICS]})

    count: int = Field(description="sessions in this answer", ge=0)
    sessions: list[SessionWithStatistics]


class SessionsReport(Heading):
    """Closed sessions, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [SESSIONS]})

    count: int = Field(description="sessions in this answer", ge=0)
    sessions: list[Session]


class Running(Heading, _Bounds):
    """The session that runs now; prices and measures are null while it has no candle yet."""

    open: float | None = Field(description=f"first trade, {PRICE}")
    high: float | None = Field(description=f"highest trade so far, {PRICE}")
    low: float | None = Field(description=f"lowest trade so far, {PRICE}")
    close: float | None = Field(description=f"newest trade, {PRICE}")
    volatility: float | None = Field(description=f"Vol so far, {PRICE}")
    range: float | None = Field(description=f"Range so far, {PRICE}")
    volatility_pct: float | None = Field(description="Vol so far as a percentage of the session's open")
    range_pct: float | None = Field(description="Range so far as a percentage of the session's open")
    as_of: AwareDatetime = Field(description="instant of the newest data")
    price: float | None = Field(description=f"the close so far, {PRICE}")
    elapsed_hours: float = Field(description="hours of the session that have passed at `as_of`", ge=0)
    source: Literal["exchange", "database"] = Field(description="where the newest candles come from")
    stale: bool = Field(description="true where the exchange could not be asked and the stored candles serve")


class PercentileByElapsed(Model):
    """The share of past sessions at or below the running one at the same elapsed time, 0 to 1.

    Between full hours interpolated; null before the first candle and while no past session is as long.
    """

    lookback: int = Field(description="how many calendar sessions back it looks", ge=1)
    n: int = Field(description="past sessions that went in", ge=0)
    volatility: float | None = Field(description="of Vol so far, in percent of the open")
    range: float | None = Field(description="of Range so far, in percent of the open")


class Today(Running):
    """The session that runs now; prices and measures are null while it has no candle yet."""

    model_config = ConfigDict(json_schema_extra={"examples": [TODAY]})

    statistics: Statistics = Field(description="the windows with today as newest member, as if the session closed now")
    closed_statistics: Statistics = Field(description="the windows over closed sessions only, today left out")
    percentile_rank: PercentileRank
    percentile_by_elapsed: PercentileByElapsed


class SymbolCoverage(Model):
    """How far the data of a symbol reach."""

    symbol: str
    simulated: bool = Field(description="true where the candles come from a simulated exchange")
    first_candle: AwareDatetime | None = Field(description="when the oldest stored candle opens")
    newest_candle: AwareDatetime | None = Field(description="when the newest stored candle opens")
    first_session: str | None = Field(description="label of the first session of history")
    newest_session: str | None = Field(description="label of the newest closed session")
    gap_hours: int = Field(description="hours that the exchange confirmed to have no candle", ge=0)


class Symbols(Model):
    """The symbols that this service keeps."""

    model_config = ConfigDict(json_schema_extra={"examples": [SYMBOLS]})

    symbols: list[SymbolCoverage]


class Health(Model):
    """The process lives."""

    status: Literal["ok"]


class SymbolReadiness(SymbolCoverage):
    """How fresh the data of a symbol are."""

    newest_candle_age_seconds: float | None = Field(description="since the newest stored candle's hour ended")
    newest_session_age_seconds: float | None = Field(description="since the newest closed session ended")


class Readiness(Model):
    """Whether the service can answer, and how fresh its data are."""

    status: Literal["ready", "partial"] = Field(description="partial while a symbol has no closed session yet")
    version: str
    symbols: list[SymbolReadiness]


class FieldProblem(Model):
    """One parameter that breaks its rule."""

    parameter: str
    rule: str
    value: Any


class Problem(Model):
    """An error, as RFC 9457 has it."""

    type: str = Field(description="what kind of problem; about:blank where the status says it all")
    title: str
    status: int
    detail: str
    instance: str = Field(description="the path that was asked for")
    errors: list[FieldProblem] | None = Field(default=None, description="the parameters that break a rule")
