"""The Celery overlay, over the running stack: the same DAGs, on two workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.stack.operations import SCALING_OUT, commands, run
from tests.stack.stack import SYMBOLS, Stack, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

OVERLAY = "docker-compose.celery.yaml"


@pytest.fixture(scope="module")
def celery(stack: Stack) -> Iterator[Stack]:
    """The stack with two workers of one task each; without them again afterwards."""
    plain = stack.files
    stack.files = ["docker-compose.yaml", OVERLAY, "tests/stack/compose.yaml"]
    stack.settings["WORKER_CONCURRENCY"] = "1"
    (command,) = commands(SCALING_OUT)
    run(stack, command, SCALING_OUT)
    wait_for("all services healthy", lambda: not stack.unhealthy(), seconds=240)
    yield stack
    stack.compose("stop", "--timeout", "5", "airflow-worker", "redis")
    stack.compose("rm", "--force", "airflow-worker", "redis")
    stack.files = plain


def test_a_dag_runs_on_two_workers(celery: Stack) -> None:
    celery.airflow(
        "PATCH", "pools/exchange", {"name": "exchange", "slots": 2, "description": "", "include_deferred": False}
    )
    celery.order("latency", ms=2000)  # long enough for both to be at work at once
    run = celery.trigger("btc_hourly_fetch")
    run.wait_for_job()
    assert run.wait() == "success"
    tasks = run.tasks()
    assert len({task["hostname"] for task in tasks}) == len(SYMBOLS) == 2
    for task in tasks:
        assert run.xcom(task)["symbol"] == task["rendered_map_index"]
        assert f"{task['rendered_map_index']}: " in run.log(task)
    celery.airflow(
        "PATCH", "pools/exchange", {"name": "exchange", "slots": 1, "description": "", "include_deferred": False}
    )


def test_a_stopped_worker_finishes_its_task(celery: Stack) -> None:
    """A warm shutdown: scaling in loses nothing."""
    celery.order("latency", ms=3000)
    run = celery.trigger("btc_hourly_fetch")
    run.wait_for_job()
    celery.compose("up", "-d", "--no-recreate", "--scale", "airflow-worker=1", "airflow-worker")
    celery.clear_faults()
    assert run.wait() == "success"
    assert {task["try_number"] for task in run.tasks()} == {1}
