"""The proxy before Docker's socket refuses what no job needs; asked from the scheduler, with the client it uses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.stack.stack import Stack

PROBE = (Path(__file__).parent / "proxy_probe.py").read_text()


@pytest.fixture(scope="module")
def answers(stack: Stack) -> dict[str, Any]:
    """What each call of `proxy_probe.py` was answered."""
    other = stack.container("mariadb")
    found: dict[str, Any] = json.loads(stack.run_in("airflow-scheduler", "python", "-", other, given=PROBE))
    return found


def test_a_job_may_run(answers: dict[str, Any]) -> None:
    assert answers["job"] == "hello"


@pytest.mark.parametrize(
    "call",
    [
        "privileged", "bind of /", "mount of /", "mount of a volume", "volumes from", "host's processes",
        "host's network", "another network", "a capability", "a device", "a security option", "another runtime",
        "no memory limit", "another image", "another user", "another entry point", "no label", "another owner",
        "a label of Compose", "another host name for an address", "published port",
    ],
)  # fmt: skip
def test_no_other_container_is_created(answers: dict[str, Any], call: str) -> None:
    assert answers[call].startswith("403: docker-proxy refused: "), answers[call]


@pytest.mark.parametrize(
    "call",
    [
        "another spelling", "two spellings", "escaped key", "two documents", "no document", "too large", "chunked",
        "body at start", "old version", "path with dots", "encoded path",
    ],
)  # fmt: skip
def test_no_disguise_helps(answers: dict[str, Any], call: str) -> None:
    assert answers[call].startswith(("403: docker-proxy refused: ", "400: ")), answers[call]


@pytest.mark.parametrize(
    "call",
    [
        "inspect another", "logs of another", "stop another", "remove another", "exec in another", "copy from another",
        "exec in a job", "all containers", "secrets", "all images", "pull another image", "build", "volumes",
        "networks", "info", "events", "swarm", "plugins", "session",
    ],
)  # fmt: skip
def test_nothing_else_of_the_engine_is_reached(answers: dict[str, Any], call: str) -> None:
    assert answers[call].startswith("403: docker-proxy refused: "), answers[call]


def test_only_the_scheduler_reaches_the_proxy(stack: Stack) -> None:
    reach = "import socket; socket.create_connection(('docker-proxy', 2375), 3)"
    stack.run_in("airflow-scheduler", "python", "-c", reach)
    for service in ("airflow-apiserver", "airflow-dag-processor", "api"):
        assert stack.compose("exec", "-T", service, "python", "-c", reach, check=False).returncode != 0, service
