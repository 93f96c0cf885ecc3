"""Forecasts and their scorecard at the command line, and what the aggregation job says of them."""

from __future__ import annotations

import io
import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from api.examples import REAL
from exchange_simulator import Clock, GeneratedMarket, SimulatedExchange
from tests.cli.conftest import Call
from tests.cli.support import AGGREGATE, COMMAND, ended, get, query, serving, start, until
from volatility.cli import jobs, views_forecast
from volatility.domain.errors import DataIncomplete, StorageError
from volatility.domain.metrics import SCORE_TABLES
from volatility.jobs import forecast as job

LATE = "2018-07-10T13:37:41Z"  # 327 closed sessions
TODAY = "2018-07-10"


@pytest.fixture
def exchange(markets: list[GeneratedMarket]) -> SimulatedExchange:
    """Its clock stands still, late enough for forecasts."""
    return SimulatedExchange(markets, clock=Clock(LATE, frozen=True))


@pytest.fixture
def filled(call: Call) -> Call:
    """Commands over a database with all candles."""
    call("backfill").done()
    return call


@pytest.fixture
def forecasted(filled: Call) -> Call:
    """Commands over a database after the daily job."""
    filled("aggregate").done()
    return filled


def count(database: str, table: str) -> int:
    number: int = query(database, f"SELECT COUNT(*) FROM {table}")[0][0]
    return number


def test_the_daily_job_says_what_it_forecast_and_scored(filled: Call, database: str) -> None:
    report = filled("aggregate").done().report
    assert (report["simulated"], report["sessions_written"]) == (True, 327)
    assert report["forecasts_written"] == count(database, "session_forecasts") > 15
    scores = count(database, "forecast_scores") + count(database, "variance_scores")
    assert report["scores_written"] == scores
    again = filled("aggregate").done().report
    assert (again["forecasts_written"], again["scores_written"]) == (0, 0)


def test_a_rebuild_scores_anew_and_forecasts_nothing(forecasted: Call, database: str) -> None:
    before = query(database, "SELECT * FROM session_forecasts ORDER BY open_time")
    report = forecasted("aggregate", "--rebuild").done().report
    assert (report["forecasts_written"], report["scores_written"]) == (0, 0)  # all of it was right
    query(database, "UPDATE forecast_scores SET crps = 0 WHERE elapsed = 6")
    assert forecasted("aggregate", "--rebuild").done().report["scores_written"] > 30
    assert query(database, "SELECT * FROM session_forecasts ORDER BY open_time") == before


def test_forecasts_may_be_left_out_and_made_up_for(filled: Call, database: str) -> None:
    report = filled("aggregate", FORECASTS="off").done().report
    assert (report["sessions_written"], report["forecasts_written"], report["scores_written"]) == (327, 0, 0)
    assert count(database, "session_forecasts") == 0
    assert filled("aggregate", FORECASTS="ON").done().report["forecasts_written"] > 15
    assert filled("aggregate", FORECASTS="yes").failed(2) == "FORECASTS must be on or off, got 'yes'"


