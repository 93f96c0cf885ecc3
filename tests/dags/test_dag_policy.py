"""What every DAG of the project keeps to."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from volatility import __version__
from volatility.settings import DEFAULTS

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "dags").glob("*.py"))
# The standard library, Airflow, its docker provider's client, and the module that the DAGs share.
ALLOWED = {"__future__", "airflow", "btc_jobs", "collections", "datetime", "docker", "json", "os", "pathlib", "shlex",
           "signal", "subprocess", "typing", "urllib"}  # fmt: skip
HOUR, DAY = 3600, 86400
# Settings that no job's container is given so: the password and certificates come apart, the rest is for the API or for
# no container.
NOT_A_JOBS = {
    "PAGE_RELOAD",
    "DATABASE_URL",
    "DB_PASSWORD",
    "DB_PASSWORD_FILE",
    "DB_SSL_CA",
    "API_HOST",
    "API_PORT",
    "API_CORS_ORIGINS",
    "TODAY_CACHE_SECONDS",
}
PROXIES = {"HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"}  # a login in them is a secret, so they come as files
OF_OTHER_PROGRAMS = {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}  # often set on a machine, with paths that no container has
FILES_OF_PROXIES = {f"{name}_FILE" for name in PROXIES}


def tasks(described: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(f"{name}.{task['task_id']}", task) for name, dag in described["dags"].items() for task in dag["tasks"]]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_dag_imports_nothing_of_ours(file: Path) -> None:
    """Airflow's image does not hold it."""
    imported = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert imported <= ALLOWED


def test_every_file_loads(described: dict[str, Any]) -> None:
    assert described["errors"] == {}
    assert set(described["dags"]) == {"btc_hourly_fetch", "btc_daily_aggregation", "btc_maintenance"}


def test_every_dag_is_documented_tagged_and_runs_by_itself(described: dict[str, Any]) -> None:
    for name, dag in described["dags"].items():
        assert len(dag["doc"]) > 200, name
        assert "btc" in dag["tags"], name
        assert not dag["paused"], name
        assert not dag["catchup"], name
        assert dag["max_active_runs"] == 1, name


def test_every_task_is_owned_documented_limited_and_tried_again(described: dict[str, Any]) -> None:
    for name, task in tasks(described):
        assert task["owner"] == "btc-volatility", name
        assert task["doc"], name
        assert task["timeout"], name
        assert task["retries"] >= 2, name
        assert task["backoff"] > 1, name
        assert task["max_retry_delay"] >= task["retry_delay"] > 0, name


def test_every_job_waits_for_its_place_at_the_exchange(described: dict[str, Any]) -> None:
    jobs = [task for _, task in tasks(described) if task["operator"] in {"DockerJob", "LocalJob"}]
    assert len(jobs) == 4
    assert all(task["mapped"] and task["pool"] == "exchange" for task in jobs)
    assert {task["operator"] for task in jobs} == {{"docker": "DockerJob", "local": "LocalJob"}[described["runner"]]}


def test_the_schedules_say_their_windows(described: dict[str, Any]) -> None:
    """A bare cron expression would have a window of no length."""
    dags = described["dags"]
    windows = {name: (dag["schedule"], dag["timezone"], dag["interval"]) for name, dag in dags.items()}
    assert windows == {
        "btc_hourly_fetch": ("1 * * * *", "UTC", HOUR),
        "btc_daily_aggregation": ("5 11 * * *", "Europe/Moscow", DAY),
        "btc_maintenance": (None, "", None),
    }


def test_each_action_of_maintenance_is_one_call_of_a_job(described: dict[str, Any]) -> None:
    script, one, of = (
        "scripts/backfill_script.py",
        ["--symbol", "BTCUSDT"],
        ["--since=2024-01-01", "--until=2024-02-01"],
    )
    assert described["maintenance"] == {
        "backfill": [["python", script, *of, *one]],
        "recheck-gaps": [["python", script, "--recheck-gaps", *of, *one]],
        "refetch": [["python", script, "--refetch", *of, *one]],
        "rebuild": [["python", "scripts/session_aggregator.py", "--rebuild", *one]],
    }


