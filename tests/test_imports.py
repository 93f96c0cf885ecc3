"""Imports point inwards: the table of docs/architecture.md, held over every module."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
PURE = (
    "errors", "metrics", "hours", "calendar", "candles", "consoles", "digits", "market", "network", "redaction",
    "retry", "tls",
)  # fmt: skip
NUMERIC = ("sessions", "statistics")
USE_CASES = (
    "witness",
    "backfill",
    "aggregate",
    "today",
    "history",
    "panels",
    "analysis",
    "forecasting",
    "reports",
    "bans",
)
ENTRY_POINTS = ("cli", "embedded")


class Rule(NamedTuple):
    """What a package may import: of ours, and of others besides the standard library."""

    ours: frozenset[str]
    others: frozenset[str] = frozenset()


def rule(ours: tuple[str, ...], *others: str) -> Rule:
    return Rule(frozenset(ours), frozenset(others))


CORE = (*PURE, *NUMERIC)
EDGES = ("settings", "values", "database_url", "env_file", "exchange", "storage")
RULES: dict[str, Rule] = (
    {name: rule(PURE) for name in PURE}
    | {name: rule(CORE, "numpy") for name in NUMERIC}
    | {
        "env_expansion": rule(()),
        "env_file": rule((*PURE, "env_expansion")),
        "values": rule(PURE),
        "database_url": rule((*PURE, "values")),
        "settings": rule((*CORE, "values", "database_url", "env_file")),
        "exchange": rule((*CORE, "exchange"), "requests", "urllib3", "certifi"),
        "storage": rule((*CORE, "storage"), "sqlalchemy", "pymysql", "alembic", "numpy"),
        "analytics": rule(("analytics",), "numpy"),
        "__init__": rule(()),
    }
    | {name: rule((*CORE, *EDGES, *USE_CASES, "analytics"), "numpy", "sqlalchemy") for name in USE_CASES}
    | {
        name: rule(
            (*CORE, *EDGES, *USE_CASES, *ENTRY_POINTS, "simulator", "__init__"), "rich", "apscheduler", "uvicorn", "api"
        )
        for name in ENTRY_POINTS
    }
    | {"frames": rule((*CORE, *EDGES, *USE_CASES), "pandas")}
    | {"simulator": rule(("simulator", "consoles"), "numpy")}
)
OUTSIDE = {
    "scripts": frozenset({"volatility"}),
    "api": frozenset({"api", "volatility", "fastapi", "pydantic", "prometheus_client"}),
    "dags": frozenset({"airflow", "docker", "pendulum", "btc_jobs"}),  # the last lies beside them
}
# Packages that come with another one and are part of how that one is used.
COMES_WITH = {"starlette": "fastapi", "anyio": "fastapi", "pydantic_core": "pydantic"}


def modules(folder: str) -> list[Path]:
    files = sorted((ROOT / folder).rglob("*.py"))
    return [file for file in files if "versions" not in file.parts]


def imported(file: Path) -> set[str]:
    """The full names that a module imports, wherever in it, typing-only imports left out."""
    names: set[str] = set()
    for node in _executed(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import hides where it points"
            own = node.module or ""
            names |= {f"{own}.{alias.name}" for alias in node.names}
    return names


def _executed(node: ast.AST) -> list[ast.AST]:
    found: list[ast.AST] = [node]
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            continue
        found += _executed(child)
    return found


def part(name: str) -> str:
    """The part of the library that a name lies in: ``hours`` of ``volatility.domain.hours.Span``."""
    pieces = name.split(".")
    path = ROOT / "volatility"
    if len(pieces) > 1 and ((path / pieces[1]).is_dir() or (path / f"{pieces[1]}.py").is_file()):
        return pieces[1]
    return "__init__"


def place(file: Path) -> str:
    return file.relative_to(ROOT / "volatility").parts[0].removesuffix(".py")


def others(names: set[str]) -> set[str]:
    """The packages that are neither ours nor the standard library's."""
    tops = {COMES_WITH.get(top, top) for top in (name.split(".")[0] for name in names)}
    return {top for top in tops if top not in sys.stdlib_module_names and top not in {"volatility", "__future__"}}


@pytest.mark.parametrize("file", modules("volatility"), ids=lambda file: str(file.relative_to(ROOT)))
def test_a_module_of_the_library_imports_only_what_the_table_allows(file: Path) -> None:
    where, names = place(file), imported(file)
    allowed = RULES[where]
    ours = {part(name) for name in names if name.split(".")[0] == "volatility"} - {where}
    assert ours <= allowed.ours, f"{where} may not import {', '.join(sorted(ours - allowed.ours))}"
    strangers = others(names) - allowed.others
    assert not strangers, f"{where} may not import {', '.join(sorted(strangers))}"


@pytest.mark.parametrize("folder", sorted(OUTSIDE))
def test_what_lies_around_the_library_imports_only_what_the_table_allows(folder: str) -> None:
    for file in modules(folder):
        names = imported(file)
        tops = others(names) | {"volatility" for name in names if name.startswith("volatility")}
        assert tops <= OUTSIDE[folder], f"{file.relative_to(ROOT)}: {', '.join(sorted(tops - OUTSIDE[folder]))}"


def test_every_module_has_a_row_in_the_table() -> None:
    assert {place(file) for file in modules("volatility")} <= set(RULES)


def test_every_row_of_the_table_is_told_in_the_architecture() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = "\n".join(line for line in text.splitlines() if line.startswith("|"))
    missing = [
        name
        for name in RULES
        if name != "__init__" and f"`volatility.{name}`" not in table and f"`{name}`" not in table
    ]
    assert missing == []


def loaded_by(statement: str) -> set[str]:
    """The packages that are loaded after a statement in a fresh interpreter."""
    code = f"{statement}\nimport sys; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(done.stdout.split())


HEAVY = {"pandas", "numpy", "alembic", "fastapi", "rich", "apscheduler", "uvicorn", "pydantic", "cryptography", "nacl"}


def test_an_hourly_backfill_loads_nothing_heavy() -> None:
    job = "import volatility.jobs.backfill, scripts.backfill_script, volatility.cli.jobs"
    assert loaded_by(job) & HEAVY == set()


def test_the_pure_core_loads_the_standard_library_only() -> None:
    loaded = loaded_by("import " + ", ".join(f"volatility.{name}" for name in PURE)) - loaded_by("pass")
    ours = {"volatility", "tzdata"}
    assert {name for name in loaded - ours - sys.stdlib_module_names if not name.startswith("_sysconfig")} == set()


def test_what_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    declared = {line.split(">")[0].split("[")[0].strip().lower().replace("-", "_") for line in wanted}
    used = {name for folder in ("volatility", "api") for file in modules(folder) for name in others(imported(file))}
    assert used - {"api"} <= declared
