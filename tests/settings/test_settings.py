"""Settings: a wrong value stops the program with the name, the rule and the value; a secret is never shown."""

from __future__ import annotations

import ast
import stat
import subprocess
import sys
from datetime import UTC, datetime, time
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from volatility.domain.errors import SettingError
from volatility.domain.hours import to_ms
from volatility.domain.redaction import gives_away
from volatility.exchange.network import NAMES, PROXIES
from volatility.settings import DEFAULTS, EMBEDDED_DATABASE, Settings, parse_date, parse_symbol

ROOT = Path(__file__).parents[2]
SERVER = {"DB_HOST": "db.example.org", "DB_USER": "btc", "DB_NAME": "market", "DB_PASSWORD": "p@ss/wörd:#?%"}
SECRET = "hunter2-is-secret"


def test_without_any_setting_the_defaults_of_the_specification_hold() -> None:
    settings = Settings.of({})
    assert settings.database_url == EMBEDDED_DATABASE == "sqlite:///data/btc_volatility.sqlite3"
    assert settings.binance_urls[0] == "https://data-api.binance.vision"
    assert settings.binance_urls[1] == "https://api.binance.com"
    assert settings.symbols == ("BTCUSDT",)
    assert settings.history_start_ms == to_ms(datetime(2017, 8, 17, tzinfo=UTC))
    assert settings.calendar.start == time(11)
    assert settings.calendar.timezone.key == "Europe/Moscow"
    assert settings.windows == (5, 7, 14, 30)
    assert (settings.api_host, settings.api_port, settings.log_level) == ("127.0.0.1", 8000, "INFO")


@pytest.mark.parametrize("name", sorted(DEFAULTS))
def test_an_empty_value_means_the_default(name: str) -> None:
    assert Settings.of({name: ""}) == Settings.of({name: "  "}) == Settings.of({name: None}) == Settings.of({})


def test_values_are_read_as_people_write_them() -> None:
    settings = Settings.of(
        {
            "BINANCE_URLS": " http://127.0.0.1:9000/ , https://api.binance.com,",
            "SYMBOLS": "ethusdt, BTCUSDT,ethusdt",
            "WINDOWS": "30,5,5",
            "SESSION_START": "9:00",
            "SESSION_TIMEZONE": "America/New_York",
            "LOG_LEVEL": "debug",
            "BINANCE_RETRY_SECONDS": "2.5",
            "TODAY_CACHE_SECONDS": "0",
        }
    )
    assert settings.binance_urls == ("http://127.0.0.1:9000", "https://api.binance.com")
    assert settings.symbols == ("ETHUSDT", "BTCUSDT")
    assert settings.windows == (5, 30)
    assert settings.calendar.start == time(9)
    assert settings.log_level == "DEBUG"
    assert (settings.binance_retry_seconds, settings.today_cache_seconds) == (2.5, 0.0)


