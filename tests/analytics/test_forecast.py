"""The forecast at the open, from hindcasts and their outcomes."""

from __future__ import annotations

import numpy as np
import pytest

from tests.analytics.learnt import Learnt
from volatility.analytics.forecast import forecast_session


def test_a_forecast_needs_half_a_year_of_forecasts_before_it(learnt: Learnt) -> None:
    table, library, hindcasts = learnt.table, learnt.library, learnt.hindcasts
    assert forecast_session(table, library, hindcasts, 250) is None
    forecast = forecast_session(table, library, hindcasts, 330)
    assert forecast is not None
    assert forecast.annualised_pct == pytest.approx(100 * np.sqrt(365 * forecast.variance))
    assert forecast.n >= 180
