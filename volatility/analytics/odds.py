"""Odds of the session's final Vol and Range from any minute of it, by filtered historical simulation.

How did past sessions go on from about the same elapsed time? Each such path is divided by the volatility that was
expected for it then, multiplied by the one that is expected now, and laid onto today's price, high and low
(Barone-Adesi, Giannopoulos and Vosper 1999). Three choices, each with one constant, decide how much a past path counts:
recency, whether it is a Saturday like today, and how alike the session so far was (its range and its move, relative to
expectation). A path whose session had moved the other way until then is mirrored, so the sign of the market's history
plays no part; at the open every path counts in both directions. Nothing is random.

What past odds got wrong on average corrects the next ones: see `recalibration`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from volatility.analytics.distribution import Distribution, Interval, from_samples, nested_intervals, weighted_sum
from volatility.analytics.features import FeatureTable
from volatility.analytics.numerics import MEMORY_SESSIONS, TIE, decay_weights
from volatility.analytics.paths import HOURS, SessionPaths
from volatility.analytics.recalibration import Recalibration
from volatility.analytics.regression import fitted_levels, walk_forward
from volatility.domain.arrays import BoolArray, FloatArray, IntArray
from volatility.domain.metrics import INTERVAL_LEVELS, METRICS, RANGE, Metric

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

QUIET_WEEKDAY = 5  # sessions that start on Saturday
OTHER_KIND = 0.1  # weight of a path from the other kind of day
LIKENESS = 0.5  # bandwidth of the kernel on the session so far, in log units
SMALL = 0.1  # added before the logarithm: differences between small moves do not matter
POOL_HOURS = 2.5  # paths from elapsed times less than this apart are used, the nearer the more
MIN_SESSIONS = 180  # fewer past sessions than this give no distribution
NEGLIGIBLE = 1e-3  # paths of smaller relative weight are left out


@dataclass(frozen=True)
class HourPaths:
    """Past sessions' remaining paths from one elapsed hour, in units of their own expected log range (N each).

    `session`: its index. `close`, `high`, `low`: log of the later price over the price at that hour. `sign`: of the
    move so far. `moved` and `ranged`: log of the move and range so far in units of expectation. `weight`: recency;
    `quiet`: is it a Saturday.
    """

    session: IntArray
    close: FloatArray
    high: FloatArray
    low: FloatArray
    sign: FloatArray
    moved: FloatArray
    ranged: FloatArray
    weight: FloatArray
    quiet: BoolArray


@dataclass(frozen=True)
class SessionState:
    """What has happened in a session: prices in quote currency, `elapsed` in hours (0 to 24).

    `scale` is the expected log range of the remaining time and `past_scale` of the time so far (see `forecast_scale`).
    """

    elapsed: float
    open: float
    price: float
    high: float
    low: float
    weekday: int
    scale: float
    past_scale: float

    @property
    def full_scale(self) -> float:
        """The log range of the whole session that is expected by now."""
        return math.hypot(self.scale, self.past_scale)


@dataclass(frozen=True)
class Odds:
    """Predictive distribution of a session's end, in percent of its open.

    `move`: final price less open, signed. `volatility`: its absolute value. `range`: final high less low; never below
    the range so far. `sessions`: how many past sessions could contribute, `effective` how many of equal weight they
    are worth. `levels` (2, 3): at which the 50, 80 and 90 % intervals of Vol and Range are asked for. `samples`: what
    the distributions are made of.
    """

    move: Distribution
    volatility: Distribution
    range: Distribution
    sessions: int
    effective: float
    levels: FloatArray
    samples: Samples

    def intervals(self, metric: Metric) -> list[Interval]:
        """The intervals of a metric that held the outcome in the past as often as 50, 80 and 90 %."""
        return nested_intervals(self.of(metric), self.levels[METRICS.index(metric)].tolist())

    def of(self, metric: Metric) -> Distribution:
        """The distribution of a metric."""
        return self.range if metric == RANGE else self.volatility

    def touches(self, level: float, now: float) -> float:
        """P(the price is at a level at some time from now on); both less open, in percent of it."""
        reached = self.samples.high >= level - TIE if level >= now else self.samples.low <= level + TIE
        return weighted_sum(self.samples.weight, reached.astype(np.float64)) / float(np.sum(self.samples.weight))


class Finals(NamedTuple):
    """The distributions of the final Vol and Range, and the levels of their intervals as in `Odds`."""

    volatility: Distribution
    range: Distribution
    levels: FloatArray

    def of(self, metric: Metric) -> Distribution:
        """The distribution of a metric."""
        return self.range if metric == RANGE else self.volatility


class _Paths(NamedTuple):
    """Paths of the remaining time: log of close, high and low over the price, and their weights (N).

    `session`, `hour` (N): of which session, and from which elapsed hour of it; `mirrored` (N): turned upside down.
    """

    close: FloatArray
    high: FloatArray
    low: FloatArray
    weight: FloatArray
    session: IntArray
    hour: IntArray
    mirrored: BoolArray


class _Onward(NamedTuple):
    """Log of price, highest and lowest over the price at each path's start (3, 25, N), by elapsed hour of its session.

    The extremes are those since the start; at that hour and before it they are 0. `begun`: which of the paths begin at
    an elapsed hour.
    """

    seen: FloatArray
    begun: dict[int, slice]

    def when(self, left: float) -> FloatArray:
        """The three (3, N) when a share of each path's time is left (0 to 1); between full hours interpolated."""
        found = np.empty((3, self.seen.shape[2]))
        for hour, those in self.begun.items():
            elapsed = HOURS - left * (HOURS - hour)
            last = min(int(elapsed), HOURS - 1)
            part = elapsed - last
            found[:, those] = (1 - part) * self.seen[:, last, those] + part * self.seen[:, last + 1, those]
        return found


