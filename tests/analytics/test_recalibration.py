"""The three corrections, beside plain loops over what was said and what came."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analytics.learnt import PLAIN, with_ratios, with_slopes
from volatility.analytics.recalibration import Judged, Recalibration
from volatility.domain.arrays import FloatArray

HOURS = (0, 6, 12, 18)
NOMINAL = (0.5, 0.8, 0.9)
FADE, LEVEL_FADE = 0.5 ** (1 / 365), 0.5 ** (1 / 180)
FIELDS = [field.name for field in fields(Recalibration)]
OF_MEANS = ["level", "level_count", "slope", "scale_logs", "count"]
USUAL = 0.03  # log range


def judged(
    *,
    scale: float = math.nan,
    mean: FloatArray | None = None,
    outcome: FloatArray | None = None,
    no_growth: FloatArray | None = None,
    pit: FloatArray | None = None,
) -> Judged:
    """A session that was asked for nothing but what is given."""
    return Judged(
        scale=scale,
        mean=np.full((2, 4), np.nan) if mean is None else mean,
        outcome=np.full(2, np.nan) if outcome is None else outcome,
        no_growth=np.full(4, np.nan) if no_growth is None else no_growth,
        pit=np.full((2, 4, 2), np.nan) if pit is None else pit,
    )


def means_at_the_open(volatility: float, ranged: float) -> FloatArray:
    """Means of which those at later hours are so large that no one can take them for those at the open."""
    return np.array([[volatility, 1e3, 1e4, 1e5], [ranged, 1e6, 1e7, 1e8]])


def points(value: float) -> FloatArray:
    """The same transform, without an atom, of every metric at every hour."""
    return np.full((2, 4, 2), value)


@dataclass(frozen=True)
class Series:
    """What was said at the open without a correction, what came (N, 2), and the log range that was expected (N)."""

    said: FloatArray
    came: FloatArray
    scale: FloatArray

    def learnt(self) -> Recalibration:
        """Teach session by session; each says what was said with the correction that it starts with."""
        found = PLAIN
        for said, came, scale in zip(self.said, self.came, self.scale, strict=True):
            mean = means_at_the_open(*(said * found.mean_factors(scale)))
            found = found.after(judged(scale=scale, mean=mean, outcome=came))
        return found


def series(count: int, seed: int = 1) -> Series:
    """Means are too high, the more so the wilder a session promises to be."""
    rng = np.random.default_rng(seed)
    scale = USUAL * rng.lognormal(0, 0.5, count)
    said = 60 * scale[:, None] * rng.lognormal(0, 0.2, (count, 2))
    return Series(said, said * rng.lognormal(-0.1, 0.5, (count, 2)) * (USUAL / scale[:, None]) ** [0.2, 0.4], scale)


def steady(came: FloatArray) -> Series:
    """Two percent are said of every session, of each of which as much is expected."""
    return Series(np.full((len(came), 2), 2.0), np.stack([came, came], axis=1), np.full(len(came), USUAL))


def decayed(values: list[float], half_life: float) -> float:
    """Their sum; the last one has weight 1."""
    return float(sum(0.5 ** ((len(values) - 1 - i) / half_life) * value for i, value in enumerate(values)))


def unusual(logs: list[float], scale: float) -> float:
    """Log of a scale over the geometric mean of earlier ones, of which those of a year ago count half."""
    if not logs:
        return 0.0
    usual = decayed(logs, 365) / decayed([1.0] * len(logs), 365)
    return min(max(math.log(scale) - usual, -0.5), 0.5)


def naive_slope(said: list[float], came: list[float], zs: list[float], z: float) -> float:
    """Least squares of outcome over mean by z: a row for each session and two for those that came as forecast."""
    if not said:
        return 1.0
    weights = [0.5 ** ((len(said) - 1 - i) / 365) * mean for i, mean in enumerate(said)]
    prior = 60 * sum(weights) / decayed([1.0] * len(said), 365)
    rows = [[1.0, one] for one in zs] + [[1.0, 0.4], [1.0, -0.4]]
    ratios = [outcome / mean for outcome, mean in zip(came, said, strict=True)] + [1.0, 1.0]
    roots = np.sqrt([*weights, prior / 2, prior / 2])
    intercept, slope = np.linalg.lstsq(np.array(rows) * roots[:, None], np.array(ratios) * roots)[0]
    return min(max(float(intercept + slope * z), 0.5), 1.5)


def naive_level(sloped: list[float], came: list[float]) -> float:
    """Outcomes over means that the slope has corrected; of those half a year ago half."""
    if not sloped:
        return 1.0
    means = decayed(sloped, 180)
    prior = 30 * means / decayed([1.0] * len(sloped), 180)
    return min(max((decayed(came, 180) + prior) / (means + prior), 0.5), 1.5)


@pytest.mark.parametrize("count", [1, 2, 60, 800])
def test_level_and_slope_are_those_of_plain_loops_over_all_sessions(count: int) -> None:
    made = series(count)
    found = made.learnt()
    logs = [math.log(scale) for scale in made.scale]
    zs = [unusual(logs[:i], scale) for i, scale in enumerate(made.scale.tolist())]
    asked = [USUAL * math.exp(x) for x in (-2.0, -0.3, -0.1, 0.1, 0.3, 2.0)]
    factors = np.array([found.mean_factors(scale) for scale in asked])
    for metric in range(2):
        said, came = made.said[:, metric].tolist(), made.came[:, metric].tolist()
        sloped = [mean * naive_slope(said[:i], came[:i], zs[:i], zs[i]) for i, mean in enumerate(said)]
        level = naive_level(sloped, came)
        expected = [level * naive_slope(said, came, zs, unusual(logs, scale)) for scale in asked]
        assert factors[:, metric].tolist() == pytest.approx(expected, rel=1e-9)
        assert found.level[metric].tolist() == pytest.approx([decayed(came, 180), decayed(sloped, 180)], rel=1e-9)
        sums = [came, np.multiply(came, zs), said, np.multiply(said, zs), np.multiply(said, np.square(zs))]
        expected = [decayed(list(one), 365) for one in sums]
        assert found.slope[metric].tolist() == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert found.level_count == pytest.approx(decayed([1.0] * count, 180), rel=1e-10)
    assert found.count == pytest.approx(decayed([1.0] * count, 365), rel=1e-10)
    assert found.scale_logs == pytest.approx(decayed(logs, 365), rel=1e-10)
    if count == 800:
        assert np.abs(np.diff(factors, axis=0)).min() > 0.005  # the slope is seen at each place
        assert (np.abs(zs) == 0.5).sum() > 100
        assert (np.abs(zs) < 0.5).sum() > 100


def test_one_session_moves_the_level_by_a_31st_and_the_line_by_a_61st_of_its_error() -> None:
    """Nothing is usual before it, so that the line's ends stay level."""
    found = PLAIN.after(judged(scale=USUAL, mean=means_at_the_open(2.0, 4.0), outcome=np.array([1.0, 6.0])))
    expected = [(1 - 0.5 / 31) * (1 - 0.5 / 61), (1 + 0.5 / 31) * (1 + 0.5 / 61)]
    for scale in (USUAL, 2 * USUAL, USUAL / 2):
        assert found.mean_factors(scale).tolist() == pytest.approx(expected, rel=1e-12)


