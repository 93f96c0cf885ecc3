"""Sessions and statistics: from scratch, with one new session, and a rebuild that changes nothing."""

from __future__ import annotations

from benchmarks.common import AGGREGATE, BACKFILL, HISTORY_HOURS_BEFORE_END, Bench, expect, say
from benchmarks.databases import Databases
from benchmarks.processes import BenchmarkFailed
from benchmarks.results import Job


def measure(bench: Bench) -> list[Job]:
    """The three, on each kind of database."""
    jobs: list[Job] = []
    for databases in bench.databases:
        scratch = Job("aggregation", databases.name)
        one_new = Job("one_session", databases.name)
        rebuild = Job("rebuild", databases.name)
        history = bench.copy_of_history(databases)
        a_day_later = _with_a_day_more(bench, databases, history)
        with bench.exchange.slow():
            for number in range(bench.repeat):
                _from_scratch(bench, databases, history, scratch)
                _one_session(bench, databases, a_day_later, one_new, rebuild)
                seconds = ", ".join(f"{job.runs[-1].seconds:.2f} s" for job in (scratch, one_new, rebuild))
                say(f"  {number + 1}: {databases.name}: from scratch, one new session, rebuild: {seconds}")
        jobs += [scratch, one_new, rebuild]
        for url in (history, a_day_later):
            databases.drop(url)
    return sorted(jobs, key=lambda job: ("aggregation", "one_session", "rebuild").index(job.name))


def _with_a_day_more(bench: Bench, databases: Databases, history: str) -> str:
    """History that is aggregated, and the candles of the day after it, which are not."""
    url = databases.copy(history)
    bench.exchange.put_clock(HISTORY_HOURS_BEFORE_END)
    bench.run(AGGREGATE, url)
    bench.exchange.put_clock(HISTORY_HOURS_BEFORE_END - 24)
    bench.run(BACKFILL, url)
    return url


def _from_scratch(bench: Bench, databases: Databases, history: str, job: Job) -> None:
    url = databases.copy(history)
    bench.exchange.put_clock(HISTORY_HOURS_BEFORE_END)
    cost, report = bench.run(AGGREGATE, url)
    databases.drop(url)
    job.runs.append(cost)
    job.count = report["sessions_written"]
    if job.count < 1000:
        raise BenchmarkFailed(f"too few sessions: {report}")


def _one_session(bench: Bench, databases: Databases, a_day_later: str, one_new: Job, rebuild: Job) -> None:
    url = databases.copy(a_day_later)
    bench.exchange.put_clock(HISTORY_HOURS_BEFORE_END - 24)
    cost, report = bench.run(AGGREGATE, url)
    expect(report, sessions_written=1)
    one_new.runs.append(cost)
    cost, report = bench.run([*AGGREGATE, "--rebuild"], url)
    expect(report, sessions_written=0, statistics_written=0, sessions_removed=0, statistics_removed=0)
    rebuild.runs.append(cost)
    rebuild.count = report["sessions_computed"]
    databases.drop(url)
