"""SQLite files: the engine, the journal, and in plain words what is wrong with a file or the folder it lies in."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import sqlite3
import tempfile
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine

from volatility.storage.refusals import Refusal
from volatility.storage.server import writes

log = logging.getLogger(__name__)

_WAITING: Final = 10.0  # seconds within one try for another program's write: SQLite's queue, as a server's locks are
_BESIDE: Final = ("-wal", "-shm", "-journal")
# SQLite's "extended result codes" (its documentation, rescode.html); the last byte is the plain one.
_NO_SHARED_MEMORY: Final = {sqlite3.SQLITE_IOERR_SHMOPEN, sqlite3.SQLITE_IOERR_SHMMAP, sqlite3.SQLITE_IOERR_SHMLOCK}
_NO_LOCKS: Final = {
    sqlite3.SQLITE_IOERR_LOCK,
    sqlite3.SQLITE_IOERR_RDLOCK,
    sqlite3.SQLITE_IOERR_UNLOCK,
    sqlite3.SQLITE_IOERR_CHECKRESERVEDLOCK,
    sqlite3.SQLITE_IOERR_SHMLOCK,
}
_UNFINISHED: Final = {
    sqlite3.SQLITE_READONLY_RECOVERY,
    sqlite3.SQLITE_READONLY_ROLLBACK,
    sqlite3.SQLITE_READONLY_CANTINIT,
}
_LOCKS_WANTED: Final = "the file system of its folder takes no locks (a network drive?): put the file on a local disk"
_FOLDER: Final = "its folder is read-only, and SQLite makes a journal beside the file"
_EXTENDED: Final = (
    dict.fromkeys(_NO_LOCKS, _LOCKS_WANTED)
    | dict.fromkeys(
        _UNFINISHED, "a write was broken off, and its folder is read-only: start a job that may write there"
    )
    | {
        sqlite3.SQLITE_READONLY_DIRECTORY: _FOLDER,
        sqlite3.SQLITE_READONLY_DBMOVED: "the file was moved or deleted while it was open",
        sqlite3.SQLITE_IOERR_SHMOPEN: "the file system of its folder has no shared memory (a network drive?)",
        sqlite3.SQLITE_IOERR_SHMMAP: "the file system of its folder has no shared memory (a network drive?)",
        sqlite3.SQLITE_IOERR_SHMSIZE: "the disk is full",
    }
)
_PLAIN: Final = {
    sqlite3.SQLITE_READONLY: "it is read-only",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_NOTADB: "the file is not an SQLite database",
    sqlite3.SQLITE_CORRUPT: "the file is damaged",
    sqlite3.SQLITE_IOERR: "reading or writing the file failed (is the disk full, or a quota used up?)",
    sqlite3.SQLITE_PERM: "the system denies the right to it",
    sqlite3.SQLITE_NOMEM: "no memory is left",
    sqlite3.SQLITE_NOLFS: "the file is larger than the file system takes",
}


def file_engine(url: URL) -> Engine:
    """An engine on an SQLite file."""
    # The driver must not begin transactions by itself: the listener does.
    engine = sa.create_engine(url, connect_args={"isolation_level": None, "timeout": _WAITING})
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    # SQLite takes its one writer's lock at the start: a reader that turns writer could only fail.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes(connection) else "BEGIN")


def lacks_shared_memory(error: BaseException | None) -> bool:
    """Whether a write-ahead log can't be used where the file lies."""
    return isinstance(error, sqlite3.Error) and _code(error) in _NO_SHARED_MEMORY


def use_rollback_journal(engine: Engine) -> None:
    """Change the file's journal to one that needs no shared memory; what the log still holds is taken over.

    Raises:
        sqlite3.Error: where the file can't be changed, or another program has it open.
    """
    engine.dispose()
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA locking_mode=EXCLUSIVE")  # alone with the file, SQLite keeps the log's index to itself
        cursor.execute("PRAGMA journal_mode=DELETE")
    finally:
        raw.invalidate()  # the lock ends with the connection
    log.warning("the folder's file system has no shared memory: the database's journal is a rollback journal now")


def file_refusal(error: sqlite3.Error, file: Path | None) -> Refusal:
    """What SQLite's error means, and whether another try may help."""
    code = _code(error)
    plain = code & 0xFF
    if plain in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}:
        if file and not _takes_locks(file.parent):  # SQLite says busy then, and would for ever
            return Refusal(f"can't be used: {_LOCKS_WANTED}")
        return Refusal("is busy with another program's write", passing=True)
    if plain == sqlite3.SQLITE_CANTOPEN:
        return Refusal(f"can't be used: the file can't be opened or made{_why_not_opened(file)}")
    if code == sqlite3.SQLITE_READONLY:
        return Refusal(f"can't be used: {_PLAIN[code]}{_others_beside(file)}")
    return Refusal(f"can't be used: {_EXTENDED.get(code) or _PLAIN.get(plain) or 'SQLite says ' + str(error)}")


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0))


def _takes_locks(folder: Path) -> bool:
    """Tried on a file of our own: to close the database's would give up the locks that this process has on it."""
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            fcntl.lockf(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS}
    return True


def _why_not_opened(file: Path | None) -> str:
    if file is None:
        return ""
    if file.is_dir():
        return ": it is a folder"
    if file.exists() and not os.access(file, os.R_OK):
        return f": this user may not read {file.name}"
    if not os.access(file.parent, os.W_OK | os.X_OK):
        return f": {_FOLDER}"
    return _others_beside(file)


def _others_beside(file: Path | None) -> str:
    """Which of the files that SQLite keeps beside its own belongs to another user."""
    for beside in [file.with_name(file.name + suffix) for suffix in _BESIDE] if file else ():
        if beside.exists() and not os.access(beside, os.R_OK | os.W_OK):
            return f": this user may not read and write {beside.name}"
    return ""


def names_no_file(url: URL) -> bool:
    """Whether a URL of SQLite means a database in memory, which is gone with the process."""
    name, mode = url.database or "", url.query.get("mode", "")
    return not name or ":memory:" in name or "mode=memory" in name or "memory" in mode