def test_of_the_level_half_a_year_ago_counts_half_and_of_the_slope_a_year_ago() -> None:
    """A stretch of doubled outcomes before an ordinary one: the older has half the weight of the newer."""
    found = steady(np.repeat([4.0, 2.0], 180)).learnt()
    newer = (1 - 0.5) / (1 - LEVEL_FADE)  # weights of the newer half year together
    assert found.level[:, 0] == pytest.approx([4.0 * newer / 2 + 2.0 * newer] * 2, rel=1e-9)
    assert found.level_count == pytest.approx(1.5 * newer, rel=1e-9)
    found = steady(np.repeat([4.0, 2.0], 365)).learnt()
    newer = (1 - 0.5) / (1 - FADE)
    line = (4.0 * newer / 2 + 2.0 * newer + 60 * 2.0) / (2.0 * newer * 1.5 + 60 * 2.0)
    outcomes, means = found.level[0]
    prior = 30 * means / found.level_count
    level = (outcomes + prior) / (means + prior)
    assert found.mean_factors(USUAL) == pytest.approx([line * level] * 2, rel=1e-9)


def test_the_usual_range_is_the_geometric_mean_of_which_a_year_ago_counts_half() -> None:
    """What lies 0.5 above and below the usual range is where the line ends, and half way between is the usual one."""
    made = series(730, seed=4)
    found = replace(made, scale=np.repeat([0.02, 0.05], 365)).learnt()
    usual = math.exp((math.log(0.02) / 2 + math.log(0.05)) / 1.5)
    ends = found.mean_factors(usual * math.exp(-0.5)), found.mean_factors(usual * math.exp(0.5))
    for place, further, nearer in ((0, -0.51, -0.49), (1, 0.51, 0.49)):
        assert found.mean_factors(usual * math.exp(further)) == pytest.approx(ends[place], rel=1e-12)
        assert (np.abs(found.mean_factors(usual * math.exp(nearer)) - ends[place]) > 1e-6).all()
    assert found.mean_factors(usual) == pytest.approx((ends[0] + ends[1]) / 2, rel=1e-9)


