"""Settings: a wrong value stops the program with the name, the rule and the value; a secret is never shown."""

from __future__ import annotations

import re
import stat
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from volatility.domain.errors import SettingError
from volatility.domain.hours import to_ms
from volatility.exchange.network import NAMES, PROXIES
from volatility.settings import DEFAULTS, EMBEDDED_DATABASE, Settings

SERVER = {"DB_HOST": "db.example.org", "DB_USER": "btc", "DB_NAME": "market", "DB_PASSWORD": "p@ss/wörd:#?%"}
ROOT = Path(__file__).parents[2]
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


ORIGINS = "must hold origins as https://host, separated by commas, or *"
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
    ("API_CORS_ORIGINS", "example.com", ORIGINS, "example.com"),
    ("API_CORS_ORIGINS", "https://example.com,https://example.com/", ORIGINS, "https://example.com/"),
    ("API_CORS_ORIGINS", "https://example.com:99999", ORIGINS, "https://example.com:99999"),
    ("API_CORS_ORIGINS", "https://*.example.com/a?b", ORIGINS, "https://*.example.com/a?b"),
    ("API_CORS_ORIGINS", "null", ORIGINS, "null"),
    ("API_CORS_ORIGINS", ",", "must name at least one", ","),
    ("TODAY_CACHE_SECONDS", "61", "must be a number of seconds from 0 to 60", "61"),
    ("FORECASTS", "yes", "must be on or off", "yes"),
    ("PAGE_RELOAD", "yes", "must be on or off", "yes"),
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


def test_a_name_in_the_file_that_nearly_is_a_setting_is_said_with_the_one_that_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in DEFAULTS:
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / ".env"
    file.write_text("SYMBOL=ETHUSDT\nSESSION_TIME_ZONE=UTC\nFORECAST=off\nDB_PASWORD=hunter22\nEDITOR=vi\n")
    Settings.load(file)
    assert caplog.messages == [
        f"{name} in .env is not a setting; perhaps {meant} is meant"
        for name, meant in (
            ("SYMBOL", "SYMBOLS"),
            ("SESSION_TIME_ZONE", "SESSION_TIMEZONE"),
            ("FORECAST", "FORECASTS"),
            ("DB_PASWORD", "DB_PASSWORD"),
        )
    ]


def test_the_example_names_no_setting_that_is_taken_for_another(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / ".env"
    names = re.findall(r"^#? ?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert len(names) > 40
    file.write_text("".join(f"{name}=\n" for name in names))
    Settings.load(file)
    assert caplog.messages == []


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
