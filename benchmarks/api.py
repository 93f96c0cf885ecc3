"""The API under load, one worker, in turn with a bare endpoint that answers with the same bytes."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Final

import requests

from benchmarks.common import AGGREGATE, Bench, say
from benchmarks.databases import Databases
from benchmarks.processes import ROOT, BenchmarkFailed, finished, last_line, server
from benchmarks.results import Endpoint, Load

CLIENTS: Final = (1, 16, 50)
PATHS: Final = {"statistics": "/statistics?days=30", "today": "/today"}
_LOAD: Final = Path(__file__).parent / "load.py"


def measure(bench: Bench) -> list[Endpoint]:
    """Every path with every number of clients: the bare endpoint, then ours on each kind of database."""
    with ExitStack() as stack:
        urls = {
            databases.name: stack.enter_context(_server(bench, "api.main:app", _prepared(bench, databases)))
            for databases in bench.databases
        }
        stack.enter_context(bench.exchange.slow())
        sizes = _keep_answers(next(iter(urls.values())), bench.folder)
        bare_url = stack.enter_context(_server(bench, "benchmarks.bare_api:app", {"BARE_ANSWERS": str(bench.folder)}))
        endpoints = []
        for name, path in PATHS.items():
            for clients in CLIENTS:
                bare = _load(bench, bare_url + path, clients)
                for database, url in urls.items():
                    load = _load(bench, url + path, clients)
                    endpoints.append(Endpoint(path, database, clients, sizes[name], load, bare))
                    share = f"{endpoints[-1].share:.2f} of the bare endpoint"
                    say(f"  {path}, {clients} clients, {database}: p99 {load.p99_ms:.1f} ms, {share}")
        return endpoints


def _prepared(bench: Bench, databases: Databases) -> Mapping[str, str]:
    """The settings of an API over history that is backfilled and aggregated; what is asked rests on no forecast."""
    url = bench.copy_of_history(databases)
    bench.run(AGGREGATE, url, FORECASTS="off")
    return bench.settings(url)


def _server(bench: Bench, app: str, settings: Mapping[str, str]) -> AbstractContextManager[str]:
    """One uvicorn worker."""
    command = [sys.executable, "-m", "uvicorn", app, "--app-dir", str(ROOT), "--port", "0", "--no-access-log"]
    return server(command, bench.folder, settings)


def _keep_answers(url: str, folder: Path) -> dict[str, int]:
    """Keep the bytes that the bare endpoint is to send; how many they are."""
    sizes = {}
    for name, path in PATHS.items():
        answer = requests.get(url + path, timeout=10)
        answer.raise_for_status()
        (folder / f"{name}.json").write_bytes(answer.content)
        sizes[name] = len(answer.content)
    return sizes


def _load(bench: Bench, url: str, clients: int) -> Load:
    command = [sys.executable, "-P", str(_LOAD), url, str(clients), str(bench.seconds)]
    done = finished(command, bench.folder, {})
    if done.returncode:
        raise BenchmarkFailed(f"the load failed: {last_line(done.stderr)}")
    result = json.loads(done.stdout)
    if errors := result.pop("errors"):
        raise BenchmarkFailed(f"{url} with {clients} clients: {errors}")
    return Load(**result)
