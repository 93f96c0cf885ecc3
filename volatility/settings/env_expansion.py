"""``$NAME``, ``${NAME}`` and ``${NAME:-default}`` within a value, expanded as Compose does it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

_LETTER: Final = "_a-zA-Z\u017f\u212a"  # the last two are s and k to a pattern that does not tell capitals
_IDENTIFIER: Final = rf"[{_LETTER}][{_LETTER}0-9]*"
_VARIABLE: Final = re.compile(
    rf"\$(?:(?P<escaped>\$)|(?P<named>{_IDENTIFIER})|{{(?:(?P<braced>{_IDENTIFIER}(?::?[-+?].*)?)}}|(?P<invalid>)))"
)
_BRACED: Final = re.compile(rf"(?P<name>{_IDENTIFIER})(?:(?P<colon>:?)(?P<operator>[-+?])(?P<word>(?s:.*)))?")

Lookup = Callable[[str], str | None]


class CannotExpand(Exception):
    """A value can't be expanded; the message says why and shows nothing of it."""


class Expanded(NamedTuple):
    """A value, and whether a variable that is not set went into it as nothing."""

    value: str
    unset: bool


def expanded(text: str, lookup: Lookup) -> Expanded:
    """A value with its variables expanded.

    Raises:
        CannotExpand: for a ``${`` that is not one of the known forms, and for a variable that must be set and is not.
    """
    expansion = _Expansion(lookup)
    return Expanded(expansion.of(text), expansion.unset)


class _Expansion:
    """One value's expansion, the values of defaults included."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self.unset = False

    def of(self, text: str) -> str:
        """A text with its variables expanded."""
        return _VARIABLE.sub(self._one, text)

    def _one(self, match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        if match["named"]:
            return self._plain(match["named"])
        if match["braced"] is None:
            raise CannotExpand("holds a ${ that can't be expanded")
        return self._braced(match[0])

    def _braced(self, found: str) -> str:
        """``${…}``, found up to the line's last brace: what stands behind its own is a text of its own."""
        end = _own_brace(found)
        inner = _BRACED.fullmatch(found, 2, end)
        if inner is None:  # `${A}` can't end within its name
            raise CannotExpand("holds a ${ that can't be expanded")
        if inner["operator"] is None:
            return self._plain(inner["name"]) + self.of(found[end + 1 :])
        return self._chosen(inner) + self.of(found[end + 1 :])

    def _chosen(self, inner: re.Match[str]) -> str:
        value, word = self._lookup(inner["name"]), self.of(inner["word"])
        there = value is not None and not (inner["colon"] and not value)
        if inner["operator"] == "+":
            return word if there else value or ""
        if there:
            return value or ""
        if inner["operator"] == "?":
            raise CannotExpand("demands a variable that is not set")
        return word

    def _plain(self, name: str) -> str:
        value = self._lookup(name)
        self.unset = self.unset or value is None
        return value or ""


def _own_brace(found: str) -> int:
    """Where the brace that was opened first is closed; the end where braces do not pair. Compose's way to count."""
    depth, at = 0, 0
    while at < len(found):
        if found[at] == "}":
            depth -= 1
            if depth == 0:
                return at
        elif found[at] == "{":
            depth += 1
            at += 1  # what follows an opening brace is not looked at
        at += 1
    return len(found) - 1
