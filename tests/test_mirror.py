"""Whoever knows a module finds its test: by its name, or by the table in `mirror.py`."""

from __future__ import annotations

import pytest

from tests.mirror import ELSEWHERE, ROOT, Held, complaints, mirrored_modules, own_test

MODULES = mirrored_modules()
TESTS = {file.relative_to(ROOT).as_posix() for file in (ROOT / "tests").rglob("test_*.py")}


def test_every_module_has_a_test_by_its_name_or_by_the_table() -> None:
    assert len(MODULES) > 100
    found = complaints(MODULES, TESTS, ELSEWHERE)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("module", "test"),
    [
        ("volatility/bootstrap.py", "tests/test_bootstrap.py"),
        ("volatility/domain/windows.py", "tests/domain/test_windows.py"),
        ("api/shared.py", "tests/api/test_shared.py"),
        ("exchange_simulator/clock.py", "tests/exchange_simulator/test_clock.py"),
    ],
)
def test_the_room_is_mirrored(module: str, test: str) -> None:
    assert own_test(module) == test
    assert test in TESTS


WINDOWS, ITS_TEST, OTHER = "volatility/domain/windows.py", "tests/domain/test_windows.py", "tests/domain/test_all.py"


@pytest.mark.parametrize(
    ("modules", "tests", "elsewhere", "words"),
    [
        ([WINDOWS], [ITS_TEST], {}, []),
        ([WINDOWS], [OTHER], {WINDOWS: Held(OTHER)}, []),
        ([WINDOWS], [OTHER], {}, [f"{WINDOWS} has no test: write {ITS_TEST}, or name"]),
        ([WINDOWS], [ITS_TEST, OTHER], {WINDOWS: Held(OTHER)}, [f"{WINDOWS} has {ITS_TEST}: take its row out"]),
        ([], [OTHER], {WINDOWS: Held(OTHER)}, [f"{WINDOWS} is no module: take its row out"]),
        ([WINDOWS], [], {WINDOWS: Held(OTHER)}, [f"{OTHER} is not there"]),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(
    modules: list[str], tests: list[str], elsewhere: dict[str, Held], words: list[str]
) -> None:
    found = complaints(modules, tests, elsewhere)
    assert len(found) == len(words)
    assert all(text.startswith(start) for text, start in zip(found, words, strict=True))
