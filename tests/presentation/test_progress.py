"""Progress of a backfill: nothing for what is quick, a log line every few seconds, a bar on a terminal."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from itertools import chain, repeat

import pytest

from volatility.presentation import progress


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the clock shows at each look; the last for ever."""
    told: list[float] = []

    def looks() -> Iterator[float]:
        yield from told
        yield from repeat(told[-1])

    given: list[Iterator[float]] = []

    def now() -> float:
        if not given:
            given.append(chain(looks()))
        return next(given[0])

    monkeypatch.setattr("volatility.presentation.progress.time.monotonic", now)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    return told


def said(caplog: pytest.LogCaptureFixture, *steps: tuple[int, int]) -> list[str]:
    caplog.set_level(logging.INFO)
    with progress.shown_progress("BTCUSDT") as tell:
        for done, of in steps:
            tell(done, of)
    return [record.getMessage() for record in caplog.records]


def test_a_quick_backfill_says_nothing(seconds: list[float], caplog: pytest.LogCaptureFixture) -> None:
    seconds[:] = [100.0, 100.5, 101.0]
    assert said(caplog, (1000, 2000), (2000, 2000)) == []


def test_a_long_one_says_every_few_seconds_how_far_it_is(
    seconds: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    seconds[:] = [0.0, 4.9, 5.0, 7.0, 9.9, 10.1]
    steps = [(done, 9000) for done in (1000, 2000, 3000, 4000, 5000)]
    assert said(caplog, *steps) == ["BTCUSDT: 2000 of 9000 hours", "BTCUSDT: 5000 of 9000 hours"]


def test_the_end_of_a_long_one_is_said_at_once(seconds: list[float], caplog: pytest.LogCaptureFixture) -> None:
    seconds[:] = [0.0, 5.0, 5.1]
    assert said(caplog, (1000, 2000), (2000, 2000)) == ["BTCUSDT: 1000 of 2000 hours", "BTCUSDT: 2000 of 2000 hours"]


def test_a_terminal_gets_a_bar_and_no_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert said(caplog, (1000, 50_000), (50_000, 50_000)) == []
    assert "BTCUSDT: hours of history" in capsys.readouterr().err


def test_without_rich_a_terminal_gets_the_lines(
    monkeypatch: pytest.MonkeyPatch, seconds: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    seconds[:] = [0.0, 6.0]
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setitem(sys.modules, "rich.console", None)
    assert said(caplog, (1000, 1000)) == ["BTCUSDT: 1000 of 1000 hours"]
