"""What a server's or its driver's error means: whether it passes, and in plain words what to do.

The numbers and their names are those of the MariaDB Error Code Reference, the MySQL Server Error Message Reference
and the MySQL Client Error Message Reference; each line says whose it is. A test asks a real MySQL for its names.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Mapping
from typing import Final, NamedTuple

from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from volatility.domain.redaction import words_of

_SERVERS: Final = "MariaDB, MySQL"
_MARIADB, _MYSQL, _CLIENT, _PROXYSQL = "MariaDB", "MySQL", "client", "ProxySQL"
# Error numbers after which the same transaction may well succeed: name, and whose it is.
PASSING: Final[Mapping[int, tuple[str, str]]] = {
    # The server has too much to do, or an account has.
    1037: ("ER_OUTOFMEMORY", _SERVERS),
    1040: ("ER_CON_COUNT_ERROR", _SERVERS),
    1041: ("ER_OUT_OF_RESOURCES", _SERVERS),
    1135: ("ER_CANT_CREATE_THREAD", _SERVERS),
    1203: ("ER_TOO_MANY_USER_CONNECTIONS", _SERVERS),
    1226: ("ER_USER_LIMIT_REACHED", _SERVERS),  # max_user_connections; limits of an hour don't pass, see below
    1297: ("ER_GET_TEMPORARY_ERRMSG", _SERVERS),
    1637: ("ER_TOO_MANY_CONCURRENT_TRXS", _SERVERS),
    1969: ("ER_STATEMENT_TIMEOUT", _MARIADB),
    3024: ("ER_QUERY_TIMEOUT", _MYSQL),
    # It starts, stops, or changes its place in a cluster.
    1042: ("ER_BAD_HOST_ERROR", _SERVERS),  # its own resolver of names is away
    1047: ("ER_UNKNOWN_COM_ERROR", "Galera: WSREP has not yet prepared node for application use"),
    1053: ("ER_SERVER_SHUTDOWN", _SERVERS),
    1077: ("ER_NORMAL_SHUTDOWN", _MARIADB),
    1078: ("ER_GOT_SIGNAL", _MARIADB),
    1079: ("ER_SHUTDOWN_COMPLETE", _SERVERS),
    1080: ("ER_FORCING_CLOSE", _SERVERS),
    3032: ("ER_SERVER_OFFLINE_MODE", _SERVERS),
    3100: ("ER_RUN_HOOK_ERROR", "MySQL Group Replication"),
    3168: ("ER_SERVER_ISNT_AVAILABLE", _MYSQL),
    3633: ("ER_CLONE_DDL_IN_PROGRESS", _MYSQL),
    3781: ("ER_GR_HOLD_WAIT_TIMEOUT", "MySQL Group Replication"),
    3782: ("ER_GR_HOLD_KILLED", "MySQL Group Replication"),
    3796: ("ER_GRP_TRX_CONSISTENCY_NOT_ALLOWED", "MySQL Group Replication"),
    3797: ("ER_GRP_TRX_CONSISTENCY_BEFORE", "MySQL Group Replication"),
    3798: ("ER_GRP_TRX_CONSISTENCY_AFTER_ON_TRX_BEGIN", "MySQL Group Replication"),
    3799: ("ER_GRP_TRX_CONSISTENCY_BEGIN_NOT_ALLOWED", "MySQL Group Replication"),
    4094: ("ER_OPERATION_NOT_ALLOWED_WHILE_PRIMARY_CHANGE_IS_RUNNING", "MySQL Group Replication"),
    6141: ("ER_GRP_RPL_CONNECTION_HANDOFF_BUSY", "MySQL Group Replication"),
    9001: ("max connect timeout reached", _PROXYSQL),
    # Another transaction, or another node of a cluster, was in the way.
    1020: ("ER_CHECKREAD", "MariaDB with innodb_snapshot_isolation, on from 11.6.2"),
    1180: ("ER_ERROR_DURING_COMMIT", "Galera: certification failed"),
    1181: ("ER_ERROR_DURING_ROLLBACK", _SERVERS),
    1205: ("ER_LOCK_WAIT_TIMEOUT", _SERVERS),
    1206: ("ER_LOCK_TABLE_FULL", _SERVERS),
    1213: ("ER_LOCK_DEADLOCK", "MariaDB, MySQL, Galera"),
    1412: ("ER_TABLE_DEF_CHANGED", _SERVERS),
    1613: ("ER_XA_RBTIMEOUT", _SERVERS),
    1614: ("ER_XA_RBDEADLOCK", _SERVERS),
    1689: ("ER_LOCK_ABORTED", _SERVERS),
    3058: ("ER_USER_LOCK_DEADLOCK", _SERVERS),
    3101: ("ER_TRANSACTION_ROLLBACK_DURING_COMMIT", "MySQL Group Replication"),
    3132: ("ER_LOCKING_SERVICE_DEADLOCK", _MYSQL),
    3133: ("ER_LOCKING_SERVICE_TIMEOUT", _MYSQL),
    3572: ("ER_LOCK_NOWAIT", _MYSQL),
    # The connection broke, or was ended.
    1152: ("ER_ABORTING_CONNECTION", _SERVERS),
    1154: ("ER_NET_READ_ERROR_FROM_PIPE", _SERVERS),
    1155: ("ER_NET_FCNTL_ERROR", _SERVERS),
    1156: ("ER_NET_PACKETS_OUT_OF_ORDER", _SERVERS),
    1157: ("ER_NET_UNCOMPRESS_ERROR", _SERVERS),
    1158: ("ER_NET_READ_ERROR", _SERVERS),
    1159: ("ER_NET_READ_INTERRUPTED", _SERVERS),
    1160: ("ER_NET_ERROR_ON_WRITE", _SERVERS),
    1161: ("ER_NET_WRITE_INTERRUPTED", _SERVERS),
    1184: ("ER_NEW_ABORTING_CONNECTION", _SERVERS),
    1317: ("ER_QUERY_INTERRUPTED", _SERVERS),
    1927: ("ER_CONNECTION_KILLED", _MARIADB),
    3169: ("ER_SESSION_WAS_KILLED", _MYSQL),
    4031: ("ER_CLIENT_INTERACTION_TIMEOUT", "MySQL from 8.0.24"),
    2002: ("CR_CONNECTION_ERROR", _CLIENT),
    2003: ("CR_CONN_HOST_ERROR", _CLIENT),
    2005: ("CR_UNKNOWN_HOST", _CLIENT),
    2006: ("CR_SERVER_GONE_ERROR", _CLIENT),
    2012: ("CR_SERVER_HANDSHAKE_ERR", _CLIENT),
    2013: ("CR_SERVER_LOST", _CLIENT),
    2014: ("CR_COMMANDS_OUT_OF_SYNC", _CLIENT),
    2027: ("CR_MALFORMED_PACKET", _CLIENT),
    2055: ("CR_SERVER_LOST_EXTENDED", _CLIENT),
}
NO_TABLE: Final = 1146
_READ_ONLY: Final = "it is read-only"
_NO_RIGHT: Final = "the account lacks a right that this needs"
_EXPIRED: Final = "the account's password has expired: set a new one on the server"
_LOCKED: Final = "the account is locked: ALTER USER … ACCOUNT UNLOCK on the server"
_BLOCKED: Final = "the account is blocked after too many wrong passwords: unlock it on the server, or wait"
_PLAIN: Final = {
    1021: "its disk is full",
    1036: _READ_ONLY,
    1044: "the account has no rights on this database",
    1049: "no such database",
    1114: "its disk or table space is full",
    1129: "it blocks this machine after too many broken connections: FLUSH HOSTS on the server lifts that",
    1130: "no account on it may log in from this machine: CREATE USER … @ this machine's address, or @'%'",
    1142: _NO_RIGHT,
    1143: _NO_RIGHT,
    1153: "it takes no statement that long: raise its max_allowed_packet",
    1227: _NO_RIGHT,
    1251: "the account has a password in a form too old to log in with: set it anew on the server",
    1275: "the account has a password in a form too old to log in with: set it anew on the server",
    1290: _READ_ONLY,
    1370: _NO_RIGHT,
    1524: "the account logs in by a plugin that the server has not loaded",
    1792: _READ_ONLY,
    1820: _EXPIRED,
    1836: _READ_ONLY,
    1862: _EXPIRED,
    3118: _LOCKED,
    3955: _BLOCKED,
    3989: _READ_ONLY,
    4150: _BLOCKED,
    4151: _LOCKED,
}
_LOGIN_REFUSED: Final = (1045, 1698)
_TLS_DEMANDED: Final = 3159
_NO_TLS_OFFERED: Final = 2026
_NO_SUCH_PLUGIN: Final = 2059
_LIMIT_OF_AN_HOUR: Final = re.compile(r"max_\w+_per_hour")
_PLUGIN: Final = re.compile(r"[A-Za-z]\w{4,}(?='? (?:not|missing))|(?<=b')\w+")
# Where a certificate fails OpenSSL's checks: X509_V_ERR_… of its x509_vfy.h.
_OUT_OF_DATE, _TOO_EARLY, _UNKNOWN_ISSUER, _OTHER_HOST = {10}, {9}, {2, 18, 19, 20, 21}, {62, 64}


class Names(NamedTuple):
    """How the way to the server was set: what a message has to name."""

    demand_tls: str
    ca: str
    tls: str
    host: str
    port: str


OF_THE_FIVE: Final = Names("set DB_SSL", "DB_SSL_CA", "DB_SSL", "DB_HOST", "DB_PORT")
OF_A_URL: Final = Names(
    "append ?ssl_ca=/path/to/ca.pem to DATABASE_URL",
    "ssl_ca in DATABASE_URL",
    "ssl_ca in DATABASE_URL",
    "the host in DATABASE_URL",
    "the port in DATABASE_URL",
)


class Refusal(NamedTuple):
    """What a server's error means, and whether another try may help; ``moved``: only with a new connection."""

    words: str
    passing: bool = False
    moved: bool = False


