"""The full history, from an empty database."""

from __future__ import annotations

from benchmarks.common import BACKFILL, Bench, expect, say
from benchmarks.results import Job


def measure(bench: Bench) -> list[Job]:
    """All candles, into databases that don't exist yet: migrations included."""
    jobs = [Job("backfill", databases.name) for databases in bench.databases]
    bench.exchange.put_clock(0)
    with bench.exchange.slow():
        for number in range(bench.repeat):
            for databases, job in zip(bench.databases, jobs, strict=True):
                url = databases.new()
                cost, report = bench.run(BACKFILL, url)
                databases.drop(url)
                job.runs.append(cost)
                job.count = report["candles_new"]
                expect(report, candles_revised=0, candles_written=job.count)
                say(f"  {number + 1}: {job.database}, {job.count} candles: {cost.seconds:.2f} s")
    return jobs
