"""Arguments that commands share: what they take, and in one line what they refuse."""

from __future__ import annotations

import argparse

import pytest

from volatility.cli.arguments import Parser, a_symbol, add_output, amount, argument, one, sessions
from volatility.settings import Settings


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("30", 30), ("3650", 3650), ("007", 7)])
def test_a_number_of_sessions(text: str, number: int) -> None:
    assert sessions("--days")(text) == number


@pytest.mark.parametrize("text", ["0", "3651", "-1", "1.5", "", "ten", "1e3", " 5", "²"])
def test_what_is_no_number_of_sessions(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=r"^must be a whole number from 1 to 3650, got ") as caught:
        sessions("--days")(text)
    assert str(caught.value).endswith(repr(text))


@pytest.mark.parametrize(("text", "value"), [("0", 0.0), ("2.5", 2.5), ("1e2", 100.0), ("500", 500.0), ("-0", 0.0)])
def test_an_amount(text: str, value: float) -> None:
    assert amount("--range", 500)(text) == value


@pytest.mark.parametrize("text", ["-1", "500.1", "nan", "inf", "much", "", "1,5"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=r"^must be a number from 0 to 500, got "):
        amount("--range", 500)(text)


@pytest.mark.parametrize("text", ["0", "-0", "0.0"])
def test_a_strike_is_above_0(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=r"^must be a number from 0 \(not 0 itself\) to 500, got "):
        amount("--strike", 500, zero=False)(text)
    assert amount("--strike", 500, zero=False)("0.001") == 0.001


@pytest.mark.parametrize(
    ("given", "output"), [([], "table"), (["--json"], "json"), (["--csv"], "csv"), (["--symbol", "ethusdt"], "table")]
)
def test_a_view_has_one_form_and_a_symbol(given: list[str], output: str) -> None:
    parser = Parser(prog="view")
    add_output(parser, csv=True)
    found = parser.parse_args(given)
    assert found.output == output
    assert found.symbol == ("ETHUSDT" if given[:1] == ["--symbol"] else None)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--json", "--csv"], "not allowed with argument"),
        (["--symbol", "BTC USDT"], "argument --symbol: "),
        (["--colour"], "unrecognized arguments: --colour"),
    ],
)
def test_a_wrong_call_is_one_line_that_names_the_help_and_2(
    given: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = Parser(prog="view")
    add_output(parser, csv=True)
    with pytest.raises(SystemExit) as caught:
        parser.parse_args(given)
    errors = capsys.readouterr().err
    assert caught.value.code == 2
    assert errors.startswith("error: ")
    assert words in errors
    assert errors.endswith(" (see view --help)\n")
    assert errors.count("\n") == 1


def test_a_view_without_csv_knows_none(capsys: pytest.CaptureFixture[str]) -> None:
    parser = Parser(prog="view")
    add_output(parser, csv=False)
    with pytest.raises(SystemExit):
        parser.parse_args(["--csv"])
    assert "unrecognized arguments: --csv" in capsys.readouterr().err


def test_the_first_symbol_of_the_settings_is_meant_where_none_is_named() -> None:
    settings = Settings.of({"SYMBOLS": "ETHUSDT,BTCUSDT"})
    assert one(settings, None) == "ETHUSDT"
    assert one(settings, "SOLUSDT") == "SOLUSDT"
    assert argument(a_symbol)("btcusdt") == "BTCUSDT"
