"""Accounts on a server, and what a person is told who uses one by the five settings."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from volatility.domain.errors import Error
from volatility.domain.retry import RetryPolicy
from volatility.settings import Settings
from volatility.storage.database import Database


class Patience:
    """Time that passes only by waiting, and how often that was."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self.waits.append(seconds)

    def monotonic(self) -> float:
        """Seconds waited so far."""
        return sum(self.waits)


def five(url: str, **changes: str) -> dict[str, str]:
    """The five settings of a URL, some of them changed, and others beside them."""
    at = make_url(url)
    assert at.host
    assert at.database
    named = {"DB_HOST": at.host, "DB_PORT": str(at.port), "DB_NAME": at.database}
    return named | {"DB_USER": at.username or "", "DB_PASSWORD": str(at.password or "")} | changes


@contextmanager
def opened(settings: dict[str, str], time: Patience | None = None) -> Iterator[Database]:
    """The database of the settings, as a job opens it, with waits that cost nothing."""
    time, read = time or Patience(), Settings.of(settings)
    retry = RetryPolicy(read.database_retry_seconds)
    database = Database(read.database_url, retry, tls=read.database_tls, sleep=time.sleep, monotonic=time.monotonic)
    try:
        yield database
    finally:
        database.close()


def asked(settings: dict[str, str]) -> str:
    """What the server answers to a question that shows the connection: who is there, and how it is encrypted."""
    with opened(settings) as database:
        return str(database.read(lambda c: c.exec_driver_sql("SHOW STATUS LIKE 'Ssl_cipher'").one()[1]))


def refused(settings: dict[str, str], *, at_once: bool = True) -> str:
    """What a person is told, without the password, neither there nor in a traceback."""
    time = Patience()
    with pytest.raises(Error) as caught, opened(settings, time) as database:
        database.read(lambda c: c.exec_driver_sql("SELECT 1"))
    said = str(caught.value)
    assert "\n" not in said
    assert "DATABASE_URL" not in said
    assert (time.waits == []) is at_once
    shown = said + "".join(traceback.format_exception(caught.value))
    secret = settings["DB_PASSWORD"]
    assert not secret or secret not in shown
    return said


class Admin:
    """Changes a server past the code under test."""

    def __init__(self, url: str, *, tls: bool = False) -> None:
        options = {"ssl": {"verify_mode": "none"}} if tls else {"ssl_disabled": True}
        self._engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=options)

    def __call__(self, *statements: str) -> None:
        """Run statements, a percent sign and a colon taken as they are."""
        with self._engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement.replace("%", "%%"))

    def quoted(self, text: str) -> str:
        """A text as a literal."""
        return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"

    def account(self, name: str, how: str, database: str) -> None:
        """An account that may do all in one database; ``how`` it logs in."""
        user = f"{self.quoted(name)}@'%'"
        self(f"DROP USER IF EXISTS {user}", f"CREATE USER {user} {how}", f"GRANT ALL ON `{database}`.* TO {user}")
