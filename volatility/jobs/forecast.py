"""The use case: score closed sessions walk-forward, then forecast the running one at its open by what they taught.

Runs after aggregation has committed, in transactions of its own. Everything is computed from one snapshot and written
in pieces; where candles of closed sessions change meanwhile (aggregation says so in ``forecast_state.changes``), the
rest is computed anew.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final, NamedTuple, Protocol

from sqlalchemy.engine import Connection

from volatility.analytics.forecaster import Forecaster
from volatility.analytics.recalibration import Recalibration
from volatility.domain.calendar import SessionBounds
from volatility.domain.errors import DataIncomplete, ExchangeError
from volatility.domain.hours import Span
from volatility.domain.series import Series
from volatility.jobs.recording import belongs_to
from volatility.storage import forecast_mapping, forecast_rows, session_rows
from volatility.storage.database import Database
from volatility.storage.forecast_rows import Row
from volatility.storage.panels import history_panel
from volatility.storage.run_rows import AGGREGATION

log = logging.getLogger(__name__)

_CHUNK: Final = 100  # sessions written at once: a second's work
_SAY_SECONDS: Final = 5.0  # a long run says so often how far it has come
_TRIES: Final = 5  # how often candles may change meanwhile
_DAY: Final = timedelta(days=1)


class Exchange(Protocol):
    """What forecasting needs of an exchange; ``BinanceClient`` is one."""

    def now_ms(self) -> int:
        """The exchange's clock."""


@dataclass
class ForecastingReport:
    """What was done; part of the JSON line that the aggregation job prints."""

    forecasts_written: int = 0
    scores_written: int = 0

    def add(self, written: _Written) -> None:
        """Count what a transaction changed."""
        self.forecasts_written += written.forecasts
        self.scores_written += written.scores

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return asdict(self)


class _Overtaken(Exception):
    """Candles changed since the snapshot."""


class _Clocks(NamedTuple):
    """The exchange's time, None where it can't be asked, and the machine's."""

    exchange_ms: int | None
    machine_ms: int


class _Written(NamedTuple):
    """What one transaction left and changed."""

    state: forecast_rows.ForecastState
    forecasts: int
    scores: int


@dataclass(frozen=True)
class _Task:
    """What is to be done, from one snapshot; ``running`` is None where that is forecast, or can't be."""

    series: Series
    state: forecast_rows.ForecastState
    first: date
    since: date
    last: date
    running: SessionBounds | None
    forecaster: Forecaster
    made_ms: int

    @property
    def sessions(self) -> int:
        """How many closed sessions history has by the calendar."""
        return (self.last - self.first).days + 1

    def row(self, bounds: SessionBounds, recalibration: Recalibration, *, live: bool) -> Row | None:
        """A row of ``session_forecasts``; None where history before the session is too short.

        ``recalibration``: what the session starts with.
        """
        forecast = self.forecaster.forecast((bounds.date - self.first).days, recalibration)
        if forecast is None:
            return None
        opened = {"open_time": bounds.open_ms, "close_time": bounds.close_ms, "date": bounds.date}
        values = forecast_mapping.forecast_columns(forecast)
        return {**self.state.owner._asdict(), **opened, "made_at": self.made_ms, "live": live, **values}


def forecast(
    database: Database,
    exchange: Exchange,
    series: Series,
    machine_now_ms: int,
    pause: Callable[[], object] = lambda: None,
) -> ForecastingReport:
    """Bring forecasts and scores up to date with the closed sessions; ``pause`` is called between pieces.

    It belongs to the aggregation before it: where it fails, that run is written down as failed.

    A forecast is live where the exchange's clock says that its session still runs; ``machine_now_ms`` only dates the
    others while that clock can't be asked.

    Raises:
        DataIncomplete: where candles kept changing meanwhile; what was written is right, the rest comes next time.
        StorageError: the pieces before it stay.
    """
    report = ForecastingReport()
    with belongs_to(database, series.symbol, AGGREGATION):
        for _ in range(_TRIES):
            try:
                _bring_up_to_date(database, series, _Clocks(_now_ms(exchange), machine_now_ms), report, pause)
            except _Overtaken:
                log.info("%s: candles changed while it was forecast and scored, beginning again", series.symbol)
            else:
                return report
        raise DataIncomplete(f"candles of {series.symbol} kept changing while it was forecast and scored: run it again")


def _now_ms(exchange: Exchange) -> int | None:
    """The exchange's time, None where it can't be asked: no forecast is live by another clock."""
    try:
        return exchange.now_ms()
    except ExchangeError as error:
        log.warning("the exchange's clock can't be asked, so the running session is not forecast: %s", error)
        return None


def _bring_up_to_date(
    database: Database, series: Series, clocks: _Clocks, report: ForecastingReport, pause: Callable[[], object]
) -> None:
    if not database.read(lambda connection: _is_claimed(connection, series)):
        database.write(lambda connection: _claim(connection, series))
    task = database.read(lambda connection: _task(connection, series, clocks))
    if task is None:
        return
    said, days = time.monotonic(), (task.last - task.since).days + 1
    if days > _CHUNK:
        log.info("%s: forecasting and scoring %d sessions", series.symbol, days)
    day = task.since
    while day <= task.last:
        pause()
        if day > task.since and time.monotonic() - said >= _SAY_SECONDS:
            said = time.monotonic()
            log.info("%s: forecast and scored up to %s of %s", series.symbol, day - _DAY, task.last)
        written = _write_piece(database, task, day)
        report.add(written)
        day = (written.state.done or task.last) + _DAY  # beyond the piece where another job was faster
    pause()
    report.add(_write_running(database, task))


