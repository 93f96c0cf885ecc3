"""Settings: the environment and ``.env``, checked once, as one immutable object.

A wrong value stops the program at once with the name, the rule and the value. Secrets are never part of a message.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from ipaddress import IPv6Address
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values

from volatility.calendar import SessionCalendar
from volatility.errors import SettingError
from volatility.hours import to_ms
from volatility.metrics import DEFAULT_WINDOWS
from volatility.network import NAMES as NETWORK_NAMES
from volatility.network import PROXIES, Network, where_unset

EMBEDDED_DATABASE: Final = "sqlite:///data/btc_volatility.sqlite3"
DEFAULTS: Final[Mapping[str, str]] = {
    "DB_USER": "",
    "DB_PASSWORD": "",
    "DB_PASSWORD_FILE": "",
    "DB_HOST": "",
    "DB_PORT": "3306",
    "DB_NAME": "",
    "DATABASE_URL": "",
    "DATABASE_RETRY_SECONDS": "60",
    # The market-data host has no account behind it and is reachable where the trading API is not.
    "BINANCE_URLS": "https://data-api.binance.vision,https://api.binance.com,https://api-gcp.binance.com",
    "BINANCE_WEIGHT_LIMIT": "6000",
    "BINANCE_RETRY_SECONDS": "60",
    **dict.fromkeys(NETWORK_NAMES, ""),
    **{f"{name}_FILE": "" for name in PROXIES},
    "SYMBOLS": "BTCUSDT",
    "HISTORY_START": "2017-08-17",
    "SESSION_START": "11:00",
    "SESSION_TIMEZONE": "Europe/Moscow",
    "FORECASTS": "on",
    "WINDOWS": ",".join(map(str, DEFAULT_WINDOWS)),
    "API_HOST": "127.0.0.1",
    "API_PORT": "8000",
    "TODAY_CACHE_SECONDS": "2",
    "LOG_LEVEL": "INFO",
}
_HOST: Final = re.compile(r"[A-Za-z0-9_.-]+")
_SYMBOL: Final = re.compile(r"[A-Za-z0-9]{2,20}")
_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")
_SCHEMES: Final = ("mysql+pymysql", "mariadb+pymysql", "sqlite")


@dataclass(frozen=True)
class Settings:
    """Everything that can be set, checked. ``README.md`` and ``.env.example`` say what each means."""

    database_url: str = field(repr=False)
    database_retry_seconds: float
    binance_urls: tuple[str, ...]
    binance_weight_limit: int
    binance_retry_seconds: float
    network: Network
    symbols: tuple[str, ...]
    history_start_ms: int
    calendar: SessionCalendar
    windows: tuple[int, ...]
    forecasts: bool
    api_host: str
    api_port: int
    today_cache_seconds: float
    log_level: str

    @classmethod
    def load(cls, env_file: Path = Path(".env")) -> Self:
        """From the process's environment, and from ``.env`` what that does not name."""
        try:
            from_file = dotenv_values(env_file) if env_file.is_file() else {}
        except (OSError, UnicodeDecodeError) as error:
            raise SettingError(str(env_file), f"can't be read: {error}") from None
        return cls.of({**where_unset(from_file, os.environ), **os.environ})

    @classmethod
    def of(cls, given: Mapping[str, str | None]) -> Self:
        """From names and values; an empty value means the default.

        Raises:
            SettingError: for the first value that breaks its rule.
        """
        values = {name: (given.get(name) or "").strip() or default for name, default in DEFAULTS.items()}
        return cls(
            database_url=_database_url(values),
            database_retry_seconds=_number(values, "DATABASE_RETRY_SECONDS", 0, 3600),
            binance_urls=_each(values, "BINANCE_URLS", _url),
            binance_weight_limit=_whole(values, "BINANCE_WEIGHT_LIMIT", 10, 1_000_000),
            binance_retry_seconds=_number(values, "BINANCE_RETRY_SECONDS", 0, 3600),
            network=Network.of(given),
            symbols=_each(values, "SYMBOLS", parse_symbol),
            history_start_ms=_history_start(values["HISTORY_START"]),
            calendar=_calendar(values),
            windows=tuple(sorted(_each(values, "WINDOWS", _window))),
            forecasts=_switch(values, "FORECASTS"),
            api_host=values["API_HOST"],
            api_port=_whole(values, "API_PORT", 0, 65535),
            today_cache_seconds=_number(values, "TODAY_CACHE_SECONDS", 0, 60),
            log_level=_level(values["LOG_LEVEL"]),
        )


def parse_symbol(name: str, value: str) -> str:
    """A symbol such as BTCUSDT, in capitals, from either case."""
    symbol = value.strip()
    if not _SYMBOL.fullmatch(symbol):
        raise SettingError(name, "must be a symbol such as BTCUSDT: 2 to 20 letters and digits", value)
    return symbol.upper()


def parse_date(name: str, value: str) -> date:
    """A date as YYYY-MM-DD."""
    try:
        return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise SettingError(name, "must be a date as YYYY-MM-DD", value) from None


