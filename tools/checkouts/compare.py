"""Says whether two checkouts give the same tables, answers and words, byte for byte, on the real candles.

Each checkout's own code does everything in processes of its own, against its own simulated exchange. All clocks stand
still (``clock/sitecustomize.py``), so that no column and no header is left out. What is left out counts the machine's
own work: the lines ``process_*`` and ``python_*`` of ``/metrics``, the length of that answer, and when a file was
checked out: ``etag`` and ``last-modified`` of files. The folders and ports of the two are of equal length, and are
compared as FOLDER and PORT.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import http.client
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final, NamedTuple

import questions
from questions import Question

HERE: Final = Path(__file__).resolve().parent
CANDLES: Final = "btcusdt_1h_2017_2023.csv.gz"
COMMAND: Final = ["-c", "import sys; from volatility.cli import main; sys.exit(main())"]
# What a comparison of the same code with itself can't hold equal.
MACHINES_OWN: Final = re.compile(rb"^(# (HELP|TYPE) )?(process|python)_.*\n", re.MULTILINE)
RAN_AT: Final = re.compile(rb'("(?:began|ended)": ?"|done at )[-0-9T:.+]+')
OF_A_FILE: Final = {"etag", "last-modified"}
SETTINGS: Final = re.compile(r"^([A-Z_]+)=", re.MULTILINE)
EXCERPT: Final = 60

Found = dict[str, bytes | Path]


class Clocks(NamedTuple):
    """What the clocks show at first, and later, when a session runs that is nearly over."""

    early: datetime
    late: datetime


class Order(NamedTuple):
    """A command to call in a state of the database, and settings of its own."""

    state: str
    arguments: list[str]
    settings: Mapping[str, str] = {}


class Side:
    """One checkout at work in a folder.

    Args:
        root: the checkout.
        folder: where it keeps what it makes; empty.
        python: the interpreter.
        data: the file of candles.
        clocks: what the clocks show.
        since: where history begins.
        brief: whether a full database too is asked only what all states are.
    """

    def __init__(
        self, root: Path, folder: Path, *, python: str, data: Path, clocks: Clocks, since: date, brief: bool
    ) -> None:
        self.root, self.folder, self.python, self.data, self.clocks = root, folder, python, data, clocks
        self.brief = brief
        self.exchange_port, self.api_port = free_ports()
        self.settings = {
            "BINANCE_URLS": f"http://127.0.0.1:{self.exchange_port}",
            "BINANCE_RETRY_SECONDS": "0",
            "DATABASE_RETRY_SECONDS": "0",
            "HISTORY_START": since.isoformat(),
        }
        self.found: Found = {}

    def first_run(self) -> None:
        """All of history but its end."""
        runs = ["backfill", "--dry-run"], ["backfill"], ["aggregate"]
        with self.exchange(self.clocks.early):
            self.jobs("first run", "main", {}, *runs, now=self.clocks.early)

    def second_run(self) -> None:
        """The rest, and once more from scratch."""
        with self.exchange(self.clocks.late):
            self.jobs("second run", "main", {}, ["backfill"], ["aggregate"], ["aggregate", "--rebuild"])

    def full_database(self) -> None:
        """All questions and commands."""
        with self.exchange(self.clocks.late):
            with self.api("main", {}, [*COMMAND, "serve", "--port", str(self.api_port)]):
                self.ask("full database", questions.FEW if self.brief else questions.ALL)
            commands = questions.VIEWS if self.brief else questions.COMMANDS
            orders = [Order("full database", command) for command in commands]
            orders += [Order("narrow", command, {"COLUMNS": "50"}) for command in questions.TABLES]
            orders += [Order("colours", command, {"FORCE_COLOR": "1"}) for command in questions.TABLES]
            self.call("main", {}, orders)

    def exchange_away(self) -> None:
        """What is answered from the database alone."""
        with self.api("main", {}):
            self.ask("exchange away", questions.FEW)
        self.call("main", {}, [Order("exchange away", command) for command in questions.VIEWS])

    def another_calendar(self) -> None:
        """Sessions of 23 and 25 hours, other windows, two symbols, half a year."""
        since = (self.clocks.late.date() - timedelta(days=180)).isoformat()
        settings = {
            "SESSION_TIMEZONE": "America/New_York",
            "SESSION_START": "09:00",
            "WINDOWS": "3,10,21",
            "SYMBOLS": "BTCUSDT,ETHUSDT",
            "HISTORY_START": max(since, self.settings["HISTORY_START"]),
        }
        with self.exchange(self.clocks.late):
            self.jobs("New York", "york", settings, ["backfill"], ["aggregate"])
            with self.api("york", settings):
                self.ask("New York", questions.FEW)
            self.call("york", settings, [Order("New York", command) for command in questions.VIEWS])

    def nothing_stored(self) -> None:
        """No database, an empty one, and settings that break a rule."""
        wrong = [Order(f"{name}={value}", command, {name: value}) for name, value, command in questions.WRONG]
        with self.exchange(self.clocks.late):
            with self.api("none", {}):
                self.ask("no database yet", questions.FEW)
            self.call("none", {}, [*(Order("no database yet", command) for command in questions.VIEWS), *wrong])
            self.jobs("schema alone", "empty", {}, ["migrate"])
            with self.api("empty", {}):
                self.ask("empty database", questions.FEW)
            self.call("empty", {}, [Order("empty database", command) for command in questions.VIEWS])

    def environment(self, database: str, settings: Mapping[str, str], now: datetime | None = None) -> dict[str, str]:
        """A process's environment; its clocks stand still."""
        known = set(SETTINGS.findall((self.root / ".env.example").read_text(encoding="utf-8")))
        own = {k: v for k, v in os.environ.items() if k not in known and not k.lower().endswith("_proxy")}
        where = {"DATABASE_URL": f"sqlite:///{self.folder / database}.sqlite3"}
        still = {
            "PYTHONPATH": f"{HERE / 'clock'}{os.pathsep}{self.root}",
            "FROZEN_AT": str((now or self.clocks.late).timestamp()),
            "COLUMNS": "100",
            "OPENBLAS_NUM_THREADS": "1",  # a fork has none of its parent's threads
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return {**own, **still, **where, **self.settings, **settings}

    @contextmanager
    def exchange(self, now: datetime) -> Iterator[None]:
        """The simulated exchange of the checkout, its clock standing still."""
        package = "exchange_simulator" if (self.root / "exchange_simulator").is_dir() else "volatility.simulator"
        clock = ["--clock", now.isoformat(), "--frozen", "--weight-limit", "0"]
        market = ["--data", str(self.data), "--symbol", "BTCUSDT,ETHUSDT", "--port", str(self.exchange_port)]
        environment = {**os.environ, "PYTHONPATH": str(self.root), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [self.python, "-m", package, *market, *clock]
        with self.server(command, environment, self.exchange_port):
            yield

    @contextmanager
    def api(self, database: str, settings: Mapping[str, str], arguments: Sequence[str] = ()) -> Iterator[None]:
        """The API of the checkout."""
        uvicorn = ["-m", "uvicorn", "api.main:app", "--port", str(self.api_port), "--log-level", "warning"]
        with self.server([self.python, *(arguments or uvicorn)], self.environment(database, settings), self.api_port):
            yield

    @contextmanager
    def server(self, command: Sequence[str], environment: Mapping[str, str], port: int) -> Iterator[None]:
        """A process that listens on a port."""
        log = self.folder / "server.log"
        with log.open("wb") as written:
            process = subprocess.Popen(command, env=environment, cwd=self.folder, stdout=written, stderr=written)
        try:
            while not _listens(port):
                if process.poll() is not None:
                    raise RuntimeError(f"{self.root}: {' '.join(command)} ended at once:\n{log.read_text()}")
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(30)

    def jobs(
        self,
        name: str,
        database: str,
        settings: Mapping[str, str],
        *commands: Sequence[str],
        now: datetime | None = None,
    ) -> None:
        """Run jobs as processes, and keep what they said and a copy of the tables."""
        for command in commands:
            done = subprocess.run(
                [self.python, *COMMAND, *command],
                env=self.environment(database, settings, now),
                cwd=self.folder,
                capture_output=True,
                check=False,
            )
            self.keep(f"{name}: {' '.join(command)}", done.returncode, done.stdout, done.stderr)
        copy = self.folder / f"{name}.copy"
        with closing(sqlite3.connect(self.folder / f"{database}.sqlite3")) as connection:
            connection.execute("VACUUM INTO ?", [str(copy)])
        self.found[name] = copy

    def keep(self, name: str, code: int, out: bytes, err: bytes) -> None:
        """Keep what a command did."""
        self.found[f"command {name}, exit code"] = str(code).encode()
        self.found[f"command {name}, stdout"] = self.without_place(out)
        self.found[f"command {name}, stderr"] = self.without_place(err)

    def without_place(self, text: bytes) -> bytes:
        """A text as the other checkout would have written it in its folder, with its ports, when its jobs ran."""
        text = RAN_AT.sub(rb"\1WHEN", text)
        text = text.replace(str(self.folder).encode(), b"FOLDER")
        return text.replace(b"127.0.0.1:%d" % self.exchange_port, b"127.0.0.1:PORT")

    def call(self, database: str, settings: Mapping[str, str], orders: Sequence[Order]) -> None:
        """Call commands, each in a fork of one process."""
        lines = [json.dumps([order.arguments, order.settings]) for order in orders]
        done = subprocess.run(
            [self.python, str(HERE / "commands.py")],
            input="\n".join(lines).encode(),
            env=self.environment(database, settings),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            check=True,
        )
        for order, line in zip(orders, done.stdout.splitlines(), strict=True):
            code, out, err = json.loads(line)
            texts = (text.encode(errors="surrogateescape") for text in (out, err))
            self.keep(f"{order.state}: {' '.join(order.arguments)}", code, *texts)

    def ask(self, name: str, asked: Sequence[Question]) -> None:
        """Ask the API; status, headers and body are one thing."""
        connection = http.client.HTTPConnection("127.0.0.1", self.api_port, timeout=300)
        for question in asked:
            connection.request(question.method, question.path, headers=dict(question.headers))
            answer = connection.getresponse()
            body = MACHINES_OWN.sub(b"", answer.read()) if question.path == "/metrics" else answer.read()
            left_out = {
                "/metrics": {"content-length"},
                "/quality": {"etag"},
                "/docs": OF_A_FILE,
                "/static/docs.js": OF_A_FILE,
            }
            headers = [(k, v) for k, v in answer.getheaders() if k not in left_out.get(question.path, ())]
            head = "".join(f"{key}: {value}\n" for key, value in sorted(headers))
            self.found[f"{name}: {question}, status"] = str(answer.status).encode()
            if question.path == "/openapi.json":
                self.found["openapi.json"] = body
            else:
                self.found[f"{name}: {question}, headers"] = head.encode()
                self.found[f"{name}: {question}, body"] = self.without_place(body)
        connection.close()


# One after the other, each of both checkouts at the same time; what was found is compared after each.
STAGES: Final = (
    Side.first_run,
    Side.second_run,
    Side.full_database,
    Side.exchange_away,
    Side.another_calendar,
    Side.nothing_stored,
)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def differences(old: Found, new: Found) -> Iterator[tuple[str, str | None]]:
    """Each thing that is compared, and how it differs first; None where it is the same."""
    for name in dict.fromkeys([*old, *new]):
        one, other = old.get(name), new.get(name)
        if isinstance(one, Path) and isinstance(other, Path):
            yield from _tables(name, one, other)
        elif one is None or other is None:
            yield name, f"only the {'new' if one is None else 'old'} checkout has it"
        elif name == "openapi.json":
            found = [*_in_json(json.loads(bytes(one)), json.loads(bytes(other)), "")]
            yield name, "\n    ".join(found) or None
        else:
            yield name, _in_bytes(bytes(one), bytes(other))


def _in_bytes(old: bytes, new: bytes) -> str | None:
    if old == new:
        return None
    place = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = max(0, place - EXCERPT // 2)
    return f"from byte {place} on: {old[start : place + EXCERPT]!r} became {new[start : place + EXCERPT]!r}"


def _in_json(old: Any, new: Any, where: str) -> Iterator[str]:
    """Every difference of two documents."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            if key not in new or key not in old:
                yield f"{where}/{key} is {'no longer' if key in old else 'newly'} there"
            else:
                yield from _in_json(old[key], new[key], f"{where}/{key}")
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for place, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _in_json(one, other, f"{where}/{place}")
    elif old != new:
        yield f"{where}: {json.dumps(old, ensure_ascii=False)} became {json.dumps(new, ensure_ascii=False)}"


def _tables(name: str, old: Path, new: Path) -> Iterator[tuple[str, str | None]]:
    """Every table of two files: how it is defined, and its rows in the order of the primary key.

    When a job ran (`job_runs`) is never the same.
    """
    with closing(sqlite3.connect(old)) as one, closing(sqlite3.connect(new)) as other:
        statement = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
        defined, redefined = dict(one.execute(statement).fetchall()), dict(other.execute(statement).fetchall())
        for table in sorted({*defined, *redefined}):
            before, after = (str(sql.get(table, "")).encode() for sql in (defined, redefined))
            yield f"{name}: definition of {table}", _in_bytes(before, after)
        of_rows = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        of_rows += " AND name <> 'job_runs' ORDER BY name"
        for (table,) in one.execute(of_rows).fetchall():
            if table in redefined:
                yield from _rows(f"{name}: rows of {table}", one, other, table)


def _rows(
    name: str, one: sqlite3.Connection, other: sqlite3.Connection, table: str
) -> Iterator[tuple[str, str | None]]:
    key = [row[0] for row in one.execute("SELECT name FROM pragma_table_info(?) WHERE pk ORDER BY pk", [table])]
    order = ", ".join(f'"{column}"' for column in key) or "rowid"
    cursors = [side.execute(f'SELECT * FROM "{table}" ORDER BY {order}') for side in (one, other)]
    columns = [column[0] for column in cursors[0].description]
    count = 0
    for before, after in zip_longest(*cursors):
        count += 1
        if before != after:
            yield name, f"row {count}: {_in_row(columns, before, after)}"
            return
    yield f"{name} ({count})", None


def _in_row(columns: Sequence[str], before: Sequence[Any] | None, after: Sequence[Any] | None) -> str:
    if before is None or after is None:
        return f"only the {'new' if before is None else 'old'} checkout has it: {before or after}"
    if len(before) != len(after):
        return f"{len(before)} columns became {len(after)}"
    changed = [(c, a, b) for c, a, b in zip(columns, before, after, strict=True) if a != b]
    return f"{before[:2]}: " + ", ".join(f"{column} {a!r} became {b!r}" for column, a, b in changed)


def not_asked(found: Found) -> list[str]:
    """Endpoints and commands that the list of questions has forgotten."""
    document = json.loads(bytes(found["openapi.json"]))
    asked = {question.path.partition("?")[0] for question in questions.ALL}
    missing = [f"endpoint {path}" for path in document["paths"] if path not in asked]
    helped = bytes(found["command full database: --help, stdout"]).decode()
    named = re.findall(r"^    ([a-z]+) ", helped, re.MULTILINE)
    return missing + [f"command {name}" for name in named if name not in questions.NAMES]


def clocks_of(data: Path) -> Clocks:
    """Two moments at the end of the file: in the hour before the last, and eleven days earlier."""
    with gzip.open(data, "rt") if data.suffix == ".gz" else data.open() as lines:
        *_, last = csv.reader(lines)
    late = datetime.fromtimestamp(int(last[0]) / 1000, UTC) - timedelta(minutes=47, seconds=12.25)
    return Clocks(late - timedelta(days=11, hours=3), late)


def free_ports() -> tuple[int, int]:
    """Two ports that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


def compare(old: Path, new: Path, make: Callable[[Path, Path], Side], work: Path) -> int:
    """Print a line for each thing, and return how many differ."""
    folders = work / "old", work / "new"
    for folder in folders:
        folder.mkdir()
    sides = [make(old, folders[0]), make(new, folders[1])]
    count = differing = 0
    forgotten: list[str] = []
    for stage in STAGES:
        with ThreadPoolExecutor(2) as threads:  # the work is done in their processes
            list(threads.map(stage, sides))
        for name, difference in differences(*(side.found for side in sides)):
            count += 1
            differing += difference is not None
            print(f"same       {name}" if difference is None else f"DIFFERENT  {name}\n    {difference}", flush=True)
        if stage is Side.full_database and not sides[0].brief:
            forgotten = list(dict.fromkeys(name for side in sides for name in not_asked(side.found)))
        for side in sides:
            side.found.clear()
    for name in forgotten:
        print(f"NOT ASKED  {name}")
    print(f"{count} things compared, {differing} differ")
    return differing + len(forgotten)


def main() -> int:
    """0 where nothing differs, 1 where something does."""
    parser = argparse.ArgumentParser(prog="compare-checkouts", description=str(__doc__).splitlines()[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--python", default=sys.executable, help="the interpreter of both (default: this one)")
    parser.add_argument(
        "--since", type=date.fromisoformat, default=date(2017, 8, 17), help="a shorter history, quicker"
    )
    parser.add_argument("--brief", action="store_true", help="ask a full database only what all states are asked")
    parser.add_argument("--data", type=Path, help="a file of candles (default: the real ones)")
    options = parser.parse_args()
    real = Path(os.environ.get("BTC_REAL_DATA") or HERE.parents[2] / "shared" / "data") / CANDLES
    data = (options.data or real).resolve()
    if not data.is_file():
        parser.error(f"no candles in {data}; BTC_REAL_DATA names the folder")
    clocks = clocks_of(data)

    def make(root: Path, folder: Path) -> Side:
        told = {"python": options.python, "since": options.since, "brief": options.brief}
        return Side(root.resolve(), folder, data=data, clocks=clocks, **told)

    work = Path(tempfile.mkdtemp(prefix="compare-checkouts-"))
    try:
        return 1 if compare(options.old, options.new, make, work) else 0
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    sys.exit(main())
