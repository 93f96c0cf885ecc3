"""Variables within a value are expanded as Compose does it; what can't be is said without showing anything of it.

`tests/settings/test_env_file.py` reads whole files, and `tests/compose/test_env_file_in_compose.py` asks Compose.
"""

from __future__ import annotations

import pytest

from volatility.settings.env_expansion import CannotExpand, Expanded, expanded

KNOWN = {"A": "apple", "EMPTY": "", "INNER": "$A"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain text", "plain text"),
        ("$A", "apple"),
        ("${A}", "apple"),
        ("x$A.y", "xapple.y"),
        ("${A}${A}b", "appleappleb"),
        ("$$A", "$A"),
        ("$$$A", "$apple"),
        ("5$ and $5", "5$ and $5"),
        ("$EMPTY|", "|"),
        ("$INNER", "$A"),  # a value is not expanded again
    ],
)
def test_a_name_has_its_value(text: str, value: str) -> None:
    assert expanded(text, KNOWN.get) == Expanded(value, unset=False)


@pytest.mark.parametrize(
    ("operator", "when_set", "when_empty", "when_not_set"),
    [
        ("-", "apple", "", "word"),
        (":-", "apple", "word", "word"),
        ("+", "word", "word", ""),
        (":+", "word", "", ""),
        ("?", "apple", "", None),
        (":?", "apple", None, None),
    ],
)
def test_the_six_operators(operator: str, when_set: str, when_empty: str | None, when_not_set: str | None) -> None:
    for name, value in (("A", when_set), ("EMPTY", when_empty), ("NONE", when_not_set)):
        text = f"<${{{name}{operator}word}}>"
        if value is None:
            with pytest.raises(CannotExpand, match=r"^demands a variable that is not set$"):
                expanded(text, KNOWN.get)
        else:
            assert expanded(text, KNOWN.get) == Expanded(f"<{value}>", unset=False)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${NONE:-}", ""),
        ("${NONE:-$A}", "apple"),
        ("${NONE:-${EMPTY:-${A}s}}", "apples"),
        ("${NONE:-a:-b}", "a:-b"),
        ("${A:+${NONE-none} of them}", "none of them"),
        ("${NONE:-x}${A}", "xapple"),
        ("${NONE:-x} {A}", "x {A}"),
    ],
)
def test_a_default_is_a_text_with_variables_of_its_own(text: str, value: str) -> None:
    assert expanded(text, KNOWN.get) == Expanded(value, unset=False)


@pytest.mark.parametrize(
    ("text", "value"),
    [("$NONE", ""), ("a${NONE}b", "ab"), ("$A$NONE$A", "appleapple"), ("${OTHER:-$NONE}", ""), ("pa$word", "pa")],
)
def test_a_variable_that_is_not_set_is_nothing_and_that_is_told(text: str, value: str) -> None:
    assert expanded(text, KNOWN.get) == Expanded(value, unset=True)


@pytest.mark.parametrize("text", ["${", "${}", "${A", "${1}", "${A B}", "${A!x}", "a ${hunter2-"])
def test_an_unknown_form_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(CannotExpand) as caught:
        expanded(text, KNOWN.get)
    assert str(caught.value) == "holds a ${ that can't be expanded"
