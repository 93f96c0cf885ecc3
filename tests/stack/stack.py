"""The running stack as the tests meet it: Compose, Airflow's and the project's REST APIs, the simulated exchange."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import requests

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
PROJECT = "btc-stack-test"
SYMBOLS = ["BTCUSDT", "ETHUSDT"]
FINAL = {"success", "failed", "upstream_failed", "skipped", "removed"}
HISTORY_DAYS = 60
ANSWER_SECONDS = 30.0


def free_port() -> int:
    """Return a TCP port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for(what: str, probe: Callable[[], T | None], seconds: float = 120, pause: float = 1) -> T:
    """Return the probe's first answer that is not None or False; a refused connection is none."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = probe()
        except requests.ConnectionError:
            answer = None
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(pause)


def docker(*arguments: str, check: bool = True, given: str | None = None) -> str:
    """Run `docker` and return its standard output."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False, input=given, timeout=600)
    assert done.returncode == 0 or not check, f"docker {' '.join(arguments)}: {done.stderr[-3000:]}"
    return done.stdout


@dataclass
class Stack:
    """One Compose project on free ports."""

    files: list[str] = field(default_factory=lambda: ["docker-compose.yaml", "tests/stack/compose.yaml"])
    settings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Choose ports and the few settings that make waits short."""
        self.airflow_url, self.api_url, self.exchange_url = (f"http://127.0.0.1:{free_port()}" for _ in range(3))
        first = datetime.now(UTC).date() - timedelta(days=HISTORY_DAYS)
        self.settings = {
            "AIRFLOW_PORT": self.airflow_url.rpartition(":")[2],
            "API_PORT": self.api_url.rpartition(":")[2],
            "EXCHANGE_PORT": self.exchange_url.rpartition(":")[2],
            "BINANCE_URLS": "http://exchange:9000",
            "BINANCE_RETRY_SECONDS": "5",
            "HISTORY_START": first.isoformat(),
            "SYMBOLS": ",".join(SYMBOLS),
            "JOB_RETRIES": "3",
            "JOB_RETRY_DELAY": "3",
        } | self.settings

    # Compose

    def compose(
        self, *arguments: str, check: bool = True, given: str | None = None, env_file: str = "/dev/null"
    ) -> subprocess.CompletedProcess[str]:
        """Run `docker compose` for this project, with no `.env` of the developer's."""
        done = subprocess.run(
            ["docker", "compose", "--env-file", env_file, *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, input=given, timeout=1200,
        )  # fmt: skip
        assert done.returncode == 0 or not check, f"compose {' '.join(arguments)}: {done.stdout}{done.stderr[-4000:]}"
        return done

    @property
    def environment(self) -> dict[str, str]:
        """Return this process's environment without settings of the stack, and this stack's."""
        own = {"PATH", "HOME", "DOCKER_HOST", "DOCKER_CONFIG", "STACK_BUILD_NETWORK", "IMAGE_PREFIX", "IMAGE_TAG"}
        kept = {name: value for name, value in os.environ.items() if name in own}
        files = {"COMPOSE_FILE": ":".join(self.files), "COMPOSE_PROJECT_NAME": PROJECT}
        return kept | files | self.settings

    def up(self, *arguments: str) -> float:
        """Run `up -d`, wait until every service is healthy, and return the seconds it took."""
        began = time.monotonic()
        self.compose("up", "-d", *arguments)
        wait_for("all services healthy", lambda: not self.unhealthy(), seconds=240)
        return time.monotonic() - began

    def down(self) -> None:
        """Remove containers, networks and volumes, jobs' containers included."""
        for job in self.job_containers():
            docker("rm", "-f", job, check=False)
        self.compose("--profile", "bundled-db", "down", "--volumes", "--remove-orphans", "--timeout", "5", check=False)

    def states(self) -> list[dict[str, Any]]:
        """Return what Compose says of every container."""
        lines = self.compose("ps", "--all", "--format", "json").stdout.splitlines()
        return [json.loads(line) for line in lines]

    def unhealthy(self) -> list[str]:
        """Return the services that are neither healthy, nor running without a check, nor done with success."""
        return [
            f"{one['Service']}: {one['State']} {one['Health']} {one['ExitCode']}"
            for one in self.states()
            if not (
                (one["State"] == "running" and one["Health"] in {"healthy", ""})
                or (one["State"] == "exited" and one["ExitCode"] == 0)
            )
        ]

    def container(self, service: str) -> str:
        """Return the id of a service's container."""
        return self.compose("ps", "--all", "--quiet", service).stdout.split()[0]

    def run_in(self, service: str, *command: str, given: str | None = None) -> str:
        """Run a command in a service's container and return its standard output."""
        return self.compose("exec", "-T", service, *command, given=given).stdout

    def secret(self, path: str) -> str:
        """Return a secret that the stack made or was given."""
        return self.run_in("airflow-scheduler", "cat", f"/run/secrets/{path}")

    def job_containers(self) -> list[str]:
        """Return the ids of the jobs' containers, running or not."""
        return docker("ps", "-aq", "--filter", f"label=btc.owner={PROJECT}").split()

    def sql(self, query: str) -> list[list[str]]:
        """Return the rows of a query to the bundled MariaDB."""
        command = 'MYSQL_PWD=$(cat /run/secrets/mariadb/password) mariadb -h 127.0.0.1 -u btc -N -B btc -e "$0"'
        return [line.split("\t") for line in self.run_in("mariadb", "sh", "-c", command, query).splitlines()]

    # The exchange

    def order(self, kind: str, **fault: Any) -> None:
        """Order a fault from the simulated exchange."""
        self._exchange("POST", "/faults", {"kind": kind, **fault})

    def clear_faults(self) -> None:
        """Let the exchange answer as it should again."""
        self._exchange("DELETE", "/faults")

    def _exchange(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.exchange_url}/simulator{path}", json=body, timeout=ANSWER_SECONDS)
        assert answer.ok, answer.text
        return answer.json()

    # The API

    def api(self, path: str, **parameters: str | int) -> Any:
        """Return a JSON document of the project's API."""
        answer = requests.get(self.api_url + path, params=parameters, timeout=ANSWER_SECONDS)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    # Airflow

    def airflow(self, method: str, path: str, body: Any = None, **parameters: str | int) -> Any:
        """Return the answer of Airflow's REST API, as its user sees it."""
        login = {
            "username": self.settings.get("AIRFLOW_USER", "airflow"),
            "password": self.settings.get("AIRFLOW_PASSWORD", "airflow"),
        }
        token = requests.post(f"{self.airflow_url}/auth/token", json=login, timeout=ANSWER_SECONDS)
        assert token.ok, token.text
        answer = requests.request(
            method,
            f"{self.airflow_url}/api/v2/{path}",
            json=body,
            params=parameters,
            headers={"Authorization": f"Bearer {token.json()['access_token']}"},
            timeout=ANSWER_SECONDS,
        )
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def trigger(self, dag: str, **conf: Any) -> Run:
        """Start a DAG as a user does."""
        started = self.airflow("POST", f"dags/{dag}/dagRuns", {"logical_date": None, "conf": conf})
        return Run(self, dag, started["dag_run_id"])

    def run(self, dag: str, seconds: float = 180, **conf: Any) -> Run:
        """Start a DAG and wait for its end."""
        started = self.trigger(dag, **conf)
        started.wait(seconds)
        return started


@dataclass(frozen=True)
class Run:
    """One run of a DAG."""

    stack: Stack
    dag: str
    id: str

    @property
    def path(self) -> str:
        """Return the run's place in Airflow's REST API."""
        return f"dags/{self.dag}/dagRuns/{self.id}"

    def state(self) -> str:
        """Return the run's state."""
        return str(self.stack.airflow("GET", self.path)["state"])

    def wait(self, seconds: float = 180) -> str:
        """Wait for the run's end and return its state."""
        wait_for(f"the end of {self.path}", lambda: self.state() in {"success", "failed"}, seconds, pause=2)
        return self.state()

    def tasks(self) -> list[dict[str, Any]]:
        """Return the run's task instances."""
        tasks: list[dict[str, Any]] = self.stack.airflow("GET", f"{self.path}/taskInstances")["task_instances"]
        return tasks

    def task(self, name: str, symbol: str = SYMBOLS[0]) -> dict[str, Any]:
        """Return the task instance of a symbol."""
        index = SYMBOLS.index(symbol)
        return next(task for task in self.tasks() if (task["task_id"], task["map_index"]) == (name, index))

    def log(self, task: dict[str, Any], attempt: int | None = None) -> str:
        """Return a task's log, of its last try if none is named, one event a line."""
        attempt = attempt or task["try_number"]
        path = f"{self.path}/taskInstances/{task['task_id']}/logs/{attempt}"
        content = self.stack.airflow("GET", path, map_index=task["map_index"], full_content="true")["content"]
        return "\n".join(json.dumps(event) for event in content)

    def xcom(self, task: dict[str, Any]) -> Any:
        """Return what a task handed on."""
        path = f"{self.path}/taskInstances/{task['task_id']}/xcomEntries/return_value"
        return self.stack.airflow("GET", path, map_index=task["map_index"])["value"]

    def wait_for_job(self) -> str:
        """Wait until one of the run's tasks has a container that runs, and return its id."""

        def running() -> list[str]:
            filters = ("--filter", f"label=btc.owner={PROJECT}", "--filter", f"label=btc.dag={self.dag}")
            return docker("ps", "-q", "--no-trunc", *filters).split()

        return wait_for(f"a job of {self.path}", running, seconds=60, pause=0.3)[0]
