"""The rows of the fault table that begin at the exchange: exit code, message and tables of the hourly job."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from exchange_simulator import Clock, GeneratedMarket, RunningServer, SimulatedExchange, WeightMeter, serve
from exchange_simulator.faults import CutOff, Drip, Fault, Gap, Hang, Late, Reset, Revised, Status, WrongRows
from exchange_simulator.mutations import MUTATIONS
from exchange_simulator.presets import banned, blocked, forbidden, html_page, not_a_list, too_many_requests, unavailable
from tests.faults.conftest import CLOSED_MS, FIRST_MS, HOURS, KLINES, Job
from tests.support import tables
from tests.support.canned import nobody_listens
from tests.support.clocks import FakeClock
from tests.support.tables import HOUR_MS, Row

Order = Callable[..., Fault]


def test_a_whole_history_arrives_in_two_pages(
    backfill_job: Job, exchange: SimulatedExchange, sqlite_url: str, history: list[Row]
) -> None:
    done = backfill_job().succeeded()
    assert tables.candles(sqlite_url) == history
    assert tables.changed_hours(sqlite_url) == {row[0] for row in history}
    assert (done.report["symbol"], done.report["candles_written"], done.report["pages"]) == ("BTCUSDT", HOURS, 2)
    assert len(exchange.requests(KLINES)) == 3  # the first candle, and two pages


# 429: wait as long as Retry-After says, then go on


def test_429_is_waited_out_and_the_job_succeeds(
    backfill_job: Job, exchange: SimulatedExchange, sqlite_url: str, history: list[Row]
) -> None:
    exchange.order(too_many_requests(retry_after=1, times=1, path=KLINES, after=1))
    backfill_job().succeeded()
    assert tables.candles(sqlite_url) == history
    asked = [request.monotonic_s for request in exchange.requests(KLINES)]
    waits = [later - earlier for earlier, later in pairwise(asked)]
    assert len(asked) == 4
    assert waits[1] >= 1.0


# 418: stop at once, say until when, ask nothing more before that


def test_a_ban_stops_this_run_and_the_next_ones_until_it_ends(
    backfill_job: Job, exchange: SimulatedExchange, server: RunningServer, second: RunningServer, sqlite_url: str
) -> None:
    urls = f"{server.url},{second.url}"
    exchange.order(banned(retry_after=3600, times=1, path=KLINES, after=2))
    first = backfill_job(BINANCE_URLS=urls).failed()
    assert re.fullmatch(r"the exchange has banned this address until \S+\+00:00; nothing is asked before", first.reason)
    asked = len(exchange.requests())
    stored = tables.candles(sqlite_url)
    assert len(stored) == 1000  # the page before the ban, whole
    again = backfill_job(BINANCE_URLS=urls).failed()
    assert again.reason == first.reason
    assert len(exchange.requests()) == asked
    assert second.exchange.requests() == []
    assert tables.candles(sqlite_url) == stored


def test_after_the_ban_the_next_run_completes_the_work(
    backfill_job: Job, exchange: SimulatedExchange, sqlite_url: str, history: list[Row]
) -> None:
    exchange.order(banned(retry_after=1, times=1))
    backfill_job().failed()
    time.sleep(1.05)
    backfill_job().succeeded()
    assert tables.candles(sqlite_url) == history


# 403, 451: next base URL; when none is left exit 1 and name BINANCE_URLS


@pytest.mark.parametrize(("order", "status"), [(forbidden, 403), (blocked, 451)])
def test_a_blocked_address_is_left_for_the_next(
    *,
    order: Order,
    status: int,
    backfill_job: Job,
    exchange: SimulatedExchange,
    server: RunningServer,
    second: RunningServer,
    sqlite_url: str,
    history: list[Row],
) -> None:
    exchange.order(order())
    done = backfill_job(BINANCE_URLS=f"{server.url},{second.url}").succeeded()
    assert f"HTTP {status}" in done.stderr
    assert tables.candles(sqlite_url) == history
    assert len(exchange.requests()) == 1


@pytest.mark.parametrize(("order", "status"), [(forbidden, 403), (blocked, 451)])
def test_where_every_address_is_blocked_the_job_names_the_setting(
    order: Order, status: int, backfill_job: Job, exchange: SimulatedExchange, sqlite_url: str
) -> None:
    exchange.order(order())
    reason = backfill_job().failed().reason
    assert f"HTTP {status}" in reason
    assert reason.endswith("name others in BINANCE_URLS")
    assert tables.candles(sqlite_url) == []


# 5xx, time-out, reset, cut-off or non-JSON answer: retry, next base URL, exit 1

PASSING: list[tuple[str, Order, str]] = [
    ("500", lambda **w: unavailable(status=500, **w), "HTTP 500"),
    ("503", unavailable, "HTTP 503"),
    ("time-out", Hang, "no answer in time"),
    ("drip", lambda **w: Drip(pause_ms=50, **w), "no whole answer within 0.8 s"),
    ("reset", Reset, "connection broken off"),
    ("cut off", CutOff, "answer cut off"),
    ("not JSON", html_page, "not whole JSON"),
]
NAMES = [case[0] for case in PASSING]
# For what is ended by a time-out only: one of the two is short, so that the words are the same on a busy machine.
SHORT = {Hang: (2.0, 0.8, 5.0), Drip: (2.0, 5.0, 0.8)}


def time_outs(order: Order) -> dict[str, tuple[float, float, float]]:
    kind = type(order())
    return {"timeouts": SHORT[kind]} if kind in SHORT else {}


@pytest.mark.parametrize("order", [case[1] for case in PASSING], ids=NAMES)
def test_what_passes_does_not_fail_the_job(
    order: Order, backfill_job: Job, exchange: SimulatedExchange, sqlite_url: str, history: list[Row]
) -> None:
    exchange.order(order(times=2, path=KLINES, after=1))
    backfill_job(**time_outs(order)).succeeded()
    assert tables.candles(sqlite_url) == history
    assert len(exchange.requests(KLINES)) == 5


@pytest.mark.parametrize(("order", "words"), [case[1:] for case in PASSING], ids=NAMES)
def test_what_stays_fails_the_job_with_whole_pages_only_and_the_next_run_completes_it(
    *, order: Order, words: str, backfill_job: Job, exchange: SimulatedExchange, sqlite_url: str, history: list[Row]
) -> None:
    number = exchange.order(order(path=KLINES, after=2))
    reason = backfill_job(**time_outs(order)).failed().reason
    assert words in reason
    assert "BINANCE_URLS" in reason
    assert tables.candles(sqlite_url) == history[:1000]
    assert tables.changed_hours(sqlite_url) == {row[0] for row in history[:1000]}
    exchange.clear(number)
    done = backfill_job().succeeded()
    assert tables.candles(sqlite_url) == history
    assert done.report["candles_written"] == HOURS - 1000


@pytest.mark.parametrize("order", [case[1] for case in PASSING], ids=NAMES)
def test_what_stays_is_left_for_the_next_address(
    *,
    order: Order,
    backfill_job: Job,
    exchange: SimulatedExchange,
    server: RunningServer,
    second: RunningServer,
    sqlite_url: str,
    history: list[Row],
) -> None:
    exchange.order(order(path=KLINES, after=1))
    backfill_job(BINANCE_URLS=f"{server.url},{second.url}", **time_outs(order)).succeeded()
    assert tables.candles(sqlite_url) == history
    assert len(second.exchange.requests(KLINES)) == 2


def test_an_exchange_that_is_not_there_is_one_plain_line(backfill_job: Job, sqlite_url: str) -> None:
    reason = backfill_job(BINANCE_URLS=nobody_listens()).failed().reason
    assert "connection refused" in reason
    assert "BINANCE_URLS" in reason
    assert tables.candles(sqlite_url) == []


# -1121 unknown symbol, other 4xx: exit 1 with the exchange's words; never retried


def test_an_unknown_symbol_is_told_in_the_exchanges_words(backfill_job: Job, exchange: SimulatedExchange) -> None:
    reason = backfill_job("--symbol", "NOSUCH").failed().reason
    assert reason == "the exchange refuses: Invalid symbol. (HTTP 400, code -1121)"
    assert len(exchange.requests(KLINES)) == 1


def test_one_unknown_symbol_of_several_fails_the_job_but_not_the_others(
    backfill_job: Job, sqlite_url: str, history: list[Row]
) -> None:
    done = backfill_job(SYMBOLS="NOSUCH,BTCUSDT").failed()
    assert "Invalid symbol." in done.reason
    assert tables.candles(sqlite_url) == history


def test_another_refusal_is_told_in_the_exchanges_words(
    backfill_job: Job, exchange: SimulatedExchange, sqlite_url: str, history: list[Row]
) -> None:
    words = {"code": -1104, "msg": "Not all sent parameters were read."}
    exchange.order(Status(status=400, body=words, path=KLINES, after=2))
    reason = backfill_job().failed().reason
    assert reason == "the exchange refuses: Not all sent parameters were read. (HTTP 400, code -1104)"
    assert len(exchange.requests(KLINES)) == 3
    assert tables.candles(sqlite_url) == history[:1000]


# A page that breaks a rule: nothing of it is written; exit 1 with the first offending row


@pytest.mark.parametrize("mutation", sorted(MUTATIONS))
def test_nothing_of_a_page_that_breaks_a_rule_is_written(
    mutation: str, backfill_job: Job, exchange: SimulatedExchange, sqlite_url: str, history: list[Row]
) -> None:
    backfill_job("--until", "2017-08-19", HISTORY_START="2017-08-18").succeeded()  # 24 hours are stored
    exchange.order(WrongRows(mutation=mutation, row=20))
    reason = backfill_job("--until", "2017-08-20", HISTORY_START="2017-08-18").failed().reason
    assert re.match(r"row 2[01] of a page of candles ", reason)
    assert tables.candles(sqlite_url) == history[20:44]
    assert tables.changed_hours(sqlite_url) == {row[0] for row in history[20:44]}
    assert tables.gaps(sqlite_url) == []


def test_a_page_that_is_no_list_is_not_written(backfill_job: Job, exchange: SimulatedExchange, sqlite_url: str) -> None:
    exchange.order(not_a_list(path=KLINES, after=1))
    reason = backfill_job().failed().reason
    assert reason == "the exchange sent dict where a list of candles belongs"
    assert tables.candles(sqlite_url) == []


def test_a_clock_that_is_none_is_one_plain_line(backfill_job: Job, exchange: SimulatedExchange) -> None:
    exchange.order(not_a_list(body={"serverTime": 17}, path="/api/v3/time"))
    assert "no serverTime in milliseconds" in backfill_job().failed().reason


# The used weight nears the exchange's limit: slow down before it is reached


def test_a_long_history_keeps_below_the_weight_limit(
    market: GeneratedMarket, backfill_job: Job, sqlite_url: str
) -> None:
    machine = FakeClock(wall=FIRST_MS / 1000 + 500 * 86400, monotonic=FIRST_MS / 1000)
    weights = WeightMeter(10, monotonic=machine.clock.monotonic)
    clock = Clock(source_ms=machine.wall_ms)
    exchange = SimulatedExchange([market], clock=clock, weights=weights)
    with serve(exchange) as server:
        done = backfill_job(BINANCE_URLS=server.url, BINANCE_WEIGHT_LIMIT="10", clock=machine.clock).succeeded()
    pages = 12  # 500 days of 24 hours
    assert done.report["pages"] == pages
    assert len(exchange.requests(KLINES)) == pages + 1  # nothing was refused and asked again
    assert machine.slept == [60.0] * 3  # 27 of weight, 9 in a minute
    assert len(tables.candles(sqlite_url)) == 500 * 24


# The exchange's clock and ours differ: the exchange's decides what is closed


@pytest.mark.parametrize("hours_off", [-30, -1, 1, 30])
def test_a_wrong_clock_of_ours_changes_nothing(
    hours_off: int, backfill_job: Job, sqlite_url: str, history: list[Row]
) -> None:
    machine = FakeClock(wall=CLOSED_MS / 1000 + hours_off * 3600)
    backfill_job(clock=machine.clock).succeeded()
    assert tables.candles(sqlite_url) == history
    assert tables.gaps(sqlite_url) == []


# Gaps, late and revised candles


def test_hours_that_the_exchange_does_not_have_become_gaps_a_day_later_and_are_asked_for_no_more(
    backfill_job: Job, exchange: SimulatedExchange, sqlite_url: str, history: list[Row]
) -> None:
    long_ago = [FIRST_MS + hour * HOUR_MS for hour in range(100, 103)]
    exchange.order(Gap(first=long_ago[0], last=long_ago[-1]))
    just_now = [CLOSED_MS - 2 * HOUR_MS]
    exchange.order(Gap(first=just_now[0]))
    done = backfill_job().succeeded()
    assert tables.gaps(sqlite_url) == long_ago
    assert (done.report["gaps_recorded"], done.report["hours_pending"]) == (3, 1)
    missing = {*long_ago, *just_now}
    assert tables.candles(sqlite_url) == [row for row in history if row[0] not in missing]
    exchange.forget_requests()
    backfill_job().succeeded()
    (asked,) = exchange.requests(KLINES)
    assert int(asked.params["startTime"]) == CLOSED_MS - 48 * HOUR_MS


def test_a_gap_that_is_filled_after_all_is_found_when_told_to_look(
    backfill_job: Job, exchange: SimulatedExchange, sqlite_url: str, history: list[Row]
) -> None:
    number = exchange.order(Gap(first=FIRST_MS + 100 * HOUR_MS))
    backfill_job().succeeded()
    exchange.clear(number)
    backfill_job().succeeded()
    assert len(tables.candles(sqlite_url)) == HOURS - 1
    done = backfill_job("--recheck-gaps").succeeded()
    assert done.report["candles_new"] == 1
    assert tables.candles(sqlite_url) == history
    assert tables.gaps(sqlite_url) == []


def test_late_and_revised_candles_of_the_last_48_hours_are_corrected(
    backfill_job: Job, exchange: SimulatedExchange, sqlite_url: str, history: list[Row]
) -> None:
    late, revised = CLOSED_MS - HOUR_MS, CLOSED_MS - 48 * HOUR_MS
    exchange.order(Late(first=late))
    exchange.order(Revised(open_time=revised, values={"number_of_trades": 1}))
    backfill_job().succeeded()
    assert len(tables.candles(sqlite_url)) == HOURS - 1
    exchange.clear()
    done = backfill_job().succeeded()
    assert (done.report["candles_new"], done.report["candles_revised"]) == (1, 1)
    assert tables.candles(sqlite_url) == history
