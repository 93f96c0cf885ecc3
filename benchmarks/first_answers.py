"""How long the first question of each kind takes once the service is there, over nine simulated years.

    python -m benchmarks.first_answers [--repeat 5]

Each question is the first that a fresh process is asked; then it is asked again once its answer is too old to be kept.
Ends with 1 where the first `/today` or `/odds` takes more than 100 ms in the median.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import requests

from benchmarks.common import say
from benchmarks.processes import ROOT, server
from exchange_simulator import GeneratedMarket
from tests.api.world import World

_AGED_SECONDS: Final = 2.2  # an answer about the running session is kept for two
_MOST_MS: Final = {"/today": 100, "/odds?volatility=1000": 100}
PATHS: Final = (*_MOST_MS, "/live", "/straddle?premium=1000", "/cone?lookback=365", "/quality", "/history")


def asked_ms(client: requests.Session, url: str) -> float:
    """Milliseconds from the question to the end of its answer."""
    began = time.perf_counter()
    client.get(url, timeout=30).raise_for_status()
    return (time.perf_counter() - began) * 1000


def first_and_later(folder: Path, settings: Mapping[str, str], path: str) -> tuple[float, float]:
    """One start: the first question, and the same one later."""
    command = [sys.executable, "-m", "uvicorn", "api.main:app", "--app-dir", str(ROOT), "--port", "0"]
    with server(command, folder, settings) as url, requests.Session() as client:
        client.trust_env = False
        client.get(f"{url}/healthz", timeout=30).raise_for_status()  # it is there, and a connection is open
        first = asked_ms(client, url + path)
        time.sleep(_AGED_SECONDS)
        return first, asked_ms(client, url + path)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_answers", description=__doc__)
    parser.add_argument("--repeat", type=int, default=5, help="starts for each question (%(default)s)")
    repeat = parser.parse_args().repeat
    missed = False
    with tempfile.TemporaryDirectory() as work:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        world = World([GeneratedMarket("BTCUSDT")], f"sqlite:///{work}/simulated.sqlite3", now)
        world.run_jobs()
        world.forecast()
        say(f"{'':<26}{'first':>9}{'later':>9}   ms, medians of {repeat} starts")
        for path in PATHS:
            times = [first_and_later(Path(work), world.names, path) for _ in range(repeat)]
            first, later = (statistics.median(column) for column in zip(*times, strict=True))
            most = _MOST_MS.get(path)
            missed |= most is not None and first > most
            say(f"{path:<26}{first:>9.1f}{later:>9.1f}{f'   at most {most}' if most else ''}")
        world.close()
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