@pytest.mark.parametrize("error", [DataIncomplete("candles kept changing"), StorageError("the disk is full")])
def test_a_failure_to_forecast_fails_the_job_and_the_sessions_stay(
    filled: Call, database: str, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as changed:
        changed.setattr(job, "forecast", fail)
        assert filled("aggregate").failed(1) == str(error)
    assert count(database, "daily_sessions") == 327
    assert count(database, "session_statistics") == 327 * 8
    assert json.loads(filled("statistics", "--json", "--days", "1").done().stdout)["count"] == 1
    report = filled("aggregate").done().report
    assert (report["sessions_written"], report["forecasts_written"] > 15) == (0, True)


def test_a_job_killed_while_it_scores_is_completed_by_the_next(
    filled: Call, settings: dict[str, str], database: str, tmp_path: Path
) -> None:
    filled("aggregate", FORECASTS="off").done()
    process = start(AGGREGATE, settings, tmp_path)
    until(lambda: count(database, "variance_scores") > 0, 60)
    process.kill()
    assert ended(process).code in {-signal.SIGKILL, 0}  # it may have been quicker
    assert count(database, "variance_scores") in {100, 200, 300, 327}  # whole pieces
    before = query(database, "SELECT * FROM session_forecasts ORDER BY open_time")
    filled("aggregate").done()
    after = query(database, "SELECT * FROM session_forecasts ORDER BY open_time")
    assert [row for row in after if row in before] == before
    assert count(database, "variance_scores") == 327
    assert filled("aggregate", "--rebuild").done().report["scores_written"] == 0  # as from scratch


def test_all_symbols_have_sessions_before_one_is_forecast(
    call: Call, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    symbols = {"SYMBOLS": "BTCUSDT,ETHUSDT"}
    call("backfill", **symbols).done()
    seen: list[int] = []
    forecast = job.forecast

    def watched(*arguments: object) -> job.ForecastingReport:
        seen.append(count(database, "daily_sessions"))
        return forecast(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(job, "forecast", watched)
    outcome = call("aggregate", **symbols).done()
    assert seen == [654, 654]
    lines = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert [line["symbol"] for line in lines[:2]] == ["BTCUSDT", "ETHUSDT"]
    assert lines[2] == {"symbols": lines[:2]}
    assert all(line["forecasts_written"] > 15 for line in lines[:2])


def test_a_symbol_that_fails_does_not_keep_the_others_from_being_forecast(call: Call) -> None:
    call("backfill", "--symbol", "ETHUSDT").done()
    outcome = call("aggregate", SYMBOLS="BTCUSDT,ETHUSDT")
    assert "no candles of BTCUSDT are stored" in outcome.failed(1)
    (report,) = outcome.report["symbols"]
    assert (report["symbol"], report["forecasts_written"] > 15) == ("ETHUSDT", True)


def test_the_views_as_json_and_csv_are_what_the_api_answers(
    forecasted: Call, settings: dict[str, str], tmp_path: Path
) -> None:
    with serving([*COMMAND, "serve", "--port", "0"], settings, tmp_path) as (_, url):
        for arguments, path in (
            (("forecast", "--days", "4"), f"{url}/forecast?days=4"),
            (("scorecard",), f"{url}/scorecard"),
            (("scorecard", "--since", "2018-07-01"), f"{url}/scorecard?since=2018-07-01"),
        ):
            assert json.loads(forecasted(*arguments, "--json").done().stdout) == get(path).json()
        plain = get(f"{url}/forecast?days=4&format=csv").text.replace("\r", "")
        assert forecasted("forecast", "--days", "4", "--csv").done().stdout == plain
        for table in SCORE_TABLES:
            plain = get(f"{url}/scorecard?format=csv&table={table}").text.replace("\r", "")
            assert forecasted("scorecard", "--csv", "--table", table).done().stdout == plain


def test_forecasts_in_a_terminal_show_the_running_session_and_what_came(forecasted: Call) -> None:
    report = json.loads(forecasted("forecast", "--json", "--days", "3").done().stdout)
    text = forecasted("forecast", "--days", "3").done().stdout
    following = report["next"]
    assert text.startswith(f"SIMULATED BTCUSDT session of {TODAY}, from {TODAY}T11:00:00+03:00\n")
    assert f"from {following['n']} past ones; {following['annualised_volatility_pct']:.2f} % a year" in text
    for title, name in (("Realised", "realised_volatility_pct"), ("Vol", "volatility_pct"), ("Range", "range_pct")):
        (line,) = re.findall(rf"^  {title} .*$", text, re.MULTILINE)
        values = [following[name][value] for value in ("mean", "p5", "p10", "p25", "p50", "p75", "p90", "p95")]
        assert line.split()[1:] == [f"{value:.2f}" for value in values]
    for forecast in report["forecasts"]:
        (line,) = re.findall(rf"^  {forecast['date']} .*$", text, re.MULTILINE)
        assert "in retrospect" in line
        assert line.split()[-1] == f"{forecast['outcome']['range_pct']:.2f}"


def test_the_scorecard_in_a_terminal_shows_every_table(forecasted: Call) -> None:
    report = json.loads(forecasted("scorecard", "--json").done().stdout)
    text = forecasted("scorecard").done().stdout
    assert text.startswith(f"SIMULATED BTCUSDT scorecard: {report['n']} sessions, {report['first']} to 2018-07-09\n")
    assert text.count("SIMULATED") == 1 + len(SCORE_TABLES)
    for row in report["odds"]:
        cells = [row["metric"], str(row["elapsed_hours"]), str(row["n"]), f"{row['crps']:.4f}"]
        assert re.search("^ +" + " +".join(map(re.escape, cells)) + " ", text, re.MULTILINE)
    (line,) = re.findall(r"^  this forecast .*$", text, re.MULTILINE)
    assert line.split()[2:] == ["0", "–", "–", "–", "–"]  # HAR needs more history
    alone = forecasted("scorecard", "--table", "bands").done().stdout
    assert alone.count("SIMULATED") == 2
    assert "p10 to p90 bands" in alone


def test_the_scorecard_in_a_narrow_terminal_is_whole_but_for_columns_that_it_names() -> None:
    screen = io.StringIO()
    views_forecast._show_scorecard(Console(file=screen, width=80), REAL["/scorecard"], SCORE_TABLES)
    text = screen.getvalue()
    assert "…" not in text
    assert re.findall("without (.*): the terminal is too narrow", text) == [
        "plain pinball, worst share",
        "standard error, equal tails",
        "standard error",
    ]


def test_before_the_first_forecast_the_views_say_so(filled: Call) -> None:
    filled("aggregate", FORECASTS="off").done()
    assert "no forecast yet: 0 past ones to rest on, 180 are needed" in filled("forecast").done().stdout
    assert "scorecard: no session yet; more are to be scored" in filled("scorecard").done().stdout
    filled("aggregate").done()
    assert "no forecast yet" not in filled("forecast").done().stdout


def test_a_session_that_is_not_forecast_yet_says_what_to_do(forecasted: Call, exchange: SimulatedExchange) -> None:
    exchange.clock.set("2018-07-11T13:37:41Z")
    forecasted("backfill").done()
    forecasted("aggregate", FORECASTS="off").done()
    text = forecasted("forecast").done().stdout
    assert "session of 2018-07-11" in text
    assert "no forecast yet: aggregation comes first" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("forecast", "--days", "0"), "must be a whole number from 1 to 3650, got '0'"),
        (("scorecard", "--since", "x"), "must be a date as YYYY-MM-DD, got 'x'"),
        (("scorecard", "--table", "all"), "invalid choice: 'all'"),
        (("forecast", "--json", "--csv"), "not allowed with argument --json"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(call: Call, arguments: tuple[str, ...], words: str) -> None:
    assert words in call(*arguments).failed(2)


@pytest.mark.parametrize("command", ["forecast", "scorecard"])
def test_without_a_database_the_remedy_is_told(call: Call, command: str) -> None:
    assert "run btc-volatility backfill" in call(command).failed(1)


@pytest.fixture
def served(settings: dict[str, str], tmp_path: Path) -> Iterator[str]:
    with serving([*COMMAND, "run", "--port", "0"], settings, tmp_path) as (_, url):
        yield url


def test_run_answers_with_sessions_first_and_forecasts_later(served: str) -> None:
    until(lambda: get(f"{served}/statistics", days=1).status_code == 200, 60)
    assert get(f"{served}/forecast").status_code == 200  # with or without one
    until(lambda: bool(get(f"{served}/forecast").json()["next"]["live"]), 90)
    until(lambda: bool(get(f"{served}/scorecard").json()["up_to_date"]), 90)


def test_the_job_knows_no_other_clock_than_the_exchanges(
    forecasted: Call, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_now_ms", lambda: 4_000_000_000_000)
    forecasted("aggregate").done()
    made = {str(row[0])[:10] for row in query(database, "SELECT made_at FROM session_forecasts")}
    assert made == {TODAY}
