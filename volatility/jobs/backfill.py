"""The use case backfill: every closed hour of history that is missing, and the last 48 hours again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy.engine import Connection

from volatility.domain.candles import Candle, Page
from volatility.domain.errors import DataIncomplete, ExchangeRefused
from volatility.domain.hours import DAY_MS, HOUR_MS, Span, iso, merge, pages
from volatility.exchange.binance import PAGE_HOURS
from volatility.jobs.recording import recorded
from volatility.jobs.witness import Witness
from volatility.storage import candle_rows
from volatility.storage.database import Database, Work
from volatility.storage.migrate import migrate
from volatility.storage.run_rows import BACKFILL

log = logging.getLogger(__name__)
T = TypeVar("T")

RECENT_MS: Final = 48 * HOUR_MS  # asked again by every run, so that a revised candle is corrected
GAP_AFTER_MS: Final = DAY_MS  # an hour that is still absent after this is a gap
_LISTED: Final = 100  # hours that a report names one by one


class Exchange(Protocol):
    """What backfill needs of an exchange; ``BinanceClient`` is one."""

    simulated: bool

    def now_ms(self) -> int:
        """The exchange's clock."""

    def last_closed_end_ms(self) -> int:
        """The end of the newest hour that is over by the exchange's clock."""

    def first_candle_ms(self, symbol: str) -> int | None:
        """The hour of the first candle of a symbol."""

    def closed_candles(self, symbol: str, asked: Span, url: str | None = None) -> Page:
        """The checked closed candles of at most 1000 hours, of one base URL where it is named."""


class Progress(Protocol):
    """Is told how far a backfill has come: before the first page, and after each."""

    def __call__(self, done_hours: int, all_hours: int, /) -> None:
        """``done_hours`` of the ``all_hours`` that are asked for are written."""


@dataclass(frozen=True)
class BackfillRequest:
    """What to backfill.

    ``since_ms`` and ``until_ms`` narrow the history that begins at ``history_start_ms``, ``newest_ms`` to its last so
    many milliseconds; ``recheck_gaps`` asks for known gaps as well, ``refetch`` for everything, whatever is stored;
    ``dry_run`` only says what would be asked for.
    """

    symbol: str
    history_start_ms: int
    since_ms: int | None = None
    until_ms: int | None = None
    newest_ms: int | None = None
    recheck_gaps: bool = False
    dry_run: bool = False
    refetch: bool = False


@dataclass
class Refetched:
    """What asking again has changed, hour by hour; each list holds the first hundred.

    ``not_served`` are stored hours that the exchange does not have any more: they are kept. ``hours_compared`` says how
    many hours outside the range showed that the market is the stored one; 0 where there were none.
    """

    hours_compared: int = 0
    hours_not_served: int = 0
    not_served: list[str] = field(default_factory=list)
    revised: list[dict[str, Any]] = field(default_factory=list)

    def note(self, stored: Sequence[Candle], served: Sequence[Candle]) -> None:
        """Note what a page says of stored hours."""
        there = {candle.open_time_ms: candle for candle in served}
        for old in stored:
            new = there.get(old.open_time_ms)
            if new is None:
                self.hours_not_served += 1
                self.not_served += [iso(old.open_time_ms)][: _LISTED - len(self.not_served)]
            elif new != old and len(self.revised) < _LISTED:
                self.revised.append({"hour": iso(old.open_time_ms), "old_close": old.close, "new_close": new.close})


@dataclass
class BackfillReport:
    """What a backfill did, in hours; the JSON line that the job prints."""

    symbol: str
    simulated: bool = False
    dry_run: bool = False
    start: str | None = None
    end: str | None = None
    hours_missing: int = 0
    hours_asked: int = 0
    pages: int = 0
    candles_written: int = 0
    candles_new: int = 0
    candles_revised: int = 0
    irregular: int = 0
    gaps_recorded: int = 0
    hours_pending: int = 0
    spans: list[str] = field(default_factory=list)
    refetched: Refetched | None = None

    def as_json(self) -> dict[str, Any]:
        """The report as plain values; the list of spans only where nothing else was done."""
        values = asdict(self)
        if not self.dry_run:
            del values["spans"]
        if self.refetched is None:
            del values["refetched"]
        return values


@dataclass
class _Run:
    """One backfill under way."""

    database: Database
    exchange: Exchange
    request: BackfillRequest
    report: BackfillReport
    witness: Witness
    facts: candle_rows.Symbol
    within: Span

    def replaced(self, asked: Span) -> Span | None:
        """The hours whose candles are about to be replaced, whatever they are."""
        return Span(asked.start_ms, self.within.end_ms) if self.request.refetch else None


