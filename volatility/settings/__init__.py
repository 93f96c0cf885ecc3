"""Settings: the environment and ``.env``, checked once, as one immutable object.

A wrong value stops the program at once with the name, the rule and the value. Secrets are never part of a message.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from pathlib import Path
from typing import Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from volatility.domain.calendar import SessionCalendar
from volatility.domain.errors import SettingError
from volatility.domain.hours import to_ms
from volatility.domain.metrics import DEFAULT_WINDOWS
from volatility.domain.redaction import keep_secret
from volatility.domain.series import Series
from volatility.exchange.network import NAMES as NETWORK_NAMES
from volatility.exchange.network import PROXIES, Network, where_unset
from volatility.settings.database_url import EMBEDDED_DATABASE, database_url, keep_secrets_of_url
from volatility.settings.env_file import read_env_file
from volatility.settings.values import (
    SYMBOL_LENGTH,
    as_symbol,
    each,
    is_service_link,
    level,
    number,
    parse_date,
    parse_origin,
    parse_symbol,
    parse_url,
    parse_window,
    switch,
    whole,
)
from volatility.storage.tls import Tls

__all__ = ["DEFAULTS", "EMBEDDED_DATABASE", "SYMBOL_LENGTH", "Settings", "as_symbol", "parse_date", "parse_symbol"]

DEFAULTS: Final[Mapping[str, str]] = {
    "DB_USER": "",
    "DB_PASSWORD": "",
    "DB_PASSWORD_FILE": "",
    "DB_HOST": "",
    "DB_PORT": "3306",
    "DB_NAME": "",
    "DB_SSL": "",
    "DB_SSL_CA": "",
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
    "API_CORS_ORIGINS": "",
    "TODAY_CACHE_SECONDS": "2",
    "PAGE_RELOAD": "off",
    "LOG_LEVEL": "INFO",
}
_ALIKE: Final = 0.85  # two names are taken for one from here on: SYMBOL, SYMBOLS
_SECRETS: Final = ("DB_PASSWORD", "AIRFLOW_PASSWORD", "AIRFLOW_DB_PASSWORD")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """Everything that can be set, checked; ``docs/reference/settings.md`` and ``.env.example`` say what each means."""

    database_url: str = field(repr=False)
    database_tls: Tls | None
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
    api_port: int | None  # None: a Kubernetes service link stands there
    api_cors_origins: tuple[str, ...]
    today_cache_seconds: float
    page_reload: bool
    log_level: str
    # The folder in which no .env was found, empty where one was read: said where nothing is stored.
    without_file_in: str = field(default="", compare=False)

    @classmethod
    def load(cls, env_file: Path = Path(".env")) -> Self:
        """From the process's environment, and from ``.env`` what that does not name."""
        found = read_env_file(env_file, os.environ)
        for line in (*found.warnings, *map(_misspelt, found.values)) if found else ():
            if line:
                log.warning("%s", line)
        settings = cls.of({**where_unset(found.values if found else {}, os.environ), **os.environ})
        return replace(settings, without_file_in="" if found else str(env_file.absolute().parent))

    @classmethod
    def of(cls, given: Mapping[str, str | None]) -> Self:
        """From names and values; an empty value means the default.

        Raises:
            SettingError: for the first value that breaks its rule.
        """
        _keep_secrets(given)
        values = {name: _value(name, given.get(name) or "") or default for name, default in DEFAULTS.items()}
        return cls(
            database_url=database_url(values),
            database_tls=Tls.of(values),
            database_retry_seconds=number(values, "DATABASE_RETRY_SECONDS", 0, 3600),
            binance_urls=each(values, "BINANCE_URLS", parse_url),
            binance_weight_limit=whole(values, "BINANCE_WEIGHT_LIMIT", 10, 1_000_000),
            binance_retry_seconds=number(values, "BINANCE_RETRY_SECONDS", 0, 3600),
            network=Network.of(given),
            symbols=each(values, "SYMBOLS", parse_symbol),
            history_start_ms=_history_start(values["HISTORY_START"]),
            calendar=_calendar(values),
            windows=tuple(sorted(each(values, "WINDOWS", parse_window))),
            forecasts=switch(values, "FORECASTS"),
            api_host=values["API_HOST"],
            api_port=None if is_service_link(values["API_PORT"]) else whole(values, "API_PORT", 0, 65535),
            api_cors_origins=each(values, "API_CORS_ORIGINS", parse_origin) if values["API_CORS_ORIGINS"] else (),
            today_cache_seconds=number(values, "TODAY_CACHE_SECONDS", 0, 60),
            page_reload=switch(values, "PAGE_RELOAD"),
            log_level=level(values["LOG_LEVEL"]),
        )

    def series(self, symbol: str) -> Series:
        """A symbol's sessions by these settings."""
        return Series(symbol, self.calendar, self.windows, self.history_start_ms)


def _misspelt(name: str) -> str:
    """What is said of a name in ``.env`` that nearly is a setting's; nothing of other programs' names."""
    nearest = [] if name in DEFAULTS else get_close_matches(name, DEFAULTS, n=1, cutoff=_ALIKE)
    return f"{name} in .env is not a setting; perhaps {nearest[0]} is meant" if nearest else ""


def _keep_secrets(given: Mapping[str, str | None]) -> None:
    """Note the secrets, before any message can show a value."""
    keep_secret(*(given.get(name) for name in _SECRETS))
    keep_secrets_of_url((given.get("DATABASE_URL") or "").strip())
    for url in (given.get("BINANCE_URLS") or "").split(","):
        keep_secrets_of_url(url.strip())


def _value(name: str, given: str) -> str:
    """A value without the blanks around it. A password keeps its blanks and only loses a line's end."""
    if name not in _SECRETS:
        return given.strip()
    password = given.rstrip("\r\n")
    if not password.strip():
        return ""
    if "\n" in password or "\r" in password:
        raise SettingError(name, "must be one line; is a quote in .env not closed?")
    return password


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
