"""Where the test of a module lies: under its own name in the mirrored folder, or where `ELSEWHERE` says.

`test_mirror.py` holds the table to the files that there are. A package's ``__init__`` and ``__main__`` are not listed:
the tests in the folder of its name hold them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[1]
MIRRORED: Final = ("volatility", "api", "exchange_simulator", "dags", "scripts")


class Held(NamedTuple):
    """The test file that holds a module, and why it has another name where that is not obvious."""

    test: str
    why: str = ""


ELSEWHERE: Final[dict[str, Held]] = {
    "api/app.py": Held(
        "tests/api/test_documentation.py", "the document and the pages; what it installs has tests of its own"
    ),
    "api/examples.py": Held("tests/api/test_documentation.py"),
    "api/models.py": Held("tests/api/test_documentation.py", "every answer is held to its model there"),
    "api/routes.py": Held(
        "tests/api/test_closed_sessions.py", "its other routes: `test_today.py`, `test_freshness.py`"
    ),
    "api/service.py": Held(
        "tests/api/test_freshness.py",
        "it wires what is tested in `test_running.py`, `test_caching.py` and `test_shared.py`",
    ),
    "api/stored.py": Held("tests/api/test_caching.py", "ETags, and what is kept for how long"),
    "dags/btc_daily_aggregation.py": Held(
        "tests/dags/test_dag_policy.py", "one policy for all DAGs, as Airflow sees them"
    ),
    "dags/btc_hourly_fetch.py": Held("tests/dags/test_dag_policy.py"),
    "dags/btc_jobs.py": Held("tests/dags/test_dag_policy.py"),
    "dags/btc_maintenance.py": Held("tests/dags/test_dag_policy.py"),
    "exchange_simulator/answers.py": Held(
        "tests/exchange_simulator/test_faults.py", "each way of delivery, over a socket"
    ),
    "exchange_simulator/exchange.py": Held(
        "tests/exchange_simulator/test_klines.py", "what it answers; its orders of faults: `test_faults.py`"
    ),
    "exchange_simulator/presets.py": Held("tests/exchange_simulator/test_faults.py", "a preset is a fault with a name"),
    "exchange_simulator/server.py": Held(
        "tests/exchange_simulator/test_faults.py", "how bytes get to the client, over a socket"
    ),
    "scripts/backfill_script.py": Held("tests/cli/test_jobs.py", "run as the image runs it, beside the commands"),
    "scripts/session_aggregator.py": Held("tests/cli/test_jobs.py"),
    "volatility/cli/bans.py": Held("tests/faults/test_network_faults.py", "a ban that a job heard is shown and lifted"),
    "volatility/cli/views_analytics.py": Held("tests/cli/test_analytics.py", "the commands with their tables"),
    "volatility/cli/views_quality.py": Held("tests/cli/test_views.py", "one command, beside the others"),
    "volatility/cli/views_forecast.py": Held("tests/cli/test_forecast.py", "the commands with their tables"),
    "volatility/domain/arrays.py": Held("tests/analytics/test_distribution.py", "names of types alone"),
    "volatility/exchange/clock.py": Held(
        "tests/exchange/test_binance.py", "three functions of the machine, which tests replace"
    ),
    "volatility/presentation/catalogue/analytics.py": Held("tests/presentation/test_fields.py", "entries alone"),
    "volatility/presentation/catalogue/live.py": Held("tests/presentation/test_fields.py", "entries alone"),
    "volatility/presentation/catalogue/odds.py": Held("tests/presentation/test_fields.py", "entries alone"),
    "volatility/presentation/catalogue/straddle.py": Held("tests/presentation/test_fields.py", "entries alone"),
    "volatility/presentation/catalogue/forecasts.py": Held("tests/presentation/test_fields.py"),
    "volatility/presentation/catalogue/history.py": Held("tests/presentation/test_fields.py"),
    "volatility/presentation/catalogue/quality.py": Held("tests/presentation/test_fields.py"),
    "volatility/presentation/catalogue/problems.py": Held("tests/api/test_problem_kinds.py", "reached by requests"),
    "volatility/presentation/catalogue/service.py": Held("tests/presentation/test_fields.py"),
    "volatility/presentation/catalogue/sessions.py": Held("tests/presentation/test_fields.py"),
    "volatility/queries/quality.py": Held("tests/api/test_quality.py", "as the API answers it, on real history too"),
    **{
        f"volatility/presentation/words/{name}.py": Held("tests/presentation/test_words.py", "entries alone")
        for name in ("first_screen", "meanings", "model", "names", "panels", "states")
    },
    "volatility/storage/ban_rows.py": Held(
        "tests/storage/test_ban_book.py", "the rows of the book of bans, by the book's ways alone"
    ),
    "volatility/storage/files.py": Held("tests/storage/test_database.py", "SQLite as one of two kinds of database"),
    "volatility/storage/refusals.py": Held(
        "tests/storage/test_passing_errors.py",
        "those that pass; the words of the others: `test_logins.py`, `test_database.py`",
    ),
    "volatility/storage/schema.py": Held("tests/storage/test_migrate.py", "the migrations must give the same tables"),
    "volatility/storage/server.py": Held(
        "tests/storage/test_logins.py", "a real server, with logins and TLS of each kind"
    ),
    "volatility/storage/session_rows.py": Held(
        "tests/storage/test_candle_rows.py", "sessions beside the candles that they come from"
    ),
    "volatility/storage/tls.py": Held("tests/storage/test_logins.py", "TLS of each kind, with the logins"),
}


def mirrored_modules() -> list[str]:
    """The modules that are to have a test, as paths from the root; what Alembic runs is no module of ours."""
    found = [file.relative_to(ROOT) for top in MIRRORED for file in (ROOT / top).rglob("*.py")]
    return sorted(
        file.as_posix() for file in found if not file.stem.startswith("__") and "migrations" not in file.parts
    )


def own_test(module: str) -> str:
    """The test file of a module's own name."""
    *folders, name = module.removeprefix("volatility/").split("/")
    return "/".join(["tests", *folders, f"test_{name}"])


def complaints(modules: Collection[str], tests: Collection[str], elsewhere: Mapping[str, Held]) -> list[str]:
    """What is wrong between modules, test files and the table, each with what to do."""
    found = []
    for module in modules:
        own = own_test(module)
        if own not in tests and module not in elsewhere:
            found.append(f"{module} has no test: write {own}, or name the file that holds it in tests/mirror.py")
    for module, held in elsewhere.items():
        if module not in modules:
            found.append(f"{module} is no module: take its row out of tests/mirror.py")
        elif own_test(module) in tests:
            found.append(f"{module} has {own_test(module)}: take its row out of tests/mirror.py")
        elif held.test not in tests:
            found.append(f"{held.test} is not there, and tests/mirror.py says that it holds {module}: name another")
    return found
