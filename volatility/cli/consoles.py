"""Consoles that can't show every character: plain ones in their place, never a traceback."""

from __future__ import annotations

import codecs
import io
import sys
import unicodedata
from typing import Final

_HANDLER: Final = "volatility.plain"
_PLAIN: Final = str.maketrans({
    **dict.fromkeys("\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}–—\N{MINUS SIGN}", "-"),
    **dict.fromkeys("‘’‚′", "'"),
    **dict.fromkeys("“”„«»″", '"'),
    **dict.fromkeys("•·●", "*"),
    **dict.fromkeys("─━╌╍╴╸╶╺", "-"),
    **dict.fromkeys("│┃╎╏", "|"),
    "…": "...",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "≈": "~",
    "→": "->",
    "←": "<-",
    "×": "x",
    **dict.fromkeys("÷\N{FRACTION SLASH}", "/"),
    "€": "EUR",
    "№": "No.",
})  # fmt: skip


def never_fail() -> None:
    """Let stdout and stderr write what their encoding lacks in plain characters. To be called once, by a program."""
    codecs.register_error(_HANDLER, _in_plain_characters)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)


def _in_plain_characters(error: UnicodeError) -> tuple[str, int]:
    """What stands for characters that can't be encoded, and where to go on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_plain, error.object[error.start : error.end])), error.end


def _plain(character: str) -> str:
    """ASCII for a character: its like, the letter without its marks, else its number."""
    like = character.translate(_PLAIN)
    if not like.isascii():
        parts = unicodedata.normalize("NFKD", character)
        like = "".join(part for part in parts if not unicodedata.combining(part)).translate(_PLAIN)
    return like if like and like.isascii() else character.encode("ascii", "backslashreplace").decode()
