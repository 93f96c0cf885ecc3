"""The one list of what is measured.

Columns, API fields, CSV headers, labels and documentation derive from here, and a test holds them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Metric:
    """What is measured of a session: ``name`` in code and JSON, ``title`` for people, ``meaning`` for documentation."""

    name: str
    title: str
    meaning: str
    meaning_ru: str

    @property
    def percent_name(self) -> str:
        """The name of the same metric as a percentage of the session's open."""
        return f"{self.name}_pct"


@dataclass(frozen=True)
class Statistic:
    """What is computed of a metric over a window; ``quantile`` is its level, None for the mean."""

    name: str
    quantile: float | None
    meaning: str
    meaning_ru: str

    @property
    def percent_name(self) -> str:
        """The name of the same statistic of the sessions' percentages of their opens."""
        return f"{self.name}_pct"


VOLATILITY: Final = Metric(
    "volatility",
    "Vol",
    "|open - close| of the session; what a straddle struck at the open pays",
    "|open - close| сессии; столько платит стрэддл со страйком по цене открытия",
)
RANGE: Final = Metric("range", "Range", "high - low of the session", "high - low сессии")
METRICS: Final = (VOLATILITY, RANGE)

STATISTICS: Final = (
    Statistic("mean", None, "arithmetic mean over the window", "среднее арифметическое по окну"),
    Statistic("median", 0.5, "median over the window", "медиана по окну"),
    *(
        Statistic(
            f"p{percent}",
            percent / 100,
            f"{percent}th percentile over the window, linear interpolation",
            f"{percent}-й процентиль по окну, с линейной интерполяцией",
        )
        for percent in (10, 25, 75, 90)
    ),
)

REALISED: Final = Metric(
    "realised_volatility",
    "Realised",
    "root of the sum of the session's hourly Garman-Klass variances",
    "корень из суммы часовых дисперсий Гармана–Класса за сессию",
)
FORECAST_METRICS: Final = (REALISED, *METRICS)  # forecast at a session's open, in percent
QUANTILES: Final = tuple(range(5, 100, 5))  # percent
QUANTILE_LEVELS: Final = tuple(level / 100 for level in QUANTILES)
ODDS_LEVELS: Final = (0.01, 0.02, *QUANTILE_LEVELS, 0.98, 0.99)  # quantiles of how the running session may end
MIDPOINT_LEVELS: Final = tuple((2 * place + 1) / 40 for place in range(20))  # of twenty parts that are equally likely
FORECAST_VALUES: Final = ("mean", *(f"p{level}" for level in QUANTILES))
CONE_LEVELS: Final = (0.1, 0.25, 0.5, 0.75, 0.9)  # quantiles of the session cone
SCORED_HOURS: Final = (0, 6, 12, 18)  # elapsed hours at which the odds of past sessions are scored
INTERVALS: Final = (50, 80, 90)  # nominal, percent
INTERVAL_LEVELS: Final = tuple(level / 100 for level in INTERVALS)
THRESHOLDS: Final = (10, 25, 50, 75, 90)  # quantiles of the plain forecast that odds are asked for, percent
THRESHOLD_LEVELS: Final = tuple(level / 100 for level in THRESHOLDS)
TERCILES: Final = ("low", "middle", "high")  # thirds of the scored sessions, by what was expected of them
VARIANCE_BASELINES: Final = {  # column: name
    "previous": "previous session",
    "mean_30": "mean of 30 sessions",
    "ewma": "EWMA, 0.94",
    "har": "HAR",
    "har_saturday": "HAR and Saturday",
}

SCORE_TABLES: Final = (  # of the scorecard
    "odds",
    "means",
    "coverage",
    "weekdays",
    "wild_hours",
    "calibration",
    "no_growth",
    "variance",
    "bands",
    "stored",
)

DEFAULT_WINDOWS: Final = (5, 7, 14, 30)


def forecast_column(metric: Metric, value: str) -> str:
    """The flat name of one value of a forecast distribution.

    >>> forecast_column(RANGE, "p90")
    'range_pct_p90'
    """
    return f"{metric.percent_name}_{value}"


def column(metric: Metric, statistic: Statistic | str, window: int) -> str:
    """The flat name of one statistic, as in CSV headers.

    >>> column(VOLATILITY, "mean", 5)
    'volatility_mean_5'
    """
    name = statistic if isinstance(statistic, str) else statistic.name
    return f"{metric.name}_{name}_{window}"
