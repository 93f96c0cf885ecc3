"""The hourly run, with nothing to do and with one new candle, in turn with the bare process."""

from __future__ import annotations

from benchmarks.common import BACKFILL, FLOOR, HISTORY_HOURS_BEFORE_END, Bench, expect, say
from benchmarks.databases import Databases
from benchmarks.results import Job

MOST_ROUNDS = HISTORY_HOURS_BEFORE_END - 1


def measure(bench: Bench) -> list[Job]:
    """Both, on each kind of database."""
    jobs: list[Job] = []
    for databases in bench.databases:
        jobs += _measure(bench, databases)
    return sorted(jobs, key=lambda job: ("nothing_new", "one_candle").index(job.name))


def _measure(bench: Bench, databases: Databases) -> list[Job]:
    nothing, one_new = Job("nothing_new", databases.name), Job("one_candle", databases.name, 1)
    url = bench.copy_of_history(databases)
    bench.run(FLOOR, url)  # what is read from the disk the first time is nobody's cost
    with bench.exchange.slow():
        for number in range(bench.repeat):
            bench.exchange.put_clock(HISTORY_HOURS_BEFORE_END - number)
            cost, report = bench.run(BACKFILL, url)
            expect(report, candles_written=0, hours_missing=0)
            nothing.runs.append(cost)
            bare, _ = bench.run(FLOOR, url)
            nothing.bare.append(bare)
            one_new.bare.append(bare)
            bench.exchange.put_clock(HISTORY_HOURS_BEFORE_END - number - 1)
            cost, report = bench.run(BACKFILL, url)
            expect(report, candles_written=1, candles_new=1)
            one_new.runs.append(cost)
            seconds = ", ".join(f"{run.processor_seconds:.2f} s" for run in (nothing.runs[-1], cost, bare))
            say(f"  {number + 1}: {databases.name}: processor for nothing new, one new, the bare process: {seconds}")
    databases.drop(url)
    return [nothing, one_new]
