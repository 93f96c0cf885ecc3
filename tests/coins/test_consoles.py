"""Every view prints on every console: what its encoding lacks comes as a plain character."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pytest

from tests.api.world import World
from tests.cli.support import COMMAND, ROOT, environment
from volatility.cli import main
from volatility.settings import DEFAULTS

ENCODINGS = ("ascii", "cp866", "latin-1", "cp1251", "utf-8")
CHINESE = "币安人生USDT"
VIEWS = {
    "today": [],
    "statistics": ["--days", "40"],
    "sessions": [],
    "cone": [],
    "odds": ["--range-pct", "5"],
    "straddle": ["--premium", "0.005"],
    "volatility": [],
    "seasonality": [],
    "forecast": [],
    "scorecard": [],
}


class Printed(NamedTuple):
    """What a command left on its streams."""

    code: int
    out: bytes
    err: bytes


Print: TypeAlias = Callable[[list[str], str], Printed]


@pytest.fixture
def settings(world: World) -> dict[str, str]:
    return {**world.names, "BINANCE_RETRY_SECONDS": "0", "DATABASE_RETRY_SECONDS": "0"}


@pytest.fixture
def printed(
    settings: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    own_logging: None,  # noqa: ARG001 - for what it undoes
    tmp_path: Path,
) -> Print:
    """Call a command in this process, on a stdout and a stderr of an encoding that fail where they lack a character."""
    monkeypatch.chdir(tmp_path)
    for name in DEFAULTS:
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    def called(arguments: list[str], encoding: str) -> Printed:
        streams = [io.TextIOWrapper(io.BytesIO(), encoding, "strict") for _ in range(2)]
        with monkeypatch.context() as changed:
            changed.setattr(sys, "stdout", streams[0])
            changed.setattr(sys, "stderr", streams[1])
            try:
                code = main(arguments)
            except SystemExit as ending:
                code = int(ending.code or 0)
            for stream in streams:
                stream.flush()
        return Printed(code, *(stream.buffer.getvalue() for stream in streams))

    return called


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_view_prints_in_every_encoding(
    view: str,
    encoding: str,
    printed: Print,
) -> None:
    called = [view, "--symbol", CHINESE, *VIEWS[view]]
    table = printed(called, encoding)
    assert (table.code, table.err) == (0, b"")
    text = table.out.decode(encoding)
    name = CHINESE if encoding == "utf-8" else r"\u5e01\u5b89\u4eba\u751fUSDT"
    assert f"SIMULATED {name}" in text
    for more in ("--json", "--csv") if view != "today" else ("--json",):
        flat = printed([*called, more], encoding)
        assert (flat.code, flat.err) == (0, b"")
        if more == "--json":
            assert json.loads(flat.out.decode(encoding))["symbol"] == CHINESE


def test_what_is_null_is_a_hyphen_where_there_is_no_dash(
    printed: Print,
) -> None:
    dash, hyphen = (printed(["scorecard"], encoding).out.decode(encoding) for encoding in ("utf-8", "ascii"))
    assert dash.count(" – ") > 10
    assert len(re.findall("(?<=[ |])-(?=[ |])", hyphen)) == dash.count("–")  # a cell may be as wide as its text


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["odds", "--help"], ["today", "--symbol", "Пароль…"], ["sessions", "--from", "вчера"], ["币安"]],
)
def test_help_and_errors_print_in_every_encoding(
    arguments: list[str],
    encoding: str,
    printed: Print,
) -> None:
    got = printed(arguments, encoding)
    if "--help" in arguments:
        assert got.code == 0
        assert "usage" in got.out.decode(encoding)
        return
    assert got.code == 2
    (line,) = got.err.decode(encoding).splitlines()
    assert line.startswith("error: ")
    if encoding in {"cp866", "cp1251", "utf-8"} and arguments[0] == "sessions":
        assert "вчера" in line


@pytest.mark.parametrize(
    ("setting", "encoding", "terminal"),
    [
        ({"PYTHONIOENCODING": "cp866"}, "cp866", True),
        ({"PYTHONIOENCODING": "ascii:strict", "TERM": "dumb", "NO_COLOR": "1"}, "ascii", True),
        ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, "ascii", False),
        ({"LC_ALL": "C"}, "utf-8", False),
        ({"PYTHONIOENCODING": "cp1251", "COLUMNS": "20"}, "cp1251", True),
        ({"PYTHONIOENCODING": "utf-8", "COLUMNS": "1"}, "utf-8", True),
    ],
)
def test_a_process_prints_on_a_pipe_and_on_a_terminal(
    setting: dict[str, str], encoding: str, settings: dict[str, str], tmp_path: Path, *, terminal: bool
) -> None:
    names = environment({**settings, "SYMBOLS": CHINESE, "PYTHONPATH": str(ROOT)})
    names = {name: value for name, value in names.items() if name not in {"LANG", "LC_ALL", "LC_CTYPE"}}
    names |= setting
    if encoding == "ascii" and "LC_ALL" in setting:
        names["SYMBOLS"] = "BTCUSDT"  # an environment in ASCII holds no other name
    ours, its = pty.openpty() if terminal else os.pipe()
    command = [*COMMAND, "statistics", "--days", "2"]
    process = subprocess.Popen(command, cwd=tmp_path, env=names, stdout=its, stderr=its, stdin=subprocess.DEVNULL)
    os.close(its)
    got = b""
    with suppress(OSError):  # a terminal whose other end has gone
        while part := os.read(ours, 65536):
            got += part
    os.close(ours)
    assert process.wait(30) == 0, got
    text = got.decode(encoding)
    assert "Traceback" not in text
    assert "2019-03-04" in text or setting.get("COLUMNS") == "1"
