"""``python -m benchmarks [NAME …]``: the table on stdout, progress on stderr, raw numbers in benchmarks/results/."""

from __future__ import annotations

import argparse
import compileall
import json
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NoReturn

from benchmarks import aggregation, api, backfill, hourly, machine, performance_page, table
from benchmarks.common import Bench, say
from benchmarks.databases import KINDS, opened
from benchmarks.exchange import LATENCY_MS, Candles, exchange
from benchmarks.processes import ROOT, BenchmarkFailed
from benchmarks.results import Result
from tests.support_mariadb import ServerUnavailable

BENCHMARKS: Final[Mapping[str, Callable[[Bench], Sequence[Result]]]] = {
    "backfill": backfill.measure,
    "aggregation": aggregation.measure,
    "hourly": hourly.measure,
    "api": api.measure,
}
_RESULTS: Final = ROOT / "benchmarks" / "results"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, keep. 0 when done, 1 where something could not be measured, 2 for a wrong call."""
    parser = _parser()
    options = parser.parse_args(argv)
    names = list(dict.fromkeys(options.names)) or list(BENCHMARKS)
    if options.update_page and set(names) != set(BENCHMARKS):
        parser.error("--update-page needs all benchmarks: name none")
    signal.signal(signal.SIGTERM, _end)  # so that everything that was started is stopped
    try:
        if options.update_page:
            performance_page.check()
        candles = Candles.found(options.data)
        run, results = _measure(names, candles, options)
    except (BenchmarkFailed, ServerUnavailable, ValueError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    _keep(run, results)
    markdown = table.markdown(run, results)
    if options.update_page:
        performance_page.update(markdown)
    print(markdown)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", type=_name, help=f"{', '.join(BENCHMARKS)}; all by default")
    add("--repeat", type=_whole(1, hourly.MOST_ROUNDS), default=5, help="how often each job is run (%(default)s)")
    add("--seconds", type=_whole(1, 600), default=3, help="how long each load on the API lasts (%(default)s)")
    add("--databases", choices=KINDS, nargs="+", default=KINDS, help="on which to measure (both)")
    add("--data", type=Path, metavar="FILE", help="candles to serve (those in BTC_REAL_DATA or ../shared/data)")
    add("--update-page", action="store_true", help="put the table into docs/performance.md")
    return parser


def _name(text: str) -> str:
    if text not in BENCHMARKS:
        raise argparse.ArgumentTypeError(f"must be one of {', '.join(BENCHMARKS)}, got {text!r}")
    return text


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"must be a whole number from {least} to {most}, got {text!r}")
        return int(text)

    return parse


def _measure(
    names: Sequence[str], candles: Candles, options: argparse.Namespace
) -> tuple[dict[str, Any], list[Result]]:
    """Start what is needed, run the benchmarks, stop it all."""
    began = datetime.now(UTC)
    for package in ("volatility", "api", "scripts", "benchmarks"):
        compileall.compile_dir(ROOT / package, quiet=2)
    if candles.file is None:
        say("no real candles: measuring with generated ones (--data names a file, BTC_REAL_DATA a folder)")
    results: list[Result] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="btc-bench-")))
        databases = stack.enter_context(opened(options.databases, folder))
        market = stack.enter_context(exchange(candles, folder))
        described = machine.describe([known.version for known in databases])
        bench = Bench(options.repeat, options.seconds, databases, market, folder)
        for name in names:
            say(f"{name}:")
            results += BENCHMARKS[name](bench)
    run = {
        "date": began.isoformat(timespec="seconds"),
        "machine": described,
        "candles": candles.file.name if candles.file else "generated",
        "latency_ms": LATENCY_MS,
        "repeat": options.repeat,
        "seconds": options.seconds,
    }
    return run, results


def _keep(run: Mapping[str, Any], results: Sequence[Result]) -> None:
    """The raw numbers, in a file named by the moment."""
    _RESULTS.mkdir(exist_ok=True)
    moment = datetime.fromisoformat(run["date"])
    file = _RESULTS / f"{moment:%Y%m%dT%H%M%SZ}.json"
    rows = [{"kind": type(result).__name__.lower(), **asdict(result)} for result in results]
    file.write_text(json.dumps({**run, "results": rows}, indent=1) + "\n", encoding="utf-8")
    say(f"raw numbers: {file.relative_to(ROOT)}")


def _end(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
