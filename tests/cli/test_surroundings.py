"""The folder one stands in, the file of settings that lies there, and names that others use too."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from tests.cli.conftest import Call
from tests.cli.support import COMMAND, free_port, run
from volatility.domain.errors import DataIncomplete
from volatility.frames import load_candles, load_sessions

VIEWS = [("statistics",), ("sessions",), ("today",), ("volatility",), ("scorecard",)]
SECRET = "hunter2-is-secret"
LINK = "tcp://10.96.7.12:8000"


@pytest.mark.parametrize("command", VIEWS)
def test_an_empty_database_is_named_in_full_and_that_no_settings_were_read(
    command: tuple[str], call: Call, tmp_path: Path
) -> None:
    file = tmp_path / "data" / "btc_volatility.sqlite3"
    assert call(*command).failed(1) == (
        f"the database SQLite file {file} (no .env in {tmp_path} was read) holds nothing yet: "
        "run btc-volatility backfill"
    )


def test_where_settings_were_read_only_the_file_is_named(call: Call, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=sqlite:///other.sqlite3\n")
    said = f"the database SQLite file {tmp_path / 'other.sqlite3'} holds nothing yet: run btc-volatility backfill"
    assert call("sessions").failed(1) == said


@pytest.mark.parametrize("load", [load_sessions, load_candles])
def test_a_notebook_in_another_folder_hears_the_same(
    load: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "DB_HOST"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(DataIncomplete) as caught:
        load()
    assert f"{tmp_path}/data/btc_volatility.sqlite3 (no .env in {tmp_path} was read)" in str(caught.value)


def test_the_form_with_a_colon_is_taken_as_compose_takes_it(call: Call, tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / ".env").write_text(f"DB_HOST: 127.0.0.1\nDB_PORT: {port}\nDB_USER: u\nDB_NAME: d\n")
    assert call("migrate").failed(1).startswith(f"the database 127.0.0.1:{port}/d can't be reached")
    assert [file.name for file in tmp_path.iterdir()] == [".env"]


@pytest.mark.parametrize("command", [("backfill",), ("today",), ("serve",)])
def test_a_line_that_cannot_be_read_stops_every_command(command: tuple[str], call: Call, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f'DB_PASSWORD={SECRET}\n\nSYMBOLS="ETHUSDT\n')
    outcome = call(*command)
    assert outcome.failed(2) == ".env line 3 opens a quote that is never closed"
    assert [file.name for file in tmp_path.iterdir()] == [".env"]


@pytest.mark.parametrize("command", [("migrate",), ("backfill",), ("today",), ("serve",), ("run",)])
def test_an_at_in_the_password_of_a_url_is_said_at_once(command: tuple[str], call: Call) -> None:
    began = time.monotonic()
    url = f"mysql+pymysql://at:geheim@{SECRET}@127.0.0.1:{free_port()}/field_a"
    outcome = call(*command, DATABASE_URL=url, DATABASE_RETRY_SECONDS="60")
    assert outcome.failed(2).startswith("DATABASE_URL must be an SQLAlchemy URL")
    assert time.monotonic() - began < 20
    for piece in ("geheim", SECRET, "127.0.0.1"):
        assert piece not in outcome.stdout + outcome.stderr


@pytest.mark.server
@pytest.mark.parametrize("content", [b"\xef\xbb\xbfp\r\n", b"p\n", "\ufeffp".encode()])
def test_a_password_file_as_windows_writes_it_logs_in(
    content: bytes, call: Call, mariadb_url: str, tmp_path: Path
) -> None:
    url = make_url(mariadb_url)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        user = f"'{url.database}'@'%%'"
        connection.exec_driver_sql(f"CREATE USER {user} IDENTIFIED BY 'p'")
        connection.exec_driver_sql(f"GRANT ALL ON {url.database}.* TO {user}")
    (tmp_path / "f").write_bytes(content)
    five = {"DB_HOST": str(url.host), "DB_PORT": str(url.port), "DB_NAME": str(url.database)}
    try:
        call("migrate", **five, DB_USER=str(url.database), DB_PASSWORD_FILE="f").done()
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"DROP USER {user}")


def test_a_service_link_stops_only_the_server_that_would_listen_there(call: Call) -> None:
    report = call("backfill", "--dry-run", API_PORT=LINK, DB_PORT=LINK).done().report
    assert report["symbol"] == "BTCUSDT"
    reason = call("serve", API_PORT=LINK).failed(2)
    assert reason.startswith("API_PORT looks like a Kubernetes service link: set enableServiceLinks: false")


def test_a_home_folder_in_a_url_is_the_users(settings: dict[str, str], tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    folder.mkdir()
    given = {**settings, "HOME": str(home), "DATABASE_URL": "sqlite:///~/btc.sqlite3"}
    outcome = run([*COMMAND, "migrate"], given, folder)
    assert (outcome.code, outcome.plain) == (0, [])
    assert json.loads(outcome.stdout) == {"migrated": f"SQLite file {home}/btc.sqlite3"}
    assert (home / "btc.sqlite3").is_file()
    assert list(folder.iterdir()) == []
    (folder / ".env").write_text("DATABASE_URL=sqlite:///$HOME/of-env.sqlite3\n")
    del given["DATABASE_URL"]
    assert run([*COMMAND, "migrate"], given, folder).code == 0
    assert (home / "of-env.sqlite3").is_file()
