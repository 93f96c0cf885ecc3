"""The database that settings name: a server, a file, a password out of a file; no complaint shows a secret."""

from __future__ import annotations

import ast
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from volatility.domain.errors import SettingError
from volatility.domain.redaction import gives_away
from volatility.settings import Settings
from volatility.settings.database_url import database_url, keep_secrets_of_url

ROOT = Path(__file__).parents[2]
SERVER = {"DB_HOST": "db.example.org", "DB_USER": "btc", "DB_NAME": "market", "DB_PASSWORD": "p@ss/wörd:#?%"}
SECRET = "hunter2-is-secret"


def test_five_settings_name_a_server_whatever_its_password_holds() -> None:
    url = make_url(Settings.of(SERVER).database_url)
    assert (url.drivername, url.host, url.port, url.database) == ("mysql+pymysql", "db.example.org", 3306, "market")
    assert (url.username, url.password) == ("btc", "p@ss/wörd:#?%")


@given(st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1))
def test_any_user_password_and_database_name_reach_the_server_unchanged(text: str) -> None:
    url = make_url(Settings.of({"DB_HOST": "db", "DB_USER": text, "DB_PASSWORD": text, "DB_NAME": text}).database_url)
    assert (url.username, url.password, url.database, url.host, url.port) == (text, text, text, "db", 3306)


@pytest.mark.parametrize(("host", "expected"), [("::1", "::1"), ("[::1]", "::1"), ("10.0.0.7", "10.0.0.7")])
def test_the_server_may_be_named_by_address(host: str, expected: str) -> None:
    assert make_url(Settings.of({**SERVER, "DB_HOST": host, "DB_PORT": "3307"}).database_url).host == expected


@pytest.mark.parametrize("host", ["db:3306", "mysql://db", "db/x", "a b"])
def test_a_host_is_only_a_host(host: str) -> None:
    with pytest.raises(SettingError) as caught:
        Settings.of({**SERVER, "DB_HOST": host})
    assert str(caught.value) == f"DB_HOST must be a host name or an address, without the port, got {host!r}"


@pytest.mark.parametrize("missing", ["DB_USER", "DB_NAME"])
def test_a_server_needs_a_user_and_a_database(missing: str) -> None:
    with pytest.raises(SettingError, match=f"^{missing} must be set where DB_HOST is$"):
        Settings.of({**SERVER, missing: ""})


@pytest.mark.parametrize("port", ["0", "65536", "three"])
def test_a_wrong_port_is_named(port: str) -> None:
    with pytest.raises(SettingError, match=f"^DB_PORT must be a whole number from 1 to 65535, got '{port}'$"):
        Settings.of({**SERVER, "DB_PORT": port})


def test_database_url_stands_instead_of_the_five() -> None:
    given_url = "mariadb+pymysql://u:p@h/d"
    assert Settings.of({**SERVER, "DATABASE_URL": given_url}).database_url == given_url


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("mysql://u:p@h:3306/d", "mysql+pymysql"),
        ("mariadb://u:p@h/d", "mariadb+pymysql"),
        ("MySQL://u:p@h/d", "mysql+pymysql"),
        ("mysql+pymysql://u@[::1]:3307/d?ssl_ca=/etc/ca.pem", "mysql+pymysql"),
        ("mysql+pymysql:///d?unix_socket=/run/mysqld/mysqld.sock", "mysql+pymysql"),
        ("mysql+pymysql://u:p%40%3A%2F@h.example.org:3306/d%20b", "mysql+pymysql"),
        ("mysql+pymysql://u:pa:s/s?w#o[rd%@h/d", "mysql+pymysql"),  # one reading alone, and it was right before
    ],
)
def test_a_url_of_a_server_is_taken_as_people_have_it(url: str, driver: str) -> None:
    read = make_url(Settings.of({"DATABASE_URL": f" {url} "}).database_url)
    given_url = make_url(url.lower() if url.startswith("My") else url)
    assert read.drivername == driver
    assert read.set(drivername="x") == given_url.set(drivername="x")