def test_outcomes_that_always_lie_a_tenth_below_bring_the_mean_to_them() -> None:
    """What is said is corrected, and the corrections are learnt from what was said: the loop must not run away."""
    made = series(3000, seed=3)
    always = replace(made, came=0.9 * made.said)
    alike = replace(always, scale=np.full(3000, USUAL)).learnt()
    line, level = 1 / (1 - FADE), 1 / (1 - LEVEL_FADE)  # of sessions, fading for ever
    of_line = (0.9 * line + 60) / (line + 60)
    of_level = (0.9 / of_line * level + 30) / (level + 30)
    assert alike.mean_factors(USUAL) == pytest.approx([of_line * of_level] * 2, abs=1e-4)
    found = always.learnt()
    for scale in (USUAL / 2, USUAL, 2 * USUAL):
        assert found.mean_factors(scale) == pytest.approx([0.9, 0.9], abs=0.012)
    corrected = 5.0 * found.factors(0, USUAL)[0]
    assert corrected == pytest.approx(0.9 * 5.0, rel=0.005)


def alternating(count: int, calm: float, wild: float) -> Series:
    """Calm sessions and wild ones in turn, and the ratios of what came to what was said of them."""
    scale = np.tile([USUAL * math.exp(-0.4), USUAL * math.exp(0.4)], count // 2)
    said = 60 * scale[:, None] * np.random.default_rng(13).lognormal(0, 0.3, (count, 2))
    return Series(said, said * np.tile([calm, wild], count // 2)[:, None], scale)


@pytest.mark.parametrize(("calm", "wild"), [(1.0, 0.8), (1.1, 1.0), (0.8, 1.2)])
def test_means_come_to_what_came_in_calm_sessions_and_in_wild_ones(calm: float, wild: float) -> None:
    """Five times as near as one ratio for both would, if it were learnt at once."""
    made = alternating(2000, calm, wild)
    found = made.learnt()
    alone = made.came.sum(axis=0) / made.said.sum(axis=0)
    for scale, ratio in ((made.scale[0], calm), (made.scale[1], wild)):
        error = np.abs(found.mean_factors(scale) - ratio)
        assert (error < 0.035).all()
        assert (error < 0.2 * np.abs(alone - ratio)).all()
    assert found.mean_factors(USUAL) == pytest.approx([(calm + wild) / 2] * 2, abs=0.01)


def test_after_the_means_have_become_too_high_the_level_follows_before_the_slope() -> None:
    """Half a year of outcomes a fifth below brings the mean more than half of the way; the line alone less."""
    before = alternating(1000, 1.0, 1.0)
    after = alternating(180, 0.8, 0.8)
    found = Series(
        *(np.concatenate([getattr(one, name) for one in (before, after)]) for name in ("said", "came", "scale"))
    ).learnt()
    assert (found.mean_factors(USUAL) < 0.9).all()
    assert (found.mean_factors(USUAL) > 0.8).all()
    level_gone = replace(found, level=PLAIN.level, level_count=0.0)
    assert (level_gone.mean_factors(USUAL) > 0.93).all()


def test_a_factor_counts_in_full_for_six_hours_and_is_gone_after_eighteen() -> None:
    level = with_ratios(0.8, 0.9)
    z = math.log(1.3)
    for found, close, extremes in (
        (level, 0.8, 0.9),
        (with_slopes(level, USUAL, -0.5, 0.25), 0.8 * (1 - 0.5 * z), 0.9 * (1 + 0.25 * z)),
    ):
        scale = 1.3 * USUAL
        assert found.mean_factors(scale).tolist() == pytest.approx([close, extremes], rel=1e-12)
        for elapsed in (0.0, 3.3, 6.0):
            assert found.factors(elapsed, scale) == pytest.approx((close, extremes), rel=1e-12)
        for elapsed, share in ((9.0, 0.75), (12.0, 0.5), (15.0, 0.25), (17.999, 0.001 / 12)):
            assert found.factors(elapsed, scale) == pytest.approx((close**share, extremes**share), rel=1e-9)
        for elapsed in (18.0, 20.5, 24.0):
            assert found.factors(elapsed, scale) == (1.0, 1.0)


@pytest.mark.parametrize("scale", [0.0, 1e-320, 0.5 * USUAL, 0.7 * USUAL, USUAL, 1.4 * USUAL, 2 * USUAL, 1e300])
def test_the_line_ends_at_half_a_log_unit_and_its_factor_lies_between_a_half_and_one_and_a_half(scale: float) -> None:
    """Where nothing is expected to move it is the factor of the usual range."""
    z = min(max(math.log(scale / USUAL), -0.5), 0.5) if scale > 0 else 0.0
    for slope in (-0.3, 0.9):
        found = with_slopes(with_ratios(0.9, 1.2), USUAL, slope, -slope)
        expected = [0.9 * (1 + slope * z), 1.2 * (1 - slope * z)]
        assert found.mean_factors(scale).tolist() == pytest.approx(expected, rel=1e-12)
    steep = with_slopes(with_ratios(0.9, 1.2), USUAL, 3.0, -3.0)
    expected = [0.9 * min(max(1 + 3 * z, 0.5), 1.5), 1.2 * min(max(1 - 3 * z, 0.5), 1.5)]
    assert steep.mean_factors(scale).tolist() == pytest.approx(expected, rel=1e-12)


def log_odds(probability: float) -> float:
    return math.log(probability / (1 - probability))


@given(probability=st.floats(1e-6, 1 - 1e-6), elapsed=st.floats(0, 24))
def test_the_log_odds_are_shifted_in_proportion_to_the_probability(probability: float, elapsed: float) -> None:
    shifts = [0.4, -0.8, 1.2, 2.0]
    knots = [*zip(HOURS, shifts, strict=True), (24, 0.0)]
    expected = 0.0
    for (left, one), (right, two) in pairwise(knots):
        if left <= elapsed <= right:
            expected = one + (two - one) * (elapsed - left) / (right - left)
    found = replace(PLAIN, growth=np.array(shifts)).no_growth(probability, elapsed)
    assert log_odds(found) == pytest.approx(log_odds(probability) + expected * probability, abs=1e-8)


@pytest.mark.parametrize("certain", [0.0, 1.0])
def test_what_is_certain_of_growth_stays_certain(certain: float) -> None:
    for shift in (-5.0, 0.7, 5.0):
        assert replace(PLAIN, growth=np.full(4, shift)).no_growth(certain, 12.0) == certain


def test_each_session_moves_the_shift_of_its_hour_by_a_part_of_its_error() -> None:
    rng = np.random.default_rng(5)
    found, expected = PLAIN, [0.0] * 4
    for i in range(200):
        said = rng.random(4)
        said[i % 4] = (0.0, 1.0, math.nan, 0.5)[i // 4 % 4]
        came = rng.random(4) < 0.4
        pit = points(0.5)  # of Vol: it has no say
        pit[1] = [[0.0, p] if grown_no_more else [p, p] for p, grown_no_more in zip(said, came, strict=True)]
        pit[1][~np.isfinite(said)] = np.nan
        found = found.after(judged(no_growth=said, pit=pit))
        for hour in range(4):
            if 0 < said[hour] < 1:
                expected[hour] += 0.03 * said[hour] * (float(came[hour]) - said[hour])
    assert all(abs(shift) > 0.01 for shift in expected)
    assert found.growth.tolist() == pytest.approx(expected, rel=1e-9)


def test_growth_that_stops_more_often_than_said_is_said_to_stop_as_often() -> None:
    """Said 0.4 by the paths, came 0.6: the loop ends where what is said comes."""
    rng = np.random.default_rng(6)
    found = PLAIN
    for _ in range(3000):
        said = np.array([0.0, *(found.no_growth(0.4, hour) for hour in HOURS[1:])])
        came = rng.random() < 0.6
        pit = np.stack([np.where(came, 0.0, said), said], axis=1)
        found = found.after(judged(no_growth=said, pit=np.stack([points(0.5)[0], pit])))
    for hour in HOURS[1:]:
        assert found.no_growth(0.4, hour) == pytest.approx(0.6, abs=0.05)
    assert found.growth[0] == 0.0


def share_held(below: float, up_to: float, level: float) -> float:
    """The part of the stretch in the central level; of a point whether it is in it."""
    low, high = (1 - level) / 2, (1 + level) / 2
    if up_to == below:
        return float(low <= below <= high)
    return max(0.0, min(up_to, high) - max(below, low)) / (up_to - below)


def test_a_level_takes_a_step_up_for_an_outcome_outside_and_down_for_one_inside() -> None:
    rng = np.random.default_rng(7)
    found = PLAIN
    levels = [[list(NOMINAL) for _ in HOURS] for _ in range(2)]
    for i in range(300):
        pit = np.sort(rng.beta(0.6, 0.8, (2, 4, 2)), axis=2)
        pit[i % 2, :, 1] = pit[i % 2, :, 0]
        found = found.after(judged(pit=pit))
        for metric in range(2):
            for hour in range(4):
                for k, nominal in enumerate(NOMINAL):
                    below, up_to = pit[metric, hour].tolist()
                    held = share_held(below, up_to, levels[metric][hour][k])
                    moved = levels[metric][hour][k] + 0.01 * (nominal - held)
                    levels[metric][hour][k] = min(max(moved, 0.01), 0.999)
    np.testing.assert_allclose(found.levels, levels, rtol=1e-9)
    assert np.abs(found.levels - NOMINAL).max() > 0.02


def test_intervals_of_forecasts_that_are_too_narrow_come_to_hold_as_often_as_they_say() -> None:
    rng = np.random.default_rng(8)
    found, held, plain = PLAIN, np.zeros(3), np.zeros(3)
    for _ in range(2000):
        transform = float(rng.beta(0.5, 0.5))
        held += [share_held(transform, transform, level) for level in found.levels[0, 2]]
        plain += [share_held(transform, transform, level) for level in NOMINAL]
        found = found.after(judged(pit=points(transform)))
    assert (plain / 2000 < np.array(NOMINAL) - 0.08).all()
    # The sum of all steps is the distance that the level went: Gibbs and Candès, proposition 4.1.
    assert held / 2000 == pytest.approx(list(NOMINAL), abs=(1 + 0.01) / (0.01 * 2000))
    assert held / 2000 == pytest.approx(list(NOMINAL), abs=0.03)


def test_levels_stay_between_one_percent_and_all_but_a_thousandth() -> None:
    inside, outside = PLAIN, PLAIN
    for _ in range(1000):
        inside, outside = inside.after(judged(pit=points(0.5))), outside.after(judged(pit=points(0.0)))
    assert (inside.levels == 0.01).all()
    assert (outside.levels == 0.999).all()
    back = outside.after(judged(pit=points(0.5))).levels[0, 0]
    assert back.tolist() == pytest.approx([0.999 - 0.01 * (1 - nominal) for nominal in NOMINAL], rel=1e-12)


def test_between_scored_hours_the_level_lies_between_theirs_and_then_stays() -> None:
    levels = np.random.default_rng(9).uniform(0.1, 0.95, (2, 4, 3))
    found = replace(PLAIN, levels=levels)
    for place, hour in enumerate(HOURS):
        np.testing.assert_allclose(found.interval_levels(hour), levels[:, place], rtol=1e-12)
    for elapsed, place, share in ((1.5, 0, 0.25), (9.0, 1, 0.5), (17.0, 2, 5 / 6)):
        expected = (1 - share) * levels[:, place] + share * levels[:, place + 1]
        np.testing.assert_allclose(found.interval_levels(elapsed), expected, rtol=1e-12)
    for elapsed in (18.0, 19.7, 24.0):
        np.testing.assert_array_equal(found.interval_levels(elapsed), levels[:, 3])


def taught() -> Recalibration:
    """What a while has taught, each number of it another."""
    rng = np.random.default_rng(10)
    found = PLAIN
    for _ in range(50):
        pit = np.sort(rng.random((2, 4, 2)), axis=2)
        scale = USUAL * rng.lognormal(0, 0.4)
        found = found.after(Judged(scale, rng.uniform(1, 5, (2, 4)), rng.uniform(1, 5, 2), rng.random(4), pit))
    return found


@pytest.mark.parametrize("name", FIELDS)
def test_what_was_not_asked_teaches_nothing(name: str) -> None:
    before = taught()
    np.testing.assert_array_equal(getattr(before.after(judged()), name), getattr(before, name))


def test_an_hour_that_was_not_asked_teaches_nothing_beside_others_that_were() -> None:
    before, pit, said = taught(), np.full((2, 4, 2), 0.5), np.full(4, 0.3)
    pit[0, 2], pit[1, 1], said[1] = np.nan, np.nan, np.nan
    after = before.after(judged(no_growth=said, pit=pit))
    silent = np.zeros((2, 4), dtype=np.bool_)
    silent[0, 2] = silent[1, 1] = True
    np.testing.assert_array_equal(after.levels[silent], before.levels[silent])
    assert (after.levels[~silent] < before.levels[~silent]).all()
    assert (after.growth < before.growth).tolist() == [True, False, True, True]
    assert after.growth[1] == before.growth[1]


NOT_KNOWN = ["scale", "mean of Vol", "mean of Range", "outcome of Vol", "outcome of Range"]


def complete_but(missing: str, value: float) -> Judged:
    """A session of which one number is another."""
    scale, mean, outcome = 1.2 * USUAL, means_at_the_open(2.0, 4.0), np.array([1.0, 2.0])
    what, _, of = missing.partition(" of ")
    if what == "scale":
        scale = value
    elif what == "mean":
        mean[("Vol", "Range").index(of), 0] = value
    else:
        outcome[("Vol", "Range").index(of)] = value
    return judged(scale=scale, mean=mean, outcome=outcome, no_growth=np.full(4, 0.3), pit=points(0.5))


@pytest.mark.parametrize(
    ("missing", "value"),
    [*((name, value) for name in NOT_KNOWN for value in (math.nan, math.inf)), ("scale", 0.0), ("scale", -0.01)],
)
def test_what_is_no_number_teaches_neither_level_nor_slope_but_growth_and_levels_learn(
    missing: str, value: float
) -> None:
    before = taught()
    after = before.after(complete_but(missing, value))
    for name in OF_MEANS:
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name), err_msg=name)
    assert (after.growth < before.growth).all()
    assert (after.levels < before.levels).all()
    complete = before.after(complete_but("scale", 1.2 * USUAL))
    for name in OF_MEANS:
        assert not np.array_equal(getattr(complete, name), getattr(before, name)), name
    np.testing.assert_array_equal(complete.growth, after.growth)
    np.testing.assert_array_equal(complete.levels, after.levels)


def test_means_at_later_hours_do_not_matter_to_level_and_slope() -> None:
    before, alone = taught(), np.full((2, 4), np.nan)
    alone[:, 0] = 2.0, 4.0
    one, two = (
        before.after(judged(scale=USUAL, mean=mean, outcome=np.array([1.0, 2.0])))
        for mean in (means_at_the_open(2.0, 4.0), alone)
    )
    for name in OF_MEANS:
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name), err_msg=name)
        assert not np.array_equal(getattr(one, name), getattr(before, name)), name


