"""A MariaDB outside the project, by DB_HOST: the bundled one is neither started nor waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.stack.stack import Stack, docker, free_port, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVER = "btc-stack-test-server"
PASSWORD = 'p@ss:w/ord $x % #"quoted"'  # what breaks a URL, a shell or a YAML file


@pytest.fixture(scope="module")
def external(stack: Stack) -> Iterator[Stack]:
    """The running stack, moved to a server on the machine's own address."""
    port = free_port()
    docker("rm", "-f", "-v", SERVER, check=False)
    docker(
        "run", "-d", "--name", SERVER, "-p", f"{port}:3306",
        "-e", "MARIADB_RANDOM_ROOT_PASSWORD=1", "-e", "MARIADB_DATABASE=prices",
        "-e", "MARIADB_USER=analyst", "-e", f"MARIADB_PASSWORD={PASSWORD}", "mariadb:11.8",
    )  # fmt: skip
    try:
        wait_for("the server", lambda: reachable(SERVER))
        stack.compose("rm", "--stop", "--force", "mariadb")
        stack.settings |= {
            "DB_HOST": "host.docker.internal", "DB_PORT": str(port), "DB_NAME": "prices", "DB_USER": "analyst",
            "DB_PASSWORD": PASSWORD,
        }  # fmt: skip
        stack.up()
        yield stack
    finally:
        docker("rm", "-f", "-v", SERVER, check=False)


def reachable(server: str) -> bool:
    """Say whether the server takes connections."""
    check = ("exec", server, "sh", "-c", "healthcheck.sh --connect --innodb_initialized && echo yes")
    return "yes" in docker(*check, check=False)


def test_the_bundled_server_is_not_part_of_it(external: Stack) -> None:
    assert "mariadb" not in external.compose("config", "--services").stdout.split()
    assert "mariadb" not in {one["Service"] for one in external.states()}


def test_both_jobs_and_the_api_use_the_other_server(external: Stack) -> None:
    assert external.run("btc_daily_aggregation", seconds=240).state() == "success"
    assert len(external.api("/statistics", days=5)["sessions"]) == 5
    query = ["exec", "-e", f"MYSQL_PWD={PASSWORD}", SERVER, "mariadb", "-u", "analyst", "-N", "-B", "prices", "-e"]
    assert int(docker(*query, "select count(*) from daily_sessions")) > 50
