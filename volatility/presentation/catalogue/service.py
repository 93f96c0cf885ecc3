"""The fields of what the service says about itself, and of its errors."""

from __future__ import annotations

from typing import Final

from volatility.presentation.catalogue.problems import TYPES
from volatility.presentation.fields import HOURS, NULLABLE, SECONDS, ByKey, Choice, Field, Group, Kind, ListOf, Text

_NO_CANDLE: Final = Text("where no candle is stored", "если в базе нет свечей")
_NO_SESSION: Final = Text("where no session is closed yet", "если закрытых сессий ещё нет")

SYMBOL_COVERAGE: Final = Group(
    "SymbolCoverage",
    Text("How far the data of a symbol reach.", "Докуда доходят данные символа."),
    (
        Field("symbol", Kind.TEXT, "as the exchange names it", "символ, как его называет биржа"),
        Field(
            "simulated",
            Kind.FLAG,
            "true where the candles come from a simulated exchange",
            "true, если свечи смоделированы",
        ),
        Field(
            "first_candle",
            Kind.INSTANT,
            "when the oldest stored candle opens",
            "начало самой старой свечи в базе",
            null=_NO_CANDLE,
        ),
        Field(
            "newest_candle",
            Kind.INSTANT,
            "when the newest stored candle opens",
            "начало последней свечи в базе",
            null=_NO_CANDLE,
        ),
        Field(
            "first_session",
            Kind.DATE,
            "label of the first session of history",
            "дата первой сессии в истории",
            null=_NO_SESSION,
        ),
        Field(
            "newest_session",
            Kind.DATE,
            "label of the newest closed session",
            "дата последней закрытой сессии",
            null=_NO_SESSION,
        ),
        Field(
            "gap_hours",
            Kind.INTEGER,
            "hours for which the exchange confirmed that it has no candle",
            "сколько часов, за которые свечи нет и у самой биржи",
            HOURS,
            least=0,
        ),
    ),
)
SYMBOLS: Final = Group(
    "Symbols",
    Text("The symbols that this service keeps.", "Символы, за которыми следит сервис."),
    (Field("symbols", ListOf(SYMBOL_COVERAGE), "in the order of SYMBOLS", "в порядке SYMBOLS"),),
)
HEALTH: Final = Group(
    "Health",
    Text("The process lives.", "Процесс жив."),
    (Field("status", Choice(("ok",)), "the process answers", "процесс отвечает", example="ok"),),
)
SYMBOL_READINESS: Final = Group(
    "SymbolReadiness",
    Text("How fresh the data of a symbol are.", "Насколько свежи данные символа."),
    (
        *SYMBOL_COVERAGE.fields,
        Field(
            "newest_candle_age_seconds",
            Kind.NUMBER,
            "since the hour of the newest stored candle ended",
            "сколько прошло с конца часа последней свечи",
            SECONDS,
            _NO_CANDLE,
            example=1261.4,
        ),
        Field(
            "newest_session_age_seconds",
            Kind.NUMBER,
            "since the newest closed session ended",
            "сколько прошло с конца последней закрытой сессии",
            SECONDS,
            _NO_SESSION,
            example=44461.4,
        ),
    ),
)
READINESS: Final = Group(
    "Readiness",
    Text(
        "Whether the service can answer, and how fresh its data are.",
        "Может ли сервис отвечать и насколько свежи его данные.",
    ),
    (
        Field(
            "status",
            Choice(("ready", "partial")),
            "partial while a symbol has no closed session yet",
            "partial, пока у какого-то символа нет закрытой сессии",
            example="ready",
        ),
        Field("version", Kind.TEXT, "the program's version", "версия программы", example="1.0.0"),
        Field("symbols", ListOf(SYMBOL_READINESS), "in the order of SYMBOLS", "в порядке SYMBOLS"),
    ),
)
FIELD_PROBLEM: Final = Group(
    "FieldProblem",
    Text("One parameter that breaks its rule.", "Параметр, который нарушает правило."),
    (
        Field("parameter", Kind.TEXT, "its name", "его имя", example="days"),
        Field(
            "code",
            Kind.TEXT,
            "the kind of rule, in one word: `missing`, `unknown`, or as pydantic names it",
            "вид правила одним словом: `missing`, `unknown` или как его называет pydantic",
            example="greater_than_equal",
        ),
        Field(
            "limits",
            ByKey(Kind.ANYTHING),
            "the rule's limits by name, `ge`, `gt`, `le`, `lt`, `min_length`, `max_length`; under `expected` the words "
            "that are allowed",
            "границы из правила по именам, `ge`, `gt`, `le`, `lt`, `min_length`, `max_length`; в `expected` — "
            "допустимые слова",
            example={"ge": 1},
        ),
        Field(
            "rule",
            Kind.TEXT,
            "the rule that it breaks",
            "правило, которое он нарушает",
            example="Input should be greater than or equal to 1",
        ),
        Field("value", Kind.ANYTHING, "what was given", "что было передано", example="0"),
    ),
)
PROBLEM: Final = Group(
    "Problem",
    Text("An error, as RFC 9457 has it.", "Ошибка в виде RFC 9457."),
    (
        Field(
            "type",
            Choice(TYPES),
            "the kind of problem",
            "вид ошибки",
            example="urn:btc-volatility:bad_parameter",
        ),
        Field(
            "title",
            Kind.TEXT,
            "the kind of problem, in words",
            "вид ошибки словами",
            example="A parameter breaks its rule",
        ),
        Field("status", Kind.INTEGER, "the HTTP status", "код ответа HTTP", example=422),
        Field(
            "detail",
            Kind.TEXT,
            "what is wrong, in one line",
            "что не так, одной строкой",
            example="days: Input should be greater than or equal to 1, got '0'",
        ),
        Field("instance", Kind.TEXT, "the path that was asked for", "запрошенный путь", example="/statistics"),
        Field(
            "missing",
            Choice(("candles", "sessions")),
            "of which data there are none yet",
            "каких данных пока нет",
            null=NULLABLE,
            required=False,
            example="candles",
        ),
        Field(
            "errors",
            ListOf(FIELD_PROBLEM),
            "the parameters that break a rule",
            "параметры, которые нарушают правило",
            null=NULLABLE,
            required=False,
        ),
    ),
)
