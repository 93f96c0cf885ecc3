"""Values by their rules: what is taken, and what is refused with the rule and the value."""

from __future__ import annotations

from datetime import date

import pytest

from volatility.domain.errors import SettingError
from volatility.settings import Settings
from volatility.settings.values import (
    as_symbol,
    each,
    is_service_link,
    level,
    number,
    parse_date,
    parse_symbol,
    parse_url,
    parse_window,
    switch,
    whole,
)


@pytest.mark.parametrize(
    ("value", "known"),
    [("debug", "DEBUG"), ("warn", "WARNING"), ("trace", "DEBUG"), ("Critical", "ERROR"), ("fatal", "ERROR")],
)
def test_a_level_may_have_the_name_that_other_programs_give_it(value: str, known: str) -> None:
    assert Settings.of({"LOG_LEVEL": value}).log_level == known


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


def test_parts_are_read_in_order_and_none_twice() -> None:
    values = {"WINDOWS": " 30, 5 ,,30,7,", "SYMBOLS": " , "}
    assert each(values, "WINDOWS", parse_window) == (30, 5, 7)
    with pytest.raises(SettingError, match=r"^SYMBOLS must name at least one, got ' , '$"):
        each(values, "SYMBOLS", parse_symbol)


@pytest.mark.parametrize(("value", "taken"), [("10", 10), ("20", 20), ("010", 10), ("9", None), ("21", None)])
def test_a_whole_number_lies_within_its_bounds(value: str, taken: int | None) -> None:
    if taken is not None:
        assert whole({"N": value}, "N", 10, 20) == taken
        return
    with pytest.raises(SettingError, match=f"^N must be a whole number from 10 to 20, got '{value}'$"):
        whole({"N": value}, "N", 10, 20)


@pytest.mark.parametrize("value", ["1.5", "-12", "+12", "1_2", "twelve", "", "½"])
def test_what_is_no_whole_number_is_refused(value: str) -> None:
    with pytest.raises(SettingError, match="must be a whole number from 10 to 20"):
        whole({"N": value}, "N", 10, 20)


@pytest.mark.parametrize("value", ["tcp://10.96.7.12:8000", "udp://10.96.7.12:53", "sctp://h:1"])
def test_a_service_link_is_told_from_a_number(value: str) -> None:
    assert is_service_link(value)
    with pytest.raises(SettingError, match="looks like a Kubernetes service link: set enableServiceLinks: false"):
        whole({"PORT": value}, "PORT", 0, 65535)


@pytest.mark.parametrize("value", ["8000", "http://h:1", "tcp:10.0.0.1", " tcp://h:1", "xtcp://h:1"])
def test_other_values_are_no_service_links(value: str) -> None:
    assert not is_service_link(value)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0.0), ("3600", 3600.0), ("2.5", 2.5), ("1e3", 1000.0), ("-0.1", None), ("3600.1", None), ("nan", None)],
)
def test_seconds_lie_within_their_bounds(value: str, seconds: float | None) -> None:
    if seconds is not None:
        assert number({"S": value}, "S", 0, 3600) == seconds
        return
    with pytest.raises(SettingError, match=f"^S must be a number of seconds from 0 to 3600, got '{value}'$"):
        number({"S": value}, "S", 0, 3600)


def test_a_switch_is_on_or_off_in_any_case() -> None:
    found = {value: switch({"FORECASTS": value}, "FORECASTS") for value in ("on", "ON", "off", "Off")}
    assert found == {"on": True, "ON": True, "off": False, "Off": False}
    with pytest.raises(SettingError, match=r"^FORECASTS must be on or off, got 'true'$"):
        switch({"FORECASTS": "true"}, "FORECASTS")


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("https://api.binance.com", "https://api.binance.com"),
        ("http://127.0.0.1:9000///", "http://127.0.0.1:9000"),
        ("https://[::1]:8443/prefix/", "https://[::1]:8443/prefix"),
        ("ftp://h", None),
        ("https://h:0", None),
        ("https://h?a=b", None),
        ("h", None),
    ],
)
def test_a_base_url_has_a_host_and_no_slash_at_its_end(value: str, url: str | None) -> None:
    if url is not None:
        assert parse_url("BINANCE_URLS", value) == url
        return
    with pytest.raises(SettingError, match=r"^BINANCE_URLS must hold URLs as https://host, separated by commas, got "):
        parse_url("BINANCE_URLS", value)


def test_a_url_with_a_login_is_refused_without_being_shown() -> None:
    with pytest.raises(SettingError) as caught:
        parse_url("BINANCE_URLS", "https://user:hunter2@h")
    assert str(caught.value) == "BINANCE_URLS must hold URLs without user name and password"
    assert caught.value.value is None


def test_a_window_has_1_to_365_sessions() -> None:
    assert [parse_window("WINDOWS", value) for value in ("1", "365")] == [1, 365]
    for value in ("0", "366", "7.0", "-7", ""):
        with pytest.raises(SettingError, match=r"^WINDOWS must hold whole numbers of sessions from 1 to 365"):
            parse_window("WINDOWS", value)


def test_a_date_is_a_day_of_the_calendar() -> None:
    assert parse_date("--since", "2024-02-29") == date(2024, 2, 29)


def test_a_symbol_that_is_asked_for_is_written_as_the_exchange_has_it() -> None:
    assert as_symbol(" btc-usdt ") == "BTC-USDT"  # whether there is such a one is not said here
    assert as_symbol("カ\u3099ス") == "ガス"


def test_a_level_that_nobody_knows_is_refused() -> None:
    assert [level(value) for value in ("info", "VERBOSE", "notice")] == ["INFO", "DEBUG", "INFO"]
    with pytest.raises(SettingError, match=r"^LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, got 'off'$"):
        level("off")
