"""Sessions, statistics and today: JSON and CSV as the API answers, tables that a terminal shows whole."""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import pty
import re
import struct
import subprocess
import termios
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from exchange_simulator import SimulatedExchange
from exchange_simulator.faults import Gap
from tests.cli.conftest import Call
from tests.cli.support import (
    COMMAND,
    STATISTICS,
    Json,
    assert_same,
    candles,
    environment,
    get,
    query,
    serving,
    sessions,
    windows,
)
from tests.support.canned import nobody_listens
from volatility.cli import output

TODAY = date(2017, 10, 20)
HEAD = {"symbol": "BTCUSDT", "session_start": "11:00", "timezone": "Europe/Moscow", "simulated": True}
SESSION = re.compile(r"^ *(\d{4}-\d\d-\d\d)( +[\d,.–]+){6,9} +\d+(/\d+)? *$", re.MULTILINE)


@pytest.fixture
def filled(call: Call, exchange: SimulatedExchange) -> Call:
    """Commands over a database with all closed candles and sessions; two sessions are not there, one not whole."""
    exchange.order(Gap(first="2017-10-05T16:00:00Z", last="2017-10-08T07:00:00Z"))
    call("backfill").done()
    call("aggregate").done()
    return call


@pytest.fixture
def closed(filled: Call, exchange: SimulatedExchange) -> dict[date, Json]:  # noqa: ARG001 - after filling
    """All closed sessions, by plain loops."""
    gap = range(*(round(datetime(2017, 10, d, h, tzinfo=UTC).timestamp() * 1000) for d, h in ((5, 16), (8, 8))))
    formed = sessions([row for row in candles(exchange) if row[0] not in gap])
    del formed[TODAY]
    return formed


def test_statistics_as_json_are_what_plain_loops_give_newest_first(filled: Call, closed: dict[date, Json]) -> None:
    report = json.loads(filled("statistics", "--json", "--days", "40").done().stdout)
    newest = sorted(closed, reverse=True)[:40]
    wanted = [closed[day] | {"statistics": windows(closed, day)} for day in newest]
    assert_same(report, HEAD | {"count": 40, "sessions": wanted})
    assert [s["candles"] for s in report["sessions"] if not s["complete"]] == [8]


def test_thirty_sessions_are_shown_where_no_number_is_given(filled: Call) -> None:
    assert json.loads(filled("statistics", "--json").done().stdout)["count"] == 30


def test_sessions_as_json_are_those_from_a_date_up_to_another_oldest_first(
    filled: Call, closed: dict[date, Json]
) -> None:
    report = json.loads(filled("sessions", "--json", "--from", "2017-10-04", "--to", "2017-10-10").done().stdout)
    days = [date(2017, 10, day) for day in (4, 5, 8, 9)]
    assert_same(report, HEAD | {"count": 4, "sessions": [closed[day] for day in days]})
    everything = json.loads(filled("sessions", "--json").done().stdout)
    assert_same(everything["sessions"], [closed[day] for day in sorted(closed)])


def test_csv_holds_the_same_in_flat_columns(filled: Call) -> None:
    report = json.loads(filled("statistics", "--json").done().stdout)
    rows = list(csv.DictReader(io.StringIO(filled("statistics", "--csv").done().stdout)))
    assert len(rows) == report["count"]
    for row, session in zip(rows, report["sessions"], strict=True):
        flat = {"symbol": "BTCUSDT", "simulated": True} | {k: v for k, v in session.items() if k != "statistics"}
        for metric, of in session["statistics"].items():
            for length, values in of.items():
                flat |= {f"{metric}_{name}_{length}": value for name, value in values.items()}
        texts = {
            name: "" if v is None else str(v).lower() if isinstance(v, bool) else str(v) for name, v in flat.items()
        }
        assert row == texts


def test_csv_of_sessions_has_no_statistics(filled: Call) -> None:
    header, first, *_ = filled("sessions", "--csv").done().stdout.splitlines()
    assert header.split(",")[:3] == ["symbol", "date", "open_time"]
    assert "mean" not in header
    assert first.startswith("BTCUSDT,2017-08-17,2017-08-17T11:00:00+03:00,")