class Samples(NamedTuple):
    """Ends of the session, in percent of its open, their weights and the sessions they are of (N each).

    `move`: final price less open. `range`: final high less low. `high`, `low`: the highest and lowest price from now
    on, less open.
    """

    move: FloatArray
    range: FloatArray
    high: FloatArray
    low: FloatArray
    weight: FloatArray
    session: IntArray


@dataclass(frozen=True)
class OddsModel:
    """Everything that does not depend on the minute, fitted on sessions before one session.

    `coefficients` (24, K) of the volatility regression after k closed hours; `paths` by elapsed hour; `sessions`:
    how many could contribute; `library`: how each of them went on, hour by hour.
    """

    coefficients: FloatArray
    paths: dict[int, HourPaths]
    sessions: int
    library: PathLibrary

    def predict(self, state: SessionState, recalibration: Recalibration) -> Odds:
        """Distribution of the final move, Vol and Range; as time runs out it shrinks onto the present values.

        `recalibration`: what the session starts with.
        """
        if state.elapsed >= HOURS or state.scale <= 0:
            return _certain(state, self.sessions)
        found = _ends(self._laid_out(state, recalibration), state, recalibration)
        by_session = np.bincount(found.session, found.weight)
        return Odds(
            from_samples(found.move, found.weight),
            from_samples(np.abs(found.move), found.weight),
            from_samples(found.range, found.weight),
            self.sessions,
            float(by_session.sum() ** 2 / np.sum(by_session**2)),
            recalibration.interval_levels(state.elapsed),
            found,
        )

    def fan(self, state: SessionState, recalibration: Recalibration, hours: Sequence[float]) -> list[Finals]:
        """The distributions of Vol and Range so far after each of some elapsed hours from now to 24.

        From the same paths and weights as `predict`; those after 24 hours are its distributions. A path that began at
        another elapsed hour than now is stretched or pressed, so that it ends with the session.
        """
        if state.elapsed >= HOURS or state.scale <= 0:
            over = _certain(state, self.sessions)
            return [Finals(over.volatility, over.range, over.levels) for _ in hours]
        paths = self._laid_out(state, recalibration)
        final = _ends(paths, state, recalibration)
        onward = _onward(self.library.seen, paths)
        of_close, of_extremes = (
            factor * state.scale / self.library.ahead[paths.session, paths.hour]
            for factor in recalibration.factors(state.elapsed, state.full_scale)
        )
        levels, percent = recalibration.interval_levels(state.elapsed), 100 / state.open
        columns = []
        for hour in hours:
            if hour >= HOURS:
                move, ranged = final.move, final.range
            else:
                close, high, low = onward.when((HOURS - hour) / (HOURS - state.elapsed))
                high, low = high * of_extremes, low * of_extremes
                move = (state.price * np.exp(np.clip(close * of_close, low, high)) - state.open) * percent
                top = np.maximum(state.price * np.exp(high), state.high)
                ranged = (top - np.minimum(state.price * np.exp(low), state.low)) * percent
            columns.append(Finals(from_samples(np.abs(move), final.weight), from_samples(ranged, final.weight), levels))
        return columns

    def finals(self, state: SessionState, recalibration: Recalibration) -> Finals:
        """The distributions of Vol and Range alone: a third less work than `predict`; time must be left."""
        found = _ends(self._laid_out(state, recalibration), state, recalibration)
        metrics = from_samples(np.abs(found.move), found.weight), from_samples(found.range, found.weight)
        return Finals(*metrics, recalibration.interval_levels(state.elapsed))

    def _laid_out(self, state: SessionState, recalibration: Recalibration) -> _Paths:
        """Log moves of the remaining time and the weights of all contributing paths."""
        parts = []
        for hour, paths in self.paths.items():
            nearness = 1 - abs(hour - state.elapsed) / POOL_HOURS
            if nearness > 0:
                parts.append(_contribution(paths, state, hour, nearness))
        found = _Paths(*(np.concatenate(column) for column in zip(*parts, strict=True)))
        kept = found.weight > NEGLIGIBLE * found.weight.max()
        close, high, low, *others = (column[kept] for column in found)
        of_close, of_extremes = (
            state.scale * factor for factor in recalibration.factors(state.elapsed, state.full_scale)
        )
        high, low = high * of_extremes, low * of_extremes
        return _Paths(np.clip(close * of_close, low, high), high, low, *others)


