"""Rules for the values of settings and arguments. A value that breaks one is told what it has to be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Final
from unicodedata import category, normalize
from urllib.parse import SplitResult, urlsplit

from volatility.domain.errors import SettingError

SYMBOL_LENGTH: Final = 20  # characters, of any script
_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")
# What other programs that read a LOG_LEVEL from the same surroundings call theirs.
_OTHER_LEVELS: Final = {
    "TRACE": "DEBUG", "VERBOSE": "DEBUG", "NOTICE": "INFO", "WARN": "WARNING",
    "CRITICAL": "ERROR", "FATAL": "ERROR",
}  # fmt: skip
_SERVICE_LINK: Final = re.compile(r"(?:tcp|udp|sctp)://")


def as_symbol(text: str) -> str:
    """A text as the exchange names a symbol: in capitals, and composed (NFC)."""
    return normalize("NFC", text.strip()).upper()


def parse_symbol(name: str, value: str) -> str:
    """A symbol such as BTCUSDT or 币安人生USDT, from either case."""
    symbol = normalize("NFC", value.strip())
    if not 2 <= len(symbol) <= SYMBOL_LENGTH or not all(map(_may_be_in_a_symbol, symbol)):
        rule = f"must be a symbol such as BTCUSDT: 2 to {SYMBOL_LENGTH} letters and digits"
        raise SettingError(name, rule if value.isascii() else f"{rule}, Latin or Chinese", value)
    return symbol.upper()


def _may_be_in_a_symbol(character: str) -> bool:
    """Latin letters and digits, and scripts without capitals.

    Cyrillic letters look like Latin ones, and are refused.
    """
    if character.isascii():
        return character.isalnum()
    return category(character) in {"Lo", "Lm", "Mn", "Mc"}


def parse_date(name: str, value: str) -> date:
    """A date as YYYY-MM-DD."""
    try:
        return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise SettingError(name, "must be a date as YYYY-MM-DD", value) from None


def each(values: Mapping[str, str], name: str, parse: Callable[[str, str], object]) -> tuple:  # type: ignore[type-arg]
    """The comma-separated parts, each parsed, none twice."""
    parts = [parse(name, part.strip()) for part in values[name].split(",") if part.strip()]
    if not parts:
        raise SettingError(name, "must name at least one", values[name])
    return tuple(dict.fromkeys(parts))


def parse_url(name: str, value: str) -> str:
    """A base URL without a slash at its end."""
    if "@" in value:  # it would be printed with every failure
        raise SettingError(name, "must hold URLs without user name and password")
    parts = _web_address(value)
    if parts is None or parts.query or parts.fragment:
        raise SettingError(name, "must hold URLs as https://host, separated by commas", value)
    return value.rstrip("/")


def _web_address(value: str) -> SplitResult | None:
    """The parts of a URL of the web; None where it is none."""
    try:
        parts = urlsplit(value)
        return parts if parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


def parse_origin(name: str, value: str) -> str:
    """A page's origin as browsers name it, or * for any."""
    if value == "*":
        return value
    if "@" in value:  # it would be printed
        raise SettingError(name, "must hold origins without user name and password")
    parts = _web_address(value)
    if parts is None or value != f"{parts.scheme}://{parts.netloc}":
        raise SettingError(name, "must hold origins as https://host, separated by commas, or *", value)
    return value.lower()


def parse_window(name: str, value: str) -> int:
    """A number of sessions."""
    if not value.isdecimal() or not 1 <= int(value) <= 365:
        raise SettingError(name, "must hold whole numbers of sessions from 1 to 365, separated by commas", value)
    return int(value)


def is_service_link(value: str) -> bool:
    """Whether it is what Kubernetes sets for each service: API_PORT=tcp://10.96.7.12:8000 for one named api."""
    return bool(_SERVICE_LINK.match(value))


def whole(values: Mapping[str, str], name: str, least: int, most: int) -> int:
    """A whole number within bounds."""
    value = values[name]
    if is_service_link(value):
        raise SettingError(
            name,
            "looks like a Kubernetes service link: set enableServiceLinks: false for the pod, or set it to a number",
            value,
        )
    if not value.isdecimal() or not least <= int(value) <= most:
        raise SettingError(name, f"must be a whole number from {least} to {most}", value)
    return int(value)


def number(values: Mapping[str, str], name: str, least: float, most: float) -> float:
    """A number of seconds within bounds."""
    try:
        number = float(values[name])
    except ValueError:
        number = float("nan")
    if not least <= number <= most:
        raise SettingError(name, f"must be a number of seconds from {least:g} to {most:g}", values[name])
    return number


def switch(values: Mapping[str, str], name: str) -> bool:
    """On or off."""
    value = values[name].lower()
    if value not in {"on", "off"}:
        raise SettingError(name, "must be on or off", values[name])
    return value == "on"


def level(value: str) -> str:
    """A level of logging, by its own name or by what other programs call it."""
    known = _OTHER_LEVELS.get(value.upper(), value.upper())
    if known not in _LEVELS:
        raise SettingError("LOG_LEVEL", "must be one of " + ", ".join(_LEVELS), value)
    return known