def refusal(error: Exception, names: Names, *, encrypted: bool) -> Refusal:
    """What an error of the driver means, without a secret."""
    original: BaseException = getattr(error, "orig", None) or error
    number = original.args[0] if original.args else None
    cause = getattr(original, "original_exception", None)
    if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Refusal(f"refuses: {_tls_words(cause, names)}")
    for told in (_login_refusal(number, original, names, encrypted=encrypted), _other_refusal(number, original)):
        if told:
            return told
    away = isinstance(error, InterfaceError | PoolTimeout) or number in PASSING
    if away or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return Refusal(f"can't be reached or is busy: {_away_words(original, cause)}", passing=True)
    return Refusal(f"failed: {words_of(original)}")


def _login_refusal(number: object, original: BaseException, names: Names, *, encrypted: bool) -> Refusal | None:
    if number in _LOGIN_REFUSED:
        more = "" if encrypted else f", or the account demands TLS: {names.demand_tls}"
        return Refusal(f"refuses: user name or password refused{more}")
    if number == _TLS_DEMANDED:
        return Refusal(f"refuses: it takes encrypted connections only: {names.demand_tls}")
    if number == _NO_TLS_OFFERED:
        return Refusal(f"refuses: it offers no TLS, which {names.tls} asks for")
    if number == _NO_SUCH_PLUGIN:
        return Refusal(f"refuses: {_plugin_words(str(original))}")
    return None


