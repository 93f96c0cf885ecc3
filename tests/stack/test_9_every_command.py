"""Nothing is shown in the pages about the containers that the files before this one did not run."""

from __future__ import annotations

from tests.stack.operations import PAGES, commands, ran


def test_every_command_of_the_pages_was_run() -> None:
    assert {(page, command) for page in PAGES for command in commands(page)} - ran == set()
