"""No secret is shown, and no stack that is open to others starts with a password that anyone could guess."""

from __future__ import annotations

import json

import pytest

from tests.stack.stack import Stack, docker

AIRFLOW = ("airflow-init", "airflow-apiserver", "airflow-scheduler", "airflow-dag-processor")


def secrets(stack: Stack) -> dict[str, str]:
    names = ("fernet_key", "jwt_secret", "api_secret_key", "sql_alchemy_conn", "celery_broker_url")
    return {"database": stack.secret("database/db_password")} | {
        name: stack.secret(f"airflow/{name}") for name in names
    }


def test_secrets_are_made_at_the_first_start_and_kept(stack: Stack) -> None:
    before = secrets(stack)
    assert all(len(secret) >= 24 for secret in before.values())
    stack.compose("up", "-d", "--force-recreate", "--no-deps", "secrets")
    docker("wait", stack.container("secrets"))
    assert secrets(stack) == before


def test_no_secret_is_in_containers_images_or_logs(stack: Stack) -> None:
    containers = [one["ID"] for one in stack.states()]
    images = sorted({one["Image"] for one in stack.states() if one["Image"].startswith("btc-")})
    shown = {
        "docker inspect": docker("inspect", *containers),
        "images": docker("image", "inspect", *images) + "".join(docker("history", "--no-trunc", one) for one in images),
        "compose config": stack.compose("config").stdout,
        "logs": stack.compose("logs", "--no-color").stdout,
    }
    for name, secret in secrets(stack).items():
        for where, text in shown.items():
            assert secret not in text, f"{name} in {where}"


def test_the_password_is_not_in_airflow(stack: Stack) -> None:
    """Not in rendered fields, XComs, task logs, DAG sources or Airflow's own settings."""
    password = stack.secret("database/db_password")
    everything = [
        stack.airflow("GET", "dags/~/dagRuns/~/taskInstances", limit=100),
        stack.airflow("GET", "dags/~/dagRuns/~/taskInstances/~/xcomEntries", limit=100),
        *(stack.airflow("GET", f"dags/{dag['dag_id']}/details") for dag in stack.airflow("GET", "dags")["dags"]),
    ]
    assert password not in json.dumps(everything)
    search = 'grep -rlF -- "$0" /var/log/airflow || true'
    assert stack.run_in("airflow-scheduler", "sh", "-c", search, password) == "", "the password is in a task's log"
    for service in AIRFLOW[1:]:
        assert password not in stack.run_in(service, "env"), service
    dump_command = (
        "PGPASSWORD=$(cat /run/secrets/postgres/password) pg_dump -h 127.0.0.1 -U airflow --data-only airflow"
    )
    dump = stack.run_in("postgres", "sh", "-c", dump_command)
    assert password not in dump, "the password is in Airflow's database"


@pytest.mark.usefixtures("stack")  # its image
def test_an_open_stack_refuses_default_passwords() -> None:
    for settings, refused in (
        ({"BIND_ADDRESS": "0.0.0.0"}, True),
        ({"BIND_ADDRESS": "0.0.0.0", "AIRFLOW_PASSWORD": "short"}, True),
        ({"BIND_ADDRESS": "0.0.0.0", "AIRFLOW_PASSWORD": "long-enough-to-keep"}, False),
        ({"DB_HOST": "elsewhere"}, True),
    ):
        other = Stack(settings=settings)
        done = other.compose("-p", "btc-stack-refused", "run", "--rm", "-T", "secrets", check=False)
        assert (done.returncode != 0) == refused, f"{settings}: {done.stderr}"
        assert ("refused: " in done.stderr) == refused
        other.compose("-p", "btc-stack-refused", "down", "--volumes", check=False)
