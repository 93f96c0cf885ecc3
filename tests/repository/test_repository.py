"""The house rules that a machine can hold."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from volatility.domain.metrics import METRICS, STATISTICS
from volatility.settings import DEFAULTS

ROOT = Path(__file__).parents[2]
# Put together here, so that this file does not name them.
_HOSTS = {"org": ("pypi", "pythonhosted", "debian"), "com": ("npmjs",)}
REGISTRIES = [f"{name}.{top}" for top, names in _HOSTS.items() for name in names]


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def texts() -> dict[Path, str]:
    found = {}
    for path in tracked():
        try:
            found[path] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


def test_no_file_names_a_package_registry() -> None:
    named = [(path, host) for path, text in texts().items() for host in REGISTRIES if host in text]
    assert not named


def test_no_dockerfile_pulls_a_syntax() -> None:
    assert not [p for p in tracked("*.Dockerfile") if re.search(r"^#\s*syntax\s*=", p.read_text(), re.MULTILINE)]


def test_every_requirement_is_pinned_with_hashes() -> None:
    for path in tracked("requirements-*.txt"):
        lines = [line for line in path.read_text().splitlines() if re.match(r"[a-zA-Z0-9]", line)]
        assert lines
        assert all(re.match(r"[\w.\[\]-]+==\S+ .*\\$", line) for line in lines), path
        assert path.read_text().count("--hash=sha256:") >= len(lines)


def test_the_jobs_requirements_hold_no_web_server_and_the_apis_no_pandas() -> None:
    jobs = (ROOT / "requirements-scripts.txt").read_text()
    api = (ROOT / "requirements-api.txt").read_text()
    assert re.search(r"^pandas==", jobs, re.MULTILINE)
    assert not re.search(r"^(fastapi|uvicorn|pytest|rich)==", jobs, re.MULTILINE)
    assert not re.search(r"^(pandas|pytest|rich)==", api, re.MULTILINE)


def test_the_settings_example_lists_every_setting_with_its_default() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    assert {name: given.get(name) for name in DEFAULTS} == dict(DEFAULTS)


@pytest.mark.parametrize("page", ["settings.md", "settings.ru.md"])
def test_the_page_of_settings_names_every_one_in_both_languages(page: str) -> None:
    text = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")
    assert [name for name in DEFAULTS if f"`{name}`" not in text] == []


@pytest.mark.parametrize("readme", ["README.md", "README.ru.md"])
def test_each_readme_names_every_statistic_and_metric(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    quantiles = [s.name for s in STATISTICS if s.quantile not in {None, 0.5}]
    assert [name for name in [*quantiles, *(metric.title for metric in METRICS)] if name not in text] == []


@pytest.mark.parametrize("page", tracked("*.md"), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", tracked("docs/*.md", "CONTRIBUTING.md"), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_file_that_the_documentation_names_is_there(page: Path) -> None:
    folders = "api|benchmarks|dags|docker|docs|exchange_simulator|scripts|tests|tools|volatility"
    named = re.findall(rf"`((?:{folders})/[\w./-]*)`", page.read_text(encoding="utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_table_of_everyday_changes_names_a_test_in_each_row() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| an? \*\*.*\|$", text, re.MULTILINE)
    assert len(rows) >= 10
    assert [row for row in rows if not re.search(r"`tests/[\w./]+`", row.split("|")[3])] == []


def test_real_candles_are_not_in_the_repository() -> None:
    assert not tracked("*.csv", "*.csv.gz")


def test_the_code_formats_no_path_of_a_developers_machine() -> None:
    pattern = re.compile(r"(?<![\w.-])/(work|root|home)/\w")
    assert [path for path, text in texts().items() if "static" not in path.parts and pattern.search(text)] == []
