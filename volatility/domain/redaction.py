"""The one place that makes words of others safe to pass on.

A driver's exception can be the password itself, a URL that a library quotes can hold half of it, and a traceback shows
what a function was called with. So settings tell this module every secret that they hold (``keep_secret``), and

- words of a library go through ``words_of`` before they become part of a message;
- what a process writes goes through ``guard``: its logs and its tracebacks.

A secret is known in each form in which libraries are seen to show it: as it is, percent-encoded, escaped, as bytes, as
UTF-8 read as Latin-1, in base64.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from types import TracebackType
from typing import Any, Final
from urllib.parse import quote, quote_plus, unquote

HIDDEN: Final = "***"
_LOGIN: Final = re.compile(r"(?<=://)[^\s/@]*@|(?<=://)[^\s@'\"]*:[^\s@'\"]*@")
_BREAKS: Final = re.compile(r"[^\w.~+!$*-]+")  # where a library that reads a URL or a list may cut a secret in two
_SHORTEST: Final = 4  # a shorter secret is hidden as a whole word only, and a shorter piece is no secret
_LONGEST_WORDS: Final = 300
_secrets: set[str] = set()


def keep_secret(*secrets: str | None) -> None:
    """Hide these strings from now on, in the whole process; None and empty ones are passed over."""
    _secrets.update(secret for secret in secrets if secret)


def keep_login(login: str) -> None:
    """Hide the password of ``user:password``, as it is and percent-decoded, and what HTTP makes of both."""
    user, _, password = login.partition(":")
    for name, secret in ((user, password), (unquote(user), unquote(password))):
        keep_secret(secret)
        if secret:
            keep_secret(*(base64.b64encode(f"{name}:{secret}".encode(code, "replace")).decode() for code in _CODES))


def keep_login_of(url: str) -> None:
    """Hide the password of a URL, however badly the URL is written: all that stands before its last ``@``."""
    _, found, rest = url.partition("://")
    login, at, _ = (rest if found else url).rpartition("@")
    if at:
        keep_login(login)


def redact(text: str) -> str:
    """A text of our own without the secrets that may have come into it, and without the login of any URL."""
    return _LOGIN.sub(f"{HIDDEN}@", _hidden(text, frozenset(_secrets), pieces=False))


def gives_away(text: str) -> bool:
    """Whether a secret, a piece of one, or the login of a URL stands in a text."""
    return bool(_LOGIN.search(text)) or _hidden(text, frozenset(_secrets), pieces=True) != text


def words_of(error: BaseException | str, limit: int = _LONGEST_WORDS) -> str:
    """What a library says, in one line and safe to pass on: without any secret or piece of one.

    The driver's habit of ``(number, words)`` is known: the words are taken.
    """
    if isinstance(error, str):
        said: object = error
    else:
        said = error.args[1] if len(error.args) > 1 else (error.args[0] if error.args else "") or type(error).__name__
    line = " ".join(_text(said).split())
    return _LOGIN.sub(f"{HIDDEN}@", _hidden(line, frozenset(_secrets), pieces=True))[:limit]


def _text(said: object) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def guard() -> None:
    """Make safe what this process writes by itself: logs by the handlers that are there now, and tracebacks."""
    loggers = [logging.getLogger(), *map(logging.getLogger, list(logging.Logger.manager.loggerDict))]
    for handler in {id(handler): handler for logger in loggers for handler in logger.handlers}.values():
        if not isinstance(handler.formatter, RedactingFormatter):
            handler.setFormatter(RedactingFormatter(handler.formatter))
    sys.excepthook = _excepthook
    threading.excepthook = _thread_excepthook


class RedactingFormatter(logging.Formatter):
    """Formats as another formatter does, and hides secrets in the outcome, tracebacks included."""

    def __init__(self, inner: logging.Formatter | None = None) -> None:
        super().__init__()
        self._inner = inner or logging.Formatter()

    def format(self, record: logging.LogRecord) -> str:
        """One record as text. One that can't be made a text would otherwise be printed with all that belongs to it."""
        try:
            return redact(self._inner.format(record))
        except Exception as error:  # noqa: BLE001 - whatever it is
            return f"{record.levelname} {record.name}: a line that can't be written: {type(error).__name__}"


def _excepthook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    sys.stderr.write(redact("".join(traceback.format_exception(kind, error, trace))))


def _thread_excepthook(arguments: Any) -> None:
    if arguments.exc_type is not SystemExit:
        _excepthook(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)


_CODES: Final = ("utf-8", "latin-1")


def _spellings(secret: str) -> Iterator[str]:
    """The forms in which a library may show a secret."""
    encoded = secret.encode("utf-8", "surrogatepass")
    yield secret
    yield from (quote(encoded), quote(encoded, safe=""), quote_plus(encoded), unquote(secret))
    yield from (repr(secret)[1:-1], ascii(secret)[1:-1], json.dumps(secret)[1:-1], repr(encoded)[2:-1])
    yield encoded.decode("latin-1")
    yield repr(encoded.decode("latin-1"))[1:-1]
    yield base64.b64encode(encoded).decode()
    stripped = secret.strip("\ufeff \t\r\n")
    if stripped != secret:
        yield from _spellings(stripped)


def _hidden(text: str, secrets: frozenset[str], *, pieces: bool) -> str:
    pattern = _pattern(secrets, pieces=pieces)
    return pattern.sub(HIDDEN, text) if pattern else text


@lru_cache(maxsize=8)
def _pattern(secrets: frozenset[str], *, pieces: bool) -> re.Pattern[str] | None:
    """One pattern of all spellings, the longest first."""
    spellings = {spelling for secret in secrets for spelling in _spellings(secret) if spelling}
    if pieces:
        cut: Callable[[str], Iterable[str]] = _BREAKS.split
        spellings |= {piece for spelling in spellings for piece in cut(spelling) if len(piece) >= _SHORTEST}
    if not spellings:
        return None
    ordered = sorted(spellings, key=len, reverse=True)
    return re.compile("|".join(map(_matched, ordered)), re.IGNORECASE)


def _matched(spelling: str) -> str:
    escaped = re.escape(spelling)
    return escaped if len(spelling) >= _SHORTEST else rf"(?<!\w){escaped}(?!\w)"
