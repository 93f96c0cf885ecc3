"""Which database the settings name, as an SQLAlchemy URL.

A URL with an unescaped ``@`` or ``/`` in its password has half of the password where the host, the port or the name
belongs, and those are printed. So each part has to be plain, and no complaint shows the URL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv6Address
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, quote, unquote

from volatility.domain.errors import SettingError
from volatility.domain.redaction import keep_login_of, keep_secret
from volatility.settings.values import whole

EMBEDDED_DATABASE: Final = "sqlite:///data/btc_volatility.sqlite3"
_HOST: Final = re.compile(r"[A-Za-z0-9_.-]+")
_DRIVERS: Final = {
    "mysql+pymysql": "mysql+pymysql",
    "mariadb+pymysql": "mariadb+pymysql",
    "mysql": "mysql+pymysql",  # as hosting providers give it
    "mariadb": "mariadb+pymysql",
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
}
_SHOWN_SCHEMES: Final = "mysql+pymysql://, mariadb+pymysql://, sqlite://"
_SERVER: Final = re.compile(
    r"(?:[^:/@\r\n]*(?::[^@\r\n]*)?@)?"
    r"(?P<host>\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9_.-]*)(?::(?P<port>[0-9]*))?(?:/(?P<name>[\w.$~+%-]*))?(?:\?[^@\r\n]*)?"
)
_FORM: Final = "mysql+pymysql://user:password@host:3306/name"
_NOT_PLAIN: Final = (
    f"must be an SQLAlchemy URL as {_FORM}; in user and password write @ as %40, : as %3A, / as %2F, ? as %3F, "
    "# as %23, [ as %5B, % as %25"
)
_THREE_SLASHES: Final = "needs three slashes before a path from here (sqlite:///data/file.sqlite3), four before /"
_NO_FILE: Final = "must name a file, as sqlite:///data/file.sqlite3"
_UNEXPANDED: Final = re.compile(r"\$[A-Za-z_{]|%[A-Za-z_]{3,}%")
_WINDOWS_PATH: Final = re.compile(r"/?[A-Za-z]:[\\/]|\\\\")
_SECRET_OPTION: Final = re.compile(r"pass|pwd|secret|token|api.?key", re.IGNORECASE)


def database_url(values: Mapping[str, str]) -> str:
    """``DATABASE_URL``, else the server of the five, else the embedded file."""
    if values["DATABASE_URL"]:
        return _given(values["DATABASE_URL"])
    host = values["DB_HOST"]
    if not host:
        return EMBEDDED_DATABASE
    for name in ("DB_USER", "DB_NAME"):
        if not values[name]:
            raise SettingError(name, "must be set where DB_HOST is")
    user, password = quote(values["DB_USER"], safe=""), quote(_password(values), safe="")
    port, name = whole(values, "DB_PORT", 1, 65535), quote(values["DB_NAME"], safe="")
    return f"mysql+pymysql://{user}:{password}@{_address(host)}:{port}/{name}"


def keep_secrets_of_url(url: str) -> None:
    """Hide what a URL holds of secrets, however badly it is written."""
    keep_login_of(url)
    login, at, _ = url.partition("://")[2].rpartition("@")
    if at and ":" not in login:  # a password alone, in the place of the user
        keep_secret(login, unquote(login))
    query = url.partition("?")[2]
    keep_secret(*(value for name, value in parse_qsl(query) if _SECRET_OPTION.search(name)))


def _given(url: str) -> str:
    """A URL that was given, with the driver that is there. Its value may hold a password: it is never shown."""
    scheme, found, rest = url.partition("://")
    if scheme.lower().startswith("sqlite:") or (not found and scheme.lower() == "sqlite"):
        raise SettingError("DATABASE_URL", _THREE_SLASHES)
    driver = _DRIVERS.get(scheme.lower())
    if not found or driver is None:
        postgres = " (PostgreSQL is not supported)" if scheme.lower().startswith("postgres") else ""
        raise SettingError("DATABASE_URL", f"must begin with one of {_SHOWN_SCHEMES}{postgres}")
    if driver == "sqlite":
        return f"sqlite://{_sqlite(rest)}"
    return f"{driver}://{_server(rest)}"


def _server(rest: str) -> str:
    parts = _SERVER.fullmatch(rest)
    if parts is None:
        raise SettingError("DATABASE_URL", _NOT_PLAIN)
    if parts["port"] and not 1 <= int(parts["port"]) <= 65535:
        raise SettingError("DATABASE_URL", "must be an SQLAlchemy URL with a port from 1 to 65535")
    if not parts["name"]:
        raise SettingError("DATABASE_URL", f"must be an SQLAlchemy URL that names a database, as {_FORM}")
    return rest


def _sqlite(rest: str) -> str:
    """What follows ``sqlite://``, a home folder written out. SQLite's own URIs of files are left as they are."""
    path, mark, options = rest.partition("?")
    if path in {"", "/", "/:memory:", "/file::memory:"} or "mode=memory" in options:
        raise SettingError("DATABASE_URL", f"{_NO_FILE}: memory keeps nothing")
    if not path.startswith("/"):
        raise SettingError("DATABASE_URL", _THREE_SLASHES)
    if _WINDOWS_PATH.match(path[1:]):
        raise SettingError("DATABASE_URL", f"{_NO_FILE}: a path of Windows is none here")
    if _UNEXPANDED.search(path):
        raise SettingError(
            "DATABASE_URL",
            "holds a variable that nothing expands (in .env it is expanded unless in single quotes): "
            "write ~ for the home folder, or the path itself",
        )
    if path.endswith("/"):
        raise SettingError("DATABASE_URL", f"{_NO_FILE}: it names a folder")
    return f"/{_home(path[1:])}{mark}{options}"