@given(elapsed=st.floats(0, 24), scale=st.floats(0, 1e300), probability=st.floats(0, 1))
def test_without_corrections_nothing_changes(elapsed: float, scale: float, probability: float) -> None:
    assert PLAIN.mean_factors(scale).tolist() == [1.0, 1.0]
    assert PLAIN.factors(elapsed, scale) == (1.0, 1.0)
    assert PLAIN.no_growth(probability, elapsed) == pytest.approx(probability, rel=1e-12)
    assert PLAIN.interval_levels(elapsed).tolist() == [list(NOMINAL)] * 2


def test_a_session_changes_what_the_next_one_starts_with_and_not_what_it_started_with() -> None:
    before = taught()
    copies = {name: np.copy(getattr(before, name)) for name in FIELDS}
    after = before.after(Judged(USUAL, np.ones((2, 4)), np.full(2, 3.0), np.full(4, 0.5), points(0.7)))
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(before, name), copies[name])
        assert not np.array_equal(getattr(after, name), copies[name])


sizes = st.one_of(st.just(0.0), st.floats(1e-6, 1e6), st.floats(1e-100, 1e100))
scales = st.one_of(st.just(0.0), st.floats(1e-4, 1), st.floats(0, 1e300))
shares = st.one_of(st.just(0.0), st.just(1.0), st.floats(0, 1))
stretches = st.tuples(shares, shares).map(sorted)
sessions = st.tuples(
    scales,
    st.tuples(sizes, sizes),
    st.tuples(sizes, sizes),
    st.lists(shares, min_size=4, max_size=4),
    st.lists(stretches, min_size=8, max_size=8),
)


