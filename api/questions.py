"""What may be asked, one class for each answer.

A question holds all that its answer depends on besides the data, and makes the answer from the data and itself alone.
So it is the key under which its answer is kept: an argument that is not in it can't be used by mistake.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from api.bodies import Body, Format, csv_body, json_body
from volatility.domain.metrics import Metric
from volatility.domain.series import Series
from volatility.presentation.catalogue.history import HISTORY_COLUMNS
from volatility.presentation.fields import Group
from volatility.presentation.flat import Table
from volatility.presentation.tables import TABLES, score_table, sessions_table
from volatility.queries.closed_sessions import sessions_report, statistics_report
from volatility.queries.cone import cone_report, percentile_fields
from volatility.queries.distribution import distribution_report
from volatility.queries.estimators import volatility_report
from volatility.queries.forecasts import forecast_report
from volatility.queries.history import History
from volatility.queries.live import live_report
from volatility.queries.odds import Asked, odds_report
from volatility.queries.path import Minutes
from volatility.queries.running_session import RunningSession, today_report
from volatility.queries.scorecard import scorecard_report
from volatility.queries.scores import ScoredSessions
from volatility.queries.seasonality import seasonality_report
from volatility.queries.session_columns import columns_report
from volatility.queries.session_model import SessionModel
from volatility.queries.straddle import Terms, straddle_report
from volatility.storage.database import Database

Report = dict[str, Any]
D = TypeVar("D")


class Running(NamedTuple):
    """The running session, history before it, and its five minutes where they were asked for and could be had."""

    running: RunningSession
    model: SessionModel
    minutes: Minutes | None = None


@dataclass(frozen=True)
class Question(ABC, Generic[D]):
    """What is asked of a series, to be answered from data of one kind.

    Attributes:
        fitted: whether a question about the running session needs the odds' model.
        by_minutes: whether it wants the session's five minutes.
    """

    series: Series
    fitted: ClassVar[bool] = False
    by_minutes: ClassVar[bool] = False

    @abstractmethod
    def report(self, data: D) -> Report:
        """The answer in plain values."""

    def answer(self, data: D) -> Body:
        """The answer as it is sent."""
        return json_body(self.report(data))


@dataclass(frozen=True)
class TableQuestion(Question[D]):
    """A question whose answer may be wanted as flat rows."""

    as_format: Format

    @property
    @abstractmethod
    def table(self) -> Table:
        """The flat rows of its report."""

    def answer(self, data: D) -> Body:
        """The answer as it is sent."""
        report = self.report(data)
        return json_body(report) if self.as_format == "json" else csv_body(report, self.table)


@dataclass(frozen=True)
class Statistics(TableQuestion[Database]):
    """The last closed sessions with their statistics."""

    days: int

    @property
    def table(self) -> Table:
        """One row a session."""
        return sessions_table(self.series.windows)

    def report(self, data: Database) -> Report:
        """Newest first."""
        return statistics_report(data, self.series, self.days)


@dataclass(frozen=True)
class Sessions(TableQuestion[Database]):
    """Closed sessions by date."""

    since: date | None
    until: date | None

    @property
    def table(self) -> Table:
        """One row a session."""
        return sessions_table(())

    def report(self, data: Database) -> Report:
        """Oldest first."""
        return sessions_report(data, self.series, self.since, self.until)


@dataclass(frozen=True)
class SessionColumns(TableQuestion[Database]):
    """All closed sessions, with one window of one metric; ``names`` are the columns that are wanted."""

    metric: Metric
    window: int
    names: tuple[str, ...]

    @property
    def columns(self) -> Group:
        """Those of the names, in the order of the catalogue."""
        return replace(HISTORY_COLUMNS, fields=HISTORY_COLUMNS.choose(*self.names))

    @property
    def table(self) -> Table:
        """One row a session."""
        return replace(TABLES["history"], group=self.columns)

    def report(self, data: Database) -> Report:
        """By columns, oldest first."""
        return columns_report(data, self.series, self.metric, self.window, self.columns)


@dataclass(frozen=True)
class Distribution(TableQuestion[Database]):
    """How often a metric had which value."""

    metric: Metric
    lookback: int
    table = TABLES["distribution"]

    def report(self, data: Database) -> Report:
        """A histogram and quantiles, in percent."""
        return distribution_report(data, self.series, self.metric, self.lookback)


@dataclass(frozen=True)
class Volatility(TableQuestion[History]):
    """Estimators of volatility."""

    table = TABLES["volatility"]

    def report(self, data: History) -> Report:
        """Every estimator over every window, and its cone."""
        return volatility_report(data)


@dataclass(frozen=True)
class Seasonality(TableQuestion[History]):
    """When in the week Vol and Range are made."""

    lookback: int
    table = TABLES["seasonality"]

    def report(self, data: History) -> Report:
        """Weekday by hour."""
        return seasonality_report(data, self.lookback)


@dataclass(frozen=True)
class Forecasts(TableQuestion[Database]):
    """The stored forecasts."""

    days: int
    table = TABLES["forecast"]

    def report(self, data: Database) -> Report:
        """The next one, and past ones beside what came."""
        return forecast_report(data, self.series, self.days)


@dataclass(frozen=True)
class Scorecard(TableQuestion[ScoredSessions]):
    """How good odds and forecasts were; ``rows`` names the table that makes the flat rows."""

    since: date | None
    rows: str

    @property
    def table(self) -> Table:
        """The one that is named."""
        return score_table(self.rows)

    def report(self, data: ScoredSessions) -> Report:
        """All tables."""
        return scorecard_report(data, self.series, self.since)


@dataclass(frozen=True)
class Today(Question[Running]):
    """The running session."""

    def report(self, data: Running) -> Report:
        """The session, and the windows around it."""
        return today_report(data.running, percentile_fields(data.model, data.running))


@dataclass(frozen=True)
class Live(Question[Running]):
    """All that changes by the minute."""

    lookback: int
    asked: Asked
    terms: Terms
    fitted = True

    def report(self, data: Running) -> Report:
        """Today, its part of the cone, odds and straddle of one instant."""
        return live_report(data.model, data.running, self.asked, self.terms, self.lookback)


@dataclass(frozen=True)
class Cone(TableQuestion[Running]):
    """The running session in the session cone."""

    lookback: int
    table = TABLES["cone"]
    by_minutes = True

    def report(self, data: Running) -> Report:
        """Quantiles by elapsed hour, and today's own path."""
        return cone_report(data.model, data.running, self.lookback, data.minutes)


@dataclass(frozen=True)
class Odds(TableQuestion[Running]):
    """How the running session may end."""

    asked: Asked
    table = TABLES["odds"]
    fitted = True

    def report(self, data: Running) -> Report:
        """The distributions, and the odds that were asked for."""
        return odds_report(data.model, data.running, self.asked)


@dataclass(frozen=True)
class Straddle(TableQuestion[Running]):
    """A straddle's record and value."""

    terms: Terms
    lookback: int | None
    table = TABLES["straddle"]
    fitted = True

    def report(self, data: Running) -> Report:
        """What it would have given, and what it is worth now."""
        return straddle_report(data.model, data.running, self.terms, self.lookback)
