"""What docs/operations.md says one does with a running stack, done with the very commands that it shows."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import requests

from tests.stack.operations import KUBERNETES, OPERATIONS, run, sections
from tests.stack.stack import ANSWER_SECONDS, SYMBOLS, Stack, docker, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHOWN = sections(OPERATIONS)
OLD = "/var/log/airflow/old.log"
NEW_PASSWORD = "the-new-one"
LOADS = """
from airflow.dag_processing.dagbag import DagBag
from airflow.providers.cncf.kubernetes.executors.kubernetes_executor import KubernetesExecutor
bag = DagBag("/opt/dags")
print(sorted(bag.dags), bag.import_errors, KubernetesExecutor.__name__)
"""


def postgres(stack: Stack, query: str) -> str:
    """Return what Airflow's own database answers."""
    command = 'PGPASSWORD=$(cat /run/secrets/postgres/password) psql -h 127.0.0.1 -U airflow -At airflow -c "$0"'
    return stack.run_in("postgres", "sh", "-c", command, query).strip()


def checksums(stack: Stack) -> dict[str, str]:
    """Return a checksum of each table's rows."""
    tables = [table for (table,) in stack.sql("show tables")]
    return {table: stack.sql(f"checksum table `{table}`")[0][1] for table in tables}


@contextmanager
def no_new_runs(stack: Stack) -> Iterator[None]:
    """No scheduled run begins meanwhile, and those that are at work have ended."""
    scheduled = ("btc_hourly_fetch", "btc_daily_aggregation")
    for dag in scheduled:
        stack.airflow("PATCH", f"dags/{dag}", {"is_paused": True})
    active = ("queued", "running")
    for dag in scheduled:
        wait_for(
            f"the end of {dag}",
            lambda dag=dag: all(  # type: ignore[misc]
                run["state"] not in active for run in stack.airflow("GET", f"dags/{dag}/dagRuns", limit=100)["dag_runs"]
            ),
            seconds=240,
        )
    try:
        yield
    finally:
        for dag in scheduled:
            stack.airflow("PATCH", f"dags/{dag}", {"is_paused": False})


def test_is_it_well(stack: Stack) -> None:
    ps, readyz, monitor = SHOWN["Is it well?"]
    services = run(stack, ps)
    for service in ("airflow-scheduler", "api", "mariadb", "docker-proxy"):
        assert service in services
    assert "unhealthy" not in services
    ready = json.loads(run(stack, readyz))
    assert set(SYMBOLS) <= set(json.dumps(ready).split('"')), ready
    parts = json.loads(run(stack, monitor))
    for part in ("metadatabase", "scheduler", "dag_processor"):
        assert parts[part]["status"] == "healthy", part
    assert parts["triggerer"]["status"] is None
    for path in ("healthz", "metrics"):
        assert requests.get(f"{stack.api_url}/{path}", timeout=ANSWER_SECONDS).status_code == 200, path
    inside = "import urllib.request; print(urllib.request.urlopen('http://airflow-scheduler:8974/health').status)"
    assert stack.run_in("airflow-dag-processor", "python", "-c", inside).strip() == "200"


def test_logs_are_read_and_old_ones_dropped(stack: Stack) -> None:
    services, proxy, files, records = SHOWN["Reading logs"]
    assert "/readyz" in run(stack, services)
    assert "docker-proxy" in run(stack, proxy)

    stack.run_in("airflow-scheduler", "touch", "-d", "100 days ago", OLD)
    before = int(stack.run_in("airflow-scheduler", "sh", "-c", "find /var/log/airflow -name '*.log' | wc -l"))
    run(stack, files)
    after = int(stack.run_in("airflow-scheduler", "sh", "-c", "find /var/log/airflow -name '*.log' | wc -l"))
    assert (after, stack.run_in("airflow-scheduler", "sh", "-c", f"ls {OLD} || true")) == (before - 1, "")

    runs = int(postgres(stack, "select count(*) from dag_run"))
    oldest = postgres(stack, "select min(id) from dag_run where run_type = 'manual'")
    postgres(
        stack,
        "update dag_run set start_date = now() - interval '200 days', run_after = now() - interval '200 days' "
        f"where id = {oldest}",
    )
    run(stack, records)
    assert postgres(stack, f"select count(*) from dag_run where id = {oldest}") == "0"
    assert int(postgres(stack, "select count(*) from dag_run")) >= runs - 1
    assert postgres(stack, r"select count(*) from pg_tables where tablename like '\_airflow\_deleted%'") == "0"


