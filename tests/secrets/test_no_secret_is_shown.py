"""A secret in any setting that can hold one is in nothing that the program writes, sends or answers."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from api.app import create_app
from tests.api.world import Process, listening
from tests.secrets.places import PASSWORDS, PLACES, fill, forms
from tests.support.network import Listener
from volatility.cli import main
from volatility.domain.errors import SettingError
from volatility.settings import DEFAULTS, Settings

COMMANDS = (["backfill"], ["today"], ["migrate"], ["aggregate"], ["statistics", "--json"], ["sessions", "--csv"])
PATHS = (
    "/statistics",
    "/today",
    "/sessions",
    "/odds",
    "/readyz",
    "/symbols",
    "/metrics",
    "/healthz",
    "/docs",
    "/openapi.json",
)
NETWORK = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "NETRC", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
IMPATIENT = {"BINANCE_RETRY_SECONDS": "0", "DATABASE_RETRY_SECONDS": "0", "LOG_LEVEL": "DEBUG"}
REFUSES = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"


class Recorder:
    """Refuses whoever connects, as a proxy that wants another login would, and keeps what it was sent."""

    def __init__(self) -> None:
        self._heard: list[bytes] = []
        self._listener = Listener(self._refuse)
        self.port = self._listener.port

    @property
    def heard(self) -> bytes:
        """All that was sent."""
        return b"".join(self._heard)

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()

    def _refuse(self, connection: socket.socket) -> None:
        connection.settimeout(0.2)  # a database's client waits for the server to begin
        with suppress(TimeoutError):
            self._heard.append(connection.recv(65536))
        connection.sendall(REFUSES)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    """A party that refuses: the proxy, the exchange or the database server."""
    server = Recorder()
    yield server
    server.close()


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without settings, with logging put back afterwards."""
    for name in {*DEFAULTS, *NETWORK}:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", root.handlers[:])
    monkeypatch.setattr(root, "level", root.level)
    return monkeypatch


def found(secret: str, shown: dict[str, str]) -> list[str]:
    """Where a form of the secret stands in what was shown."""
    return [f"{form!r} in {where}: {text}" for where, text in shown.items() for form in forms(secret) if form in text]


def written(folder: Path, given: set[str]) -> dict[str, str]:
    """The files that a run made, as text."""
    made = (file for file in folder.rglob("*") if file.is_file() and file.name not in given)
    return {str(file): file.read_bytes().decode("utf-8", "replace") for file in made}


@pytest.mark.parametrize("place", PLACES)
def test_no_command_shows_a_secret(
    place: str, tmp_path: Path, recorder: Recorder, bare: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    shown: list[str] = []
    for number, (kind, secret) in enumerate(PASSWORDS.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        put = PLACES[place](secret)
        settings = IMPATIENT | fill(put, folder, port=recorder.port, proxy=recorder.port)
        settings.setdefault("BINANCE_URLS", f"http://127.0.0.1:{recorder.port}")
        with bare.context() as changed:
            changed.chdir(folder)
            for name, value in settings.items():
                changed.setenv(name, value)
            for command in (COMMANDS[number % len(COMMANDS)], ["backfill"]):
                code = main(command)
                out, err = capfd.readouterr()
                needs_nobody = command == ["migrate"] and "DB_HOST" not in settings and "DATABASE_URL" not in settings
                assert code in ({0, 2} if needs_nobody else {1, 2}), f"{kind}: {command} ended with {code}: {out}{err}"
                assert "Traceback" not in err, f"{kind}: {err}"
                shown += found(secret, {f"{kind}: {' '.join(command)}": out + err})
        shown += found(secret, written(folder, set(put.files)))
        if place == ".netrc":
            shown += found(secret, {f"{kind}: what the exchange heard": recorder.heard.decode("latin-1")})
            assert b"uthorization" not in recorder.heard
    assert shown == []


@pytest.mark.parametrize(("place", "kind"), [*zip(PLACES, [*PASSWORDS, *PASSWORDS], strict=False)])
def test_no_answer_and_no_log_of_the_api_shows_a_secret(
    place: str, kind: str, tmp_path: Path, recorder: Recorder, bare: pytest.MonkeyPatch
) -> None:
    secret = PASSWORDS[kind]
    bare.delenv("HTTP_PROXY", raising=False)
    settings = IMPATIENT | fill(PLACES[place](secret), tmp_path, port=recorder.port, proxy=recorder.port)
    settings.setdefault("BINANCE_URLS", f"http://127.0.0.1:{recorder.port}")
    process = Process(settings, tmp_path)
    shown = {}
    try:
        if started(process):
            with requests.Session() as session:
                session.trust_env = False
                for path in PATHS:
                    answer = session.get(process.url + path, timeout=30)
                    shown[path] = f"{answer.headers}\n{answer.text}"
        process.terminate()
        code, out, err = process.end()
    finally:
        process.kill()
    shown["its output"] = out + err
    assert found(secret, shown) == []
    assert shown.keys() > {"its output"} or "Traceback" not in err, f"ended with {code}: {err}"


URL_PLACES = [place for place in PLACES if "URL" in place or "PROXY" in place.upper()]
TRIP = ("at", "colon and slash", "hash and question mark", "bracket", "percent", "Cyrillic", "byte-order mark")


@pytest.mark.parametrize("place", URL_PLACES)
def test_no_answer_shows_a_secret_that_trips_a_parser_of_urls(
    place: str, tmp_path: Path, recorder: Recorder, bare: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for kind in TRIP:
        folder = tmp_path / kind
        folder.mkdir()
        settings = IMPATIENT | fill(PLACES[place](PASSWORDS[kind]), folder, port=recorder.port, proxy=recorder.port)
        settings.setdefault("BINANCE_URLS", f"http://127.0.0.1:{recorder.port}")
        shown = {}
        with bare.context() as changed:
            changed.chdir(folder)
            try:
                read = Settings.of(settings)
                with listening(create_app(read)) as url, requests.Session() as session:
                    session.trust_env = False
                    for path in ("/statistics", "/today", "/readyz"):
                        answer = session.get(url + path, timeout=30)
                        shown[path] = f"{answer.headers}\n{answer.text}"
            except SettingError as error:
                shown["the setting's error"] = str(error)
        shown["the log"] = caplog.text
        caplog.clear()
        assert len(shown) > 1
        assert found(PASSWORDS[kind], shown) == [], kind


def started(process: Process) -> bool:
    """Whether the API came up: wrong settings stop it."""
    with suppress(AssertionError):
        process.await_start()
        return True
    return False


def test_the_search_finds_a_secret_that_is_shown() -> None:
    """The tests above can fail."""
    for secret in PASSWORDS.values():
        assert found(secret, {"a message": f"could not log in with {secret}"})
        assert found(secret, {"bytes": f"could not log in with {secret.encode()!r}"})
        assert found(secret, {"half": max(forms(secret), key=len)})
