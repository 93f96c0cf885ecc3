"""A real MySQL: its default login and others, refusals of its own, its error numbers, and both jobs on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.conftest import own_server
from tests.faults.conftest import HOURS, Job
from tests.storage.accounts import Admin, asked, five, refused
from tests.support import tables
from tests.support.certificates import Issuer
from tests.support.tables import Row
from tests.support_mysql import MySQLServer
from volatility.storage.refusals import PASSING

pytestmark = pytest.mark.server

SECRET = "Пароль-2024 €"
NAMED = "TEST_MYSQL_URL"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("certificates"), "issuer")


@pytest.fixture(scope="module")
def mysql(issuer: Issuer) -> Iterator[str]:
    """The URL of a MySQL: the one that TEST_MYSQL_URL names, else one started here."""
    if named := os.environ.get(NAMED):
        yield named
        return
    certificate, key = issuer.issue("127.0.0.1")
    options = (f"--ssl-ca={issuer.file}", f"--ssl-cert={certificate}", f"--ssl-key={key}")
    with own_server(*options, kind=MySQLServer) as server:
        yield server.url()


@pytest.fixture(scope="module")
def admin(mysql: str) -> Admin:
    return Admin(mysql)


@pytest.fixture
def url(mysql: str, admin: Admin) -> Iterator[str]:
    """A fresh database."""
    admin("DROP DATABASE IF EXISTS btc_test", "CREATE DATABASE btc_test")
    yield sa.make_url(mysql).set(database="btc_test").render_as_string(hide_password=False)
    admin("DROP DATABASE btc_test")


def account(admin: Admin, url: str, how: str, **more: str) -> dict[str, str]:
    """The settings of a new account."""
    admin.account("kir", how.format(admin.quoted(SECRET)), "btc_test")
    return five(url, DB_USER="kir", DB_PASSWORD=SECRET, DATABASE_RETRY_SECONDS="60", **more)


DEFAULT = "IDENTIFIED BY {}"  # caching_sha2_password


@pytest.mark.parametrize("how", [DEFAULT, "IDENTIFIED WITH sha256_password BY {}"])
@pytest.mark.parametrize("tls", ["", "on"])
def test_its_logins_work_with_and_without_tls(admin: Admin, url: str, how: str, tls: str) -> None:
    """Twice: after the first login the server knows the password and asks for less."""
    settings = account(admin, url, how, DB_SSL=tls)
    for _ in range(2):
        assert asked(settings).startswith("TLS_" if tls else "")


@pytest.mark.parametrize("how", [DEFAULT, "IDENTIFIED WITH sha256_password BY {}"])
def test_a_wrong_password_is_refused(admin: Admin, url: str, how: str) -> None:
    said = refused(account(admin, url, how) | {"DB_PASSWORD": "Falsch-2024"})
    assert said.endswith("refuses: user name or password refused, or the account demands TLS: set DB_SSL")


def test_an_account_that_demands_tls(admin: Admin, url: str) -> None:
    settings = account(admin, url, DEFAULT + " REQUIRE SSL")
    assert refused(settings).endswith("or the account demands TLS: set DB_SSL")
    assert asked(settings | {"DB_SSL": "required"}).startswith("TLS_")


@pytest.mark.skipif(NAMED in os.environ, reason=f"who vouches for the server of {NAMED} is not known here")
def test_its_issuer_is_verified(admin: Admin, url: str, issuer: Issuer, tmp_path: Path) -> None:
    settings = account(admin, url, DEFAULT)
    assert asked(settings | {"DB_SSL_CA": str(issuer.file)}).startswith("TLS_")
    other = Issuer(tmp_path, "other")
    assert "of an issuer that is not trusted here" in refused(settings | {"DB_SSL_CA": str(other.file)})


def test_a_server_that_takes_encrypted_connections_only(admin: Admin, url: str) -> None:
    settings = account(admin, url, DEFAULT)
    admin("SET GLOBAL require_secure_transport = ON")
    try:
        assert refused(settings).endswith("refuses: it takes encrypted connections only: set DB_SSL")
    finally:
        Admin(url, tls=True)("SET GLOBAL require_secure_transport = OFF")


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("ACCOUNT LOCK", "the account is locked: ALTER USER … ACCOUNT UNLOCK on the server"),
        ("PASSWORD EXPIRE", "the account's password has expired: set a new one on the server"),
    ],
)
def test_an_account_that_may_not_log_in(admin: Admin, url: str, how: str, words: str) -> None:
    assert refused(account(admin, url, f"{DEFAULT} {how}")).endswith(f"refuses: {words}")


def test_an_account_that_is_blocked_after_wrong_passwords(admin: Admin, url: str) -> None:
    settings = account(admin, url, f"{DEFAULT} FAILED_LOGIN_ATTEMPTS 2 PASSWORD_LOCK_TIME 1")
    assert "password refused" in refused(settings | {"DB_PASSWORD": "Falsch-2024"})
    refused(settings | {"DB_PASSWORD": "Falsch-2024"})
    assert "the account is blocked after too many wrong passwords" in refused(settings)


def test_a_host_that_no_account_is_for(admin: Admin, url: str) -> None:
    """On MySQL an account for another host is told so."""
    admin("DROP USER IF EXISTS kir@'%'", "CREATE USER IF NOT EXISTS kir@'10.1.2.3' IDENTIFIED BY 'x'")
    said = refused(five(url, DB_USER="kir", DB_PASSWORD=SECRET))
    assert "user name or password refused" in said or "no account on it may log in from this machine" in said


def test_its_error_numbers_have_the_names_of_our_list(url: str) -> None:
    query = "SELECT error_number, error_name FROM performance_schema.events_errors_summary_global_by_error"
    names: dict[int, str] = dict(tables.query(url, query))
    for number, (name, whose) in PASSING.items():
        if "MySQL" in whose:
            assert names[number] in {name, f"OBSOLETE_{name}"}, number


def test_both_jobs_fill_it_as_they_fill_a_file(job: Job, admin: Admin, url: str, history: list[Row]) -> None:
    on_file = job("backfill").succeeded().report
    sessions = job("aggregate").succeeded().report
    settings = account(admin, url, DEFAULT, DATABASE_URL="")
    assert job("migrate", **settings).code == 0
    done = job("backfill", **settings).succeeded()
    assert done.report == on_file
    assert done.report["candles_written"] == HOURS
    assert tables.candles(url) == history
    assert job("aggregate", **settings).succeeded().report == sessions
    assert job("backfill", **settings).succeeded().report["candles_written"] == 0
    assert job("aggregate", **settings).succeeded().report["sessions_written"] == 0
