"""`python -m exchange_simulator`."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from exchange_simulator import start_demo_exchange
from exchange_simulator.__main__ import main
from exchange_simulator.clock import system_ms

ROOT = Path(__file__).resolve().parents[2]
ROW = "1502942400000,4261.48000000,4313.62,4261.32,4308.83,47.18,1502945999999,202366.1,171,35.1,150952.4\n"


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command, and the line it says when it is ready."""
    command = [sys.executable, "-m", "exchange_simulator", "--port", "0", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline()
        finally:
            process.kill()


def url_in(line: str) -> str:
    match = re.search(r"http://127\.0\.0\.1:\d+", line)
    assert match, line
    return match.group()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_a_signal_and_ends_with_0(number: signal.Signals) -> None:
    with running("--symbol", "BTCUSDT,ETHUSDT", "--seed", "3", "--latency-ms", "1") as (process, line):
        assert re.fullmatch(
            r"simulated exchange on http://127\.0\.0\.1:\d+ \(BTCUSDT, ETHUSDT, generated, seed 3\)\n", line
        )
        served = requests.get(f"{url_in(line)}/api/v3/time", timeout=5).json()["serverTime"]
        assert abs(served - system_ms()) < 5000
        process.send_signal(number)
        _, errors = process.communicate(timeout=5)
        assert (process.returncode, errors) == (0, "")


def test_it_serves_a_file_at_a_frozen_clock(tmp_path: Path) -> None:
    data = tmp_path / "candles.csv"
    data.write_text(ROW)
    options = ("--data", str(data), "--clock", "2017-08-17T04:20:00Z", "--frozen", "--weight-limit", "5")
    with running(*options) as (_, line):
        assert "(BTCUSDT, given, candles.csv)" in line
        state = requests.get(f"{url_in(line)}/simulator", timeout=5).json()
    assert state["clock"]["now"] == "2017-08-17T04:20:00.000Z"
    assert state["clock"]["frozen"] is True
    assert state["weight"]["limit"] == 5
    assert state["symbols"][0]["candles"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--port", "many"], "argument --port: invalid int value: 'many'"),
        (["--port", "70000"], "--port must be 0 to 65535, not 70000"),
        (["--clock", "2024-01-01"], "--clock 2024-01-01: must be ISO 8601 with an offset"),
        (["--data", "/nowhere.csv"], "can't read candles from /nowhere.csv"),
        (["--seed", "-1"], "--seed, --weight-limit and --latency-ms must be 0 or more"),
        (["--symbol", ","], "--symbol names no symbol"),
        (["--speed", "2"], "unrecognized arguments: --speed 2"),
    ],
)
def test_a_wrong_call_is_one_plain_line_and_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    errors = capsys.readouterr().err
    assert message in errors
    assert errors.count("\n") == 1


@pytest.fixture
def _own_signals() -> Iterator[None]:
    """Put back the handlers that the command installs."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_own_signals")
def test_a_port_in_use_is_one_plain_line_and_1(capsys: pytest.CaptureFixture[str]) -> None:
    with start_demo_exchange(["BTCUSDT"]) as server:
        assert main(["--port", str(server.port)]) == 1
    errors = capsys.readouterr().err
    assert f"can't listen on 127.0.0.1:{server.port}" in errors
    assert errors.count("\n") == 1


@pytest.mark.usefixtures("_own_signals")
def test_in_this_process_it_stops_at_a_signal_too(capsys: pytest.CaptureFixture[str]) -> None:
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM)).start()
    assert main(["--port", "0", "--no-gaps", "--weight-limit", "0"]) == 0
    assert "simulated exchange on http://127.0.0.1:" in capsys.readouterr().out