URLS = "must hold URLs as https://host, separated by commas"
WINDOWS = "must hold whole numbers of sessions from 1 to 365, separated by commas"
WRONG = [
    ("DATABASE_RETRY_SECONDS", "-1", "must be a number of seconds from 0 to 3600", "-1"),
    ("DATABASE_RETRY_SECONDS", "nan", "must be a number of seconds from 0 to 3600", "nan"),
    ("DATABASE_RETRY_SECONDS", "inf", "must be a number of seconds from 0 to 3600", "inf"),
    ("BINANCE_URLS", "api.binance.com", URLS, "api.binance.com"),
    ("BINANCE_URLS", "https://api.binance.com,ftp://x", URLS, "ftp://x"),
    ("BINANCE_URLS", "https://", URLS, "https://"),
    ("BINANCE_URLS", "https://[::1", URLS, "https://[::1"),
    ("BINANCE_URLS", "https://host:port", URLS, "https://host:port"),
    ("BINANCE_URLS", "https://host:99999", URLS, "https://host:99999"),
    ("BINANCE_URLS", "https://host/?a=b", URLS, "https://host/?a=b"),
    ("BINANCE_URLS", "https://host/#a", URLS, "https://host/#a"),
    ("BINANCE_URLS", ",", "must name at least one", ","),
    ("BINANCE_WEIGHT_LIMIT", "9", "must be a whole number from 10 to 1000000", "9"),
    ("BINANCE_WEIGHT_LIMIT", "6e3", "must be a whole number from 10 to 1000000", "6e3"),
    ("BINANCE_RETRY_SECONDS", "3601", "must be a number of seconds from 0 to 3600", "3601"),
    ("BINANCE_RETRY_SECONDS", "a minute", "must be a number of seconds from 0 to 3600", "a minute"),
    ("SYMBOLS", ", ,", "must name at least one", ", ,"),
    ("SYMBOLS", "BTC/USDT", "must be a symbol such as BTCUSDT: 2 to 20 letters and digits", "BTC/USDT"),
    ("SYMBOLS", "BTCUSDT,B", "must be a symbol such as BTCUSDT: 2 to 20 letters and digits", "B"),
    ("HISTORY_START", "17.08.2017", "must be a date as YYYY-MM-DD", "17.08.2017"),
    ("HISTORY_START", "2017-02-29", "must be a date as YYYY-MM-DD", "2017-02-29"),
    ("HISTORY_START", "2009-01-02", "must lie between 2009-01-03 and 2100-01-01", "2009-01-02"),
    ("HISTORY_START", "9999-12-31", "must lie between 2009-01-03 and 2100-01-01", "9999-12-31"),
    ("SESSION_START", "11", "must be a time of day as HH:MM", "11"),
    ("SESSION_START", "24:00", "must be a time of day as HH:MM", "24:00"),
    ("SESSION_START", "11:60", "must be a time of day as HH:MM", "11:60"),
    ("SESSION_START", "11:30", "must fall on a candle's start, a whole hour in UTC, in Europe/Moscow", "11:30"),
    ("SESSION_TIMEZONE", "Moscow", "must be a time zone such as Europe/Moscow", "Moscow"),
    ("SESSION_TIMEZONE", "../../etc/passwd", "must be a time zone such as Europe/Moscow", "../../etc/passwd"),
    ("SESSION_TIMEZONE", "Europe", "must be a time zone such as Europe/Moscow", "Europe"),
    ("WINDOWS", "0", WINDOWS, "0"),
    ("WINDOWS", "5,366", WINDOWS, "366"),
    ("WINDOWS", "5;7", WINDOWS, "5;7"),
    ("WINDOWS", "-5", WINDOWS, "-5"),
    ("WINDOWS", ",", "must name at least one", ","),
    ("API_PORT", "65536", "must be a whole number from 0 to 65535", "65536"),
    ("API_PORT", "http", "must be a whole number from 0 to 65535", "http"),
    ("TODAY_CACHE_SECONDS", "61", "must be a number of seconds from 0 to 60", "61"),
    ("FORECASTS", "yes", "must be on or off", "yes"),
    ("LOG_LEVEL", "loud", "must be one of DEBUG, INFO, WARNING, ERROR", "loud"),
]


@pytest.mark.parametrize(("name", "value", "rule", "shown"), WRONG)
def test_a_wrong_value_is_named_with_its_rule(name: str, value: str, rule: str, shown: str) -> None:
    with pytest.raises(SettingError) as caught:
        Settings.of({name: value})
    assert (caught.value.name, caught.value.rule, caught.value.value) == (name, rule, shown)
    assert str(caught.value) == f"{name} {rule}, got {shown!r}"


def test_every_setting_has_a_wrong_value_in_these_tests() -> None:
    free = {"API_HOST", "DB_PASSWORD", "DB_SSL_CA"}  # any text will do
    other_tests = {"DB_USER", "DB_NAME", "DB_HOST", "DB_PORT", "DB_PASSWORD_FILE", "DATABASE_URL", "DB_SSL"}
    other_tests |= {*NAMES, *(f"{name}_FILE" for name in PROXIES)}  # test_network
    assert {case[0] for case in WRONG} | free | other_tests == set(DEFAULTS)


@given(st.text(min_size=1, max_size=30), st.sampled_from(sorted(set(DEFAULTS) - {"DB_PASSWORD_FILE"})))
def test_any_text_is_a_setting_or_one_plain_line(value: str, name: str) -> None:
    complaint = None
    try:
        Settings.of({**SERVER, name: value})
    except SettingError as error:
        complaint = error
    if complaint:
        assert complaint.name == name
        assert "\n" not in str(complaint)


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


