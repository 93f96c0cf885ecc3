"""Windows over sessions and their statistics: pure, with numpy, one sort per window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from volatility.domain.arrays import BoolArray, FloatArray, IntArray
from volatility.domain.metrics import STATISTICS

_NEEDED, _OUT_OF = 4, 5  # 80 %, in whole numbers: no rounding decides


def enough(n: IntArray, window: int) -> BoolArray:
    """Whether a window has statistics: where at least 80 % of its calendar sessions went in."""
    return np.asarray(n * _OUT_OF >= window * _NEEDED, np.bool_)


class WindowColumns(NamedTuple):
    """Statistics of one window at each of m sessions.

    ``n`` (m) says how many sessions went in; ``values`` (m, statistics) are in the order of ``metrics.STATISTICS`` and
    in the unit of what was given, NaN where there are none.
    """

    n: IntArray
    values: FloatArray


class WindowStatistics(NamedTuple):
    """The statistics of one window at one session; ``values`` by statistic name, None where there are none."""

    n: int
    values: Mapping[str, float | None]


def window_statistics(values: FloatArray, window: int, *, lead: int, before: int) -> WindowColumns:
    """Mean, median, p10, p25, p75 and p90 over the last ``window`` calendar sessions up to each session.

    Args:
        values: (lead + m) consecutive calendar sessions, NaN where a session does not exist.
        window: how many calendar sessions the window covers, itself included.
        lead: how many of the values only serve as the past of the m that are asked for.
        before: how many calendar sessions history has before ``values[0]``; the windows of the first sessions need
            ``lead >= window - 1``, or ``before`` 0 where history has no more.

    Returns:
        One row for each of the m sessions. NaN where history has fewer than ``window`` sessions up to there, or where
        fewer than 80 % of the window's exist. Quantiles interpolate linearly between order statistics (type 7 of
        Hyndman and Fan, 1996; the default of numpy and pandas): ``x[⌊h⌋] + (h - ⌊h⌋) (x[⌊h⌋ + 1] - x[⌊h⌋])`` at
        ``h = q (n - 1)``.
        Each row depends on its window's values alone, to the last bit, whatever surrounds it.
    """
    size = len(values) - lead
    if before and lead < window - 1:
        raise ValueError(f"a window of {window} needs the {window - 1} sessions before it, got {lead}")
    padded = np.concatenate([np.full(max(0, window - 1 - lead), np.nan), values])
    # A copy in C order: each row is then summed by itself, in the same order wherever it stands.
    rows = np.array(sliding_window_view(padded, window)[len(padded) - window + 1 - size :], order="C")
    rows.sort(axis=1)
    n = np.count_nonzero(~np.isnan(rows), axis=1)
    reach = before + lead + 1 + np.arange(size)
    usable = (reach >= window) & enough(n, window)
    columns = np.full((size, len(STATISTICS)), np.nan)
    columns[usable] = _of_sorted(rows[usable], n[usable])
    return WindowColumns(n, columns)


def _of_sorted(rows: FloatArray, n: IntArray) -> FloatArray:
    """The statistics of rows sorted with NaN last, of which the first ``n`` count."""
    mean = np.where(np.isnan(rows), 0.0, rows).sum(axis=1) / n
    columns = [mean if s.quantile is None else _quantile(rows, n, s.quantile) for s in STATISTICS]
    return np.stack(columns, axis=1)


def _quantile(rows: FloatArray, n: IntArray, level: float) -> FloatArray:
    at = level * (n - 1)
    low = np.floor(at).astype(np.int64)
    high = np.minimum(low + 1, n - 1)
    below = np.take_along_axis(rows, low[:, None], axis=1)[:, 0]
    above = np.take_along_axis(rows, high[:, None], axis=1)[:, 0]
    interpolated: FloatArray = below + (at - low) * (above - below)
    return interpolated


def latest(values: FloatArray, windows: Sequence[int], *, before: int) -> dict[int, WindowStatistics]:
    """The statistics of each window at the last of ``values``, which ``before`` calendar sessions precede."""
    if not len(values):
        return {window: WindowStatistics(0, named([None] * len(STATISTICS))) for window in windows}
    answer: dict[int, WindowStatistics] = {}
    for window in windows:
        at_last = window_statistics(values, window, lead=len(values) - 1, before=before)
        answer[window] = WindowStatistics(int(at_last.n[0]), named(at_last.values[0].tolist()))
    return answer


def named(values: Sequence[float | None]) -> dict[str, float | None]:
    """Statistics by name, with None for NaN: no NaN is ever stored or sent."""
    return {
        statistic.name: None if value is None or value != value else value  # noqa: PLR0124 - NaN alone differs from itself
        for statistic, value in zip(STATISTICS, values, strict=True)
    }


def percentile_rank(values: FloatArray, value: float) -> float | None:
    """The share of existing ``values`` at or below ``value``, 0 to 1; None where there are none."""
    existing = values[~np.isnan(values)]
    return float(np.mean(existing <= value)) if len(existing) else None
