"""Real answers, for the documentation: the sessions of 2023-12-29 and 2023-12-30 of BTCUSDT."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_EXAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))

STATISTICS: dict[str, Any] = _EXAMPLES["statistics"]
SESSIONS: dict[str, Any] = _EXAMPLES["sessions"]
TODAY: dict[str, Any] = _EXAMPLES["today"]
SYMBOLS: dict[str, Any] = _EXAMPLES["symbols"]
SESSION: dict[str, Any] = SESSIONS["sessions"][0]
WINDOW: dict[str, Any] = STATISTICS["sessions"][0]["statistics"]["volatility"]["5"]
