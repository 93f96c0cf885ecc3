"""Commands as processes: broken off, killed, piped, with and without a terminal, and what they load to start."""

from __future__ import annotations

import json
import os
import pty
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange_simulator import SimulatedExchange
from exchange_simulator.faults import Latency
from tests.cli.conftest import Call
from tests.cli.support import (
    AGGREGATE,
    BACKFILL,
    COMMAND,
    HOUR_MS,
    KLINES,
    ROOT,
    candles,
    ended,
    environment,
    query,
    run,
    sessions,
    start,
    stopped,
    stored,
    until,
)
from volatility.presentation import progress

LATER = "2018-04-01T00:30:00Z"
PAGES = 6  # of history up to then


@pytest.fixture
def slow(exchange: SimulatedExchange) -> SimulatedExchange:
    """An exchange with half a year of candles, a page in 0.4 s."""
    exchange.clock.set(LATER)
    exchange.order(Latency(ms=400, path=KLINES))
    return exchange


def whole_pages(of: SimulatedExchange, rows: list[tuple[object, ...]]) -> bool:
    """Whether what is stored is the beginning of history, page by page."""
    return rows == candles(of)[: len(rows)] and len(rows) % 1000 == 0


@pytest.mark.parametrize(
    ("by", "code", "words", "recorded"),
    [
        (signal.SIGINT, 130, ["stopped"], ("failed", "stopped")),
        (signal.SIGKILL, -signal.SIGKILL, [], ("running", None)),
        (signal.SIGTERM, -signal.SIGTERM, [], ("failed", "stopped")),
    ],
)
def test_a_backfill_that_is_broken_off_keeps_whole_pages_and_the_next_one_completes_it(
    *,
    by: signal.Signals,
    code: int,
    words: list[str],
    recorded: tuple[str, str | None],
    slow: SimulatedExchange,
    settings: dict[str, str],
    tmp_path: Path,
    database: str,
) -> None:
    process = start(BACKFILL, settings, tmp_path)
    until(lambda: len(slow.requests(KLINES)) >= 4)  # the first candle, two pages, and one on its way
    outcome, seconds = stopped(process, by)
    assert (outcome.code, outcome.plain, outcome.stdout) == (code, words, "")
    assert seconds < 25
    kept = stored(database)
    assert kept
    assert whole_pages(slow, kept)
    assert query(database, "SELECT result, message FROM job_runs") == [recorded]
    slow.clear()
    report = run(BACKFILL, settings, tmp_path).done().report
    assert report["candles_new"] == len(candles(slow)) - len(kept)
    assert query(database, "SELECT result, message FROM job_runs") == [("done", None)]
    assert stored(database) == candles(slow)