def test_today_is_what_plain_loops_give_of_the_candles_so_far(
    filled: Call, exchange: SimulatedExchange, closed: dict[date, Json]
) -> None:
    report = json.loads(filled("today", "--json").done().stdout)
    running = sessions(candles(exchange, open_one=True))[TODAY]
    running |= {"complete": False}
    with_today = closed | {TODAY: running}
    assert_same({name: report[name] for name in running}, running)
    assert_same(report["statistics"], windows(with_today, TODAY))
    before = windows(closed, date(2017, 10, 19))
    assert_same(report["closed_statistics"], before)
    assert (report["candles"], report["source"], report["stale"], report["simulated"]) == (6, "exchange", False, True)
    assert report["price"] == running["close"]
    assert report["as_of"].startswith("2017-10-20T16:37:4")
    assert report["elapsed_hours"] == pytest.approx(5 + 37 / 60 + 41 / 3600, abs=0.01)
    for metric in ("volatility", "range"):
        for length in (5, 7, 14, 30):
            days = [day for day in closed if (TODAY - day).days <= length]
            below = sum(closed[day][metric] <= running[metric] for day in days)
            known = before[metric][str(length)]["median"] is not None
            assert report["percentile_rank"][metric][str(length)] == (below / len(days) if known else None)


def test_every_view_as_json_and_csv_is_what_the_api_answers(
    filled: Call, settings: dict[str, str], tmp_path: Path
) -> None:
    with serving([*COMMAND, "serve", "--port", "0"], settings, tmp_path) as (_, url):
        statistics = get(f"{url}/statistics", days=10).json()
        assert json.loads(filled("statistics", "--json", "--days", "10").done().stdout) == statistics
        month = {"from": "2017-09-01", "to": "2017-10-01"}
        flags = ("--from", "2017-09-01", "--to", "2017-10-01")
        assert json.loads(filled("sessions", "--json", *flags).done().stdout) == get(f"{url}/sessions", **month).json()
        assert filled("statistics", "--csv").done().stdout == get(f"{url}/statistics", format="csv").text.replace(
            "\r", ""
        )
        csv_of_sessions = get(f"{url}/sessions", format="csv", **month).text.replace("\r", "")
        assert filled("sessions", "--csv", *flags).done().stdout == csv_of_sessions
        today, here = get(f"{url}/today").json(), json.loads(filled("today", "--json").done().stdout)
        moving = {"as_of", "elapsed_hours", "percentile_by_elapsed"}  # the clock goes on between the two
        assert {k: v for k, v in here.items() if k not in moving} == {k: v for k, v in today.items() if k not in moving}


def test_tables_hold_the_numbers_to_two_decimals(filled: Call, closed: dict[date, Json]) -> None:
    text = filled("sessions").done().stdout
    assert len(SESSION.findall(text)) == len(closed)
    for day, session in closed.items():
        (line,) = [line for line in text.splitlines() if line.lstrip().startswith(str(day))]
        shown = [float(cell.replace(",", "")) for cell in line.split()[1:9]]
        names = ("open", "high", "low", "close", "volatility", "volatility_pct", "range", "range_pct")
        assert shown == pytest.approx([session[name] for name in names], abs=0.00501)
        assert line.split()[-1] == ("24" if session["complete"] else f"{session['candles']}/24")


def test_the_newest_sessions_windows_follow_the_table_of_statistics(filled: Call, closed: dict[date, Json]) -> None:
    text = filled("statistics", "--days", "3").done().stdout
    assert len(SESSION.findall(text)) == 3
    wanted = windows(closed, date(2017, 10, 19))
    for metric, title in (("volatility", "Vol"), ("range", "Range")):
        heading = f"{title}: SIMULATED BTCUSDT windows up to the session of 2017-10-19"
        (table,) = re.findall(rf"^{heading}(.*?)(?:\n\S|\Z)", text, re.MULTILINE | re.DOTALL)
        for length, values in wanted[metric].items():
            (line,) = re.findall(rf"^ *{length} .*$", table, re.MULTILINE)
            cells = line.split()
            assert cells[1] == str(values["n"])
            numbers = [None if cell == "–" else float(cell.replace(",", "")) for cell in cells[2:]]
            assert numbers == pytest.approx([values[name] for name in STATISTICS], abs=0.00501)


