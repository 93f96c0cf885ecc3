"""Numbers that are none become None, and weights halve at their half-life."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from volatility.analytics.numerics import decay_weights, finite_or_none


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float64("nan")])
def test_what_is_no_number_is_none(value: float) -> None:
    assert finite_or_none(value) is None


def test_a_number_is_a_plain_one_that_json_can_hold() -> None:
    shown = finite_or_none(np.float64(0.1))
    assert (type(shown), json.dumps(shown)) == (float, "0.1")
    assert finite_or_none(0.0) == 0.0


def test_weights_halve_at_their_half_life_and_the_newest_is_one() -> None:
    assert decay_weights(5, 2.0).tolist() == pytest.approx([0.25, 2**-1.5, 0.5, 2**-0.5, 1.0], rel=1e-15)
    assert decay_weights(731, 365.0)[[0, 365, 730]].tolist() == [0.25, 0.5, 1.0]


def test_nothing_has_no_weights() -> None:
    assert decay_weights(0, 365.0).shape == (0,)
