"""The fields of the answer that a page asks for again and again: the running session, all of one instant."""

from __future__ import annotations

from typing import Final

from volatility.presentation.catalogue.analytics import CONE, CONE_HOUR, PATH_POINT
from volatility.presentation.catalogue.odds import ODDS_NOW
from volatility.presentation.catalogue.sessions import RUNNING, TODAY_NOW
from volatility.presentation.catalogue.straddle import STRADDLE_NOW
from volatility.presentation.fields import Field, Group, ListOf, Text

LIVE_HOUR: Final = Group("LiveHour", PATH_POINT.meaning, (*CONE_HOUR.choose("elapsed"), *PATH_POINT.fields))
CONE_NOW: Final = Group(
    "ConeNow",
    Text(
        "Today's part of the session cone; the quantiles of past sessions change once a session and are in `/cone`.",
        "Сегодняшняя часть конуса сессии; квантили прошлых сессий меняются раз в сессию и есть в `/cone`.",
    ),
    (
        *CONE.choose("lookback", "n", "percentile_by_elapsed"),
        Field(
            "hours",
            ListOf(LIVE_HOUR),
            "the running session after each hour that has closed",
            "текущая сессия после каждого часа, который уже закрылся",
        ),
    ),
)
LIVE: Final = Group(
    "Live",
    Text(
        "The running session, its place among past ones, the odds and the straddle's value, all of one instant.",
        "Текущая сессия, её место среди прошлых, вероятности и цена стрэддла — всё на один и тот же момент.",
    ),
    (
        *RUNNING.fields,
        Field("today", TODAY_NOW, "the windows around it, as in `/today`", "окна вокруг неё, как в `/today`"),
        Field("cone", CONE_NOW, "its path, as in `/cone`", "её путь, как в `/cone`"),
        Field("odds", ODDS_NOW, "how it may end, as in `/odds`", "чем она может кончиться, как в `/odds`"),
        Field(
            "straddle",
            STRADDLE_NOW,
            "what a straddle is worth now, as in `/straddle`; without records",
            "сколько сейчас стоит стрэддл, как в `/straddle`; без итогов прошлых сессий",
        ),
    ),
)