def test_today_in_a_terminal_shows_price_measures_and_ranks(filled: Call) -> None:
    report = json.loads(filled("today", "--json").done().stdout)
    text = filled("today").done().stdout
    assert text.startswith("SIMULATED BTCUSDT session of 2017-10-20, since 2017-10-20T11:00:00+03:00\n  5.6 of 24 h, ")
    assert f"price {report['price']:,.2f}," in text
    assert f"Vol {report['volatility']:,.2f} ({report['volatility_pct']:.2f} %)" in text
    assert f"Range {report['range']:,.2f} ({report['range_pct']:.2f} %)" in text
    assert "from the exchange" in text
    assert f"{report['percentile_rank']['range']['30']:.0%}" in text


def test_today_while_the_exchange_is_away_is_from_the_database_and_says_so(filled: Call) -> None:
    away = {"BINANCE_URLS": nobody_listens()}
    report = json.loads(filled("today", "--json", **away).stdout)
    assert (report["source"], report["stale"], report["simulated"]) == ("database", True, True)
    text = filled("today", **away).stdout
    assert "from the database (STALE: the exchange can't be reached)" in text
    assert text.startswith("SIMULATED ")


def test_a_session_without_a_candle_yet_and_windows_before_history_are_dashes(
    filled: Call, exchange: SimulatedExchange
) -> None:
    exchange.order(Gap(first="2017-10-20T08:00:00Z", last="2017-10-20T13:00:00Z"))
    filled("aggregate", WINDOWS="5,365").done()
    text = filled("today", WINDOWS="5,365").done().stdout
    assert "price –, open –, high –, low –" in text
    assert "Vol – (– %), Range – (– %)" in text
    assert re.search(r"365 +\d+( +–){7}", text)


def test_what_is_not_simulated_is_not_called_so(filled: Call, database: str) -> None:
    query(database, "UPDATE symbols SET simulated = 0")
    assert "SIMULATED" not in filled("statistics").done().stdout
    assert json.loads(filled("statistics", "--json").done().stdout)["simulated"] is False
    assert filled("sessions", "--csv").done().stdout.splitlines()[-1].endswith(",false")


def test_sessions_by_another_definition_are_refused_with_the_remedy(filled: Call) -> None:
    assert filled("statistics", SESSION_START="10:00").failed(1).endswith(": run btc-volatility aggregate")


def test_a_range_without_a_session_is_an_empty_table(filled: Call) -> None:
    outcome = filled("sessions", "--from", "2016-01-01", "--to", "2016-02-01").done()
    assert SESSION.findall(outcome.stdout) == []
    report = json.loads(filled("sessions", "--json", "--from", "2030-01-01").done().stdout)
    assert (report["count"], report["sessions"]) == (0, [])


def test_another_symbol_is_shown_when_it_is_named(filled: Call) -> None:
    filled("backfill", "--symbol", "ETHUSDT").done()
    filled("aggregate", "--symbol", "ETHUSDT").done()
    assert "SIMULATED ETHUSDT sessions" in filled("sessions", "--symbol", "ethusdt").done().stdout


