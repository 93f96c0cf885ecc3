"""A ``.env`` file, read by Compose's rule, so that a value means the same in containers and without them.

What Compose refuses is refused here, and what is taken has the value that Compose gives it. A few lines that Compose
takes by guessing are refused as well: text behind a closing quote, a blank within a name, bytes that are no UTF-8. A
complaint names the file and the line, and never shows what stands there: it may be a password.

``python -m volatility.settings COMMAND …`` runs a command with the values of ``.env`` in its environment.
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from volatility.domain.errors import SettingError
from volatility.settings.env_expansion import CannotExpand, expanded

_LARGEST: Final = 1 << 20
_SPACE: Final = "\t\v\f\r \x85\xa0"  # a blank within a line, as Compose has it
_ANY_SPACE: Final = _SPACE + "\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_UP_TO_STATEMENT: Final = re.compile(rf"(?:[{_ANY_SPACE}\n]|#[^\n]*)*")
_EXPORT: Final = re.compile(rf"export[\t\n\f\r ]+[{_SPACE}]*")
_NAME: Final = re.compile(r"([^=:\n]*)([=:\n]|$)")
_BLANKS: Final = re.compile(rf"[{_SPACE}]*")
_TRAILING: Final = re.compile(rf"[{_ANY_SPACE}\n]+\Z")
_QUOTED: Final = re.compile(r"""(?s:'((?:[^\\']|\\.)*)'|"((?:[^\\"]|\\.)*)")""")
_PAIR: Final = re.compile(r"\\(.)", re.DOTALL)
_AFTER_QUOTE: Final = re.compile(rf"[{_ANY_SPACE}]*(?:#[^\n]*)?(?:\n|\Z)")
_ESCAPE: Final = re.compile(r"""\\(?:[abcfnrtv$"\\]|0[0-9]{0,3})""")
_MEANT: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", '"': '"', "\\": "\\"}
_HINT: Final = "write $$ for a dollar sign, or put the value in single quotes"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


class EnvFile(NamedTuple):
    """What a file says, and what there is to warn of, one line each."""

    values: dict[str, str]
    warnings: tuple[str, ...]


def read_env_file(path: Path, environment: Mapping[str, str]) -> EnvFile | None:
    """What the file says, None where there is no such file (or a folder of that name, as a virtual environment is).

    Raises:
        SettingError: for a file or a line that can't be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None
    except OSError as error:
        raise SettingError(str(path), f"can't be read: {error.strerror}") from None
    if len(content) > _LARGEST:
        raise SettingError(str(path), "can't be read: it is larger than 1 MB, and no file of settings is")
    if content.startswith(_UTF_16):
        raise SettingError(str(path), "can't be read: it is UTF-16 text, save it as UTF-8")
    text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    return _Statements(str(path), text, environment).read()


class _Statements:
    """The statements of a file, one after the other."""

    def __init__(self, file: str, text: str, environment: Mapping[str, str]) -> None:
        self._file, self._text, self._environment = file, text, environment
        self._at = self._start = 0
        self._values: dict[str, str] = {}
        self._warnings: list[str] = []

    def read(self) -> EnvFile:
        """All of them; a name that comes twice has its last value."""
        while self._find_statement():
            name, has_value = self._name()
            if has_value:
                self._values[name] = self._usable(self._value())
            elif name in self._environment:
                self._values[name] = self._environment[name]
        return EnvFile(self._values, tuple(self._warnings))

    def _find_statement(self) -> bool:
        self._start = self._at = self._after(_UP_TO_STATEMENT)
        return self._at < len(self._text)

    def _after(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self._text, self._at)
        return match.end() if match else self._at

    def _name(self) -> tuple[str, bool]:
        """A name, and whether a value follows; without one, on a line of its own, it is the environment's."""
        exported = self._after(_EXPORT)
        self._at, is_export = exported, exported > self._at
        match = _NAME.match(self._text, self._at)
        assert match is not None  # noqa: S101 - it matches the empty string
        name, end = match[1].rstrip(_SPACE), match[2]
        if not end or not all(map(_may_be_in_a_name, name)) or not (name or (is_export and end == "\n")):
            raise self._wrong("is not of the form NAME=value")
        self._at = match.end()
        self._at = self._after(_BLANKS)
        return name, end != "\n"

    def _value(self) -> str:
        if self._text[self._at : self._at + 1] in {"'", '"'}:
            return self._quoted()
        end = self._text.find("\n", self._at)
        line = self._text[self._at : end if end >= 0 else None]
        self._at = end + 1 if end >= 0 else len(self._text)
        return self._expanded(_TRAILING.sub("", line.partition(" #")[0]))

    def _quoted(self) -> str:
        quote = self._text[self._at]
        match = _QUOTED.match(self._text, self._at)
        if not match:
            raise self._wrong("opens a quote that is never closed")
        self._at = match.end()
        after = _AFTER_QUOTE.match(self._text, self._at)
        if not after:
            raise self._wrong("has text behind the closing quote; is a quote missing, or one too many?")
        self._at = after.end()
        literal = _PAIR.sub(lambda pair: quote if pair[1] == quote else pair[0], match[0][1:-1])
        return literal if quote == "'" else self._expanded(_ESCAPE.sub(_unescaped, literal))

    def _expanded(self, value: str) -> str:
        try:
            result = expanded(value, self._looked_up)
        except CannotExpand as error:
            raise self._wrong(f"{error}; {_HINT}") from None
        if result.unset:
            self._warnings.append(
                f"{self._file} line {self._line()}: a variable that is not set is taken as empty; {_HINT}"
            )
        return result.value

    def _looked_up(self, name: str) -> str | None:
        return self._environment.get(name, self._values.get(name))

    def _usable(self, value: str) -> str:
        if "\0" in value:
            raise self._wrong("holds a NUL character; is the file UTF-16 text? Save it as UTF-8")
        if any("\ud800" <= char <= "\udfff" for char in value):
            raise SettingError(self._file, f"can't be read: line {self._line()} is not UTF-8 text, save it as UTF-8")
        return value

    def _line(self) -> int:
        return self._text.count("\n", 0, self._start) + 1

    def _wrong(self, rule: str) -> SettingError:
        return SettingError(f"{self._file} line {self._line()}", rule)


def _may_be_in_a_name(char: str) -> bool:
    return char in "_.-[]" or unicodedata.category(char)[0] in "LN"


def _unescaped(escape: re.Match[str]) -> str:
    """What an escape within double quotes means. A dollar sign stays doubled until variables are expanded."""
    kind = escape[0][1:]
    if kind == "$":
        return "$$"
    if kind[0] == "0":  # octal, of three digits; what is none loses its zero
        digits = kind[1:]
        octal = len(digits) == 3 and not set(digits) & {"8", "9"} and int(digits, 8) < 256
        return chr(int(digits, 8)) if octal else "\\" + digits
    return _MEANT.get(kind, escape[0])


def environment_with(path: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment, and from the file what that does not name."""
    found = read_env_file(path, environment)
    return {**(found.values if found else {}), **environment}


def main(command: Sequence[str]) -> int:
    """Become a command with the values of ``.env`` in its environment; 2 for a file that can't be read."""
    try:
        environment = environment_with(Path(".env"), os.environ)
    except SettingError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    return os.execvpe(command[0], list(command), environment)  # noqa: S606 - the caller's own command
