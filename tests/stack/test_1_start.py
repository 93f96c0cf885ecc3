"""`docker compose up -d`, and nothing to click afterwards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.stack.stack import Stack, docker, wait_for

if TYPE_CHECKING:
    from typing import Any

DAGS = {"btc_hourly_fetch", "btc_daily_aggregation", "btc_maintenance"}
ONE_SHOT = {"secrets", "migrate", "airflow-init"}
OURS = ("btc-airflow", "btc-scripts", "btc-api")


def test_all_services_are_healthy(stack: Stack) -> None:
    states = {one["Service"]: one for one in stack.states()}
    assert {name for name, one in states.items() if one["State"] == "exited"} == ONE_SHOT
    assert stack.unhealthy() == []
    for name, one in states.items():
        assert name in ONE_SHOT | {"exchange"} or one["Health"] == "healthy", f"{name} has no health check"


def test_the_example_of_settings_changes_nothing() -> None:
    """`.env.example` copied to `.env` gives the same stack as no `.env` at all."""
    plain = Stack(settings={"COMPOSE_FILE": "docker-compose.yaml"})
    config = ("config", "--format", "json")
    assert plain.compose(*config, env_file=".env.example").stdout == plain.compose(*config).stdout


def test_the_three_dags_are_there_unpaused_and_without_errors(stack: Stack) -> None:
    wait_for("three DAGs", lambda: len(stack.airflow("GET", "dags")["dags"]) == len(DAGS))
    dags = {dag["dag_id"]: dag for dag in stack.airflow("GET", "dags")["dags"]}
    assert set(dags) == DAGS
    assert not any(dag["is_paused"] for dag in dags.values())
    assert stack.airflow("GET", "importErrors")["import_errors"] == []


def test_history_fills_without_a_click(stack: Stack) -> None:
    """The first runs start by themselves: candles and sessions are there minutes after `up`."""
    wait_for("sessions", lambda: int(stack.sql("select count(*) from daily_sessions")[0][0]) > 0, seconds=180, pause=3)
    assert len(stack.api("/statistics", days=5)["sessions"]) == 5


def test_every_container_is_limited_and_unprivileged(stack: Stack) -> None:
    for one in stack.states():
        found = json.loads(docker("inspect", one["ID"]))[0]
        host, name = found["HostConfig"], one["Service"]
        assert host["Memory"] > 0, name
        if name == "exchange":
            continue
        assert host["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "3"}, name
        assert host["CapDrop"] == ["ALL"], name
        assert host["ReadonlyRootfs"] or name == "secrets", name
        assert not host["Privileged"], name
        sockets = [mount for mount in found["Mounts"] if "docker.sock" in mount["Source"]]
        assert bool(sockets) == (name == "docker-proxy"), f"{name} and the Docker socket"
        ports = [port["HostIp"] for bound in (host["PortBindings"] or {}).values() for port in bound]
        assert set(ports) <= {"127.0.0.1"}, name


def test_our_images_are_lean_and_named(stack: Stack) -> None:
    for image in sorted({one["Image"] for one in stack.states() if one["Image"].startswith(OURS)}):
        config = json.loads(docker("image", "inspect", image))[0]["Config"]
        assert config["User"] not in {"", "root", "0"}, image
        assert config["Labels"]["org.opencontainers.image.licenses"] == "MIT", image
        assert "Healthcheck" in config, image
        listing = docker("run", "--rm", "--entrypoint", "python", image, "-c", "import sys; print(*sys.path)")
        packages = listing.split()[-1]
        found = docker("run", "--rm", "--entrypoint", "ls", image, packages).split()
        unwanted = {"pytest", "hypothesis", "mypy", "ruff"} | ({"pandas"} if "scripts" not in image else set())
        assert not unwanted & set(found), image


def test_memory_of_every_container(stack: Stack, record_property: Any) -> None:
    """Printed for docs/performance.md; each stays well under its limit."""
    lines = docker("stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}} {{.MemPerc}}", *[
        one["ID"] for one in stack.states() if one["State"] == "running"
    ]).splitlines()  # fmt: skip
    print("\n" + "\n".join(lines))  # noqa: T201 - for docs/performance.md
    for line in lines:
        name, used, *_, share = line.split()
        record_property(name, used)
        assert float(share.rstrip("%")) < 80, line
