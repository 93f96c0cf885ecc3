"""The commands that the pages about the containers show, read from them and run as a reader of theirs would.

`commands(page)` needs no Docker: what `PAGES` show after a `$` in a console block is run by the container test, and its
last file fails for one that was not.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.stack.stack import Stack

ROOT = Path(__file__).parents[2]
OPERATIONS = ROOT / "docs" / "operations.md"
SCALING_OUT = ROOT / "docs" / "scaling-out.md"
KUBERNETES = ROOT / "docs" / "kubernetes" / "README.md"
PAGES = (OPERATIONS, SCALING_OUT, KUBERNETES)
ran: set[tuple[Path, str]] = set()


def commands(page: Path) -> list[str]:
    """Return all commands of a page, in their order; a line that ends with a backslash goes on in the next."""
    return _shown(page.read_text(encoding="utf-8"))


def sections(page: Path) -> dict[str, list[str]]:
    """Return the commands of a page by the heading that they stand under."""
    parts = re.split(r"^#+ ", page.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {part.partition("\n")[0]: _shown(part) for part in parts}


def _shown(text: str) -> list[str]:
    found = []
    for indent, block in re.findall(r"^( *)```console\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL):
        lines = iter(line.removeprefix(indent) for line in block.splitlines())
        for line in lines:
            if line.startswith("$ "):
                command = line.removeprefix("$ ")
                while command.endswith("\\"):
                    command += "\n" + next(lines)
                found.append(command)
    return found


def run(stack: Stack, command: str, page: Path = OPERATIONS, folder: Path = ROOT) -> str:
    """Run a command of a page against the stack and return its standard output; it must succeed."""
    assert command in commands(page)
    ran.add((page, command))
    files = ":".join(str(ROOT / file) for file in stack.files)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", for_this_stack(stack, command)],
        cwd=folder, env=stack.environment | {"COMPOSE_FILE": files, "COMPOSE_DISABLE_ENV_FILE": "1"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
    return done.stdout


def for_this_stack(stack: Stack, command: str) -> str:
    """Put this stack's ports, project and simulated exchange in the place of the user's, and this machine's network."""
    network = os.environ.get("STACK_BUILD_NETWORK")
    here = {
        "http://127.0.0.1:8000": stack.api_url,
        "http://127.0.0.1:8080": stack.airflow_url,
        "btc-volatility_": f"{stack.environment['COMPOSE_PROJECT_NAME']}_",
        "-f docker-compose.celery.yaml": "-f docker-compose.celery.yaml -f tests/stack/compose.yaml",
        "docker build": f"docker build --network {network}" if network else "docker build",
    }
    for shown, replaced in here.items():
        command = command.replace(shown, replaced)
    return command
