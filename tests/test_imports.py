"""Imports point inwards: the table of docs/architecture.md, held over every module."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.layers import AT_THE_TOP, PAGE, ROOMS, floors, written

ROOT = Path(__file__).resolve().parents[1]
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


def room_of(name: str) -> str | None:
    """The room that a full name lies in, None for one of another's package or of the library itself."""
    first, _, rest = name.partition(".")
    if first in AT_THE_TOP:
        return first
    second = rest.partition(".")[0]
    return second if first == "volatility" and second in ROOMS else None


def place(file: Path) -> str:
    """The room that a module lies in."""
    parts = file.relative_to(ROOT).parts
    return parts[0] if parts[0] in AT_THE_TOP else parts[1].removesuffix(".py")


def others(names: set[str]) -> set[str]:
    """The packages that are neither ours nor the standard library's."""
    tops = {COMES_WITH.get(top, top) for top in (name.split(".")[0] for name in names)}
    ours = {"volatility", "__future__", *AT_THE_TOP}
    return {top for top in tops if top not in sys.stdlib_module_names and top not in ours}


ALL = [file for folder in ("volatility", *AT_THE_TOP) for file in modules(folder)]


@pytest.mark.parametrize("file", ALL, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_module_imports_only_what_its_room_may(file: Path) -> None:
    where, names = place(file), imported(file)
    if where == "__init__":
        assert not names
        return
    ours = {room for name in names if (room := room_of(name))} - {where}
    assert ours <= set(ROOMS[where].ours), f"{where} may not import {', '.join(sorted(ours))}"
    strangers = others(names) - set(ROOMS[where].others)
    assert not strangers, f"{where} may not import {', '.join(sorted(strangers))}"


def test_every_room_is_there_and_no_other() -> None:
    assert {place(file) for file in ALL} - {"__init__"} == set(ROOMS)


def test_what_writes_and_what_reads_do_not_know_each_other() -> None:
    assert "jobs" not in ROOMS["queries"].ours
    assert "queries" not in ROOMS["jobs"].ours
    assert "jobs" not in ROOMS["api"].ours
    assert [name for name, room in ROOMS.items() if "api" in room.ours] == ["server"]


def test_every_right_to_import_is_used() -> None:
    """A row that allows what nobody needs hides the architecture."""
    used: dict[str, set[str]] = {name: set() for name in ROOMS}
    for file in ALL:
        if place(file) != "__init__":
            names = imported(file)
            used[place(file)] |= {room for name in names if (room := room_of(name))} | others(names)
    for name, allowed in ROOMS.items():
        assert set(allowed.ours) | set(allowed.others) <= used[name] | {"btc_jobs"}, name


def test_rooms_stand_on_floors() -> None:
    assert [name for floor in floors() for name in floor] != []
    assert floors()[0] == [name for name, room in ROOMS.items() if not room.ours]


def test_the_architecture_shows_the_table_and_the_picture_of_today() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == written(text), "python -m tests.layers writes them"
    assert "flowchart TD" in text


def loaded_by(statement: str) -> set[str]:
    """The packages that are loaded after a statement in a fresh interpreter."""
    code = f"{statement}\nimport sys; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(done.stdout.split())


HEAVY = {"pandas", "numpy", "alembic", "fastapi", "rich", "apscheduler", "uvicorn", "pydantic", "cryptography", "nacl"}


def test_an_hourly_backfill_loads_nothing_heavy() -> None:
    job = "import volatility.jobs.backfill, scripts.backfill_script, volatility.cli.jobs"
    assert loaded_by(job) & HEAVY == set()


def test_the_domain_loads_the_standard_library_only_but_for_arrays_of_sessions() -> None:
    of_arrays = {"arrays", "sessions", "windows"}
    names = sorted(file.stem for file in modules("volatility/domain") if file.stem not in of_arrays)
    loaded = loaded_by("import " + ", ".join(f"volatility.domain.{name}" for name in names)) - loaded_by("pass")
    ours = {"volatility", "tzdata"}
    assert {name for name in loaded - ours - sys.stdlib_module_names if not name.startswith("_sysconfig")} == set()


def test_what_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    declared = {line.split(">")[0].split("[")[0].strip().lower().replace("-", "_") for line in wanted}
    used = {
        name
        for folder in ("volatility", "api", "exchange_simulator")
        for file in modules(folder)
        for name in others(imported(file))
    }
    assert used <= declared