def backfill(
    database: Database, exchange: Exchange, request: BackfillRequest, progress: Progress | None = None
) -> BackfillReport:
    """Fetch and store what is missing; running it twice, in parallel or after a crash gives the same tables.

    How the run goes is written down, unless it is a dry one: it writes nothing at all.

    Raises:
        as ``fetch_missing``.
    """
    if request.dry_run:
        return fetch_missing(database, exchange, request, progress)
    migrate(database)
    with recorded(database, request.symbol, BACKFILL) as run:

        def both(done_hours: int, all_hours: int) -> None:
            run.progress(done_hours, all_hours)
            if progress:
                progress(done_hours, all_hours)

        return fetch_missing(database, exchange, request, both)


def fetch_missing(
    database: Database,
    exchange: Exchange,
    request: BackfillRequest,
    progress: Progress | None = None,
    witness: Witness | None = None,
) -> BackfillReport:
    """A backfill of tables that are there, as part of a run of any job.

    Each page is checked whole, then written in one transaction together with the gaps it shows and the note of what
    changed. What is stored already and has not changed is left alone. Nothing from a base URL is written before it is
    known to serve the stored market; ``witness`` remembers which base URLs do.

    Raises:
        ExchangeError, StorageError: pages written before stay written; the next run goes on from there.
        OtherMarket: where a base URL serves another market's candles.
        DataIncomplete: where the exchange has no candle of the symbol at all, or is not the one the data came from.
    """
    end_ms = exchange.last_closed_end_ms()
    facts = _facts(database, exchange, request)
    within = Span(
        max(
            facts.first_open_ms, request.history_start_ms, request.since_ms or 0, end_ms - (request.newest_ms or end_ms)
        ),
        min(end_ms, request.until_ms or end_ms),
    )
    report = BackfillReport(request.symbol, simulated=exchange.simulated, dry_run=request.dry_run)
    report.refetched = Refetched() if request.refetch else None
    if not within.hours:
        return report
    report.start, report.end = iso(within.start_ms), iso(within.end_ms)
    spans = _spans(database, request, within, end_ms - RECENT_MS, report)
    if request.dry_run:
        report.spans = [str(span) for span in spans]
        return report
    log.info("%s: %d hours missing, asking for %d", request.symbol, report.hours_missing, report.hours_asked)
    witness = witness or Witness(database, exchange, request.symbol)
    run, done = _Run(database, exchange, request, report, witness, facts, within), 0
    if progress:
        progress(0, report.hours_asked)
    for asked in pages(spans, PAGE_HOURS):
        _fetch_page(run, asked)
        done += asked.hours
        if progress:
            progress(done, report.hours_asked)
    _conclude(run)
    return report


def _spans(
    database: Database, request: BackfillRequest, within: Span, recent_ms: int, report: BackfillReport
) -> list[Span]:
    """The hours to ask for: what is missing, and the last of history again; everything where that is asked for."""
    missing = _missing(database, request, within)
    again = within if request.refetch else Span(max(within.start_ms, recent_ms), within.end_ms)
    spans = merge([*missing, again])
    report.hours_missing = sum(span.hours for span in missing)
    report.hours_asked = sum(span.hours for span in spans)
    return spans


def _fetch_page(run: _Run, asked: Span) -> None:
    """Fetch, check and write one page, and count what it changed."""
    replaced = run.replaced(asked)
    wide = asked if replaced else run.witness.with_lead(asked)
    page = run.exchange.closed_candles(run.request.symbol, wide)
    _refuse_other_kind(run.database, run.exchange, run.request, run.facts)
    now_ms = run.exchange.now_ms()
    written: candle_rows.Written | None = None
    while written is None:
        if not run.witness.knows(page.source):
            run.witness.examine(page, wide, replaced)
        written = _write(run, page, asked, now_ms)
    report = run.report
    report.pages += 1
    report.irregular += page.irregular
    report.candles_new += written.new
    report.candles_revised += written.revised
    report.candles_written += written.new + written.revised
    report.gaps_recorded += written.gaps
    report.hours_pending += written.pending


