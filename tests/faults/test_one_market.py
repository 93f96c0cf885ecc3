"""Candles of another market never mix with the stored ones, and what is stored can be asked for again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from exchange_simulator import Clock, GeneratedMarket, RunningServer, SimulatedExchange, WeightMeter, serve
from exchange_simulator.faults import Gap, Revised, Status
from exchange_simulator.market import Market
from exchange_simulator.presets import blocked
from tests.faults.conftest import CLOSED_MS, FIRST_MS, HOURS, KLINES, Job
from tests.support import tables
from tests.support.jobs import Outcome
from tests.support.markets import Altered, Row, cheap, dearer, instead, only, scaled, shifted, thinner
from tests.support.simulated_exchange import NOW
from tests.support.tables import HOUR_MS
from volatility.domain.errors import OtherMarket
from volatility.domain.hours import iso
from volatility.domain.retry import RetryPolicy
from volatility.exchange.binance import BinanceClient
from volatility.jobs import backfill
from volatility.storage.database import Database

OLD = FIRST_MS + 400 * HOUR_MS
NEXT = "2017-10-20T17:37:41Z"  # four hours after NOW
Serve = Callable[..., RunningServer]


@pytest.fixture
def served() -> Iterator[Serve]:
    """Further exchanges: of a market, or of the symbol's candles changed one by one."""
    running: list[RunningServer] = []

    def start(market: Market, now: str = NOW) -> RunningServer:
        exchange = SimulatedExchange([market], clock=Clock(now, frozen=True), weights=WeightMeter(None))
        running.append(serve(exchange))
        return running[-1]

    yield start
    for server in running:
        server.close()


def altered(market: GeneratedMarket, change: Callable[[Row], Row | None]) -> Altered:
    return Altered(market, CLOSED_MS + 10 * HOUR_MS, change)


OTHERS: dict[str, Callable[[GeneratedMarket], Market]] = {
    "prices 0.3 % off": lambda market: altered(market, dearer),
    "equal prices, other volumes": lambda market: altered(market, thinner),
    "a thousand in one": lambda market: altered(market, scaled),
    "an hour late": lambda market: altered(market, shifted(1)),
    "an hour early": lambda market: altered(market, shifted(-1)),
    "another symbol": lambda _: GeneratedMarket("BTCUSDT", seed=8, gaps=False),
}


def session_tables(url: str) -> list[tables.Row]:
    return tables.query(url, "SELECT * FROM daily_sessions ORDER BY open_time")


# Row 6


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_base_url_of_another_market_is_refused_by_name_and_nothing_is_written(
    *,
    other: Callable[[GeneratedMarket], Market],
    job: Job,
    market: GeneratedMarket,
    exchange: SimulatedExchange,
    server: RunningServer,
    sqlite_url: str,
    served: Serve,
) -> None:
    job("backfill").succeeded()
    job("aggregate").succeeded()
    before, sessions = tables.candles(sqlite_url), session_tables(sqlite_url)
    exchange.order(blocked())
    second = served(other(market), NEXT)
    refused = job("backfill", BINANCE_URLS=f"{server.url},{second.url}").failed()
    assert refused.reason.startswith(f"{second.url} serves another market than the stored candles of BTCUSDT: 2017-")
    assert " UTC has close " in refused.reason
    assert "compared hours differ" in refused.reason
    assert "--refetch --since DATE" in refused.reason
    assert len(second.exchange.requests(KLINES)) <= 4
    assert tables.candles(sqlite_url) == before
    assert tables.changed_hours(sqlite_url) == set()
    assert tables.gaps(sqlite_url) == []
    job("aggregate", BINANCE_URLS=second.url)
    assert session_tables(sqlite_url) == sessions


def test_a_coin_of_few_digits_is_told_by_its_volumes(
    job: Job, market: GeneratedMarket, sqlite_url: str, served: Serve
) -> None:
    true = served(altered(market, cheap))
    job("backfill", BINANCE_URLS=true.url).succeeded()
    before = tables.candles(sqlite_url)
    assert len({row[4] for row in before}) < 500  # many closes are equal
    other = served(altered(market, lambda row: thinner(cheap(row))))
    assert "0.0000" in job("backfill", BINANCE_URLS=other.url).failed().reason
    assert tables.candles(sqlite_url) == before
    job("backfill", BINANCE_URLS=true.url).succeeded()


