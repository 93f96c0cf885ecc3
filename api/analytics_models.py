"""What the analytic endpoints answer, for the documentation: types, units and real examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, Field

from api import analytics_examples as examples
from api.models import PRICE, Heading, Model, PercentileByElapsed, Running

_OPEN = "in percent of the session's open"
_SHARE = "0 to 1"
_CONTRIBUTE = "past sessions whose paths contribute; without a distribution the complete ones (some 300 are needed)"
_YEAR = "percent a year (365 sessions)"

Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
Missing = Annotated[
    str | None, Field(description="why there is no distribution, in one sentence; null where there is one")
]


class ConeQuantiles(Model):
    """Quantiles over past sessions at one elapsed hour; null where none is as long."""

    p10: float | None = Field(description=f"10th percentile, {_OPEN}")
    p25: float | None = Field(description=f"25th percentile, {_OPEN}")
    p50: float | None = Field(description=f"median, {_OPEN}")
    p75: float | None = Field(description=f"75th percentile, {_OPEN}")
    p90: float | None = Field(description=f"90th percentile, {_OPEN}")


class PathPoint(Model):
    """The running session after one closed hour; an hour without a candle stands at the price before it."""

    price: float | None = Field(description=f"the last price of the hour, {PRICE}")
    volatility_pct: float | None = Field(description=f"|price - open|, {_OPEN}")
    range_pct: float | None = Field(description=f"highest less lowest price so far, {_OPEN}")


class ConeHour(Model):
    """Past sessions after one elapsed hour, and the running one beside them."""

    elapsed: int = Field(description="hours since the session's start, all closed", ge=1)
    n: int = Field(description="past sessions that exist and are as long", ge=0)
    volatility_pct: ConeQuantiles = Field(description=f"of |price - open|, {_OPEN}")
    range_pct: ConeQuantiles = Field(description=f"of the running Range, {_OPEN}")
    today: PathPoint | None = Field(description="the running session; null for hours that have not closed yet")


class Cone(Running):
    """The usual Vol and Range after each hour of a session, and today's path."""

    lookback: int = Field(description="how many calendar sessions back it looks", ge=1)
    n: int = Field(description="sessions among them that exist", ge=0)
    percentile_by_elapsed: PercentileByElapsed
    hours: list[ConeHour] = Field(description="after 1, 2, … hours")


class ThresholdOdds(Model):
    """The probability that the session ends above a value."""

    threshold: float | None = Field(description=f"the value asked for, {PRICE}; null while the open is not known")
    threshold_pct: float | None = Field(description=f"the same {_OPEN}")
    probability: float | None = Field(
        description=f"that the final value exceeds it, {_SHARE}; null without distribution"
    )


class ThresholdsOdds(Model):
    """The odds of the thresholds that were asked for; null for a measure without one."""

    volatility: ThresholdOdds | None = Field(description="of the final Vol")
    range: ThresholdOdds | None = Field(description="of the final Range")


Quantiles = Annotated[dict[str, float | None], Field(description="p5, p10, … p95")]


class PredictionInterval(Model):
    """A prediction interval, its ends included; see docs/forecast.md for how they are counted."""

    nominal: float = Field(description=f"the probability that was asked for, {_SHARE}")
    probability: float = Field(description=f"the probability that the distribution gives it, {_SHARE}")
    low: float = Field(description=f"lower end, {PRICE}")
    high: float = Field(description=f"upper end, {PRICE}")
    low_pct: float = Field(description=f"lower end, {_OPEN}")
    high_pct: float = Field(description=f"upper end, {_OPEN}")


class PredictiveDistribution(Model):
    """The distribution of a measure's final value."""

    mean: float = Field(description=f"expectation, {PRICE}")
    mean_pct: float = Field(description=f"expectation, {_OPEN}")
    quantiles: Quantiles = Field(description=f"p5 to p95 in steps of 5, {PRICE}")
    quantiles_pct: Quantiles = Field(description=f"p5 to p95 in steps of 5, {_OPEN}")
    intervals: list[PredictionInterval] = Field(description="of nominally 50, 80 and 90 %")


