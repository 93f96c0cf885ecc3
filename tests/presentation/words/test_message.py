"""Messages: placeholders, plurals of both languages, and what is no message."""

from __future__ import annotations

import pytest

from volatility.presentation.fields import Language
from volatility.presentation.words.message import category, placeholders, said

SESSIONS = "{n, plural, one {# сессия} few {# сессии} many {# сессий} other {# сессии}}"


def test_a_value_stands_in_its_place_as_often_as_it_is_named() -> None:
    assert said("{a}–{b}, {a}", "en", {"a": 1, "b": "two"}) == "1–two, 1"


# From the Unicode plural rules' own samples of Russian.
@pytest.mark.parametrize(
    ("number", "form"),
    [
        (0, "сессий"), (1, "сессия"), (2, "сессии"), (4, "сессии"), (5, "сессий"), (11, "сессий"), (12, "сессий"),
        (14, "сессий"), (19, "сессий"), (21, "сессия"), (22, "сессии"), (25, "сессий"), (100, "сессий"),
        (101, "сессия"), (111, "сессий"), (1.5, "сессии"),
    ],
)  # fmt: skip
def test_russian_counts_in_four_forms(number: float, form: str) -> None:
    assert said(SESSIONS, "ru", {"n": number}) == f"{number} {form}"


def test_english_counts_in_two() -> None:
    assert [category(number, "en") for number in (0, 1, 2, 1.5)] == ["other", "one", "other", "other"]


def test_a_form_may_hold_values_of_its_own() -> None:
    template = "{n, plural, one {# hour of {what}} other {# hours of {what}}} or so"
    assert said(template, "en", {"n": 2, "what": "rest"}) == "2 hours of rest or so"
    assert placeholders(template) == {"n", "what"}


@pytest.mark.parametrize("template", ["{a", "a}", "{n, plural, one {#}", "{n, plural, one {# {a}", "{n, number}"])
def test_a_brace_without_its_partner_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r"brace|plural"):
        placeholders(template)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_what_is_counted_is_a_number(language: Language) -> None:
    with pytest.raises(TypeError, match="n is counted"):
        said(SESSIONS, language, {"n": "5"})
