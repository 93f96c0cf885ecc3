"""Numbers as people read them, and tables that fit a terminal or leave out what may be spared."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from volatility.cli.output import (
    cell_text,
    percent_text,
    price_text,
    print_table,
    share_text,
    source_text,
    title_of,
    write_csv,
    write_json,
)
from volatility.presentation.fields import OF_OPEN, QUOTE, SHARE, Field, Kind


@pytest.mark.parametrize(
    ("value", "price", "shown"),
    [
        (None, None, "–"),
        (4261.48, None, "4,261.48"),
        (4261.5, None, "4,261.50"),
        (104261.0, None, "104,261.00"),
        (1_234_567.891, None, "1,234,568"),  # no cents from a million on
        (5.25, 2_000_000.0, "5.25"),
        (1500.25, 2_000_000.0, "1,500"),
        (12.34567, None, "12.3457"),  # six digits
        (1.5, None, "1.50"),
        (3.0, 100_000.0, "3.00"),  # an amount beside larger prices has their decimals
        (0.5, None, "0.5"),
        (0.00001234567, None, "0.0000123457"),
        (0.25, 100_000.0, "0.25"),
        (0.0, None, "0"),
        (-12.5, None, "-12.50"),
    ],
)
def test_a_price_has_the_digits_that_matter(value: float | None, price: float | None, shown: str) -> None:
    assert price_text(value, price) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (2.345, "2.35"),
        (1234.5, "1,234.50"),
        (0.01, "0.01"),
        (0.00123, "0.0012"),
        (0.0, "0.00"),
        (-3.0, "-3.00"),
    ],
)
def test_a_percentage_has_two_decimals_or_two_digits(value: float | None, shown: str) -> None:
    assert percent_text(value) == shown


def test_a_share_is_a_whole_percentage() -> None:
    assert [share_text(value) for value in (None, 0.0, 0.254, 1.0)] == ["–", "0%", "25%", "100%"]


def field(unit: object) -> Field:
    return Field("x", Kind.NUMBER, "x", "x", unit)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [
        (QUOTE, 4261.5, "4,261.50"),
        (SHARE, 0.25, "25%"),
        (OF_OPEN, 1.234, "1.23"),
        (None, 17, "17"),
        (QUOTE, None, "–"),
        (OF_OPEN, {"low": 1.0, "high": None}, "1.00 to –"),
    ],
)
def test_a_cell_is_shown_as_its_unit_wants_it(unit: object, value: object, shown: str) -> None:
    assert cell_text(field(unit), value) == shown


COLUMNS = ["date", "open", "high", "volume", "trades"]
ROWS = [["2024-01-01", "42,000.00", "43,000.00", "1,234.5", "99"], ["2024-01-02", "5.00", "6.00", "7.0", "8"]]
SPARE = [("volume",), ("trades", "high")]


def printed(width: int, spare: list[tuple[str, ...]]) -> str:
    out = io.StringIO()
    print_table(Console(file=out, width=width), "A title", COLUMNS, ROWS, spare)
    return out.getvalue()


def heads(text: str) -> list[str]:
    return next(line for line in text.splitlines() if "date" in line).split()


@pytest.mark.parametrize(
    ("width", "shown", "gone"),
    [
        (120, COLUMNS, ""),
        (50, ["date", "open", "high", "volume", "trades"], ""),  # closer together
        (42, ["date", "open", "high", "trades"], "without volume: the terminal is too narrow"),
        (32, ["date", "open"], "without high, volume, trades:"),
    ],
)
def test_a_narrow_terminal_leaves_out_what_may_be_spared_and_says_so(width: int, shown: list[str], gone: str) -> None:
    text = printed(width, SPARE)
    assert heads(text) == shown
    assert gone in " ".join(text.split())
    assert ("too narrow" in " ".join(text.split())) is bool(gone)
    assert all(len(line) <= width for line in text.splitlines())
    assert "42,000.00" in text


def test_numbers_stand_below_each_other_at_the_right() -> None:
    lines = [line.rstrip() for line in printed(120, []).splitlines() if "2024" in line]
    assert lines[0].index("42,000.00") + len("42,000.00") == lines[1].index("5.00") + len("5.00")


def test_json_is_for_people_and_csv_is_flat(capsys: pytest.CaptureFixture[str]) -> None:
    write_json({"b": 1, "a": [None]})
    text = capsys.readouterr().out
    assert json.loads(text) == {"b": 1, "a": [None]}
    assert text.startswith('{\n  "b": 1,')
    write_csv(["a", "b,c"], [[1e-7, True], [None, "x"]])
    assert capsys.readouterr().out == 'a,"b,c"\n0.0000001,true\n,x\n'


def test_a_title_says_that_numbers_are_made_up_and_where_the_newest_come_from() -> None:
    assert title_of({"simulated": True, "symbol": "BTCUSDT"}, "today") == "SIMULATED BTCUSDT today"
    assert title_of({"simulated": False, "symbol": "BTCUSDT"}, "today") == "BTCUSDT today"
    assert source_text({"stale": False}) == "the exchange"
    assert "STALE" in source_text({"stale": True})
