"""What the parsers of all commands share."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Final, NoReturn, TypeAlias, TypeVar

from volatility.domain.errors import SettingError
from volatility.settings import Settings, parse_symbol

T = TypeVar("T")
MOST_SESSIONS: Final = 3650  # ten years
Command = Callable[[Settings, argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """Says what is wrong with a call in one line, and which word may be meant; ``--help`` says the rest."""

    def parse_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        """The arguments; exits with 2 where one is not known."""
        found, unknown = self.parse_known_args(args, namespace)
        if unknown:
            known = re.findall(r"--[a-z][\w-]*", getattr(found, "parser", self).format_help())
            self.error(f"unrecognized arguments: {' '.join(unknown)}{_perhaps(unknown[0], known)}")
        return found

    def error(self, message: str) -> NoReturn:
        """Exit with 2."""
        if choice := re.search(r"invalid choice: '([^']*)' \(choose from (.*)\)$", message):
            message += _perhaps(choice[1], re.findall(r"[\w-]+", choice[2]))
        self.exit(2, f"error: {message} (see {self.prog} --help)\n")


def _perhaps(word: str, known: Sequence[str]) -> str:
    """Which of the known words may be meant."""
    nearest = get_close_matches(word.partition("=")[0], known, n=1)
    return f"; perhaps {nearest[0]} is meant" if nearest else ""


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def add(commands: Commands, name: str, command: Command, meaning: str) -> argparse.ArgumentParser:
    """A command with its meaning."""
    parser = commands.add_parser(name, help=meaning, description=meaning)
    parser.set_defaults(command=command, parser=parser)
    return parser


def argument(parse: Callable[[str], T]) -> Callable[[str], T]:
    """An argparse type whose errors are one plain line with the rule and the value."""

    def checked(text: str) -> T:
        try:
            return parse(text)
        except SettingError as error:
            raise argparse.ArgumentTypeError(f"{error.rule}, got {error.value!r}") from None

    return checked


def a_symbol(text: str) -> str:
    """One symbol, as the exchange names it."""
    return parse_symbol("--symbol", text)


def sessions(name: str) -> Callable[[str], int]:
    """A number of sessions, 1 to 3650."""

    def parse(text: str) -> int:
        if not text.isdecimal() or not 1 <= int(text) <= MOST_SESSIONS:
            raise SettingError(name, f"must be a whole number from 1 to {MOST_SESSIONS}", text)
        return int(text)

    return argument(parse)


def amount(name: str, most: float, *, zero: bool = True) -> Callable[[str], float]:
    """A price or a percentage: not negative, and above 0 unless ``zero`` is allowed."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not 0 <= value <= most or (value == 0 and not zero):
            raise SettingError(name, f"must be a number from 0{'' if zero else ' (not 0 itself)'} to {most:g}", text)
        return value

    return argument(parse)


def add_output(view: argparse.ArgumentParser, *, csv: bool) -> None:
    """What every view has: whose numbers, and in what form."""
    view.add_argument("--symbol", type=argument(a_symbol), help="the first of SYMBOLS by default")
    kind = view.add_mutually_exclusive_group()
    kind.add_argument("--json", action="store_const", dest="output", const="json", help="as the API answers")
    if csv:
        kind.add_argument("--csv", action="store_const", dest="output", const="csv", help="flat columns")
    view.set_defaults(output="table")


def one(settings: Settings, symbol: str | None) -> str:
    """The symbol that was named, else the first of the settings."""
    return symbol or settings.symbols[0]
