"""Values by their rules: what is taken, and what is refused with the rule and the value."""

from __future__ import annotations

import pytest

from volatility.domain.errors import SettingError
from volatility.settings import Settings, parse_date, parse_symbol


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
