"""The house rules of the page that need no browser."""

from __future__ import annotations

import re
from pathlib import Path

from volatility.presentation.catalogue import ANSWERS, groups

PAGE = Path(__file__).resolve().parents[2] / "api" / "page"
OURS = [
    file for folder in ("js", "css") for file in sorted((PAGE / folder).rglob("*.*")) if file.parent.name != "words"
]
SCRIPTS = [file for file in OURS if file.suffix == ".js"]


def test_no_module_is_long() -> None:
    assert {file.name: lines for file in OURS if (lines := len(file.read_text().splitlines())) > 300} == {}


def test_no_markup_has_a_style_of_its_own() -> None:
    sources = [PAGE / "index.html", *SCRIPTS]
    assert [file.name for file in sources if re.search(r"\sstyle=|styleMap|innerHTML|\beval\(", file.read_text())] == []


def test_fields_of_answers_are_named_in_views_alone() -> None:
    """Those of two words; a single word may be the page's own too."""
    fields = {field.name for answer in ANSWERS.values() for group in groups(answer) for field in group.fields}
    long = re.compile(rf"\b({'|'.join(sorted(name for name in fields if '_' in name))})\b")
    named = {
        (file.name, name) for file in SCRIPTS if file.parent.name != "view" for name in long.findall(file.read_text())
    }
    assert named == set()


def test_every_module_that_the_page_starts_with_is_loaded_ahead() -> None:
    ahead = set(re.findall(r'modulepreload" href="(js/[^"]+)"', (PAGE / "index.html").read_text()))
    modules = {file.relative_to(PAGE).as_posix() for file in SCRIPTS}
    later = {  # imported when first drawn
        (file.parent / name).resolve().relative_to(PAGE).as_posix()
        for file in SCRIPTS
        for name in re.findall(r'\bimport\("([^"]+)"\)', file.read_text())
    }
    assert modules - ahead - later == {"js/first.js", "js/main.js"}
    assert ahead <= modules