def test_a_base_url_of_the_same_market_takes_over_at_no_further_cost(
    job: Job, market: GeneratedMarket, exchange: SimulatedExchange, server: RunningServer, served: Serve
) -> None:
    job("backfill").succeeded()
    exchange.order(blocked())
    twin = served(market, NEXT)
    done = job("backfill", BINANCE_URLS=f"{server.url},{twin.url}").succeeded()
    assert (done.report["candles_new"], done.report["candles_revised"]) == (4, 0)
    assert len(twin.exchange.requests(KLINES)) == 1


@pytest.mark.parametrize("stored", [1, 3, 5])
def test_very_few_stored_candles_tell_too(
    *, stored: int, job: Job, market: GeneratedMarket, server: RunningServer, sqlite_url: str, served: Serve
) -> None:
    began = {"HISTORY_START": "2017-10-20", "BINANCE_URLS": server.url}
    server.exchange.clock.set(f"2017-10-20T0{stored}:30:00Z")
    assert job("backfill", **began).succeeded().report["candles_new"] == stored
    other = served(altered(market, dearer))
    job("backfill", **began | {"BINANCE_URLS": other.url}).failed()
    assert len(tables.candles(sqlite_url)) == stored
    server.exchange.clock.set(NOW)
    assert job("backfill", **began).succeeded().report["candles_new"] == 13 - stored


# A base URL that takes over in the middle of a run


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_the_second_base_url_is_looked_at_when_it_takes_over_and_the_first_one_wins(
    *,
    other: Callable[[GeneratedMarket], Market],
    backfill_job: Job,
    market: GeneratedMarket,
    exchange: SimulatedExchange,
    server: RunningServer,
    sqlite_url: str,
    history: list[tables.Row],
    served: Serve,
) -> None:
    exchange.order(blocked(path=KLINES, after=2))  # after the first candle and one page
    second = served(other(market))
    reason = backfill_job(BINANCE_URLS=f"{server.url},{second.url}").failed().reason
    assert reason.startswith(second.url)
    assert tables.candles(sqlite_url) == history[:1000]


def test_the_same_market_that_takes_over_costs_one_request_more(
    *,
    backfill_job: Job,
    exchange: SimulatedExchange,
    server: RunningServer,
    second: RunningServer,
    sqlite_url: str,
    history: list[tables.Row],
) -> None:
    exchange.order(blocked(path=KLINES, after=2))
    backfill_job(BINANCE_URLS=f"{server.url},{second.url}").succeeded()
    assert tables.candles(sqlite_url) == history
    assert len(second.exchange.requests(KLINES)) == 2


