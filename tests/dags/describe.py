"""Print what Airflow makes of the DAGs, as JSON; run by the tests with the interpreter that has Airflow.

The project's own environment holds no Airflow, so the tests can't load the DAGs themselves.
"""
# mypy: ignore-errors
# ruff: noqa: PLC0415

import json
import os
import sys
from pathlib import Path

DAGS = Path(__file__).parents[2] / "dags"


def describe_task(task) -> dict:
    settings = {**getattr(task, "partial_kwargs", {}), **{k: v for k, v in vars(task).items() if not k.startswith("_")}}
    timeout = settings.get("execution_timeout")
    return {
        "task_id": task.task_id,
        "operator": task.operator_class.__name__ if hasattr(task, "operator_class") else type(task).__name__,
        "mapped": task.is_mapped or any(True for _ in task.iter_mapped_task_groups()),
        "retries": task.retries,
        "retry_delay": task.retry_delay.total_seconds(),
        "backoff": float(task.retry_exponential_backoff),
        "max_retry_delay": task.max_retry_delay.total_seconds() if task.max_retry_delay else None,
        "timeout": timeout.total_seconds() if timeout else None,
        "pool": task.pool,
        "owner": task.owner,
        "doc": task.doc_md,
        "outlets": [asset.name for asset in task.outlets],
        "upstream": sorted(task.upstream_task_ids),
    }


def describe_dag(dag) -> dict:
    return {
        "schedule": getattr(dag.timetable, "expression", None),
        "timezone": str(getattr(dag.timetable, "timezone", "")),
        "interval": getattr(dag.timetable, "interval", None) and dag.timetable.interval.total_seconds(),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "paused": dag.is_paused_upon_creation,
        "doc": dag.doc_md,
        "tags": sorted(dag.tags),
        "tasks": [describe_task(task) for task in dag.tasks],
    }


def describe_container() -> dict:
    """Return the settings of a job's container, and what of them would be rendered."""
    from btc_jobs import DockerJob

    job = DockerJob(task_id="probe", command=["python", "-V"])
    return {
        "auto_remove": job.auto_remove,
        "mount_tmp_dir": job.mount_tmp_dir,
        "mem_limit": job.mem_limit,
        "image": job.image,
        "privileged": job.privileged,
        "rendered": {name: repr(getattr(job, name)) for name in job.template_fields},
    }


def describe_reasons() -> dict:
    """Return how endings of jobs are read."""
    from btc_jobs import failure, outcome, reason

    return {
        "outcome before a late log line": outcome(["starting", '{"candles_written": 2}', "INFO: closing"]),
        "outcome of a job that said none": outcome(["{not json", "done"]),
        "reason": reason(["INFO: asking", "error: the exchange is away", "", '{"half": 1}'], 1),
        "reason of silence": reason([], 1),
        "reason of a kill": reason(["INFO: asking"], 137),
        "a wrong call": type(failure(["usage: x"], 2)).__name__,
        "a failure": type(failure(["error: x"], 1)).__name__,
    }


def main() -> None:
    from airflow.dag_processing.dagbag import DagBag
    from btc_jobs import SETTINGS, certificates, secrets

    bag = DagBag(DAGS)
    described = {
        "errors": {str(path): error for path, error in bag.import_errors.items()},
        "dags": {dag_id: describe_dag(dag) for dag_id, dag in bag.dags.items()},
        "container": describe_container(),
        "settings": SETTINGS,
        "certificates": certificates(),
        "private_names": sorted(secrets()),
        "reasons": describe_reasons(),
    }
    Path(sys.argv[1]).write_text(json.dumps(described))


if __name__ == "__main__":
    os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
    sys.path.insert(0, str(DAGS))
    main()
