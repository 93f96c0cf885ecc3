"""What past odds got wrong on average corrects the next ones: three corrections, learnt after each session.

1. The **mean**. Forecasts overshoot in wild weeks, and so did the means of Vol and Range. A factor on the remaining
   path, its close by Vol and its high and low by Range, has two parts. The *slope* says by how much means at the open
   are too high in sessions that promise to be wilder than usual, and too low in calmer ones: a line through outcomes
   over means, by the log of the expected range over the usual one. The *level* is the recent ratio of outcomes to means
   that were corrected so. The factor counts in full for a quarter of the session, and then fades.
2. **Range grows no more.** The log odds of that are shifted in proportion to the probability itself: paths without a
   new extreme count more, or less. For each scored hour there is one number. After each session it takes a step
   towards what came, also in proportion to the probability.
3. The **intervals**. Each is asked for at a level that moves up where past intervals held the outcome too rarely, and
   down where too often: adaptive conformal inference, Gibbs and Candès (2021), NeurIPS 34.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from volatility.analytics.numerics import MEMORY_SESSIONS
from volatility.analytics.scores import shares_inside
from volatility.domain.metrics import INTERVAL_LEVELS, METRICS, SCORED_HOURS

if TYPE_CHECKING:
    from volatility.domain.arrays import FloatArray

LEVEL_MEMORY_SESSIONS = 180.0  # half-life of the level; the slope has that of everything else
LEVEL_PRIOR, SLOPE_PRIOR = 30.0, 60.0  # sessions that came as forecast, before any is seen
USUAL_LOG_SPREAD = 0.4  # of the expected range: those sessions have the slope 0
LARGEST_LOG = 0.5  # the line ends where the expected range is so far from the usual one
LEAST_FACTOR, LARGEST_FACTOR = 0.5, 1.5  # of the level, and of the slope
FULL_HOURS, FADED_HOURS = 6.0, 18.0  # up to where the factor counts in full, and from where on not at all
GROWTH_STEP = 0.03  # of the shift of the log odds
LEVEL_STEP = 0.01  # of a level, for an outcome inside or outside
LEAST_LEVEL, LARGEST_LEVEL = 0.01, 0.999
_HOURS: Final = len(SCORED_HOURS)


@dataclass(frozen=True)
class Judged:
    """How the odds of one session came out; NaN where they were not asked for. M is 2 (Vol, Range), H the scored hours.

    `scale`: the log range of the session that was expected at its open. `mean` (M, H) and `outcome` (M) in percent of
    the open; `no_growth` (H): the probability that Range grows no more; `pit` (M, H, 2): P(X < outcome) and
    P(X <= outcome).
    """

    scale: float
    mean: FloatArray
    outcome: FloatArray
    no_growth: FloatArray
    pit: FloatArray


def _nominal() -> FloatArray:
    return np.tile(np.array(INTERVAL_LEVELS), (len(METRICS), _HOURS, 1))


@dataclass(frozen=True)
class Recalibration:
    """The corrections that a session starts with; without arguments there are none.

    Decayed sums over sessions: `level` (M, 2) of outcomes, and of means before the level's correction; `level_count`;
    `slope` (M, 5) of outcome times 1 and z, and of the mean before any correction times 1, z and z^2, where z is the
    log of the expected range over the usual one; `scale_logs` of the log of the expected range; `count`. `growth` (H):
    shifts of the log odds. `levels` (M, H, 3): of the 50, 80 and 90 % intervals.
    """

    level: FloatArray = field(default_factory=lambda: np.zeros((len(METRICS), 2)))
    level_count: float = 0.0
    slope: FloatArray = field(default_factory=lambda: np.zeros((len(METRICS), 5)))
    scale_logs: float = 0.0
    count: float = 0.0
    growth: FloatArray = field(default_factory=lambda: np.zeros(_HOURS))
    levels: FloatArray = field(default_factory=_nominal)

    def factors(self, elapsed: float, scale: float) -> tuple[float, float]:
        """What the remaining close is multiplied by, and the remaining high and low.

        `scale`: the log range of the whole session that is expected by now.
        """
        share = min(max((FADED_HOURS - elapsed) / (FADED_HOURS - FULL_HOURS), 0.0), 1.0)
        close, extremes = self.mean_factors(scale) ** share
        return float(close), float(extremes)

    def mean_factors(self, scale: float) -> FloatArray:
        """(M) what the means at the open are multiplied by."""
        return np.asarray(self._level_ratios() * self._slope_factors(scale), np.float64)

    def _level_ratios(self) -> FloatArray:
        """(M) outcomes over means, with 30 sessions of average size that came as forecast."""
        outcomes, means = self.level.T
        prior = LEVEL_PRIOR / self.level_count * means if self.level_count else means
        ratios = np.divide(outcomes + prior, means + prior, out=np.ones(len(METRICS)), where=means > 0)
        return np.asarray(np.clip(ratios, LEAST_FACTOR, LARGEST_FACTOR), dtype=np.float64)

    def _unusual(self, scale: float) -> float:
        """Log of an expected range over the usual one, at most 0.5 either way; 0 while nothing is usual."""
        if self.count == 0 or not scale > 0:
            return 0.0
        return float(np.clip(np.log(scale) - self.scale_logs / self.count, -LARGEST_LOG, LARGEST_LOG))

    def _slope_factors(self, scale: float) -> FloatArray:
        """(M) the line through outcomes over means, weighted by means, with 60 sessions that came as forecast."""
        outcome, outcome_z, mean, mean_z, mean_zz = self.slope.T
        if self.count == 0:
            return np.ones(len(METRICS))
        prior = SLOPE_PRIOR / self.count * mean
        outcome, mean, mean_zz = outcome + prior, mean + prior, mean_zz + USUAL_LOG_SPREAD**2 * prior
        spread = mean * mean_zz - mean_z**2
        z = self._unusual(scale)
        line = outcome * mean_zz - outcome_z * mean_z + (mean * outcome_z - mean_z * outcome) * z
        factors = np.divide(line, spread, out=np.ones(len(METRICS)), where=spread > 0)
        return np.asarray(np.clip(factors, LEAST_FACTOR, LARGEST_FACTOR), dtype=np.float64)

    def no_growth(self, probability: float, elapsed: float) -> float:
        """The corrected probability that Range grows no more; 0 and 1 stay."""
        if not 0 < probability < 1:
            return probability
        shift = float(np.interp(elapsed, [*SCORED_HOURS, 24], [*self.growth, 0.0]))
        return float(1 / (1 + (1 / probability - 1) * np.exp(-shift * probability)))

    def interval_levels(self, elapsed: float) -> FloatArray:
        """(M, 3) levels that the 50, 80 and 90 % intervals are asked for at; between scored hours the one between."""
        at = float(np.interp(elapsed, SCORED_HOURS, np.arange(_HOURS)))
        lower = int(at)
        upper = min(lower + 1, _HOURS - 1)
        return np.asarray(self.levels[:, lower] + (at - lower) * (self.levels[:, upper] - self.levels[:, lower]))

    def after(self, session: Judged) -> Recalibration:
        """What the next session starts with."""
        at_open = [session.scale, *session.mean[:, 0], *session.outcome]
        known = self._with_means(session) if np.isfinite(at_open).all() and session.scale > 0 else self
        said = session.no_growth
        came = session.pit[1, :, 0] <= 0  # nothing lies below a range that has not grown
        step = np.where((said > 0) & (said < 1), GROWTH_STEP * said * (came - said), 0.0)
        held = shares_inside(session.pit[:, :, None, :], self.levels)
        asked = np.isfinite(session.pit).all(axis=-1, keepdims=True)
        move = np.where(asked, LEVEL_STEP * (INTERVAL_LEVELS - held), 0.0)
        levels = np.clip(self.levels + move, LEAST_LEVEL, LARGEST_LEVEL)
        return replace(known, growth=self.growth + step, levels=levels)

    def _with_means(self, session: Judged) -> Recalibration:
        """The same after one more session's means at the open, which the present factors have corrected."""
        z, slope = self._unusual(session.scale), self._slope_factors(session.scale)
        outcome, sloped = session.outcome, session.mean[:, 0] / self._level_ratios()
        mean = sloped / slope
        level_fade, fade = 0.5 ** (1 / LEVEL_MEMORY_SESSIONS), 0.5 ** (1 / MEMORY_SESSIONS)
        return replace(
            self,
            level=level_fade * self.level + np.stack([outcome, sloped], axis=1),
            level_count=level_fade * self.level_count + 1,
            slope=fade * self.slope + np.stack([outcome, outcome * z, mean, mean * z, mean * z**2], axis=1),
            scale_logs=fade * self.scale_logs + float(np.log(session.scale)),
            count=fade * self.count + 1,
        )
