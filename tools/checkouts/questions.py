"""What both checkouts are asked: paths of the API and commands."""

from __future__ import annotations

from itertools import product
from typing import Final, NamedTuple


class Question(NamedTuple):
    """One request."""

    path: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        told = "".join(f" [{name}: {value}]" for name, value in self.headers)
        return f"{self.method} {self.path}{told}"


# The parameters of each endpoint that has two forms, JSON and CSV: good ones and ones that break a rule.
_TWO_FORMS: Final = {
    "statistics": ("", "days=1", "days=7", "days=400", "days=3650", "days=0", "days=3651", "days=x", "symbol=btcusdt"),
    "sessions": (
        "", "from=2023-12-01", "to=2023-12-05", "from=2023-11-01&to=2023-12-01", "from=2018-02-01&to=2018-02-15",
        "from=2030-01-01", "from=2023-12-05&to=2023-12-01", "from=1", "to=2023-13-01",
    ),
    "cone": ("", "lookback=1", "lookback=20", "lookback=90", "lookback=3650", "lookback=0", "lookback=1.5"),
    "odds": (
        "", "volatility=0", "volatility=500", "volatility=1500.5", "volatility_pct=2.5", "range=3000", "range_pct=0.01",
        "range_pct=5&volatility=800", "volatility=1&volatility_pct=1", "range=1&range_pct=1", "range=-1", "range=nan",
        "volatility=inf", "volatility_pct=1e7",
    ),
    "straddle": (
        "", "premium=1", "premium=700", "premium=1200&strike=42000", "premium=1200&lookback=60", "premium=0",
        "premium=1200&strike=0", "premium=1200&lookback=0", "premium=1e12&strike=1e12", "premium=1e13",
    ),
    "volatility": ("", "symbol=BTCUSDT", "symbol=", "symbol=DOGEUSDT"),
    "seasonality": ("", "lookback=1", "lookback=30", "lookback=365", "lookback=3650", "lookback=4000"),
    "history": ("", "metric=range&window=7", "column=date&column=p90_pct", "window=6", "metric=vol", "column=vol"),
    "distribution": ("", "metric=range&lookback=30", "lookback=3650", "lookback=0", "metric=vol"),
    "forecast": ("", "days=1", "days=10", "days=3650", "days=0"),
    "scorecard": ("", "since=2023-12-01", "since=2021-07-01", "since=2030-01-01", "since=yesterday", "table=all"),
}  # fmt: skip
_TABLES: Final = ("odds", "coverage", "calibration", "variance", "bands", "stored")
_OTHERS: Final = (
    "/today", "/today?symbol=btcusdt", "/today?symbol=NOPE", "/symbols", "/healthz", "/readyz", "/metrics", "/",
    "/live", "/live?premium=1200&lookback=60&volatility=500&volatility=1500&range_pct=3&price=45000", "/live?premium=0",
    "/quality", "/docs", "/docs/", "/openapi.json", "/statistics/", "/cone//", "/nothing", "/statistics?format=xml",
    "/static/docs.js", "/static/nothing", "/redoc",
)  # fmt: skip
_METHODS: Final = (
    Question("/statistics", "HEAD"),
    Question("/today", "HEAD"),
    Question("/nothing", "HEAD"),
    Question("/statistics", "POST"),
    Question("/odds", "DELETE"),
    Question("/today", "OPTIONS"),
    *(Question(path, headers=(("If-None-Match", "*"),)) for path in ("/statistics", "/today", "/volatility", "/cone")),
    Question("/statistics", headers=(("If-None-Match", 'W/"1", "2"'),)),
    Question("/statistics", headers=(("Accept", "text/csv"),)),
    Question("/statistics", headers=(("Accept-Encoding", "gzip"),)),
)


def _in_two_forms(paths: dict[str, tuple[str, ...]]) -> list[Question]:
    asked = [
        (f"/{name}", "&".join(part for part in (query, form) if part))
        for name, queries in paths.items()
        for query, form in product(queries, ("", "format=csv"))
    ]
    return [Question(path + (f"?{query}" if query else "")) for path, query in asked]