def in_a_terminal(arguments: Sequence[str], settings: dict[str, str], folder: Path, columns: int) -> str:
    """What a command writes on a terminal of some width, without colours."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    env = environment(settings) | {"TERM": "xterm-256color"}
    process = subprocess.Popen(
        [*COMMAND, *arguments], env=env, cwd=folder, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE
    )
    os.close(theirs)
    parts = []
    try:
        while part := os.read(ours, 65536):
            parts.append(part)
    except OSError:
        pass  # the terminal's end
    os.close(ours)
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, b"")
    return re.sub(r"\x1b\[[\d;]*m", "", b"".join(parts).decode()).replace("\r", "")


@pytest.mark.parametrize(("view", "columns"), [("statistics", 80), ("statistics", 120), ("today", 80)])
def test_a_terminal_shows_every_cell_whole(
    *, columns: int, view: str, settings: dict[str, str], tmp_path: Path, closed: dict[date, Json]
) -> None:
    # Prices of six digits, the widest that Bitcoin has had.
    database = f"sqlite:///{tmp_path / 'data' / 'btc_volatility.sqlite3'}"
    for name in ("open", "high", "low", "close", "volatility", '"range"'):
        query(database, f"UPDATE daily_sessions SET {name} = {name} * 30")
    names = ", ".join(f"{name} = {name} * 30" for name in STATISTICS)
    query(database, f"UPDATE session_statistics SET {names}")
    text = in_a_terminal([view], settings | {"LOG_LEVEL": "ERROR"}, tmp_path, columns)
    lines = text.splitlines()
    assert max(len(line.rstrip()) for line in lines) <= columns
    assert "…" not in text
    assert "SIMULATED" in text
    headers = [line.split() for line in lines if line.split()[:1] in (["date"], ["window"])]
    for header in headers:
        assert header[0] == "date" or header[:1] + header[2:8] == ["window", *STATISTICS]
    if view == "statistics":
        assert len(SESSION.findall(text)) == 30
        assert ("high" in headers[0]) == (columns == 120)
        assert ("without high, low: the terminal is too narrow" in text) == (columns == 80)
        newest = closed[date(2017, 10, 19)]
        assert f"{newest['close'] * 30:,.2f}" in text


def test_where_even_a_few_columns_are_too_many_they_are_cut_and_it_is_said(
    filled: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "_WIDTH", 44)
    text = filled("statistics", "--days", "3").done().stdout
    assert "without open, high, low: the terminal is too narrow" in " ".join(text.split())
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 44


def test_small_prices_keep_their_digits(call: Call, database: str) -> None:
    call("backfill").done()
    call("aggregate").done()
    query(database, "UPDATE daily_sessions SET open = 0.00001234, low = 0.00001 WHERE date = '2017-10-19'")
    text = call("sessions").done().stdout
    assert "0.00001234" in text
    assert "0.00001 " in text


def test_quality_is_what_plain_sql_finds_and_says_how_the_jobs_went(filled: Call, database: str) -> None:
    report = json.loads(filled("quality", "--json").done().stdout)
    assert report["exchange"] == {"away_since": None, "next_try": None}
    (said,) = report["symbols"]
    ((first, newest, sessions),) = query(
        database, "SELECT MIN(date), MAX(date), COUNT(*) FROM daily_sessions WHERE symbol = 'BTCUSDT'"
    )
    assert (said["first_session"], said["newest_session"], said["sessions"]) == (str(first), str(newest), sessions)
    assert said["gaps"] == [{"from": "2017-10-05T19:00:00+03:00", "to": "2017-10-08T11:00:00+03:00", "hours": 64}]
    assert said["incomplete"] == [{"date": "2017-10-05", "candles": 8, "expected_candles": 24}]
    assert [said[job]["result"] for job in ("backfill", "aggregation")] == ["done", "done"]


def test_quality_shows_a_line_for_each_job(call: Call) -> None:
    call("migrate").done()
    never = call("quality").done().stdout
    assert "BTCUSDT backfill: never ran" in never
    call("backfill").done()
    call("backfill", BINANCE_URLS=nobody_listens(), BINANCE_RETRY_SECONDS="0").failed(1)
    shown = call("quality").done().stdout
    assert "SIMULATED data" in shown
    assert re.search(r"BTCUSDT backfill: failed at 20\d\d-\S+: no exchange address answered \(127\.0\.0\.1", shown)