def given_to_stack(content: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """`docker/secrets/init.py` over what Compose writes for it, in a folder instead of the volumes."""
    (folder / "given").write_bytes(content.encode())
    for name in ("mariadb", "database", "airflow", "postgres", "redis"):
        (folder / "secrets" / name).mkdir(parents=True, exist_ok=True)
    script = (
        f"import runpy, pathlib; m = runpy.run_path({str(ROOT / 'docker/secrets/init.py')!r}); "
        f"g = m['main'].__globals__; g['GIVEN'] = pathlib.Path({str(folder / 'given')!r}); "
        f"g['ROOT'] = pathlib.Path({str(folder / 'secrets')!r}); m['main']()"
    )
    environment = {"DB_HOST": "", "BIND_ADDRESS": "127.0.0.1", "AIRFLOW_USER": ""}
    return subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("password", [" lead", "pa${ss}=word", "Пароль-2024", "a\u2028b\x0bc"])
def test_the_stack_keeps_a_given_password_as_it_is(password: str, tmp_path: Path) -> None:
    done = given_to_stack(f"DB_PASSWORD={password}\nAIRFLOW_PASSWORD=\nAIRFLOW_DB_PASSWORD={password}\n", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "secrets/database/db_password").read_bytes() == password.encode()
    connection = (tmp_path / "secrets/airflow/sql_alchemy_conn").read_text()
    assert f"airflow:{quote(password, safe='')}@" in connection


@pytest.mark.parametrize("password", [f"a\n{SECRET}", f"a\nAIRFLOW_PASSWORD={SECRET}", f"{SECRET}\r", "a\nb=c"])
def test_the_stack_refuses_a_password_with_a_line_break(password: str, tmp_path: Path) -> None:
    done = given_to_stack(f"DB_PASSWORD={password}\nAIRFLOW_PASSWORD=\nAIRFLOW_DB_PASSWORD=\n", tmp_path)
    assert done.returncode == 1
    assert "a password holds a line break" in done.stderr
    assert list((tmp_path / "secrets/database").iterdir()) == []


def test_a_password_is_not_stripped_but_for_a_line_end() -> None:
    for value, password in ((" lead ", " lead "), ("p\n", "p"), ("p\r\n", "p"), ("pa${ss}$$", "pa${ss}$$")):
        assert make_url(Settings.of({**SERVER, "DB_PASSWORD": value}).database_url).password == password
    with pytest.raises(SettingError, match=r"^DB_PASSWORD must be one line; is a quote in \.env not closed\?$"):
        Settings.of({**SERVER, "DB_PASSWORD": f"{SECRET}\nSYMBOLS=BTCUSDT"})


@pytest.mark.parametrize(
    "given_settings",
    [
        {"DATABASE_URL": f"postgresql://btc:{SECRET}@db/market"},
        {"DATABASE_URL": f"mysql+pymysql:btc:{SECRET}@db/market"},
        {"DATABASE_URL": SECRET},
        {"BINANCE_URLS": f"https://user:{SECRET}@proxy.example.org"},
        {**SERVER, "DB_PASSWORD": SECRET, "DB_PORT": "x"},
        {**SERVER, "DB_PASSWORD": SECRET, "DB_USER": ""},
        {**SERVER, "DB_PASSWORD": SECRET, "DB_HOST": f"mysql://btc:{SECRET}@db:3306"},
        {**SERVER, "DB_PASSWORD": SECRET, "API_PORT": "x"},
    ],
)
def test_a_secret_is_never_part_of_a_message(given_settings: dict[str, str]) -> None:
    with pytest.raises(SettingError) as caught:
        Settings.of(given_settings)
    assert SECRET not in f"{caught.value} {caught.value!r} {caught.value.value}"


def test_a_secret_is_never_part_of_the_settings_when_printed() -> None:
    settings = Settings.of({**SERVER, "DB_PASSWORD": SECRET})
    assert SECRET in settings.database_url
    assert SECRET not in f"{settings} {settings!r}"


def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in DEFAULTS:
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / ".env"
    file.write_text('SYMBOLS=ETHUSDT\nAPI_PORT=9001\nDB_PASSWORD="a # b"\nDB_HOST=h\nDB_USER=u\nDB_NAME=n\n')
    monkeypatch.setenv("API_PORT", "9002")
    settings = Settings.load(file)
    assert (settings.symbols, settings.api_port) == (("ETHUSDT",), 9002)
    assert make_url(settings.database_url).password == "a # b"


def test_a_missing_file_leaves_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in DEFAULTS:
        monkeypatch.delenv(name, raising=False)
    assert Settings.load(tmp_path / "none") == Settings.of({})


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"SYMBOLS=\xff\xfe")
    with pytest.raises(SettingError, match=r"\.env can't be read: "):
        Settings.load(file)


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("SYMBOLS=BTCUSDT")
    file.chmod(stat.S_IWUSR)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # root may read anything
    with pytest.raises(SettingError, match=r"\.env can't be read: .*Permission denied"):
        Settings.load(file)


def test_an_unclosed_quote_does_not_show_the_line_that_it_swallowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in DEFAULTS:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".env").write_text(f"SYMBOLS='ETHUSDT\nDB_PASSWORD={SECRET}\nDB_HOST='\n")
    with pytest.raises(SettingError, match=r"^SYMBOLS must be a symbol") as caught:
        Settings.load(tmp_path / ".env")
    assert SECRET not in str(caught.value)
    assert caught.value.value is None