def test_a_backup_brings_every_table_back(stack: Stack, tmp_path: Path) -> None:
    backup, restore = SHOWN["Backup and restore"]
    with no_new_runs(stack):
        before = checksums(stack)
        assert len(before) > 4
        run(stack, backup, folder=tmp_path)
        stack.sql("delete from klines_hourly where symbol = 'BTCUSDT'")
        stack.sql("update daily_sessions set volatility = volatility + 1")
        stack.sql("drop table session_statistics")
        assert checksums(stack) != before
        run(stack, restore, folder=tmp_path)
        assert checksums(stack) == before
    assert stack.run("btc_daily_aggregation", seconds=240).state() == "success"
    assert len(stack.api("/statistics", days=5)["sessions"]) == 5


def test_an_upgrade_keeps_what_is_there(stack: Stack) -> None:
    (upgrade, *_) = SHOWN["Upgrade"]
    candles = stack.sql("select symbol, count(*) from klines_hourly group by symbol")
    run(stack, upgrade)
    wait_for("all services healthy", lambda: not stack.unhealthy(), seconds=240)
    now = stack.sql("select symbol, count(*) from klines_hourly group by symbol")
    assert all(int(after[1]) >= int(before[1]) for before, after in zip(candles, now, strict=True))


def test_passwords_are_changed(stack: Stack) -> None:
    show, change, apply, log = SHOWN["Passwords"]
    old = run(stack, show)
    assert old == stack.secret("database/db_password")
    run(stack, change)
    login = {"AIRFLOW_USER": "operator", "AIRFLOW_PASSWORD": "another-long-one"}
    stack.settings |= {"DB_PASSWORD": NEW_PASSWORD, **login}
    try:
        run(stack, apply)
        wait_for("all services healthy", lambda: not stack.unhealthy(), seconds=240)
        assert run(stack, show) == NEW_PASSWORD
        default = {"username": "airflow", "password": "airflow"}
        refused = requests.post(f"{stack.airflow_url}/auth/token", json=default, timeout=ANSWER_SECONDS)
        assert refused.status_code == 401
        assert stack.run("btc_hourly_fetch", seconds=240).state() == "success"
        assert len(stack.api("/statistics", days=5)["sessions"]) == 5
        assert "refused" not in run(stack, log)
    finally:
        for name in ("DB_PASSWORD", *login):
            del stack.settings[name]


def test_airflows_records_can_be_given_up(stack: Stack) -> None:
    """The candles stay, and so does a password that was given once; the login is the default one again."""
    _, *given_up = SHOWN["Upgrade"]
    for command in given_up:
        run(stack, command)
    wait_for("all services healthy", lambda: not stack.unhealthy(), seconds=240)
    assert stack.secret("database/db_password") == NEW_PASSWORD
    assert len(stack.api("/statistics", days=5)["sessions"]) == 5
    wait_for("three DAGs", lambda: len(stack.airflow("GET", "dags")["dags"]) == 3)
    assert stack.airflow("GET", "dags/btc_maintenance/dagRuns")["dag_runs"] == []
    assert stack.run("btc_hourly_fetch", seconds=240).state() == "success"


def test_the_image_for_kubernetes_loads_the_dags_and_runs_a_job(stack: Stack) -> None:
    ((_, build),) = [shown for shown in sections(KUBERNETES).values() if shown]
    for command in sections(KUBERNETES)["On Kubernetes"]:
        run(stack, command, KUBERNETES)
    image = build.split(" -t ")[1].split()[0]
    try:
        loaded = docker("run", "--rm", "-i", image, "python", "-", given=LOADS).splitlines()[-1]
        assert loaded == ("['btc_daily_aggregation', 'btc_hourly_fetch', 'btc_maintenance'] {} KubernetesExecutor")
        job = "cd $JOB_FOLDER && exec $JOB_PYTHON scripts/backfill_script.py --symbol BTCUSDT --dry-run"
        network = f"{stack.environment['COMPOSE_PROJECT_NAME']}_data"
        settings = {
            "BINANCE_URLS": stack.settings["BINANCE_URLS"], "HISTORY_START": stack.settings["HISTORY_START"],
            "DB_HOST": "mariadb", "DB_NAME": "btc", "DB_USER": "btc", "DB_PASSWORD": NEW_PASSWORD,
        }  # fmt: skip
        given = [argument for name, value in settings.items() for argument in ("-e", f"{name}={value}")]
        done = docker("run", "--rm", "--network", network, *given, image, "bash", "-c", job)
        assert json.loads(done.splitlines()[-1])["symbol"] == "BTCUSDT"
    finally:
        if os.environ.get("STACK_TEST") != "keep":
            docker("image", "rm", image, check=False)


def test_the_ban_that_is_remembered_can_be_looked_at(stack: Stack) -> None:
    (show,) = SHOWN["A ban of the exchange"]
    assert run(stack, show) == "no ban is remembered\n"