@settings(deadline=None)
@given(
    history=st.lists(sessions, min_size=1, max_size=25),
    times=st.integers(1, 8),
    heeded=st.booleans(),
    asked=scales,
    elapsed=st.floats(0, 24),
)
def test_whatever_comes_every_correction_stays_a_finite_number(
    history: list[tuple[float, tuple[float, float], tuple[float, float], list[float], list[list[float]]]],
    times: int,
    heeded: bool,
    asked: float,
    elapsed: float,
) -> None:
    """Also of a market that does not move, and whether or not what is said heeds the corrections."""
    found = PLAIN
    for scale, said, came, no_growth, pit in history * times:
        mean = np.tile(np.array(said) * (found.mean_factors(scale) if heeded else 1.0), (4, 1)).T
        found = found.after(Judged(scale, mean, np.array(came), np.array(no_growth), np.reshape(pit, (2, 4, 2))))
    for name in FIELDS:
        assert np.isfinite(getattr(found, name)).all(), name
    assert (found.level >= 0).all()
    assert (found.slope[:, [0, 2, 4]] >= 0).all()
    for scale in (asked, *(session[0] for session in history)):
        factors = found.mean_factors(scale)
        assert np.isfinite(factors).all()
        assert (factors > 0).all()
        assert np.isfinite(found.factors(elapsed, scale)).all()
        assert min(found.factors(elapsed, scale)) > 0
    assert all(0 <= found.no_growth(p, elapsed) <= 1 for p in (0.0, 1e-300, 0.3, 1 - 1e-16, 1.0))
    levels = found.interval_levels(elapsed)
    assert (levels > 0.0099).all()
    assert (levels < 0.9991).all()


@pytest.mark.parametrize("scale", [0.0, 1e-9, USUAL])
def test_a_market_that_does_not_move_teaches_neither_level_nor_slope(scale: float) -> None:
    found = Series(np.zeros((400, 2)), np.zeros((400, 2)), np.full(400, scale)).learnt()
    for asked in (0.0, 1e-9, USUAL, 1.0):
        assert found.mean_factors(asked).tolist() == [1.0, 1.0]
    moves_again = found.after(judged(scale=USUAL, mean=means_at_the_open(1.0, 2.0), outcome=np.array([1.0, 2.0])))
    for asked in (0.0, 1e-9, USUAL, 1.0):
        assert moves_again.mean_factors(asked).tolist() == pytest.approx([1.0, 1.0], rel=1e-12)
