"""The fields of all history by columns, and of the distribution of past sessions."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from volatility.domain.metrics import CONE_LEVELS, METRICS
from volatility.presentation.catalogue.sessions import HEADING, LOOKBACK, PERCENT_STATISTICS, SESSION, WINDOW_STATISTICS
from volatility.presentation.fields import OF_OPEN, SESSIONS, Choice, Field, Group, Kind, ListOf, Text
from volatility.presentation.numbers import level_name

_NOTHING: Final = Text("where no session went in", "если не учтено ни одной сессии")
METRIC: Final = Field("metric", Choice(tuple(metric.name for metric in METRICS)), "Vol or Range", "Vol или Range")


def _column(field: Field) -> Field:
    """The same of every session, in a list."""
    null, en, ru = field.null, field.en, field.ru
    if null:
        en, ru = f"{en}; null {null.en}", f"{ru}; null, {null.ru}"
    listed = ListOf(field.shape, null=null is not None)
    return replace(field, shape=listed, en=en, ru=ru, null=None, least=None, above=None, required=False, title=None)


HISTORY_COLUMNS: Final = Group(
    "HistoryColumns",
    Text(
        "Lists of one length, as `column` names them; those from `n` on are of the window that ends with the session.",
        "Списки одной длины, те, что названы в `column`; начиная с `n` они об окне, которое кончается на сессии.",
    ),
    tuple(
        _column(field)
        for field in (
            *SESSION.choose("date", "open", "high", "low", "close", *(metric.percent_name for metric in METRICS)),
            *SESSION.choose("candles", "complete"),
            *WINDOW_STATISTICS.choose("n"),
            *PERCENT_STATISTICS,
        )
    ),
)
HISTORY: Final = Group(
    "HistoryReport",
    Text(
        "All closed sessions by columns, oldest first, with one window of one metric.",
        "Все закрытые сессии по столбцам, старые первыми, с одним окном одной метрики.",
    ),
    (
        *HEADING,
        METRIC,
        Field(
            "window",
            Kind.INTEGER,
            "how many calendar sessions the window covers",
            "сколько календарных сессий в окне",
            SESSIONS,
            least=1,
        ),
        Field("count", Kind.INTEGER, "sessions in this answer", "сколько сессий в этом ответе", SESSIONS, least=0),
        Field("columns", HISTORY_COLUMNS, "one value for each session", "по одному значению на сессию"),
    ),
)

_QUANTILES: Final = Group(
    "DistributionQuantiles",
    Text("Quantiles of the sessions' values.", "Квантили значений сессий."),
    tuple(
        Field(
            level_name(level),
            Kind.NUMBER,
            "median" if level == 0.5 else f"{round(100 * level)}th percentile",
            "медиана" if level == 0.5 else f"{round(100 * level)}-й процентиль",
            OF_OPEN,
            _NOTHING,
            title=level_name(level),
        )
        for level in CONE_LEVELS
    ),
)
DISTRIBUTION: Final = Group(
    "DistributionReport",
    Text(
        "How often a metric had which value over the last closed sessions.",
        "Как часто метрика принимала какие значения за последние закрытые сессии.",
    ),
    (
        *HEADING,
        METRIC,
        LOOKBACK,
        Field(
            "n",
            Kind.INTEGER,
            "how many of these sessions exist; the counts and `beyond` add up to it",
            "сколько из этих сессий есть на самом деле; столько же в сумме дают `counts` и `beyond`",
            SESSIONS,
            least=0,
        ),
        Field(
            "edges",
            ListOf(Kind.NUMBER),
            "edges of the bins, one more than there are bins; a value on an edge belongs to the bin to its right; "
            "steps of 1, 2 or 5 times a power of ten, so that 17 to 40 bins hold 98 % of the sessions "
            "(fewer where the step would be below 0.0001); empty where no session went in",
            "границы интервалов, их на одну больше, чем интервалов; значение на границе относится к интервалу справа; "
            "шаг — 1, 2 или 5 на степень десяти, такой, что 98 % сессий лежат в 17–40 интервалах "
            "(их меньше, если шаг вышел бы мельче 0,0001); пусто, если не учтено ни одной сессии",
            OF_OPEN,
        ),
        Field("counts", ListOf(Kind.INTEGER), "sessions in each bin", "сколько сессий в каждом интервале", SESSIONS),
        Field(
            "beyond",
            Kind.INTEGER,
            "sessions at or above the last edge; at most 2 % of them",
            "сколько сессий на последней границе и выше; не больше 2 %",
            SESSIONS,
            least=0,
        ),
        Field("quantiles_pct", _QUANTILES, "p10 to p90", "от p10 до p90", OF_OPEN),
    ),
)
DISTRIBUTION_BIN: Final = Group(
    "DistributionBin",
    Text("One bin of a distribution, a row of CSV.", "Интервал распределения, строка CSV."),
    (
        Field(
            "low", Kind.NUMBER, "lower edge, included", "нижняя граница, входит", OF_OPEN, example=0.4, title="from %"
        ),
        Field(
            "high",
            Kind.NUMBER,
            "upper edge, not included",
            "верхняя граница, не входит",
            OF_OPEN,
            Text("in the last row, which is `beyond`", "в последней строке, это `beyond`"),
            example=0.6,
            title="to %",
        ),
        Field("count", Kind.INTEGER, "sessions in it", "сколько в нём сессий", SESSIONS, example=29, title="sessions"),
    ),
)
