"""The fields of the straddle."""

from __future__ import annotations

from typing import Final

from volatility.presentation.catalogue.analytics import ENDS, NOTHING, WEEKDAY
from volatility.presentation.catalogue.odds import NO_DISTRIBUTION, OF_DISTRIBUTION
from volatility.presentation.catalogue.sessions import RUNNING
from volatility.presentation.fields import (
    NULLABLE,
    OF_OPEN,
    OF_REFERENCE,
    PERCENT_A_YEAR,
    QUOTE,
    SESSIONS,
    SHARE,
    ByKey,
    Field,
    Group,
    Kind,
    ListOf,
    Text,
)

_NO_PREMIUM: Final = Text("without a premium", "если премия не задана")
_NO_PROFIT: Final = Text("without a distribution or a premium", "если нет распределения или не задана премия")
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
        *OF_DISTRIBUTION,
        Field(
            "fair",
            Kind.NUMBER,
            "expected payoff at the session's end, given the session so far: real-world odds, no premium for risk",
            "ожидаемая выплата в конце сессии с учётом того, что уже было: реальные вероятности, без платы за риск",
            QUOTE,
            NO_DISTRIBUTION,
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
            "call",
            Kind.NUMBER,
            "the part of the fair value that the call brings",
            "часть справедливой цены, которую даёт колл",
            QUOTE,
            NO_DISTRIBUTION,
        ),
        Field(
            "put",
            Kind.NUMBER,
            "the part that the put brings",
            "часть, которую даёт пут",
            QUOTE,
            NO_DISTRIBUTION,
        ),
        Field(
            "implied_volatility",
            Kind.NUMBER,
            "the volatility at which a straddle bought now is worth the premium, by Black-Scholes without interest; "
            "null without a premium or a price, and where there is none: the premium is not above |price - strike|, or "
            "no time is left",
            "волатильность, при которой купленный сейчас стрэддл стоит премию, по Блэку–Шоулзу без процентной ставки; "
            "null без премии или цены, а также если такой нет: премия не больше |price - strike| или времени не "
            "осталось",
            PERCENT_A_YEAR,
            NULLABLE,
        ),
        Field(
            "fair_volatility",
            Kind.NUMBER,
            "the same of the fair value; null where there is none",
            "то же для справедливой цены; null, если такой нет",
            PERCENT_A_YEAR,
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
            NOTHING,
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
            _NO_PROFIT,
        ),
        Field("fair_pct", Kind.NUMBER, "expected payoff", "ожидаемая выплата", OF_OPEN, NO_DISTRIBUTION),
        Field("call_pct", Kind.NUMBER, "the call's part", "часть колла", OF_OPEN, NO_DISTRIBUTION),
        Field("put_pct", Kind.NUMBER, "the put's part", "часть пута", OF_OPEN, NO_DISTRIBUTION),
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
            NOTHING,
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
            _NO_PROFIT,
        ),
        Field(
            "probability",
            Kind.NUMBER,
            "chance from now on that the payoff at the end exceeds the premium",
            "вероятность на текущую минуту, что выплата в конце превысит премию",
            SHARE,
            _NO_PROFIT,
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
            NOTHING,
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
            NOTHING,
            title="mean profit",
        ),
        Field(
            "median_profit",
            Kind.NUMBER,
            "the profit that half of the sessions exceeded",
            "прибыль, которую превысила половина сессий",
            QUOTE,
            NOTHING,
            title="median",
        ),
        Field(
            "worst_profit",
            Kind.NUMBER,
            "the lowest profit; no lower than the premium lost",
            "наименьшая прибыль; потерять можно не больше премии",
            QUOTE,
            NOTHING,
            title="worst",
        ),
        Field("best_profit", Kind.NUMBER, "the highest profit", "наибольшая прибыль", QUOTE, NOTHING),
        Field("mean_profit_pct", Kind.NUMBER, "mean profit", "средняя прибыль", OF_OPEN, NOTHING),
        Field("median_profit_pct", Kind.NUMBER, "median profit", "медианная прибыль", OF_OPEN, NOTHING),
        Field("worst_profit_pct", Kind.NUMBER, "lowest profit", "наименьшая прибыль", OF_OPEN, NOTHING),
        Field("best_profit_pct", Kind.NUMBER, "highest profit", "наибольшая прибыль", OF_OPEN, NOTHING),
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
        Field(
            "weekdays",
            ListOf(WEEKDAY_RECORD),
            "Monday to Sunday; empty without a premium",
            "с понедельника по воскресенье; пусто, если премия не задана",
        ),
    ),
)
STRADDLE_NOW: Final = Group(
    "StraddleNow",
    Text("A straddle held to the session's end: its value now.", "Стрэддл до конца сессии: сколько стоит сейчас."),
    (
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
            _NO_PREMIUM,
        ),
        Field(
            "strike",
            Kind.NUMBER,
            "the price at which both options are struck; for a past session the same percentage of its own open",
            "страйк обоих опционов; в прошлых сессиях — тот же процент от их открытия",
            QUOTE,
        ),
        Field("premium_pct", Kind.NUMBER, "the premium", "премия", OF_REFERENCE, _NO_PREMIUM),
        Field("strike_pct", Kind.NUMBER, "the strike", "страйк", OF_REFERENCE),
        Field(
            "breakevens",
            BREAKEVENS,
            "the final prices between which the buyer loses: the strike less and plus the premium",
            "между этими ценами закрытия покупатель теряет: страйк минус премия и страйк плюс премия",
            null=_NO_PREMIUM,
        ),
        Field("value", STRADDLE_VALUE, "what the straddle is worth now", "сколько стрэддл стоит сейчас"),
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
        *STRADDLE_NOW.fields,
        Field(
            "records",
            ListOf(LOOKBACK_RECORD),
            "over the last 30, 90, 365 sessions, the lookback asked for, and all; empty without a premium",
            "за последние 30, 90, 365 сессий, за заданное число и за все; пусто, если премия не задана",
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
    *STRADDLE_VALUE.choose("call", "put", "implied_volatility", "fair_volatility"),
    *STRADDLE_VALUE.choose("probability", "expected_profit"),
)  # what `definitions` explains
