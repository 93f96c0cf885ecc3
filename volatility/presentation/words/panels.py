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
        "Range grows further in {p} of 100 endings, in 50 of 100 to {a}–{b}",
        "Range вырастет в {p} исходах из 100, в 50 из 100 — до {a}–{b}",
    ),
    "cone.range.most": Text(
        "Range grows further in {p} of 100 endings, in 75 of 100 it ends at most at {b}",
        "Range вырастет в {p} исходах из 100, в 75 из 100 закончит не выше {b}",
    ),
    "cone.range.stays": Text("Range grows further in {p} of 100 endings", "Range вырастет в {p} исходах из 100"),
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
    "read.forecast.most": Text("forecast, 3 of 4 at most {d}", "прогноз, 3 из 4 не выше {d}"),
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
    "odds": Text("Odds by {close}", "Шансы на {close}"),
    "odds.label": Text("Odds by the end", "Шансы на конец сессии"),
    "odds.sub": Text("Chance to end the session above the threshold", "Шанс закончить сессию выше порога"),
    "thr": Text("Threshold", "Порог"),
    "thr.pct": Text("% of the open", "% от открытия"),
    "done": Text("passed", "пройден"),
    "done.already": Text("already", "уже"),
    "dots": Text(
        "Dots at the end of a chart: each is 1 of 20 equally likely endings. Drag the dashed line or type a threshold.",
        "Точки в конце графика: каждая — один из 20 равновероятных исходов. "
        "Порог можно тянуть за пунктир или ввести под графиком.",
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
    "callput": Text("Call and put", "Колл и пут"),
    "above.strike": Text("Chance to end above the strike", "Шанс закончить выше страйка"),
    "prem.more": Text("Premium up by {x}", "Премию больше на {x}"),
    "prem.less": Text("Premium down by {x}", "Премию меньше на {x}"),
    "strike.open": Text("Empty: the open of the session", "Пусто — открытие сессии"),
    "str.last": Text("last sessions", "последние сессии"),
    "str.won": Text("won", "выиграл"),
    "str.mean": Text("mean P&L", "средний P&L"),
    "str.interval": Text("95% interval", "интервал 95 %"),
    "str.weekday": Text("by weekday, all history", "по дням, вся история"),
    "str.record": Text(
        "Mean {a} a session, 95% interval {b} to {c}", "В среднем {a} за сессию, интервал 95 % от {b} до {c}"
    ),
    "str.share": Text("Won {a}, 95% interval {b} to {c}", "Выигрышей {a}, интервал 95 % от {b} до {c}"),
    "str.share.all": Text("The hairline is all history: {a}.", "Тонкая линия — вся история: {a}."),
    "str.short": Text("too few sessions for an interval", "для интервала мало сессий"),
    "str.ask": Text(
        "Type a premium to see how it did in past sessions.", "Введите премию — покажем, что было бы в прошлых сессиях."
    ),
    "str.means": Text("What these numbers mean", "Что значат эти числа"),
    "str.note": Text(
        "No fees, spread or risk premium: not a price at which anybody trades.",
        "Без комиссий, спреда и платы за риск: не цена сделки.",
    ),
    "str.past": Text(
        "Past sessions: bought at the open for the same share of it",
        "Прошлые сессии: куплен на открытии за ту же долю от него",
    ),
}

_SEASONS: Final = {
    "win": Text("Windows: {m}, {quote}", "Окна: {m}, {quote}"),
    "win.label": Text("Windows", "Окна"),
    "win.sub": Text("Whole sessions; mark and rank: today so far.", "Сессии целиком; метка и ранг — сегодня пока."),
    "win.sub.today": Text("Today’s session so far is in; mark: today.", "Вместе с сегодняшней; метка — сегодня."),
    "win.today": Text("with today", "с сегодняшней"),
    "win.metric": Text("Metric of the windows", "Метрика окон"),
    "win.n": Text("{n} so far", "пока {n}"),
    "win.strip": Text(
        "8 of 10 sessions {a}–{b}, half {c}–{d}, median {e}", "8 из 10 сессий {a}–{b}, половина {c}–{d}, медиана {e}"
    ),
    "win.strip.today": Text(
        "8 of 10 sessions {a}–{b}, half {c}–{d}, median {e}, today {f}",
        "8 из 10 сессий {a}–{b}, половина {c}–{d}, медиана {e}, сегодня {f}",
    ),
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
    "dist.chart": Text(
        "{m} of the past: half of the sessions below {a}, 9 of 10 below {b}",
        "{m} в прошлом: половина сессий ниже {a}, 9 из 10 ниже {b}",
    ),
    "dist.from": Text("from, %", "от, %"),
    "dist.to": Text("to, %", "до, %"),
    "dist.count": Text("sessions", "сессий"),
    "dist.beyond": Text("beyond", "больше"),
    "sea": Text("When the day moves", "Когда рынок ходит"),
    "sea.sub": Text(
        "Median hourly range, % of the open; last {n, plural, one {# session} other {# sessions}}, hours in {zone}.",
        "Медианный размах часа, % от открытия; "
        "{n, plural, one {# сессия} few {# сессии} many {# сессий} other {# сессии}}, часы — {zone}.",
    ),
    "sea.sub.share": Text(
        "Share of the session’s variance made in each hour; "
        "last {n, plural, one {# session} other {# sessions}}, hours in {zone}.",
        "Доля дисперсии сессии, которая приходится на час; "
        "{n, plural, one {# сессия} few {# сессии} many {# сессий} other {# сессии}}, часы — {zone}.",
    ),
    "sea.values": Text("What the colour shows", "Что показывает цвет"),
    "sea.range": Text("Range", "Размах"),
    "sea.share": Text("Share of variance", "Доля дисперсии"),
    "sea.outlined": Text("outlined: this hour", "рамка — текущий час"),
    "sea.mean": Text("mean Vol", "средний Vol"),
    "sea.mean.spoken": Text(
        "Mean Vol {a} percent, 95% interval {b} to {c}", "Средний Vol {a} процента, интервал 95 % от {b} до {c}"
    ),
    "sea.weekday": Text("weekday", "день недели"),
    "sea.read": Text(
        "{day}, {t} {zone}: half of the hours moved less than {a}",
        "{day}, {t} {zone}: в половине часов размах меньше {a}",
    ),
    "sea.read.share": Text(
        "{day}, {t} {zone}: {a} of the session’s variance", "{day}, {t} {zone}: {a} дисперсии сессии"
    ),
    "sea.hint": Text("Point at a cell, or walk with the arrows.", "Наведите на клетку или идите стрелками."),
}

PANELS: Final[Mapping[str, Text]] = {
    **_CONES,
    **_ODDS,
    **_HISTORY,
    **_STRADDLE,
    **_SEASONS,
}