def test_the_daily_run_fetches_before_it_aggregates(described: dict[str, Any]) -> None:
    daily = {task["task_id"]: task for task in described["dags"]["btc_daily_aggregation"]["tasks"]}
    assert daily["session.aggregate"]["upstream"] == ["session.fetch"]
    assert daily["session.fetch"]["outlets"] == ["klines_hourly"]
    assert daily["session.aggregate"]["outlets"] == ["daily_sessions"]


def test_the_daily_run_follows_the_sessions_end(describe_with: Any) -> None:
    daily = describe_with(SESSION_START="16:58", SESSION_TIMEZONE="America/New_York")["dags"]["btc_daily_aggregation"]
    assert (daily["schedule"], daily["timezone"]) == ("3 17 * * *", "America/New_York")


def test_a_jobs_container_is_limited_and_removed(described: dict[str, Any]) -> None:
    container = described["container"]
    assert container["auto_remove"] == "force"
    assert container["mount_tmp_dir"] is False
    assert container["privileged"] is False
    assert container["mem_limit"]
    assert re.search(r":(?!latest$)[^/:]+$", container["image"]), "an image without a tag is :latest"


def test_no_password_is_rendered(described: dict[str, Any]) -> None:
    assert "a-password-to-look-for" not in json.dumps(described)


def test_a_proxy_is_handed_on_and_its_login_only_when_a_task_runs(describe_with: Any) -> None:
    """FIELD 15: a login is neither in what Airflow renders nor among the settings of the container that it keeps."""
    plain = describe_with(HTTPS_PROXY="http://proxy.corp:3128", no_proxy="10.0.0.0/8", REQUESTS_CA_BUNDLE="/c/a.pem")
    rendered = plain["container"]["rendered"]["environment"]
    for part in ("'HTTPS_PROXY': 'http://proxy.corp:3128'", "'NO_PROXY': '10.0.0.0/8'", "/c/a.pem"):
        assert part in rendered
    secret = describe_with(HTTPS_PROXY="http://ivan:Geheim2024@proxy.corp:3128")
    assert "Geheim2024" not in json.dumps(secret)
    assert secret["private_names"] == ["HTTPS_PROXY"]


def test_endings_of_jobs_are_read_right(described: dict[str, Any]) -> None:
    assert described["reasons"] == {
        "outcome before a late log line": {"candles_written": 2},
        "outcome of a job that said none": None,
        "reason": "error: the exchange is away",
        "reason of silence": "the job failed with exit code 1 and said nothing",
        "reason of a kill": "the job was killed (exit code 137): out of memory, or stopped by someone; see JOB_MEMORY",
        "a wrong call": "AirflowFailException",
        "a failure": "AirflowException",
    }


def test_a_job_is_given_every_setting_that_it_reads(described: dict[str, Any]) -> None:
    needed = set(DEFAULTS) - NOT_A_JOBS - PROXIES - FILES_OF_PROXIES - OF_OTHER_PROGRAMS
    assert set(described["settings"]) == needed
    block = re.search(r"^x-settings: .*\n((?:  .+\n)+)", (ROOT / "docker-compose.yaml").read_text(), re.MULTILINE)
    assert block
    given = dict(re.findall(r"^  (\w+): (.+)$", block[1], re.MULTILINE))
    assert set(given) == needed | {"DB_PASSWORD_FILE", "DB_SSL_CA"} | FILES_OF_PROXIES
    assert given["NO_PROXY"] == "${no_proxy:-${NO_PROXY:-}}"
    for name in FILES_OF_PROXIES:
        assert given[name] == f"/run/secrets/database/{name.removesuffix('_FILE').lower()}"
    for name in needed - {"DB_HOST", "DB_NAME", "DB_USER", "NO_PROXY"}:  # the first three name the bundled server
        assert given[name] == f"${{{name}:-{DEFAULTS[name]}}}"


@pytest.mark.parametrize("file", ["docker-compose.yaml", "docker-compose.celery.yaml", "tests/stack/compose.yaml"])
def test_every_image_has_a_tag_of_its_own(file: str) -> None:
    """Images of ours default to this version, the others to the release that was tested."""
    images = re.findall(r"^ *image: (?:&[\w-]+ )?(\S+)$", (ROOT / file).read_text(), re.MULTILINE)
    assert images
    for image in images:
        assert image.startswith("*") or re.search(r":[\w.${}:-]+$", image), image
        assert "latest" not in image, image
        assert "IMAGE_TAG" not in image or f"${{IMAGE_TAG:-{__version__}}}" in image, image
