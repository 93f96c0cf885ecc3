"""The results as one Markdown table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from benchmarks.results import Cost, Endpoint, Job, Result, Spread

JOBS: Final[Mapping[str, str]] = {
    "backfill": "Full backfill, {count} candles",
    "aggregation": "Aggregation from scratch, {count} sessions",
    "one_session": "Aggregation, one new session",
    "rebuild": "`--rebuild` that changes nothing",
    "forecasts": "Forecasts and scores of all history, {count} forecasts",
    "one_forecast": "Forecast and scores of one new session",
    "nothing_new": "Hourly run, nothing to do",
    "one_candle": "Hourly run, one new candle",
}
_HEADER: Final = ("Measured", "Database", "Median (lowest–highest)", "Processor", "Peak memory", "Beside the bare one")
_ENDPOINT: Final = "`{path}`, clients: {clients}"
_DURATION: Final = "{median} s ({lowest}–{highest})"
_RATE: Final = "{median}/s ({lowest}–{highest}), p99 {p99} ms"
_BARE_JOB: Final = "processor {processor} ×, memory {memory} × of {seconds} s, {mb} MB"
_BARE_ENDPOINT: Final = "{share} of {rate}/s, p99 {p99} ms"
_MACHINE: Final = (
    "{date}; {processor}, {cores} cores, {memory_gb} GB; {system}, Python {python}, {databases}. "
    "{candles} from the simulated exchange with {latency} ms latency on the same machine."
)
_REAL: Final = "Real candles"
_GENERATED: Final = "Generated candles (no real ones were at hand)"
_NOTES: Final = (
    "Each job is a fresh process (runs: {repeat}); processor and memory are medians. The bare process imports "
    "SQLAlchemy, PyMySQL and requests, connects and makes one request. API: one uvicorn worker, {seconds} s of load "
    "from one process on the same machine; the bare endpoint is FastAPI that returns the same bytes."
)


def markdown(run: Mapping[str, Any], results: Sequence[Result]) -> str:
    """Where and when, the table, and what its words mean.

    Args:
        run: date, machine, candles, latency_ms, repeat and seconds of the run.
        results: the rows.
    """
    machine = run["machine"]
    where = _MACHINE.format(
        **(machine | {"databases": ", ".join(machine["databases"])}),
        date=run["date"][:10],
        candles=(_GENERATED if run["candles"] == "generated" else _REAL),
        latency=run["latency_ms"],
    )
    rows = [_HEADER, ["---", "---", *["---:"] * 3, "---"], *(_row(result) for result in results)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
    notes = _NOTES.format(repeat=run["repeat"], seconds=run["seconds"])
    return f"{where}\n\n{table}\n\n{notes}"


def _row(result: Result) -> list[str]:
    return _job_row(result) if isinstance(result, Job) else _endpoint_row(result)


def _job_row(job: Job) -> list[str]:
    processor, peak = job.spread(_processor).median, job.spread(_peak).median
    return [
        JOBS[job.name].format(count=_number(job.count, 0)),
        job.database,
        _DURATION.format(**_numbers(job.spread(_seconds), 2)),
        f"{_number(processor, 2)} s",
        f"{_number(peak, 0)} MB",
        _beside(job, processor, peak) if job.bare else "",
    ]


def _beside(job: Job, processor: float, peak: float) -> str:
    bare_processor, bare_peak = job.bare_spread(_processor).median, job.bare_spread(_peak).median
    return _BARE_JOB.format(
        processor=_number(processor / bare_processor, 2),
        memory=_number(peak / bare_peak, 2),
        seconds=_number(bare_processor, 2),
        mb=_number(bare_peak, 0),
    )


def _endpoint_row(endpoint: Endpoint) -> list[str]:
    rate = Spread.of(endpoint.load.requests_per_second)
    bare = Spread.of(endpoint.bare.requests_per_second)
    return [
        _ENDPOINT.format(path=endpoint.path, clients=endpoint.clients),
        endpoint.database,
        _RATE.format(**_numbers(rate, 0), p99=_number(endpoint.load.p99_ms, 1)),
        "",
        "",
        _BARE_ENDPOINT.format(
            share=_number(endpoint.share, 2),
            rate=_number(bare.median, 0),
            p99=_number(endpoint.bare.p99_ms, 1),
        ),
    ]


def _seconds(cost: Cost) -> float:
    return cost.seconds


def _processor(cost: Cost) -> float:
    return cost.processor_seconds


def _peak(cost: Cost) -> float:
    return cost.peak_mb


def _numbers(spread: Spread, digits: int) -> dict[str, str]:
    return {name: _number(value, digits) for name, value in spread._asdict().items()}


def _number(value: float, digits: int) -> str:
    """1,234.5."""
    return f"{value:,.{digits}f}"
