"""Every estimator equals a naive loop over the textbook formula, and is silent where history is short."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median, variance

import numpy as np
import pytest

from tests.analytics.histories import gappy_history, make_history
from volatility.analytics.estimators import (
    ESTIMATORS,
    WINDOWS,
    estimates,
    rolling_volatility,
    session_terms,
    volatility_cone,
)
from volatility.analytics.panel import HourlyPanel, build_panel
from volatility.domain.hours import HOUR_MS

SESSIONS = 40


def gk(o: float, h: float, l: float, c: float) -> float:  # noqa: E741 (the letters of the formula)
    return 0.5 * math.log(h / l) ** 2 - (2 * math.log(2) - 1) * math.log(c / o) ** 2


def naive(panel: HourlyPanel, name: str, first: int, last: int) -> tuple[float | None, int]:  # noqa: C901, PLR0912
    """Volatility of sessions first to last, by plain loops."""
    values: list[float] = []
    overnight: list[float] = []
    intraday: list[float] = []
    for i in range(first, last + 1):
        hours = [k for k in range(24) if not math.isnan(panel.open[i, k])]
        if not hours:
            continue
        o, c = panel.open[i, hours[0]], panel.close[i, hours[-1]]
        h, l = max(panel.high[i, k] for k in hours), min(panel.low[i, k] for k in hours)  # noqa: E741
        before = [k for k in range(24) if i > 0 and not math.isnan(panel.close[i - 1, k])]
        previous = panel.close[i - 1, before[-1]] if before else None
        rs = math.log(h / c) * math.log(h / o) + math.log(l / c) * math.log(l / o)
        if name in {"close_to_close", "yang_zhang"}:
            if previous is None:
                continue
            overnight.append(math.log(o / previous))
            intraday.append(math.log(c / o))
            values.append(math.log(c / previous) if name == "close_to_close" else rs)
        elif name == "parkinson":
            values.append(math.log(h / l) ** 2 / (4 * math.log(2)))
        elif name == "garman_klass":
            values.append(gk(o, h, l, c))
        elif name == "rogers_satchell":
            values.append(rs)
        elif name == "realised_returns":
            prices = [o] + [panel.close[i, k] for k in hours]
            values.append(sum(math.log(b / a) ** 2 for a, b in pairwise(prices)))
        elif name == "realised_garman_klass":
            terms = [gk(panel.open[i, k], panel.high[i, k], panel.low[i, k], panel.close[i, k]) for k in hours]
            values.append(sum(terms) * 24 / len(terms))
        else:
            raise AssertionError(f"write a plain loop for {name}")
    n = len(values)
    if n < 0.8 * (last - first + 1):
        return None, n
    if name == "close_to_close":
        daily = variance(values)
    elif name == "yang_zhang":
        k = 0.34 / (1.34 + (n + 1) / (n - 1))
        daily = variance(overnight) + k * variance(intraday) + (1 - k) * fmean(values)
    else:
        daily = fmean(values)
    return 100 * math.sqrt(365 * daily), n


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize("window", [2, 5, 7, 14, 30])
def test_every_estimator_equals_a_naive_loop(name: str, window: int) -> None:
    panel = gappy_history(SESSIONS).panel()
    values, n = rolling_volatility(session_terms(panel), name, window)
    for last in range(window - 1, len(panel)):
        expected, count = naive(panel, name, last - window + 1, last)
        assert n[last] == count
        if expected is None:
            assert np.isnan(values[last])
        else:
            assert values[last] == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_newest_estimate_is_the_end_of_the_rolling_series(name: str) -> None:
    panel = gappy_history(SESSIONS).panel()
    newest = {(e.estimator, e.window): e for e in estimates(panel)}
    for window in WINDOWS:
        found = newest[name, window]
        if window > len(panel):
            assert found.value is None
            continue
        expected, n = naive(panel, name, len(panel) - window, len(panel) - 1)
        if name in {"close_to_close", "yang_zhang"} and window == len(panel):
            continue
        assert found.value == pytest.approx(expected, rel=1e-10)
        assert found.n == n


def test_a_single_return_has_no_variance() -> None:
    panel = make_history(20).panel()
    terms = session_terms(panel)
    for name in ("close_to_close", "yang_zhang"):
        assert np.isnan(rolling_volatility(terms, name, 1)[0]).all()
    assert np.isfinite(rolling_volatility(terms, "parkinson", 1)[0]).all()


@pytest.mark.parametrize("name", ESTIMATORS)
def test_volatility_does_not_depend_on_the_unit_of_price_nor_on_the_date(name: str) -> None:
    history = gappy_history(SESSIONS)
    plain = history.panel()
    shift = 1000 * 24 * HOUR_MS
    moved = build_panel(history.times + shift, history.candles * 37.5, plain.starts_ms + shift, plain.ends_ms + shift)
    first, _ = rolling_volatility(session_terms(plain), name, 7)
    second, _ = rolling_volatility(session_terms(moved), name, 7)
    np.testing.assert_allclose(second, first, rtol=1e-9)


def test_doubling_every_log_move_doubles_every_estimate() -> None:
    history = make_history(SESSIONS)
    doubled = history.candles**2 / history.candles[0, 0]
    panel = history.panel()
    wide = build_panel(history.times, doubled, panel.starts_ms, panel.ends_ms)
    for one, two in zip(estimates(panel, (30,)), estimates(wide, (30,)), strict=True):
        assert one.value is not None
        assert two.value == pytest.approx(2 * one.value, rel=1e-9)


def test_the_cone_summarises_all_windows_of_a_horizon() -> None:
    panel = gappy_history(SESSIONS).panel()
    points = {(p.estimator, p.horizon): p for p in volatility_cone(panel, (1, 7, 180))}
    for name in ESTIMATORS:
        values = [naive(panel, name, last - 6, last)[0] for last in range(6, len(panel))]
        known = [value for value in values if value is not None]
        point = points[name, 7]
        assert point.n == len(known)
        assert point.current == pytest.approx(known[-1], rel=1e-10)
        assert point.minimum == pytest.approx(min(known), rel=1e-10)
        assert point.median == pytest.approx(median(known), rel=1e-10)
        assert point.maximum == pytest.approx(max(known), rel=1e-10)
        share = sum(value <= known[-1] * (1 + 1e-12) for value in known) / len(known)
        assert point.percentile == pytest.approx(share)
        empty = points[name, 180]
        assert (empty.current, empty.p25, empty.percentile, empty.n) == (None, None, None, 0)


def test_short_history_gives_none_and_n() -> None:
    panel = make_history(3).panel()
    for estimate in estimates(panel):
        assert estimate.value is None
        assert estimate.n == 3


def test_an_unknown_estimator_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="close_to_close"):
        rolling_volatility(session_terms(make_history(3).panel()), "atr", 2)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_page_of_the_analytics_has_a_row_for_each(name: str) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "analytics.md").read_text(encoding="utf-8")
    assert f"\n| `{name}` |" in page
