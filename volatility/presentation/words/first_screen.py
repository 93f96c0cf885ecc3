"""The words of the header, the sentence and the five questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from volatility.presentation.fields import Text

_HEADER: Final = {
    "title": Text("BTC Volatility", "BTC Volatility"),
    "title.tab": Text("{pct} · {x} of 100 · BTC Volatility", "{pct} · {x} из 100 · BTC Volatility"),
    "skip": Text("To the numbers", "К числам"),
    "session": Text("Session", "Сессия"),
    "session.bounds": Text("{from} – {to} {zone}", "{from} – {to} {zone}"),
    "left": Text("{h} h {m} min", "{h} ч {m} мин"),
    "left.minutes": Text("{m} min", "{m} мин"),
    "left.seconds": Text("{m} min {s} s", "{m} мин {s} с"),
    "left.to": Text("to expiry", "до экспирации"),
    "expired": Text("expired, waiting for the first candle", "истекла, ждём первую свечу"),
    "ticks": Text("{n} of {all} hours have passed", "Прошло часов: {n} из {all}"),
    "symbol": Text("Symbol", "Символ"),
    "language": Text("Language", "Язык"),
    "zone": Text("Time zone", "Часовой пояс"),
    "zone.utc": Text("UTC", "UTC"),
    "zone.local": Text("local", "местное"),
    "zone.Europe/Moscow": Text("MSK", "МСК"),
    "theme": Text("Theme", "Тема"),
    "theme.auto": Text("Theme: as the system", "Тема: как в системе"),
    "theme.light": Text("Theme: light", "Тема: светлая"),
    "theme.dark": Text("Theme: dark", "Тема: тёмная"),
    "nav": Text("Parts of the page", "Разделы страницы"),
    "nav.now": Text("Now", "Сейчас"),
    "nav.history": Text("History", "История"),
    "nav.seasons": Text("Seasons", "Сезонность"),
    "nav.seasons.short": Text("Seasons", "Сезоны"),
    "nav.model": Text("Model", "Модель"),
    "nav.data": Text("Data", "Данные"),
}

_SENTENCE: Final = {
    "h1": Text(
        "For {t}, Vol is {a} and Range is {b}: {x} and {y} of 100 past sessions had moved no further.",
        "Для {t} Vol {a}, Range {b}: больше, чем к этому часу в {x} и {y} сессиях из 100.",
    ),
    "h1.both": Text(
        "For {t}, Vol and Range are both {a}: {x} and {y} of 100 past sessions had moved no further.",
        "Для {t} и Vol, и Range {a}: больше, чем к этому часу в {x} и {y} сессиях из 100.",
    ),
    "h1.begun": Text(
        "The session has just begun: {m} min since {open}.",
        "Сессия только началась: {m} мин с {open}.",
    ),
    "v1": Text("very small", "очень маленький"),
    "v2": Text("small", "небольшой"),
    "v3": Text("ordinary", "обычный"),
    "v4": Text("large", "большой"),
    "v5": Text("very large", "очень большой"),
    "v1.both": Text("very small", "очень маленькие"),
    "v2.both": Text("small", "небольшие"),
    "v3.both": Text("ordinary", "обычные"),
    "v4.both": Text("large", "большие"),
    "v5.both": Text("very large", "очень большие"),
}

_QUESTIONS: Final = {
    "now": Text("Now", "Сейчас"),
    "volatility.is": Text("|price − open|", "|цена − открытие|"),
    "range.is": Text("high − low", "макс. − мин."),
    "q1": Text("How far has it moved?", "Сколько прошла цена?"),
    "q2": Text("Is that a lot for {t}?", "Много ли это для {t}?"),
    "q2.hour": Text("Is that a lot for this hour?", "Много ли это для этого часа?"),
    "of.sessions": Text(
        "over {n, plural, one {# session} other {# sessions}}",
        "по {n, plural, one {# сессии} few {# сессиям} many {# сессиям} other {# сессии}}",
    ),
    "of100": Text("of 100", "из 100"),
    "of100.none": Text("no answer in the first minutes", "в первые минуты ответа нет"),
    "strip": Text(
        "{m}: {x} of 100 past sessions had moved no further",
        "{m}: больше, чем к этому часу в {x} сессиях из 100",
    ),
    "q3": Text("What is likely by {close}?", "Что вероятно к {close}?"),
    "q3.end": Text("What is likely by the end?", "Что вероятно к концу?"),
    "q3.note": Text("50%, 80% bands", "полосы 50 и 80 %"),
    "q3.most": Text("up to {b}", "до {b}"),
    "q3.most.of": Text("in 75%", "в 75 %"),
    "q3.most.short": Text("90% up to", "90 % до"),
    "q3.stays": Text("grows no more", "не вырастет"),
    "q3.stays.of": Text("in {p}", "в {p}"),
    "q3.bar": Text(
        "{m}: half of the endings {a}–{b}, 8 of 10 {c}–{d}, median {e}, now {f}",
        "{m}: половина исходов {a}–{b}, 8 из 10 {c}–{d}, медиана {e}, сейчас {f}",
    ),
    "q3.bar.most": Text(
        "{m}: 3 of 4 endings at most {b}, 9 of 10 at most {d}, median {e}, now {f}",
        "{m}: 3 из 4 исходов не выше {b}, 9 из 10 не выше {d}, медиана {e}, сейчас {f}",
    ),
    "q4": Text("What is a straddle worth now?", "Сколько сейчас стоит стрэддл?"),
    "fair": Text("the model’s fair value, no quote", "цена по модели, не котировка"),
    "strike.at": Text("Strike", "Страйк"),
    "strike.at.open": Text("{k}, the open", "{k}, открытие"),
    "prem.your": Text("Premium", "Премия"),
    "edge": Text("Buyer gets on average", "Покупателю в среднем"),
    "pprofit": Text("Buyer ends in profit", "Покупатель в прибыли"),
    "q5": Text("Can I trust this?", "Можно ли этому верить?"),
    "price": Text("Price", "Цена"),
    "price.from": Text("{arrow} from {o}", "{arrow} от {o}"),
    "price.path": Text("Price since the open, between low and high", "Цена с открытия, между минимумом и максимумом"),
    "high": Text("high", "макс."),
    "low": Text("low", "мин."),
}

_TRUST: Final = {
    "trust.last": Text("Last trade", "Последняя сделка"),
    "trust.ago.seconds": Text("{n} s ago", "{n} с назад"),
    "trust.ago.minutes": Text("{n} min ago", "{n} мин назад"),
    "trust.ago.hours": Text("{n} h ago", "{n} ч назад"),
    "trust.ago.days": Text("{n} d ago", "{n} дн. назад"),
    "trust.hours": Text("Hourly candles", "Часовых свечей"),
    "trust.of": Text("{a} of {b}", "{a} из {b}"),
    "trust.history": Text("History", "История"),
    "trust.sessions": Text(
        "{n, plural, one {# session} other {# sessions}}",
        "{n, plural, one {# сессия} few {# сессии} many {# сессий} other {# сессии}}",
    ),
    "trust.short": Text(
        "{n, plural, one {only # session} other {only # sessions}}",
        "{n, plural, one {только # сессия} few {только # сессии} many {только # сессий} other {только # сессии}}",
    ),
    "trust.gaps": Text("Gaps, all history", "Всего пропусков"),
    "trust.gap.hours": Text("{n} h", "{n} ч"),
    "trust.band": Text("Vol in the 80% band", "Vol в полосе 80 %"),
    "trust.band.none": Text("not scored yet", "ещё не проверено"),
    "trust.wait": Text("…", "…"),
    "trust.none": Text("no answer", "нет ответа"),
}

FIRST_SCREEN: Final[Mapping[str, Text]] = {**_HEADER, **_SENTENCE, **_QUESTIONS, **_TRUST}