class Distributions(Model):
    """The distributions of both measures; null where there is none."""

    volatility: PredictiveDistribution | None = Field(description="of the final Vol")
    range: PredictiveDistribution | None = Field(description="of the final Range; never below the range so far")


class Odds(Running):
    """How the running session may end, given what has happened."""

    missing: Missing
    n: int = Field(description=_CONTRIBUTE, ge=0)
    effective: float | None = Field(description="how many equally weighted paths the weighted ones are worth")
    odds: ThresholdsOdds
    distribution: Distributions


class Ends(Model):
    """The two ends of a 95 % interval."""

    low: float | None = Field(description="lower end")
    high: float | None = Field(description="upper end")


class Breakevens(Model):
    """The final prices between which the buyer loses."""

    low: float = Field(description=f"strike less premium, {PRICE}")
    high: float = Field(description=f"strike plus premium, {PRICE}")
    low_pct: float = Field(description=f"strike less premium, {_OPEN}")
    high_pct: float = Field(description=f"strike plus premium, {_OPEN}")


class StraddleValue(Model):
    """What the straddle is worth now, by real-world odds without a premium for risk."""

    missing: Missing
    n: int = Field(description=_CONTRIBUTE, ge=0)
    fair: float | None = Field(description=f"expected payoff at the session's end, {PRICE}")
    expected_profit: float | None = Field(description=f"fair value less the premium, {PRICE}")
    fair_pct: float | None = Field(description=f"expected payoff, {_OPEN}")
    expected_profit_pct: float | None = Field(description=f"fair value less the premium, {_OPEN}")
    probability: float | None = Field(description=f"that the payoff exceeds the premium, {_SHARE}")


class StraddleRecord(Model):
    """What the straddle would have given; null where no session went in. Amounts are percentages of today's open."""

    n: int = Field(description="sessions that exist and went in", ge=0)
    win_rate: float | None = Field(description=f"share of sessions with a profit above 0, {_SHARE}")
    win_rate_interval: Ends | None = Field(
        description="95 % Wilson, n reduced for autocorrelation; from 10 sessions on"
    )
    mean_profit: float | None = Field(description=f"mean profit, {PRICE}")
    median_profit: float | None = Field(description=f"median profit, {PRICE}")
    worst_profit: float | None = Field(description=f"lowest profit, {PRICE}")
    best_profit: float | None = Field(description=f"highest profit, {PRICE}")
    mean_profit_pct: float | None = Field(description=f"mean profit, {_OPEN}")
    median_profit_pct: float | None = Field(description=f"median profit, {_OPEN}")
    worst_profit_pct: float | None = Field(description=f"lowest profit, {_OPEN}")
    best_profit_pct: float | None = Field(description=f"highest profit, {_OPEN}")
    mean_profit_interval: Ends | None = Field(description=f"95 %, Newey-West, {PRICE}; from 10 sessions on")
    mean_profit_interval_pct: Ends | None = Field(description=f"95 %, Newey-West, {_OPEN}; from 10 sessions on")


class LookbackRecord(StraddleRecord):
    """The record of the last sessions."""

    lookback: int | None = Field(description="calendar sessions back; null is all of history")


class WeekdayRecord(StraddleRecord):
    """The record of the sessions that start on one weekday."""

    weekday: Weekday = Field(description="of the session's label")


class WeekdayRecords(Model):
    """The record by weekday, Monday first."""

    lookback: int | None = Field(description="calendar sessions back; null is all of history")
    weekdays: list[WeekdayRecord] = Field(description="Monday to Sunday")


class StraddleAnswer(Running):
    """A straddle bought at the open and held to the session's end: its record, and its value now."""

    reference: float = Field(description=f"today's open, or the last price before it while it has no candle, {PRICE}")
    premium: float = Field(description=f"what it costs, {PRICE}")
    strike: float = Field(description=f"where it is struck, {PRICE}")
    premium_pct: float = Field(description="the premium in percent of `reference`")
    strike_pct: float = Field(description="the strike in percent of `reference`")
    breakevens: Breakevens
    value: StraddleValue
    records: list[LookbackRecord] = Field(
        description="over the last 30, 90, 365 sessions, the lookback asked for, and all"
    )
    by_weekday: WeekdayRecords
    definitions: dict[str, str] = Field(description="what each number means, in plain sentences")


