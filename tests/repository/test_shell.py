"""Every shell script runs under the bash that people have: 4.3 on old servers, 3.2 on a Mac."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What came after bash 3.2, and what replaces it.
NEWER = {
    r"\b(?:mapfile|readarray)\b": "while read",
    r"\b(?:declare|local|typeset)\s+-[a-zA-Z]*[Ang]": "a name of its own for each value",
    r"\$\{[A-Za-z_]\w*(?:\[[^]]*\])?(?:\^|,|@[A-Za-z])": "tr, printf %q",
    r"\$\{[A-Za-z_]\w*\[-": "an index from the start",
    r"\$\{[A-Za-z_]\w*:\d+:\s*-\d": "a length from the start",
    r"&>>|\|&": ">> file 2>&1, 2>&1 |",
    r"\bwait\s+-n\b": "wait PID",
    r"\[\[?\s+-v\s": '[ -n "${NAME:-}" ]',
    r"\bcoproc\b": "a named pipe",
    r"printf\s+(?:-v\s+\S+\s+)?['\"][^'\"]*%\(": "date",
    r"\bshopt\s+-s\s+(?:globstar|lastpipe|inherit_errexit)": "find",
    r"\$EPOCH(?:SECONDS|REALTIME)": "date +%s",
    r"\bread\s+(?:-\S+\s+)*-t\s*\d*\.\d": "whole seconds",
    r";;?&": "an if of its own",
}


def scripts() -> list[Path]:
    """What git knows and begins with a shell."""
    named = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    files = [ROOT / name for name in named if (ROOT / name).is_file()]
    return [file for file in files if re.match(rb"#!.*\b(?:ba)?sh\b", file.read_bytes()[:80])]


def code(text: str) -> str:
    """A script without the comments that have a line of their own."""
    return "\n".join("" if line.lstrip().startswith("#") else line for line in text.splitlines())


def may_be_empty(text: str) -> set[str]:
    """The arrays that a script makes without a member, or of members that may be none."""
    made = re.findall(r"(?:^|[\s;&|({])([A-Za-z_]\w*)=\(([^()]*)\)", text)
    return {name for name, members in made if not re.search(r"(?:^|\s)(?![\"']?\$)[^\s]", members.strip())}


def unsafe_expansions(text: str) -> list[str]:
    """Expansions that bash before 4.4 takes for an unbound variable under `set -u` when the array is empty."""
    if not re.search(r"set -[a-z]*u|nounset", text):
        return []
    found = []
    for name in may_be_empty(text):
        rest = re.sub(rf"\$\{{{name}\[[@*]\]\+\"\$\{{{name}\[[@*]\]\}}\"\}}", "", text)
        found += re.findall(rf"\$\{{{name}\[[@*]\][^}}]*\}}", rest)
    return found


def newer_forms(text: str) -> list[str]:
    return [f"{match[0]!r}: rather {instead}" for form, instead in NEWER.items() for match in re.finditer(form, text)]


def test_there_are_scripts_to_look_at() -> None:
    assert {"tools/airflow-standalone", "tools/make-venv", "tools/ensure-mariadb"} <= {
        str(script.relative_to(ROOT)) for script in scripts()
    }


@pytest.mark.parametrize("script", scripts(), ids=lambda script: str(script.relative_to(ROOT)))
def test_a_script_has_only_forms_that_old_bash_knows(script: Path) -> None:
    text = code(script.read_text(encoding="utf-8"))
    assert unsafe_expansions(text) == []
    assert newer_forms(text) == []
    subprocess.run(["bash", "-n", script], check=True)


@pytest.mark.parametrize(
    "text",
    [
        'set -eu\nsettings=()\nexec "${settings[@]}" airflow',
        'set -euo pipefail\nlocal sudo=()\n[ 1 ] || sudo=(sudo -n)\n"${sudo[@]}" true',
        'set -o nounset\nx=( $found )\nprintf %s "${x[*]}"',
        'set -u\nx=("$@")\nrun "${x[@]}"',
    ],
)
def test_an_array_that_may_be_empty_is_found(text: str) -> None:
    assert unsafe_expansions(text)


@pytest.mark.parametrize(
    "text",
    [
        'set -eu\nx=()\nrun ${x[@]+"${x[@]}"}',
        'set -eu\nx=(--quiet "$1")\nrun "${x[@]}"',
        'x=()\nrun "${x[@]}"',
        'set -eu\nfor x in "$@"; do echo "$x"; done',
    ],
)
def test_the_forms_that_old_bash_knows_are_left_alone(text: str) -> None:
    assert unsafe_expansions(text) == []
    assert newer_forms(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "mapfile -t lines",
        "declare -A ages",
        "local -n target=$1",
        'echo "${name^^}"',
        'echo "${name,,}"',
        "echo ${x[-1]}",
        "run &>> log",
        "run |& tee",
        "wait -n",
        "[[ -v NAME ]]",
        "printf '%(%F)T' -1",
    ],
)
def test_a_form_that_is_newer_is_found(text: str) -> None:
    assert newer_forms(text)
