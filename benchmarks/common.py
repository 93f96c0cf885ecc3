"""What the benchmarks share: the jobs as users run them, and databases with history."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.databases import Databases
from benchmarks.exchange import Exchange
from benchmarks.processes import ROOT, BenchmarkFailed, measured
from benchmarks.results import Cost

BACKFILL: Final = (sys.executable, str(ROOT / "scripts" / "backfill_script.py"))
AGGREGATE: Final = (sys.executable, str(ROOT / "scripts" / "session_aggregator.py"))
FLOOR: Final = (sys.executable, "-P", str(ROOT / "benchmarks" / "floor.py"))

HISTORY_HOURS_BEFORE_END: Final = 48
"""Where prepared history ends: what follows is for new candles and new sessions."""


@dataclass
class Bench:
    """One run of the benchmarks: how often each job is run, how many seconds each load lasts, and on what."""

    repeat: int
    seconds: int
    databases: Sequence[Databases]
    exchange: Exchange
    folder: Path
    _history: dict[str, str] = field(default_factory=dict)

    def settings(self, url: str) -> dict[str, str]:
        """The program's settings; its own limit of weights is off as the exchange's is."""
        return {"DATABASE_URL": url, "BINANCE_URLS": self.exchange.url, "BINANCE_WEIGHT_LIMIT": "1000000"}

    def run(self, command: Sequence[str], url: str, **settings: str) -> tuple[Cost, dict[str, Any]]:
        """One job on one database: what it cost, and its report."""
        return measured(command, self.folder, {**self.settings(url), **settings})

    def copy_of_history(self, databases: Databases) -> str:
        """A new database with the history until two days before the end, not aggregated; backfilled once per kind."""
        if databases.name not in self._history:
            say(f"  preparing history on {databases.name}")
            url = self._history[databases.name] = databases.new()
            self.exchange.put_clock(HISTORY_HOURS_BEFORE_END)
            self.run(BACKFILL, url)
        return databases.copy(self._history[databases.name])


def expect(report: dict[str, Any], **wanted: object) -> None:
    """That a job did what it was measured for.

    Raises:
        BenchmarkFailed: where its report says otherwise.
    """
    for name, value in wanted.items():
        if report.get(name) != value:
            raise BenchmarkFailed(f"expected {name} to be {value} in the report {report}")


def say(line: str) -> None:
    """A line of progress."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stderr.flush()
