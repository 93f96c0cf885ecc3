"""The table of `docs/performance.md`, between two marks: nothing in it is typed by hand."""

from __future__ import annotations

from typing import Final

from benchmarks.processes import ROOT

PAGE: Final = ROOT / "docs" / "performance.md"
_BEGIN: Final = "<!-- benchmarks -->"
_END: Final = "<!-- /benchmarks -->"


def check() -> None:
    """That the page is there, with its marks.

    Raises:
        ValueError: where it is not; better before an hour of measuring than after it.
    """
    text = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    if text.count(_BEGIN) != 1 or text.count(_END) != 1 or text.index(_BEGIN) > text.index(_END):
        raise ValueError(f"{PAGE.name} must hold {_BEGIN} and, after it, {_END} once each")


def update(markdown: str) -> None:
    """Replace what lies between the marks."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    PAGE.write_text(f"{before}{_BEGIN}\n{markdown}\n{_END}{after}", encoding="utf-8")