@pytest.mark.parametrize(
    ("secrets", "name", "value"),
    [
        ({"DB_PASSWORD": SECRET}, "SYMBOLS", SECRET),
        ({"DB_PASSWORD": SECRET}, "SESSION_TIMEZONE", f"Europe/{SECRET}"),
        ({"DB_PASSWORD": f"x@{SECRET}:y"}, "API_PORT", SECRET),
        ({"AIRFLOW_PASSWORD": SECRET}, "WINDOWS", f"5,{SECRET}"),
        ({"AIRFLOW_DB_PASSWORD": SECRET}, "LOG_LEVEL", SECRET),
        ({"DATABASE_URL": f"mysql://u:{SECRET}@h/d"}, "HISTORY_START", SECRET),
        ({"DATABASE_URL": f"mysql://u@h/d?ssl_key_password={SECRET}"}, "HISTORY_START", SECRET),
        ({"DATABASE_URL": f"mysql://{SECRET}@h/d"}, "HISTORY_START", SECRET),
        ({"DB_PASSWORD": "Пароль-2024"}, "BINANCE_URLS", "https://h/?a=%D0%9F%D0%B0%D1%80%D0%BE%D0%BB%D1%8C-2024"),
        ({}, "SYMBOLS", f"mysql://u:{SECRET}@h"),
        ({}, "SYMBOLS", f"A\nDB_PASSWORD={SECRET}"),
        ({}, "SYMBOLS", "A" * 300 + SECRET),
        ({}, "BINANCE_URLS", f"https://u:{SECRET}@h"),
        ({}, "BINANCE_URLS", f"https://api.binance.com,https://h/?apikey={SECRET}"),
    ],
)
def test_a_secret_in_the_wrong_place_is_not_shown(secrets: dict[str, str], name: str, value: str) -> None:
    with pytest.raises(SettingError) as caught:
        Settings.of({**secrets, name: value})
    assert caught.value.name == name
    assert SECRET not in f"{caught.value} {caught.value!r} {caught.value.value}"
    assert "2024" not in str(caught.value)


LINK = "tcp://10.96.7.12:8000"


def test_a_service_link_of_kubernetes_is_only_complained_of_where_it_is_used() -> None:
    links = {"API_PORT": LINK, "DB_PORT": LINK, "API_SERVICE_HOST": "10.96.7.12", "MARIADB_PORT": LINK}
    settings = Settings.of(links)
    assert (settings.api_port, settings.database_url) == (None, EMBEDDED_DATABASE)
    assert Settings.of({**links, "DATABASE_URL": "mysql://u:p@h/d"}).database_url == "mysql+pymysql://u:p@h/d"
    with pytest.raises(SettingError, match=r"^DB_PORT looks like a Kubernetes service link: set enableServiceLinks"):
        Settings.of({**SERVER, "DB_PORT": LINK})
    with pytest.raises(SettingError, match=r"^DB_HOST must be a host name or an address"):
        Settings.of({**SERVER, "DB_HOST": LINK})


@pytest.mark.parametrize(
    ("value", "level"),
    [("debug", "DEBUG"), ("warn", "WARNING"), ("trace", "DEBUG"), ("Critical", "ERROR"), ("fatal", "ERROR")],
)
def test_a_level_may_have_the_name_that_other_programs_give_it(value: str, level: str) -> None:
    assert Settings.of({"LOG_LEVEL": value}).log_level == level


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        (" btcusdt ", "BTCUSDT"),
        ("1INCHUSDT", "1INCHUSDT"),
        ("币安人生usdt", "币安人生USDT"),
        ("カ\u3099スUSDT", "ガスUSDT"),
    ],
)
def test_a_symbol_is_written_in_capitals(text: str, symbol: str) -> None:
    assert parse_symbol("symbol", text) == symbol


@pytest.mark.parametrize(
    "text",
    [
        "",
        "B",
        "BTC-USDT",
        "BTC USDT",
        "BTCUSDT_240329",
        "БТЦ",
        "ВТСUSDT",
        "straße",
        "ＢＴＣ",
        "A" * 21,
        "币" * 21,
        "BTCUSDT\n;DROP",
    ],
)
def test_what_is_no_symbol_is_refused_with_the_argument(text: str) -> None:
    with pytest.raises(SettingError, match=r"^--symbol must be a symbol such as BTCUSDT"):
        parse_symbol("--symbol", text)


@pytest.mark.parametrize("text", ["", "2024", "2024-13-01", "2024-01-01T00:00", "today"])
def test_what_is_no_date_is_refused_with_the_argument(text: str) -> None:
    with pytest.raises(SettingError, match=r"^--since must be a date as YYYY-MM-DD, got "):
        parse_date("--since", text)
