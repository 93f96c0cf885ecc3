"""What the numbers mean, for a person: the terms of the page in the order in which it shows them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Final

from volatility.presentation.fields import Text

# The term, and what it means.
_TERMS: Final = (
    (
        Text("Session", "Сессия"),
        Text(
            "From one expiry of the daily options to the next. Its first trade is the open.",
            "От одной экспирации дневных опционов до следующей. Первая сделка — открытие.",
        ),
    ),
    (
        Text("Vol", "Vol"),
        Text(
            "How far the price is from the open, up or down: what a straddle struck at the open pays at expiry.",
            "Насколько цена ушла от открытия, вверх или вниз: столько платит на экспирации стрэддл, "
            "страйк которого равен цене открытия.",
        ),
    ),
    (
        Text("Range", "Range (размах)"),
        Text(
            "The highest price of the session less the lowest. It only grows, and is never below Vol.",
            "Максимум сессии минус минимум. Range только растёт и не бывает меньше Vol.",
        ),
    ),
    (
        Text("62 of 100", "62 из 100"),
        Text(
            "The rank of today: in 62 of 100 past sessions the price had moved no further by the same hour.",
            "Место сегодняшней сессии среди прошлых: к этому же часу в 62 сессиях из 100 движение было не больше.",
        ),
    ),
    (
        Text("Half, 8 of 10", "Половина, 8 из 10"),
        Text(
            "Half of the likely endings lie between these two numbers; eight in ten between p10 and p90.",
            "Между этими числами лежит половина вероятных исходов; между p10 и p90 — восемь из десяти.",
        ),
    ),
    (
        Text("Median, p10, p90", "Медиана, p10, p90"),
        Text(
            "Half of the values lie below the median, one in ten below p10, nine in ten below p90.",
            "Ниже медианы — половина значений, ниже p10 — одно из десяти, ниже p90 — девять из десяти.",
        ),
    ),
    (
        Text("Blue fan and dots", "Синий веер и точки"),
        Text(
            "How this session may go on: the rest of past sessions, scaled to the volatility that is forecast for "
            "today. Each dot is one of 20 equally likely endings.",
            "Как может продолжиться эта сессия: продолжения прошлых сессий, приведённые к прогнозу волатильности "
            "на сегодня. Каждая точка — один из 20 равновероятных исходов.",
        ),
    ),
    (
        Text("Fair value", "Справедливая цена"),
        Text(
            "What the straddle pays on average over these endings, without fees, spread or a premium for risk.",
            "Сколько стрэддл платит в среднем по этим исходам, без комиссий, спреда и платы за риск.",
        ),
    ),
    (
        Text("Chance of profit", "Шанс прибыли"),
        Text(
            "The share of the endings in which the straddle pays more than your premium.",
            "Доля исходов, в которых стрэддл платит больше вашей премии.",
        ),
    ),
    (
        Text("Implied volatility", "Подразумеваемая волатильность"),
        Text(
            "The volatility a year at which the Black–Scholes price is your premium.",
            "Годовая волатильность, при которой цена по Блэку–Шоулзу равна вашей премии.",
        ),
    ),
    (
        Text("95% interval", "Интервал 95 %"),
        Text(
            "Where the true mean or share lies with 95% confidence. If it holds 0, profit can't be told from loss.",
            "Где с уверенностью 95 % лежит настоящее среднее или доля. Если в нём есть 0, "
            "прибыль от убытка не отличить.",
        ),
    ),
    (
        Text("Realised volatility", "Реализованная волатильность"),
        Text(
            "How strongly the price really moved, as a standard deviation in percent a year. "
            "Each estimator uses other prices of the sessions.",
            "Как сильно цена двигалась на самом деле: стандартное отклонение, % годовых. "
            "Каждая оценка берёт разные цены сессий.",
        ),
    ),
    (
        Text("Share of variance", "Доля дисперсии"),
        Text(
            "How much of a session's squared movement falls into this hour, on average.",
            "Какая часть квадрата движения за сессию в среднем приходится на этот час.",
        ),
    ),
    (
        Text("In the 80% band", "В полосе 80 %"),
        Text(
            "How often a session ended between the p10 and the p90 that were given at this hour. 80% would be perfect. "
            "Every session is judged by what was known before it.",
            "Как часто сессия заканчивалась между p10 и p90, названными в этот час. Идеально — 80 %. "
            "Каждую сессию оценивают по тому, что было известно до неё.",
        ),
    ),
    (
        Text("Error", "Ошибка"),
        Text(
            "The continuous ranked probability score: how far the odds were from what came, in the mean. "
            "Minus means better than plain history.",
            "Непрерывная ранговая оценка (CRPS): насколько шансы в среднем отличались от того, что вышло. "
            "Минус — лучше простой истории.",
        ),
    ),
)

MEANINGS: Final[Mapping[str, Text]] = {
    "meanings.note": Text(
        "The {link} gives every field with its unit and its source.",
        "В {link} каждое поле описано с единицей и источником.",
    ),
    "meanings.api": Text("documentation of the API", "документации API"),
    **dict(
        chain.from_iterable(
            ((f"meanings.{number}.term", term), (f"meanings.{number}.text", meaning))
            for number, (term, meaning) in enumerate(_TERMS, 1)
        )
    ),
}
