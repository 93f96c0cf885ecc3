"""`btc_hourly_fetch`: the candles of the hour that has just closed, and whatever else is missing."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag
from btc_jobs import BACKFILL, DEFAULT_ARGS, KLINES, SYMBOLS, Job


@dag(
    # A minute past the hour the exchange has closed the candle. The window is said: a bare cron's has no length.
    schedule=CronTriggerTimetable("1 * * * *", timezone="UTC", interval=timedelta(hours=1), run_immediately=True),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args=DEFAULT_ARGS,
    tags=["btc", "binance"],
    doc_md="""\
### Hourly candles from Binance

Runs `scripts/backfill_script.py` in a container of its own, once per symbol of `SYMBOLS`. The job asks the database
which hours are missing and fetches just those, and the last 48 hours again, so that a run that failed or never
started is made up for by the next one: there is no need to clear or to catch up on old runs. The exchange's clock says
which candles are closed, so no window is handed over; `btc_maintenance` takes one.

The first run after an installation fetches all history since `HISTORY_START`.

* **Output**: table `klines_hourly`, asset `klines_hourly`; XCom: what was written, as JSON.
* **When it fails**: the last line of the task's log is the job's own reason. Four retries with growing waits.
""",
)
def btc_hourly_fetch() -> None:
    """One mapped task per symbol."""
    Job.partial(
        task_id="fetch",
        execution_timeout=timedelta(minutes=45),
        outlets=[KLINES],
        map_index_template="{{ task.command[-1] }}",
        doc_md="Fetches every missing hour of one symbol.",
    ).expand(command=[["python", BACKFILL, "--symbol", symbol] for symbol in SYMBOLS])


btc_hourly_fetch()
