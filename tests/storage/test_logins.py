"""Ways to log in to a MariaDB: passwords in any script, ed25519, TLS; and refusals, each in words of its own."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.conftest import own_server
from tests.storage.accounts import Admin, asked, five, opened, refused
from tests.support.certificates import DAY, Issuer
from tests.support_mariadb import PASSWORD, USER, MariaDBServer, plugin_folder
from volatility.domain.errors import SettingError
from volatility.settings import Settings
from volatility.storage.migrate import migrate
from volatility.storage.tls import Tls

pytestmark = pytest.mark.server

PASSWORDS = [
    "Пароль-2024",
    "wörd",
    "密码",
    "🔑 ключ",
    "p%40ss%word",
    "a@b:c/d#e[f]g?h&i=j",
    " blanks at both ends ",
    "quo'te\"d\\back`tick",
    "€uro",
    "${HOME}$$",
]
SECRET = "Geheim-2024"


@pytest.fixture(scope="module")
def server() -> Iterator[MariaDBServer]:
    """One that counts wrong passwords, has ed25519, and no TLS."""
    with own_server(
        f"--plugin-dir={plugin_folder()}", "--plugin-load-add=auth_ed25519", "--max-password-errors=2"
    ) as server:
        Admin(server.url())("CREATE DATABASE candles")
        yield server


@pytest.fixture(scope="module")
def admin(server: MariaDBServer) -> Admin:
    return Admin(server.url())


@pytest.fixture
def settings(server: MariaDBServer) -> dict[str, str]:
    return five(server.url("candles"), DATABASE_RETRY_SECONDS="60")


class TestPasswords:
    """Whatever a person may think of."""

    @pytest.mark.parametrize("password", PASSWORDS)
    @pytest.mark.parametrize("by", ["mysql_native_password", "ed25519"])
    def test_any_password_logs_in(self, admin: Admin, settings: dict[str, str], password: str, by: str) -> None:
        admin.account("kir", f"IDENTIFIED VIA {by} USING PASSWORD({admin.quoted(password)})", "candles")
        assert asked(settings | {"DB_USER": "kir", "DB_PASSWORD": password}) == ""

    @pytest.mark.parametrize("password", PASSWORDS)
    def test_a_wrong_one_is_refused_and_shown_nowhere(self, settings: dict[str, str], password: str) -> None:
        said = refused(settings | {"DB_USER": "nobody", "DB_PASSWORD": password})
        assert said.endswith("refuses: user name or password refused, or the account demands TLS: set DB_SSL")

    @pytest.mark.parametrize("password", PASSWORDS)
    def test_any_password_logs_in_as_a_url_has_it(self, admin: Admin, server: MariaDBServer, password: str) -> None:
        admin.account("kir", f"IDENTIFIED BY {admin.quoted(password)}", "candles")
        url = make_url(server.url("candles")).set(username="kir", password=password)
        assert asked({"DATABASE_URL": url.render_as_string(hide_password=False)}) == ""

    def test_user_and_database_in_another_script(self, admin: Admin, settings: dict[str, str]) -> None:
        admin("CREATE OR REPLACE DATABASE `свечи`")
        admin.account("кирилл", f"IDENTIFIED BY '{SECRET}'", "свечи")
        with opened(settings | {"DB_USER": "кирилл", "DB_PASSWORD": SECRET, "DB_NAME": "свечи"}) as database:
            migrate(database)
            assert database.read(lambda c: c.exec_driver_sql("SELECT DATABASE()").scalar_one()) == "свечи"

    @pytest.mark.parametrize(
        "url", ["at:geheim@Nebenan2024@127.0.0.1", "at:ge?heim@Nebenan2024@h", "a:b@Neben/an2024@h"]
    )
    def test_a_password_with_an_at_sign_in_a_url_is_a_wrong_setting_and_not_shown(self, url: str) -> None:
        with pytest.raises(SettingError) as caught, opened({"DATABASE_URL": f"mysql+pymysql://{url}:1/x"}):
            pass
        assert str(caught.value).startswith("DATABASE_URL must be an SQLAlchemy URL as ")
        assert not {"geheim", "heim", "Nebenan", "Neben", "an2024"} & set(re.findall(r"\w+", str(caught.value)))


class TestAccounts:
    """What can be wrong with an account, each in words of its own and said at once."""

    def _said(self, settings: dict[str, str], name: str, password: str = SECRET) -> str:
        return refused(settings | {"DB_USER": name, "DB_PASSWORD": password}).partition(" refuses: ")[2]

    def test_locked(self, admin: Admin, settings: dict[str, str]) -> None:
        admin.account("locked", f"IDENTIFIED BY '{SECRET}' ACCOUNT LOCK", "candles")
        assert self._said(settings, "locked") == "the account is locked: ALTER USER … ACCOUNT UNLOCK on the server"

    def test_expired(self, admin: Admin, settings: dict[str, str]) -> None:
        admin.account("expired", f"IDENTIFIED BY '{SECRET}' PASSWORD EXPIRE", "candles")
        assert self._said(settings, "expired").startswith("the account's password has expired: set a new one")

    def test_blocked_after_wrong_passwords(self, admin: Admin, settings: dict[str, str]) -> None:
        admin.account("guessed", f"IDENTIFIED BY '{SECRET}'", "candles")
        for _ in range(2):
            assert "password refused" in self._said(settings, "guessed", "wrong-guess")
        assert self._said(settings, "guessed").startswith("the account is blocked after too many wrong passwords")

    def test_of_another_machine(self) -> None:
        """No account may log in from here at all, as on a server that was just installed."""
        with own_server() as other:
            only = Admin(other.url())
            only("CREATE DATABASE candles", "CREATE USER far@'10.1.2.3' IDENTIFIED BY 'x'")
            only("DELETE FROM mysql.global_priv WHERE Host NOT LIKE '10.%'", "FLUSH PRIVILEGES")
            said = refused(five(other.url("candles"), DB_USER="far"))
        assert said.partition(" refuses: ")[2].startswith("no account on it may log in from this machine")

    def test_by_the_machines_own_socket_only(self, admin: Admin, settings: dict[str, str]) -> None:
        admin.account("local", "IDENTIFIED VIA unix_socket", "candles")
        assert self._said(settings, "local").startswith("user name or password refused")

    def test_too_many_queries_in_an_hour(self, admin: Admin, settings: dict[str, str]) -> None:
        how = f"IDENTIFIED BY '{SECRET}' WITH MAX_QUERIES_PER_HOUR 2"
        admin.account("busy", how, "candles")
        said = self._said(settings, "busy")
        assert said == "the account has used up its max_queries_per_hour; it may go on within the hour"


class _Greeter:
    """A server that greets as MySQL 8.4 does, then asks for a login by a plugin, and notes what it is sent."""

    GREETING = (
        b"\x0a8.4.6\x00\x01\x00\x00\x00abcdefgh\x00\x0d\xa2\x2d\x02\x00\x08\x00\x15" + bytes(10)
        + b"ijklmnopqrst\x00mysql_native_password\x00"
    )  # fmt: skip

    def __init__(self, plugin: bytes, first: bytes = b"") -> None:
        self._plugin, self._first, self.heard = plugin, first, b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            connection.settimeout(5)
            if self._first:
                connection.sendall(self._first)
                return
            connection.sendall(self._packet(0, self.GREETING))
            self.heard += connection.recv(4096)
            connection.sendall(self._packet(2, b"\xfe" + self._plugin + b"\x00" + b"s" * 32))
            while more := connection.recv(4096):
                self.heard += more

    @staticmethod
    def _packet(number: int, payload: bytes) -> bytes:
        return len(payload).to_bytes(3, "little") + bytes([number]) + payload

    @classmethod
    @contextmanager
    def listening(cls, plugin: bytes, first: bytes = b"") -> Iterator[_Greeter]:
        """One that listens as long as the block runs."""
        greeter = cls(plugin, first)
        try:
            yield greeter
        finally:
            greeter._thread.join(10)
            greeter._listener.close()


class TestOtherLogins:
    """Plugins that are not supported, and servers that are none."""

    @pytest.mark.parametrize("plugin", ["parsec", "auth_gssapi_client", "authentication_ldap_sasl_client", "no_such"])
    def test_a_login_that_is_not_supported_is_named(self, plugin: str) -> None:
        with _Greeter.listening(plugin.encode()) as greeter:
            said = refused(five(f"mysql+pymysql://kir:{SECRET}@127.0.0.1:{greeter.port}/x"))
        assert (
            f"refuses: the account logs in by {plugin}, which is not supported: give it mysql_native_password" in said
        )

    @pytest.mark.parametrize("plugin", ["mysql_clear_password", "dialog"])
    def test_no_password_is_sent_as_it_is_without_tls(self, plugin: str) -> None:
        """Whoever stands in the server's place could ask for that."""
        with _Greeter.listening(plugin.encode()) as greeter:
            said = refused(five(f"mysql+pymysql://kir:{SECRET}@127.0.0.1:{greeter.port}/x"))
        assert "sends the password in the clear, which is done over TLS only" in said
        assert SECRET.encode() not in greeter.heard

    @pytest.mark.parametrize("first", [b"\x05\x00\x00\x00HTTP/", b"\x02\x00\x00\x00\x0a8", b"\x04\x00\x00\x00\x0aa.b"])
    def test_a_server_that_is_no_database_is_named_as_such(self, first: bytes) -> None:
        with _Greeter.listening(b"", first) as greeter:
            said = refused(five(f"mysql+pymysql://kir:{SECRET}@127.0.0.1:{greeter.port}/x"))
        assert said.endswith("answers, but not as MariaDB or MySQL: is DB_PORT right?")

    def test_a_server_that_says_nothing_is_not_waited_for_longer_than_was_set(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"mysql+pymysql://kir:{SECRET}@127.0.0.1:{silent.getsockname()[1]}/x"
            said = refused(five(url, DATABASE_RETRY_SECONDS="0"))
        assert "can't be reached or is busy: Lost connection to MySQL server during query (timed out)" in said


@pytest.mark.parametrize("user", ["btc_tests", "edward"])
def test_what_few_logins_need_is_loaded_by_those_alone(
    admin: Admin, server: MariaDBServer, settings: dict[str, str], user: str
) -> None:
    """Importing cryptography takes longer than all else that an hourly job does with a database."""
    if user == "edward":
        admin.account(user, f"IDENTIFIED VIA ed25519 USING PASSWORD('{settings['DB_PASSWORD']}')", "candles")
    url = make_url(server.url("candles")).set(username=user).render_as_string(hide_password=False)
    code = (
        "import sys; from volatility.domain.retry import ONCE; from volatility.storage.database import Database\n"
        f"d = Database({url!r}, ONCE); d.read(lambda c: c.exec_driver_sql('SELECT 1')); d.close()\n"
        "print(*sorted({'cryptography', 'nacl'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == (["nacl"] if user == "edward" else [])


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("certificates"), "issuer")


@pytest.fixture(scope="module")
def other_issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("others"), "other")


