"""Real answers of the analytic endpoints, shortened lists, for the documentation: BTCUSDT on 2023-12-30, 20:20 UTC."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_EXAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "analytics_examples.json").read_text(encoding="utf-8"))

CONE: dict[str, Any] = _EXAMPLES["cone"]
ODDS: dict[str, Any] = _EXAMPLES["odds"]
STRADDLE: dict[str, Any] = _EXAMPLES["straddle"]
VOLATILITY: dict[str, Any] = _EXAMPLES["volatility"]
SEASONALITY: dict[str, Any] = _EXAMPLES["seasonality"]