def _ends(paths: _Paths, state: SessionState, recalibration: Recalibration) -> Samples:
    """How the session may end, path by path."""
    close, high, low = (state.price * np.exp(part) for part in (paths.close, paths.high, paths.low))
    percent = 100 / state.open
    ranges = (np.maximum(high, state.high) - np.minimum(low, state.low)) * percent
    so_far = (state.high - state.low) * percent
    flat = ranges <= so_far + TIE
    said = float(paths.weight[flat].sum() / paths.weight.sum())
    weight = _reweighted(paths.weight, flat, said, recalibration.no_growth(said, state.elapsed))
    move, top, bottom = ((price - state.open) * percent for price in (close, high, low))
    return Samples(move, ranges, top, bottom, weight, paths.session)


def _onward(seen: SessionPaths, paths: _Paths) -> _Onward:
    """How the contributing paths went on, hour by hour, in their own units; `paths` are in the order of their hours."""
    start = seen.prices[paths.session, paths.hour]
    within = np.arange(HOURS)[:, None] >= paths.hour
    found = np.zeros((3, HOURS + 1, len(start)))
    close, high, low = found
    close[:] = seen.prices.T[:, paths.session] - start
    for extreme, hourly, pick in ((high, seen.highest, np.fmax), (low, seen.lowest, np.fmin)):
        known = np.where(within, hourly.T[:, paths.session] - start, 0.0)
        pick.accumulate(pick(known, 0.0), axis=0, out=extreme[1:])
    turned = paths.mirrored
    close[:, turned] *= -1
    high[:, turned], low[:, turned] = -low[:, turned], -high[:, turned]
    bounds = np.searchsorted(paths.hour, np.arange(HOURS + 1)).tolist()
    begun = {hour: slice(first, end) for hour, (first, end) in enumerate(pairwise(bounds)) if first < end}
    return _Onward(found, begun)


def _reweighted(weight: FloatArray, flat: BoolArray, said: float, right: float) -> FloatArray:
    """Weights by which the flat paths together have the probability `right`, where they have `said`."""
    if not 0 < said < 1:
        return weight
    return weight * np.where(flat, right / said, (1 - right) / (1 - said))


def _certain(state: SessionState, sessions: int) -> Odds:
    """The distribution when no time is left: what has happened."""
    move = np.array([(state.price - state.open) / state.open * 100])
    ranged = np.array([(state.high - state.low) / state.open * 100])
    levels = np.tile(np.array(INTERVAL_LEVELS), (len(METRICS), 1))
    samples = Samples(move, ranged, move, move, np.ones(1), np.zeros(1, np.int64))
    return Odds(from_samples(move), from_samples(np.abs(move)), from_samples(ranged), sessions, 1.0, levels, samples)


def relative_log(size: FloatArray | float, expected: FloatArray | float) -> FloatArray:
    """Log of a move or range in units of its expectation, flattened near zero."""
    return np.log(np.asarray(size) / expected + SMALL)


