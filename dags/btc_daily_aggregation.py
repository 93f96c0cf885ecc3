"""`btc_daily_aggregation`: the session that ended at 11:00 MSK, its statistics, and all that late candles touch."""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.sdk import CronTriggerTimetable, dag, task_group
from btc_jobs import AGGREGATE, BACKFILL, DEFAULT_ARGS, KLINES, SESSION_START, SESSION_TIMEZONE, SESSIONS, SYMBOLS, Job

# Five minutes after the session's end, 11:05 Europe/Moscow by default.
_due = datetime.strptime(SESSION_START, "%H:%M") + timedelta(minutes=5)  # noqa: DTZ007 - a time of day


@dag(
    schedule=CronTriggerTimetable(
        f"{_due.minute} {_due.hour} * * *", timezone=SESSION_TIMEZONE, interval=timedelta(days=1), run_immediately=True
    ),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args=DEFAULT_ARGS,
    tags=["btc", "sessions"],
    doc_md="""\
### Sessions, Vol and Range, and their statistics

For each symbol of `SYMBOLS` first fetches what is missing (so that a late or failed hourly run can't close a session
with 23 hours), then runs `scripts/session_aggregator.py`, which recomputes exactly the sessions and windows that new,
late or corrected candles touch. Both run in containers of their own; one symbol's failure does not hold up another.

* **Input**: table and asset `klines_hourly`.
* **Output**: tables `daily_sessions` and `session_statistics`, asset `daily_sessions`; XCom: what was done, as JSON.
* **When it fails**: the last line of the task's log is the job's own reason. Run it again at any time: the result is
  the same, and a session is only closed when the candle that ends it is stored.
""",
)
def btc_daily_aggregation() -> None:
    """One mapped group of two tasks per symbol."""

    @task_group(group_id="session")
    def session(symbol: str) -> None:
        fetch = Job(
            task_id="fetch",
            command=["python", BACKFILL, "--symbol", symbol],
            execution_timeout=timedelta(minutes=45),
            outlets=[KLINES],
            map_index_template="{{ task.command[-1] }}",
            doc_md="Fetches every missing hour of one symbol.",
        )
        aggregate = Job(
            task_id="aggregate",
            command=["python", AGGREGATE, "--symbol", symbol],
            execution_timeout=timedelta(minutes=20),
            inlets=[KLINES],
            outlets=[SESSIONS],
            map_index_template="{{ task.command[-1] }}",
            doc_md="Brings sessions and statistics of one symbol up to date.",
        )
        fetch >> aggregate

    session.expand(symbol=SYMBOLS)


btc_daily_aggregation()
