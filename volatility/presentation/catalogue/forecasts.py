"""The fields of stored forecasts and of the scorecard."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from volatility.domain.metrics import FORECAST_METRICS, METRICS, QUANTILES, TERCILES
from volatility.presentation.catalogue.analytics import WEEKDAY
from volatility.presentation.catalogue.sessions import HEADING
from volatility.presentation.fields import (
    BIAS,
    GAIN,
    HOURS,
    OF_OPEN,
    PERCENT,
    PERCENT_A_YEAR,
    SESSIONS,
    SHARE,
    Choice,
    Field,
    Group,
    Kind,
    ListOf,
    Text,
)

_NOT_MADE: Final = Text("where it is not made yet, or history is too short", "если прогноза ещё нет или истории мало")
_NO_OUTCOME: Final = Text("while the session runs, or where it does not exist", "пока сессия идёт или если её не было")
_NONE_SCORED: Final = Text("while none is scored", "пока ни одна не оценена")
_TOO_FEW: Final = Text("where there is too little to say", "если данных слишком мало")
_NO_ERROR: Final = Text("for fewer than 30 values, or where all are alike", "если значений меньше 30 или все одинаковы")

FORECAST_DISTRIBUTION: Final = Group(
    "ForecastDistribution",
    Text(
        "A predictive distribution, in percent of the session's open.",
        "Распределение прогноза, в процентах от открытия сессии.",
    ),
    (
        Field("mean", Kind.NUMBER, "expectation", "среднее", OF_OPEN, least=0, title="mean"),
        *(
            Field(
                f"p{percent}",
                Kind.NUMBER,
                "median" if percent == 50 else f"{percent}th percentile",
                "медиана" if percent == 50 else f"{percent}-й процентиль",
                OF_OPEN,
                title=f"p{percent}" if percent in {5, 10, 25, 50, 75, 90, 95} else None,
            )
            for percent in QUANTILES
        ),
    ),
)
FORECAST_OUTCOME: Final = Group(
    "ForecastOutcome",
    Text(
        "How the session ended; null while it runs, or where it does not exist.",
        "Что вышло; null, пока сессия идёт или если её не было.",
    ),
    (
        Field(
            "realised_volatility_pct",
            Kind.NUMBER,
            "root of the sum of hourly Garman-Klass terms",
            "корень из суммы часовых дисперсий Гармана–Класса",
            PERCENT,
            _NO_OUTCOME,
        ),
        *(
            Field(
                metric.percent_name,
                Kind.NUMBER,
                f"final {metric.title}",
                f"{metric.title} в конце сессии",
                OF_OPEN,
                _NO_OUTCOME,
            )
            for metric in METRICS
        ),
    ),
)
_SESSION: Final = (
    Field("date", Kind.DATE, "the session's label", "дата сессии", title="date"),
    Field(
        "open_time", Kind.INSTANT, "start of the session that is forecast", "начало сессии, на которую сделан прогноз"
    ),
    Field("close_time", Kind.INSTANT, "its end (not part of it)", "её конец (сам момент в неё не входит)"),
)
_MADE: Final = (
    Field(
        "made_at",
        Kind.INSTANT,
        "when the forecast was stored; it has not changed since",
        "когда прогноз записан; с тех пор он не менялся",
    ),
    Field(
        "live",
        Kind.FLAG,
        "true where the forecast was stored before the session's end; false where it was made in retrospect",
        "true, если прогноз записан до конца сессии; false, если рассчитан ретроспективно",
    ),
    Field("method", Kind.INTEGER, "version of the method", "версия метода", least=1),
)
_RESTS_ON: Final = Field(
    "n",
    Kind.INTEGER,
    "past forecasts that it rests on; where none is made, how many there are so far; 180 are needed",
    "на скольких прошлых прогнозах он основан; если прогноза нет — сколько их уже есть; нужно 180",
    least=0,
)
_OUTCOME: Final = Field("outcome", FORECAST_OUTCOME, "how the session ended", "что вышло")
_SAID: Final = (
    Field(
        "annualised_volatility_pct",
        Kind.NUMBER,
        "root of the expected variance",
        "корень из ожидаемой дисперсии",
        PERCENT_A_YEAR,
    ),
    Field(
        "realised_volatility_pct",
        FORECAST_DISTRIBUTION,
        "of the realised volatility",
        "реализованной волатильности",
        PERCENT,
    ),
    *(
        Field(
            metric.percent_name,
            FORECAST_DISTRIBUTION,
            f"of the final {metric.title}",
            f"итогового {metric.title}",
            OF_OPEN,
        )
        for metric in METRICS
    ),
)
STORED_FORECAST: Final = Group(
    "StoredForecast",
    Text(
        "A forecast as it was made at a session's open, and how the session ended.",
        "Прогноз на открытии сессии, каким он был сделан, и что вышло.",
    ),
    (*_SESSION, *_MADE, _RESTS_ON, *_SAID, _OUTCOME),
)
NEXT_FORECAST: Final = Group(
    "NextForecast",
    Text(
        "The forecast of the session after the newest closed one; null where it is not made, or history is too short.",
        "Прогноз на сессию после последней закрытой; null, если его ещё нет или истории мало.",
    ),
    (
        *_SESSION,
        *(field.or_null(_NOT_MADE) for field in _MADE),
        _RESTS_ON,
        *(field.or_null(_NOT_MADE) for field in _SAID),
        _OUTCOME,
    ),
)
FORECAST_REPORT: Final = Group(
    "ForecastReport",
    Text(
        "Forecasts as they were made, newest first, and beside each how its session ended.",
        "Прогнозы, какими они были сделаны, новые первыми; рядом с каждым — что вышло.",
    ),
    (
        *HEADING,
        Field(
            "next", NEXT_FORECAST, "of the session after the newest closed one", "на сессию после последней закрытой"
        ),
        Field("count", Kind.INTEGER, "past forecasts in this answer", "сколько прошлых прогнозов в ответе", least=0),
        Field(
            "forecasts",
            ListOf(STORED_FORECAST),
            "of closed sessions, newest first",
            "на закрытые сессии, новые первыми",
        ),
    ),
)

_METRIC: Final = Field("metric", Choice(tuple(metric.name for metric in METRICS)), "Vol or Range", "Vol или Range")
_ELAPSED: Final = Field(
    "elapsed_hours",
    Kind.INTEGER,
    "hours of the session that had passed",
    "сколько часов сессии прошло",
    HOURS,
    least=0,
)
_N: Final = Field("n", Kind.INTEGER, "sessions", "сколько сессий", SESSIONS, least=0)


def _standard_error(of: str) -> Field:
    """How sure a share is, beside it."""
    return Field(
        "standard_error",
        Kind.NUMBER,
        f"of `{of}`, Newey-West",
        f"стандартная ошибка `{of}`, по Ньюи–Уэсту",
        SHARE,
        _NO_ERROR,
        example=0.012,
    )


ODDS_SCORE: Final = Group(
    "OddsScore",
    Text(
        "How good the odds of one metric were after some hours; losses in percent of the open, smaller is better.",
        "Насколько хороши были вероятности одной метрики через `elapsed_hours` часов после открытия; потери в "
        "процентах от открытия, чем меньше, тем лучше.",
    ),
    (
        _METRIC,
        _ELAPSED,
        _N,
        Field("crps", Kind.NUMBER, "mean CRPS of the odds", "средний CRPS вероятностей", OF_OPEN, _TOO_FEW),
        Field(
            "plain_crps",
            Kind.NUMBER,
            "the same for the plain forecast: the final values of the last 365 sessions",
            "то же у простого прогноза: итогов последних 365 сессий",
            OF_OPEN,
            _TOO_FEW,
        ),
        Field("crps_gain", Kind.NUMBER, "1 - crps / plain_crps", "1 - crps / plain_crps", GAIN, _TOO_FEW),
        Field(
            "pinball",
            Kind.NUMBER,
            "mean pinball loss over seven quantiles, 5 to 95 %",
            "средняя квантильная потеря (pinball) по семи квантилям, от 5 до 95 %",
            OF_OPEN,
            _TOO_FEW,
        ),
        Field(
            "plain_pinball",
            Kind.NUMBER,
            "the same for the plain forecast: the final values of the last 365 sessions",
            "то же у простого прогноза: итогов последних 365 сессий",
            OF_OPEN,
            _TOO_FEW,
        ),
        Field(
            "pinball_gain",
            Kind.NUMBER,
            "1 - pinball / plain_pinball",
            "1 - pinball / plain_pinball",
            GAIN,
            _TOO_FEW,
        ),
        Field(
            "worst_share",
            Kind.NUMBER,
            "of the CRPS of all sessions together, the share of the worst one",
            "какую долю суммарного CRPS всех сессий дала худшая из них",
            SHARE,
            _TOO_FEW,
        ),
    ),
)
MEAN_SCORE: Final = Group(
    "MeanScore",
    Text(
        "What the odds expected on average beside what came, over all sessions and by thirds of what was expected.",
        "Каких значений в среднем ожидали и что вышло: по всем сессиям и по третям, от меньшего ожидаемого к большему.",
    ),
    (
        _METRIC,
        _ELAPSED,
        Field(
            "tercile",
            Choice(("all", *TERCILES)),
            "all sessions, or the third of them in which the expected value was lowest, in the middle, highest",
            "все сессии или их треть: с наименьшим, средним или наибольшим ожидаемым значением",
        ),
        _N,
        Field("mean", Kind.NUMBER, "mean of the expected values", "среднее ожидаемых значений", OF_OPEN, _TOO_FEW),
        Field("outcome", Kind.NUMBER, "mean of the outcomes", "среднее итогов", OF_OPEN, _TOO_FEW),
        Field(
            "bias",
            Kind.NUMBER,
            "mean / outcome - 1; above 0 where too much was expected",
            "mean / outcome - 1; больше нуля, если обещали слишком много",
            BIAS,
            _TOO_FEW,
        ),
        Field(
            "t",
            Kind.NUMBER,
            "t of the difference, Newey-West; of the 32 rows one or two lie beyond 2 by chance",
            "t-статистика разницы, с ошибкой по Ньюи–Уэсту; из 32 строк у одной-двух |t| случайно больше 2",
            null=_TOO_FEW,
        ),
    ),
)
COVERAGE_SCORE: Final = Group(
    "CoverageScore",
    Text(
        "How often intervals of the odds held the outcome; docs/forecast.md explains the four ways to count.",
        "Как часто исход попадал в интервал, который называли вероятности; четыре способа счёта — в docs/forecast.md.",
    ),
    (
        _METRIC,
        _ELAPSED,
        Field(
            "nominal",
            Kind.NUMBER,
            "the probability that the interval aims at",
            "номинальная вероятность интервала",
            SHARE,
        ),
        _N,
        Field(
            "randomised",
            Kind.NUMBER,
            "share of outcomes inside with point masses spread out; compare this one with nominal",
            "доля исходов внутри интервала, если точечную массу распределить равномерно; именно её сравнивайте "
            "с nominal",
            SHARE,
            _TOO_FEW,
        ),
        _standard_error("randomised"),
        Field(
            "interval",
            Kind.NUMBER,
            "share of outcomes inside the interval that the odds give",
            "доля исходов внутри того интервала, который выдан",
            SHARE,
            _TOO_FEW,
        ),
        Field(
            "interval_probability",
            Kind.NUMBER,
            "the probability of that interval by the distribution, on average",
            "вероятность этого интервала по самому распределению, в среднем",
            SHARE,
            _TOO_FEW,
        ),
        Field(
            "equal_tails",
            Kind.NUMBER,
            "share of outcomes inside the interval with equal tails",
            "доля исходов внутри интервала с равными хвостами",
            SHARE,
            _TOO_FEW,
        ),
    ),
)
_NOMINAL: Final = COVERAGE_SCORE["nominal"]
_RANDOMISED: Final = COVERAGE_SCORE.choose("randomised", "standard_error")
WEEKDAY_SCORE: Final = Group(
    "WeekdayScore",
    Text(
        "Coverage of the 80 % interval by weekday. Of many cells some look bad by chance: read `t` beside `cells`.",
        "Доля попаданий в 80-процентный интервал по дням недели. Ячеек много, и некоторые отклоняются случайно: "
        "смотрите `t` вместе с `cells`.",
    ),
    (
        _METRIC,
        _ELAPSED,
        WEEKDAY,
        _NOMINAL,
        _N,
        *_RANDOMISED,
        Field(
            "t",
            Kind.NUMBER,
            "t of the distance from nominal, Newey-West",
            "t-статистика отличия от номинала, с ошибкой по Ньюи–Уэсту",
            null=_TOO_FEW,
        ),
        Field(
            "cells",
            Kind.INTEGER,
            "how many such cells are looked at; one in twenty lies beyond 2 by chance",
            "сколько таких ячеек всего; примерно у каждой двадцатой |t| случайно больше 2",
            least=1,
        ),
    ),
)
WILD_SCORE: Final = Group(
    "WildHourScore",
    Text(
        "Coverage where the last hour was wild: its range was more than twice what was expected of it.",
        "Доля попаданий после бурного часа: его размах более чем вдвое превысил ожидаемый.",
    ),
    (_METRIC, _ELAPSED, _NOMINAL, _N, *_RANDOMISED, WEEKDAY_SCORE["t"]),
)
CALIBRATION_SCORE: Final = Group(
    "CalibrationScore",
    Text(
        "Odds from `low` to `high`, and how often they came true.",
        "Названные вероятности от `low` до `high` и как часто сбывалось.",
    ),
    (
        _METRIC,
        Field("low", Kind.NUMBER, "odds from", "нижняя граница вероятностей", SHARE),
        Field("high", Kind.NUMBER, "odds to", "верхняя граница вероятностей", SHARE),
        Field(
            "n",
            Kind.INTEGER,
            "how many odds: up to five thresholds at each of four hours of a session",
            "сколько таких вероятностей: в каждой сессии до пяти порогов на каждый из четырёх моментов",
            least=0,
        ),
        Field("predicted", Kind.NUMBER, "mean of the odds", "средняя названная вероятность", SHARE, _TOO_FEW),
        Field(
            "observed",
            Kind.NUMBER,
            "how often the threshold was exceeded",
            "как часто порог был превышен",
            SHARE,
            _TOO_FEW,
        ),
    ),
)
NO_GROWTH_SCORE: Final = Group(
    "NoGrowthScore",
    Text(
        "The probability that Range grows no more, and how often that came true; certain ones are left out.",
        "Вероятность, что Range больше не вырастет, и как часто так и было; без вероятностей 0 и 1.",
    ),
    (
        _ELAPSED,
        Field(
            "low",
            Kind.NUMBER,
            "probabilities from; the first row of an hour has all",
            "нижняя граница вероятностей; первая строка каждого часа — по всем сразу",
            SHARE,
        ),
        Field("high", Kind.NUMBER, "probabilities to", "верхняя граница вероятностей", SHARE),
        _N,
        Field("predicted", Kind.NUMBER, "mean of the probabilities", "средняя названная вероятность", SHARE, _TOO_FEW),
        Field(
            "observed",
            Kind.NUMBER,
            "how often Range grew no more",
            "как часто Range больше не рос",
            SHARE,
            _TOO_FEW,
        ),
        _standard_error("observed"),
    ),
)
VARIANCE_SCORE: Final = Group(
    "VarianceScore",
    Text(
        "How good a forecast of realised variance was, over the sessions that every forecast covers.",
        "Насколько хорош был прогноз реализованной дисперсии, по сессиям, на которые есть все прогнозы.",
    ),
    (
        Field(
            "forecast",
            Kind.TEXT,
            "its name; 'this forecast' is the stored one",
            "его название; 'this forecast' — тот, что хранится",
        ),
        _N,
        Field(
            "qlike",
            Kind.NUMBER,
            "mean QLIKE loss, r/f - ln(r/f) - 1; 0 is perfect",
            "средняя потеря QLIKE, r/f - ln(r/f) - 1; 0 — идеально",
            null=_TOO_FEW,
        ),
        Field(
            "worst_share",
            Kind.NUMBER,
            "of the QLIKE of all sessions together, the share of the worst one",
            "какую долю суммарного QLIKE всех сессий дала худшая из них",
            SHARE,
            _TOO_FEW,
        ),
        Field(
            "t_against_har",
            Kind.NUMBER,
            "Diebold-Mariano t, positive where it is better than plain HAR",
            "t-статистика Диболда–Мариано; больше нуля, если прогноз лучше простого HAR",
            null=Text("for HAR itself", "если это сам HAR"),
            example=4.15,
        ),
        Field(
            "p",
            Kind.NUMBER,
            "two-sided p value of that t",
            "двустороннее p-значение для этого t",
            null=Text("for HAR itself", "если это сам HAR"),
            example=3.2e-05,
        ),
    ),
)
BAND_SCORE: Final = Group(
    "BandScore",
    Text(
        "How often the next session fell into the p10 to p90 band of a window.",
        "Как часто следующая сессия попадала в полосу окна p10–p90.",
    ),
    (
        _METRIC,
        Field("window", Kind.INTEGER, "length of the window", "длина окна", SESSIONS, least=1),
        Field(
            "n",
            Kind.INTEGER,
            "bands that were followed by a session",
            "сколько раз после полосы была сессия",
            least=0,
        ),
        Field(
            "inside",
            Kind.NUMBER,
            "share of those sessions that were inside",
            "доля этих сессий внутри полосы",
            SHARE,
            _TOO_FEW,
        ),
        _standard_error("inside"),
        Field(
            "expected",
            Kind.NUMBER,
            "what it would be for independent values; below 0.8, because the windows are small",
            "какой была бы доля при независимых значениях; меньше 0,8, потому что окна малы",
            SHARE,
        ),
    ),
)
STORED_SCORE: Final = Group(
    "StoredScore",
    Text(
        "How often intervals of the stored forecasts (p25 to p75, p10 to p90, p5 to p95) held the outcome.",
        "Как часто исход попадал в интервалы хранимых прогнозов (p25–p75, p10–p90, p5–p95).",
    ),
    (
        Field(
            "made",
            Choice(("live", "in retrospect")),
            "stored before the session's end, by whatever version of the method, or made afterwards",
            "записан до конца сессии, какой бы ни была версия метода, или рассчитан ретроспективно",
        ),
        replace(
            _METRIC,
            shape=Choice(tuple(metric.name for metric in FORECAST_METRICS)),
            en="what was forecast",
            ru="что прогнозировалось",
        ),
        Field(
            "nominal",
            Kind.NUMBER,
            "the probability that the interval aims at",
            "номинальная вероятность интервала",
            SHARE,
        ),
        Field("n", Kind.INTEGER, "forecasts with an outcome", "сколько прогнозов с известным исходом", least=0),
        Field(
            "covered",
            Kind.NUMBER,
            "share of outcomes inside",
            "доля исходов внутри интервала",
            SHARE,
            _TOO_FEW,
            example=0.512,
        ),
        _standard_error("covered"),
    ),
)
SCORES: Final = {
    "odds": ODDS_SCORE,
    "means": MEAN_SCORE,
    "coverage": COVERAGE_SCORE,
    "weekdays": WEEKDAY_SCORE,
    "wild_hours": WILD_SCORE,
    "calibration": CALIBRATION_SCORE,
    "no_growth": NO_GROWTH_SCORE,
    "variance": VARIANCE_SCORE,
    "bands": BAND_SCORE,
    "stored": STORED_SCORE,
}  # by table
SCORECARD: Final = Group(
    "Scorecard",
    Text(
        "What past sessions show; each is judged by what was known before it.",
        "Что показали прошлые сессии; каждая оценена по тому, что было известно до неё.",
    ),
    (
        *HEADING,
        Field(
            "method",
            Kind.INTEGER,
            "version of the method that is scored",
            "версия метода, который оценивается",
            least=1,
        ),
        Field(
            "first", Kind.DATE, "label of the first scored session", "дата первой оценённой сессии", null=_NONE_SCORED
        ),
        Field(
            "last", Kind.DATE, "label of the last scored session", "дата последней оценённой сессии", null=_NONE_SCORED
        ),
        Field("n", Kind.INTEGER, "scored sessions", "сколько сессий оценено", SESSIONS, least=0),
        Field(
            "up_to_date",
            Kind.FLAG,
            "false while closed sessions are still to be scored",
            "false, пока оценены не все закрытые сессии",
        ),
        Field(
            "odds",
            ListOf(ODDS_SCORE),
            "CRPS and pinball loss, beside those of the plain forecast",
            "CRPS и квантильная потеря, рядом — у простого прогноза",
            title="odds: losses in % of the open, gain over the last 365 sessions' values",
        ),
        Field(
            "means",
            ListOf(MEAN_SCORE),
            "expected values beside outcomes",
            "ожидаемые значения и итоги",
            title="means of the odds: what they expected and what came, % of the open",
        ),
        Field(
            "coverage",
            ListOf(COVERAGE_SCORE),
            "of the 50, 80 and 90 % intervals",
            "как часто исход попадал в интервалы 50, 80 и 90 %",
            title="intervals of the odds: how many outcomes they held",
        ),
        Field(
            "weekdays",
            ListOf(WEEKDAY_SCORE),
            "coverage of the 80 % interval by weekday",
            "попадание в интервал 80 % по дням недели",
            title="80 % intervals of the odds by weekday",
        ),
        Field(
            "wild_hours",
            ListOf(WILD_SCORE),
            "coverage where the last hour was wild",
            "попадание после бурного часа",
            title="intervals of the odds after a wild hour",
        ),
        Field(
            "calibration",
            ListOf(CALIBRATION_SCORE),
            "by decile of predicted probability; certain odds are left out",
            "по децилям названной вероятности; без вероятностей 0 и 1",
            title="odds by decile, and how often it came so",
        ),
        Field(
            "no_growth",
            ListOf(NO_GROWTH_SCORE),
            "the probability that Range grows no more, and how often that came true",
            "вероятность, что Range больше не вырастет, и как часто так и было",
            title="odds that Range grows no more, and how often that came true",
        ),
        Field(
            "variance",
            ListOf(VARIANCE_SCORE),
            "QLIKE of forecasts of realised variance",
            "QLIKE прогнозов реализованной дисперсии",
            title="forecasts of realised variance",
        ),
        Field(
            "bands",
            ListOf(BAND_SCORE),
            "the windows' own p10 to p90 bands",
            "полосы p10–p90 самих окон",
            title="p10 to p90 bands of the windows: how many held the next session",
        ),
        Field(
            "stored",
            ListOf(STORED_SCORE),
            "the forecasts as they were stored",
            "прогнозы, какими они записаны",
            title="stored forecasts: how many outcomes their intervals held",
        ),
    ),
)
