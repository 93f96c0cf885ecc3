"""What is wrong with a call, a setting or a database is one plain line, and the exit code says whose fault it is."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from exchange_simulator import SimulatedExchange
from tests.cli.conftest import Call
from tests.cli.support import COMMAND, Outcome, ended, environment, free_port, query, start
from volatility.cli import main

SECRET = "hunter2-is-secret"
WRONG = [
    ("DB_PORT", "99999", "must be a whole number from 1 to 65535, got '99999'"),
    ("DB_HOST", "db.example.org:3306", "must be a host name or an address, without the port"),
    ("DB_PASSWORD_FILE", "/nonexistent", "can't be read (No such file or directory), got '/nonexistent'"),
    ("DATABASE_URL", f"postgresql://u:{SECRET}@h/d", "must begin with one of mysql+pymysql://"),
    ("DATABASE_URL", "sqlite://", "must name a file"),
    ("DATABASE_URL", f"mysql+pymysql://u:{SECRET}@h:port/d", "must be an SQLAlchemy URL"),
    ("DATABASE_RETRY_SECONDS", "soon", "must be a number of seconds from 0 to 3600, got 'soon'"),
    ("BINANCE_URLS", "ftp://host", "must hold URLs as https://host, separated by commas, got 'ftp://host'"),
    ("BINANCE_URLS", f"https://u:{SECRET}@host", "must hold URLs without user name and password"),
    ("BINANCE_URLS", ",", "must name at least one, got ','"),
    ("BINANCE_WEIGHT_LIMIT", "9", "must be a whole number from 10 to 1000000, got '9'"),
    ("BINANCE_RETRY_SECONDS", "nan", "must be a number of seconds from 0 to 3600, got 'nan'"),
    ("SYMBOLS", "BTC/USDT", "must be a symbol such as BTCUSDT: 2 to 20 letters and digits, got 'BTC/USDT'"),
    ("HISTORY_START", "17.08.2017", "must be a date as YYYY-MM-DD, got '17.08.2017'"),
    ("HISTORY_START", "1999-01-01", "must lie between 2009-01-03 and 2100-01-01, got '1999-01-01'"),
    ("SESSION_START", "25:00", "must be a time of day as HH:MM, got '25:00'"),
    ("SESSION_START", "11:30", "must fall on a candle's start, a whole hour in UTC, in Europe/Moscow, got '11:30'"),
    ("SESSION_TIMEZONE", "Mars/Base", "must be a time zone such as Europe/Moscow, got 'Mars/Base'"),
    ("WINDOWS", "5,0", "must hold whole numbers of sessions from 1 to 365, separated by commas, got '0'"),
    ("API_PORT", "-1", "must be a whole number from 0 to 65535, got '-1'"),
    ("TODAY_CACHE_SECONDS", "61", "must be a number of seconds from 0 to 60, got '61'"),
    ("LOG_LEVEL", "loud", "must be one of DEBUG, INFO, WARNING, ERROR, got 'loud'"),
]
SERVER = {"DB_HOST": "127.0.0.1", "DB_USER": "u", "DB_NAME": "d", "DB_PASSWORD": SECRET}
VIEWS = [("statistics",), ("sessions",), ("today",)]
COMMANDS = [("backfill",), ("aggregate",), ("migrate",), *VIEWS]
SERVERS = [("serve",), ("run",)]


def given_with(name: str) -> dict[str, str]:
    """The server's other settings, for those that count only where there is one."""
    others = SERVER if name != "DB_PASSWORD_FILE" else {k: v for k, v in SERVER.items() if k != "DB_PASSWORD"}
    return {key: value for key, value in others.items() if name.startswith("DB_") and key != name}


@pytest.mark.parametrize(("name", "value", "rule"), WRONG)
def test_a_wrong_setting_stops_the_command_with_name_rule_and_value(
    *, name: str, value: str, rule: str, call: Call, exchange: SimulatedExchange, tmp_path: Path
) -> None:
    outcome = call("backfill", **given_with(name) | {name: value})
    assert outcome.failed(2).startswith(f"{name} {rule}")
    assert (outcome.stdout, exchange.requests(), list(tmp_path.iterdir())) == ("", [], [])
    assert SECRET not in outcome.stderr


