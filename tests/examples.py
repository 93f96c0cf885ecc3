"""The real answers that the API's documentation shows: `api/*examples.json`.

`python -m tests.examples` asks the API for them, on the real candles, and writes them. Lists are shortened to the items
that the files hold already; a list without one of those is shortened to as many, and one that is new to two.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from exchange_simulator import GivenMarket
from tests.api.world import REAL_NOW, World

ASKED: Final[Mapping[str, Mapping[str, str]]] = {  # by file and name
    "examples": {
        "statistics": "/statistics?days=2",
        "sessions": "/sessions?from=2023-12-29&to=2023-12-30",
        "history": "/history",
        "today": "/today",
        "symbols": "/symbols",
    },
    "analytics_examples": {
        "cone": "/cone",
        "live": "/live?premium=1200&volatility=1500&range=3000",
        "odds": "/odds?volatility=1500&range=3000&price=43000",
        "straddle": "/straddle?premium=1200",
        "volatility": "/volatility",
        "seasonality": "/seasonality",
        "distribution": "/distribution",
    },
    "forecast_examples": {"forecast": "/forecast?days=1", "scorecard": "/scorecard?since=2021-07-01"},
}
FOLDER: Final = Path(__file__).resolve().parents[1] / "api"
_FIRST: Final = 2
_NAMES: Final = {
    *("date", "elapsed", "elapsed_hours", "weekday", "lookback", "nominal", "metric", "tercile", "low", "high"),
    *("forecast", "window", "made", "symbol"),
}  # what an item of a list is known by


def identity(item: Any) -> Any:
    """What an item of a list is known by."""
    if not isinstance(item, Mapping):
        return item
    names = _NAMES - ({"low", "high"} if item.keys() & {"nominal", "date"} else set())  # there they are results
    return {name: value for name, value in item.items() if name in names}


def shortened(whole: Any, shown: Any) -> Any:
    """An answer with the items of lists and the keys of maps that are shown, and every field."""
    if isinstance(whole, dict):
        if isinstance(shown, dict) and not shown.keys() - whole.keys() and _is_map(whole):
            return {key: shortened(whole[key], shown[key]) for key in shown}
        before = shown if isinstance(shown, dict) else {}
        return {name: shortened(value, before.get(name)) for name, value in whole.items()}
    if isinstance(whole, list):
        known = {json.dumps(identity(item)): item for item in whole}
        if not shown or not known.keys() >= {json.dumps(identity(old)) for old in shown}:
            return [shortened(item, None) for item in whole[: len(shown or ()) or _FIRST]]
        return [shortened(known[json.dumps(identity(old))], old) for old in shown]
    return whole


def _is_map(value: Mapping[str, Any]) -> bool:
    """Whether it has the same shape under each of its keys: estimators, horizons, windows."""
    kinds = {tuple(inner) if isinstance(inner, dict) else None for inner in value.values()}
    return len(kinds) == 1 and None not in kinds and len(value) > 1


def not_simulated(value: Any) -> Any:
    """The same as if it came from the exchange itself."""
    if isinstance(value, dict):
        return {name: False if name == "simulated" else not_simulated(inner) for name, inner in value.items()}
    return [not_simulated(inner) for inner in value] if isinstance(value, list) else value


def main() -> None:
    """Write the files."""
    candles = Path(os.environ.get("BTC_REAL_DATA", "../shared/data")) / "btcusdt_1h_2017_2023.csv.gz"
    with tempfile.TemporaryDirectory() as folder:
        world = World([GivenMarket("BTCUSDT", candles)], f"sqlite:///{folder}/real.sqlite3", REAL_NOW)
        world.run_jobs()
        world.forecast()
        with world.client() as client:
            for file, names in ASKED.items():
                path = FOLDER / f"{file}.json"
                shown = json.loads(path.read_text(encoding="utf-8"))
                answers = {
                    name: not_simulated(shortened(client.get(asked).json(), shown.get(name)))
                    for name, asked in names.items()
                }
                path.write_text(json.dumps(answers, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        world.close()


if __name__ == "__main__":
    main()
