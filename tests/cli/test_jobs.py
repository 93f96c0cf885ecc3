"""The two jobs and the migration: what they write, what they say, and how they end."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path

import pytest

from exchange_simulator import SimulatedExchange
from exchange_simulator.faults import Gap, Revised
from exchange_simulator.presets import banned
from tests.cli.conftest import Call
from tests.cli.support import (
    AGGREGATE,
    BACKFILL,
    HOUR_MS,
    KLINES,
    STATISTICS,
    assert_same,
    candles,
    instant_ms,
    query,
    run,
    sessions,
    stored,
    windows,
)
from tests.support.canned import nobody_listens

FIRST = "2017-08-17T04:00:00+00:00"
NEWEST_END = "2017-10-20T13:00:00+00:00"


def files(folder: Path) -> dict[str, str]:
    """Every file below a folder, and what it holds."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def test_backfill_stores_every_closed_candle_as_the_exchange_sent_it(
    call: Call, exchange: SimulatedExchange, database: str
) -> None:
    report = call("backfill").done().report
    wanted = candles(exchange)
    assert stored(database) == wanted
    assert len(wanted) == 1545
    assert (report["symbol"], report["simulated"], report["dry_run"]) == ("BTCUSDT", True, False)
    assert (report["start"], report["end"]) == (FIRST, NEWEST_END)
    assert (report["candles_written"], report["candles_new"], report["pages"]) == (1545, 1545, 2)


def test_a_second_backfill_asks_for_two_days_and_writes_nothing(
    call: Call, exchange: SimulatedExchange, database: str
) -> None:
    call("backfill").done()
    before = stored(database)
    exchange.forget_requests()
    report = call("backfill").done().report
    assert (report["hours_missing"], report["hours_asked"], report["candles_written"]) == (0, 48, 0)
    assert stored(database) == before
    (asked,) = exchange.requests(KLINES)
    newest_end_ms = before[-1][0] + HOUR_MS
    assert int(asked.params["startTime"]) == newest_end_ms - 48 * HOUR_MS


def test_since_and_until_narrow_a_backfill_to_whole_utc_days(
    call: Call, exchange: SimulatedExchange, database: str
) -> None:
    report = call("backfill", "--since", "2017-09-01", "--until", "2017-09-03").done().report
    start_ms = instant_ms("2017-09-01")
    assert stored(database) == [row for row in candles(exchange) if start_ms <= row[0] < start_ms + 48 * HOUR_MS]
    assert (report["start"], report["end"]) == ("2017-09-01T00:00:00+00:00", "2017-09-03T00:00:00+00:00")
    assert report["hours_asked"] == report["candles_written"] == 48


def test_until_before_all_history_is_nothing_to_do(call: Call, exchange: SimulatedExchange) -> None:
    report = call("backfill", "--until", "2017-01-01").done().report
    assert (report["start"], report["hours_asked"], report["candles_written"]) == (None, 0, 0)
    assert len(exchange.requests(KLINES)) == 1  # where history begins


def test_dry_run_says_what_would_be_asked_and_makes_no_file(call: Call, tmp_path: Path) -> None:
    report = call("backfill", "--dry-run").done().report
    assert report["spans"] == ["2017-08-17 04:00 to 2017-10-20 13:00 UTC"]
    assert (report["dry_run"], report["hours_missing"], report["candles_written"]) == (True, 1545, 0)
    assert list(tmp_path.iterdir()) == []


def test_dry_run_leaves_a_database_as_it_is(call: Call, tmp_path: Path, exchange: SimulatedExchange) -> None:
    call("backfill", "--until", "2017-09-01").done()
    before = files(tmp_path)
    exchange.forget_requests()
    report = call("backfill", "--dry-run").done().report
    assert report["spans"] == ["2017-09-01 00:00 to 2017-10-20 13:00 UTC"]
    assert files(tmp_path) == before
    assert exchange.requests(KLINES) == []


def test_dry_run_makes_no_file_where_the_exchange_has_banned_us(
    call: Call, tmp_path: Path, exchange: SimulatedExchange
) -> None:
    exchange.order(banned())
    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"  # in a folder that exists
    assert "banned" in call("backfill", "--dry-run", DATABASE_URL=url).failed(1)
    assert list(tmp_path.iterdir()) == []


