"""Sessions and statistics: from scratch, with one new session, a rebuild that changes nothing; then the forecasts."""

from __future__ import annotations

from benchmarks.common import AGGREGATE, BACKFILL, HISTORY_HOURS_BEFORE_END, Bench, expect, say
from benchmarks.databases import Databases
from benchmarks.processes import BenchmarkFailed
from benchmarks.results import Job

NAMES = ("aggregation", "one_session", "rebuild", "forecasts", "one_forecast")


def measure(bench: Bench) -> list[Job]:
    """All of them, on each kind of database."""
    jobs: list[Job] = []
    for databases in bench.databases:
        of = {name: Job(name, databases.name) for name in NAMES}
        history = bench.copy_of_history(databases)
        with bench.exchange.slow():
            a_day_later = _with_a_day_more(bench, databases, history, of["forecasts"])
            for number in range(bench.repeat):
                _from_scratch(bench, databases, history, of["aggregation"])
                _one_session(bench, databases, a_day_later, of)
                said = ", ".join(f"{name} {job.runs[-1].seconds:.2f} s" for name, job in of.items())
                say(f"  {number + 1}: {databases.name}: {said}")
        jobs += of.values()
        for url in (history, a_day_later):
            databases.drop(url)
    return sorted(jobs, key=lambda job: NAMES.index(job.name))


def _with_a_day_more(bench: Bench, databases: Databases, history: str, forecasts: Job) -> str:
    """History that is aggregated and forecast (measured once: it takes its time), and the candles of the day after."""
    url = databases.copy(history)
    bench.exchange.put_clock(HISTORY_HOURS_BEFORE_END)
    bench.run(AGGREGATE, url, FORECASTS="off")
    cost, report = bench.run(AGGREGATE, url)
    forecasts.runs.append(cost)
    forecasts.count = report["forecasts_written"]
    bench.exchange.put_clock(HISTORY_HOURS_BEFORE_END - 24)
    bench.run(BACKFILL, url)
    return url


def _from_scratch(bench: Bench, databases: Databases, history: str, job: Job) -> None:
    url = databases.copy(history)
    bench.exchange.put_clock(HISTORY_HOURS_BEFORE_END)
    cost, report = bench.run(AGGREGATE, url, FORECASTS="off")
    databases.drop(url)
    job.runs.append(cost)
    job.count = report["sessions_written"]
    if job.count < 1000:
        raise BenchmarkFailed(f"too few sessions: {report}")


def _one_session(bench: Bench, databases: Databases, a_day_later: str, of: dict[str, Job]) -> None:
    url = databases.copy(a_day_later)
    bench.exchange.put_clock(HISTORY_HOURS_BEFORE_END - 24)
    cost, report = bench.run(AGGREGATE, url, FORECASTS="off")
    expect(report, sessions_written=1)
    of["one_session"].runs.append(cost)
    cost, report = bench.run(AGGREGATE, url)
    expect(report, sessions_written=0, forecasts_written=1)
    of["one_forecast"].runs.append(cost)
    cost, report = bench.run([*AGGREGATE, "--rebuild"], url, FORECASTS="off")
    expect(report, sessions_written=0, statistics_written=0, sessions_removed=0, statistics_removed=0)
    of["rebuild"].runs.append(cost)
    of["rebuild"].count = report["sessions_computed"]
    databases.drop(url)
