"""Forecasts and scores between the form that analytics computes them in and the columns that they are stored in.

| in analytics | column |
| --- | --- |
| `climatology_crps`, `climatology_pinball` | `plain_crps`, `plain_pinball` |
| `levels` of the 50, 80 and 90 % intervals | `level_50`, `level_80`, `level_90` |
| `assigned_probability` | `promised_50`, `promised_80`, `promised_90` |
| `exceeded`, of five ascending thresholds | `exceeded`, how many: the first ones |
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

import numpy as np

from volatility.analytics.distribution import Distribution
from volatility.analytics.forecast import SessionForecast
from volatility.analytics.forecaster import Scores
from volatility.analytics.numerics import finite_or_none
from volatility.analytics.recalibration import Recalibration
from volatility.analytics.walkforward import OddsScores
from volatility.domain.arrays import FloatArray, IntArray
from volatility.domain.metrics import (
    FORECAST_METRICS,
    FORECAST_VALUES,
    INTERVALS,
    QUANTILE_LEVELS,
    THRESHOLDS,
    VARIANCE_BASELINES,
    forecast_column,
)
from volatility.storage.forecast_rows import SCORE_COLUMNS, Row

_VALUES: Final = {  # column: field of ``OddsScores``
    "crps": "crps",
    "plain_crps": "climatology_crps",
    "pinball": "pinball",
    "plain_pinball": "climatology_pinball",
    "mean": "mean",
}
_WHERE_KNOWN: Final = ("no_growth", "surprise")
_COVERED: Final = tuple(f"covered_{level}" for level in INTERVALS)
_LEVELS: Final = tuple(f"level_{level}" for level in INTERVALS)
_ASSIGNED: Final = tuple(f"promised_{level}" for level in INTERVALS)
_EQUAL_TAILED: Final = tuple(f"equal_tails_{level}" for level in INTERVALS)
_ODDS: Final = tuple(f"odds_{level}" for level in THRESHOLDS)


def forecast_columns(forecast: SessionForecast) -> Row:
    """The columns of ``session_forecasts`` that a forecast fills."""
    values: Row = {"n": forecast.n, "variance": forecast.variance}
    for metric in FORECAST_METRICS:
        distribution = _distribution(forecast, metric.name)
        levels = distribution.quantiles(QUANTILE_LEVELS)
        numbers = zip(FORECAST_VALUES, (distribution.mean, *levels), strict=True)
        values |= {forecast_column(metric, name): value for name, value in numbers}
    return values


def _distribution(forecast: SessionForecast, metric: str) -> Distribution:
    return {
        "realised_volatility": forecast.realised_volatility_pct,
        "volatility": forecast.volatility,
        "range": forecast.range,
    }[metric]


def variance_rows(symbol: str, scores: Scores) -> list[Row]:
    """Rows of ``variance_scores``, one for each scored session that has a realised variance."""
    return [
        {"symbol": symbol, "open_time": int(scores.starts_ms[i]), "realised": float(scores.realised[i])}
        | {column: finite_or_none(scores.baselines[name][i]) for column, name in VARIANCE_BASELINES.items()}
        for i in range(scores.first, len(scores.realised))
        if np.isfinite(scores.realised[i])
    ]


def odds_rows(symbol: str, scores: Scores) -> list[Row]:
    """Rows of ``forecast_scores``, one for each session, metric and elapsed hour."""
    opens = scores.starts_ms.tolist()
    return [{"symbol": symbol} | row for one in scores.odds for row in _rows(one, opens)]


def _rows(scores: OddsScores, opens: list[int]) -> list[Row]:
    """One row for each session of one metric and hour."""
    columns: dict[str, list[Any]] = {name: getattr(scores, field).tolist() for name, field in _VALUES.items()}
    columns["pit_below"], columns["pit_at_most"] = scores.pit.T.tolist()
    columns["exceeded"] = scores.exceeded.sum(axis=1).tolist()
    for name in _WHERE_KNOWN:
        columns[name] = [finite_or_none(value) for value in getattr(scores, name)]
    for place in range(len(INTERVALS)):
        columns[_LEVELS[place]] = scores.levels[:, place].tolist()
        columns[_COVERED[place]] = (scores.covered[:, place] > 0).tolist()
        columns[_ASSIGNED[place]] = scores.assigned_probability[:, place].tolist()
        columns[_EQUAL_TAILED[place]] = (scores.equal_tailed[:, place] > 0).tolist()
    for place, name in enumerate(_ODDS):
        columns[name] = scores.odds[:, place].tolist()
    key = {"metric": scores.metric, "elapsed": scores.elapsed}
    names = list(columns)
    return [
        {"open_time": opens[session]} | key | dict(zip(names, values, strict=True))
        for session, *values in zip(scores.session.tolist(), *columns.values(), strict=True)
    ]


def recalibration_rows(symbol: str, scores: Scores) -> list[Row]:
    """Rows of ``odds_recalibrations``, one for each scored session."""
    scored = sorted({int(session) for one in scores.odds for session in one.session})
    return [
        {
            "symbol": symbol,
            "open_time": int(scores.starts_ms[session]),
            "corrections": corrections(scores.recalibrations[session - scores.first + 1]),
        }
        for session in scored
    ]


def corrections(recalibration: Recalibration) -> str:
    """A recalibration as it is stored: JSON, in which doubles keep every digit."""
    return json.dumps({field.name: _plain(getattr(recalibration, field.name)) for field in fields(recalibration)})


def _plain(value: FloatArray | float) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


def recalibration(corrections: str | None) -> Recalibration:
    """A recalibration from what is stored; without corrections where nothing is."""
    stored: dict[str, Any] = json.loads(corrections or "{}")
    values: dict[str, Any] = {name: np.array(v) if isinstance(v, list) else v for name, v in stored.items()}
    return Recalibration(**values)


def odds_scores(opens: IntArray, rows: Sequence[Sequence[Any]]) -> dict[tuple[str, int], OddsScores]:
    """Rows of ``forecast_scores`` as they were computed, by metric and elapsed hour.

    ``rows`` have the columns ``SCORE_COLUMNS`` without the symbol; a session's index is its place among ``opens`` (S).
    """
    names = SCORE_COLUMNS[1:]
    parts: dict[tuple[str, int], list[Sequence[Any]]] = {}
    for row in rows:
        parts.setdefault((row[1], row[2]), []).append(row)
    found = {}
    for key, part in parts.items():
        columns = dict(zip(names, zip(*part, strict=True), strict=True))
        found[key] = _odds_scores(*key, opens, columns)
    return found


def _odds_scores(metric: str, elapsed: int, opens: IntArray, columns: Mapping[str, Sequence[Any]]) -> OddsScores:
    def array(names: Sequence[str]) -> FloatArray:
        return np.array([columns[name] for name in names], np.float64).T

    exceeded = np.array(columns["exceeded"], np.int64)
    return OddsScores(
        metric,
        elapsed,
        session=np.asarray(np.searchsorted(opens, np.array(columns["open_time"], np.int64)), np.int64),
        **{field: array([name])[:, 0] for name, field in _VALUES.items()},
        **{name: array([name])[:, 0] for name in _WHERE_KNOWN},
        levels=array(_LEVELS),
        pit=array(("pit_below", "pit_at_most")),
        covered=array(_COVERED),
        assigned_probability=array(_ASSIGNED),
        equal_tailed=array(_EQUAL_TAILED),
        odds=array(_ODDS),
        exceeded=np.arange(len(THRESHOLDS)) < exceeded[:, None],
    )
