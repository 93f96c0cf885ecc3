"""The catalogue: every field with both languages and an example, the pages that it writes, and what derives from it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.examples import EXAMPLES, REAL
from tests.fields import PAGES, written
from tests.presentation.checks import strangers
from tests.presentation.groups import OUTER, VALUES
from volatility.domain.metrics import SCORE_TABLES
from volatility.presentation.catalogue import ANSWERS, CSV_ALONE, groups
from volatility.presentation.catalogue.analytics import CONE
from volatility.presentation.catalogue.forecasts import SCORES
from volatility.presentation.catalogue.service import PROBLEM
from volatility.presentation.catalogue.straddle import STRADDLE_RECORD
from volatility.presentation.fields import NULLABLE, Choice, Group, Kind, Language, ListOf, Text
from volatility.presentation.tables import TABLES, score_table, sessions_table

ALL = {group.name: group for answer in (*ANSWERS.values(), *CSV_ALONE.values(), PROBLEM) for group in groups(answer)}
# Names and formulas that are the same in both languages.
_UNTRANSLATED = re.compile(r"Vol|Range|\|price - open\||1 - \w+ / \w+")


@pytest.mark.parametrize("group", ALL.values(), ids=ALL)
def test_every_entry_speaks_both_languages_and_has_an_example(group: Group) -> None:
    texts = [(group.name, group.meaning)]
    for field in group.fields:
        texts.append((field.name, Text(field.en, field.ru)))
        texts += [(field.name, field.unit.name)] if field.unit else []
        texts += [(field.name, field.null)] if field.null not in {None, NULLABLE} and field.null else []
        if isinstance(field.shape, Kind | Choice):
            assert EXAMPLES.of_field(group, field) is not None, f"{group.name}.{field.name} has no example"
    for name, text in texts:
        assert text.en, name
        assert not re.search("[а-яё]", text.en, re.IGNORECASE), name
        assert re.search("[а-яё]", text.ru) or text.ru == "%" or _UNTRANSLATED.fullmatch(text.ru), name


def test_a_name_of_a_schema_is_used_once() -> None:
    found = [group for answer in (*ANSWERS.values(), *CSV_ALONE.values(), PROBLEM) for group in groups(answer)]
    assert all(ALL[group.name] is group for group in found)


def test_entries_that_may_be_null_for_a_reason_of_their_own_say_when() -> None:
    silent = [
        f"{group.name}.{field.name}"
        for group in ALL.values()
        for field in group.fields
        if field.null is NULLABLE and "null" not in field.en
    ]
    assert silent == ["Ends.low", "Ends.high", "Problem.missing", "Problem.errors"]


@pytest.mark.parametrize("path", REAL)
def test_the_real_answers_of_the_documentation_hold_the_fields_of_the_catalogue(path: str) -> None:
    assert list(strangers(ANSWERS[path], EXAMPLES.of(ANSWERS[path]))) == []


@pytest.mark.parametrize("language", PAGES)
def test_the_pages_show_the_catalogue_of_today(language: Language) -> None:
    text = PAGES[language].read_text(encoding="utf-8")
    assert text == written(text, language), "python -m tests.fields writes them"
    for group in ALL.values():
        assert [field.name for field in group.fields if f"| `{field.name}` |" not in text] == []


def test_every_table_has_the_columns_of_the_catalogue() -> None:
    tables = {**TABLES, "sessions": sessions_table(()), "statistics": sessions_table((5, 30))}
    tables |= {name: score_table(name) for name in SCORE_TABLES if name != "odds"}
    own = {id(field) for group in ALL.values() for field in group.fields}
    for name, table in tables.items():
        assert len(set(table.columns)) == len(table.columns), name
        assert all(id(column.field) in own for column in table.fields), name


def test_the_tables_of_the_scorecard_are_those_of_the_one_list() -> None:
    assert tuple(SCORES) == SCORE_TABLES


def test_an_object_has_the_order_of_the_catalogue() -> None:
    assert list(OUTER.of(dict(reversed(VALUES.items())))) == list(VALUES)


@pytest.mark.parametrize("values", [VALUES | {"new": 1}, {name: VALUES[name] for name in list(VALUES)[1:]}])
def test_an_object_has_the_fields_of_the_catalogue_and_no_other(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"Outer: .*(new|gain)"):
        OUTER.of(values)


def test_a_description_has_the_unit_behind_the_first_clause_and_says_when_it_is_null() -> None:
    assert OUTER["gain"].description() == "gain, in quote currency (USDT for BTCUSDT); without costs"
    assert OUTER["gain"].description(with_unit=False) == "gain; without costs"
    assert OUTER["loss"].description() == "loss, in quote currency (USDT for BTCUSDT); null at night"
    assert OUTER["loss"].description("ru") == "убыток, в валюте котировки (USDT для BTCUSDT); null, ночью"


def test_an_interval_stands_behind_its_number_in_a_terminal() -> None:
    assert [field.heading for field in OUTER.titled] == ["gain", "95 %"]
    assert [field.name for field in STRADDLE_RECORD.titled] == [
        *("n", "win_rate", "win_rate_interval", "mean_profit", "mean_profit_interval"),
        *("median_profit", "worst_profit"),
    ]
    assert CONE["as_of"].heading == "as of"


def test_what_is_not_in_the_catalogue_is_found() -> None:
    found = list(strangers(ListOf(OUTER), [VALUES | {"gain": None}, VALUES | {"new": 1}]))
    assert found == ["$[0].gain is null", f"$[1]: {[*VALUES, 'new']} are not the fields of Outer"]
