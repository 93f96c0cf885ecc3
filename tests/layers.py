"""Which room of the library may import which: the table that `test_imports.py` holds and `docs/architecture.md` shows.

`python -m tests.layers` writes the table and the picture into that page.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "architecture.md"
_PLACE: Final = re.compile(r"(?<=<!-- layers -->\n).*(?=<!-- end of layers -->)", re.DOTALL)


class Room(NamedTuple):
    """What lies in it, and what it may import: of our rooms besides itself, and of others' packages."""

    holds: str
    ours: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def may_import(self) -> str:
        """Both in words."""
        return ", ".join([*(f"`{name}`" for name in self.ours), *self.others]) or "the standard library"


ROOMS: Final[dict[str, Room]] = {
    "domain": Room(
        "series, calendar, candles, sessions, windows, metrics, errors: the words of the trade and the rules that "
        "numbers keep, without input or output",
        others=("numpy",),
    ),
    "analytics": Room(
        "mathematics: cone, odds, straddle, estimators, seasonality, forecasts, scores over an hourly panel",
        ("domain",),
        ("numpy",),
    ),
    "exchange": Room(
        "the exchange's client: within a time and a size, through proxies, with waits and bans",
        ("domain",),
        ("requests", "urllib3", "certifi"),
    ),
    "storage": Room(
        "tables, migrations, transactions, the statements that read and write",
        ("domain", "analytics", "exchange"),
        ("sqlalchemy", "pymysql", "alembic", "numpy"),
    ),
    "settings": Room(
        "the environment and `.env` as one immutable object",
        ("domain", "exchange", "storage"),
    ),
    "presentation": Room(
        "the catalogue of fields, and how answers are shown: digits, flat rows, progress",
        ("domain", "analytics"),
        ("rich",),
    ),
    "jobs": Room(
        "what writes: backfill, aggregation, forecasts and scores",
        ("domain", "analytics", "exchange", "storage"),
        ("numpy", "sqlalchemy"),
    ),
    "queries": Room(
        "what reads: closed sessions, the running session, and every answer about them",
        ("domain", "analytics", "exchange", "storage", "presentation"),
        ("numpy", "sqlalchemy"),
    ),
    "bootstrap": Room(
        "from the settings to a database and an exchange",
        ("domain", "exchange", "storage", "settings"),
    ),
    "frames": Room(
        "what is stored as pandas DataFrames, for notebooks",
        ("domain", "storage", "settings", "presentation", "queries", "bootstrap"),
        ("pandas",),
    ),
    "server": Room(
        "the API and a scheduler in one process; the demo",
        (
            "domain", "exchange", "storage", "settings", "presentation", "jobs", "bootstrap",
            "api", "exchange_simulator",
        ),
        ("apscheduler", "uvicorn"),
    ),
    "cli": Room(
        "the commands",
        (
            "domain", "exchange", "storage", "settings", "presentation", "jobs", "queries", "bootstrap", "server",
        ),
        ("rich",),
    ),
    "api": Room(
        "FastAPI: parse, call, render",
        ("domain", "exchange", "storage", "settings", "presentation", "queries", "bootstrap"),
        ("fastapi", "pydantic", "prometheus_client", "cachetools", "brotli"),
    ),
    "scripts": Room("the two jobs of the container image", ("cli",)),
    "dags": Room("Airflow: a schedule, an image, a command", others=("airflow", "docker", "btc_jobs")),
    "exchange_simulator": Room("a simulated exchange on a socket, for the demo and the tests", others=("numpy",)),
}  # fmt: skip
# Folders at the top of the repository; all other rooms are in `volatility/`.
AT_THE_TOP: Final = ("api", "scripts", "dags", "exchange_simulator")


def floors() -> list[list[str]]:
    """The rooms by floor: each stands on lower floors only."""
    left: dict[str, Room] = dict(ROOMS)
    done: list[list[str]] = []
    while left:
        placed = {name for floor in done for name in floor}
        floor = [name for name, room in left.items() if set(room.ours) <= placed]
        if not floor:
            raise ValueError(f"a circle among {', '.join(left)}")
        done.append(floor)
        for name in floor:
            del left[name]
    return done


def arrows() -> list[tuple[str, str]]:
    """Who may import whom, without those that follow from others."""

    def reach(name: str) -> set[str]:
        return {far for near in ROOMS[name].ours for far in (near, *reach(near))}

    return [
        (name, near)
        for name, room in ROOMS.items()
        for near in room.ours
        if not any(near in reach(other) for other in room.ours if other != near)
    ]


def page_part() -> str:
    """The table and the picture as Markdown."""
    rows = [
        f"| `{name if name in AT_THE_TOP else f'volatility.{name}'}` | {room.holds} | {room.may_import} |"
        for name, room in ROOMS.items()
    ]
    drawn = [f"    {name} --> {near}" for name, near in arrows()]
    alone = [f"    {name}" for name, room in ROOMS.items() if not room.ours and not _is_used(name)]
    return "\n".join([
        "| room | what lies in it | may import |", "| --- | --- | --- |", *rows, "",
        f"The same as a picture, arrows that follow from others left out; {len(floors())} floors:", "",
        "```mermaid", "flowchart TD", *drawn, *alone, "```", "",
    ])  # fmt: skip


def _is_used(name: str) -> bool:
    return any(name in room.ours for room in ROOMS.values())


def written(text: str) -> str:
    """The page with the table and the picture of today."""
    return _PLACE.sub(lambda _: page_part(), text)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