# All there is to ask of a full database.
ALL: Final = [
    *_in_two_forms(_TWO_FORMS),
    *(Question(f"/scorecard?format=csv&table={table}") for table in _TABLES),
    *(Question(path) for path in _OTHERS),
    *_METHODS,
]
# What depends on the state of the database, the exchange or the settings.
FEW: Final = [
    *_in_two_forms({"statistics": ("days=40",), "sessions": ("",), "cone": ("",), "odds": ("range_pct=3",)}),
    *_in_two_forms({"straddle": ("premium=900",), "volatility": ("",), "seasonality": ("",), "forecast": ("",)}),
    *_in_two_forms({"scorecard": ("",), "history": ("",), "distribution": ("",)}),
    *(Question(f"/{name}?symbol=ETHUSDT") for name in ("today", "statistics", "cone", "odds", "forecast", "scorecard")),
    *(Question(path) for path in ("/today", "/live", "/quality", "/symbols", "/readyz", "/healthz", "/metrics")),
]

# Commands with their arguments; those that show something are asked in each of their forms.
_VIEWS: Final = {
    "today": ("", "--symbol btcusdt", "--symbol ETHUSDT", "--symbol !"),
    "statistics": ("", "--days 1", "--days 400", "--days 0", "--days x", "--symbol NOPE"),
    "sessions": (
        "", "--from 2023-12-01", "--from 2023-11-01 --to 2023-12-01", "--from 2023-12-01 --to 2023-12-01", "--to x",
    ),
    "cone": ("", "--lookback 1", "--lookback 90", "--lookback 0"),
    "odds": (
        "", "--volatility 0", "--volatility 800 --range 1500", "--volatility-pct 2.5", "--range-pct 5",
        "--volatility 1 --volatility-pct 1", "--range -1",
    ),
    "straddle": ("", "--premium 700", "--premium 1200 --strike 42000", "--premium 1200 --lookback 60", "--premium 0"),
    "volatility": ("",),
    "seasonality": ("", "--lookback 30", "--lookback 4000"),
    "forecast": ("", "--days 1", "--days 3650", "--days 0"),
    "scorecard": ("", "--since 2023-12-01", "--since 2030-01-01", "--since x", "--table all"),
    "quality": ("",),
}  # fmt: skip
_SERVERS: Final = (
    "serve --port x", "serve --port 70000", "serve --host 203.0.113.7", "run --port -1", "demo --seed x",
)  # fmt: skip
_JOBS: Final = (
    "", "--version", "nothing", "backfill --dry-run", "backfill --since x", "backfill --refetch", "backfill --symbol ?",
    "backfill --since 2023-12-01 --until 2023-11-01", "backfill --refetch --since 2023-12-30 --dry-run",
    "backfill --recheck-gaps", "backfill --symbol NOPE", "aggregate", "aggregate --symbol NOPE", "aggregate --window 3",
    "migrate", "bans", "bans --json", "bans --lift", "bans --lift --json",
)  # fmt: skip
NAMES: Final = ("backfill", "aggregate", "migrate", *_VIEWS, "bans", "serve", "run", "demo")
_FORMS: Final[tuple[list[str], ...]] = ([], ["--json"], ["--csv"])
# The views as they are called without arguments, as tables and in each of their forms.
TABLES: Final = [[name] if name != "straddle" else [name, "--premium", "900"] for name in _VIEWS]
VIEWS: Final = [[*view, *form] for view in TABLES for form in _FORMS]
COMMANDS: Final = [
    *([name, *call.split(), *form] for name, calls in _VIEWS.items() for call in calls for form in _FORMS),
    *(["scorecard", "--table", table, *form] for table in _TABLES for form in _FORMS),
    ["--help"],
    *([name, "--help"] for name in NAMES),
    *(command.split() for command in (*_JOBS, *_SERVERS)),
]
# Settings that break a rule, and commands that say so.
_BROKEN: Final = {
    "SYMBOLS": "A,,B", "SESSION_START": "25:00", "SESSION_TIMEZONE": "Mars/Olympus", "WINDOWS": "0",
    "HISTORY_START": "2017", "DATABASE_URL": "oracle://h/d", "BINANCE_URLS": "ftp://x", "LOG_LEVEL": "LOUD",
    "FORECASTS": "maybe", "API_PORT": "x", "TODAY_CACHE_SECONDS": "-1",
}  # fmt: skip
WRONG: Final = [
    (name, value, command)
    for name, value in _BROKEN.items()
    for command in (["statistics"], ["migrate"], ["serve", "--host", "203.0.113.7"])
]
