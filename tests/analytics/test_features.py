"""What is known after each hour, by loops over the hours before it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from volatility.analytics.features import HALF_LIVES, Average, moving_average


def test_moving_averages_equal_a_naive_loop_and_can_be_continued() -> None:
    values = np.random.default_rng(1).random(60)
    values[[3, 17]] = np.nan
    for half_life in HALF_LIVES:
        means, end = moving_average(values, half_life, Average())
        for t in range(61):
            past = [v for v in values[:t] if not math.isnan(v)]
            weights = [0.5 ** ((len(past) - 1 - k) / half_life) for k in range(len(past))]
            if past:
                expected = sum(w * v for w, v in zip(weights, past, strict=True)) / sum(weights)
                assert means[t] == pytest.approx(expected, rel=1e-10)
        _, half = moving_average(values[:30], half_life, Average())
        rest, other_end = moving_average(values[30:], half_life, half)
        np.testing.assert_allclose(rest, means[30:], rtol=1e-12)
        assert other_end.total == pytest.approx(end.total)