def test_a_known_gap_is_asked_for_again_only_when_told_to(
    call: Call, exchange: SimulatedExchange, database: str
) -> None:
    exchange.order(Gap(first="2017-09-06T16:00:00Z", last="2017-09-06T22:00:00Z"))
    assert call("backfill").done().report["gaps_recorded"] == 7
    exchange.clear()
    report = call("backfill").done().report
    assert (report["hours_missing"], report["candles_written"]) == (0, 0)
    report = call("backfill", "--recheck-gaps").done().report
    assert (report["hours_missing"], report["candles_written"]) == (7, 7)
    assert stored(database) == candles(exchange)
    assert query(database, "SELECT count(*) FROM kline_gaps") == [(0,)]


def test_a_symbol_that_is_named_need_not_be_among_the_settings(
    call: Call, exchange: SimulatedExchange, database: str
) -> None:
    assert call("backfill", "--symbol", "ethusdt").done().report["symbol"] == "ETHUSDT"
    assert stored(database) == []
    assert stored(database, "ETHUSDT") == candles(exchange, "ETHUSDT")
    assert call("aggregate", "--symbol", "ETHUSDT").done().report["sessions_written"] == 64


def test_several_symbols_are_done_one_after_the_other(call: Call, exchange: SimulatedExchange, database: str) -> None:
    outcome = call("backfill", SYMBOLS="BTCUSDT,ETHUSDT").done()
    assert [report["symbol"] for report in outcome.report["symbols"]] == ["BTCUSDT", "ETHUSDT"]
    assert len(outcome.stdout.splitlines()) == 3
    for symbol in ("BTCUSDT", "ETHUSDT"):
        assert stored(database, symbol) == candles(exchange, symbol)


@pytest.mark.parametrize("symbols", ["NOPEUSDT,BTCUSDT,ETHUSDT", "BTCUSDT,NOPEUSDT,ETHUSDT"])
def test_one_symbol_that_fails_keeps_none_of_the_others_from_being_done(
    call: Call, exchange: SimulatedExchange, database: str, symbols: str
) -> None:
    outcome = call("backfill", SYMBOLS=symbols)
    assert "Invalid symbol." in outcome.failed(1)
    assert "ERROR NOPEUSDT: the exchange refuses: Invalid symbol." in outcome.stderr
    assert [report["symbol"] for report in outcome.report["symbols"]] == ["BTCUSDT", "ETHUSDT"]
    for symbol in ("BTCUSDT", "ETHUSDT"):
        assert stored(database, symbol) == candles(exchange, symbol)


def test_a_ban_ends_the_job_and_the_next_symbols_are_not_asked_for(call: Call, exchange: SimulatedExchange) -> None:
    exchange.order(banned(retry_after=600))
    assert "has banned this address until " in call("backfill", SYMBOLS="BTCUSDT,ETHUSDT").failed(1)
    assert len(exchange.requests()) == 1
    assert "has banned this address until " in call("backfill").failed(1)
    assert len(exchange.requests()) == 1  # the next run keeps to it


def test_aggregation_writes_the_sessions_and_statistics_that_plain_loops_give(
    call: Call, exchange: SimulatedExchange, database: str
) -> None:
    exchange.order(Gap(first="2017-09-06T16:00:00Z", last="2017-09-08T22:00:00Z"))
    call("backfill").done()
    report = call("aggregate").done().report
    wanted = sessions(stored(database))
    del wanted[date(2017, 10, 20)]  # it still runs
    assert date(2017, 9, 7) not in wanted
    assert (report["first_session"], report["last_session"]) == ("2017-08-17", "2017-10-19")
    assert (report["sessions_written"], report["statistics_written"]) == (63, 63 * 8)
    names = ("open", "high", "low", "close", "volume", "candles", "volatility", "range")
    rows = query(database, f"SELECT date, {', '.join(names)} FROM daily_sessions ORDER BY open_time")
    assert_same(
        [[str(row[0]), *row[1:]] for row in rows],
        [[str(day), *(session[name] for name in names)] for day, session in wanted.items()],
    )
    numbers = ", ".join(("n", *STATISTICS))
    rows = query(database, f'SELECT open_time, metric, "window", {numbers} FROM session_statistics')
    assert len(rows) == 63 * 8
    for opened, metric, length, *values in rows:
        day = date.fromisoformat(str(opened)[:10])
        plain = windows(wanted, day)[metric][str(length)]
        assert_same(values, [plain[name] for name in ("n", *STATISTICS)], f"{day} {metric} {length}")


