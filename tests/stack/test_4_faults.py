"""What goes wrong: a failure is a failed task with the job's own reason, and what can heal heals."""

from __future__ import annotations

import json

from tests.stack.stack import Run, Stack, docker, wait_for

FETCH = "fetch"
SLOW_MS = 4000


def slow(stack: Stack) -> Run:
    """Start an hourly fetch that takes several seconds, and wait until its first job runs."""
    stack.order("latency", ms=SLOW_MS)
    run = stack.trigger("btc_hourly_fetch")
    run.wait_for_job()
    return run


def test_mariadb_restarted_during_a_job(stack: Stack) -> None:
    stack.order("latency", ms=SLOW_MS)
    stack.sql("delete from klines_hourly where symbol = 'BTCUSDT'")
    run = stack.trigger("btc_hourly_fetch")
    run.wait_for_job()
    stack.compose("restart", "mariadb")
    stack.clear_faults()
    assert run.wait() == "success"
    assert int(stack.sql("select count(*) from klines_hourly where symbol = 'BTCUSDT'")[0][0]) > 1000
    assert stack.run("btc_daily_aggregation").state() == "success"


def test_an_unavailable_exchange_is_asked_again(stack: Stack) -> None:
    stack.order("unavailable", status=503)
    run = stack.trigger("btc_hourly_fetch")
    wait_for("a failed try", lambda: run.task(FETCH)["state"] == "up_for_retry", pause=0.5)
    assert "503" in run.log(run.task(FETCH), attempt=1)
    stack.clear_faults()
    assert run.wait() == "success"
    assert run.task(FETCH)["try_number"] >= 2


def test_a_blocked_region_fails_the_task_with_its_reason(stack: Stack) -> None:
    stack.order("blocked")
    run = stack.run("btc_hourly_fetch", seconds=240)
    task = run.task(FETCH)
    assert (run.state(), task["state"]) == ("failed", "failed")
    assert task["try_number"] == int(stack.settings["JOB_RETRIES"]) + 1
    log = run.log(task)
    failure = next(json.loads(line) for line in log.splitlines() if '"error_detail"' in line)
    said = failure["error_detail"][0]["exc_value"]
    assert "451" in said
    assert "BINANCE_URLS" in said
    assert "Traceback (most recent call last)" not in log, "a job's traceback"


def test_a_wrong_call_is_not_tried_again(stack: Stack) -> None:
    """An exit code of 2 won't get better."""
    run = stack.run("btc_maintenance", action="backfill", symbol="BTCUSDT", since="2024-03-01", until="2024-02-01")
    task = next(task for task in run.tasks() if task["task_id"] == "run")
    assert (task["state"], task["try_number"]) == ("failed", 1)


def test_a_task_that_is_stopped_takes_its_container_along(stack: Stack) -> None:
    run = slow(stack)
    stack.airflow("PATCH", f"{run.path}/taskInstances/{FETCH}/0", {"new_state": "failed"})
    stack.airflow("PATCH", f"{run.path}/taskInstances/{FETCH}/1", {"new_state": "failed"})
    wait_for("no container", lambda: not stack.job_containers(), seconds=60)
    stack.clear_faults()
    assert run.wait() == "failed"


def test_servers_are_stopped_with_care(stack: Stack) -> None:
    """Both end by themselves when told to: no recovery from a crash at the next start."""
    for server in ("mariadb", "postgres"):
        container = stack.container(server)
        stack.compose("stop", server)
        assert json.loads(docker("inspect", container))[0]["State"]["ExitCode"] == 0, server
        stack.compose("start", server)
    wait_for("all services healthy", lambda: not stack.unhealthy())


def test_the_way_to_docker_restarted_during_a_job(stack: Stack) -> None:
    """The way to Docker is cut: the try fails, its container is removed by the next, which succeeds."""
    run = slow(stack)
    stack.compose("restart", "--timeout", "1", "docker-proxy")
    stack.clear_faults()
    assert run.wait() == "success"
    assert stack.job_containers() == []


def test_the_scheduler_killed_during_a_task(stack: Stack) -> None:
    run = slow(stack)
    left = run.wait_for_job()
    scheduler = stack.container("airflow-scheduler")
    # All processes at once, without a word; docker-init ends after them, and Docker starts the container again.
    docker("exec", scheduler, "sh", "-c", "kill -9 -1", check=False)
    wait_for("a restart", lambda: json.loads(docker("inspect", scheduler))[0]["RestartCount"] == 1)
    wait_for("all services healthy", lambda: not stack.unhealthy(), seconds=180)
    stack.clear_faults()
    assert run.wait(300) == "success"
    assert left not in stack.job_containers()
    assert stack.job_containers() == []
