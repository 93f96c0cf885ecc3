"""The fields of the odds."""

from __future__ import annotations

from typing import Final

from volatility.domain.metrics import CONE_LEVELS, METRICS
from volatility.presentation.catalogue.analytics import quantile_meaning
from volatility.presentation.catalogue.sessions import RUNNING
from volatility.presentation.fields import (
    HOURS,
    NULLABLE,
    OF_OPEN,
    QUOTE,
    SESSIONS,
    SHARE,
    ByKey,
    Choice,
    Field,
    Group,
    Kind,
    ListOf,
    Text,
)
from volatility.presentation.numbers import level_name

MISSING: Final = ("no_candle", "short_history", "no_scale")  # codes
NO_DISTRIBUTION: Final = Text("without a distribution", "если распределения нет")
OF_DISTRIBUTION: Final = (
    Field(
        "missing",
        Kind.TEXT,
        "why there is no distribution, in one sentence; null where there is one",
        "почему распределения нет, одной фразой (по-английски); null, если оно есть",
        null=NULLABLE,
        example="the running session has no candle yet",
    ),
    Field(
        "missing_code",
        Choice(MISSING),
        "the same for programs: the session has no candle yet, history is too short, or the hours before this one are "
        "missing; null where there is a distribution",
        "то же для программ: у сессии ещё нет свечи, мало истории или нет часов перед текущим; null, если "
        "распределение есть",
        null=NULLABLE,
        example="no_candle",
    ),
    Field(
        "n",
        Kind.INTEGER,
        "past sessions whose paths contribute; without a distribution the complete ones (some 300 are needed)",
        "сколько прошлых сессий дали пути; если распределения нет — сколько есть полных сессий (нужно около 300)",
        SESSIONS,
        least=0,
    ),
)

