#!/usr/bin/env python3
"""Takes what the page needs of others from npm into api/page/vendor, as shipped, and checks it.

vendor.json says what is taken: packages, versions, files. A file that is added there without a hash gets one.

    tools/vendor.py             fetch the versions of vendor.json; refuse a file whose hash is another one
    tools/vendor.py --upgrade   fetch the newest versions and note them
    tools/vendor.py --check     compare the files here with vendor.json, without network
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

VENDOR = Path(__file__).resolve().parents[1] / "api" / "page" / "vendor"
Package = dict[str, Any]


def main(arguments: list[str] | None = None, folder: Path = VENDOR) -> int:
    """Do what the arguments say; 1 where files and vendor.json differ."""
    parser = argparse.ArgumentParser(description="What the page needs of others.")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true", help="compare the files with vendor.json, without network")
    how.add_argument("--upgrade", action="store_true", help="take the newest versions")
    given = parser.parse_args(arguments)
    note = folder / "vendor.json"
    packages: list[Package] = json.loads(note.read_text(encoding="utf-8"))
    wrong = []
    if not given.check:
        for package in packages:
            wrong += fetch(package, folder, upgrade=given.upgrade)
        if not wrong:
            note.write_text(json.dumps(packages, indent=2) + "\n", encoding="utf-8")
    wrong = wrong or differences(packages, folder)
    for words in wrong:
        print(f"vendor: {words}", file=sys.stderr)
    return 1 if wrong else 0


def differences(packages: list[Package], folder: Path) -> list[str]:
    """What is not as vendor.json says: missing, changed or unknown files."""
    wanted = {file["path"]: file["sha256"] for package in packages for file in package["files"]}
    there = {str(path.relative_to(folder)): digest(path.read_bytes()) for path in folder.rglob("*") if path.is_file()}
    del there["vendor.json"]
    missing = [f"{path} is missing" for path in wanted if path not in there]
    changed = [f"{path} is not as shipped" for path in wanted if path in there and there[path] != wanted[path]]
    return missing + changed + [f"{path} is not in vendor.json" for path in sorted(there.keys() - wanted.keys())]


def fetch(package: Package, folder: Path, *, upgrade: bool) -> list[str]:
    """Write a package's files; say which have other bytes than noted, and write nothing then."""
    with tempfile.TemporaryDirectory() as work:
        asked = package["source"].removeprefix("npm:") + "@" + ("latest" if upgrade else package["version"])
        subprocess.run(["npm", "pack", "--silent", asked], cwd=work, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(work).glob("*.tgz")
        with tarfile.open(archive) as packed:
            packed.extractall(work, filter="data")
        shipped = Path(work) / "package"
        version = json.loads((shipped / "package.json").read_text(encoding="utf-8"))["version"]
        files = {file["path"]: (shipped / file["from"]).read_bytes() for file in package["files"]}
    hashes = {path: digest(content) for path, content in files.items()}
    noted = {file["path"]: file["sha256"] for file in package["files"] if "sha256" in file}
    if version == package["version"] and (wrong := [path for path in noted if noted[path] != hashes[path]]):
        return [f"{path} of {asked} has another hash than vendor.json" for path in wrong]
    package["version"] = version
    for file in package["files"]:
        file["sha256"] = hashes[file["path"]]
        target = folder / file["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(files[file["path"]])
    print(f"{package['name']} {version}")
    return []


def digest(content: bytes) -> str:
    """SHA-256 as vendor.json has it."""
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
