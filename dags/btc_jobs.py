"""How a DAG runs one of the two jobs: an operator, chosen by `AIRFLOW_JOB_RUNNER`, and what all tasks have in common.

`docker` (the default) runs a job in a container of its own, from the image that JOB_IMAGE names; `local` as a process
beside Airflow, for development on a machine without Docker. Both show the job's log in the task's log, hand its last
JSON line on as the task's XCom, and fail with the job's own plain reason.

Nothing of the project's library is imported: Airflow's image does not hold it.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from airflow.providers.docker.exceptions import DockerContainerFailedException
from airflow.providers.docker.operators.docker import DockerOperator
from airflow.sdk import Asset, BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from airflow.sdk.log import mask_secret
from docker.errors import APIError, NotFound

if TYPE_CHECKING:
    from airflow.sdk import Context

# The settings that a job reads from its environment; secrets and DB_SSL_CA are not among them, see `secrets` and
# `certificates`.
SETTINGS = (
    "DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_SSL", "DATABASE_RETRY_SECONDS", "BINANCE_URLS",
    "BINANCE_WEIGHT_LIMIT", "BINANCE_RETRY_SECONDS", "NO_PROXY", "REQUESTS_CA_BUNDLE", "SYMBOLS", "HISTORY_START",
    "SESSION_START", "SESSION_TIMEZONE", "WINDOWS", "FORECASTS", "LOG_LEVEL",
)  # fmt: skip
# The URL of a proxy may hold a login; where it holds none it is a setting like others.
PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
BACKFILL = "scripts/backfill_script.py"
AGGREGATE = "scripts/session_aggregator.py"

SYMBOLS = [symbol.strip() for symbol in (os.environ.get("SYMBOLS") or "BTCUSDT").split(",") if symbol.strip()]
SESSION_START = os.environ.get("SESSION_START") or "11:00"
SESSION_TIMEZONE = os.environ.get("SESSION_TIMEZONE") or "Europe/Moscow"

KLINES = Asset("klines_hourly", uri="btc://database/klines_hourly", group="btc")
SESSIONS = Asset("daily_sessions", uri="btc://database/daily_sessions", group="btc")

WRONG_CALL = 2
KILLED = 137
EXCHANGE_POOL = "exchange"

# Waits of 1, 2, 4 and 8 minutes by default: longer than a restart, and an outage of the exchange that outlasts them is
# made up for by the next hour's run.
DEFAULT_ARGS = {
    "owner": "btc-volatility",
    "retries": int(os.environ.get("JOB_RETRIES") or 4),
    "retry_delay": timedelta(seconds=float(os.environ.get("JOB_RETRY_DELAY") or 60)),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=15),
    "pool": EXCHANGE_POOL,
}


def settings() -> dict[str, str]:
    """Return those of the jobs' settings that are set for Airflow; the others keep the jobs' own defaults."""
    proxies = {name: url for name, url in _proxies().items() if "@" not in url}
    return {name: value for name in SETTINGS if (value := _value(name))} | proxies


def secrets() -> dict[str, str]:
    """Return what else a job's environment holds: the database's password and logins of proxies.

    Read when a task runs, and masked in every log.
    """
    found = _proxies(from_files=True)
    for url in found.values():
        login, at, _ = url.rpartition("@")
        secret = login.rpartition("//")[2].partition(":")[2]
        for part in (url, login, secret, unquote(secret)) if at else ():
            if part:
                mask_secret(part)
    file = os.environ.get("DB_PASSWORD_FILE")
    secret = os.environ.get("DB_PASSWORD") or (password_of(Path(file)) if file else "")
    if secret:
        mask_secret(secret)
        found["DB_PASSWORD"] = secret
    return found


def _value(name: str) -> str:
    """Return a setting; names of the network may be written in small letters, which then come first."""
    small = name.lower() if name in {*PROXIES, "NO_PROXY"} else name
    return os.environ[small] if small in os.environ else os.environ.get(name, "")


def _proxies(*, from_files: bool = False) -> dict[str, str]:
    """Return the proxies that are set; those in files are only there where tasks run."""
    found = {name: _value(name) for name in PROXIES}
    for name in PROXIES if from_files else ():
        file = os.environ.get(f"{name}_FILE")
        if file and not found[name]:
            found[name] = Path(file).read_text().strip()
    return {name: url for name, url in found.items() if url}


def certificates() -> dict[str, str]:
    """Return the certificates that DB_SSL_CA names, as text: a job's container has no file of Airflow's."""
    file = os.environ.get("DB_SSL_CA")
    return {"DB_SSL_CA": Path(file).read_text()} if file else {}


def password_of(file: Path) -> str:
    """Return the password that a file holds."""
    try:
        return password_in(file.read_bytes())
    except OSError as error:
        raise AirflowException(f"DB_PASSWORD_FILE can't be read ({error.strerror})") from None
    except ValueError as error:
        raise AirflowFailException(f"DB_PASSWORD_FILE can't be read ({error})") from None


def password_in(content: bytes) -> str:
    """Return the password that a file holds: its first line, without a byte-order mark, blanks kept.

    The rule of `volatility/settings/database_url.py`.
    """
    if len(content) % 2 == 0 and (content[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in content):
        raise ValueError("it is UTF-16 text: save it as UTF-8")
    try:
        line = content.decode("utf-8-sig").partition("\n")[0].rstrip("\r")
    except UnicodeDecodeError:
        raise ValueError("it is not text") from None
    if "\0" in line:
        raise ValueError("it is not text")
    if not line.strip():
        raise ValueError("its first line is empty")
    return line


def outcome(lines: list[str]) -> dict[str, Any] | None:
    """Return the last line that is a JSON object: what a job says it did.

    Not simply the last line: a container's stdout and stderr come through two pipes and may change places.
    """
    for line in reversed(lines):
        if line.startswith("{"):
            try:
                return json.loads(line)
            except ValueError:
                continue
    return None


def reason(lines: list[str], code: int) -> str:
    """Return a failed job's own words: its last line that is no JSON."""
    if code == KILLED:
        return f"the job was killed (exit code {KILLED}): out of memory, or stopped by someone; see JOB_MEMORY"
    said = next((line.strip() for line in reversed(lines) if line.strip() and not line.startswith("{")), "")
    return said or f"the job failed with exit code {code} and said nothing"


