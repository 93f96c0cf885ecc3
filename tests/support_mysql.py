"""A real MySQL for tests: the one that tools/ensure-mysql found or unpacked."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from typing import Final

from tests.support_mariadb import PASSWORD, USER, MariaDBServer, ServerUnavailable, _as_root, servers_folder

_MISSING: Final = (
    "no MySQL server to test with: tools/ensure-mysql fetches one, TEST_MYSQL_URL names one, "
    'or leave these tests out with -m "not server" (make test-fast)'
)
# Small, and without anything that reaches beyond the folder.
_OPTIONS: Final = (
    "--innodb-buffer-pool-size=64M",
    "--innodb-redo-log-capacity=32M",
    "--innodb-flush-log-at-trx-commit=2",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--mysqlx=OFF",
    "--secure-file-priv=",
    "--max-connections=100",
)


class MySQLServer(MariaDBServer):
    """As the MariaDB of the tests; its account logs in as MySQL's accounts do by default, by caching_sha2_password."""

    def _daemon(self) -> str:
        return _mysqld()

    def _install(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        account = f"'{USER}'@'%'"
        (self.folder / "init.sql").write_text(
            f"CREATE USER IF NOT EXISTS {account} IDENTIFIED BY '{PASSWORD}';\n"
            f"GRANT ALL ON *.* TO {account} WITH GRANT OPTION;\n"
        )
        data = f"--datadir={self.folder / 'data'}"
        self._made_by([self._daemon(), *self._leading(), data, "--initialize-insecure", *_OPTIONS, *_as_root()])

    def _leading(self) -> Sequence[str]:
        return () if _is_unpacked(self._daemon()) else ("--no-defaults",)

    def _settings(self) -> Sequence[str]:
        return _OPTIONS


def _is_unpacked(daemon: str) -> bool:
    return daemon == str(servers_folder() / "mysql" / "mysqld")  # which says --no-defaults itself


def _mysqld() -> str:
    installed = shutil.which("mysqld", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    for daemon in (installed, str(servers_folder() / "mysql" / "mysqld")):
        if daemon and shutil.which(daemon):
            said = subprocess.run([daemon, "--version"], capture_output=True, text=True, check=False)
            if said.returncode == 0 and "MariaDB" not in said.stdout:
                return daemon
    raise ServerUnavailable(_MISSING)