def test_of_two_markets_at_once_on_an_empty_database_one_wins(
    database_url: str, server: RunningServer, market: GeneratedMarket, history: list[tables.Row], served: Serve
) -> None:
    other = served(altered(market, dearer))
    raised: list[Exception] = []
    barrier = threading.Barrier(2)

    def run(url: str) -> None:
        database = Database(database_url, RetryPolicy(30, attempts=200, first_wait=0.02))
        client = BinanceClient([url], RetryPolicy(5))
        barrier.wait()
        try:
            backfill.backfill(database, client, backfill.BackfillRequest("BTCUSDT", FIRST_MS))
        except OtherMarket as error:
            raised.append(error)
        finally:
            client.close()
            database.close()

    threads = [threading.Thread(target=run, args=[url]) for url in (server.url, other.url)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(raised) == 1
    stored = tables.candles(database_url)
    won = history if stored[0] == history[0] else tables.expected(other.exchange, FIRST_MS, CLOSED_MS)
    assert stored == won


def test_the_first_candle_of_an_exchange_that_never_served_any_is_forgotten(
    backfill_job: Job, market: GeneratedMarket, server: RunningServer, sqlite_url: str, served: Serve
) -> None:
    testnet = served(altered(market, only(OLD, CLOSED_MS)))
    testnet.exchange.order(Status(status=400, body={"code": -1, "msg": "no"}, path=KLINES, after=1))
    backfill_job(BINANCE_URLS=testnet.url).failed()
    backfill_job(BINANCE_URLS=server.url).succeeded()
    assert len(tables.candles(sqlite_url)) == HOURS


# Answers without a candle prove nothing by themselves


@pytest.mark.parametrize("hours", [2, 30])
def test_a_mirror_that_is_empty_where_candles_are_stored_makes_no_gap(
    *, hours: int, job: Job, market: GeneratedMarket, sqlite_url: str, server: RunningServer, served: Serve
) -> None:
    hole = [OLD + hour * HOUR_MS for hour in range(hours)]
    number = server.exchange.order(Gap(first=hole[0], last=hole[-1]))
    job("backfill", "--until", "2017-09-02").succeeded()
    tables_before = tables.candles(sqlite_url)
    assert tables.gaps(sqlite_url) == []
    server.exchange.clear(number)
    mirror = served(altered(market, only(CLOSED_MS, CLOSED_MS)))
    assert "no candle there" in job("backfill", BINANCE_URLS=mirror.url).failed().reason
    assert (tables.candles(sqlite_url), tables.gaps(sqlite_url)) == (tables_before, [])


def test_a_mirror_that_does_not_reach_back_so_far_makes_no_gap(
    job: Job, market: GeneratedMarket, sqlite_url: str, served: Serve
) -> None:
    """It is right where it has something; before that it has neither the missing hours nor those around them."""
    job("backfill", "--until", "2017-08-25").succeeded()
    job("backfill", "--since", "2017-08-27").succeeded()
    missing = 48
    mirror = served(altered(market, only(CLOSED_MS - 600 * HOUR_MS, CLOSED_MS)))
    done = job("backfill", BINANCE_URLS=mirror.url).succeeded()
    assert (done.report["gaps_recorded"], done.report["hours_pending"]) == (0, missing)
    assert f"{mirror.url} serves nothing for 2017-08-25" in done.stderr
    assert tables.gaps(sqlite_url) == []
    assert job("backfill").succeeded().report["candles_new"] == missing
    assert len(tables.candles(sqlite_url)) == HOURS


def test_a_mirror_that_lags_behind_by_days_makes_no_gap_that_stays(
    job: Job, market: GeneratedMarket, sqlite_url: str, served: Serve
) -> None:
    lagging = served(altered(market, only(0, CLOSED_MS - 100 * HOUR_MS)))
    done = job("backfill", BINANCE_URLS=lagging.url).succeeded()
    assert (done.report["gaps_recorded"], done.report["hours_pending"]) == (76, 24)
    job("backfill").succeeded()  # the last 48 hours come, and with them the word that trade went on
    assert job("backfill").succeeded().report["candles_new"] == 52
    assert tables.gaps(sqlite_url) == []
    assert len(tables.candles(sqlite_url)) == HOURS
    assert job("backfill").succeeded().report["hours_missing"] == 0


def test_hours_after_the_last_candle_of_a_symbol_that_is_gone_are_asked_for_once(
    job: Job, market: GeneratedMarket, served: Serve
) -> None:
    gone = served(altered(market, only(0, OLD)))
    assert job("backfill", BINANCE_URLS=gone.url).succeeded().report["gaps_recorded"] == HOURS - 400 - 24
    gone.exchange.forget_requests()
    done = job("backfill", BINANCE_URLS=gone.url).succeeded()
    assert (done.report["hours_missing"], len(gone.exchange.requests(KLINES))) == (24, 2)


# --refetch


def refetch(job: Job, since: str, until: str, **settings: str) -> Outcome:
    return job("backfill", "--refetch", "--since", since, "--until", until, **settings)


def test_one_candle_that_was_revised_long_after_is_asked_for_again(
    job: Job, exchange: SimulatedExchange, sqlite_url: str, history: list[tables.Row]
) -> None:
    """Row 14."""
    old = exchange.order(Revised(open_time=OLD, values={"high": _higher(history, OLD), "close": _higher(history, OLD)}))
    job("backfill").succeeded()
    job("aggregate").succeeded()
    sessions = session_tables(sqlite_url)
    exchange.clear(old)
    day = iso(OLD)[:10]
    job("backfill").succeeded()
    assert tables.candles(sqlite_url) != history
    done = refetch(job, day, "2017-09-05").succeeded()
    right = next(row for row in history if row[0] == OLD)[4]
    assert done.report["candles_revised"] == 1
    assert done.report["refetched"]["revised"] == [
        {"hour": iso(OLD), "old_close": float(_higher(history, OLD)), "new_close": right}
    ]
    assert done.report["refetched"]["hours_compared"] >= 48
    assert tables.candles(sqlite_url) == history
    assert job("aggregate").succeeded().report["sessions_computed"] == 1
    assert len(session_tables(sqlite_url)) == len(sessions)
    assert session_tables(sqlite_url) != sessions


def _higher(history: list[tables.Row], hour: int) -> str:
    row = next(row for row in history if row[0] == hour)
    return f"{row[2] * 1.2:.8f}"


def damaged(
    *, job: Job, market: GeneratedMarket, first_ms: int, served: Serve, url: str, history: list[tables.Row]
) -> None:
    """A database as row 6 left it: 44 hours are another market's."""
    hours = {first_ms + hour * HOUR_MS for hour in range(44)}
    mixed = served(altered(market, instead(hours, dearer)))
    job("backfill", BINANCE_URLS=mixed.url).succeeded()
    job("aggregate", BINANCE_URLS=mixed.url).succeeded()
    wrong = [row[0] for row, right in zip(tables.candles(url), history, strict=True) if row != right]
    assert set(wrong) == hours


def test_44_wrong_candles_of_another_market_are_mended_and_aggregation_follows(
    *, job: Job, market: GeneratedMarket, sqlite_url: str, history: list[tables.Row], served: Serve, tmp_path: Any
) -> None:
    """Row 6's harm, weeks later."""
    damaged(job=job, market=market, first_ms=CLOSED_MS - 300 * HOUR_MS, served=served, url=sqlite_url, history=history)
    done = refetch(job, "2017-10-06", "2017-10-12").succeeded()
    assert (done.report["candles_revised"], done.report["candles_new"]) == (44, 0)
    assert len(done.report["refetched"]["revised"]) == 44
    assert tables.candles(sqlite_url) == history
    job("aggregate").succeeded()
    fresh = f"sqlite:///{tmp_path / 'fresh.sqlite3'}"
    job("backfill", DATABASE_URL=fresh).succeeded()
    job("aggregate", DATABASE_URL=fresh).succeeded()
    assert session_tables(sqlite_url) == session_tables(fresh)


def test_wrong_candles_of_the_last_two_days_are_taken_over_and_said_since_older_ones_are_right(
    job: Job, market: GeneratedMarket, sqlite_url: str, history: list[tables.Row], served: Serve
) -> None:
    damaged(job=job, market=market, first_ms=CLOSED_MS - 44 * HOUR_MS, served=served, url=sqlite_url, history=history)
    done = job("backfill").succeeded()
    assert done.report["candles_revised"] == 44
    assert "44 of 48 stored hours of" in done.stderr
    assert tables.candles(sqlite_url) == history


def test_the_other_market_that_made_them_is_refused_where_older_candles_show_it(
    job: Job, market: GeneratedMarket, sqlite_url: str, history: list[tables.Row], served: Serve
) -> None:
    damaged(job=job, market=market, first_ms=CLOSED_MS - 44 * HOUR_MS, served=served, url=sqlite_url, history=history)
    before = tables.candles(sqlite_url)
    other = served(altered(market, dearer))
    assert job("backfill", BINANCE_URLS=other.url).failed().reason.startswith(other.url)
    assert tables.candles(sqlite_url) == before


def test_another_market_is_refused_by_what_lies_outside_the_range(
    job: Job, market: GeneratedMarket, sqlite_url: str, history: list[tables.Row], served: Serve
) -> None:
    job("backfill").succeeded()
    other = served(altered(market, dearer))
    refused = refetch(job, "2017-10-06", "2017-10-12", BINANCE_URLS=other.url).failed()
    assert refused.reason.startswith(other.url)
    assert tables.candles(sqlite_url) == history


def test_where_nothing_lies_outside_the_range_it_is_said_and_all_is_replaced(
    job: Job, market: GeneratedMarket, sqlite_url: str, history: list[tables.Row], served: Serve
) -> None:
    other = served(altered(market, dearer))
    job("backfill", BINANCE_URLS=other.url).succeeded()
    job("backfill").failed()
    done = job("backfill", "--refetch", "--since", "2017-08-17").succeeded()
    assert "nothing is stored outside" in done.stderr
    assert done.report["candles_revised"] == HOURS
    assert done.report["refetched"]["hours_compared"] == 0
    assert len(done.report["refetched"]["revised"]) == 100
    assert tables.candles(sqlite_url) == history


def test_known_gaps_in_the_range_are_asked_for_and_hours_that_are_gone_are_kept_and_said(
    job: Job, exchange: SimulatedExchange, sqlite_url: str, history: list[tables.Row]
) -> None:
    first = exchange.order(Gap(first=OLD))
    job("backfill").succeeded()
    exchange.clear(first)
    exchange.order(Gap(first=OLD + HOUR_MS))
    done = refetch(job, "2017-09-02", "2017-09-05").succeeded()
    assert (done.report["candles_new"], done.report["gaps_recorded"]) == (1, 0)
    assert done.report["refetched"]["not_served"] == [iso(OLD + HOUR_MS)]
    assert done.report["refetched"]["hours_not_served"] == 1
    assert tables.candles(sqlite_url) == history
    assert tables.gaps(sqlite_url) == []


def test_a_refetch_that_only_says_what_it_would_ask_for_asks_for_the_range(job: Job, sqlite_url: str) -> None:
    job("backfill").succeeded()
    before = tables.candles(sqlite_url)
    done = job("backfill", "--refetch", "--dry-run", "--since", "2017-09-01", "--until", "2017-09-03").succeeded()
    assert done.report["spans"] == ["2017-09-01 00:00 to 2017-09-03 00:00 UTC"]
    assert tables.candles(sqlite_url) == before


def test_a_refetch_without_a_beginning_is_a_wrong_call(job: Job) -> None:
    assert job("backfill", "--refetch").failed(2).reason.startswith("--refetch needs --since DATE")


# Aggregation fetches the candle that ends a session through the same check


def test_aggregation_takes_no_candle_of_another_market(
    job: Job, market: GeneratedMarket, server: RunningServer, sqlite_url: str, served: Serve
) -> None:
    server.exchange.clock.set("2017-10-20T07:30:00Z")
    job("backfill").succeeded()
    job("aggregate").succeeded()
    before, sessions = tables.candles(sqlite_url), session_tables(sqlite_url)
    other = served(altered(market, dearer))
    reason = job("aggregate", BINANCE_URLS=other.url).failed().reason
    assert reason.startswith("a session of BTCUSDT can't be closed: candles of 2017-10-20 07:00 to")
    assert f"{other.url} serves another market" in reason
    assert (tables.candles(sqlite_url), session_tables(sqlite_url)) == (before, sessions)
    server.exchange.clock.set(NOW)
    server.exchange.forget_requests()
    assert job("aggregate").succeeded().report["candles_fetched"] == 1
    assert len(server.exchange.requests(KLINES)) == 1


def test_the_command_today_does_not_mix_markets_either(
    job: Job, market: GeneratedMarket, served: Serve, sqlite_url: str
) -> None:
    job("backfill").succeeded()
    job("aggregate").succeeded()
    other = served(altered(market, dearer))
    shown = job("today", "--json", BINANCE_URLS=other.url).succeeded()
    assert '"source": "database"' in shown.stdout
    assert shown.stderr.count(f"{other.url} serves another market") == 1
    assert len(tables.candles(sqlite_url)) == HOURS
