"""The analytic answers as flat rows, for CSV: one row a cell, the columns named as the fields are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from volatility.analytics.cone import CONE_LEVELS
from volatility.domain.metrics import METRICS, QUANTILE_LEVELS
from volatility.presentation.numbers import level_name

Report: TypeAlias = Mapping[str, Any]
CONE_FIELDS: Final = ("current", "min", "p25", "median", "p75", "max", "percentile", "n")
HOUR_FIELDS: Final = ("mean_range_pct", "median_range_pct", "variance_share", "n")
_NOW: Final = ("symbol", "date", "as_of")
_FLAGS: Final = ("stale", "simulated")
_QUANTILES: Final = tuple(level_name(level) for level in CONE_LEVELS)
_LEVELS: Final = tuple(level_name(level) for level in QUANTILE_LEVELS)
_TODAY: Final = ("price", "volatility_pct", "range_pct")
_PROFITS: Final = ("mean_profit", "median_profit", "worst_profit", "best_profit")
_RECORD: Final = (
    "n",
    "win_rate",
    "win_rate_low",
    "win_rate_high",
    *(f"{name}{unit}" for name in _PROFITS for unit in ("", "_pct")),
    *(f"mean_profit_{end}{unit}" for end in ("low", "high") for unit in ("", "_pct")),
)


class Table(NamedTuple):
    """The columns of an answer, and what makes its rows."""

    columns: tuple[str, ...]
    rows: Callable[[Report], Iterator[list[Any]]]


def _at(report: Report, names: tuple[str, ...]) -> list[Any]:
    return [report[name] for name in names]


def _cone(report: Report) -> Iterator[list[Any]]:
    for hour in report["hours"]:
        quantiles = [hour[metric.percent_name][name] for metric in METRICS for name in _QUANTILES]
        today = _at(hour["today"], _TODAY) if hour["today"] else [None] * len(_TODAY)
        yield [*_at(report, _NOW), hour["elapsed"], hour["n"], *quantiles, *today, *_at(report, _FLAGS)]


def _odds(report: Report) -> Iterator[list[Any]]:
    for metric in METRICS:
        known = report["distribution"][metric.name]
        for name in _LEVELS if known else ():
            values = [known["quantiles"][name], known["quantiles_pct"][name]]
            yield [*_at(report, _NOW), metric.name, name, *values, *_at(report, _FLAGS)]


def _straddle(report: Report) -> Iterator[list[Any]]:
    by_weekday = report["by_weekday"]
    records = [(record["lookback"], None, record) for record in report["records"]]
    records += [(by_weekday["lookback"], record["weekday"], record) for record in by_weekday["weekdays"]]
    for lookback, weekday, record in records:
        asked = _at(report, ("premium", "strike"))
        yield [*_at(report, _NOW), *asked, lookback, weekday, *_record(record), *_at(report, _FLAGS)]


def _record(record: Report) -> list[Any]:
    ends = {"n": record["n"], "win_rate": record["win_rate"]}
    for name in ("win_rate", "mean_profit"):
        for unit in ("", "_pct"):
            found = record.get(f"{name}_interval{unit}") or {}
            ends |= {f"{name}_{end}{unit}": found.get(end) for end in ("low", "high")}
    return [record[name] if name in record else ends[name] for name in _RECORD]


def _volatility(report: Report) -> Iterator[list[Any]]:
    for estimator, known in report["estimators"].items():
        for horizon, point in known["cone"].items():
            head = [report["symbol"], report["date"], estimator, int(horizon)]
            yield [*head, *_at(point, CONE_FIELDS), report["simulated"]]


def _seasonality(report: Report) -> Iterator[list[Any]]:
    for weekday in report["weekdays"]:
        for hour in weekday["hours"]:
            head = [report["symbol"], report["date"], weekday["weekday"], hour["elapsed"]]
            yield [*head, *_at(hour, HOUR_FIELDS), report["simulated"]]


_CONE_COLUMNS: Final = tuple(f"{metric.percent_name}_{name}" for metric in METRICS for name in _QUANTILES)
TABLES: Final[Mapping[str, Table]] = {
    "cone": Table((*_NOW, "elapsed", "n", *_CONE_COLUMNS, *(f"today_{name}" for name in _TODAY), *_FLAGS), _cone),
    "odds": Table((*_NOW, "measure", "quantile", "value", "value_pct", *_FLAGS), _odds),
    "straddle": Table((*_NOW, "premium", "strike", "lookback", "weekday", *_RECORD, *_FLAGS), _straddle),
    "volatility": Table(("symbol", "date", "estimator", "horizon", *CONE_FIELDS, "simulated"), _volatility),
    "seasonality": Table(("symbol", "date", "weekday", "elapsed", *HOUR_FIELDS, "simulated"), _seasonality),
}
