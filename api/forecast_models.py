"""What the endpoints of stored forecasts answer, for the documentation: types, units and real examples."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, Field

from api.models import Heading, Model

_OPEN = "in percent of the session's open"
_SHARE = "0 to 1"

MetricName = Annotated[Literal["volatility", "range"], Field(description="Vol or Range")]


class ForecastDistribution(Model):
    """A predictive distribution, in percent of the session's open."""

    mean: float = Field(description=f"expectation, {_OPEN}", ge=0)
    p5: float = Field(description=f"5th percentile, {_OPEN}")
    p10: float = Field(description=f"10th percentile, {_OPEN}")
    p15: float = Field(description=f"15th percentile, {_OPEN}")
    p20: float = Field(description=f"20th percentile, {_OPEN}")
    p25: float = Field(description=f"25th percentile, {_OPEN}")
    p30: float = Field(description=f"30th percentile, {_OPEN}")
    p35: float = Field(description=f"35th percentile, {_OPEN}")
    p40: float = Field(description=f"40th percentile, {_OPEN}")
    p45: float = Field(description=f"45th percentile, {_OPEN}")
    p50: float = Field(description=f"median, {_OPEN}")
    p55: float = Field(description=f"55th percentile, {_OPEN}")
    p60: float = Field(description=f"60th percentile, {_OPEN}")
    p65: float = Field(description=f"65th percentile, {_OPEN}")
    p70: float = Field(description=f"70th percentile, {_OPEN}")
    p75: float = Field(description=f"75th percentile, {_OPEN}")
    p80: float = Field(description=f"80th percentile, {_OPEN}")
    p85: float = Field(description=f"85th percentile, {_OPEN}")
    p90: float = Field(description=f"90th percentile, {_OPEN}")
    p95: float = Field(description=f"95th percentile, {_OPEN}")


class ForecastOutcome(Model):
    """What came; null while the session runs, or where it does not exist."""

    realised_volatility_pct: float | None = Field(description="root of the sum of hourly Garman-Klass terms, percent")
    volatility_pct: float | None = Field(description=f"final Vol, {_OPEN}")
    range_pct: float | None = Field(description=f"final Range, {_OPEN}")


class _Session(Model):
    date: str = Field(description="the session's label", pattern=r"^\d{4}-\d\d-\d\d$")
    open_time: AwareDatetime = Field(description="start of the session that is forecast")
    close_time: AwareDatetime = Field(description="its end (not part of it)")
    n: int = Field(description="past forecasts that it rests on, or could: 180 are needed", ge=0)
    outcome: ForecastOutcome


class StoredForecast(_Session):
    """A forecast as it was made at a session's open, and what came."""

    made_at: AwareDatetime = Field(description="when it was stored; nothing of it was changed since")
    live: bool = Field(description="whether that was before the session's end; else it was made in retrospect")
    method: int = Field(description="version of the method", ge=1)
    annualised_volatility_pct: float = Field(description="root of the expected variance, percent a year (365 sessions)")
    realised_volatility_pct: ForecastDistribution = Field(description="of the realised volatility, percent")
    volatility_pct: ForecastDistribution = Field(description=f"of the final Vol, {_OPEN}")
    range_pct: ForecastDistribution = Field(description=f"of the final Range, {_OPEN}")


class NextForecast(_Session):
    """The forecast of the session after the newest closed one; null where it is not made, or history is too short."""

    made_at: AwareDatetime | None = Field(description="when it was stored; nothing of it was changed since")
    live: bool | None = Field(description="true: it was made before the session's end")
    method: int | None = Field(description="version of the method")
    annualised_volatility_pct: float | None = Field(
        description="root of the expected variance, percent a year (365 sessions)"
    )
    realised_volatility_pct: ForecastDistribution | None = Field(description="of the realised volatility, percent")
    volatility_pct: ForecastDistribution | None = Field(description=f"of the final Vol, {_OPEN}")
    range_pct: ForecastDistribution | None = Field(description=f"of the final Range, {_OPEN}")


class ForecastReport(Heading):
    """Forecasts as they were made, newest first, beside what came."""

    next: NextForecast
    count: int = Field(description="past forecasts in this answer", ge=0)
    forecasts: list[StoredForecast] = Field(description="of closed sessions, the newest first")