def _is_claimed(connection: Connection, series: Series) -> bool:
    """Whether the scores are of this definition and method, or there are no sessions of this definition to score."""
    aggregated = session_rows.read_state(connection, series.symbol)
    if aggregated is None or aggregated.definition != series.definition:
        return True
    state = forecast_rows.read_state(connection, series.symbol)
    return state is not None and state.owner == forecast_rows.owner_of(series)


def _claim(connection: Connection, series: Series) -> None:
    """Scores belong to one definition and method: those of others are removed. Forecasts always stay."""
    owner = forecast_rows.owner_of(series)
    forecast_rows.ensure_state(connection, owner)
    state = forecast_rows.read_state(connection, series.symbol, lock=True)
    if state is not None and state.owner != owner:
        forecast_rows.forget_scores(connection, series.symbol)
        forecast_rows.write_state(
            connection, forecast_rows.ForecastState(owner, None, 0, state.changes + 1, state.revision + 1)
        )


def _task(connection: Connection, series: Series, clocks: _Clocks) -> _Task | None:
    """What is to be done; None where nothing is, or where aggregation has not closed a session."""
    aggregated = session_rows.read_state(connection, series.symbol)
    state = forecast_rows.read_state(connection, series.symbol)
    if aggregated is None or aggregated.definition != series.definition or not aggregated.first or not aggregated.last:
        return None
    if state is None or state.owner != forecast_rows.owner_of(series):
        raise _Overtaken
    since = max(aggregated.first, state.done + _DAY) if state.done else aggregated.first
    running = _running(connection, series, aggregated.last, clocks.exchange_ms)
    if since > aggregated.last and running is None:
        return None
    forecaster = Forecaster.of(history_panel(connection, series, aggregated.first, aggregated.last, running=running))
    if forecaster is None:
        return None
    made_ms = clocks.machine_ms if clocks.exchange_ms is None else clocks.exchange_ms
    return _Task(series, state, aggregated.first, since, aggregated.last, running, forecaster, made_ms)


def _running(connection: Connection, series: Series, last: date, now_ms: int | None) -> SessionBounds | None:
    """The running session, where all before it are closed and it has no forecast yet."""
    if now_ms is None:
        return None
    bounds = series.calendar.containing(now_ms)
    if bounds.date - _DAY != last:
        return None
    there = forecast_rows.forecast_opens(
        connection, forecast_rows.owner_of(series), Span(bounds.open_ms, bounds.close_ms)
    )
    return None if there else bounds


def _write_running(database: Database, task: _Task) -> _Written:
    """Forecast the running session, and keep how much a forecast can rest on."""
    row = task.row(task.running, _learnt(database, task, task.running), live=True) if task.running else None
    count = task.forecaster.hindcasts.count(task.sessions)

    def work(connection: Connection) -> _Written:
        state = _locked(connection, task)
        added = forecast_rows.add_forecasts(connection, [row] if row else [])
        return _keep(connection, state, state._replace(n=count), added, 0)

    return database.write(work)


def _learnt(database: Database, task: _Task, session: SessionBounds) -> Recalibration:
    """What a session starts with: what the scores of those before it taught."""
    symbol = task.series.symbol
    stored = database.read(lambda connection: forecast_rows.corrections_before(connection, symbol, session.open_ms))
    return forecast_mapping.recalibration(stored)


def _write_piece(database: Database, task: _Task, day: date) -> _Written:
    """Hindcast what was not forecast, and score, from a session on."""
    end = min(task.last, day + (_CHUNK - 1) * _DAY)
    bounds = task.series.calendar.between(day, end)
    within = Span(bounds[0].open_ms, bounds[-1].close_ms)
    owner = task.state.owner
    there = database.read(lambda connection: forecast_rows.forecast_opens(connection, owner, within))
    first = (day - task.first).days
    scores = task.forecaster.score(first, first + len(bounds), _learnt(database, task, bounds[0]))
    rows = [
        task.row(session, learnt, live=False)
        for session, learnt in zip(bounds, scores.recalibrations, strict=False)
        if session.open_ms not in there
    ]
    odds = forecast_mapping.odds_rows(owner.symbol, scores)
    variances = forecast_mapping.variance_rows(owner.symbol, scores)
    recalibrations = forecast_mapping.recalibration_rows(owner.symbol, scores)

    def work(connection: Connection) -> _Written:
        state = _locked(connection, task)
        forecasts = forecast_rows.add_forecasts(connection, [row for row in rows if row])
        changed = forecast_rows.reconcile_scores(connection, owner.symbol, within, odds)
        changed += forecast_rows.reconcile_variances(connection, owner.symbol, within, variances)
        forecast_rows.reconcile_recalibrations(connection, owner.symbol, within, recalibrations)
        return _keep(connection, state, state._replace(done=max(state.done or end, end)), forecasts, changed)

    return database.write(work)


def _locked(connection: Connection, task: _Task) -> forecast_rows.ForecastState:
    """The state, which nobody else changes until the transaction ends; what was computed must still hold."""
    state = forecast_rows.read_state(connection, task.series.symbol, lock=True)
    if state is None or state.owner != task.state.owner or state.changes != task.state.changes:
        raise _Overtaken
    return state


def _keep(
    connection: Connection,
    before: forecast_rows.ForecastState,
    after: forecast_rows.ForecastState,
    forecasts: int,
    scores: int,
) -> _Written:
    """Write the state where something changed."""
    after = after._replace(revision=before.revision + bool(forecasts or scores or after.n != before.n))
    if after != before:
        forecast_rows.write_state(connection, after)
    return _Written(after, forecasts, scores)
