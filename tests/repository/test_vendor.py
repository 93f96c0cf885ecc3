"""What the page has of others is as shipped: `tools/vendor.py --check` says what is not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "api" / "page" / "vendor"
TOOL = ROOT / "tools" / "vendor.py"


def check(checkout: Path) -> subprocess.CompletedProcess[str]:
    tool = checkout / "tools" / "vendor.py"
    return subprocess.run([sys.executable, tool, "--check"], capture_output=True, text=True)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(VENDOR, tmp_path / "api" / "page" / "vendor")
    (tmp_path / "tools").mkdir()
    shutil.copy(TOOL, tmp_path / "tools")
    return tmp_path


def test_every_file_has_the_hash_that_is_noted_and_no_other_file_lies_there() -> None:
    done = check(ROOT)
    assert (done.returncode, done.stderr) == (0, "")


def test_each_package_has_its_licence_beside_it() -> None:
    for package in json.loads((VENDOR / "vendor.json").read_text()):
        (licence,) = [file["path"] for file in package["files"] if file["from"] == "LICENSE"]
        text = " ".join((VENDOR / licence).read_text().split())
        words = {
            "MIT": "Permission is hereby granted",
            "BSD-3-Clause": "BSD 3-Clause",
            "OFL-1.1": "SIL OPEN FONT LICENSE",
        }
        assert words[package["licence"]] in text, package["name"]


def test_a_changed_a_missing_and_an_unknown_file_are_each_named(copied: Path) -> None:
    folder = copied / "api" / "page" / "vendor"
    with (folder / "uplot" / "uPlot.esm.js").open("a") as file:
        file.write("\n")
    (folder / "inter" / "LICENSE").unlink()
    (folder / "lit-html" / "more.js").touch()
    done = check(copied)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "vendor: inter/LICENSE is missing",
        "vendor: uplot/uPlot.esm.js is not as shipped",
        "vendor: lit-html/more.js is not in vendor.json",
    ]
