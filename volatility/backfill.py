"""The use case backfill: every closed hour of history that is missing, and the last 48 hours again."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Protocol, TypeVar

from volatility.candles import Page
from volatility.errors import DataIncomplete, ExchangeRefused
from volatility.exchange.binance import PAGE_HOURS
from volatility.hours import DAY_MS, HOUR_MS, Span, iso, merge, pages
from volatility.storage import candles as store
from volatility.storage.database import Database, Work
from volatility.storage.migrate import migrate

log = logging.getLogger(__name__)
T = TypeVar("T")

RECENT_MS: Final = 48 * HOUR_MS  # asked again by every run, so that a revised candle is corrected
GAP_AFTER_MS: Final = DAY_MS  # an hour that is still absent after this is a gap


class Exchange(Protocol):
    """What backfill needs of an exchange; ``BinanceClient`` is one."""

    simulated: bool

    def now_ms(self) -> int:
        """The exchange's clock."""

    def last_closed_end_ms(self) -> int:
        """The end of the newest hour that is over by the exchange's clock."""

    def first_candle_ms(self, symbol: str) -> int | None:
        """The hour of the first candle of a symbol."""

    def closed_candles(self, symbol: str, asked: Span) -> Page:
        """The checked closed candles of at most 1000 hours."""


class Progress(Protocol):
    """Is told how far a backfill has come."""

    def __call__(self, done_hours: int, all_hours: int) -> None:
        """``done_hours`` of the ``all_hours`` that are asked for are written."""


@dataclass(frozen=True)
class Request:
    """What to backfill.

    ``since_ms`` and ``until_ms`` narrow the history that begins at ``history_start_ms``; ``recheck_gaps`` asks for
    known gaps as well; ``dry_run`` only says what would be asked for.
    """

    symbol: str
    history_start_ms: int
    since_ms: int | None = None
    until_ms: int | None = None
    recheck_gaps: bool = False
    dry_run: bool = False


@dataclass
class Report:
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

    def as_json(self) -> dict[str, Any]:
        """The report as plain values; the list of spans only where nothing else was done."""
        values = asdict(self)
        if not self.dry_run:
            del values["spans"]
        return values


def backfill(database: Database, exchange: Exchange, request: Request, progress: Progress | None = None) -> Report:
    """Fetch and store what is missing; running it twice, in parallel or after a crash gives the same tables.

    Each page is checked whole, then written in one transaction together with the gaps it shows and the note of what
    changed. What is stored already and has not changed is left alone.

    Raises:
        ExchangeError, StorageError: pages written before stay written; the next run goes on from there.
        DataIncomplete: where the exchange has no candle of the symbol at all, or is not the one the data came from.
    """
    symbol = request.symbol
    if not request.dry_run:
        migrate(database)
    end_ms = exchange.last_closed_end_ms()
    first_ms = _first_candle_ms(database, exchange, request)
    recent = Span(end_ms - RECENT_MS, end_ms)
    within = Span(
        max(first_ms, request.history_start_ms, request.since_ms or 0), min(end_ms, request.until_ms or end_ms)
    )
    report = Report(symbol, simulated=exchange.simulated, dry_run=request.dry_run)
    if not within.hours:
        return report
    report.start, report.end = iso(within.start_ms), iso(within.end_ms)
    missing = _missing(database, request, within)
    again = Span(max(within.start_ms, recent.start_ms), within.end_ms)
    spans = merge([*missing, again])
    report.hours_missing = sum(span.hours for span in missing)
    report.hours_asked = sum(span.hours for span in spans)
    if request.dry_run:
        report.spans = [str(span) for span in spans]
        return report
    log.info("%s: %d hours missing, asking for %d", symbol, report.hours_missing, report.hours_asked)
    done = 0
    for asked in pages(spans, PAGE_HOURS):
        _fetch_page(database, exchange, report, asked)
        done += asked.hours
        if progress:
            progress(done, report.hours_asked)
    return report


def _fetch_page(database: Database, exchange: Exchange, report: Report, asked: Span) -> None:
    """Fetch, check and write one page, and count what it changed."""
    page = exchange.closed_candles(report.symbol, asked)
    now_ms = exchange.now_ms()
    written = database.write(
        lambda connection: store.write_page(
            connection, report.symbol, asked, page.candles, asked_at_ms=now_ms, gap_before_ms=now_ms - GAP_AFTER_MS
        )
    )
    report.pages += 1
    report.irregular += page.irregular
    report.candles_new += written.new
    report.candles_revised += written.revised
    report.candles_written += written.new + written.revised
    report.gaps_recorded += written.gaps
    report.hours_pending += written.pending


def _first_candle_ms(database: Database, exchange: Exchange, request: Request) -> int:
    """The exchange's first candle of the symbol: asked once, then remembered."""
    symbol = request.symbol
    known = _stored(database, lambda connection: store.symbol_facts(connection, symbol), None)
    if known:
        if known.simulated != exchange.simulated:
            kinds = ("simulated", "the exchange's")
            there, here = kinds if known.simulated else kinds[::-1]
            raise DataIncomplete(
                f"the candles of {symbol} in {database} are {there}, those of BINANCE_URLS are {here}: "
                "the two are never mixed, use another database"
            )
        return known.first_open_ms
    first_ms = exchange.first_candle_ms(symbol)
    if first_ms is None:
        raise ExchangeRefused(f"the exchange has no candle of {symbol}")
    if not request.dry_run:
        facts = store.Symbol(first_ms, exchange.simulated)
        database.write(lambda connection: store.remember_symbol(connection, symbol, facts))
    return first_ms


def _missing(database: Database, request: Request, within: Span) -> list[Span]:
    """The hours to fetch; all of them where there are no tables yet (in a dry run)."""
    return _stored(
        database,
        lambda connection: store.missing_hours(connection, request.symbol, within, ignore_gaps=request.recheck_gaps),
        [within],
    )


def _stored(database: Database, work: Work[T], empty: T) -> T:
    """What the database says, or ``empty`` where it has no tables yet."""
    try:
        return database.read(work)
    except DataIncomplete:
        return empty
