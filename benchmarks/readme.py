"""The tables of the READMEs, between two markers: nothing in them is typed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from benchmarks.processes import ROOT
from benchmarks.table import Language

FILES: Final[Mapping[Language, Path]] = {"en": ROOT / "README.md", "ru": ROOT / "README.ru.md"}
_BEGIN: Final = "<!-- benchmarks -->"
_END: Final = "<!-- /benchmarks -->"


def check() -> None:
    """That both files are there, each with its markers.

    Raises:
        ValueError: where one is not; better before an hour of measuring than after it.
    """
    for file in FILES.values():
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        if text.count(_BEGIN) != 1 or text.count(_END) != 1 or text.index(_BEGIN) > text.index(_END):
            raise ValueError(f"{file.name} must hold {_BEGIN} and, after it, {_END} once each")


def update(language: Language, markdown: str) -> None:
    """Replace what lies between the markers."""
    file = FILES[language]
    before, _, rest = file.read_text(encoding="utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    file.write_text(f"{before}{_BEGIN}\n{markdown}\n{_END}{after}", encoding="utf-8")