@pytest.mark.parametrize(("name", "value", "rule"), WRONG)
def test_so_does_one_in_the_file_of_settings(
    *, name: str, value: str, rule: str, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(name, raising=False)
    (tmp_path / ".env").write_text("".join(f"{k}={v}\n" for k, v in (given_with(name) | {name: value}).items()))
    outcome = call("migrate")
    assert outcome.failed(2).startswith(f"{name} {rule}")
    assert SECRET not in outcome.stderr


@pytest.mark.parametrize("command", [*COMMANDS, *SERVERS, ("demo",)])
def test_every_command_checks_the_settings_first(command: tuple[str], call: Call) -> None:
    assert call(*command, WINDOWS="5;7").failed(2).startswith("WINDOWS must hold whole numbers")


@pytest.mark.parametrize("command", [*COMMANDS, *SERVERS])
def test_every_command_says_that_a_database_url_is_none(command: tuple[str], call: Call) -> None:
    outcome = call(*command, DATABASE_URL=f"mysql+pymysql://u:{SECRET}@h:port/d")
    assert outcome.failed(2).startswith("DATABASE_URL must be an SQLAlchemy URL")
    assert SECRET not in outcome.stderr


def test_the_environment_counts_before_the_file(call: Call, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SYMBOLS=ETHUSDT\nHISTORY_START=2017-10-01\n")
    report = call("backfill", "--dry-run", SYMBOLS="BTCUSDT").done().report
    assert (report["symbol"], report["start"]) == ("BTCUSDT", "2017-10-01T00:00:00+00:00")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("backfil",), "argument COMMAND: invalid choice: 'backfil'"),
        (("backfill", "--force"), "unrecognized arguments: --force"),
        (("backfill", "--since", "2024-13-01"), "argument --since: must be a date as YYYY-MM-DD, got '2024-13-01'"),
        (("backfill", "--until", "yesterday"), "argument --until: must be a date as YYYY-MM-DD, got 'yesterday'"),
        (("backfill", "--since"), "argument --since: expected one argument"),
        (("backfill", "--symbol", "BTC-USDT"), "argument --symbol: must be a symbol such as BTCUSDT"),
        (("aggregate", "--symbol", "х"), "argument --symbol: must be a symbol such as BTCUSDT"),
        (("statistics", "--days", "0"), "argument --days: must be a whole number from 1 to 3650, got '0'"),
        (("statistics", "--days", "3651"), "argument --days: must be a whole number from 1 to 3650, got '3651'"),
        (("statistics", "--days", "abc"), "argument --days: must be a whole number from 1 to 3650, got 'abc'"),
        (("statistics", "--json", "--csv"), "argument --csv: not allowed with argument --json"),
        (("today", "--csv"), "unrecognized arguments: --csv"),
        (("sessions", "--from", "2024-02-30"), "argument --from: must be a date as YYYY-MM-DD, got '2024-02-30'"),
        (("serve", "--port", "65536"), "argument --port: must be a whole number from 0 to 65535, got '65536'"),
        (("run", "--port", "http"), "argument --port: must be a whole number from 0 to 65535, got 'http'"),
        (("demo", "--seed", "-1"), "argument --seed: must be a whole number, got '-1'"),
    ],
)
def test_a_wrong_call_is_answered_in_one_line_that_names_the_help(
    arguments: tuple[str, ...], reason: str, call: Call, tmp_path: Path
) -> None:
    outcome = call(*arguments)
    line = outcome.failed(2)
    assert line.startswith(reason)
    assert line.endswith("--help)")
    assert (outcome.stdout, list(tmp_path.iterdir())) == ("", [])


def test_a_call_without_a_command_shows_what_there_is(call: Call) -> None:
    outcome = call()
    assert (outcome.code, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith("usage: btc-volatility")
    assert "statistics" in outcome.stderr


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("straddel",), "straddle"),
        (("stats",), "statistics"),
        (("xyz",), None),
        (("statistics", "--dayz", "7"), "--days"),
        (("statistics", "--dayz=7"), "--days"),
        (("odds", "--volatlity", "500"), "--volatility"),
        (("scorecard", "--table", "coverge"), "coverage"),
        (("today", "--xyz"), None),
    ],
)
def test_a_misspelt_word_is_answered_with_the_one_that_is_meant(
    call: Call, arguments: tuple[str, ...], meant: str | None
) -> None:
    line = call(*arguments).failed(2)
    assert (f"; perhaps {meant} is meant (see " in line) if meant else ("perhaps" not in line)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("backfill", "--since", "2024-01-02", "--until", "2024-01-02"), "--until must lie after --since 2024-01-02"),
        (("sessions", "--from", "2024-01-02", "--to", "2024-01-01"), "--to must lie after --from 2024-01-02"),
    ],
)
def test_a_range_that_ends_before_it_begins_is_a_wrong_call(
    arguments: tuple[str, ...], reason: str, call: Call
) -> None:
    assert call(*arguments).failed(2).startswith(reason)


