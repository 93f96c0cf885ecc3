"""`btc_maintenance`: by hand, with parameters: backfill a range, recheck gaps, refetch, or rebuild."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Param, dag, task
from btc_jobs import AGGREGATE, BACKFILL, DEFAULT_ARGS, KLINES, SESSIONS, SYMBOLS, Job

ALL = "all"


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args=DEFAULT_ARGS,
    params={
        "action": Param(
            "backfill", enum=["backfill", "recheck-gaps", "refetch", "rebuild"], title="Action",
            description="backfill: fetch missing hours. recheck-gaps: also ask again for hours that the exchange did "
            "not have. refetch: ask again for all hours from since on, whatever is stored. "
            "rebuild: compute all sessions and statistics from scratch.",
        ),
        "symbol": Param(ALL, type="string", enum=[ALL, *SYMBOLS], title="Symbol"),
        "since": Param(None, type=["null", "string"], format="date", title="Since", description="First day, UTC"),
        "until": Param(None, type=["null", "string"], format="date", title="Until", description="UTC, not included"),
        "dry_run": Param(False, type="boolean", title="Dry run", description="Only say what would be fetched."),
    },
    tags=["btc", "manual"],
    doc_md="""\
### Maintenance, by hand

Trigger it with parameters (the arrow at the top right):

| action | what it does |
| --- | --- |
| `backfill` | fetches the missing hours from `since` to `until`; without dates all history |
| `recheck-gaps` | the same, and asks again for hours that are recorded as permanently missing |
| `refetch` | asks again for every hour from `since` (which it needs) to `until`, whatever is stored, and replaces it |
| `rebuild` | computes all sessions and statistics from scratch; changes nothing if all was right |

`since`, `until` and `dry_run` count for the first three. New candles reach the sessions with the next run of
`btc_daily_aggregation`, or at once by triggering that.
""",
)  # fmt: skip
def btc_maintenance() -> None:
    """Make the commands out of the parameters, then run one job per symbol."""

    @task(execution_timeout=timedelta(minutes=5), pool="default_pool", doc_md="Makes one command per symbol.")
    def commands(params: dict[str, Any]) -> list[list[str]]:
        symbols = SYMBOLS if params["symbol"] == ALL else [params["symbol"]]
        if params["action"] == "rebuild":
            call = ["python", AGGREGATE, "--rebuild"]
        else:
            call = ["python", BACKFILL]
            call += [f"--{params['action']}"] if params["action"] != "backfill" else []
            call += ["--dry-run"] if params["dry_run"] else []
            call += [f"--{name}={params[name]}" for name in ("since", "until") if params[name]]
        return [[*call, "--symbol", symbol] for symbol in symbols]

    Job.partial(
        task_id="run",
        execution_timeout=timedelta(hours=2),
        outlets=[KLINES, SESSIONS],
        map_index_template="{{ task.command[-1] }}",
        doc_md="Runs the job for one symbol.",
    ).expand(command=commands())


btc_maintenance()