def _contribution(paths: HourPaths, state: SessionState, hour: int, nearness: float) -> _Paths:
    """Paths from one hour, aligned with today's direction, and their weights."""
    weight = nearness * paths.weight * np.where(paths.quiet == (state.weekday == QUIET_WEEKDAY), 1.0, OTHER_KIND)
    if hour > 0 and state.elapsed > 0:
        move = float(np.log(state.price / state.open))
        ranged = float(np.log(state.high / state.low))
        far = (paths.moved - relative_log(abs(move), state.past_scale)) ** 2
        far = far + (paths.ranged - relative_log(ranged, state.past_scale)) ** 2
        weight = weight * np.exp(-0.5 * min(state.elapsed, 1.0) * far / LIKENESS**2)
    sign = paths.sign * np.sign(state.price - state.open)
    same, opposite = sign >= 0, sign <= 0  # a path without direction goes both ways, with half its weight each
    weight = np.where(sign == 0, 0.5, 1.0) * weight
    return _Paths(
        np.concatenate([paths.close[same], -paths.close[opposite]]),
        np.concatenate([paths.high[same], -paths.low[opposite]]),
        np.concatenate([paths.low[same], -paths.high[opposite]]),
        np.concatenate([weight[same], weight[opposite]]),
        np.concatenate([paths.session[same], paths.session[opposite]]),
        np.full(int(same.sum() + opposite.sum()), hour),
        np.repeat([False, True], [same.sum(), opposite.sum()]),
    )


@dataclass(frozen=True)
class PathLibrary:
    """Every session's paths around every elapsed hour, in units of what was expected of them at the time.

    All (S, 24), NaN where unusable: `close`, `high`, `low` of the remaining time over the forecast of its log range;
    `sign`, `moved`, `ranged` of the time so far as in `HourPaths`; `ahead`, that forecast. `quiet` (S), `coefficients`
    (S, 24, K); `seen`: the paths themselves. Row i is known once session i has ended, except its coefficients, which
    are those that session i starts with.
    """

    close: FloatArray
    high: FloatArray
    low: FloatArray
    sign: FloatArray
    moved: FloatArray
    ranged: FloatArray
    quiet: BoolArray
    coefficients: FloatArray
    ahead: FloatArray
    seen: SessionPaths


def path_library(table: FeatureTable) -> PathLibrary:
    """Refit the regression before every session, and standardise each session's paths by the forecast made then."""
    coefficients = walk_forward(table.rows, table.target)
    level = np.where(np.isfinite(table.target), fitted_levels(table.rows, coefficients), np.nan)
    seen = table.paths
    ahead = level * table.remaining[:, :HOURS]
    before = level * elapsed_factor(table.remaining[:, :1], table.remaining[:, :HOURS])
    before[:, 0] = ahead[:, 0]  # nothing has happened at the open: any unit will do
    return PathLibrary(
        close=seen.close / ahead,
        high=seen.high / ahead,
        low=seen.low / ahead,
        sign=np.sign(seen.moved),
        moved=relative_log(np.abs(seen.moved), before),
        ranged=relative_log(seen.ranged, before),
        quiet=table.weekdays == QUIET_WEEKDAY,
        coefficients=coefficients,
        ahead=ahead,
        seen=seen,
    )


def fit_odds(library: PathLibrary, before: int, hours: Iterable[int] = range(HOURS)) -> OddsModel | None:
    """Prepare the model of session `before` from the sessions before it; None where fewer than 180 have paths.

    `hours` limits the elapsed hours that are prepared: those less than 2.5 from the times that will be asked for.
    """
    weight = decay_weights(before, MEMORY_SESSIONS)
    paths = {hour: _hour_paths(library, before, hour, weight) for hour in hours}
    fewest = min((len(hour.close) for hour in paths.values()), default=0)
    if fewest < MIN_SESSIONS or not np.isfinite(library.coefficients[before]).all():
        return None
    sessions = int(np.isfinite(library.close[:before, list(paths)]).any(axis=1).sum())
    return OddsModel(library.coefficients[before], paths, sessions, library)


def _hour_paths(library: PathLibrary, before: int, hour: int, weight: FloatArray) -> HourPaths:
    """Usable paths of the sessions before one, from one elapsed hour."""
    at = np.flatnonzero(np.isfinite(library.close[:before, hour]))
    return HourPaths(
        session=at,
        close=library.close[at, hour],
        high=library.high[at, hour],
        low=library.low[at, hour],
        sign=library.sign[at, hour],
        moved=library.moved[at, hour],
        ranged=library.ranged[at, hour],
        weight=weight[at],
        quiet=library.quiet[at],
    )


def elapsed_factor(whole: FloatArray | float, remaining: FloatArray | float) -> FloatArray:
    """Root of the sum of squared seasonal factors of the time so far."""
    return np.asarray(np.sqrt(np.maximum(np.asarray(whole) ** 2 - np.asarray(remaining) ** 2, 0.0)), dtype=np.float64)
