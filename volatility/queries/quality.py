"""What the data of a symbol lack, and how the jobs that fetch and aggregate them went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy.engine import Connection

from volatility.domain.calendar import SessionCalendar
from volatility.domain.hours import Span, runs
from volatility.domain.series import Series
from volatility.presentation.catalogue.quality import (
    EXCHANGE_AWAY,
    GAP,
    INCOMPLETE_SESSION,
    JOB_RUN,
    QUALITY,
    SYMBOL_QUALITY,
)
from volatility.queries.closed_sessions import Coverage, coverage_fields, coverage_of
from volatility.storage import candle_rows, run_rows, session_rows
from volatility.storage.database import Database
from volatility.storage.run_rows import AGGREGATION, BACKFILL, RUNNING, StoredRun
from volatility.storage.session_rows import IncompleteSession

LOST_AFTER_MS: Final = 120_000  # a run says every ten seconds that it lives; one transaction may keep it from that

_DOING: Final = (
    (BACKFILL, "the history of {symbol} is being fetched", "hours"),
    (AGGREGATION, "the sessions of {symbol} are being computed", "sessions"),
)


@dataclass(frozen=True)
class SymbolQuality:
    """What one symbol's data lack, and the last run of each job by its name; all from one snapshot."""

    coverage: Coverage
    sessions: int
    gaps: Sequence[Span]
    incomplete: Sequence[IncompleteSession]
    runs: Mapping[str, StoredRun]


class ExchangeAway(NamedTuple):
    """That the exchange does not answer: since when, and when it is asked again, None where at the next question."""

    since_ms: int
    next_try_ms: int | None


def quality(database: Database, series: Series) -> SymbolQuality:
    """What a symbol's data lack; sessions by another definition than the one asked for don't count."""

    def work(connection: Connection) -> SymbolQuality:
        known = coverage_of(connection, series)
        is_aggregated = known.first_session is not None
        return SymbolQuality(
            coverage=known,
            sessions=session_rows.count_sessions(connection, series.symbol) if is_aggregated else 0,
            gaps=runs(candle_rows.gap_hours(connection, series.symbol)),
            incomplete=session_rows.incomplete_sessions(connection, series.symbol) if is_aggregated else [],
            runs=run_rows.last_runs(connection, series.symbol),
        )

    return database.read(work)


def quality_report(
    symbols: Sequence[SymbolQuality], away: ExchangeAway | None, calendar: SessionCalendar
) -> dict[str, Any]:
    """What the data lack, in plain values; ``away`` as the process knows it that is asked."""
    since_ms, next_try_ms = away or (None, None)
    exchange = {"away_since": _shown(since_ms, calendar), "next_try": _shown(next_try_ms, calendar)}
    return QUALITY.of(
        {"exchange": EXCHANGE_AWAY.of(exchange), "symbols": [_symbol_fields(one, calendar) for one in symbols]}
    )


def _symbol_fields(known: SymbolQuality, calendar: SessionCalendar) -> dict[str, Any]:
    lacking = {
        "sessions": known.sessions,
        "gaps": [_gap_fields(gap, calendar) for gap in known.gaps],
        "incomplete": [
            INCOMPLETE_SESSION.of({**one._asdict(), "date": one.date.isoformat()}) for one in known.incomplete
        ],
    }
    jobs = {job: _run_fields(known.runs.get(job), calendar) for job in (BACKFILL, AGGREGATION)}
    return SYMBOL_QUALITY.of(coverage_fields(known.coverage, calendar) | lacking | jobs)


def _gap_fields(gap: Span, calendar: SessionCalendar) -> dict[str, Any]:
    return GAP.of({"from": calendar.local_iso(gap.start_ms), "to": calendar.local_iso(gap.end_ms), "hours": gap.hours})


def under_way(symbols: Sequence[SymbolQuality]) -> str | None:
    """What a job does for the first symbol that has no session yet, as a sentence; None where none runs."""
    for known in symbols:
        for job, sentence, unit in _DOING:
            run = known.runs.get(job)
            if known.sessions == 0 and run and run.result == RUNNING and not _is_lost(run):
                done, total = run.progress
                so_far = "" if done is None or total is None else f": {done:,} of {total:,} {unit} so far"
                return sentence.format(symbol=known.coverage.symbol) + so_far
    return None


def _is_lost(run: StoredRun) -> bool:
    return run.result == RUNNING and run.now_ms - run.heard_ms > LOST_AFTER_MS


def _run_fields(run: StoredRun | None, calendar: SessionCalendar) -> dict[str, Any] | None:
    if run is None:
        return None
    return JOB_RUN.of(
        {
            "began": calendar.local_iso(run.began_ms),
            "ended": _shown(run.ended_ms, calendar),
            "result": "lost" if _is_lost(run) else run.result,
            "message": run.message,
            **run.progress._asdict(),
        }
    )


def _shown(instant_ms: int | None, calendar: SessionCalendar) -> str | None:
    return None if instant_ms is None else calendar.local_iso(instant_ms)
