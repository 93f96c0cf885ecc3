"""The fields of sessions, their statistics, and the running session."""

from __future__ import annotations

from typing import Final

from volatility.domain.metrics import METRICS, STATISTICS
from volatility.presentation.fields import (
    BASE,
    CANDLES,
    HOURS,
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

NO_CANDLE: Final = Text("while the session has no candle yet", "пока у сессии нет ни одной свечи")
_TOO_SHORT: Final = Text(
    "where history does not reach back that far or too few sessions exist",
    "если история короче окна или сессий в нём слишком мало",
)

HEADING: Final = (
    Field("symbol", Kind.TEXT, "as the exchange names it", "символ, как его называет биржа"),
    Field(
        "session_start",
        Kind.TEXT,
        "time of day in `timezone` at which sessions start",
        "во сколько начинаются сессии, по часовому поясу `timezone`",
    ),
    Field("timezone", Kind.TEXT, "the zone of the sessions", "часовой пояс сессий"),
    Field(
        "simulated",
        Kind.FLAG,
        "true where the candles come from a simulated exchange: no number is real then",
        "true, если свечи смоделированы: тогда ни одно число не настоящее",
    ),
)
_BEGINS: Final = (
    Field(
        "date",
        Kind.DATE,
        "the session's label: its first day in the session's zone",
        "дата сессии: день, в который она началась, по её часовому поясу",
        title="date",
    ),
    Field(
        "open_time",
        Kind.INSTANT,
        "start of the session, with its zone's offset",
        "начало сессии, с её часовым поясом",
    ),
    Field(
        "close_time", Kind.INSTANT, "end of the session (not part of it)", "конец сессии (сам момент в неё не входит)"
    ),
)
_HOLDS: Final = (
    Field("volume", Kind.NUMBER, "traded volume", "объём торгов", BASE, least=0),
    Field(
        "candles",
        Kind.INTEGER,
        "hourly candles that the session has",
        "сколько часовых свечей есть у сессии",
        CANDLES,
        least=0,
        title="candles",
    ),
    Field(
        "expected_candles",
        Kind.INTEGER,
        "hours of the session: 24, or 23 or 25 when clocks change",
        "сколько часов в сессии: 24, а при переводе часов 23 или 25",
        HOURS,
        least=1,
    ),
    Field(
        "complete",
        Kind.FLAG,
        "whether every hour of the closed session has its candle",
        "есть ли свеча за каждый час закрытой сессии",
    ),
)

SESSION: Final = Group(
    "Session",
    Text("One closed session.", "Одна закрытая сессия."),
    (
        *_BEGINS,
        Field("open", Kind.NUMBER, "first trade", "первая сделка", QUOTE, above=0, title="open"),
        Field("high", Kind.NUMBER, "highest trade", "максимум", QUOTE, above=0, title="high"),
        Field("low", Kind.NUMBER, "lowest trade", "минимум", QUOTE, above=0, title="low"),
        Field("close", Kind.NUMBER, "last trade", "последняя сделка", QUOTE, above=0, title="close"),
        *_HOLDS,
        *(
            Field(metric.name, Kind.NUMBER, metric.meaning, metric.meaning_ru, QUOTE, least=0, title=metric.title)
            for metric in METRICS
        ),
        *(
            Field(
                metric.percent_name,
                Kind.NUMBER,
                metric.title,
                metric.title,
                OF_OPEN,
                least=0,
                title=f"{metric.title} %",
            )
            for metric in METRICS
        ),
    ),
)

WINDOW_STATISTICS: Final = Group(
    "WindowStatistics",
    Text(
        "The statistics of one window; all null where history does not reach back that far or too few sessions exist.",
        "Статистики одного окна; все равны null, если история короче окна или сессий в нём слишком мало.",
    ),
    (
        Field(
            "n",
            Kind.INTEGER,
            "sessions of the window that exist and went in",
            "сколько сессий окна есть и учтено",
            SESSIONS,
            least=0,
            title="n",
        ),
        *(
            Field(one.name, Kind.NUMBER, one.meaning, one.meaning_ru, QUOTE, _TOO_SHORT, title=one.name)
            for one in STATISTICS
        ),
        *(
            Field(
                one.percent_name,
                Kind.NUMBER,
                f"{one.meaning}; of each session's value as a percentage of its own open",
                f"{one.meaning_ru}; по значениям сессий в процентах от их собственного открытия",
                OF_OPEN,
                _TOO_SHORT,
            )
            for one in STATISTICS
        ),
    ),
)
PERCENT_STATISTICS: Final = WINDOW_STATISTICS.choose(*(one.percent_name for one in STATISTICS))
STATISTICS_BY_METRIC: Final = Group(
    "Statistics",
    Text("Statistics of both metrics by window.", "Статистики обеих метрик по окнам."),
    tuple(
        Field(
            metric.name,
            ByKey(WINDOW_STATISTICS),
            f"of {metric.title}, by window: the last 5, 7, 14 and 30 calendar sessions (or as set by WINDOWS)",
            f"{metric.title} по окнам: последние 5, 7, 14 и 30 календарных сессий (или как задано в WINDOWS)",
        )
        for metric in METRICS
    ),
)
SESSION_WITH_STATISTICS: Final = Group(
    "SessionWithStatistics",
    Text("One closed session with the windows that end with it.", "Закрытая сессия и окна, которые на ней кончаются."),
    (
        *SESSION.fields,
        Field(
            "statistics",
            STATISTICS_BY_METRIC,
            "the windows that end with this session",
            "окна, которые кончаются на этой сессии",
            column="{}",
        ),
    ),
)

_COUNT: Final = Field(
    "count", Kind.INTEGER, "sessions in this answer", "сколько сессий в этом ответе", SESSIONS, least=0
)
STATISTICS_REPORT: Final = Group(
    "StatisticsReport",
    Text(
        "Closed sessions with their statistics, newest first.",
        "Закрытые сессии со статистиками, новые первыми.",
    ),
    (
        *HEADING,
        _COUNT,
        Field("sessions", ListOf(SESSION_WITH_STATISTICS), "the sessions, newest first", "сессии, новые первыми"),
    ),
)
SESSIONS_REPORT: Final = Group(
    "SessionsReport",
    Text("Closed sessions, oldest first.", "Закрытые сессии, старые первыми."),
    (*HEADING, _COUNT, Field("sessions", ListOf(SESSION), "the sessions, oldest first", "сессии, старые первыми")),
)

RUNNING: Final = Group(
    "Running",
    Text(
        "The session that runs now; prices and metrics are null while it has no candle yet.",
        "Текущая сессия; пока у неё нет ни одной свечи, цены и метрики равны null.",
    ),
    (
        *HEADING,
        *_BEGINS,
        Field("open", Kind.NUMBER, "first trade", "первая сделка", QUOTE, NO_CANDLE),
        Field("high", Kind.NUMBER, "highest trade so far", "максимум к этой минуте", QUOTE, NO_CANDLE),
        Field("low", Kind.NUMBER, "lowest trade so far", "минимум к этой минуте", QUOTE, NO_CANDLE),
        Field("close", Kind.NUMBER, "newest trade", "последняя сделка", QUOTE, NO_CANDLE),
        *_HOLDS,
        *(
            Field(metric.name, Kind.NUMBER, f"{metric.title} so far", f"{metric.title} к этой минуте", QUOTE, NO_CANDLE)
            for metric in METRICS
        ),
        *(
            Field(
                metric.percent_name,
                Kind.NUMBER,
                f"{metric.title} so far",
                f"{metric.title} к этой минуте",
                OF_OPEN,
                NO_CANDLE,
            )
            for metric in METRICS
        ),
        Field("as_of", Kind.INSTANT, "the instant up to which the data reach", "момент, по который есть данные"),
        Field(
            "price",
            Kind.NUMBER,
            "the newest price; the same as `close`",
            "последняя цена; то же, что `close`",
            QUOTE,
            NO_CANDLE,
        ),
        Field(
            "elapsed_hours",
            Kind.NUMBER,
            "hours of the session that have passed at `as_of`",
            "сколько часов сессии прошло к моменту `as_of`",
            HOURS,
            least=0,
        ),
        Field(
            "source",
            Choice(("exchange", "database")),
            "where the newest candles come from",
            "откуда взяты последние свечи: с биржи или из базы",
        ),
        Field(
            "stale",
            Kind.FLAG,
            "true where the exchange gave nothing usable and the answer is made of stored candles",
            "true, если биржа не ответила как надо и ответ построен по свечам из базы",
        ),
    ),
)

LOOKBACK: Final = Field(
    "lookback",
    Kind.INTEGER,
    "how many calendar sessions back it looks",
    "сколько последних календарных сессий учитывается",
    SESSIONS,
    least=1,
)
PERCENTILE_RANK: Final = Group(
    "PercentileRank",
    Text(
        "The share of each window's closed sessions that are at or below today's value so far, 0 to 1.",
        "Доля закрытых сессий окна, где значение не больше сегодняшнего на эту минуту, от 0 до 1.",
    ),
    tuple(
        Field(
            metric.name,
            ByKey(Kind.NUMBER, null=True),
            f"of today's {metric.title} so far, by window",
            f"сегодняшнего {metric.title} к этой минуте, по окнам",
            SHARE,
            title="rank",
        )
        for metric in METRICS
    ),
)
PERCENTILE_BY_ELAPSED: Final = Group(
    "PercentileByElapsed",
    Text(
        "The share of past sessions at or below the running one at the same elapsed time, 0 to 1.\n\n"
        "Between full hours it is interpolated; null before the first candle and while no past session is as long.",
        "Доля прошлых сессий, где значение через то же время после открытия было не больше, чем в текущей, "
        "от 0 до 1.\n\n"
        "Между целыми часами интерполируется; null, пока нет первой свечи или прошлых сессий такой длины.",
    ),
    (
        LOOKBACK,
        Field("n", Kind.INTEGER, "past sessions that went in", "сколько прошлых сессий учтено", SESSIONS, least=0),
        *(
            Field(
                metric.name,
                Kind.NUMBER,
                f"of {metric.title} so far, which is compared in percent of the open",
                f"{metric.title} к этой минуте; сравнивается в процентах от открытия",
                SHARE,
                Text(
                    "before the first candle and while no past session is as long",
                    "пока нет первой свечи или прошлых сессий такой длины",
                ),
            )
            for metric in METRICS
        ),
    ),
)
BY_ELAPSED: Final = Field(
    "percentile_by_elapsed",
    PERCENTILE_BY_ELAPSED,
    "the share of past sessions at or below the running one at the same elapsed time",
    "доля прошлых сессий, где значение через то же время после открытия было не больше, чем в текущей",
)
TODAY_NOW: Final = Group(
    "TodayNow",
    Text(
        "The windows around the running session, and its place among past sessions.",
        "Окна вокруг текущей сессии и её место среди прошлых.",
    ),
    (
        Field(
            "statistics",
            STATISTICS_BY_METRIC,
            "the windows with today as their newest session, as if it closed now",
            "окна, где последняя сессия — сегодняшняя, как если бы она закрылась сейчас",
        ),
        Field(
            "closed_statistics",
            STATISTICS_BY_METRIC,
            "the windows over closed sessions only, today left out",
            "окна только из закрытых сессий, без сегодняшней",
        ),
        Field(
            "percentile_rank",
            PERCENTILE_RANK,
            "the share of each window's closed sessions that are at or below today's value so far",
            "доля закрытых сессий каждого окна, где значение не больше сегодняшнего на эту минуту",
        ),
        BY_ELAPSED,
    ),
)
TODAY: Final = Group("Today", RUNNING.meaning, (*RUNNING.fields, *TODAY_NOW.fields))
