"""How each session went on after k closed hours, and what it had done until then, in log units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from volatility.analytics.panel import HourlyPanel
    from volatility.domain.arrays import FloatArray

HOURS = 24  # of the sessions that are modelled; those of 23 and 25 hours teach nothing but the moving averages


@dataclass(frozen=True)
class SessionPaths:
    """Paths around each elapsed hour k = 0 to 23 of each session, all (S, 24).

    `close`, `high`, `low`: log of the final, highest and lowest later price over the price after k hours (high >= 0,
    low <= 0). `moved`: log of the price after k hours over the open. `ranged`: log of running high over running low.
    `prices` (S, 25): log of the price after k hours. `highest`, `lowest` (S, 24): log of each hour's extremes, NaN
    where it has no candle.
    """

    close: FloatArray
    high: FloatArray
    low: FloatArray
    moved: FloatArray
    ranged: FloatArray
    prices: FloatArray
    highest: FloatArray
    lowest: FloatArray


def session_paths(panel: HourlyPanel) -> SessionPaths:
    """Compute the paths of every session and elapsed hour; NaN for sessions without candles."""
    high = np.fmax.accumulate(panel.high[:, HOURS - 1 :: -1], axis=1)[:, ::-1]
    low = np.fmin.accumulate(panel.low[:, HOURS - 1 :: -1], axis=1)[:, ::-1]
    now = panel.price[:, :HOURS]
    return SessionPaths(
        close=np.log(panel.price[:, [HOURS]] / now),
        high=np.log(np.fmax(high, now) / now),
        low=np.log(np.fmin(low, now) / now),
        moved=np.log(now / panel.session_open[:, None]),
        ranged=np.log(panel.running_high[:, :HOURS] / panel.running_low[:, :HOURS]),
        prices=np.log(panel.price[:, : HOURS + 1]),
        highest=np.log(panel.high[:, :HOURS]),
        lowest=np.log(panel.low[:, :HOURS]),
    )