def test_the_first_and_the_last_dates_there_are_do_no_harm(call: Call) -> None:
    report = call("backfill", "--since", "0001-01-01", "--until", "9999-12-31").done().report
    assert report["candles_written"] == 1545
    for zone in ({}, {"SESSION_TIMEZONE": "Asia/Tokyo", "SESSION_START": "00:00"}):
        call("aggregate", **zone).done()
        lines = call("sessions", "--csv", "--from", "0001-01-01", "--to", "9999-12-31", **zone).done().stdout
        assert len(lines.splitlines()) in {64, 65}


def test_an_unknown_symbol_is_refused_in_the_exchanges_own_words(call: Call, exchange: SimulatedExchange) -> None:
    reason = call("backfill", "--symbol", "NOPEUSDT").failed(1)
    assert reason == "the exchange refuses: Invalid symbol. (HTTP 400, code -1121)"
    assert len(exchange.requests("/api/v3/klines")) == 1  # never tried again


@pytest.mark.parametrize("command", [*VIEWS, ("serve",)])
def test_a_view_of_an_empty_database_names_the_remedy_and_makes_no_file(
    command: tuple[str], call: Call, tmp_path: Path
) -> None:
    if command != ("serve",):
        assert call(*command).failed(1).endswith("holds nothing yet: run btc-volatility backfill")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", VIEWS)
def test_candles_without_sessions_are_not_enough_for_a_view(command: tuple[str], call: Call) -> None:
    call("backfill").done()
    assert "no closed session of BTCUSDT is stored yet" in call(*command).failed(1)


@pytest.mark.parametrize("command", [*COMMANDS, ("run",)])
def test_a_database_of_a_newer_program_is_left_alone(command: tuple[str], call: Call, database: str) -> None:
    call("migrate").done()
    query(database, "UPDATE alembic_version SET version_num = '9999'")
    reason = call(*command).failed(1)
    assert "has schema 9999, newer than this program knows" in reason
    assert reason.endswith("update the program")
    assert query(database, "SELECT count(*) FROM klines_hourly") == [(0,)]


