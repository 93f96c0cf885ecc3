"""SQLite's file on file systems that can't do what others can, and in folders of other users."""

from __future__ import annotations

import ctypes
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.conftest import HOURS, Job
from tests.support import tables
from tests.support.jobs import AGGREGATE, BACKFILL, ROOT, Outcome, ended, start
from tests.support.tables import Row

SOURCE = ROOT / "tests" / "support" / "refusing.c"
On = Callable[..., Outcome]


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What makes a process see such a file system."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        pytest.fail("these tests need a C compiler: install gcc", pytrace=False)
    made = tmp_path_factory.mktemp("library") / "refusing.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(made), str(SOURCE), "-ldl"], check=True)
    return made


@pytest.fixture
def file(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///"))


@pytest.fixture
def on(library: Path, settings: dict[str, str], tmp_path: Path) -> On:
    """Runs a job on a file system that refuses something."""

    def run(refuse: str, script: Path = BACKFILL) -> Outcome:
        surroundings = {"LD_PRELOAD": str(library), "REFUSE": refuse}
        return ended(start(script, settings | surroundings, tmp_path))

    return run


def journal(file: Path) -> str:
    connection = sqlite3.connect(file)
    mode: str = connection.execute("PRAGMA journal_mode").fetchone()[0]
    connection.close()
    return mode


class TestNoSharedMappings:
    """Network drives, and folders that a virtual machine shares: no write-ahead log is possible there."""

    def test_a_new_database_is_made_with_a_rollback_journal(
        self, on: On, file: Path, sqlite_url: str, history: list[Row]
    ) -> None:
        assert on("mappings").succeeded().report["candles_written"] == HOURS
        assert tables.candles(sqlite_url) == history
        assert journal(file) == "delete"
        assert on("mappings", AGGREGATE).succeeded().report["sessions_written"] > 0
        assert on("mappings").succeeded().report["candles_written"] == 0

    def test_one_that_was_moved_there_goes_on_with_what_its_log_holds(
        self, on: On, backfill_job: Job, file: Path, sqlite_url: str, history: list[Row]
    ) -> None:
        """It was killed, and copied with its log beside it."""
        backfill_job().succeeded()
        assert journal(file) == "wal"
        killed = (
            "import sqlite3, os\n"
            f"c = sqlite3.connect({str(file)!r}, isolation_level=None)\n"
            "c.execute('PRAGMA wal_autocheckpoint=0')\n"
            f"c.execute('DELETE FROM klines_hourly WHERE open_time = (SELECT max(open_time) FROM klines_hourly)')\n"
            "os._exit(0)"
        )
        subprocess.run([sys.executable, "-c", killed], check=True)
        assert file.with_name(file.name + "-wal").stat().st_size > 0
        assert on("mappings").succeeded().report["candles_written"] == 1
        assert tables.candles(sqlite_url) == history
        assert journal(file) == "delete"

    def test_where_it_can_be_a_write_ahead_log_is_kept(self, on: On, file: Path) -> None:
        """So that readers don't wait for a writer."""
        on("nothing").succeeded()
        assert journal(file) == "wal"


@pytest.mark.parametrize("how", ["locks", "locking"])
def test_a_file_system_without_locks_is_named_at_once(on: On, how: str) -> None:
    """Some say that they have none, some that somebody else has the lock, which would never end."""
    reason = on(how).failed().reason
    assert reason.endswith(
        "can't be used: the file system of its folder takes no locks (a network drive?): put the file on a local disk"
    )


def test_a_quota_that_is_used_up_is_thought_of(on: On, file: Path) -> None:
    reason = on("quota").failed().reason
    assert str(file) in reason
    assert "is the disk full, or a quota used up?" in reason


class TestFoldersOfOthers:
    """A user without root's rights, in a folder that belongs to somebody else."""

    @pytest.fixture
    def refused(self, settings: dict[str, str], tmp_path: Path, file: Path) -> Callable[[], str]:
        prctl = ctypes.CDLL(None, use_errno=True).prctl

        def without_roots_rights() -> None:
            for right in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
                prctl(24, right, 0, 0, 0)  # PR_CAPBSET_DROP

        def run() -> str:
            try:
                return ended(start(BACKFILL, settings, tmp_path, before=without_roots_rights)).failed().reason
            finally:
                file.parent.chmod(0o755)

        return run

    @pytest.mark.parametrize("beside", ["-wal", "-shm"])
    def test_a_log_of_another_user(
        self, backfill_job: Job, refused: Callable[[], str], file: Path, beside: str
    ) -> None:
        backfill_job().succeeded()
        left = file.with_name(file.name + beside)
        left.touch()
        left.chmod(0)
        assert refused().endswith(f": this user may not read and write {left.name}")

    def test_a_folder_that_is_read_only_and_holds_an_unfinished_write(
        self, backfill_job: Job, refused: Callable[[], str], file: Path
    ) -> None:
        backfill_job().succeeded()
        holder = sqlite3.connect(file, isolation_level=None)
        holder.execute("PRAGMA wal_autocheckpoint=0")
        holder.execute("DELETE FROM kline_gaps")
        copied = {name: (file.parent / name).read_bytes() for name in (file.name, file.name + "-wal")}
        holder.close()
        for name, content in copied.items():
            (file.parent / name).write_bytes(content)
        file.with_name(file.name + "-shm").unlink(missing_ok=True)
        file.parent.chmod(0o555)
        assert "its folder is read-only" in refused()

    def test_a_folder_that_is_read_only(self, backfill_job: Job, refused: Callable[[], str], file: Path) -> None:
        backfill_job().succeeded()
        file.parent.chmod(0o555)
        assert "its folder is read-only, and SQLite makes a journal beside the file" in refused()

    def test_a_file_of_another_user(self, backfill_job: Job, refused: Callable[[], str], file: Path) -> None:
        backfill_job().succeeded()
        file.chmod(0)
        assert f"this user may not read {file.name}" in refused()


def test_a_folder_in_the_files_place(backfill_job: Job, file: Path) -> None:
    file.mkdir()
    reason = backfill_job().failed().reason
    assert reason.endswith("the file can't be opened or made: it is a folder")


def test_a_name_that_is_too_long(backfill_job: Job, file: Path) -> None:
    reason = backfill_job(DATABASE_URL=f"sqlite:///{file}{'x' * 300}").failed().reason
    assert "File name too long" in reason


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///:memory:?timeout=5",
        "sqlite:///file::memory:?cache=shared&uri=true",
        "sqlite:///file:candles?mode=memory&uri=true",
        "sqlite:///%3Amemory%3A",
        "sqlite:///?mode=memory",
    ],
)
def test_a_database_in_memory_is_refused_however_it_is_written(backfill_job: Job, url: str) -> None:
    """It would be empty after every run."""
    reason = backfill_job(DATABASE_URL=url).failed(2).reason
    assert reason == "DATABASE_URL must name a file, as sqlite:///data/file.sqlite3: memory keeps nothing"
