"""The fields of what the service says about gaps, incomplete sessions and the runs of the jobs."""

from __future__ import annotations

from typing import Final

from volatility.presentation.catalogue.service import SYMBOL_COVERAGE
from volatility.presentation.catalogue.sessions import SESSION
from volatility.presentation.fields import HOURS, SESSIONS, Choice, Field, Group, Kind, ListOf, Text

EXCHANGE_AWAY: Final = Group(
    "ExchangeAway",
    Text(
        "Whether the exchange answers the process that was asked; each process knows of its own questions alone.",
        "Отвечает ли биржа процессу, которому задан вопрос; каждый процесс знает только о своих запросах.",
    ),
    (
        Field(
            "away_since",
            Kind.INSTANT,
            "since when the exchange has not answered or has refused to, as it was last seen",
            "с какого момента биржа не отвечает или отказывает; по последнему запросу",
            null=Text("where it answered, or nothing was asked yet", "если она ответила или её ещё не спрашивали"),
            example="2023-12-30T23:11:07.480+03:00",
        ),
        Field(
            "next_try",
            Kind.INSTANT,
            "before this instant the exchange is not asked for the running session again",
            "до этого момента биржу не спросят о текущей сессии снова",
            null=Text(
                "where it answers, or where the next question to the service asks it",
                "если она отвечает или её спросит уже следующий запрос к сервису",
            ),
            example="2023-12-30T23:20:15+03:00",
        ),
    ),
)
GAP: Final = Group(
    "Gap",
    Text(
        "Consecutive hours for which the exchange has no candle.",
        "Часы подряд, за которые у биржи нет свечи.",
    ),
    (
        Field(
            "from", Kind.INSTANT, "start of the first hour", "начало первого часа", example="2023-03-24T15:00:00+03:00"
        ),
        Field("to", Kind.INSTANT, "end of the last hour", "конец последнего часа", example="2023-03-24T16:00:00+03:00"),
        Field("hours", Kind.INTEGER, "how many hours they are", "сколько это часов", HOURS, least=1, example=1),
    ),
)
INCOMPLETE_SESSION: Final = Group(
    "IncompleteSession",
    Text("A closed session that lacks candles.", "Закрытая сессия, в которой не хватает свечей."),
    SESSION.choose("date", "candles", "expected_candles"),
)
JOB_RUN: Final = Group(
    "JobRun",
    Text(
        "The last run of a job, or the one that runs now; of two at once the one that began last.",
        "Последний запуск задания или тот, что идёт сейчас; из двух одновременных тот, что начался позже.",
    ),
    (
        Field("began", Kind.INSTANT, "when it began", "когда он начался", example="2023-12-30T23:00:03.112+03:00"),
        Field(
            "ended",
            Kind.INSTANT,
            "when it ended",
            "когда он закончился",
            null=Text("while it runs, and where it was lost", "пока он идёт или если он пропал"),
            example="2023-12-30T23:00:04.020+03:00",
        ),
        Field(
            "result",
            Choice(("running", "done", "failed", "lost")),
            "lost where it was killed or its machine went down: nothing was heard of it for two minutes",
            "lost, если его убили или машина выключилась: о нём ничего не слышно две минуты",
            example="done",
        ),
        Field(
            "message",
            Kind.TEXT,
            "why it failed, in one line; stopped where somebody broke it off",
            "почему он не удался, одной строкой; stopped, если его прервали",
            null=Text("unless it failed", "если ошибки не было"),
            example="no exchange address answered (data-api.binance.vision: connection refused)",
        ),
        Field(
            "done",
            Kind.INTEGER,
            "how far it has come; hours fetched, or calendar sessions computed",
            "сколько сделано; часов получено или календарных сессий посчитано",
            null=Text("while nothing is known of it", "пока об этом ничего не известно"),
            least=0,
            example=48,
        ),
        Field(
            "total",
            Kind.INTEGER,
            "of so many; hours to fetch (the last 48 are always fetched again), or calendar sessions to compute",
            "из скольких; часов нужно получить (последние 48 запрашиваются всегда) или календарных сессий посчитать",
            null=Text("while nothing is known of it", "пока об этом ничего не известно"),
            least=0,
            example=48,
        ),
    ),
)
_NO_RUN: Final = Text("where it never ran", "если оно ещё не запускалось")
SYMBOL_QUALITY: Final = Group(
    "SymbolQuality",
    Text(
        "What the data of a symbol lack, and how its jobs went.",
        "Чего не хватает в данных символа и как прошли его задания.",
    ),
    (
        *SYMBOL_COVERAGE.choose(
            "symbol", "simulated", "first_candle", "newest_candle", "first_session", "newest_session"
        ),
        Field(
            "sessions",
            Kind.INTEGER,
            "closed sessions that are stored",
            "сколько закрытых сессий в базе",
            SESSIONS,
            least=0,
            example=2325,
        ),
        *SYMBOL_COVERAGE.choose("gap_hours"),
        Field("gaps", ListOf(GAP), "these hours as runs, oldest first", "эти часы подряд, от старых к новым"),
        Field(
            "incomplete",
            ListOf(INCOMPLETE_SESSION),
            "closed sessions that lack candles, oldest first",
            "закрытые сессии, в которых не хватает свечей, от старых к новым",
        ),
        Field("backfill", JOB_RUN, "the last backfill", "последняя загрузка свечей", null=_NO_RUN),
        Field(
            "aggregation",
            JOB_RUN,
            "the last aggregation; failed also where the forecasts after it did",
            "последняя агрегация; failed и тогда, когда не удались прогнозы после неё",
            null=_NO_RUN,
        ),
    ),
)
QUALITY: Final = Group(
    "Quality",
    Text(
        "What the data lack, how the jobs went, and whether the exchange answers.",
        "Чего не хватает в данных, как прошли задания и отвечает ли биржа.",
    ),
    (
        Field("exchange", EXCHANGE_AWAY, "as this process sees it", "какой её видит этот процесс"),
        Field("symbols", ListOf(SYMBOL_QUALITY), "in the order of SYMBOLS", "в порядке SYMBOLS"),
    ),
)
