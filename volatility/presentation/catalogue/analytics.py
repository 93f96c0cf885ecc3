"""The fields of the cone, odds, straddle, estimators and seasonality."""

from __future__ import annotations

from typing import Final

from volatility.analytics.estimators import ESTIMATORS
from volatility.domain.metrics import CONE_LEVELS, METRICS
from volatility.presentation.catalogue.sessions import BY_ELAPSED, HEADING, LOOKBACK, RUNNING
from volatility.presentation.fields import (
    HOURS,
    NULLABLE,
    OF_HOUR_OPEN,
    OF_OPEN,
    OF_REFERENCE,
    PERCENT_A_YEAR,
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
from volatility.presentation.numbers import WEEKDAYS, level_name

_NO_PAST: Final = Text("where no past session is as long", "если прошлых сессий такой длины нет")
_NO_PRICE: Final = Text("where there is no price yet", "если цены ещё нет")
_NO_DISTRIBUTION: Final = Text("without a distribution", "если распределения нет")
_ESTIMATORS: Final = ", ".join(ESTIMATORS)
_NOTHING: Final = Text("where no session went in", "если не учтено ни одной сессии")
_SHORT: Final = Text(
    "where history is short or over a fifth of it is missing",
    "если истории мало или в ней не хватает больше пятой части",
)
_OF_DISTRIBUTION: Final = (
    Field(
        "missing",
        Kind.TEXT,
        "why there is no distribution, in one sentence; null where there is one",
        "почему распределения нет, одной фразой (по-английски); null, если оно есть",
        null=NULLABLE,
        example="the running session has no candle yet",
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
WEEKDAY: Final = Field(
    "weekday",
    Choice(WEEKDAYS),
    "weekday of the session's date",
    "день недели, в который началась сессия",
    title="weekday",
)

CONE_QUANTILES: Final = Group(
    "ConeQuantiles",
    Text(
        "Quantiles over past sessions after one number of hours; null where no session is as long.",
        "Квантили по прошлым сессиям через столько же часов; null, если сессий такой длины нет.",
    ),
    tuple(
        Field(
            level_name(level),
            Kind.NUMBER,
            "median" if level == 0.5 else f"{round(100 * level)}th percentile",
            "медиана" if level == 0.5 else f"{round(100 * level)}-й процентиль",
            OF_OPEN,
            _NO_PAST,
            title=level_name(level),
        )
        for level in CONE_LEVELS
    ),
)
PATH_PERCENTILE: Final = Group(
    "PathPercentile",
    Text(
        "The share of past sessions that stood at or below the running one after as many full hours.",
        "Доля прошлых сессий, где через столько же полных часов значение было не больше, чем в текущей.",
    ),
    tuple(
        Field(metric.name, Kind.NUMBER, f"of {metric.title} so far", f"{metric.title} к этому часу", SHARE, _NO_PAST)
        for metric in METRICS
    ),
)
PATH_POINT: Final = Group(
    "PathPoint",
    Text(
        "The running session at the end of one hour; an hour without a candle keeps the price before it.",
        "Текущая сессия на конец одного из часов; если у часа нет свечи, цена остаётся прежней.",
    ),
    (
        Field("price", Kind.NUMBER, "the last price of the hour", "последняя цена часа", QUOTE, _NO_PRICE),
        Field("volatility_pct", Kind.NUMBER, "|price - open|", "|price - open|", OF_OPEN, _NO_PRICE),
        Field(
            "range_pct",
            Kind.NUMBER,
            "highest less lowest price so far",
            "максимум минус минимум к этому часу",
            OF_OPEN,
            _NO_PRICE,
        ),
        Field(
            "percentile",
            PATH_PERCENTILE,
            "where it stood then among the past sessions of the lookback, as `percentile_by_elapsed` says it of now",
            "место среди прошлых сессий из `lookback` на тот час, как `percentile_by_elapsed` — на сейчас",
        ),
    ),
)
TODAY_POINT: Final = Group(
    "TodayPoint",
    Text(
        "The running session at one instant of its path.",
        "Текущая сессия в один из моментов её пути.",
    ),
    (
        Field(
            "time",
            Kind.INSTANT,
            "end of the five minutes, or of the hour where minutes can't be had; of the first point the open",
            "конец пятиминутки, а если минут нет — конец часа; у первой точки — открытие",
        ),
        Field("elapsed", Kind.NUMBER, "hours since the session's start", "сколько часов прошло с начала сессии", HOURS),
        Field("price", Kind.NUMBER, "the last price by then", "последняя цена к этому моменту", QUOTE),
        Field("volatility_pct", Kind.NUMBER, "|price - open|", "|price - open|", OF_OPEN, least=0),
        Field(
            "range_pct",
            Kind.NUMBER,
            "highest less lowest price so far",
            "максимум минус минимум к этому моменту",
            OF_OPEN,
            least=0,
        ),
    ),
)
_SO_FAR: Final = {
    "volatility": Text("of |price - open|", "|price - open|"),
    "range": Text("of Range so far", "Range к этому часу"),
}
CONE_HOUR: Final = Group(
    "ConeHour",
    Text(
        "Past sessions after one number of hours, and the running one beside them.",
        "Прошлые сессии через столько-то часов после открытия, рядом — текущая.",
    ),
    (
        Field(
            "elapsed",
            Kind.INTEGER,
            "closed hours since the session's start",
            "сколько полных часов прошло с начала сессии",
            HOURS,
            least=1,
            title="hours",
        ),
        Field(
            "n",
            Kind.INTEGER,
            "past sessions that exist and are at least as long",
            "сколько прошлых сессий не короче этого",
            SESSIONS,
            least=0,
            title="n",
        ),
        *(Field(metric.percent_name, CONE_QUANTILES, *_SO_FAR[metric.name], OF_OPEN) for metric in METRICS),
        Field(
            "today",
            PATH_POINT,
            "the running session",
            "текущая сессия",
            null=Text("for hours that have not closed yet", "если час ещё не закрылся"),
            title="today",
        ),
    ),
)
CONE: Final = Group(
    "Cone",
    Text(
        "The usual Vol and Range after each hour of a session, and today's path.",
        "Обычные Vol и Range через каждый час после открытия и путь сегодняшней сессии.",
    ),
    (
        *RUNNING.fields,
        LOOKBACK,
        Field(
            "n",
            Kind.INTEGER,
            "how many of these sessions exist",
            "сколько из этих сессий есть на самом деле",
            SESSIONS,
            least=0,
        ),
        BY_ELAPSED,
        Field("hours", ListOf(CONE_HOUR), "after 1, 2, … hours", "через 1, 2, … часов"),
        Field(
            "path",
            ListOf(TODAY_POINT),
            "today from the open on, by closed five minutes, oldest first; by hours where the exchange doesn't give "
            "them; empty before the first candle",
            "сегодняшний путь от открытия по закрытым пятиминуткам, по порядку; по часам, если биржа их не даёт; "
            "пусто, пока нет первой свечи",
        ),
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
            _NO_DISTRIBUTION,
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
ODDS: Final = Group(
    "Odds",
    Text(
        "How the running session may end, given the session so far.",
        "Чем может кончиться текущая сессия с учётом того, что уже было.",
    ),
    (
        *RUNNING.fields,
        *_OF_DISTRIBUTION,
        Field(
            "effective",
            Kind.NUMBER,
            "how many sessions of equal weight the weighted ones are worth; never more than `n`",
            "у сессий разный вес: скольким сессиям равного веса они равноценны; не больше `n`",
            SESSIONS,
            null=_NO_DISTRIBUTION,
        ),
        Field(
            "no_growth",
            Kind.NUMBER,
            "the probability that Range grows no more: that it stays what it is now",
            "вероятность, что Range больше не вырастет: останется таким, как сейчас",
            SHARE,
            _NO_DISTRIBUTION,
        ),
        Field("odds", THRESHOLDS_ODDS, "of the thresholds that were asked for", "для заданных порогов"),
        Field("distribution", DISTRIBUTIONS, "of the final values", "распределения итогов"),
    ),
)
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

ENDS: Final = Group(
    "Ends",
    Text("The two ends of a 95 % interval.", "Два конца 95-процентного интервала."),
    (
        Field("low", Kind.NUMBER, "lower end", "нижний конец", null=NULLABLE),
        Field("high", Kind.NUMBER, "upper end", "верхний конец", null=NULLABLE),
    ),
)
BREAKEVENS: Final = Group(
    "Breakevens",
    Text(
        "The final prices between which the buyer loses.",
        "Между этими ценами закрытия покупатель теряет.",
    ),
    (
        Field("low", Kind.NUMBER, "strike less premium", "страйк минус премия", QUOTE),
        Field("high", Kind.NUMBER, "strike plus premium", "страйк плюс премия", QUOTE),
        Field("low_pct", Kind.NUMBER, "strike less premium", "страйк минус премия", OF_OPEN),
        Field("high_pct", Kind.NUMBER, "strike plus premium", "страйк плюс премия", OF_OPEN),
    ),
)
STRADDLE_VALUE: Final = Group(
    "StraddleValue",
    Text(
        "What the straddle is worth now, by real-world odds without a premium for risk.",
        "Сколько стрэддл стоит сейчас: по реальным вероятностям, без платы за риск.",
    ),
    (
        *_OF_DISTRIBUTION,
        Field(
            "fair",
            Kind.NUMBER,
            "expected payoff at the session's end, given the session so far: real-world odds, no premium for risk",
            "ожидаемая выплата в конце сессии с учётом того, что уже было: реальные вероятности, без платы за риск",
            QUOTE,
            _NO_DISTRIBUTION,
        ),
        Field(
            "fair_interval",
            ENDS,
            "sampling error of the fair value: 95 % interval of the mean over past sessions' paths, normal, with a "
            "Newey-West variance; a bias of the odds is not in it; null without a distribution or where the paths are "
            "worth less than 10 sessions",
            "ошибка выборки у справедливой цены: 95-процентный интервал среднего по путям прошлых сессий, по "
            "нормальному приближению, с дисперсией Ньюи–Уэста; смещение самих вероятностей в него не входит; null, "
            "если распределения нет или пути равноценны менее чем 10 сессиям",
            QUOTE,
            NULLABLE,
        ),
        Field(
            "past_payoff",
            Kind.NUMBER,
            "what it paid on average in a past session, from its open to its end; the mean profit plus the premium; "
            "at the open to be compared with the fair value",
            "сколько он в среднем выплачивал за одну прошлую сессию, от открытия до конца; средняя прибыль плюс "
            "премия; сравнивать со справедливой ценой имеет смысл на открытии",
            QUOTE,
            _NOTHING,
        ),
        Field(
            "past_payoff_interval",
            ENDS,
            "95 % interval of that mean, normal, with a Newey-West variance; null for fewer than 10 sessions",
            "95-процентный интервал этого среднего, по нормальному приближению, с дисперсией Ньюи–Уэста; null, если "
            "сессий меньше 10",
            QUOTE,
            NULLABLE,
        ),
        Field(
            "past_lookback",
            Kind.INTEGER,
            "how many calendar sessions back `past_payoff` goes; the lookback asked for, or 365",
            "за сколько последних календарных сессий взят `past_payoff`; сколько задано в lookback, иначе 365",
            SESSIONS,
            least=1,
        ),
        Field(
            "past_n",
            Kind.INTEGER,
            "how many of those sessions have candles and went in",
            "сколько из этих сессий имеют свечи и учтены",
            SESSIONS,
            least=0,
        ),
        Field(
            "expected_profit",
            Kind.NUMBER,
            "the fair value less the premium",
            "справедливая цена минус премия",
            QUOTE,
            _NO_DISTRIBUTION,
        ),
        Field("fair_pct", Kind.NUMBER, "expected payoff", "ожидаемая выплата", OF_OPEN, _NO_DISTRIBUTION),
        Field(
            "fair_interval_pct",
            ENDS,
            "the interval of the fair value; null where `fair_interval` is",
            "интервал справедливой цены; null, если `fair_interval` — null",
            OF_OPEN,
            NULLABLE,
        ),
        Field(
            "past_payoff_pct",
            Kind.NUMBER,
            "mean payoff of past sessions",
            "средняя выплата прошлых сессий",
            OF_OPEN,
            _NOTHING,
        ),
        Field(
            "past_payoff_interval_pct",
            ENDS,
            "its interval; null where `past_payoff_interval` is",
            "её интервал; null, если `past_payoff_interval` — null",
            OF_OPEN,
            NULLABLE,
        ),
        Field(
            "expected_profit_pct",
            Kind.NUMBER,
            "the fair value less the premium",
            "справедливая цена минус премия",
            OF_OPEN,
            _NO_DISTRIBUTION,
        ),
        Field(
            "probability",
            Kind.NUMBER,
            "chance from now on that the payoff at the end exceeds the premium",
            "вероятность на текущую минуту, что выплата в конце превысит премию",
            SHARE,
            _NO_DISTRIBUTION,
        ),
    ),
)
STRADDLE_RECORD: Final = Group(
    "StraddleRecord",
    Text(
        "What the straddle would have given; null where no session went in. Amounts are percentages of today's open.",
        "Что дал бы стрэддл; null, если не учтено ни одной сессии. Суммы — это проценты от сегодняшнего открытия.",
    ),
    (
        Field(
            "n",
            Kind.INTEGER,
            "sessions of the lookback that have candles and went in",
            "сколько сессий со свечами учтено",
            SESSIONS,
            least=0,
            title="n",
        ),
        Field(
            "win_rate",
            Kind.NUMBER,
            "share of the sessions whose profit was above 0",
            "доля сессий с прибылью больше 0",
            SHARE,
            _NOTHING,
            title="wins",
        ),
        Field(
            "win_rate_interval",
            ENDS,
            "95 % Wilson interval of the win rate, n reduced for the autocorrelation of wins; "
            "null for fewer than 10 sessions",
            "95-процентный интервал Уилсона для доли выигрышей, n уменьшено с учётом их автокорреляции; "
            "null, если сессий меньше 10",
            SHARE,
            NULLABLE,
            title="95 %",
            column="win_rate_{}",
        ),
        Field(
            "mean_profit",
            Kind.NUMBER,
            "mean of |close - strike| less the premium, costs left out",
            "средняя прибыль, то есть |close - strike| минус премия; без издержек",
            QUOTE,
            _NOTHING,
            title="mean profit",
        ),
        Field(
            "median_profit",
            Kind.NUMBER,
            "the profit that half of the sessions exceeded",
            "прибыль, которую превысила половина сессий",
            QUOTE,
            _NOTHING,
            title="median",
        ),
        Field(
            "worst_profit",
            Kind.NUMBER,
            "the lowest profit; no lower than the premium lost",
            "наименьшая прибыль; потерять можно не больше премии",
            QUOTE,
            _NOTHING,
            title="worst",
        ),
        Field("best_profit", Kind.NUMBER, "the highest profit", "наибольшая прибыль", QUOTE, _NOTHING),
        Field("mean_profit_pct", Kind.NUMBER, "mean profit", "средняя прибыль", OF_OPEN, _NOTHING),
        Field("median_profit_pct", Kind.NUMBER, "median profit", "медианная прибыль", OF_OPEN, _NOTHING),
        Field("worst_profit_pct", Kind.NUMBER, "lowest profit", "наименьшая прибыль", OF_OPEN, _NOTHING),
        Field("best_profit_pct", Kind.NUMBER, "highest profit", "наибольшая прибыль", OF_OPEN, _NOTHING),
        Field(
            "mean_profit_interval",
            ENDS,
            "95 % interval of the mean, normal, with a Newey-West variance; null for fewer than 10 sessions",
            "95-процентный интервал среднего, нормальный, с дисперсией Ньюи–Уэста; null, если сессий меньше 10",
            QUOTE,
            NULLABLE,
            title="95 % of mean",
            column="mean_profit_{}",
        ),
        Field(
            "mean_profit_interval_pct",
            ENDS,
            "the same interval; null for fewer than 10 sessions",
            "тот же интервал; null, если сессий меньше 10",
            OF_OPEN,
            NULLABLE,
            column="mean_profit_{}_pct",
        ),
    ),
)
_RECORD_LOOKBACK: Final = Field(
    "lookback",
    Kind.INTEGER,
    "how many calendar sessions back the record goes, the running one left out; null is all of history",
    "за сколько последних календарных сессий подведён итог, без текущей; null — за всю историю",
    SESSIONS,
    NULLABLE,
    title="sessions",
)
LOOKBACK_RECORD: Final = Group(
    "LookbackRecord",
    Text("The record of the last sessions.", "Итог за последние сессии."),
    (_RECORD_LOOKBACK, *STRADDLE_RECORD.fields),
)
WEEKDAY_RECORD: Final = Group(
    "WeekdayRecord",
    Text(
        "The record of the sessions that start on one weekday.", "Итог за сессии, которые начались в один день недели."
    ),
    (WEEKDAY, *STRADDLE_RECORD.fields),
)
WEEKDAY_RECORDS: Final = Group(
    "WeekdayRecords",
    Text("The record by weekday, Monday first.", "Итоги по дням недели, с понедельника."),
    (
        _RECORD_LOOKBACK,
        Field("weekdays", ListOf(WEEKDAY_RECORD), "Monday to Sunday", "с понедельника по воскресенье"),
    ),
)
STRADDLE: Final = Group(
    "StraddleAnswer",
    Text(
        "A straddle bought at the open and held to the session's end: its record, and its value now.",
        "Стрэддл куплен на открытии и держится до конца сессии: что он дал бы раньше и сколько стоит сейчас.",
    ),
    (
        *RUNNING.fields,
        Field(
            "reference",
            Kind.NUMBER,
            "the open of the running session, or the last price before it while it has no candle; "
            "percentages are of it, and amounts in quote currency are percentages times it",
            "открытие текущей сессии, а пока у неё нет свечи — последняя цена до неё; "
            "от этой цены считаются проценты, и суммы в валюте котировки — это проценты от неё",
            QUOTE,
        ),
        Field(
            "premium",
            Kind.NUMBER,
            "what the straddle costs at the open; a past session is charged the same percentage of its own open",
            "сколько стрэддл стоит на открытии; в прошлых сессиях — тот же процент от их открытия",
            QUOTE,
        ),
        Field(
            "strike",
            Kind.NUMBER,
            "the price at which both options are struck; for a past session the same percentage of its own open",
            "страйк обоих опционов; в прошлых сессиях — тот же процент от их открытия",
            QUOTE,
        ),
        Field("premium_pct", Kind.NUMBER, "the premium", "премия", OF_REFERENCE),
        Field("strike_pct", Kind.NUMBER, "the strike", "страйк", OF_REFERENCE),
        Field(
            "breakevens",
            BREAKEVENS,
            "the final prices between which the buyer loses: the strike less and plus the premium",
            "между этими ценами закрытия покупатель теряет: страйк минус премия и страйк плюс премия",
        ),
        Field("value", STRADDLE_VALUE, "what the straddle is worth now", "сколько стрэддл стоит сейчас"),
        Field(
            "records",
            ListOf(LOOKBACK_RECORD),
            "over the last 30, 90, 365 sessions, the lookback asked for, and all",
            "за последние 30, 90, 365 сессий, за заданное число и за все",
        ),
        Field("by_weekday", WEEKDAY_RECORDS, "the record by weekday", "итоги по дням недели"),
        Field(
            "definitions",
            ByKey(Kind.TEXT),
            "what each number means, in plain sentences",
            "что значит каждое число, простыми словами (по-английски)",
        ),
    ),
)
DEFINED: Final = (
    *STRADDLE.choose("reference", "premium", "strike", "breakevens"),
    _RECORD_LOOKBACK,
    *STRADDLE_RECORD.choose("n", "win_rate", "win_rate_interval", "mean_profit", "mean_profit_interval"),
    *STRADDLE_RECORD.choose("median_profit", "worst_profit", "best_profit"),
    *STRADDLE_VALUE.choose("fair", "fair_interval", "past_payoff", "past_payoff_interval", "past_lookback", "past_n"),
    *STRADDLE_VALUE.choose("probability", "expected_profit"),
)  # what `definitions` explains

_CLOSED: Final = (
    *HEADING,
    Field("date", Kind.DATE, "label of the newest closed session", "дата последней закрытой сессии"),
    Field("close_time", Kind.INSTANT, "end of the newest closed session", "конец последней закрытой сессии"),
    Field(
        "sessions",
        Kind.INTEGER,
        "closed sessions of history that exist",
        "сколько закрытых сессий есть в истории",
        SESSIONS,
        least=0,
    ),
)
WINDOW_VOLATILITY: Final = Group(
    "WindowVolatility",
    Text(
        "An estimator over the window that ends with the newest closed session.",
        "Оценка по окну, которое кончается на последней закрытой сессии.",
    ),
    (
        Field("value", Kind.NUMBER, "volatility", "волатильность", PERCENT_A_YEAR, _SHORT),
        Field(
            "n",
            Kind.INTEGER,
            "sessions of the window that went in",
            "сколько сессий окна учтено",
            SESSIONS,
            least=0,
        ),
    ),
)
CONE_POINT: Final = Group(
    "ConePoint",
    Text(
        "Where an estimator stands among all its past values over one horizon; the windows overlap.",
        "Место оценки среди всех её прошлых значений на одном горизонте; окна пересекаются.",
    ),
    (
        Field(
            "current",
            Kind.NUMBER,
            "over the newest window",
            "по последнему окну",
            PERCENT_A_YEAR,
            _SHORT,
            title="current",
        ),
        Field("min", Kind.NUMBER, "lowest", "наименьшее", PERCENT_A_YEAR, _SHORT, title="min"),
        Field("p25", Kind.NUMBER, "25th percentile", "25-й процентиль", PERCENT_A_YEAR, _SHORT, title="p25"),
        Field("median", Kind.NUMBER, "median", "медиана", PERCENT_A_YEAR, _SHORT, title="median"),
        Field("p75", Kind.NUMBER, "75th percentile", "75-й процентиль", PERCENT_A_YEAR, _SHORT, title="p75"),
        Field("max", Kind.NUMBER, "highest", "наибольшее", PERCENT_A_YEAR, _SHORT, title="max"),
        Field(
            "percentile",
            Kind.NUMBER,
            "share of the past values at or below the current one",
            "доля прошлых значений, которые не выше текущего",
            SHARE,
            _SHORT,
            title="percentile",
        ),
        Field(
            "n",
            Kind.INTEGER,
            "windows of history that went in",
            "сколько окон истории учтено",
            least=0,
            title="n",
        ),
    ),
)
ESTIMATOR: Final = Group(
    "Estimator",
    Text("One estimator of volatility.", "Одна оценка волатильности."),
    (
        Field(
            "windows",
            ByKey(WINDOW_VOLATILITY),
            "by window: the last 5, 7, 14, 30 and 90 sessions",
            "по окнам: последние 5, 7, 14, 30 и 90 сессий",
        ),
        Field(
            "cone",
            ByKey(CONE_POINT),
            "the classic volatility cone, by horizon of 1 to 180 sessions",
            "классический конус волатильности, по горизонтам от 1 до 180 сессий",
        ),
    ),
)
VOLATILITY: Final = Group(
    "VolatilityAnswer",
    Text(
        "Volatility by several estimators, annualised, and where it stands in history.",
        "Волатильность по нескольким оценкам, в годовых, и её место в истории.",
    ),
    (
        *_CLOSED,
        Field(
            "sessions_per_year",
            Kind.INTEGER,
            "sessions in a year, when annualising: the market never closes",
            "сколько сессий в году при пересчёте в годовые: рынок не закрывается",
            SESSIONS,
        ),
        Field(
            "estimators",
            ByKey(ESTIMATOR),
            f"{_ESTIMATORS}; formulas in docs/analytics.md",
            f"{_ESTIMATORS}; формулы в docs/analytics.md",
        ),
    ),
)
CONE_KEYS: Final = Group(
    "ConeKeys",
    Text("Which point of a volatility cone a row of CSV is.", "Какая точка конуса волатильности стоит в строке CSV."),
    (
        Field("estimator", Kind.TEXT, "name of the estimator", "имя оценки", example="parkinson"),
        Field("horizon", Kind.INTEGER, "length of its windows", "длина её окон", SESSIONS, example=30),
    ),
)

SEASON_HOUR: Final = Group(
    "SeasonHour",
    Text("One hour of the sessions of one weekday.", "Один час сессий одного дня недели."),
    (
        Field(
            "elapsed",
            Kind.INTEGER,
            "hours from the session's start to the start of this hour",
            "сколько часов от начала сессии до начала этого часа",
            HOURS,
            least=0,
            title="hour",
        ),
        Field(
            "mean_range_pct",
            Kind.NUMBER,
            "mean of the hour's high less low",
            "средний размах часа, high минус low",
            OF_HOUR_OPEN,
            _NOTHING,
        ),
        Field(
            "median_range_pct",
            Kind.NUMBER,
            "median of the hour's high less low",
            "медианный размах часа, high минус low",
            OF_HOUR_OPEN,
            _NOTHING,
            title="median range of each hour, %",
        ),
        Field(
            "variance_share",
            Kind.NUMBER,
            "mean share of the session's variance that falls into this hour, over complete sessions",
            "какая доля дисперсии сессии в среднем приходится на этот час, по полным сессиям",
            SHARE,
            _NOTHING,
        ),
        Field("n", Kind.INTEGER, "candles that went in", "сколько свечей учтено", least=0),
    ),
)
WEEKDAY_MEASURE: Final = Group(
    "WeekdayMeasure",
    Text(
        "Mean and median of a weekday's sessions, with 95 % bootstrap intervals (1000 resamples, a fixed seed).",
        "Среднее и медиана по сессиям одного дня недели, с 95-процентными бутстреп-интервалами "
        "(1000 выборок, генератор с постоянным зерном).",
    ),
    (
        Field("mean", Kind.NUMBER, "mean", "среднее", OF_OPEN, _NOTHING, title="mean"),
        Field("mean_interval", ENDS, "of the mean", "среднего", OF_OPEN, _NOTHING, title="95 %"),
        Field("median", Kind.NUMBER, "median", "медиана", OF_OPEN, _NOTHING, title="median"),
        Field("median_interval", ENDS, "of the median", "медианы", OF_OPEN, _NOTHING),
    ),
)
SEASON_WEEKDAY: Final = Group(
    "SeasonWeekday",
    Text("The sessions that start on one weekday.", "Сессии, которые начались в один день недели."),
    (
        WEEKDAY,
        Field("n", Kind.INTEGER, "sessions that exist", "сколько таких сессий есть", SESSIONS, least=0, title="n"),
        *(Field(metric.percent_name, WEEKDAY_MEASURE, f"of {metric.title}", metric.title) for metric in METRICS),
        Field("hours", ListOf(SEASON_HOUR), "the session's hours, from its start", "часы сессии, с её начала"),
        Field(
            "variance_ahead",
            ListOf(Kind.NUMBER),
            "mean share of the session's variance that is still to come after 0, 1, 2, … hours, over complete "
            "sessions: 1 at the open, 0 at the end",
            "какая доля дисперсии сессии в среднем ещё впереди через 0, 1, 2, … часов после открытия, по полным "
            "сессиям: 1 на открытии, 0 в конце",
            SHARE,
            _NOTHING,
        ),
    ),
)
SEASONALITY: Final = Group(
    "Seasonality",
    Text("When in the week Vol and Range are made.", "В какие дни и часы набираются Vol и Range."),
    (
        *_CLOSED,
        LOOKBACK,
        Field("weekdays", ListOf(SEASON_WEEKDAY), "Monday to Sunday", "с понедельника по воскресенье"),
    ),
)
