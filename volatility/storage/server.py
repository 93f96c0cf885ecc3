"""Connections to MariaDB and MySQL: how the driver is used, how it logs in, how the connection is encrypted."""

from __future__ import annotations

import importlib
import ssl
import struct
import sys
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Dialect, Engine

from volatility.domain.errors import SettingError, StorageError
from volatility.domain.redaction import words_of
from volatility.storage.refusals import OF_A_URL, OF_THE_FIVE
from volatility.storage.tls import PEM, Tls

_CONNECT_SECONDS: Final = 10.0
_SHORTEST_SECONDS: Final = 1.0
# What a library raises that does not understand what it was given, or what it hears.
_NOT_UNDERSTOOD: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    struct.error,
)


class Server:
    """How one server is reached.

    Args:
        url: its SQLAlchemy URL.
        tls: what the settings ask of the connection; None where the URL's own options decide.
        statement_seconds: how long it may take to answer one statement.
        retry_seconds: how long it is tried again; no single try to connect takes longer.
    """

    def __init__(self, url: URL, tls: Tls | None, statement_seconds: int, retry_seconds: float) -> None:
        self.names = OF_THE_FIVE if tls else OF_A_URL
        self.encrypted = tls.wanted if tls else any(name.startswith("ssl") for name in url.query)
        self._place = f"{url.host}:{url.port or 3306}/{url.database}"
        self._tls, self._patience = tls, statement_seconds
        self._connecting = min(_CONNECT_SECONDS, max(_SHORTEST_SECONDS, retry_seconds))
        self._context: ssl.SSLContext | None = None

    def engine(self, url: URL) -> Engine:
        """An engine whose connections are made here."""
        _load_driver()
        engine = sa.create_engine(
            url, isolation_level="REPEATABLE READ", pool_recycle=3600, pool_size=5, max_overflow=10
        )
        event.listen(engine, "begin", _begin)
        event.listen(engine, "do_connect", self._connect)
        return engine

    def _connect(self, dialect: Dialect, _record: object, arguments: Sequence[Any], options: dict[str, Any]) -> Any:
        made = self._made(dialect, arguments, options)
        try:
            made.connect()
        except UnicodeError:
            raise SettingError(self.names.host, "comes with a user or database name that can't be sent") from None
        except RuntimeError as error:  # a package that one way to log in needs
            raise StorageError(f"the database {self._place} can't be logged in to: {words_of(error)}") from None
        except _NOT_UNDERSTOOD:
            raise StorageError(
                f"the database {self._place} answers, but not as MariaDB or MySQL: is {self.names.port} right?"
            ) from None
        # Logging in has to be quicker than a statement.
        made._read_timeout = options.get("read_timeout", self._patience)
        return made

    def _made(self, dialect: Dialect, arguments: Sequence[Any], options: dict[str, Any]) -> Any:
        """The driver's connection, not connected yet: what is wrong with it so far is wrong in the settings."""
        # The driver would send text as Latin-1; the servers take the password's bytes for UTF-8.
        password = (options.pop("password", None) or "").encode("utf-8", "surrogateescape")
        limits = {
            "connect_timeout": self._connecting,
            "read_timeout": self._connecting,
            "write_timeout": self._patience,
        }
        try:
            return dialect.connect(
                *arguments,
                **limits | self._encryption() | options,
                password=password,
                auth_plugin_map=_IN_THE_CLEAR,
                defer_connect=True,
            )
        except (*_NOT_UNDERSTOOD, OSError, RuntimeError) as error:
            raise SettingError("DATABASE_URL", f"has options that can't be used: {words_of(error)}") from None

    def _encryption(self) -> dict[str, Any]:
        if not self.encrypted:
            return {"ssl_disabled": True}  # else the driver builds a TLS context (50 ms) that it then does not use
        if self._tls is None:
            return {}
        self._context = self._context or context(self._tls)
        return {"ssl": self._context}


def context(tls: Tls) -> ssl.SSLContext:
    """A TLS context that checks what is asked for."""
    given: dict[str, Any] = {"cadata" if PEM in tls.ca else "cafile": tls.ca} if tls.ca else {}
    try:
        made = ssl.create_default_context(**given)
    except (OSError, ValueError) as error:  # ssl.SSLError is one of the former
        shown = None if PEM in tls.ca else tls.ca
        reason = "it holds no certificate in PEM"
        if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
            reason = error.strerror or reason
        raise SettingError("DB_SSL_CA", f"can't be used ({reason})", shown) from None
    made.verify_flags &= ~ssl.VERIFY_X509_STRICT  # certificates that MySQL makes for itself don't pass it
    made.check_hostname = tls.host
    made.verify_mode = ssl.CERT_REQUIRED if tls.issuer else ssl.CERT_NONE
    return made


class _OverTlsOnly:
    """A login that sends the password as it is: whoever stands in the server's place could ask for that."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def authenticate(self, _packet: Any) -> Any:
        connection = self._connection
        if not connection._secure:
            from pymysql.err import OperationalError  # noqa: PLC0415 - see _load_driver

            raise OperationalError(2059, "Authentication plugin 'mysql_clear_password' not configured")
        connection.write_packet(connection.password + b"\0")
        return connection._read_packet()


_IN_THE_CLEAR: Final = {b"mysql_clear_password": _OverTlsOnly, b"dialog": _OverTlsOnly}


def _load_driver() -> None:
    """Import the driver without ``cryptography``, which takes long to import and few logins need; those load it."""
    if "pymysql" in sys.modules or "cryptography" in sys.modules:
        return
    sys.modules["cryptography"] = None  # type: ignore[assignment] # an import of it fails now
    try:
        from pymysql import _auth  # noqa: PLC0415 - to be imported right here
    finally:
        del sys.modules["cryptography"]

    def encrypt(*password_salt_key: bytes) -> Any:
        importlib.reload(_auth)  # with cryptography, and with the driver's own function in place of this one
        return _auth.sha2_rsa_encrypt(*password_salt_key)

    _auth.sha2_rsa_encrypt = encrypt


def writes(connection: Connection) -> bool:
    """Whether the unit of work that begins on a connection writes."""
    return bool(connection.get_execution_options().get("unit_writes"))


def _begin(connection: Connection) -> None:
    # Reading wants one snapshot. Writing wants what is there once it has its locks: a snapshot from before would let
    # one aggregation overwrite the sessions of another with older ones.
    if writes(connection):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
