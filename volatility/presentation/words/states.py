"""The words of states, of failures and of the dialog of keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from volatility.presentation.fields import Text

_BADGES: Final = {
    "live": Text("Live · {s} s", "Онлайн · {s} с"),
    "live.means": Text("The service’s newest answer is {s} s old.", "Последнему ответу сервиса {s} с."),
    "db": Text("Database only · to {t}", "Только база · по {t}"),
    "db.band": Text("The exchange has not answered since {t}.", "Биржа не отвечает с {t}."),
    "db.band.now": Text("The exchange does not answer.", "Биржа не отвечает."),
    "db.band.shown": Text("Shown are stored candles up to {u}.", "Ниже — свечи из базы по {u}."),
    "next": Text("Next try in {s} s.", "Следующая попытка через {s} с."),
    "next.now": Text("Trying now.", "Пробуем сейчас."),
    "stale": Text("Stale · {m} min", "Устарело · {m} мин"),
    "stale.seconds": Text("Stale · {s} s", "Устарело · {s} с"),
    "stale.band": Text(
        "This answer is {m, plural, one {# minute} other {# minutes}} old.",
        "Ответу {m, plural, one {# минута} few {# минуты} many {# минут} other {# минуты}}.",
    ),
    "stale.band.seconds": Text(
        "This answer is {s, plural, one {# second} other {# seconds}} old.",
        "Ответу {s, plural, one {# секунда} few {# секунды} many {# секунд} other {# секунды}}.",
    ),
    "stale.band.why": Text(
        "The tab slept or the network is away; asking again.", "Вкладка спала или нет сети; обновляем."
    ),
    "off": Text("No connection", "Нет связи"),
    "refused": Text("No answer", "Нет ответа"),
    "off.band.refused": Text("No new numbers since {t}: {why}.", "Новых чисел нет с {t}: {why}."),
    "off.band": Text("This service has not answered since {t}.", "Сервис не отвечает с {t}."),
    "off.band.old": Text("The numbers below are the last received.", "Числа ниже — последние полученные."),
    "sim": Text("Simulated", "Симуляция"),
    "sim.band": Text("Simulated candles.", "Свечи смоделированы."),
    "sim.band.more": Text("No number on this page is real.", "Все числа на этой странице вымышленные."),
    "loading": Text("Loading", "Загрузка"),
    "loading.still": Text("Still loading", "Всё ещё загружается"),
}

_PAGES: Final = {
    "away": Text("Database away", "База недоступна"),
    "away.title": Text("This service does not answer.", "Сервис не отвечает."),
    "away.detail": Text("It says: “{detail}”.", "Ответ сервиса: «{detail}»."),
    "away.text": Text(
        "Nothing is shown rather than something old of unknown age. This page comes back by itself.",
        "Лучше ничего, чем старое неизвестно какой давности. Страница вернётся сама.",
    ),
    "away.check": Text("What to check", "Что проверить"),
    "away.check.database": Text(
        "Does the database run, and do the settings name it: DATABASE_URL, or DB_HOST and the four beside it?",
        "Запущена ли база и верно ли она указана: DATABASE_URL или DB_HOST и четыре настройки рядом с ней?",
    ),
    "away.check.service": Text(
        "Does this service run? Its log names what failed.", "Запущен ли сам сервис? В его журнале видно, что не так."
    ),
    "away.check.ready": Text("Ask it yourself: {link}.", "Спросите его сами: {link}."),
    "empty": Text("No data yet", "Данных ещё нет"),
    "empty.title": Text(
        "There is no history yet: it has to be fetched first.", "Истории ещё нет: сначала её нужно загрузить."
    ),
    "empty.text": Text(
        "The newest 60 days take seconds, all history about a minute. This page looks again every 5 seconds.",
        "Последние 60 дней приходят за секунды, вся история — примерно за минуту. "
        "Страница сама проверяет каждые 5 секунд.",
    ),
    "empty.one": Text("One process", "Один процесс"),
    "empty.docker": Text("Docker, Airflow", "Docker, Airflow"),
    "empty.own": Text("Your own scheduler", "Свой планировщик"),
    "empty.look": Text("Only a look", "Только посмотреть"),
    "empty.fetched": Text("Hours fetched", "Загружено часов"),
    "empty.summed": Text("Sessions computed", "Посчитано сессий"),
    "empty.progress": Text("{a} of {b}", "{a} из {b}"),
    "retry": Text("Try now", "Повторить"),
    "again": Text("Try again", "Повторить"),
    "panel.fail": Text("This panel has no answer: {why}.", "Для этой панели нет ответа: {why}."),
}

_SHARED: Final = {
    "table": Text("Table", "Таблица"),
    "more": Text("{n} more", "Ещё {n}"),
    "chart": Text("chart", "график"),
    "script": Text("This page needs JavaScript.", "Странице нужен JavaScript."),
    "foot.source": Text(
        "Binance, hourly candles; session {open}–{close} {zone} ({utc} UTC)",
        "Binance, часовые свечи; сессия {open}–{close} {zone} ({utc} UTC)",
    ),
    "foot.means": Text(
        "Vol = |open − close|, Range = high − low", "Vol = |открытие − закрытие|, Range = максимум − минимум"
    ),
    "meanings": Text("What the numbers mean", "Что значат числа"),
    "foot.api": Text("API", "API"),
    "foot.keys": Text("Keys", "Клавиши"),
    "keys": Text("Keys", "Клавиши"),
    "keys.anchors": Text("Parts of the page", "Разделы страницы"),
    "keys.metric": Text("Vol or Range", "Vol или Range"),
    "keys.window": Text("Window: 5, 7, 14, 30 sessions", "Окно: 5, 7, 14, 30 сессий"),
    "keys.premium": Text("To the premium", "К премии"),
    "keys.theme": Text("Theme", "Тема"),
    "keys.language": Text("Language", "Язык"),
    "keys.zone": Text("Time zone", "Часовой пояс"),
    "keys.list": Text("This list", "Этот список"),
    "keys.on": Text("Single keys are on", "Клавиши включены"),
    "keys.note": Text(
        "In a chart ← and → read it, hour by hour or session by session.",
        "На графике ← и → читают его по часам или по сессиям.",
    ),
    "close": Text("Close", "Закрыть"),
}

STATES: Final[Mapping[str, Text]] = {**_BADGES, **_PAGES, **_SHARED}