@pytest.fixture(scope="module")
def encrypting(issuer: Issuer) -> Iterator[MariaDBServer]:
    certificate, key = issuer.issue("127.0.0.1")
    with own_server(f"--ssl-cert={certificate}", f"--ssl-key={key}") as server:
        admin = Admin(server.url())
        admin("CREATE DATABASE candles")
        admin.account("tls", f"IDENTIFIED BY '{SECRET}' REQUIRE SSL", "candles")
        yield server


class TestEncryption:
    """TLS by settings of its own, against servers with right and wrong certificates."""

    @pytest.fixture
    def tls(self, encrypting: MariaDBServer) -> dict[str, str]:
        return five(encrypting.url("candles"), DB_USER="tls", DB_PASSWORD=SECRET, DATABASE_RETRY_SECONDS="60")

    def test_an_account_that_demands_it_says_what_to_set(self, tls: dict[str, str]) -> None:
        said = refused(tls)
        assert said.endswith("refuses: user name or password refused, or the account demands TLS: set DB_SSL")

    @pytest.mark.parametrize("mode", ["on", "ON", "required", "REQUIRED", "true"])
    def test_on_encrypts_and_trusts_any_certificate(self, tls: dict[str, str], mode: str) -> None:
        assert asked(tls | {"DB_SSL": mode}).startswith("TLS_")

    def test_off_does_not_encrypt_and_builds_no_context(
        self, encrypting: MariaDBServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Which takes 50 ms."""
        monkeypatch.setattr("ssl.create_default_context", lambda **_: pytest.fail("a TLS context is built"))
        assert asked(five(encrypting.url("candles"), DB_SSL="off")) == ""
        assert asked(five(encrypting.url("candles"))) == ""

    @pytest.mark.parametrize("mode", ["", "on", "verify", "verify-ca", "VERIFY_IDENTITY", "VERIFY_CA"])
    def test_the_issuers_file_alone_or_with_a_mode_verifies(
        self, tls: dict[str, str], issuer: Issuer, mode: str
    ) -> None:
        assert asked(tls | {"DB_SSL": mode, "DB_SSL_CA": str(issuer.file)}).startswith("TLS_")

    def test_the_issuers_text_is_as_good_as_its_file(self, tls: dict[str, str], issuer: Issuer) -> None:
        assert asked(tls | {"DB_SSL_CA": issuer.file.read_text()}).startswith("TLS_")

    @pytest.mark.parametrize("changes", [{"DB_SSL": "verify"}, {"DB_SSL": "verify-ca"}, {"DB_SSL_CA": "other"}])
    def test_an_issuer_that_is_not_trusted(
        self, tls: dict[str, str], other_issuer: Issuer, changes: dict[str, str]
    ) -> None:
        """Neither the system knows it nor is it the one of the file."""
        named = {name: str(other_issuer.file) if value == "other" else value for name, value in changes.items()}
        said = refused(tls | named)
        assert said.endswith(
            "refuses: its TLS certificate is of an issuer that is not trusted here: name the issuer's file in DB_SSL_CA"
        )

    @pytest.mark.parametrize(
        ("host", "valid", "words"),
        [
            ("127.0.0.1", (-2 * DAY, -DAY), "its TLS certificate is out of date"),
            ("127.0.0.1", (DAY, 2 * DAY), "its TLS certificate is not valid yet (is this machine's clock right?)"),
            ("db.example", (-DAY, DAY), "its TLS certificate is for another host name than the one in DB_HOST"),
            ("10.1.2.3", (-DAY, DAY), "its TLS certificate is for another host name than the one in DB_HOST"),
        ],
    )
    def test_a_certificate_that_does_not_hold(
        self, tls: dict[str, str], issuer: Issuer, host: str, valid: tuple[timedelta, timedelta], words: str
    ) -> None:
        shown = issuer.issue("127.0.0.1")
        kept = [file.read_bytes() for file in shown]
        try:
            self._show(tls, shown, [file.read_bytes() for file in issuer.issue(host, valid)])
            settings = tls | {"DB_SSL_CA": str(issuer.file)}
            assert refused(settings).endswith(f"refuses: {words}")
            if "another host" in words:
                assert asked(settings | {"DB_SSL": "verify-ca"}).startswith("TLS_")
        finally:
            self._show(tls, shown, kept)

    @staticmethod
    def _show(tls: dict[str, str], files: tuple[Path, Path], contents: list[bytes]) -> None:
        """Let the server show another certificate from now on."""
        for file, content in zip(files, contents, strict=True):
            file.write_bytes(content)
        with opened(tls | {"DB_USER": USER, "DB_PASSWORD": PASSWORD, "DB_SSL": "on"}) as database:
            database.write(lambda c: c.exec_driver_sql("FLUSH SSL"))

    def test_a_server_without_tls(self, settings: dict[str, str]) -> None:
        assert refused(settings | {"DB_SSL": "on"}).endswith("refuses: it offers no TLS, which DB_SSL asks for")

    def test_a_server_that_takes_encrypted_connections_only(
        self, encrypting: MariaDBServer, tls: dict[str, str]
    ) -> None:
        admin = Admin(encrypting.url())
        admin("SET GLOBAL require_secure_transport = ON")
        try:
            assert "TLS: set DB_SSL" in refused(tls) or "encrypted connections only: set DB_SSL" in refused(tls)
            assert asked(tls | {"DB_SSL": "on"}).startswith("TLS_")
            Settings.of(tls)
        finally:
            with opened(five(encrypting.url("candles"), DB_SSL="on")) as database:
                database.write(lambda c: c.exec_driver_sql("SET GLOBAL require_secure_transport = OFF"))

    def test_a_file_that_is_not_there_or_is_none(self, tls: dict[str, str], tmp_path: Path) -> None:
        missing, empty = tmp_path / "ca.pem", tmp_path / "empty.pem"
        empty.write_text("no certificate\n")
        assert refused(tls | {"DB_SSL_CA": str(missing)}) == (
            f"DB_SSL_CA can't be used (No such file or directory), got {str(missing)!r}"
        )
        assert refused(tls | {"DB_SSL_CA": str(empty)}) == (
            f"DB_SSL_CA can't be used (it holds no certificate in PEM), got {str(empty)!r}"
        )
        broken = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
        assert refused(tls | {"DB_SSL_CA": broken}) == "DB_SSL_CA can't be used (it holds no certificate in PEM)"

    @pytest.mark.parametrize(
        ("values", "words"),
        [
            ({"DB_SSL": "maybe"}, "DB_SSL must be off, on, verify-ca or verify, got 'maybe'"),
            ({"DB_SSL": "off", "DB_SSL_CA": "x"}, "DB_SSL must not be off where DB_SSL_CA is set"),
        ],
    )
    def test_settings_that_contradict_each_other(self, tls: dict[str, str], values: dict[str, str], words: str) -> None:
        assert refused(tls | values) == words

    @pytest.mark.parametrize("values", [{"DB_SSL": "on"}, {"DB_SSL_CA": "/ca.pem"}])
    def test_settings_of_the_five_beside_a_url_are_not_passed_over_in_silence(self, values: dict[str, str]) -> None:
        url = "mysql+pymysql://u:p@h/d"
        with pytest.raises(SettingError, match=r"^DB_SSL(_CA)? goes with DB_HOST: to DATABASE_URL append \?ssl_ca="):
            Settings.of({"DATABASE_URL": url, **values})
        assert Settings.of({"DATABASE_URL": url, "DB_SSL": "off"}).database_tls is None
        assert Settings.of({"DATABASE_URL": "sqlite:////tmp/x", **values}).database_tls is None

    def test_without_any_of_them_nothing_is_encrypted(self) -> None:
        assert Settings.of({}).database_tls == Tls()
