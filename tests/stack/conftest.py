"""The container test, run by `make test-stack` only: it needs Docker and takes a quarter of an hour.

Its files are one scenario, in their order: one stack is brought up, used, broken, and at last moved to Celery workers
and to another database server.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.stack.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

if not os.environ.get("STACK_TEST"):
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The stack as `docker compose up -d` leaves it, built from this tree."""
    stack = Stack()
    stack.down()
    try:
        stack.compose("build")
        seconds = stack.up()
        print(f"\nup -d to all services healthy: {seconds:.0f} s")  # noqa: T201 - for docs/performance.md
        yield stack
    finally:
        if os.environ.get("STACK_TEST") != "keep":
            stack.down()


@pytest.fixture(autouse=True)
def well_behaved_exchange(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test leaves a fault behind."""
    yield
    if "stack" in request.fixturenames:
        request.getfixturevalue("stack").clear_faults()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the services' last words where a test fails: nobody can look at a CI machine's containers."""
    report = yield
    stack = item.funcargs.get("stack")
    if report.failed and isinstance(stack, Stack):
        report.sections += [
            ("docker compose ps", stack.compose("ps", "--all", check=False).stdout),
            ("docker compose logs", stack.compose("logs", "--no-color", "--tail", "40", check=False).stdout),
        ]
    return report
