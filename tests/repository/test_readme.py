"""Every command that the documentation shows is run: here, or by the step of CI that is named."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.stack import operations

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
# The pages about the containers are run by the container test, which fails for a command that it did not run.
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")} - set(operations.PAGES))
RUSSIAN = [page for page in PAGES if page.name.endswith(".ru.md")]
# As much history as the odds need and two months more, around the dates that the documentation names.
SINCE, NOW = "2023-11-01", "2025-01-20T12:20:00Z"
# Run elsewhere, since they make the environment that this runs in, or never end, or are the test run itself.
ELSEWHERE = {
    "make install": ".ci/run",
    "make check": ".ci/run",
    "make test": ".ci/run",
    "make test-fast": ".ci/run",
    "make run": "tests/cli (btc-volatility run) and .ci/run (make install)",
    "make demo": "the fixture below (btc-volatility demo)",
    "make bench": ".ci/run",
    "make bench BENCH=--update-page": ".ci/run (make bench) and tests/repository/test_performance_page.py",
    "make test-stack": ".ci/run",
    "make test-browser": ".ci/run",
    "make screenshots": "tests/page/test_screenshots.py",
    "make airflow": "tests/dags/test_standalone.py",
    "docker compose up -d": ".ci/run (make test-stack)",
    "source .venv/bin/activate": "this file, which runs with the environment's own path",
    ".venv/bin/pre-commit install": ".ci/run",
    "pip install --no-deps --require-hashes --only-binary=:all: -r requirements-run.txt": "tests/install/test_pins.py",
    "uv pip install --no-deps --require-hashes --no-build --compile-bytecode -r requirements-run.txt": "likewise",
    "pip install --no-deps --no-build-isolation --editable .": "tests/install/test_pins.py (make run)",
    "uv pip install --no-deps --no-build-isolation --editable .": "likewise",
    "btc-volatility serve": "tests/cli",
}


def commands(page: Path) -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def code(page: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


EVERY = {command for page in PAGES for command in commands(page)}
HERE = sorted(
    command for command in EVERY if command.startswith(("btc-volatility", "curl")) and command not in ELSEWHERE
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str], str]]:
    """A folder with a backfilled database, its environment, and the address of an API over it: all simulated."""
    folder = tmp_path_factory.mktemp("home")
    environment = {"PATH": f"{BIN}:{os.environ['PATH']}", "HISTORY_START": SINCE, "SYMBOLS": "BTCUSDT,ETHUSDT"}
    with_coverage = {key: value for key, value in os.environ.items() if key.startswith("COV_")}
    exchange = subprocess.Popen(
        [sys.executable, "-m", "exchange_simulator", "--port", "0", "--symbol", "BTCUSDT,ETHUSDT", "--clock", NOW],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT,
    )  # fmt: skip
    processes = [exchange]
    try:
        assert exchange.stdout is not None
        found = re.search(r"http://[\d.]+:\d+", exchange.stdout.readline())
        assert found
        environment |= {"BINANCE_URLS": found[0], **with_coverage}
        for job in ("backfill", "aggregate"):
            subprocess.run([BIN / "btc-volatility", job], cwd=folder, env=environment, check=True, capture_output=True)
        api = subprocess.Popen(
            [BIN / "btc-volatility", "serve", "--port", "0"],
            cwd=folder,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(api)
        assert api.stderr is not None
        found = None
        while found is None:
            found = re.search(r"localhost:(\d+)", api.stderr.readline())
        yield folder, environment, f"127.0.0.1:{found[1]}"
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(timeout=20)
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()


def test_no_command_is_shown_that_nobody_runs() -> None:
    assert sorted(EVERY - set(HERE) - set(ELSEWHERE)) == []


@pytest.mark.parametrize("command", HERE)
def test_a_command_of_the_documentation_works(command: str, home: tuple[Path, dict[str, str], str]) -> None:
    folder, environment, address = home
    line = command.replace("localhost:8000", address)
    if line.startswith("curl") and not shutil.which("curl"):
        answer = requests.get(shlex.split(line)[-1], timeout=30)
        assert answer.status_code == 200
        return
    done = subprocess.run(line, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    redirected = shlex.split(line)[-1] if ">" in line else None
    output = (folder / redirected).read_text() if redirected else done.stdout
    assert output.strip()
    assert "problem" not in output
    assert '"status": 5' not in output


def test_the_notebook_example_works(home: tuple[Path, dict[str, str], str]) -> None:
    folder, environment, _ = home
    (example,) = code(ROOT / "docs" / "reference" / "notebook.md")
    done = subprocess.run([sys.executable, "-c", example], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Saturday" in done.stdout


def english(russian: Path) -> Path:
    """The same page in English."""
    return russian.with_name(russian.name.removesuffix(".ru.md") + ".md")


def shape(page: Path) -> list[str]:
    """How a page is built: the level of each heading, each row of a table, each item of a list, each kind of block."""
    parts = re.findall(r"^(#+|\||- |```\w*|!)", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [str(part) for part in parts]


def links(page: Path) -> list[str]:
    """Where a page leads and what it shows, by the name that it has in English."""
    found = re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    return sorted(re.sub(r"-ru\.png$", "-en.png", re.sub(r"\.ru\.md$", ".md", link)) for link in found)


def test_the_readme_and_every_page_of_reference_are_there_in_russian() -> None:
    reference = [page for page in PAGES if page.parent.name == "reference" and page not in RUSSIAN]
    assert reference
    assert sorted(map(english, RUSSIAN)) == sorted([ROOT / "README.md", *reference])


@pytest.mark.parametrize("russian", RUSSIAN, ids=lambda page: page.name)
def test_both_languages_show_the_same_commands_code_and_links(russian: Path) -> None:
    assert commands(english(russian)) == commands(russian)
    assert code(english(russian)) == code(russian)
    assert shape(english(russian)) == shape(russian)
    assert links(english(russian)) == links(russian)


@pytest.mark.parametrize("page", ["command-line.md", "command-line.ru.md"])
def test_the_page_of_the_command_line_names_every_command(page: str) -> None:
    call = [sys.executable, "-c", "from volatility.cli import main; main(['--help'])"]
    said = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = re.findall(r"^    ([a-z]+)(?: |$)", said.partition("\ncommands:")[2], re.MULTILINE)
    assert {"backfill", "today", "run"} <= set(listed)
    text = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")
    assert [name for name in listed if f"btc-volatility {name}" not in text] == []


def test_the_demo_answers_and_says_that_it_is_simulated(tmp_path: Path) -> None:
    demo = subprocess.Popen(
        [BIN / "btc-volatility", "demo", "--port", "0"],
        cwd=tmp_path, env={"PATH": os.environ["PATH"]}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert demo.stderr is not None
        said = ""
        while not (found := re.search(r"localhost:(\d+)", said)):
            said = demo.stderr.readline()
        deadline = time.monotonic() + 60
        answer = None
        while time.monotonic() < deadline and (answer is None or answer.status_code == 503):
            time.sleep(0.3)
            answer = requests.get(f"http://127.0.0.1:{found[1]}/today", timeout=10)
        assert answer is not None
        assert answer.json()["simulated"] is True
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(timeout=20)
        assert demo.stderr is not None
        demo.stderr.close()
    assert list(tmp_path.iterdir()) == []
