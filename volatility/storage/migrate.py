"""The schema's numbered migrations, applied by the program itself under a lock."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from volatility.domain.errors import DatabaseAway, SchemaMismatch, StorageError
from volatility.storage.database import Database

_FOLDER: Final = Path(__file__).parent / "migrations"
_LOCK: Final = "btc_volatility_migrations"
_LOCK_SECONDS: Final = 120


def known_revisions() -> list[str]:
    """The numbers of all migrations this program knows, oldest first, read off their file names."""
    return sorted(path.name[:4] for path in (_FOLDER / "versions").glob("[0-9]*.py"))


def stored_revision(connection: Connection) -> str | None:
    """The number of the last migration that was applied, None for none."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return revision


def migrate(database: Database) -> None:
    """Bring the schema up to date. Costs one query where it is.

    Raises:
        SchemaMismatch: where a newer program made it.
        StorageError: where it can't be read or changed.
    """
    if not database.file_is_missing and database.read(lambda connection: _is_current(database, connection)):
        return
    if database.file:
        _make_folder(database, database.file)
    if database.embedded:
        _use_write_ahead_log(database)
    database.write(lambda connection: _upgrade(database, connection))


def check(database: Database) -> None:
    """For programs that only read: refuse a schema that this program does not know.

    Raises:
        DataIncomplete: where there is no schema yet.
        SchemaMismatch: where it is older or newer.
    """
    if not database.read(lambda connection: _is_current(database, connection)):
        stored = database.read(stored_revision)
        if stored is None:
            raise database.empty()
        raise SchemaMismatch(
            f"the database {database} has schema {stored}, this program needs {known_revisions()[-1]}: "
            "run btc-volatility migrate"
        )


def _is_current(database: Database, connection: Connection) -> bool:
    stored, known = stored_revision(connection), known_revisions()
    if stored is not None and stored not in known:
        raise SchemaMismatch(
            f"the database {database} has schema {stored}, newer than this program knows ({known[-1]}): "
            "update the program"
        )
    return stored == known[-1]


def _make_folder(database: Database, file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"the folder of {database} can't be made: {error.strerror}") from None


def _use_write_ahead_log(database: Database) -> None:
    """So that readers don't wait for a writer; kept in the file. It can't be set within a transaction."""

    def set_mode(connection: Connection) -> None:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.exec_driver_sql("BEGIN")

    database.write(set_mode)


def _upgrade(database: Database, connection: Connection) -> None:
    # Imported here: it costs a tenth of a second, and an hourly run seldom needs it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    if database.embedded:  # the transaction itself is the lock
        if not _is_current(database, connection):
            command.upgrade(config, "head")
        return
    if not connection.scalar(sa.text("SELECT GET_LOCK(:name, :seconds)"), {"name": _LOCK, "seconds": _LOCK_SECONDS}):
        raise DatabaseAway(f"another program has been changing the schema of {database} for {_LOCK_SECONDS} s")
    try:
        if not _is_current(database, connection):
            command.upgrade(config, "head")
            connection.exec_driver_sql("COMMIT")  # before others may look
    finally:
        if not connection.invalidated:  # a broken connection has given its lock back
            connection.execute(sa.text("SELECT RELEASE_LOCK(:name)"), {"name": _LOCK})