def failure(lines: list[str], code: int) -> AirflowException:
    """Return the exception of a failed job; a wrong call is not worth a retry."""
    return (AirflowFailException if code == WRONG_CALL else AirflowException)(reason(lines, code))


def hand_on(operator: BaseOperator, lines: list[str], context: Context) -> dict[str, Any] | None:
    """Note the outcome on the events of the task's assets and return it, for XCom."""
    done = outcome(lines)
    for asset in operator.outlets:
        context["outlet_events"][asset].extra = done or {}
    return done


class DockerJob(DockerOperator):
    """A job in a container on the project's network: labelled, limited in memory, always removed."""

    def __init__(self, *, command: list[str], **kwargs: Any) -> None:
        super().__init__(
            image=os.environ.get("JOB_IMAGE", "btc-scripts:0.1.0"),
            command=command,
            environment=settings(),
            api_version="auto",
            network_mode=os.environ.get("JOB_NETWORK", "btc-volatility_data"),
            extra_hosts={"host.docker.internal": "host-gateway"},
            mem_limit=os.environ.get("JOB_MEMORY") or "512m",
            mount_tmp_dir=False,
            auto_remove="force",
            xcom_all=True,  # all lines, of which hand_on() takes the outcome
            **kwargs,
        )

    def execute(self, context: Context) -> dict[str, Any] | None:
        """Run the container and return what the job said it did."""
        instance = context["ti"]
        self.labels = {
            "btc.owner": os.environ.get("JOB_OWNER", "btc-volatility"),
            "btc.dag": instance.dag_id,
            "btc.task": f"{instance.task_id}.{instance.map_index}",
        }
        self._private_environment = secrets() | certificates()
        self._remove_leftovers()
        try:
            lines = super().execute(context)
        except DockerContainerFailedException as error:
            code = self._exit_code(str(error))
            raise failure(error.logs or [], code) from None
        except NotFound:
            # on_kill() removed the container under the wait for it
            raise AirflowException("the job was stopped") from None
        return hand_on(self, lines or [], context)

    @staticmethod
    def _exit_code(message: str) -> int:
        """Read the exit code out of the provider's message: `Docker container failed: {'StatusCode': 1, …}`.

        Its exception has no field for it.
        """
        digits = message.partition("'StatusCode': ")[2]
        return int("".join(char for char in digits[:4] if char.isdigit()) or 1)

    def _remove_leftovers(self) -> None:
        """Remove a container that an earlier try of this very task left when its scheduler or worker was killed."""
        labels = [f"{key}={value}" for key, value in self.labels.items()]
        for left in self.cli.containers(all=True, filters={"label": labels}):
            self.log.warning("Removing container %s, left by a try that was killed", left["Id"][:12])
            try:
                self.cli.remove_container(left["Id"], force=True)
            except APIError as error:  # it may be on its way out
                self.log.warning("%s", error)

    def on_kill(self) -> None:
        """Stop and remove the container; it may be gone already, as after a timeout."""
        try:
            super().on_kill()
        except NotFound:
            self.log.info("The container is gone already")


class LocalJob(BaseOperator):
    """A job as a process beside Airflow, with the interpreter that JOB_PYTHON names, from the folder JOB_FOLDER."""

    template_fields = ("command",)

    def __init__(self, *, command: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.command = command
        self._process: subprocess.Popen[str] | None = None

    def execute(self, context: Context) -> dict[str, Any] | None:
        """Run the process and return what the job said it did."""
        command = [os.environ.get("JOB_PYTHON") or "python3", *self.command[1:]]
        self.log.info("Starting %s", shlex.join(command))
        self._process = subprocess.Popen(  # noqa: S603 - the command of one of our DAGs
            command,
            cwd=os.environ.get("JOB_FOLDER") or Path(__file__).parent.parent,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        lines = []
        for line in self._process.stdout or []:
            lines.append(line.rstrip())
            self.log.info("%s", lines[-1])
        code = self._process.wait()
        if code:
            raise failure(lines, code)
        return hand_on(self, lines, context)

    @staticmethod
    def _environment() -> dict[str, str]:
        """Return the job's environment: this one without Airflow's own settings, some of which are secrets."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "_AIRFLOW"))}
        return {**inherited, **secrets()}

    def on_kill(self) -> None:
        """End the job with all that it started."""
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)


RUNNERS: dict[str, type[DockerJob | LocalJob]] = {"docker": DockerJob, "local": LocalJob}
_runner = os.environ.get("AIRFLOW_JOB_RUNNER") or "docker"
if _runner not in RUNNERS:
    raise ValueError(f"AIRFLOW_JOB_RUNNER must be one of {', '.join(RUNNERS)}, not {_runner!r}")
Job = RUNNERS[_runner]
