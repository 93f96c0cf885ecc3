"""How numbers are to be written, by another route than the page's: decimals, by hand, for both languages."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from volatility.presentation.fields import Language
from volatility.presentation.words import WORDS
from volatility.presentation.words.message import said

_SPACE: Final = "\N{NO-BREAK SPACE}"
_GROUP: Final = {"en": ",", "ru": _SPACE}
_POINT: Final = {"en": ".", "ru": ","}


def number(value: float, decimals: int, language: Language) -> str:
    """Grouped by thousands; the minus is U+2212."""
    rounded = abs(Decimal(repr(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    whole, _, fraction = f"{rounded:f}".partition(".")
    grouped = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", _GROUP[language], whole)
    minus = "\N{MINUS SIGN}" if value < 0 and rounded else ""
    return f"{minus}{grouped}{_POINT[language] * bool(fraction)}{fraction}"


def figure(value: float, language: Language) -> str:
    """Whole from 100 up."""
    return number(value, 0 if abs(value) >= 100 else 2, language)


def dollars(value: float, language: Language) -> str:
    """With the sign where the language has it."""
    text = figure(value, language)
    if language == "ru":
        return f"{text}{_SPACE}$"
    return f"\N{MINUS SIGN}${text[1:]}" if value < 0 else f"${text}"


def whole_dollars(value: float, language: Language) -> str:
    """Beside amounts from 100 up."""
    text = number(value, 0, language)
    if language == "ru":
        return f"{text}{_SPACE}$"
    return f"\N{MINUS SIGN}${text[1:]}" if text.startswith("\N{MINUS SIGN}") else f"${text}"


def profit(value: float, language: Language) -> str:
    """The same with its sign."""
    rounded = Decimal(repr(value)).quantize(Decimal(1), ROUND_HALF_UP)
    return "+" * (rounded > 0) + whole_dollars(value, language)


def percent(value: float, decimals: int, language: Language) -> str:
    """With its sign."""
    return number(value, decimals, language) + (f"{_SPACE}%" if language == "ru" else "%")


def probability(value: float, language: Language) -> str:
    """Whole, never 0 and never 100."""
    if value < 0.01:
        return "<" + percent(1, 0, language)
    return ">" + percent(99, 0, language) if value > 0.99 else percent(value * 100, 0, language)


def of100(value: float, language: Language) -> str:
    """Within 1 and 99 unless exactly none or all."""
    whole = int((Decimal(repr(value)) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    return number(whole if value in {0, 1} else min(99, max(1, whole)), 0, language)


def _words(key: str) -> Any:
    def written(value: float, language: Language) -> str:
        template = WORDS[key].in_language(language).replace("#", number(value, 0, language))
        return said(template, language, {"n": value})

    return written


def _end(*, low: bool) -> Any:
    """One of two amounts that share a sign: English writes it before the lower, Russian behind the higher."""

    def written(value: float, language: Language) -> str:
        return dollars(value, language) if low == (language == "en") else figure(value, language)

    return written


# By how a field ends; the first that fits.
RULES: Final[tuple[tuple[str, Any], ...]] = (
    (r"\.quantiles\.p25", _end(low=True)),
    (r"\.quantiles\.p75", _end(low=False)),
    (r"\.quantiles\.p\d+|straddle\.strike", figure),
    (r"percentile_by_elapsed\.\w+", of100),
    (r"_pct", lambda value, language: percent(value, 2, language)),
    (r"\.expected_profit", profit),
    (r"\.(volatility|range|fair|premium)", dollars),
    (r"\.(price|open|high|low)", lambda value, language: number(value, 2, language)),
    (r"\.probability", probability),
    (r"\.randomised", lambda value, language: percent(value * 100, 1, language)),
    (r"\.candles", lambda value, language: number(value, 0, language)),
    (r"\.sessions", _words("trust.sessions")),
    (r"\.gap_hours", _words("trust.gap.hours")),
)
TIMES: Final = ("live.as_of", "live.close_time")  # ages and countdowns, which tests of their own compare


def written(field: str, value: float, language: Language) -> str:
    """How a field's number is to be written."""
    rule = next(rule for pattern, rule in RULES if re.search(f"(?:{pattern})$", field))
    return str(rule(value, language))


def at(answers: dict[str, Any], field: str) -> Any:
    """The value at a path such as `live.odds.fan.0.elapsed`."""
    value: Any = answers
    for step in field.split("."):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value