THRESHOLD_ODDS: Final = Group(
    "ThresholdOdds",
    Text("The probability that the session ends above a value.", "С какой вероятностью сессия кончится выше порога."),
    (
        Field(
            "threshold",
            Kind.NUMBER,
            "the value asked for",
            "заданный порог",
            QUOTE,
            Text("while the open is not known", "пока открытие неизвестно"),
        ),
        Field(
            "threshold_pct",
            Kind.NUMBER,
            "the same",
            "то же",
            OF_OPEN,
            Text("while the open is not known", "пока открытие неизвестно"),
        ),
        Field(
            "probability",
            Kind.NUMBER,
            "that the final value exceeds it",
            "с какой вероятностью итог будет выше порога",
            SHARE,
            NO_DISTRIBUTION,
        ),
    ),
)
THRESHOLDS_ODDS: Final = Group(
    "ThresholdsOdds",
    Text(
        "The odds of the thresholds that were asked for, in their order, those in percent last.",
        "Вероятности для заданных порогов, в том же порядке, пороги в процентах — в конце.",
    ),
    tuple(
        Field(
            metric.name,
            ListOf(THRESHOLD_ODDS),
            f"of the final {metric.title}; empty without a threshold",
            f"итогового {metric.title}; пусто, если порог не задан",
        )
        for metric in METRICS
    ),
)
PREDICTION_INTERVAL: Final = Group(
    "PredictionInterval",
    Text(
        "A prediction interval, its ends included; docs/forecast.md says how its coverage is counted.",
        "Интервал прогноза, концы входят; как считают попадания в него, сказано в docs/forecast.md.",
    ),
    (
        Field("nominal", Kind.NUMBER, "the probability that it aims at", "номинальная вероятность", SHARE),
        Field(
            "probability",
            Kind.NUMBER,
            "the probability that it has by the distribution",
            "вероятность интервала по самому распределению",
            SHARE,
            title="probability",
        ),
        Field("low", Kind.NUMBER, "lower end", "нижний конец", QUOTE, title="low"),
        Field("high", Kind.NUMBER, "upper end", "верхний конец", QUOTE, title="high"),
        Field("low_pct", Kind.NUMBER, "lower end", "нижний конец", OF_OPEN, title="low %"),
        Field("high_pct", Kind.NUMBER, "upper end", "верхний конец", OF_OPEN, title="high %"),
    ),
)
PREDICTIVE_DISTRIBUTION: Final = Group(
    "PredictiveDistribution",
    Text("The distribution of a metric's final value.", "Распределение итога метрики."),
    (
        Field("mean", Kind.NUMBER, "expectation", "среднее", QUOTE, title="mean"),
        Field("mean_pct", Kind.NUMBER, "expectation", "среднее", OF_OPEN),
        Field(
            "quantiles",
            ByKey(Kind.NUMBER, null=True),
            "p1, p2, p5 to p95 in steps of 5, p98, p99",
            "p1, p2, от p5 до p95 с шагом 5, p98, p99",
            QUOTE,
        ),
        Field(
            "quantiles_pct",
            ByKey(Kind.NUMBER, null=True),
            "p1, p2, p5 to p95 in steps of 5, p98, p99",
            "p1, p2, от p5 до p95 с шагом 5, p98, p99",
            OF_OPEN,
        ),
        Field(
            "midpoints",
            ListOf(Kind.NUMBER),
            "twenty values that stand for a twentieth each: p2.5, p7.5, … p97.5",
            "двадцать значений, каждое стоит за одну двадцатую: p2.5, p7.5, … p97.5",
            QUOTE,
        ),
        Field(
            "midpoints_pct",
            ListOf(Kind.NUMBER),
            "the same twenty values",
            "те же двадцать значений",
            OF_OPEN,
        ),
        Field(
            "intervals",
            ListOf(PREDICTION_INTERVAL),
            "of nominally 50, 80 and 90 %",
            "с номинальной вероятностью 50, 80 и 90 %",
        ),
    ),
)
DISTRIBUTIONS: Final = Group(
    "Distributions",
    Text(
        "The distributions of both metrics; null where there is none.",
        "Распределения обеих метрик; null, если их нет.",
    ),
    (
        Field(
            "volatility",
            PREDICTIVE_DISTRIBUTION,
            "of the final Vol",
            "итогового Vol",
            null=Text("where there is none", "если его нет"),
        ),
        Field(
            "range",
            PREDICTIVE_DISTRIBUTION,
            "of the final Range, which is never below Range so far",
            "итогового Range; он не может стать меньше, чем уже есть",
            null=Text("where there is none", "если его нет"),
        ),
    ),
)
FAN_QUANTILES: Final = Group(
    "FanQuantiles",
    Text("Quantiles after one number of hours.", "Квантили через столько-то часов."),
    tuple(Field(level_name(level), Kind.NUMBER, *quantile_meaning(level), OF_OPEN) for level in CONE_LEVELS),
)
FAN_HOUR: Final = Group(
    "FanHour",
    Text(
        "Where the session may be at the end of one remaining hour.",
        "Где сессия может быть в конце одного из оставшихся часов.",
    ),
    (
        Field("elapsed", Kind.INTEGER, "hours since the session's start", "часов от начала сессии", HOURS, least=1),
        Field("volatility_pct", FAN_QUANTILES, "of |price - open|", "|price - open|", OF_OPEN),
        Field("range_pct", FAN_QUANTILES, "of Range until then", "Range к этому часу", OF_OPEN),
    ),
)
LEVEL_ODDS: Final = Group(
    "LevelOdds",
    Text("The probabilities of one price.", "Вероятности для одной цены."),
    (
        Field("price", Kind.NUMBER, "the price asked for", "заданная цена", QUOTE),
        Field(
            "above",
            Kind.NUMBER,
            "that the session ends above it",
            "с какой вероятностью сессия закроется выше неё",
            SHARE,
            NO_DISTRIBUTION,
        ),
        Field(
            "touch",
            Kind.NUMBER,
            "that the price is there at some time from now to the session's end",
            "с какой вероятностью цена до конца сессии до неё дойдёт",
            SHARE,
            NO_DISTRIBUTION,
        ),
    ),
)
FINAL_PRICE: Final = Group(
    "FinalPrice",
    Text("The distribution of the price at the session's end.", "Распределение цены в конце сессии."),
    (
        Field("mean", Kind.NUMBER, "expectation", "среднее", QUOTE, NO_DISTRIBUTION),
        Field(
            "quantiles",
            ByKey(Kind.NUMBER, null=True),
            "p1, p2, p5 to p95 in steps of 5, p98, p99; null without a distribution",
            "p1, p2, от p5 до p95 с шагом 5, p98, p99; null, если распределения нет",
            QUOTE,
            NULLABLE,
        ),
        Field(
            "odds",
            ListOf(LEVEL_ODDS),
            "of the prices that were asked for, in their order",
            "для заданных цен, в том же порядке",
        ),
    ),
)
ODDS_NOW: Final = Group(
    "OddsNow",
    Text(
        "How the running session may end, given the session so far.",
        "Чем может кончиться текущая сессия с учётом того, что уже было.",
    ),
    (
        *OF_DISTRIBUTION,
        Field(
            "effective",
            Kind.NUMBER,
            "how many sessions of equal weight the weighted ones are worth; never more than `n`",
            "у сессий разный вес: скольким сессиям равного веса они равноценны; не больше `n`",
            SESSIONS,
            null=NO_DISTRIBUTION,
        ),
        Field(
            "no_growth",
            Kind.NUMBER,
            "the probability that Range grows no more: that it stays what it is now",
            "вероятность, что Range больше не вырастет: останется таким, как сейчас",
            SHARE,
            NO_DISTRIBUTION,
        ),
        Field("odds", THRESHOLDS_ODDS, "of the thresholds that were asked for", "для заданных порогов"),
        Field("distribution", DISTRIBUTIONS, "of the final values", "распределения итогов"),
        Field("final_price", FINAL_PRICE, "the price at the end", "цена в конце"),
        Field(
            "fan",
            ListOf(FAN_HOUR),
            "at the end of every remaining hour; the last is the session's end, as in `distribution`; "
            "empty without a distribution",
            "в конце каждого из оставшихся часов; последний — конец сессии, как в `distribution`; "
            "пусто, если распределения нет",
        ),
    ),
)
ODDS: Final = Group("Odds", ODDS_NOW.meaning, (*RUNNING.fields, *ODDS_NOW.fields))
QUANTILE_ROW: Final = Group(
    "QuantileRow",
    Text("One quantile of a metric's final value, a row of CSV.", "Квантиль итога метрики, строка CSV."),
    (
        Field(
            "measure",
            Choice(tuple(metric.name for metric in METRICS)),
            "Vol or Range",
            "Vol или Range",
            example="range",
        ),
        Field("quantile", Kind.TEXT, "its name: p1, p2, p5, … p99", "его имя: p1, p2, p5, … p99", example="p95"),
        Field("value", Kind.NUMBER, "its value", "его значение", QUOTE, example=1799.30377885547),
        Field("value_pct", Kind.NUMBER, "its value", "его значение", OF_OPEN, example=4.2894531569133),
    ),
)
