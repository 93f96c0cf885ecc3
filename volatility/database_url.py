"""Which database the settings name, as an SQLAlchemy URL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv6Address
from pathlib import Path
from typing import Final
from urllib.parse import quote

from volatility.errors import SettingError
from volatility.values import whole

EMBEDDED_DATABASE: Final = "sqlite:///data/btc_volatility.sqlite3"
_HOST: Final = re.compile(r"[A-Za-z0-9_.-]+")
_SCHEMES: Final = ("mysql+pymysql", "mariadb+pymysql", "sqlite")


def database_url(values: Mapping[str, str]) -> str:
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
    port, name = whole(values, "DB_PORT", 1, 65535), quote(values["DB_NAME"], safe="")
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