class OddsScore(Model):
    """How good the odds of one measure were after some hours; losses in percent of the open, smaller is better."""

    metric: MetricName
    elapsed_hours: int = Field(description="hours of the session that had passed", ge=0)
    n: int = Field(description="sessions", ge=0)
    crps: float | None = Field(description="mean CRPS of the odds")
    plain_crps: float | None = Field(description="of the last 365 sessions' final values")
    crps_gain: float | None = Field(description="1 - crps / plain_crps")
    pinball: float | None = Field(description="mean pinball loss over seven quantiles, 5 to 95 %")
    plain_pinball: float | None = Field(description="of the last 365 sessions' final values")
    pinball_gain: float | None = Field(description="1 - pinball / plain_pinball")


class CoverageScore(Model):
    """How often intervals of the odds held the outcome; docs/forecast.md tells the four ways to count."""

    metric: MetricName
    elapsed_hours: int = Field(description="hours of the session that had passed", ge=0)
    nominal: float = Field(description=f"probability of the interval by its name, {_SHARE}")
    n: int = Field(description="sessions", ge=0)
    randomised: float | None = Field(description="share with point masses spread out: the one to hold against nominal")
    interval: float | None = Field(description=f"share of outcomes inside the interval that is given, {_SHARE}")
    interval_probability: float | None = Field(description=f"what the distribution gave that interval, {_SHARE}")
    equal_tails: float | None = Field(description=f"share inside the interval with equal tails, {_SHARE}")


class CalibrationScore(Model):
    """Odds between two probabilities, and how often it came so."""

    metric: MetricName
    low: float = Field(description=f"odds from, {_SHARE}")
    high: float = Field(description=f"odds to, {_SHARE}")
    n: int = Field(description="odds: five thresholds at four hours of each session", ge=0)
    predicted: float | None = Field(description="mean of the odds")
    observed: float | None = Field(description="how often the threshold was exceeded")


class VarianceScore(Model):
    """How good a forecast of realised variance was, over the sessions that all of them cover."""

    forecast: str = Field(description="its name; 'this forecast' is the stored one")
    n: int = Field(description="sessions", ge=0)
    qlike: float | None = Field(description="mean QLIKE loss, r/f - ln(r/f) - 1; 0 is perfect")
    t_against_har: float | None = Field(description="Diebold-Mariano t, positive where it is better than plain HAR")
    p: float | None = Field(description="two-sided p value of the same")


class BandScore(Model):
    """How often the next session fell into the p10 to p90 band of a window."""

    metric: MetricName
    window: int = Field(description="sessions", ge=1)
    n: int = Field(description="bands that were followed by a session", ge=0)
    inside: float | None = Field(description=f"share, {_SHARE}")
    expected: float = Field(description="what it would be for independent values: less than 0.8, as samples are small")


class StoredScore(Model):
    """How often intervals of the stored forecasts (p25 to p75, p10 to p90, p5 to p95) held the outcome."""

    made: Literal["live", "in retrospect"] = Field(description="before the session's end, or afterwards")
    metric: Literal["realised_volatility", "volatility", "range"] = Field(description="what was forecast")
    nominal: float = Field(description=f"probability of the interval, {_SHARE}")
    n: int = Field(description="forecasts with an outcome", ge=0)
    covered: float | None = Field(description=f"share, {_SHARE}")


class Scorecard(Heading):
    """What past sessions show; every one judged by what was known before it."""

    method: int = Field(description="version of the method that is scored", ge=1)
    first: str | None = Field(description="label of the first scored session")
    last: str | None = Field(description="label of the last scored session")
    n: int = Field(description="scored sessions", ge=0)
    up_to_date: bool = Field(description="false while closed sessions are still to be scored")
    odds: list[OddsScore] = Field(description="CRPS and pinball loss against the unconditional history")
    coverage: list[CoverageScore] = Field(description="of the 50, 80 and 90 % intervals")
    calibration: list[CalibrationScore] = Field(description="by decile of predicted probability; certain odds left out")
    variance: list[VarianceScore] = Field(description="QLIKE of forecasts of realised variance")
    bands: list[BandScore] = Field(description="the windows' own p10 to p90 bands")
    stored: list[StoredScore] = Field(description="the forecasts as they were stored")


_FILE: Final = Path(__file__).parent / "forecast_examples.json"
_KNOWN: Final[dict[str, Any]] = json.loads(_FILE.read_text(encoding="utf-8"))
EXAMPLES: Final[Mapping[type[Model], dict[str, Any]]] = {
    ForecastReport: _KNOWN["forecast"],
    Scorecard: _KNOWN["scorecard"],
}
