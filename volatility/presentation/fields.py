"""What a field of an answer is: its name, type, unit, meaning in two languages, when it is null, and its title.

The entries are in ``volatility.presentation.catalogue``. The API's schemas, CSV columns, the titles of terminal tables
and the tables of ``docs/reference/fields.md`` are made from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple, TypeAlias

Language: TypeAlias = Literal["en", "ru"]
_INTERVAL: Final = "_interval"


class Text(NamedTuple):
    """The same in English and in Russian."""

    en: str
    ru: str

    def in_language(self, language: Language) -> str:
        """One of the two."""
        return self.en if language == "en" else self.ru


class Unit(NamedTuple):
    """What a number counts: ``name`` alone, ``phrase`` behind a meaning; without a phrase the meaning says it."""

    name: Text
    phrase: Text = Text("", "")


class Kind(Enum):
    """The type of a single value, with its name for people."""

    NUMBER = Text("number", "число")
    INTEGER = Text("integer", "целое")
    TEXT = Text("text", "строка")
    FLAG = Text("true or false", "true или false")
    DATE = Text("date", "дата")  # YYYY-MM-DD
    INSTANT = Text("instant", "момент времени")  # ISO 8601, with an offset
    ANYTHING = Text("any value", "любое значение")


@dataclass(frozen=True)
class Choice:
    """One of some words."""

    words: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ListOf:
    """A list of equal shapes; ``null`` where a value may be null."""

    of: Shape
    null: bool = False


@dataclass(frozen=True, eq=False)
class ByKey:
    """An object with the same shape under each of its keys; ``null`` where a value may be null."""

    of: Shape
    null: bool = False


@dataclass(frozen=True, eq=False)
class Field:
    """One entry of the catalogue.

    Args:
        name: in JSON.
        shape: its type; a ``Group`` for an object.
        en: what it means, in English; clauses are separated by semicolons.
        ru: the same in Russian.
        unit: what a number counts.
        null: when it is null; None where it never is, ``NULLABLE`` where the meaning says when.
        least: no value lies below.
        above: every value lies above.
        required: whether it is always there.
        title: the title of its column in a terminal; None where it has none.
        column: its name in CSV, by default ``name``; of a group with ``{}`` for the names within.
        example: a real value, where the examples of whole answers hold none.
    """

    name: str
    shape: Shape
    en: str
    ru: str
    unit: Unit | None = None
    null: Text | None = None
    least: float | None = None
    above: float | None = None
    required: bool = True
    title: str | None = None
    column: str | None = None
    example: Any = None

    @property
    def heading(self) -> str:
        """The title of its column in a terminal; by default its name in words."""
        return self.name.replace("_", " ") if self.title is None else self.title

    @property
    def column_pattern(self) -> str:
        """The name in CSV of one of its inner fields, with ``{}`` for that one's own."""
        return f"{self.name}_{{}}" if self.column is None else self.column

    def description(self, language: Language = "en", *, with_unit: bool = True) -> str:
        """Meaning, unit behind its first clause, and when it is null."""
        first, semicolon, rest = (self.en if language == "en" else self.ru).partition(";")
        phrase = self.unit.phrase.in_language(language) if self.unit and with_unit else ""
        when = self.null.in_language(language) if self.null else ""
        unit = f", {phrase}" if phrase else ""
        null = f"; null{'' if language == 'en' else ','} {when}" if when else ""
        return f"{first}{unit}{semicolon}{rest}{null}"

    def or_null(self, when: Text) -> Field:
        """The same field where it may be null."""
        return replace(self, null=when)


@dataclass(frozen=True, eq=False)
class Group:
    """The fields of an object, in the order of the answer; ``name`` is the schema's."""

    name: str
    meaning: Text
    fields: tuple[Field, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """The fields by name."""
        return {field.name: field for field in self.fields}

    def __getitem__(self, name: str) -> Field:
        return self.by_name[name]

    def choose(self, *names: str) -> tuple[Field, ...]:
        """Some of the fields."""
        return tuple(self.by_name[name] for name in names)

    @property
    def titled(self) -> tuple[Field, ...]:
        """The fields that have a column in a terminal, an interval right behind the number that it is of."""
        shown = {field.name: field for field in self.fields if field.title is not None}
        numbers = [name for name in shown if name.removesuffix(_INTERVAL) not in shown.keys() - {name}]
        return tuple(shown[one] for name in numbers for one in (name, name + _INTERVAL) if one in shown)

    def of(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """An object with these values, in the order of the catalogue.

        Raises:
            ValueError: where a field has no value, or a value no field.
        """
        if values.keys() != self.by_name.keys():
            raise ValueError(f"{self.name}: the values are not of its fields: {set(values) ^ set(self.by_name)}")
        return {name: values[name] for name in self.by_name}


Shape: TypeAlias = Kind | Choice | ListOf | ByKey | Group

NULLABLE: Final = Text("", "")
QUOTE: Final = Unit(
    Text("quote currency", "валюта котировки"),
    Text("in quote currency (USDT for BTCUSDT)", "в валюте котировки (USDT для BTCUSDT)"),
)
BASE: Final = Unit(
    Text("base currency", "базовая валюта"),
    Text("in base currency (BTC for BTCUSDT)", "в базовой валюте (BTC для BTCUSDT)"),
)
OF_OPEN: Final = Unit(
    Text("% of the open", "% от открытия"), Text("in percent of the session's open", "в процентах от открытия сессии")
)
OF_HOUR_OPEN: Final = Unit(
    Text("% of the hour's open", "% от открытия часа"),
    Text("in percent of the hour's open", "в процентах от открытия часа"),
)
OF_REFERENCE: Final = Unit(
    Text("% of `reference`", "% от `reference`"), Text("in percent of `reference`", "в процентах от `reference`")
)
PERCENT: Final = Unit(Text("%", "%"), Text("percent", "в процентах"))
PERCENT_A_YEAR: Final = Unit(
    Text("% a year", "% годовых"), Text("percent a year (365 sessions)", "в процентах годовых (365 сессий)")
)
SHARE: Final = Unit(Text("share", "доля"), Text("0 to 1", "от 0 до 1"))
GAIN: Final = Unit(Text("share", "доля"))  # of a loss that is spared; negative where there is more loss
BIAS: Final = Unit(Text("share", "доля"))  # of the outcome; negative where the forecast is too small
HOURS: Final = Unit(Text("hours", "часы"))
SECONDS: Final = Unit(Text("seconds", "секунды"), Text("in seconds", "в секундах"))
SESSIONS: Final = Unit(Text("sessions", "сессии"))
CANDLES: Final = Unit(Text("candles", "свечи"))
