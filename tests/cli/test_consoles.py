"""Characters that a console can't show: their like, the letter without its marks, else their number."""

from __future__ import annotations

import io
import sys

import pytest

from volatility.cli.consoles import never_fail


def written(text: str, encoding: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What arrives at a console of this encoding."""
    consoles = [io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="") for _ in range(2)]
    monkeypatch.setattr(sys, "stdout", consoles[0])
    monkeypatch.setattr(sys, "stderr", consoles[1])
    never_fail()
    for console in consoles:
        console.write(text)
        console.flush()
    first, second = (console.buffer.getvalue() for console in consoles)
    assert first == second
    return str(first.decode(encoding))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ASCII", "plain ASCII"),
        ("1–2 — 3−4", "1-2 - 3-4"),
        ("‘a’ “b” «c»", '\'a\' "b" "c"'),
        ("│ ─━", "| --"),
        ("a … ≥ ≤ ≠ ≈ → ← × €", "a ... >= <= != ~ -> <- x EUR"),
        ("½ ¼", "1/2 1/4"),  # taken apart, and the fraction's stroke is one of the table
        ("é Ü ñ", "e U n"),
        ("ﬁ ²", "fi 2"),
        ("Ж 中", "\\u0416 \\u4e2d"),
        ("😀", "\\U0001f600"),
    ],
)
def test_on_a_console_of_ascii(text: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert written(text, "ascii", monkeypatch) == shown


@pytest.mark.parametrize(
    ("encoding", "text", "shown"),
    [
        ("cp1251", "Ж – № ≥", "Ж – № >="),  # it has three of them
        ("cp866", "Ж │ – €", "Ж │ - EUR"),
        ("latin-1", "é × –", "é × -"),
        ("utf-8", "Ж – 😀", "Ж – 😀"),
    ],
)
def test_what_a_console_has_it_shows(encoding: str, text: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert written(text, encoding, monkeypatch) == shown


def test_what_is_no_text_stream_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    never_fail()
    sys.stdout.write("–")
    assert stream.getvalue() == "–"