def test_rebuilding_from_scratch_changes_nothing(call: Call, database: str) -> None:
    call("backfill").done()
    call("aggregate").done()
    before = query(database, "SELECT * FROM daily_sessions"), query(database, "SELECT * FROM session_statistics")
    report = call("aggregate", "--rebuild").done().report
    assert (report["rebuild"], report["sessions_computed"], report["sessions_written"]) == (True, 64, 0)
    assert report["statistics_written"] == 0
    after = query(database, "SELECT * FROM daily_sessions"), query(database, "SELECT * FROM session_statistics")
    assert after == before


def test_a_revised_candle_changes_its_session_and_the_windows_over_it(
    call: Call, exchange: SimulatedExchange, database: str
) -> None:
    call("backfill").done()
    call("aggregate").done()
    exchange.order(Revised(open_time="2017-10-19T20:00:00Z", values={"high": "99999.00000000"}))
    assert call("backfill").done().report["candles_revised"] == 1
    report = call("aggregate").done().report
    assert (report["sessions_written"], report["statistics_written"]) == (1, 4)
    (high,) = query(database, "SELECT high FROM daily_sessions WHERE date = '2017-10-19'")
    assert high == (99999.0,)


def test_aggregation_of_nothing_fails_and_names_the_remedy(call: Call) -> None:
    assert call("aggregate").failed(1) == "no candles of BTCUSDT are stored: run btc-volatility backfill first"


def test_migrate_makes_the_tables_and_may_be_run_again(call: Call, database: str) -> None:
    for _ in range(2):
        assert call("migrate").done().report == {"migrated": "SQLite file data/btc_volatility.sqlite3"}
    assert query(database, "SELECT count(*) FROM daily_sessions") == [(0,)]


def test_real_and_simulated_candles_are_never_mixed(call: Call, database: str) -> None:
    call("backfill").done()
    query(database, "UPDATE symbols SET simulated = 0")
    assert "the two are never mixed, use another database" in call("backfill").failed(1)


def test_nobody_at_the_addresses_is_said_with_the_setting_that_names_them(call: Call) -> None:
    reason = call("backfill", BINANCE_URLS=nobody_listens()).failed(1)
    assert "connection refused" in reason
    assert "BINANCE_URLS" in reason


def test_the_scripts_of_the_image_are_the_two_jobs(
    settings: dict[str, str], tmp_path: Path, exchange: SimulatedExchange, database: str
) -> None:
    assert run(BACKFILL, settings, tmp_path).done().report["candles_written"] == 1545
    assert stored(database) == candles(exchange)
    outcome = run(AGGREGATE, settings, tmp_path).done()
    assert outcome.report["sessions_written"] == 64
    assert len(outcome.stdout.splitlines()) == 1
    assert run([*AGGREGATE, "--rebuild"], settings, tmp_path).done().report["sessions_written"] == 0


@pytest.mark.parametrize(
    ("command", "code", "reason"),
    [
        ([*BACKFILL, "--symbol", "NOPEUSDT"], 1, "the exchange refuses: Invalid symbol. (HTTP 400, code -1121)"),
        ([*AGGREGATE], 1, "no candles of BTCUSDT are stored: run btc-volatility backfill first"),
        ([*BACKFILL, "--since", "soon"], 2, "argument --since: must be a date as YYYY-MM-DD, got 'soon'"),
    ],
)
def test_a_script_that_fails_says_why_in_one_line_and_by_its_exit_code(
    command: list[str], code: int, reason: str, settings: dict[str, str], tmp_path: Path
) -> None:
    outcome = run(command, settings, tmp_path)
    assert outcome.failed(code).startswith(reason)
    assert outcome.stdout == ""


def test_hours_come_in_as_the_clock_goes_on(call: Call, exchange: SimulatedExchange, database: str) -> None:
    call("backfill").done()
    call("aggregate").done()
    exchange.clock.advance(hours=24)
    assert call("backfill").done().report["candles_new"] == 24
    report = call("aggregate").done().report
    assert report["last_session"] == str(date(2017, 10, 19) + timedelta(days=1))
    assert (report["sessions_written"], report["statistics_written"]) == (1, 8)
    assert stored(database) == candles(exchange)
