"""The API's address: taken at once, or refused in one line that says what to change."""

from __future__ import annotations

import re
import socket

import pytest

from volatility.domain.errors import Error
from volatility.server.http import listening, say
from volatility.settings import Settings


def settings(host: str, port: int) -> Settings:
    return Settings.of({"API_HOST": host, "API_PORT": str(port)})


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def test_the_address_that_the_settings_name_is_listened_on() -> None:
    port = free_port()
    with listening(settings("127.0.0.1", port)) as listener:
        assert listener.getsockname() == ("127.0.0.1", port)
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            pass


def test_an_address_of_the_sixth_version_has_a_socket_of_its_kind() -> None:
    with listening(settings("::1", free_port())) as listener:
        assert listener.family is socket.AF_INET6


def test_a_port_that_another_program_has_is_named_with_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = f"can't listen on 127.0.0.1 port {port}: Address already in use; name others by --host and --port"
        with pytest.raises(Error, match=f"^{re.escape(said)}$"):
            listening(settings("127.0.0.1", port))


def test_a_line_for_people_goes_where_they_look_and_not_into_what_is_piped(capsys: pytest.CaptureFixture[str]) -> None:
    say("API on http://localhost:8000")
    out, errors = capsys.readouterr()
    assert (out, errors) == ("", "API on http://localhost:8000\n")
