"""A MariaDB outside the project, by DB_HOST: the bundled one is neither started nor waited for.

It takes encrypted connections only, with a certificate of an issuer that DB_SSL_CA names.

The running stack moves there with its data, goes back, and at last starts anew directly on the other server.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.stack.operations import OPERATIONS, run, sections
from tests.stack.stack import Stack, docker, free_port, wait_for
from tests.support.certificates import Issuer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADDRESS = "host.docker.internal"
SERVER = "btc-stack-test-server"
PASSWORD = 'p@ss:w/ord $x % #"quoted"'  # what breaks a URL, a shell or a YAML file


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    """Who vouches for the server; the folder of the certificates can be read in its container."""
    folder = tmp_path_factory.mktemp("certificates")
    folder.chmod(0o755)
    made = Issuer(folder, "issuer")
    for file in made.issue(ADDRESS):
        file.chmod(0o644)
    return made


@pytest.fixture(scope="module")
def elsewhere(issuer: Issuer) -> Iterator[dict[str, str]]:
    """An empty server on the machine's own address, as the settings that name it."""
    port = free_port()
    start_server(port, issuer)
    yield {
        "DB_HOST": ADDRESS, "DB_PORT": str(port), "DB_NAME": "prices", "DB_USER": "analyst", "DB_PASSWORD": PASSWORD,
        "DB_SSL_CA": str(issuer.file),
    }  # fmt: skip
    docker("rm", "-f", "-v", SERVER, check=False)


def start_server(port: int, issuer: Issuer) -> None:
    """Start the server with an empty database, in the place of one from before."""
    docker("rm", "-f", "-v", SERVER, check=False)
    files = issuer.issue(ADDRESS)
    docker(
        "run", "-d", "--name", SERVER, "-p", f"{port}:3306", "-v", f"{issuer.file.parent}:/certificates:ro",
        "-e", "MARIADB_RANDOM_ROOT_PASSWORD=1", "-e", "MARIADB_DATABASE=prices",
        "-e", "MARIADB_USER=analyst", "-e", f"MARIADB_PASSWORD={PASSWORD}", "mariadb:11.8", "mariadbd",
        *(f"--ssl-{part}=/certificates/{file.name}" for part, file in zip(("cert", "key"), files, strict=True)),
        "--require-secure-transport=ON",
    )  # fmt: skip
    wait_for("the server", reachable)


def reachable() -> bool:
    """Say whether the server takes connections."""
    check = ("exec", SERVER, "sh", "-c", "healthcheck.sh --connect --innodb_initialized && echo yes")
    return "yes" in docker(*check, check=False)


def candles_there() -> int:
    """Count the server's candles."""
    query = ["-u", "analyst", "-N", "-B", "prices", "-e", "select count(*) from klines_hourly"]
    return int(docker("exec", "-e", f"MYSQL_PWD={PASSWORD}", SERVER, "mariadb", *query))


def healthy(stack: Stack) -> None:
    """Wait until all services are."""
    wait_for("all services healthy", lambda: not stack.unhealthy(), seconds=240)


def test_the_running_stack_moves_with_its_data(stack: Stack, elsewhere: dict[str, str], tmp_path: Path) -> None:
    backup, _ = sections(OPERATIONS)["Backup and restore"]
    run(stack, backup, folder=tmp_path)
    candles = int(stack.sql("select count(*) from klines_hourly")[0][0])
    load = f"gunzip -c | MYSQL_PWD='{PASSWORD}' mariadb -u analyst prices"
    with (tmp_path / "btc-backup.sql.gz").open("rb") as dump:
        subprocess.run(["docker", "exec", "-i", SERVER, "sh", "-c", load], stdin=dump, check=True, timeout=60)
    assert candles_there() >= candles - 10 > 0

    stack.settings |= elsewhere
    for command in sections(OPERATIONS)["Another database server"]:
        run(stack, command)
    healthy(stack)
    assert "mariadb" not in stack.compose("config", "--services").stdout.split()
    assert "mariadb" not in {one["Service"] for one in stack.states()}
    assert len(stack.api("/statistics", days=5)["sessions"]) == 5
    assert stack.run("btc_daily_aggregation", seconds=240).state() == "success"


def test_and_goes_back(stack: Stack, elsewhere: dict[str, str]) -> None:
    """The bundled server still has its data, and the stack still knows its password."""
    for name in elsewhere:
        del stack.settings[name]
    start, _ = sections(OPERATIONS)["Another database server"]
    run(stack, start)
    healthy(stack)
    assert int(stack.sql("select count(*) from klines_hourly")[0][0]) > 1000
    assert len(stack.api("/statistics", days=5)["sessions"]) == 5
    assert stack.run("btc_hourly_fetch", seconds=240).state() == "success"


def test_a_fresh_stack_starts_directly_on_it(stack: Stack, elsewhere: dict[str, str], issuer: Issuer) -> None:
    stack.down()
    start_server(int(elsewhere["DB_PORT"]), issuer)
    stack.settings |= elsewhere
    stack.up()
    assert "mariadb" not in {one["Service"] for one in stack.states()}
    wait_for("three DAGs", lambda: len(stack.airflow("GET", "dags")["dags"]) == 3)
    assert stack.run("btc_daily_aggregation", seconds=240).state() == "success"
    assert candles_there() > 1000
    assert len(stack.api("/statistics", days=5)["sessions"]) == 5
