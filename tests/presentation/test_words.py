"""The catalogue of words: both languages alike, written into the page's modules, and every key used."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from tests.words import MODULES, module
from volatility.presentation.fields import Language, Text
from volatility.presentation.words import WORDS
from volatility.presentation.words.message import CATEGORIES, Plural, parts, placeholders

PAGE = Path(__file__).resolve().parents[2] / "api" / "page"
LANGUAGES: Final[tuple[Language, ...]] = ("en", "ru")
# What stays as it is in Russian: names, units, codes, formulas.
LATIN = re.compile(
    r"BTC Volatility|Vol\b|Range\b|UTC|CSV|API|P&L|CRPS|Docker, Airflow|Binance|DATABASE_URL|DB_HOST|p10|p90|JavaScript"
)


def used() -> str:
    """The page's source, its words left out."""
    sources = [PAGE / "index.html", *(file for file in (PAGE / "js").rglob("*.js") if file.parent.name != "words")]
    return "\n".join(source.read_text(encoding="utf-8") for source in sources)


def is_used(key: str, source: str) -> bool:
    """Whether a key stands in quotes, or its family does as in `problem.${code}`."""
    family = f"`{key.partition('.')[0]}.${{"
    return f'"{key}"' in source or family in source


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_words_are_those_of_the_catalogue(language: Language) -> None:
    assert MODULES[language].read_text(encoding="utf-8") == module(language), "run `python -m tests.words`"


@pytest.mark.parametrize(("key", "text"), WORDS.items(), ids=WORDS)
def test_both_languages_say_the_same_with_the_same_values(key: str, text: Text) -> None:
    assert text.en.strip()
    assert text.ru.strip()
    assert placeholders(text.en) == placeholders(text.ru)
    assert not re.search("[а-яё]", text.en, re.IGNORECASE), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plural_has_every_form_of_its_language(language: Language) -> None:
    for key, text in WORDS.items():
        for part in parts(text.in_language(language)):
            if isinstance(part, Plural):
                assert tuple(part.forms) == CATEGORIES[language], key


def test_no_sentence_stays_english_in_russian() -> None:
    shown = {key: text.ru for key, text in WORDS.items() if not key.startswith("definition.")}
    without_places = {key: re.sub(r"\{\w+(, plural,)?|\b(one|few|many|other) \{", "", ru) for key, ru in shown.items()}
    latin = {key: re.findall("[A-Za-z]{2,}", LATIN.sub("", ru)) for key, ru in without_places.items()}
    assert {key: words for key, words in latin.items() if words} == {}


def test_every_key_that_the_page_uses_is_there() -> None:
    source = used()
    asked = re.findall(r'(?:say|parts|words\.parts)\(\s*"([^"]+)"|data-word(?:-label)?="([^"]+)"', source)
    assert len(asked) > 50
    assert sorted({first or second for first, second in asked} - set(WORDS)) == []


def test_every_key_is_used() -> None:
    source = used()
    assert [key for key in WORDS if not is_used(key, source)] == []
