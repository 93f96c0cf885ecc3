"""Whether a base URL serves the stored market, asked with as little as tells it: no network, hand-made candles."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from tests.jobs.made_up import walk
from tests.jobs.support import SYMBOL, at, patient
from volatility.domain.candles import Candle, Page
from volatility.domain.errors import OtherMarket
from volatility.domain.hours import HOUR_MS, Span
from volatility.jobs.witness import Witness
from volatility.storage import candle_rows
from volatility.storage.candle_rows import Symbol
from volatility.storage.database import Database
from volatility.storage.migrate import migrate

START = at("2024-01-01T00:00")
OURS, OTHERS = walk(START, 600, 1), walk(START, 600, 2)
URL = "https://one.example"


class Asked:
    """An exchange that serves these candles, and remembers what it was asked for."""

    def __init__(self, candles: Iterable[Candle]) -> None:
        self.candles = list(candles)
        self.asked: list[tuple[Span, str | None]] = []

    def closed_candles(self, symbol: str, asked: Span, url: str | None = None) -> Page:
        """Those of some hours."""
        assert symbol == SYMBOL
        self.asked.append((asked, url))
        return Page([one for one in self.candles if asked.start_ms <= one.open_time_ms < asked.end_ms], 0, URL)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'candles.sqlite3'}", patient())
    migrate(database)
    yield database
    database.close()


def store(database: Database, candles: list[Candle]) -> None:
    def work(connection: Connection) -> None:
        candle_rows.remember_symbol(connection, SYMBOL, Symbol(START, simulated=False))
        span = Span(candles[0].open_time_ms, candles[-1].open_time_ms + HOUR_MS)
        candle_rows.write_page(connection, SYMBOL, span, candles, asked_at_ms=0, gap_before_ms=0)

    database.write(work)


def hours(first: int, last: int) -> Span:
    return Span(START + first * HOUR_MS, START + last * HOUR_MS)


def page(candles: list[Candle]) -> Page:
    return Page(candles, 0, URL)


def test_a_page_that_overlaps_enough_tells_by_itself(database: Database) -> None:
    store(database, OURS[:100])
    exchange = Asked(OURS)
    witness = Witness(database, exchange, SYMBOL)
    witness.examine(page(OURS[90:120]), hours(90, 120))
    assert witness.knows(URL)
    assert witness.hours_compared == 10
    assert exchange.asked == []


def test_where_too_little_overlaps_older_candles_are_asked_for_until_they_tell(database: Database) -> None:
    store(database, OURS[:400])
    exchange = Asked(OURS)
    witness = Witness(database, exchange, SYMBOL)
    witness.examine(page(OURS[397:420]), hours(397, 420))
    assert witness.knows(URL)
    ((span, url),) = exchange.asked
    assert (span.hours, url) == (48, URL)
    assert START + 199 * HOUR_MS <= span.start_ms <= START + 200 * HOUR_MS  # from the middle
    assert witness.hours_compared == 3 + 48


def test_another_market_is_refused_with_an_hour_that_shows_it(database: Database) -> None:
    store(database, OURS[:400])
    exchange = Asked(OTHERS)
    witness = Witness(database, exchange, SYMBOL)
    with pytest.raises(OtherMarket) as caught:
        witness.examine(page(OTHERS[390:420]), hours(390, 420))
    words = str(caught.value)
    assert words.startswith(f"{URL} serves another market than the stored candles of BTCUSDT: 2024-01-")
    assert "(144 of 144 compared hours differ)" in words
    assert words.endswith("replace it with backfill --refetch --since DATE")
    assert not witness.knows(URL)
    assert [span.hours for span, _ in exchange.asked] == [48, 48, 48]  # the middle, the beginning, the end


def test_revised_hours_are_told_where_older_ones_are_the_same(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    store(database, OURS[:400])
    witness = Witness(database, Asked(OURS), SYMBOL)
    with caplog.at_level(logging.WARNING):
        witness.examine(page(OTHERS[390:400]), hours(390, 420))
    assert witness.knows(URL)
    assert "10 of 10 stored hours" in caplog.text
    assert "older ones do not: they are revised" in caplog.text


def test_what_is_to_be_replaced_tells_nothing(database: Database) -> None:
    store(database, OTHERS[:100] + OURS[100:400])
    exchange = Asked(OURS)
    witness = Witness(database, exchange, SYMBOL)
    witness.examine(page(OURS[:50]), hours(0, 50), hours(0, 100))
    assert witness.knows(URL)
    assert all(span.start_ms >= START + 100 * HOUR_MS for span, _ in exchange.asked)


def test_where_nothing_is_stored_nobody_is_known_until_it_is_said(database: Database) -> None:
    witness = Witness(database, Asked(OURS), SYMBOL)
    witness.examine(page(OURS[:24]), hours(0, 24))
    assert not witness.knows(URL)
    witness.trust(URL)
    assert witness.knows(URL)


def test_a_few_stored_hours_are_asked_for_along_to_compare_a_page_by(database: Database) -> None:
    store(database, OURS[:100])
    witness = Witness(database, Asked(OURS), SYMBOL)
    assert witness.with_lead(hours(100, 150)) == hours(76, 150)
    assert witness.with_lead(hours(100, 1090)) == hours(90, 1090)  # a request has room for a thousand
    assert witness.with_lead(hours(100, 1100)) == hours(100, 1100)
    assert witness.with_lead(hours(60, 150)) == hours(60, 150)  # it holds forty of them
    assert witness.with_lead(hours(300, 350)) == hours(300, 350)  # there is none nearby
    witness.trust(URL)
    assert witness.with_lead(hours(100, 150)) == hours(100, 150)


@pytest.mark.parametrize("reaches_back", [True, False])
def test_an_answer_that_begins_with_nothing_shows_gaps_only_of_who_serves_the_candle_before(
    *, database: Database, reaches_back: bool, caplog: pytest.LogCaptureFixture
) -> None:
    store(database, OURS[:100])
    exchange = Asked(OURS if reaches_back else OURS[110:])
    witness = Witness(database, exchange, SYMBOL)
    found = witness.gaps_from_ms(page(OURS[110:150]), hours(100, 150), START, START + 200 * HOUR_MS)
    assert found == START + (100 if reaches_back else 110) * HOUR_MS
    assert [span for span, _ in exchange.asked] == [hours(99, 100)]
    assert ("no gap is recorded" in caplog.text) is not reaches_back


def test_a_page_that_was_served_just_before_proves_the_next_ones_gaps(database: Database) -> None:
    store(database, OURS[:100])
    exchange = Asked(OURS)
    witness = Witness(database, exchange, SYMBOL)
    witness.gaps_from_ms(page(OURS[60:100]), hours(60, 100), START, START + 200 * HOUR_MS)
    assert witness.gaps_from_ms(page([]), hours(100, 150), START, START + 200 * HOUR_MS) == START + 100 * HOUR_MS
    assert exchange.asked == []
