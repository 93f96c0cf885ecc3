"""A real MariaDB for tests, started from the installed binaries in a folder of its own."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import URL

HOST: Final = "127.0.0.1"
USER: Final = "btc_tests"
PASSWORD: Final = "p@ss:w/rd"  # every URL that is built must quote it
_START_SECONDS: Final = 60.0
_MISSING: Final = (
    "no MariaDB server to test with: install Debian's mariadb-server, or name a server in TEST_DATABASE_URL, "
    'or leave these tests out with -m "not server" (make test-fast)'
)
# Small, quick, and without anything that reaches beyond the folder.
_OPTIONS: Final = (
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=32M",
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-stats-persistent=0",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--skip-slave-start",
    "--performance-schema=OFF",
    "--character-set-server=utf8mb4",
    "--max-connections=100",
)


class ServerUnavailable(Exception):
    """There is no MariaDB to test with; one line says what to do."""


class MariaDBServer:
    """One server on 127.0.0.1 that keeps its port over ``stop`` or ``kill`` and the next ``start``.

    Args:
        folder: its own; everything that it writes lies there. Short, since it holds a Unix socket.
        options: further options of the server's.
    """

    def __init__(self, folder: Path, options: Sequence[str] = ()) -> None:
        self.folder, self._options = folder, options
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the data folder where there is none, and return once the server answers.

        Raises:
            ServerUnavailable: where the binaries are missing or the server does not come up.
        """
        daemon = self._daemon()
        if not (self.folder / "data").exists():
            self._install()
        if self._port:
            self._launch(daemon)
        else:
            self._launch_on_a_free_port(daemon)

    def stop(self) -> None:
        """Shut down in order; twice does no harm."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power failure would."""
        self._end(signal.SIGKILL)

    def remove(self) -> None:
        """Stop it and delete its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str | None = None) -> str:
        """The SQLAlchemy URL of a database, or of the server without one."""
        url = URL.create("mysql+pymysql", USER, PASSWORD, HOST, self._port, database)
        return url.render_as_string(hide_password=False)

    @property
    def port(self) -> int:
        """Where it listens, 0 before it was first started."""
        return self._port

    @property
    def running(self) -> bool:
        """Whether it was started, and not stopped or killed since."""
        return self._process is not None

    def _daemon(self) -> str:
        return _binary("mariadbd", "mysqld")

    def _install(self) -> None:
        install = _binary("mariadb-install-db", "mysql_install_db")
        self.folder.mkdir(parents=True, exist_ok=True)
        # The account is made by the server itself at every start, before it listens.
        account = f"'{USER}'@'%'"
        (self.folder / "init.sql").write_text(
            f"CREATE OR REPLACE USER {account} IDENTIFIED BY '{PASSWORD}';\n"
            f"GRANT ALL ON *.* TO {account} WITH GRANT OPTION;\n"
        )
        command = [install, "--no-defaults", f"--datadir={self.folder / 'data'}", "--skip-test-db"]
        command += ["--auth-root-authentication-method=normal", *_as_root()]
        self._made_by(command)

    def _made_by(self, command: list[str]) -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder)
        if done.returncode:
            shutil.rmtree(self.folder / "data", ignore_errors=True)
            raise ServerUnavailable(f"{command[0]} failed: {_last_line(done.stderr or done.stdout)}")

    def _launch_on_a_free_port(self, daemon: str) -> None:
        for _ in range(5):  # somebody else may take the port first
            self._port = _free_port()
            try:
                return self._launch(daemon)
            except ServerUnavailable as error:
                last = error
        self._port = 0
        raise last

    def _launch(self, daemon: str) -> None:
        folder = self.folder
        command = [daemon, *self._leading(), f"--datadir={folder / 'data'}", f"--tmpdir={folder}"]
        command += [f"--socket={folder / 'socket'}", f"--pid-file={folder / 'pid'}", f"--init-file={folder}/init.sql"]
        command += [f"--bind-address={HOST}", f"--port={self._port}", *_as_root(), *self._settings(), *self._options]
        with (folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                start_new_session=True,  # Ctrl-C is for the tests, which then stop it
                preexec_fn=_die_with_parent(),  # noqa: PLW1509 - one system call, nothing that could hold a lock
            )
        self._await_answer(self._process)

    def _leading(self) -> Sequence[str]:
        return ("--no-defaults",)

    def _settings(self) -> Sequence[str]:
        return _OPTIONS

    def _await_answer(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        engine = sa.create_engine(self.url(), poolclass=sa.NullPool, connect_args={"ssl_disabled": True})
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise ServerUnavailable(f"the test server ended at once: {self._last_words()}")
            try:
                engine.connect().close()
            except sa.exc.OperationalError:
                time.sleep(0.05)
            else:
                return
        self.kill()
        raise ServerUnavailable(f"the test server did not answer within {_START_SECONDS:g} s: {self._last_words()}")

    def _last_words(self) -> str:
        lines = (self.folder / "log").read_text(errors="replace").splitlines()
        return _last_line("\n".join([line for line in lines if "[ERROR]" in line] or lines))

    def _end(self, with_signal: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(with_signal)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def plugin_folder() -> Path:
    """Where the plugins lie that Debian keeps apart from the bare server; tools/ensure-mariadb unpacks them."""
    places = [Path("/usr/lib/mysql/plugin"), Path("/usr/lib64/mariadb/plugin"), servers_folder() / "mariadb"]
    for place in places:
        if (place / "auth_ed25519.so").is_file():
            return place
    raise ServerUnavailable("MariaDB's plugin auth_ed25519 is missing: tools/ensure-mariadb fetches it")


def servers_folder() -> Path:
    """Where the tools unpack what is not installed."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("BTC_TEST_SERVERS") or Path(cache) / "btc-volatility")


def _binary(*names: str) -> str:
    # Debian keeps servers in /usr/sbin, which is not on the path of every user.
    places = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/usr/libexec"])
    for name in names:
        if found := shutil.which(name, path=places):
            return found
    raise ServerUnavailable(_MISSING)


def _as_root() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _last_line(text: str) -> str:
    return ([line.strip() for line in text.splitlines() if line.strip()] or ["without a word"])[-1][:300]


def _die_with_parent() -> Callable[[], object] | None:
    """On Linux: the kernel ends the server when the tests are killed and can't."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