def _home(path: str) -> str:
    if not path.startswith("~"):
        return path
    try:
        return quote(str(Path(path).expanduser()), safe="/ ")
    except RuntimeError:
        raise SettingError("DATABASE_URL", "names the home folder of a user that is not known here") from None


def _address(host: str) -> str:
    """A host name or address as it stands in a URL."""
    if _HOST.fullmatch(host):
        return host
    try:
        return f"[{IPv6Address(host.removeprefix('[').removesuffix(']'))}]"
    except ValueError:
        raise SettingError("DB_HOST", "must be a host name or an address, without the port", host) from None


def _password(values: Mapping[str, str]) -> str:
    """``DB_PASSWORD``, or the first line of the file that ``DB_PASSWORD_FILE`` names."""
    if values["DB_PASSWORD"] or not values["DB_PASSWORD_FILE"]:
        return values["DB_PASSWORD"]
    named = values["DB_PASSWORD_FILE"]
    # Without a slash it may be the password itself, in the wrong place.
    shown = named if named.startswith(("/", "./", "../", "~/")) else None
    try:
        content = Path(named).expanduser().read_bytes()
    except (OSError, ValueError, RuntimeError) as error:  # no such file; no name of one; no such home
        reason = error.strerror if isinstance(error, OSError) else "no such file"
        raise SettingError("DB_PASSWORD_FILE", f"can't be read ({reason})", shown) from None
    try:
        password = password_in(content)
    except ValueError as error:
        raise SettingError("DB_PASSWORD_FILE", f"can't be read ({error})", shown) from None
    keep_secret(password)
    return password


def password_in(content: bytes) -> str:
    """The password that a file holds: its first line, without a byte-order mark, blanks kept.

    ``docker/secrets/init.py`` and ``dags/btc_jobs.py`` have the same rule; they can't import this one.

    Raises:
        ValueError: where it holds none; the message says why.
    """
    if len(content) % 2 == 0 and (content[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in content):
        raise ValueError("it is UTF-16 text: save it as UTF-8")
    try:
        line = content.decode("utf-8-sig").partition("\n")[0].rstrip("\r")
    except UnicodeDecodeError:
        raise ValueError("it is not text") from None
    if "\0" in line:
        raise ValueError("it is not text")
    if not line.strip():
        raise ValueError("its first line is empty")
    return line
