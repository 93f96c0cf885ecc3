"""Words of others, made safe: whatever a library does to a secret before it shows it."""

from __future__ import annotations

import base64
import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from volatility.domain import redaction
from volatility.domain.redaction import RedactingFormatter, keep_login_of, keep_secret, redact, words_of

# What a password may hold that a parser trips over, and letters that no part of a message holds by chance.
ODD = st.text(alphabet="%@:/#[]?&='\"\\ $,;{}!|~^ЖщЪßøλ🔑żq9X7", min_size=1, max_size=12)
SECRETS = st.builds("{}{}".format, st.sampled_from(["Zq9X7w", "Щуr4Ъя", "kV8_z2"]), ODD)
SHOWN_BY_LIBRARIES: dict[str, Callable[[str], str]] = {
    "as it is": lambda s: s,
    "in quotes": repr,
    "escaped": ascii,
    "as JSON": json.dumps,
    "as bytes": lambda s: repr(s.encode()),
    "as UTF-8 read as Latin-1": lambda s: s.encode().decode("latin-1"),
    "percent-encoded": lambda s: quote(s, safe=""),
    "percent-encoded but for slashes": quote,
    "as in a form": quote_plus,
    "in base64": lambda s: base64.b64encode(s.encode()).decode(),
    "in small letters, as a host": str.lower,
}


def alone(secret: str) -> None:
    """Keep this secret only: examples of one test share the process."""
    redaction._secrets.clear()
    keep_secret(secret)


@pytest.mark.parametrize("way", SHOWN_BY_LIBRARIES)
@settings(max_examples=30)
@given(secret=SECRETS)
def test_a_secret_is_hidden_in_every_form_in_which_libraries_show_it(way: str, secret: str) -> None:
    alone(secret)
    shown = SHOWN_BY_LIBRARIES[way](secret)
    for safe in (
        redact(f"could not log in with {shown}: refused"),
        words_of(f"could not log in with {shown}: refused"),
    ):
        assert secret not in safe
        assert shown not in safe
        assert safe.startswith("could not log in with ")
        assert safe.endswith(": refused")


@given(
    secret=SECRETS, separator=st.sampled_from("@:/#[?& "), second=st.sampled_from(["Nebenan2024", "другая7Половина"])
)
@example(secret="geheim7", separator="@", second="Nebenan2024")
def test_no_half_of_a_secret_that_a_parser_cut_in_two_is_shown(secret: str, separator: str, second: str) -> None:
    alone(f"{secret}{separator}{second}")
    assert second.lower() not in words_of(f"can't connect to {second}@127.0.0.1 ([Errno -2] Name unknown)").lower()


@pytest.mark.parametrize(
    "url",
    [
        "mysql+pymysql://at:geheim@Nebenan2024@127.0.0.1:3306/field_a",
        "http://ivan:geheim/Nebenan2024@proxy.corp:3128",
        "http://ivan:geheim#Nebenan2024@proxy.corp:3128",
        "ivan:geheim[Nebenan2024@proxy.corp:3128",
        "http://ivan:geheim%20Nebenan2024@proxy.corp:3128",
    ],
)
def test_the_login_of_a_url_is_found_however_badly_it_is_written(url: str) -> None:
    keep_login_of(url)
    for words in (url, f"Failed to parse: {url}", "'Nebenan2024' is not a host", "no scheme in 'geheim'"):
        safe = words_of(words)
        assert "geheim" not in safe
        assert "Nebenan2024" not in safe


def test_the_login_of_a_url_that_nobody_named_as_a_secret_is_hidden_too() -> None:
    assert redact("see https://somebody:Sommer2026@host/path") == "see https://***@host/path"
    assert words_of("GET https://token@host/path failed") == "GET https://***@host/path failed"
    assert redact("https://host/path?mail=a@b.c") == "https://host/path?mail=a@b.c"


def test_a_basic_header_of_a_login_is_hidden() -> None:
    keep_login_of("http://corp.user:Sommer2026@proxy:3128")
    header = base64.b64encode(b"corp.user:Sommer2026").decode()
    assert header not in redact(f"Proxy-Authorization: Basic {header}")


def test_short_secrets_are_hidden_as_whole_words_only() -> None:
    keep_secret("btc")
    assert words_of("access denied (password btc) to btc_volatility: run btc-x") == (
        "access denied (password ***) to btc_volatility: run ***-x"
    )


def test_what_holds_no_secret_stays_as_it_is() -> None:
    keep_secret("Zq9X7w", "", None)
    text = "Lost connection to MySQL server during query ([Errno 104] Connection reset by peer)"
    assert words_of(OSError(2013, text)) == text
    assert redact(text) == text


def test_words_of_an_exception_are_one_line_of_bounded_length() -> None:
    assert words_of(ValueError("one\n two\t three")) == "one two three"
    assert words_of(ValueError()) == "ValueError"
    assert words_of(OSError(5, b"bytes \xff")) == "bytes �"
    assert len(words_of(ValueError("x" * 10_000))) == 300


def test_a_secret_at_the_place_where_words_are_cut_off_is_not_shown_by_half() -> None:
    keep_secret("Geheimnis-Nummer-7")
    assert "Geheim" not in words_of("x" * 290 + " Geheimnis-Nummer-7")


def test_a_log_line_and_its_traceback_hide_secrets() -> None:
    keep_secret("Пароль-2024")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(RedactingFormatter(logging.Formatter("%(levelname)s %(message)s")))
    logger = logging.Logger("of this test")  # noqa: LOG001 - not one that other tests share
    logger.addHandler(handler)
    try:
        "Пароль-2024".encode("latin-1")
        raise RuntimeError("login with Пароль-2024 failed")
    except (UnicodeEncodeError, RuntimeError):
        logger.exception("logging in with %s", "Пароль-2024")
    assert stream.getvalue().startswith("ERROR logging in with ***\nTraceback")
    assert "Пароль" not in stream.getvalue()


SCRIPT = """
import logging, threading
from volatility.domain.redaction import guard, keep_secret
logging.basicConfig()
keep_secret("Geheim7Xq")
guard()
logging.error("with %s", "Geheim7Xq")
def fail(): raise RuntimeError("thread Geheim7Xq")
thread = threading.Thread(target=fail); thread.start(); thread.join()
raise RuntimeError("main Geheim7Xq")
"""


def test_a_guarded_process_shows_no_secret_in_logs_tracebacks_and_threads() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.count("***") >= 3
    assert "Geheim7Xq" not in done.stderr