def _other_refusal(number: object, original: BaseException) -> Refusal | None:
    said = words_of(original)
    if limit := number == 1226 and _LIMIT_OF_AN_HOUR.search(said):
        return Refusal(f"refuses: the account has used up its {limit[0]}; it may go on within the hour")
    if number in {1290, 1836} and re.search(r"read.only", said, re.IGNORECASE):
        # A primary that was demoted says so until its name leads to the new one.
        return Refusal(f"refuses: {_READ_ONLY}", passing=True, moved=True)
    if number == 1180 and re.search(r"error \"?28\b|No space left", said):
        return Refusal("refuses: its disk is full")
    return Refusal(f"refuses: {_PLAIN[number]}") if isinstance(number, int) and number in _PLAIN else None


def _plugin_words(said: str) -> str:
    found = _PLUGIN.search(said)
    name = found[0] if found else "a plugin"
    if name in {"mysql_clear_password", "dialog"}:
        return f"the account's login ({name}) sends the password in the clear, which is done over TLS only"
    return (
        f"the account logs in by {name}, which is not supported: give it mysql_native_password, ed25519 or "
        "caching_sha2_password"
    )


def _tls_words(error: ssl.SSLError, names: Names) -> str:
    code = error.verify_code if isinstance(error, ssl.SSLCertVerificationError) else None
    if code in _OUT_OF_DATE:
        return "its TLS certificate is out of date"
    if code in _TOO_EARLY:
        return "its TLS certificate is not valid yet (is this machine's clock right?)"
    if code in _OTHER_HOST:
        return f"its TLS certificate is for another host name than the one in {names.host}"
    if code in _UNKNOWN_ISSUER:
        return f"its TLS certificate is of an issuer that is not trusted here: name the issuer's file in {names.ca}"
    return f"TLS failed: {words_of(error)}"


def _away_words(original: BaseException, cause: object) -> str:
    if isinstance(cause, socket.gaierror):
        host = re.search(r"on '([^'@]+)'", str(original))
        return words_of(f"its name {host[1] + ' ' if host else ''}can't be resolved ({cause.strerror})")
    if isinstance(cause, TimeoutError):
        return "it does not answer"
    if isinstance(cause, OSError) and cause.strerror:
        return words_of(cause.strerror)
    return words_of(original)
