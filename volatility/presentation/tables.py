"""The answers as flat rows, for CSV: which object is a row, and what stands around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from volatility.domain.metrics import METRICS, ODDS_LEVELS
from volatility.presentation.catalogue import analytics, forecasts, history, odds, sessions, straddle
from volatility.presentation.flat import Report, Row, Table
from volatility.presentation.numbers import level_name

_LEVELS: Final = tuple(level_name(level) for level in ODDS_LEVELS)


def sessions_table(windows: Sequence[int]) -> Table:
    """Closed sessions; without windows, without statistics."""
    group = sessions.SESSION_WITH_STATISTICS if windows else sessions.SESSION
    answer = sessions.STATISTICS_REPORT
    later = sessions.PERCENT_STATISTICS
    return Table(answer.choose("symbol"), (), group, answer.choose("simulated"), _sessions, windows, appended=later)


def score_table(name: str) -> Table:
    """One of the tables of the scorecard."""
    answer = forecasts.SCORECARD

    def rows(report: Report) -> Iterator[Row]:
        return (Row((), row) for row in report[name])

    return Table(answer.choose("symbol"), (), forecasts.SCORES[name], answer.choose("simulated"), rows)


def _sessions(report: Report) -> Iterator[Row]:
    return (Row((), session) for session in report["sessions"])


def _cone(report: Report) -> Iterator[Row]:
    return (Row((), hour) for hour in report["hours"])


def _odds(report: Report) -> Iterator[Row]:
    for metric in METRICS:
        found = report["distribution"][metric.name]
        for name in _LEVELS if found else ():
            values = {"value": found["quantiles"][name], "value_pct": found["quantiles_pct"][name]}
            yield Row((), {"measure": metric.name, "quantile": name, **values})


def _straddle(report: Report) -> Iterator[Row]:
    for record in report["records"]:
        yield Row((record["lookback"], None), record)
    by_weekday = report["by_weekday"]
    for record in by_weekday["weekdays"]:
        yield Row((by_weekday["lookback"], record["weekday"]), record)


def _volatility(report: Report) -> Iterator[Row]:
    for estimator, found in report["estimators"].items():
        for horizon, point in found["cone"].items():
            yield Row((estimator, int(horizon)), point)


def _seasonality(report: Report) -> Iterator[Row]:
    for weekday in report["weekdays"]:
        for hour in weekday["hours"]:
            yield Row((weekday["weekday"],), hour)


def _history(report: Report) -> Iterator[Row]:
    columns = report["columns"]
    for values in zip(*columns.values(), strict=True):
        yield Row((), dict(zip(columns, values, strict=True)))


def _distribution(report: Report) -> Iterator[Row]:
    """The bins, and behind them what lies beyond."""
    edges, counts = report["edges"], [*report["counts"], report["beyond"]]
    for low, high, count in zip(edges, [*edges[1:], None], counts, strict=True) if edges else ():
        yield Row((), {"low": low, "high": high, "count": count})


def _forecast(report: Report) -> Iterator[Row]:
    """Newest first; the running session's where it has one."""
    following = [report["next"]] if report["next"]["made_at"] else []
    return (Row((), forecast) for forecast in following + report["forecasts"])


_RUNNING: Final = ("symbol", "date", "as_of")
_FLAGS: Final = ("stale", "simulated")
TABLES: Final[Mapping[str, Table]] = {
    "cone": Table(analytics.CONE.choose(*_RUNNING), (), analytics.CONE_HOUR, analytics.CONE.choose(*_FLAGS), _cone),
    "odds": Table(odds.ODDS.choose(*_RUNNING), (), odds.QUANTILE_ROW, odds.ODDS.choose(*_FLAGS), _odds),
    "straddle": Table(
        straddle.STRADDLE.choose(*_RUNNING, "premium", "strike"),
        (*straddle.LOOKBACK_RECORD.choose("lookback"), *straddle.WEEKDAY_RECORD.choose("weekday")),
        straddle.STRADDLE_RECORD,
        straddle.STRADDLE.choose(*_FLAGS),
        _straddle,
        beside=True,
    ),
    "volatility": Table(
        analytics.VOLATILITY.choose("symbol", "date"),
        analytics.CONE_KEYS.fields,
        analytics.CONE_POINT,
        analytics.VOLATILITY.choose("simulated"),
        _volatility,
    ),
    "seasonality": Table(
        analytics.SEASONALITY.choose("symbol", "date"),
        analytics.SEASON_WEEKDAY.choose("weekday"),
        analytics.SEASON_HOUR,
        analytics.SEASONALITY.choose("simulated"),
        _seasonality,
    ),
    "history": Table(
        history.HISTORY.choose("symbol", "metric", "window"),
        (),
        history.HISTORY_COLUMNS,
        history.HISTORY.choose("simulated"),
        _history,
    ),
    "distribution": Table(
        history.DISTRIBUTION.choose("symbol", "metric", "lookback"),
        (),
        history.DISTRIBUTION_BIN,
        history.DISTRIBUTION.choose("simulated"),
        _distribution,
    ),
    "forecast": Table(
        forecasts.FORECAST_REPORT.choose("symbol"),
        (),
        forecasts.STORED_FORECAST,
        forecasts.FORECAST_REPORT.choose("simulated"),
        _forecast,
    ),
}