@pytest.mark.parametrize(
    "url",
    [
        f"mysql+pymysql://at:{SECRET}@Nebenan2024@127.0.0.1:3306/field_a",
        f"mysql+pymysql://at:geheim@{SECRET}/x@127.0.0.1:3306/field_a",
        f"mysql+pymysql://at:geheim@{SECRET}?x@127.0.0.1:3306/field_a",
        f"mysql+pymysql://at:geheim@{SECRET}:x@127.0.0.1:3306/field_a",
        f"mysql+pymysql://at:geheim@{SECRET}#x@127.0.0.1:3306/field_a",
        f"mysql+pymysql://a/t:{SECRET}@127.0.0.1:3306/field_a",
        f"mysql+pymysql://a@t:{SECRET}@127.0.0.1:3306/field_a",
        f"mysql+pymysql://at:{SECRET}/field_a",
        f"mysql+pymysql://at:{SECRET}@127.0.0.1:{SECRET}/field_a",
        f"mysql+pymysql://at:{SECRET}@127.0.0.1:99999/field_a",
        f"mysql+pymysql://at:{SECRET}@127.0.0.1:3306",
        f"mysql+pymysql://at:{SECRET}@127.0.0.1:3306/",
        f"mysql+pymysql://at:{SECRET}@127.0.0.1:3306/a/b",
        f"mysql+pymysql://at:{SECRET}@127.0.0.1:3306/a#b",
        f"mysql+pymysql://at:x@127.0.0.1:3306/d?password={SECRET}@x",
        f"mysql+pymysql://at:{SECRET}@ho st/d",
        f"mysql+pymysql://at:{SECRET}\nx@host/d",
        f"mysql+mysqldb://at:{SECRET}@h/d",
        f"jdbc:mysql://at:{SECRET}@h/d",
        f"postgres://at:{SECRET}@h/d",
        f"sqlite3:///{SECRET}",
    ],
)
def test_a_url_of_which_a_part_is_not_plain_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(SettingError) as caught:
        Settings.of({"DATABASE_URL": url})
    assert str(caught.value).startswith(("DATABASE_URL must be an SQLAlchemy URL", "DATABASE_URL must begin with one"))
    for piece in (SECRET, "geheim", "Nebenan", "field_a", "127.0.0.1"):
        assert piece not in str(caught.value)


def test_the_remedy_for_a_sign_in_the_password_is_said() -> None:
    with pytest.raises(SettingError, match="in user and password write @ as %40, : as %3A, / as %2F"):
        Settings.of({"DATABASE_URL": "mysql+pymysql://at:geheim@Nebenan2024@127.0.0.1:3306/field_a"})


def test_a_home_folder_in_a_url_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/users/an na")
    url = make_url(Settings.of({"DATABASE_URL": "sqlite:///~/btc.sqlite3?timeout=5"}).database_url)
    assert (url.database, dict(url.query)) == ("/users/an na/btc.sqlite3", {"timeout": "5"})
    assert make_url(Settings.of({"DATABASE_URL": "sqlite:///~"}).database_url).database == "/users/an na"
    with pytest.raises(SettingError, match="names the home folder of a user that is not known here"):
        Settings.of({"DATABASE_URL": "sqlite:///~nobody-of-that-name/x"})


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:////abs/x.db", "/abs/x.db"),
        ("sqlite+pysqlite:///x.db", "x.db"),
        ("sqlite:///a b/x~.db", "a b/x~.db"),
        ("sqlite:///data/%D0%B1.db", "data/б.db"),
        ("sqlite:///file:x.db", "file:x.db"),
    ],
)
def test_a_url_of_a_file_keeps_its_path(url: str, path: str) -> None:
    assert make_url(Settings.of({"DATABASE_URL": url}).database_url).database == path


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("sqlite://data/x.db", "needs three slashes before a path from here"),
        ("sqlite:/data/x.db", "needs three slashes"),
        ("sqlite:data/x.db", "needs three slashes"),
        ("sqlite", "needs three slashes"),
        ("sqlite:///$HOME/x.db", "holds a variable that nothing expands"),
        ("sqlite:///${HOME}/x.db", "holds a variable that nothing expands"),
        ("sqlite:///%USERPROFILE%/x.db", "holds a variable that nothing expands"),
        ("sqlite:///C:\\data\\x.db", "must name a file, as sqlite:///data/file.sqlite3: a path of Windows"),
        ("sqlite:///C:/data/x.db", "must name a file, as sqlite:///data/file.sqlite3: a path of Windows"),
        ("sqlite:///data/", "must name a file, as sqlite:///data/file.sqlite3: it names a folder"),
        ("sqlite:///file:x?mode=memory&uri=true", "must name a file"),
    ],
)
def test_a_url_of_a_file_that_means_another_is_refused(url: str, rule: str) -> None:
    with pytest.raises(SettingError) as caught:
        Settings.of({"DATABASE_URL": url})
    assert str(caught.value).startswith(f"DATABASE_URL {rule}")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_a_database_that_keeps_nothing_is_refused(url: str) -> None:
    with pytest.raises(SettingError, match=r"^DATABASE_URL must name a file, as sqlite:///data/file\.sqlite3"):
        Settings.of({"DATABASE_URL": url})