@pytest.mark.parametrize("command", [*COMMANDS, ("run",)])
def test_a_file_that_is_no_database_is_left_alone(command: tuple[str], call: Call, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a database, but my notes\n" * 100)
    reason = call(*command, DATABASE_URL=f"sqlite:///{file}").failed(1)
    assert reason == f"the database SQLite file {file} can't be used: the file is not an SQLite database"
    assert file.read_text() == "not a database, but my notes\n" * 100


def test_a_folder_that_cannot_be_made_is_said(call: Call, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    assert "can't be" in call("backfill").failed(1)


@pytest.mark.parametrize("command", [*COMMANDS, ("run",)])
def test_a_server_that_is_away_is_said_without_the_password(command: tuple[str], call: Call) -> None:
    port = str(free_port())
    outcome = call(*command, **SERVER, DB_PORT=port)
    assert outcome.failed(1).startswith(f"the database 127.0.0.1:{port}/d can't be reached or is busy: ")
    assert SECRET not in outcome.stderr


def test_settings_that_are_not_text_are_said(call: Call, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"SYMBOLS=\xff\xfe\n")
    assert call("backfill").failed(2).startswith(".env can't be read")


def without_privileges() -> None:
    """Root may read and write everything, unless it gives that up before the command starts."""
    if os.geteuid() == 0:
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


Unprivileged = Callable[..., Outcome]


@pytest.fixture
def unprivileged(settings: dict[str, str], tmp_path: Path) -> Unprivileged:
    """Run a command as somebody for whom files can be read-only."""
    probe = tmp_path / "probe"
    probe.touch(mode=0)
    opened = subprocess.run(
        [sys.executable, "-c", f"open({str(probe)!r})"],
        preexec_fn=without_privileges,
        capture_output=True,
        check=False,
    )
    probe.unlink()
    if opened.returncode == 0:
        pytest.skip("this user can't give up reading everything")

    def called(*arguments: str) -> Outcome:
        return ended(
            subprocess.Popen(
                [*COMMAND, *arguments],
                env=environment(settings),
                cwd=tmp_path,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                preexec_fn=without_privileges,  # noqa: PLW1509 - two system calls, nothing that could hold a lock
            )
        )

    return called


def test_settings_that_may_not_be_read_are_said(unprivileged: Unprivileged, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"DB_PASSWORD={SECRET}\n")
    (tmp_path / ".env").chmod(0)
    outcome = unprivileged("migrate")
    assert outcome.failed(2).startswith(".env can't be read")
    assert "Permission denied" in outcome.stderr


def test_a_read_only_file_can_be_read_and_not_written(
    unprivileged: Unprivileged, call: Call, tmp_path: Path, exchange: SimulatedExchange
) -> None:
    call("backfill").done()
    call("aggregate").done()
    exchange.clock.advance(hours=1)
    before = call("statistics", "--csv").done().stdout
    (tmp_path / "data" / "btc_volatility.sqlite3").chmod(stat.S_IRUSR)
    assert "can't be used: it is read-only" in unprivileged("backfill").failed(1)
    assert unprivileged("statistics", "--csv").done().stdout == before


def test_a_folder_without_the_right_to_write_is_said(unprivileged: Unprivileged, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o500)
    assert "can't be" in unprivileged("backfill").failed(1)
    assert list((tmp_path / "data").iterdir()) == []


def test_output_that_the_disk_has_no_room_for_is_a_failure(settings: dict[str, str], tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        process = start([*COMMAND, "migrate"], settings, tmp_path, stdout=full.fileno())
    assert ended(process).failed(1) == "the output can't be written: the disk is full"


def test_likewise_in_this_process(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("volatility.cli.jobs.migrate", full)
    descriptor = os.dup(1)
    try:
        assert call("migrate").failed(1) == "the output can't be written: the disk is full"
    finally:
        os.dup2(descriptor, 1)
        os.close(descriptor)


def test_an_extra_that_is_absent_is_named_in_this_process(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_: object) -> int:
        raise ModuleNotFoundError("No module named 'rich'", name="rich")

    monkeypatch.setattr("volatility.cli.jobs.migrate", absent)
    assert call("migrate").failed(1).startswith("this command needs rich: install ")


@pytest.mark.parametrize(("command", "module"), [("sessions", "rich"), ("serve", "uvicorn"), ("run", "apscheduler")])
def test_an_extra_that_is_not_installed_is_named(
    command: str, module: str, settings: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nclass Absent:\n    def find_spec(self, name, path, target=None):\n"
        f"        if name == {module!r}: raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Absent())\n"
    )
    path = f"{tmp_path}{os.pathsep}{environment(settings)['PYTHONPATH']}"
    process = subprocess.Popen(
        [*COMMAND, command],
        env=environment(settings) | {"PYTHONPATH": path},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert ended(process).failed(1).startswith(f"this command needs {module}: install btc-volatility[api,embedded]")


def test_a_module_of_our_own_that_is_missing_is_a_defect_and_shown_as_one(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("volatility.cli.views", raising=False)
    monkeypatch.setitem(sys.modules, "volatility.cli.views", None)
    with pytest.raises(ModuleNotFoundError):
        call("sessions")


def test_an_error_of_the_system_that_nobody_expects_is_shown_as_it_is(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("volatility.cli.jobs.migrate", broken)
    with pytest.raises(OSError, match="Input/output error"):
        call("migrate")


def test_version_and_help_are_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    for argument, words in (("--version", "btc-volatility "), ("--help", "COMMAND")):
        with pytest.raises(SystemExit) as ending:
            main([argument])
        assert ending.value.code == 0
        assert words in capsys.readouterr().out


@pytest.mark.parametrize("command", SERVERS)
def test_a_port_in_use_is_said_before_anything_is_fetched(
    command: tuple[str], call: Call, exchange: SimulatedExchange
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        reason = call(*command, "--port", str(port)).failed(1)
    assert reason == f"can't listen on 127.0.0.1 port {port}: Address already in use; name others by --host and --port"
    assert exchange.requests() == []


def test_an_address_that_is_not_this_machines_is_said(call: Call) -> None:
    reason = call("serve", "--host", "192.0.2.1", "--port", "0").failed(1)
    assert reason.startswith("can't listen on 192.0.2.1 port 0: ")
    assert "\n" not in reason
