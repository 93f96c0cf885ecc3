"""The fields of the cone, estimators and seasonality."""

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
_ESTIMATORS: Final = ", ".join(ESTIMATORS)
NOTHING: Final = Text("where no session went in", "если не учтено ни одной сессии")
_SHORT: Final = Text(
    "where history is short or over a fifth of it is missing",
    "если истории мало или в ней не хватает больше пятой части",
)
WEEKDAY: Final = Field(
    "weekday",
    Choice(WEEKDAYS),
    "weekday of the session's date",
    "день недели, в который началась сессия",
    title="weekday",
)

ENDS: Final = Group(
    "Ends",
    Text("The two ends of a 95 % interval.", "Два конца 95-процентного интервала."),
    (
        Field("low", Kind.NUMBER, "lower end", "нижний конец", null=NULLABLE),
        Field("high", Kind.NUMBER, "upper end", "верхний конец", null=NULLABLE),
    ),
)


def quantile_meaning(level: float) -> tuple[str, str]:
    """What a quantile is, in English and in Russian."""
    percent = round(100 * level)
    return ("median", "медиана") if percent == 50 else (f"{percent}th percentile", f"{percent}-й процентиль")


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
            *quantile_meaning(level),
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
            NOTHING,
        ),
        Field(
            "median_range_pct",
            Kind.NUMBER,
            "median of the hour's high less low",
            "медианный размах часа, high минус low",
            OF_HOUR_OPEN,
            NOTHING,
            title="median range of each hour, %",
        ),
        Field(
            "variance_share",
            Kind.NUMBER,
            "mean share of the session's variance that falls into this hour, over complete sessions",
            "какая доля дисперсии сессии в среднем приходится на этот час, по полным сессиям",
            SHARE,
            NOTHING,
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
        Field("mean", Kind.NUMBER, "mean", "среднее", OF_OPEN, NOTHING, title="mean"),
        Field("mean_interval", ENDS, "of the mean", "среднего", OF_OPEN, NOTHING, title="95 %"),
        Field("median", Kind.NUMBER, "median", "медиана", OF_OPEN, NOTHING, title="median"),
        Field("median_interval", ENDS, "of the median", "медианы", OF_OPEN, NOTHING),
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
            NOTHING,
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
