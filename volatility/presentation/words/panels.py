"""The words of the panels below the first screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from volatility.presentation.fields import Text

_CONES: Final = {
    "cone.vol": Text(
        "Vol by {close}: half of the endings lie between {a} and {b}", "Vol к {close}: в половине исходов от {a} до {b}"
    ),
    "cone.vol.label": Text("Vol through the session", "Vol по ходу сессии"),
    "cone.range": Text(
        "Range grows further in {p} of 100 endings, in half to {a}–{b}",
        "Range ещё вырастет в {p} исходах из 100, в половине — до {a}–{b}",
    ),
    "cone.range.label": Text("Range through the session", "Range по ходу сессии"),
    "cone.key": Text("|price − open|, %. Grey: the past, ", "|цена − открытие|, %. Серое — прошлое, "),
    "cone.key.today": Text("orange: today", "оранжевое — сегодня"),
    "cone.key.forecast": Text("blue: forecast", "синее — прогноз"),
    "cone.sub": Text(
        "high − low since the open, %; grey: {n, plural, one {# past session} other {# past sessions}}",
        "максимум − минимум с открытия, %; серое — "
        "{n, plural, one {# прошлая сессия} few {# прошлые сессии} many {# прошлых сессий} other {# прошлой сессии}}",
    ),
    "p90": Text("9 of 10 sessions below", "9 из 10 сессий ниже"),
    "p90.short": Text("9 of 10", "9 из 10"),
    "med": Text("median", "медиана"),
    "above": Text("above {x}", "выше {x}"),
    "read": Text("{t} {zone}, {h} h", "{t} {zone}, {h} ч"),
    "read.today": Text("today {a}", "сегодня {a}"),
    "read.median": Text("median {b}", "медиана {b}"),
    "read.half": Text("half {c}–{d}", "половина {c}–{d}"),
    "read.p90": Text("9 of 10 below {e}", "9 из 10 ниже {e}"),
    "read.forecast": Text("forecast, half {c}–{d}", "прогноз, половина {c}–{d}"),
    "ask": Text(
        "Threshold {x} · {p} that {m} ends above · {k} of 20 endings",
        "Порог {x} · {p}, что {m} закончит выше · {k} из 20 исходов",
    ),
    "ask.passed": Text("Threshold {x} · already passed", "Порог {x} · уже пройден"),
    "ask.label": Text("Threshold of {m}", "Порог {m}"),
    "ask.field": Text("Threshold of {m}, {quote}", "Порог {m}, {quote}"),
    "ask.dollars": Text("dollars", "долларов"),
    "ask.spoken": Text(
        "{x} {quote}, {pct} percent, {p} percent above", "{x} {quote}, {pct} процента, выше в {p} процентах исходов"
    ),
    "lookback": Text("Past sessions", "Прошлых сессий"),
    "cone.hour": Text("hour", "час"),
    "cone.today": Text("today", "сегодня"),
    "all": Text("all", "все"),
}

_ODDS: Final = {
    "odds": Text("Odds by {close}", "Шансы к {close}"),
    "odds.label": Text("Odds by the end", "Шансы к концу"),
    "odds.sub": Text("Chance to end the session above the threshold", "Шанс закончить сессию выше порога"),
    "thr": Text("Threshold", "Порог"),
    "done": Text("done", "уже"),
    "dots": Text(
        "Each dot is 1 of 20 equally likely endings. Drag the line or type a threshold.",
        "Каждая точка — один из 20 равновероятных исходов. Тяните линию или вводите порог.",
    ),
}

_HISTORY: Final = {
    "hist": Text(
        "{n, plural, one {# session} other {# sessions}} of {m}: median {a}, eight in ten between {b} and {c}",
        "{m} за {n, plural, one {# сессию} few {# сессии} many {# сессий} other {# сессии}}: "
        "медиана {a}, восемь из десяти — от {b} до {c}",
    ),
    "hist.label": Text("Sessions of the past", "Прошлые сессии"),
    "hist.sub": Text(
        "Range (light) holds Vol (dark), percent of the open. Line and band: median and p10–p90 of the window.",
        "Внутри Range (светлый) — Vol (тёмный), в процентах от открытия. Линия и полоса — медиана и p10–p90 окна.",
    ),
    "hist.metric": Text("Metric", "Метрика"),
    "hist.window": Text("Window, sessions", "Окно, сессий"),
    "hist.shape": Text("Drawn as", "Вид"),
    "hist.bars": Text("Bars", "Столбцы"),
    "hist.candles": Text("Candles", "Свечи"),
    "hist.csv": Text("CSV", "CSV"),
    "hist.span": Text("Shown sessions", "Показано сессий"),
    "hist.chart": Text("Sessions, {shown} of {all}", "Сессии, {shown} из {all}"),
    "hist.brush": Text("Shown sessions, of all history", "Показанные сессии, из всей истории"),
    "hist.from": Text("First shown session", "Первая показанная сессия"),
    "hist.to": Text("Last shown session", "Последняя показанная сессия"),
    "hist.table": Text("Shown sessions, newest first", "Показанные сессии, сначала новые"),
    "hist.window.of": Text(
        "window {n}: mean {a}, median {b}, p10–p90 {c}–{d}", "окно {n}: среднее {a}, медиана {b}, p10–p90 {c}–{d}"
    ),
    "hist.prices": Text("{o} → {c}, high {h}, low {l}", "{o} → {c}, макс. {h}, мин. {l}"),
    "hist.incomplete": Text("incomplete", "неполная"),
    "hist.session": Text("Session", "Сессия"),
    "hist.open": Text("open", "открытие"),
    "hist.close": Text("close", "закрытие"),
    "hist.hours": Text("hours", "часов"),
    "hist.now": Text("now", "сейчас"),
}

_STRADDLE: Final = {
    "str": Text("Straddle from the {open} open", "Стрэддл от открытия в {open}"),
    "str.label": Text("Straddle from the open", "Стрэддл от открытия"),
    "str.sub": Text("Buy the call and the put, hold to expiry", "Купить колл и пут, держать до экспирации"),
    "prem": Text("Premium", "Премия"),
    "strike": Text("Strike", "Страйк"),
    "be": Text("Breakevens", "Безубыток"),
    "be.and": Text("{a} and {b}", "{a} и {b}"),
    "fair.now": Text("Fair value now", "Справедливая цена сейчас"),
    "str.last": Text("last sessions", "последние сессии"),
    "str.won": Text("won", "выиграл"),
    "str.mean": Text("mean P&L", "средний P&L"),
    "str.interval": Text("95% interval", "интервал 95 %"),
    "str.weekday": Text("by weekday, all history", "по дням, вся история"),
    "str.note": Text(
        "The same share of each past open. No fees, spread or risk premium: not a price at which anybody trades.",
        "Та же доля от открытия в каждой прошлой сессии. Без комиссий, спреда и платы за риск: не цена сделки.",
    ),
}

_SEASONS: Final = {
    "win": Text("Windows: {m}, {quote}", "Окна: {m}, {quote}"),
    "win.label": Text("Windows", "Окна"),
    "win.sub": Text("Closed sessions; mark: today so far.", "Закрытые сессии; метка — сегодня."),
    "win.today": Text("with today", "с сегодняшней"),
    "win.window": Text("window", "окно"),
    "win.mean": Text("mean", "среднее"),
    "win.median": Text("median", "медиана"),
    "win.rank": Text("rank", "ранг"),
    "dist": Text(
        "{m} today among {n, plural, one {# session} other {# sessions}}",
        "{m} сегодня и за {n, plural, one {# сессию} few {# сессии} many {# сессий} other {# сессии}}",
    ),
    "dist.label": Text("Today among past sessions", "Сегодня среди прошлых сессий"),
    "dist.sub": Text("sessions per {w}; dark: at or below today", "сессий на {w}; тёмное — не выше сегодняшнего"),
    "dist.now": Text("now {a}", "сейчас {a}"),
    "sea": Text("When the day moves", "Когда рынок ходит"),
    "sea.sub": Text(
        "Median hourly range, % of the open; last {n, plural, one {# session} other {# sessions}}, hours in {zone}.",
        "Медианный размах часа, % от открытия; "
        "{n, plural, one {# сессия} few {# сессии} many {# сессий} other {# сессии}}, часы — {zone}.",
    ),
    "sea.range": Text("Range", "Размах"),
    "sea.share": Text("Share of variance", "Доля дисперсии"),
    "sea.outlined": Text("outlined: this hour", "рамка — текущий час"),
    "sea.mean": Text("mean Vol", "средний Vol"),
}

_MODEL: Final = {
    "fco": Text("{m} forecast at the open, and what came", "Прогноз {m} на открытии и что вышло"),
    "fco.label": Text("Forecast at the open, and what came", "Прогноз на открытии и что вышло"),
    "fco.sub": Text(
        "blue: p10–p90 and median; dot: outcome inside the band, cross: outside",
        "синее — p10–p90 и медиана; точка — итог внутри полосы, крест — вне её",
    ),
    "fco.realised": Text("Realised vol", "Реализ. вол."),
    "est": Text(
        "This session is forecast at {a} a year; the last 30 realised {b}",
        "Прогноз на эту сессию {a} годовых; за 30 сессий вышло {b}",
    ),
    "est.label": Text("Realised volatility", "Реализованная волатильность"),
    "est.sub": Text("Realised volatility, % a year", "Реализованная волатильность, % годовых"),
    "est.estimator": Text("estimator", "оценка"),
    "est.strip": Text("{n} in history", "{n} в истории"),
    "sco": Text("How good are these odds?", "Насколько верны эти шансы?"),
    "sco.sub": Text(
        "{n, plural, one {# past session} other {# past sessions}}, each judged by what was known before it",
        "{n, plural, one {# прошлая сессия} few {# прошлые сессии} many {# прошлых сессий} other {# прошлой сессии}}, "
        "каждая оценена по тому, что было известно до неё",
    ),
    "sco.1": Text(
        "of Vol endings fell into the “80%” band given after {h} hours",
        "исходов Vol попали в полосу «80 %», названную через {h, plural, one {# час} few {# часа} many {# часов} "
        "other {# часа}}",
    ),
    "sco.2": Text(
        "error of Range at the open against plain history of 365 sessions; {x} after 12 hours",
        "ошибка Range на открытии против простой истории за 365 сессий; через 12 часов {x}",
    ),
    "sco.3": Text(
        "error of Vol at the open: mostly chance, little to gain",
        "ошибка Vol на открытии: почти случайность, выигрыш мал",
    ),
    "sco.4": Text(
        "of sessions fell into p10–p90 of 30, not 80%: small window",
        "сессий попали в p10–p90 окна 30, а не 80 %: окно мало",
    ),
    "cal": Text("What was said, and what came true", "Что называли и что сбылось"),
    "cal.sub": Text(
        "across: odds given; up: share that came true",
        "по горизонтали — названный шанс, по вертикали — доля сбывшихся",
    ),
}

_DATA: Final = {
    "data": Text(
        "Data: everything since {d} but {n, plural, one {# hour} other {# hours}} that the exchange never had",
        "Данные: есть всё с {d}, кроме {n, plural, one {# часа, которого} few {# часов, которых} "
        "many {# часов, которых} other {# часа, которых}} не было у биржи",
    ),
    "data.label": Text("Data", "Данные"),
    "data.gaps": Text("List of gaps", "Список пропусков"),
}

PANELS: Final[Mapping[str, Text]] = {
    **_CONES,
    **_ODDS,
    **_HISTORY,
    **_STRADDLE,
    **_SEASONS,
    **_MODEL,
    **_DATA,
}
