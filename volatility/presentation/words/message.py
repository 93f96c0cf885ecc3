"""Messages with placeholders: the part of ICU's MessageFormat that the catalogue of words needs.

`{x}` is a value; `{n, plural, one {# session} other {# sessions}}` is the form that the language has for `n`, in which
`#` is `n`. The same rules are in `api/page/js/words.js`; a test holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from volatility.presentation.fields import Language

# The plural categories that each language has, as CLDR names them.
CATEGORIES: Final[Mapping[Language, tuple[str, ...]]] = {"en": ("one", "other"), "ru": ("one", "few", "many", "other")}
_OPENING: Final = re.compile(r"\{(\w+)(?:\}|, plural, )")
_FORM: Final = re.compile(r"\s*(\w+) \{")


@dataclass(frozen=True)
class Plural:
    """The forms of a phrase by category, each a template in which `#` is the number."""

    name: str
    forms: Mapping[str, str]


@dataclass(frozen=True)
class Value:
    """The place of a value."""

    name: str


Part: TypeAlias = str | Value | Plural


def parts(template: str) -> Iterator[Part]:
    """The pieces of a template, in order.

    Raises:
        ValueError: where a brace has no partner.
    """
    at = 0
    while match := _OPENING.search(template, at):
        if plain := template[at : match.start()]:
            yield plain
        if match[0].endswith("}"):
            yield Value(match[1])
            at = match.end()
        else:
            forms, at = _forms(template, match.end())
            yield Plural(match[1], forms)
    if plain := template[at:]:
        if "{" in plain or "}" in plain:
            raise ValueError(f"a brace without a partner: {template!r}")
        yield plain


def placeholders(template: str) -> set[str]:
    """The names of the values that a template needs."""
    found = set()
    for part in parts(template):
        if isinstance(part, Value | Plural):
            found.add(part.name)
        if isinstance(part, Plural):
            found |= {name for form in part.forms.values() for name in placeholders(form)}
    return found


def category(number: float, language: Language) -> str:
    """The plural category of a number: 1 session, 2 сессии, 5 сессий, 1,5 сессии."""
    whole = int(number)
    if language == "en":
        return "one" if number == 1 else "other"
    if number != whole:
        return "other"
    if whole % 10 == 1 and whole % 100 != 11:
        return "one"
    return "few" if whole % 10 in (2, 3, 4) and whole % 100 not in (12, 13, 14) else "many"


def said(template: str, language: Language, values: Mapping[str, object]) -> str:
    """A template with its values; a plural's number is written as it is."""
    text = ""
    for part in parts(template):
        if isinstance(part, Value):
            text += str(values[part.name])
        elif isinstance(part, Plural):
            number = values[part.name]
            if not isinstance(number, int | float):
                raise TypeError(f"{part.name} is counted, so it must be a number: {number!r}")
            form = part.forms[category(number, language)]
            text += said(form.replace("#", str(number)), language, values)
        else:
            text += part
    return text


def _forms(template: str, at: int) -> tuple[dict[str, str], int]:
    """The forms of a plural, and where it ends."""
    forms = {}
    while match := _FORM.match(template, at):
        end = _closing(template, match.end())
        forms[match[1]] = template[match.end() : end]
        at = end + 1
    if template[at : at + 1] != "}":
        raise ValueError(f"a plural without its end: {template!r}")
    return forms, at + 1


def _closing(template: str, at: int) -> int:
    """Where the brace is closed that was opened before ``at``."""
    depth = 1
    for place in range(at, len(template)):
        depth += {"{": 1, "}": -1}.get(template[place], 0)
        if depth == 0:
            return place
    raise ValueError(f"a brace without a partner: {template!r}")