class _Closed(Heading):
    date: str = Field(description="label of the newest closed session", pattern=r"^\d{4}-\d\d-\d\d$")
    close_time: AwareDatetime = Field(description="end of the newest closed session")
    sessions: int = Field(description="closed sessions of history that exist", ge=0)


class WindowVolatility(Model):
    """An estimator over the window that ends with the newest closed session."""

    value: float | None = Field(description=f"{_YEAR}; null where history is short or over a fifth of it is missing")
    n: int = Field(description="sessions of the window that went in", ge=0)


class ConePoint(Model):
    """Where an estimator stands among all its past values over one horizon; the windows overlap."""

    current: float | None = Field(description=f"over the newest window, {_YEAR}")
    min: float | None = Field(description=f"lowest, {_YEAR}")
    p25: float | None = Field(description=f"25th percentile, {_YEAR}")
    median: float | None = Field(description=f"median, {_YEAR}")
    p75: float | None = Field(description=f"75th percentile, {_YEAR}")
    max: float | None = Field(description=f"highest, {_YEAR}")
    percentile: float | None = Field(description=f"share of the past values at or below the current one, {_SHARE}")
    n: int = Field(description="windows of history that went in", ge=0)


class Estimator(Model):
    """One estimator of volatility."""

    windows: dict[str, WindowVolatility] = Field(description="by window: the last 5, 7, 14, 30 and 90 sessions")
    cone: dict[str, ConePoint] = Field(description="the classic volatility cone, by horizon of 1 to 180 sessions")


class VolatilityAnswer(_Closed):
    """Volatility by several estimators, annualised, and where it stands in history."""

    sessions_per_year: int = Field(description="by which it is annualised: the market never closes")
    estimators: dict[str, Estimator] = Field(
        description="close_to_close, parkinson, garman_klass, rogers_satchell, yang_zhang, realised_returns, "
        "realised_garman_klass; formulas in docs/analytics.md"
    )


class SeasonHour(Model):
    """One hour of the sessions of one weekday."""

    elapsed: int = Field(description="hours since the session's start when this one begins", ge=0)
    mean_range_pct: float | None = Field(description="mean of the hour's high less low, in percent of the hour's open")
    median_range_pct: float | None = Field(description="median of the same")
    variance_share: float | None = Field(
        description=f"mean share of the session's variance, {_SHARE}; complete sessions"
    )
    n: int = Field(description="candles that went in", ge=0)


class WeekdayMeasure(Model):
    """Mean and median of a weekday's sessions, with 95 % bootstrap intervals (1000 resamples, a fixed seed)."""

    mean: float | None = Field(description=f"mean, {_OPEN}")
    mean_interval: Ends | None = Field(description=f"of the mean, {_OPEN}")
    median: float | None = Field(description=f"median, {_OPEN}")
    median_interval: Ends | None = Field(description=f"of the median, {_OPEN}")


class SeasonWeekday(Model):
    """The sessions that start on one weekday."""

    weekday: Weekday = Field(description="of the session's label")
    n: int = Field(description="sessions that exist", ge=0)
    volatility_pct: WeekdayMeasure = Field(description="of Vol")
    range_pct: WeekdayMeasure = Field(description="of Range")
    hours: list[SeasonHour] = Field(description="the session's hours, from its start")


class Seasonality(_Closed):
    """When in the week Vol and Range are made."""

    lookback: int = Field(description="how many calendar sessions back it looks", ge=1)
    weekdays: list[SeasonWeekday] = Field(description="Monday to Sunday")


EXAMPLES: Final[Mapping[type[Model], dict[str, Any]]] = {
    Cone: examples.CONE,
    Odds: examples.ODDS,
    StraddleAnswer: examples.STRADDLE,
    VolatilityAnswer: examples.VOLATILITY,
    Seasonality: examples.SEASONALITY,
}
