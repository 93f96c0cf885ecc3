"""Made-up wheels: a release of tomorrow of every package that is pinned, in a folder that stands beside the index.

`python -m tests.install.wheels FOLDER` fills a folder, for CI, which installs beside it.
"""

from __future__ import annotations

import hashlib
import re
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = sorted(ROOT.glob("requirements-*.txt"))
NEWEST = "999"
# What a build would fetch, if anything was built.
BACKENDS = {
    "setuptools",
    "wheel",
    "hatchling",
    "hatch-vcs",
    "poetry-core",
    "flit-core",
    "meson-python",
    "maturin",
    "pip",
}
EXTRAS = (
    "toml redis crypto standard client http2 async asyncio email zstd socks brotli timezones cncf-kubernetes celery"
)


def wheel(folder: Path, name: str, version: str, *, needs: tuple[str, ...] = (), size: int = 0) -> str:
    """Write a wheel with one module, and return its line in a requirements file."""
    module = name.replace("-", "_").replace(".", "_")
    extras = "".join(f"Provides-Extra: {extra}\n" for extra in EXTRAS.split())
    required = "".join(f"Requires-Dist: {one}\n" for one in needs)
    written = {
        f"{module}.py": f"VERSION = {version!r}\n" + "#" * size,
        f"{module}-{version}.dist-info/METADATA": (
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{extras}{required}"
        ),
        f"{module}-{version}.dist-info/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: made-up\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    record = f"{module}-{version}.dist-info/RECORD"
    written[record] = "".join(f"{path},,\n" for path in [*written, record])
    path = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for inside, text in written.items():
            archive.writestr(inside, text)
    return f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def pinned(text: str) -> dict[str, list[tuple[str, str]]]:
    """Return the pins of a requirements file: by name, each version with its marker."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, version, marker in re.findall(r"^([\w.-]+)(?:\[.*?\])?==(\S+)(?: ; (.*?))? \\$", text, re.MULTILINE):
        found.setdefault(name, []).append((version, marker))
    return found


def pins(file: Path, version: str) -> dict[str, str]:
    """Return what a requirements file pins for a Python, named as 3.13.5."""
    from packaging.markers import Marker  # noqa: PLC0415 - CI fills the folder before anything is installed

    environment = {"python_version": version.rpartition(".")[0], "python_full_version": version}
    return {
        name: found
        for name, choices in pinned(file.read_text()).items()
        for found, marker in choices
        if not marker or Marker(marker).evaluate(environment)
    }


def newest_of_all(folder: Path) -> Path:
    """Fill a folder with a newer release of everything that is pinned, and of every build backend."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {name for file in FILES for name in pinned(file.read_text())}
    for name in sorted(names | BACKENDS):
        wheel(folder, name, NEWEST)
    return folder


if __name__ == "__main__":
    newest_of_all(Path(sys.argv[1]))