def _each(values: Mapping[str, str], name: str, parse: Callable[[str, str], object]) -> tuple:  # type: ignore[type-arg]
    """The comma-separated parts, each parsed, none twice."""
    parts = [parse(name, part.strip()) for part in values[name].split(",") if part.strip()]
    if not parts:
        raise SettingError(name, "must name at least one", values[name])
    return tuple(dict.fromkeys(parts))


def _url(name: str, value: str) -> str:
    if "@" in value:  # it would be printed with every failure
        raise SettingError(name, "must hold URLs without user name and password")
    try:
        parts = urlsplit(value)
        whole = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        whole = False
    if not whole or parts.query or parts.fragment:
        raise SettingError(name, "must hold URLs as https://host, separated by commas", value)
    return value.rstrip("/")


def _window(name: str, value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= 365:
        raise SettingError(name, "must hold whole numbers of sessions from 1 to 365, separated by commas", value)
    return int(value)


def _whole(values: Mapping[str, str], name: str, least: int, most: int) -> int:
    value = values[name]
    if not value.isdecimal() or not least <= int(value) <= most:
        raise SettingError(name, f"must be a whole number from {least} to {most}", value)
    return int(value)


def _number(values: Mapping[str, str], name: str, least: float, most: float) -> float:
    try:
        number = float(values[name])
    except ValueError:
        number = float("nan")
    if not least <= number <= most:
        raise SettingError(name, f"must be a number of seconds from {least:g} to {most:g}", values[name])
    return number


def _switch(values: Mapping[str, str], name: str) -> bool:
    value = values[name].lower()
    if value not in {"on", "off"}:
        raise SettingError(name, "must be on or off", values[name])
    return value == "on"


def _level(value: str) -> str:
    if value.upper() not in _LEVELS:
        raise SettingError("LOG_LEVEL", "must be one of " + ", ".join(_LEVELS), value)
    return value.upper()


def _history_start(value: str) -> int:
    day = parse_date("HISTORY_START", value)
    if not date(2009, 1, 3) <= day <= date(2100, 1, 1):
        raise SettingError("HISTORY_START", "must lie between 2009-01-03 and 2100-01-01", value)
    return to_ms(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _calendar(values: Mapping[str, str]) -> SessionCalendar:
    start, zone = values["SESSION_START"], values["SESSION_TIMEZONE"]
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", start)
    if not match:
        raise SettingError("SESSION_START", "must be a time of day as HH:MM", start)
    try:
        timezone = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingError("SESSION_TIMEZONE", "must be a time zone such as Europe/Moscow", zone) from None
    calendar = SessionCalendar(time(int(match[1]), int(match[2])), timezone)
    if not calendar.starts_on_the_hour():
        raise SettingError("SESSION_START", f"must fall on a candle's start, a whole hour in UTC, in {zone}", start)
    return calendar


def _database_url(values: Mapping[str, str]) -> str:
    """``DATABASE_URL``, else the server of the five, else the embedded file."""
    url, host = values["DATABASE_URL"], values["DB_HOST"]
    if url:
        if url.split("://", 1)[0] not in _SCHEMES or "://" not in url:
            # The value may hold a password: it is not shown.
            raise SettingError("DATABASE_URL", "must begin with one of " + ", ".join(f"{s}://" for s in _SCHEMES))
        if url in {"sqlite://", "sqlite:///", "sqlite:///:memory:"}:
            raise SettingError("DATABASE_URL", "must name a file, as sqlite:///data/file.sqlite3: memory keeps nothing")
        return url
    if not host:
        return EMBEDDED_DATABASE
    for name in ("DB_USER", "DB_NAME"):
        if not values[name]:
            raise SettingError(name, "must be set where DB_HOST is")
    user, password = quote(values["DB_USER"], safe=""), quote(_password(values), safe="")
    port, name = _whole(values, "DB_PORT", 1, 65535), quote(values["DB_NAME"], safe="")
    return f"mysql+pymysql://{user}:{password}@{_address(host)}:{port}/{name}"


def _address(host: str) -> str:
    """A host name or address as it stands in a URL."""
    if _HOST.fullmatch(host):
        return host
    try:
        return f"[{IPv6Address(host.removeprefix('[').removesuffix(']'))}]"
    except ValueError:
        shown = None if "@" in host else host  # a URL may hold the password
        raise SettingError("DB_HOST", "must be a host name or an address, without the port", shown) from None


def _password(values: Mapping[str, str]) -> str:
    """``DB_PASSWORD``, or the first line of the file that ``DB_PASSWORD_FILE`` names."""
    if values["DB_PASSWORD"] or not values["DB_PASSWORD_FILE"]:
        return values["DB_PASSWORD"]
    try:
        return Path(values["DB_PASSWORD_FILE"]).read_text(encoding="utf-8").split("\n", 1)[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingError("DB_PASSWORD_FILE", f"can't be read ({reason})", values["DB_PASSWORD_FILE"]) from None
