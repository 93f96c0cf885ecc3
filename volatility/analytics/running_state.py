"""From the candles of a running session to the state that the odds start from, at any minute.

`SessionStart` is computed once a session from history; a `SessionState` costs microseconds. Within an open hour the
expected volatility passes smoothly from the forecast at the hour's start to the one at its end. In the latter, the
hour's range so far counts for the part of the hour that has passed, and the expected range for the rest. Where candles
are missing up to now, time stands still at the end of the last one: what has happened meanwhile is still to come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from volatility.analytics.features import (
    HALF_LIVES,
    LAST_HOURS,
    LEVEL_CENTRE,
    LEVERAGE_HOURS,
    Average,
    FeatureTable,
    carry_forward,
    leverage,
    log_level,
    moving_average,
    weekday_dummies,
)
from volatility.analytics.odds import OddsModel, SessionState, elapsed_factor
from volatility.analytics.paths import HOURS
from volatility.domain.arrays import FloatArray, IntArray
from volatility.domain.hours import HOUR_MS

if TYPE_CHECKING:
    from volatility.analytics.panel import HourlyPanel

PART_EXPONENT = 0.53  # of time: an hour's second half is expected to move 0.5 ** 0.53 as far as the hour


@dataclass(frozen=True)
class SessionStart:
    """What history says about one session before its first hour.

    `averages`: states of the moving averages. `prices`: the last 169 hourly prices, newest last. `factors` (24),
    `remaining` (25), `same_hour` (24): of this session's weekday.
    """

    start_ms: int
    end_ms: int
    weekday: int
    averages: tuple[Average, ...]
    prices: FloatArray
    factors: FloatArray
    remaining: FloatArray
    same_hour: FloatArray

    @property
    def shift(self) -> int:
        """Hours by which this session is shorter than 24: the model goes by the time that remains."""
        return HOURS - (self.end_ms - self.start_ms) // HOUR_MS


@dataclass(frozen=True)
class RunningCandles:
    """A running session's candles, the open one last: `open_time_ms` (n) and open, high, low, close (n each)."""

    open_time_ms: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray


def session_start(panel: HourlyPanel, table: FeatureTable, index: int) -> SessionStart:
    """Gather what session `index` of the panel starts from; uses only the sessions before it."""
    past = panel[:index]
    slots = np.minimum(np.arange(panel.width), HOURS - 1)
    line = (np.log(past.high / past.low) / table.factors[:index, slots])[past.scheduled]
    prices = np.concatenate([past.session_open[:1], carry_forward(past.price[:, 1:][past.scheduled])])
    return SessionStart(
        start_ms=int(panel.starts_ms[index]),
        end_ms=int(panel.ends_ms[index]),
        weekday=int(panel.weekdays[index]),
        averages=tuple(moving_average(line, half_life, Average())[1] for half_life in HALF_LIVES),
        prices=prices[-LEVERAGE_HOURS - 1 :],
        factors=table.factors[index],
        remaining=table.remaining[index],
        same_hour=table.rows[index, :, -1],
    )


def session_state(model: OddsModel, start: SessionStart, candles: RunningCandles, now_ms: int) -> SessionState:
    """State of the session at `now_ms`, or where its candles end before that, from its candles so far.

    Raises:
        ValueError: if there is no candle yet, or now lies outside the session.
    """
    if not len(candles.open_time_ms):
        raise ValueError("the session has no candle yet: nothing is known of its open")
    if not start.start_ms <= now_ms <= start.end_ms:
        raise ValueError(f"now must lie in the session, {start.start_ms} to {start.end_ms} ms, got {now_ms}")
    hours = (_known_until(start, candles, now_ms) - start.start_ms) / HOUR_MS
    level = _level(model, start, candles, hours)
    elapsed = min(max(hours + start.shift, 0.0), float(HOURS))
    left = _remaining_at(start, elapsed)
    return SessionState(
        elapsed=elapsed,
        open=float(candles.open[0]),
        price=float(candles.close[-1]),
        high=float(candles.high.max()),
        low=float(candles.low.min()),
        weekday=start.weekday,
        scale=level * left,
        past_scale=level * float(elapsed_factor(start.remaining[0], left)),
    )