def _write(run: _Run, page: Page, asked: Span, now_ms: int) -> candle_rows.Written | None:
    """Write a page of a base URL that is known, or the very first; None where another run was first meanwhile.

    An empty database takes what comes first, and what that says of the symbol. No gap is stored before a candle is.
    """
    first = not run.witness.knows(page.source)
    if first and not page.candles:
        return candle_rows.Written(0, 0, 0, asked.hours)
    from_ms = run.witness.gaps_from_ms(page, asked, run.facts.first_open_ms, now_ms - GAP_AFTER_MS)
    candles = [candle for candle in page.candles if candle.open_time_ms >= asked.start_ms]
    before: list[Candle] = []

    def work(connection: Connection) -> candle_rows.Written | None:
        if first and not _is_first(connection, run):
            return None
        if candles:
            candle_rows.forget_gaps_at_the_end(connection, run.request.symbol, asked.start_ms)
        if run.request.refetch:
            before[:] = _before_refetch(connection, run, asked)
        times = {"asked_at_ms": now_ms, "gap_before_ms": now_ms - GAP_AFTER_MS, "gaps_from_ms": from_ms}
        return candle_rows.write_page(connection, run.request.symbol, asked, candles, **times)

    written = run.database.write(work)
    if written and first:
        run.witness.trust(page.source)
    if run.report.refetched:
        run.report.refetched.note(before, page.candles)
    return written


def _is_first(connection: Connection, run: _Run) -> bool:
    """Whether nothing is stored, and nobody else can store anything meanwhile; then the symbol is as this run says."""
    candle_rows.lock_symbol(connection, run.request.symbol)
    if candle_rows.newest_stored(connection, run.request.symbol) is not None:
        return False
    candle_rows.remember_symbol(connection, run.request.symbol, run.facts)
    return True


def _before_refetch(connection: Connection, run: _Run, asked: Span) -> list[Candle]:
    """What is stored before it is replaced; the symbol may have an earlier first candle than was known."""
    candle_rows.remember_symbol(connection, run.request.symbol, run.facts)
    return candle_rows.stored_candles(connection, run.request.symbol, asked)


def _conclude(run: _Run) -> None:
    """Say in words what asking again has brought."""
    report = run.report
    if report.refetched is None:
        return
    report.refetched.hours_compared = run.witness.hours_compared
    log.info(
        "%s: %s asked again: %d hours revised, %d new, %d stored ones not served any more and kept",
        report.symbol, run.within, report.candles_revised, report.candles_new, report.refetched.hours_not_served,
    )  # fmt: skip
    if not run.witness.hours_compared:
        log.warning(
            "%s: nothing is stored outside %s that could tell whether the market is the same", report.symbol, run.within
        )


def _facts(database: Database, exchange: Exchange, request: BackfillRequest) -> candle_rows.Symbol:
    """What is known of the symbol: the exchange's first candle, asked once, then remembered.

    It is asked again while no candle is stored, for it may have been another exchange's, and by a refetch.
    """
    symbol = request.symbol
    stored = _stored(database, lambda connection: candle_rows.symbol_facts(connection, symbol), None)
    if stored and _stored(database, lambda connection: candle_rows.newest_stored(connection, symbol), None) is None:
        stored = None
    if stored:
        _refuse_other_kind(database, exchange, request, stored)
    if stored and not request.refetch:
        return stored
    first_ms = exchange.first_candle_ms(symbol)
    if first_ms is None:
        raise ExchangeRefused(f"the exchange has no candle of {symbol}")
    facts = candle_rows.Symbol(min(first_ms, stored.first_open_ms) if stored else first_ms, exchange.simulated)
    if not request.dry_run and not stored:
        database.write(lambda connection: candle_rows.remember_symbol(connection, symbol, facts))
    return facts


def _refuse_other_kind(
    database: Database, exchange: Exchange, request: BackfillRequest, facts: candle_rows.Symbol
) -> None:
    """Simulated and real candles never mix, not even where another base URL takes over."""
    if facts.simulated == exchange.simulated:
        return
    kinds = ("simulated", "the exchange's")
    there, here = kinds if facts.simulated else kinds[::-1]
    raise DataIncomplete(
        f"the candles of {request.symbol} in {database} are {there}, those of BINANCE_URLS are {here}: "
        "the two are never mixed, use another database"
    )


def _missing(database: Database, request: BackfillRequest, within: Span) -> list[Span]:
    """The hours to fetch; all of them where there are no tables yet (in a dry run)."""
    recheck = request.recheck_gaps or request.refetch
    return _stored(
        database,
        lambda connection: candle_rows.missing_hours(connection, request.symbol, within, ignore_gaps=recheck),
        [within],
    )


def _stored(database: Database, work: Work[T], empty: T) -> T:
    """What the database says, or ``empty`` where it has no tables yet."""
    try:
        return database.read(work)
    except DataIncomplete:
        return empty
