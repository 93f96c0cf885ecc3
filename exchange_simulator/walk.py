"""A random walk with Bitcoin's habits, minute by minute: fat tails, clustered volatility, the day's and week's shape.

The variance of an hour is a product: a level, the hour of the day, the day of the week, two mean-reverting factors
(one of weeks, one of hours: volatility clusters on both scales) and a shock of its own, which makes an hour's
returns Student-t. Within the hour the price walks in sixty normal steps.
"""

from __future__ import annotations

import math
import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BLOCK_HOURS = 720
MINUTES = 60
_PRICES_STREAM = 0

_HOUR_SIGMA = 0.00398
"""Standard deviation of an hour's log return on an average hour of an average day."""
_TAIL_DEGREES = 4.5
"""Degrees of freedom of the t distribution of an hour's returns."""
_SLOW_HOURS, _SLOW_SD = 20 * 24.0, 0.38
_FAST_HOURS, _FAST_SD = 8.0, 0.30
_NOISE = 0.25
"""Short-lived moves within the hour, as a share of its sigma: they widen Range and leave Vol alone."""

_ASIA = (1.10, 0.98, 0.92, 0.86, 0.86, 0.85, 0.86, 0.88)
_EUROPE = (0.97, 0.95, 0.96, 0.97)
_AMERICA = (1.12, 1.20, 1.28, 1.24, 1.18, 1.04, 0.98, 1.00, 1.06, 0.98, 0.98, 0.98)
_HOUR_SHAPE = np.array((*_ASIA, *_EUROPE, *_AMERICA))
"""By hour of the day, UTC: from 00, 08 and 12 on; the hours of New York are the busiest."""
_DAY_SHAPE = np.array([1.09, 0.97, 0.68, 0.93, 1.08, 1.06, 1.05])
"""By session from 08:00 UTC, Thursday first as 1970-01-01 was: the one that starts on Saturday is the quietest."""
_SESSION_START_HOUR = 8
_EPOCH_HOUR = 1_502_942_400 // 3600

_FIRST_PRICES = {"BTCUSDT": 4261.48, "ETHUSDT": 301.13, "BNBUSDT": 15.0, "SOLUSDT": 22.0, "XRPUSDT": 20.0}
_GROWTH, _GROWTH_YEARS = math.log(28.0), 4.0
_PULL = 0.08
"""Share of the way back to the long-run trend that a block goes: it keeps prices believable after many years."""

_HOURLY_TURNOVER = 45_000_000.0
"""Quote currency traded in an hour whose Range is `_TYPICAL_RANGE`."""
_TYPICAL_RANGE = 0.0075
_TRADE_SIZE = 900.0
"""Quote currency of an average trade."""


class State(NamedTuple):
    """Where a block ends and the next one starts."""

    log_price: float
    slow: float
    fast: float
    last_price: float


class Block(NamedTuple):
    """Thirty days of one market.

    Attributes:
        path: prices on the cent, shape (720, 61): the hour's first trade, then one at the end of each minute.
        volume: base currency, shape (720,), as are the following.
        average: what the base currency cost on average, volume-weighted.
        trades: how many.
        taker_volume: base currency bought by takers.
        end: what the next block starts from.
    """

    path: Floats
    volume: Floats
    average: Floats
    trades: NDArray[np.int64]
    taker_volume: Floats
    end: State


def first_state(symbol: str) -> State:
    """Where the history of a symbol starts."""
    price = _FIRST_PRICES.get(symbol, 100.0)
    return State(math.log(price), 0.0, 0.0, price)


def walk(seed: int, symbol: str, number: int, start: State) -> Block:
    """Block `number` of a symbol's history, from the state in which the one before ended."""
    rng = np.random.default_rng([seed, _PRICES_STREAM, zlib.crc32(symbol.encode()), number])
    sigma, slow, fast = _sigma(rng, number, start)
    log_path = _log_path(rng, sigma, start.log_price + _drift(symbol, number, start))
    end_log_price = float(log_path[-1, -1])
    log_path[:, :-1] += rng.standard_normal((BLOCK_HOURS, MINUTES - 1)) * (_NOISE * sigma[:, None])
    path = _with_first_trades(rng, np.maximum(np.round(np.exp(log_path), 2), 0.01), start.last_price)
    end = State(end_log_price, slow, fast, float(path[-1, -1]))
    return Block(path, *_traded(rng, path), end)