def _known_until(start: SessionStart, candles: RunningCandles, now_ms: int) -> int:
    """The instant up to which the session is known: now, the end of the last candle before it, or the session's end."""
    return now_ms if now_ms == start.end_ms else min(now_ms, int(candles.open_time_ms[-1]) + HOUR_MS)


def _remaining_at(start: SessionStart, elapsed: float) -> float:
    """Root of the sum of squared seasonal factors of what remains, an open hour counting for its remaining part."""
    hour = min(int(elapsed), HOURS - 1)
    part = hour + 1 - elapsed
    return float(np.sqrt(part ** (2 * PART_EXPONENT) * start.factors[hour] ** 2 + start.remaining[hour + 1] ** 2))


def _level(model: OddsModel, start: SessionStart, candles: RunningCandles, hours: float) -> float:
    """Expected log range per unit of seasonal factor, between the forecasts of the open hour's two ends."""
    last = (start.end_ms - start.start_ms) // HOUR_MS - 1
    closed = min(int(hours), last)
    done = hours - closed
    ranges, prices = _hourly(start, candles, closed)
    row = session_row(start, ranges[:closed], prices[:closed])
    before = _forecast(model, start, row, closed)
    if done == 0 or closed == last or not np.isfinite(ranges[closed]):
        return float(np.exp(before))
    expected = np.exp(row[LAST_HOURS] + LEVEL_CENTRE) * start.factors[_slot(start, closed)]
    completed = np.sqrt(ranges[closed] ** 2 + (1 - done) * expected**2)
    row = session_row(start, np.append(ranges[:closed], completed), prices)
    after = _forecast(model, start, row, closed + 1)
    return float(np.exp((1 - done) * before + done * after))


def _forecast(model: OddsModel, start: SessionStart, row: FloatArray, hour: int) -> float:
    """Log of the expected level after `hour` closed hours."""
    return float(row @ model.coefficients[_slot(start, hour)])


def _slot(start: SessionStart, hour: int) -> int:
    """Hour of a 24-hour session with as much time left."""
    return min(max(hour + start.shift, 0), HOURS - 1)


def _hourly(start: SessionStart, candles: RunningCandles, closed: int) -> tuple[FloatArray, FloatArray]:
    """Log ranges (NaN where missing) and prices (carried forward) of the closed hours and the open one."""
    at = (candles.open_time_ms - start.start_ms) // HOUR_MS
    inside = (at >= 0) & (at <= closed)
    ranges, prices = np.full(closed + 1, np.nan), np.full(closed + 1, np.nan)
    ranges[at[inside]] = np.log(candles.high / candles.low)[inside]
    prices[at[inside]] = candles.close[inside]
    return ranges, carry_forward(np.append(candles.open[0], prices))[1:]


def session_row(start: SessionStart, log_ranges: FloatArray, prices: FloatArray) -> FloatArray:
    """(K) regressors after the given hours of the session: the live counterpart of `FeatureTable.rows`."""
    hour = len(log_ranges)
    slots = [_slot(start, k) for k in range(hour)]
    line = log_ranges / start.factors[slots]
    levels = [
        log_level(moving_average(line, half_life, state)[0][-1:])[0]
        for half_life, state in zip(HALF_LIVES, start.averages, strict=True)
    ]
    line_of_prices = np.concatenate([start.prices, prices])
    fall = leverage(line_of_prices[-1:], line_of_prices[-LEVERAGE_HOURS - 1 :][:1], np.array(levels[-1:]))
    dummies = weekday_dummies(np.array([start.weekday]))[0]
    return np.concatenate([[1.0], levels, dummies, fall, [start.same_hour[_slot(start, hour)]]])
