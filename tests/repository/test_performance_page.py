"""The page of figures holds the table that the benchmarks print, and they can replace it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import performance_page, picture, table
from benchmarks.results import Cost, Job

RUN = {
    "date": "2026-11-27T10:00:00+00:00",
    "machine": {
        "processor": "EPYC", "cores": 2, "memory_gb": 24, "system": "Linux", "python": "3.11",
        "databases": ["SQLite 3"],
    },
    "candles": "generated",
    "latency_ms": 50,
    "repeat": 3,
    "seconds": 2,
}  # fmt: skip


def test_the_page_shows_the_table_that_the_benchmarks_print() -> None:
    performance_page.check()
    header = table.markdown(RUN, []).splitlines()[2]
    assert header.startswith("| Measured |")
    assert header in performance_page.PAGE.read_text(encoding="utf-8").splitlines()


def test_a_measurement_replaces_the_table_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "performance.md"
    page.write_text("before\n<!-- benchmarks -->\nold\n<!-- /benchmarks -->\nafter\n", encoding="utf-8")
    monkeypatch.setattr(performance_page, "PAGE", page)
    performance_page.check()
    job = Job("backfill", "SQLite", 55_740, [Cost(6.5, 2.93, 65.4)])
    performance_page.update(table.markdown(RUN, [job]))
    text = page.read_text(encoding="utf-8")
    assert "| Full backfill, 55,740 candles | SQLite | 6.50 s (6.50–6.50) | 2.93 s | 65 MB |  |" in text
    assert text.startswith("before\n<!-- benchmarks -->\n2026-11-27; EPYC")
    assert text.endswith("\n<!-- /benchmarks -->\nafter\n")
    assert "old" not in text


@pytest.mark.parametrize("text", ["", "<!-- benchmarks -->", "<!-- /benchmarks --><!-- benchmarks -->"])
def test_a_page_without_its_marks_is_refused(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "performance.md"
    page.write_text(text, encoding="utf-8")
    monkeypatch.setattr(performance_page, "PAGE", page)
    with pytest.raises(ValueError, match="must hold"):
        performance_page.check()


def test_the_picture_of_the_readme_is_the_one_that_is_drawn() -> None:
    drawn = (performance_page.PAGE.parent / "session.svg").read_text(encoding="utf-8")
    assert picture.picture() == drawn
    assert "SIMULATED" in drawn