def _sigma(rng: np.random.Generator, number: int, start: State) -> tuple[Floats, float, float]:
    """Standard deviation of each hour's log return, and the two factors at the end."""
    hours = _EPOCH_HOUR + number * BLOCK_HOURS + np.arange(BLOCK_HOURS)
    slow = _mean_reverting(rng, start.slow, _SLOW_HOURS, _SLOW_SD)
    fast = _mean_reverting(rng, start.fast, _FAST_HOURS, _FAST_SD)
    shock = np.sqrt((_TAIL_DEGREES - 2) / rng.chisquare(_TAIL_DEGREES, BLOCK_HOURS))
    shape = _HOUR_SHAPE[hours % 24] * _DAY_SHAPE[(hours - _SESSION_START_HOUR) // 24 % 7]
    sigma: Floats = _HOUR_SIGMA * shape * np.exp(slow + fast) * shock
    return sigma, float(slow[-1]), float(fast[-1])


def _mean_reverting(rng: np.random.Generator, start: float, memory_hours: float, deviation: float) -> Floats:
    """An AR(1) process around zero with the given memory and long-run standard deviation."""
    keep = math.exp(-1 / memory_hours)
    steps = rng.standard_normal(BLOCK_HOURS) * (deviation * math.sqrt(1 - keep * keep))
    values, value = [], start
    for step in steps.tolist():
        value = keep * value + step
        values.append(value)
    return np.array(values, dtype=np.float64)


def _drift(symbol: str, number: int, start: State) -> Floats:
    """Pull towards the long-run trend, cumulative at the end of each minute, shape (720, 60)."""
    years = number * BLOCK_HOURS / (365.25 * 24)
    trend = first_state(symbol).log_price + _GROWTH * (1 - math.exp(-years / _GROWTH_YEARS))
    per_minute = _PULL * (trend - start.log_price) / (BLOCK_HOURS * MINUTES)
    minutes = np.arange(1, BLOCK_HOURS * MINUTES + 1, dtype=np.float64)
    return per_minute * minutes.reshape(BLOCK_HOURS, MINUTES)


def _log_path(rng: np.random.Generator, sigma: Floats, base: Floats) -> Floats:
    """Log prices at the end of each minute, shape (720, 60)."""
    steps = rng.standard_normal((BLOCK_HOURS, MINUTES)) * (sigma[:, None] / math.sqrt(MINUTES))
    log_path: Floats = base + np.cumsum(steps.ravel()).reshape(BLOCK_HOURS, MINUTES)
    return log_path


def _with_first_trades(rng: np.random.Generator, prices: Floats, last_price: float) -> Floats:
    """Put each hour's first trade in front: the last price of the hour before, or a cent beside it."""
    before = np.concatenate(([last_price], prices[:-1, -1]))
    first = np.maximum(np.round(before + rng.integers(-1, 2, BLOCK_HOURS) * 0.01, 2), 0.01)
    path: Floats = np.concatenate((first[:, None], prices), axis=1)
    return path


def activity(path: Floats) -> Floats:
    """Share of an hour's trades in each of its minutes, shape (…, 60): minutes that move the price hold more."""
    moves = np.abs(np.diff(path, axis=-1))
    weights = moves + moves.mean(axis=-1, keepdims=True) + 0.01
    shares: Floats = weights / weights.sum(axis=-1, keepdims=True)
    return shares


def _traded(rng: np.random.Generator, path: Floats) -> tuple[Floats, Floats, NDArray[np.int64], Floats]:
    """Volume, average price, trades and takers' volume of each hour: busy where the price moves."""
    average = (activity(path) * (path[:, :-1] + path[:, 1:]) / 2).sum(axis=1)
    width = (path.max(axis=1) - path.min(axis=1)) / average
    luck, size, side = rng.standard_normal((3, BLOCK_HOURS))
    turnover = _HOURLY_TURNOVER * (width / _TYPICAL_RANGE + 0.05) ** 1.1 * np.exp(0.35 * luck)
    volume = np.maximum(np.round(turnover / average, 5), 0.00001)
    trades = 1 + (turnover / _TRADE_SIZE * np.exp(0.1 * size)).astype(np.int64)
    share = np.clip(0.5 + 0.04 * np.tanh((path[:, -1] / path[:, 0] - 1) / _TYPICAL_RANGE) + 0.02 * side, 0.3, 0.7)
    return volume, average, trades, np.round(volume * share, 5)