def test_the_password_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{SECRET}\nnot this line\n")
    settings = Settings.of({**SERVER, "DB_PASSWORD": "", "DB_PASSWORD_FILE": str(file)})
    assert make_url(settings.database_url).password == SECRET
    both = Settings.of({**SERVER, "DB_PASSWORD": "first", "DB_PASSWORD_FILE": str(file)})
    assert make_url(both.database_url).password == "first"


def test_a_password_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    with pytest.raises(SettingError) as caught:
        Settings.of({**SERVER, "DB_PASSWORD": "", "DB_PASSWORD_FILE": str(missing)})
    assert str(caught.value) == f"DB_PASSWORD_FILE can't be read (No such file or directory), got {str(missing)!r}"


@pytest.mark.parametrize(
    ("content", "password"),
    [
        (b"\xef\xbb\xbfp\r\n", "p"),
        (b"p", "p"),
        (b"p\n", "p"),
        (b"p\r\nsecond line\r\n", "p"),
        (b" lead and trail \n", " lead and trail "),
        ("Пароль-2024\n".encode(), "Пароль-2024"),
        (b"p\x0bq\xe2\x80\xa8r\n", "p\x0bq\u2028r"),
    ],
)
def test_a_password_file_holds_one_line_and_no_mark(content: bytes, password: str, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(content)
    given_settings = {**SERVER, "DB_PASSWORD": "", "DB_PASSWORD_FILE": str(tmp_path / "f")}
    assert make_url(Settings.of(given_settings).database_url).password == password
    assert gives_away(f"refused: {password}")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe\x00", "it is not text"),
        (SECRET.encode("utf-16"), "it is UTF-16 text: save it as UTF-8"),
        (SECRET.encode("utf-16-le"), "it is UTF-16 text: save it as UTF-8"),
        (f"é{SECRET}".encode("latin-1"), "it is not text"),
        (b"", "its first line is empty"),
        (b"\n\n", "its first line is empty"),
        (f"\n{SECRET}".encode(), "its first line is empty"),
    ],
)
def test_a_password_file_of_another_kind_says_of_which(content: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(SettingError) as caught:
        Settings.of({**SERVER, "DB_PASSWORD": "", "DB_PASSWORD_FILE": str(tmp_path / "f")})
    assert f"can't be read ({reason})" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_password_file_that_is_a_folder_or_the_password_itself_is_said(tmp_path: Path) -> None:
    for named, said in ((str(tmp_path), "(Is a directory)"), (SECRET, "(No such file"), (f"{SECRET}\0", "(no such")):
        with pytest.raises(SettingError) as caught:
            Settings.of({**SERVER, "DB_PASSWORD": "", "DB_PASSWORD_FILE": named})
        assert said in str(caught.value)
        assert SECRET not in str(caught.value)


def function(file: Path, name: str) -> ast.FunctionDef:
    """A function as it stands in a file, without its docstring."""
    (found,) = [
        node
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]
    found.body = found.body[1:]
    return found


def test_the_three_places_that_read_a_password_file_have_one_rule() -> None:
    places = ("volatility/settings/database_url.py", "docker/secrets/init.py", "dags/btc_jobs.py")
    first, *others = [ast.dump(function(ROOT / place, "password_in")) for place in places]
    assert others == [first, first]


def test_without_a_host_the_embedded_file_is_the_database_whatever_else_is_set() -> None:
    values = dict.fromkeys(("DATABASE_URL", "DB_HOST"), "") | {"DB_USER": "btc", "DB_NAME": "market"}
    assert database_url(values) == "sqlite:///data/btc_volatility.sqlite3"


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://u:{SECRET}@h/d",
        f"mysql://{SECRET}@h/d",
        f"mysql://u@h/d?ssl_key_password={SECRET}",
        f"mysql://u@h/d?charset=utf8&api-key={SECRET}",
        f"mysql://u@h/d?access_token={SECRET}",
        f"mysql://u:{quote(SECRET + '/')}@h/d",
    ],
)
def test_what_a_url_holds_of_secrets_is_hidden_from_then_on(url: str) -> None:
    assert not gives_away(f"refused: {SECRET}")
    keep_secrets_of_url(url)
    assert gives_away(f"refused: {SECRET}/")


def test_other_options_of_a_url_are_no_secrets() -> None:
    keep_secrets_of_url("mysql://u:x@h/d?charset=utf8mb4&ssl_ca=certificate-file")
    assert not gives_away("utf8mb4 certificate-file")