def test_ctrl_c_in_this_process_is_130_and_one_word(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("volatility.cli.jobs.migrate", interrupted)
    outcome = call("migrate")
    assert (outcome.code, outcome.stdout, outcome.stderr) == (130, "", "stopped\n")


@pytest.mark.parametrize(
    ("arguments", "reader", "lines"),
    [
        ("sessions --csv", "head -1", 1),
        ("statistics --days 2 --json", "true", 0),
        ("sessions", "head -3", 3),
        *((f"{view}", "true", 0) for view in ("statistics", "volatility", "cone", "quality")),  # tables of rich
    ],
)
def test_a_reader_that_has_seen_enough_is_no_error(
    *, arguments: str, reader: str, lines: int, call: Call, settings: dict[str, str], tmp_path: Path
) -> None:
    call("backfill").done()
    call("aggregate").done()
    piped = f"{shlex.join(COMMAND)} {arguments} | {reader}; echo ${{PIPESTATUS[0]}} >&2"
    done = subprocess.run(
        ["bash", "-c", piped], env=environment(settings), cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stderr == "0\n"
    assert len(done.stdout.splitlines()) == lines


def test_a_reader_that_has_gone_is_no_error_in_this_process(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> int:
        raise BrokenPipeError

    monkeypatch.setattr("volatility.cli.jobs.migrate", broken)
    descriptor = os.dup(1)
    try:
        assert call("migrate").code == 0
    finally:
        os.dup2(descriptor, 1)
        os.close(descriptor)


def on_a_terminal(command: list[str], settings: dict[str, str], folder: Path) -> tuple[int, str, str]:
    """Exit code, standard output, and what was shown on the terminal that standard error is."""
    ours, theirs = pty.openpty()
    env = environment(settings) | {"TERM": "xterm-256color"}
    process = subprocess.Popen(command, env=env, cwd=folder, stdout=subprocess.PIPE, stderr=theirs, text=True)
    os.close(theirs)
    shown = b"".join(_read(ours)).decode()
    os.close(ours)
    stdout, _ = process.communicate(timeout=20)
    return process.returncode, stdout, shown


def _read(terminal: int) -> Iterator[bytes]:
    try:
        while part := os.read(terminal, 65536):
            yield part
    except OSError:
        return  # the terminal's end


def test_on_a_terminal_a_bar_shows_how_far_a_long_backfill_has_come(
    slow: SimulatedExchange, settings: dict[str, str], tmp_path: Path
) -> None:
    code, stdout, shown = on_a_terminal(BACKFILL, settings, tmp_path)
    assert code == 0
    assert json.loads(stdout)["pages"] == PAGES
    assert "BTCUSDT: hours of history" in shown
    assert "━" in shown
    assert "%" in shown
    assert "Traceback" not in shown
    assert slow.requests(KLINES)


def test_on_a_terminal_two_days_again_are_not_worth_a_bar(settings: dict[str, str], call: Call, tmp_path: Path) -> None:
    call("backfill").done()
    code, _, shown = on_a_terminal(BACKFILL, settings, tmp_path)
    assert code == 0
    assert "━" not in shown


def test_without_a_terminal_progress_is_plain_log_lines(
    slow: SimulatedExchange, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow.clear()
    monkeypatch.setattr(progress, "_LOG_SECONDS", 0.0)
    outcome = call("backfill").done()
    assert "\x1b" not in outcome.stderr
    hours = (candles(slow)[-1][0] - candles(slow)[0][0]) // HOUR_MS + 1
    lines = [line.partition(" INFO ")[2] for line in outcome.stderr.splitlines()]
    counts = [*range(0, hours, 1000), hours]
    assert [line for line in lines if " of " in line] == [f"BTCUSDT: {done} of {hours} hours" for done in counts]


def test_a_short_backfill_has_no_progress_to_tell(call: Call) -> None:
    assert "hours\n" not in call("backfill").done().stderr.replace("hours missing", "")


@pytest.mark.parametrize("rich", [True, False])
def test_a_terminal_without_the_extra_for_bars_gets_log_lines(
    rich: bool, slow: SimulatedExchange, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow.clear()
    monkeypatch.setattr(progress, "_LOG_SECONDS", 0.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    if not rich:
        monkeypatch.setitem(sys.modules, "rich.console", None)
    outcome = call("backfill")
    assert (outcome.code, outcome.report["pages"]) == (0, PAGES)
    assert (" of 5444 hours" in outcome.stderr) != rich


def loaded_by(arguments: list[str], settings: dict[str, str], folder: Path) -> set[str]:
    """The packages that a command has loaded by its end."""
    code = (
        "import sys; from volatility.cli import main; code = main(sys.argv[1:]); "
        "sys.stderr.write(' '.join({name.partition('.')[0] for name in sys.modules})); sys.exit(code)"
    )
    outcome = run([sys.executable, "-c", code, *arguments], settings | {"LOG_LEVEL": "ERROR"}, folder)
    assert outcome.code == 0, outcome.stderr
    return set(outcome.stderr.split())


def test_an_hourly_backfill_loads_nothing_that_it_does_not_use(
    call: Call, settings: dict[str, str], tmp_path: Path
) -> None:
    call("backfill").done()
    heavy = {"numpy", "pandas", "alembic", "mako", "rich", "apscheduler", "fastapi", "pydantic", "uvicorn", "api"}
    assert loaded_by(["backfill"], settings, tmp_path) & heavy == set()
    assert loaded_by(["backfill", "--dry-run"], settings, tmp_path) & heavy == set()
    assert loaded_by(["aggregate"], settings, tmp_path) & heavy == {"numpy"}


def test_the_command_line_itself_loads_neither_database_nor_network() -> None:
    code = "import sys, volatility.cli; print(' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment({}), cwd=ROOT, capture_output=True, text=True, check=True
    )
    packages = {name.partition(".")[0] for name in done.stdout.split()}
    assert packages & {"sqlalchemy", "requests", "numpy", "pandas", "alembic", "rich", "apscheduler", "api"} == set()


def test_two_jobs_at_once_give_the_tables_of_one(
    slow: SimulatedExchange, settings: dict[str, str], tmp_path: Path, database: str
) -> None:
    patient = settings | {"DATABASE_RETRY_SECONDS": "30"}
    processes = [start(BACKFILL, patient, tmp_path) for _ in range(2)]
    for process in processes:
        ended(process).done()
    assert stored(database) == candles(slow)
    processes = [start(AGGREGATE, patient, tmp_path) for _ in range(2)]
    written = [ended(process).done().report["sessions_written"] for process in processes]
    assert sorted(written) == [0, len(sessions(candles(slow))) - 1]  # the last one still runs


def test_no_thread_is_left_behind_by_a_command(call: Call) -> None:
    before = threading.active_count()
    call("backfill").done()
    call("aggregate").done()
    assert threading.active_count() <= before + 1  # the exchange's own thread for a connection may still end
