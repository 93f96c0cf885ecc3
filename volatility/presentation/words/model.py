"""The words of the panels on forecasts, estimators, scores and what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from volatility.presentation.fields import Text

_MODEL: Final = {
    "fco": Text("{m} forecast at the open, and what came", "Прогноз {m} на открытии и что вышло"),
    "fco.label": Text("Forecast at the open, and what came", "Прогноз на открытии и что вышло"),
    "fco.sub": Text(
        "blue: p10–p90 and median; dot: outcome inside the band, cross: outside",
        "синее — p10–p90 и медиана; точка — итог внутри полосы, крест — вне её",
    ),
    "fco.realised": Text("Realised vol", "Реализ. вол."),
    "fco.of.realised": Text("Realised volatility", "реализованной волатильности"),
    "fco.unit": Text("% of the open", "% от открытия"),
    "fco.unit.realised": Text("% a session", "% за сессию"),
    "fco.retro": Text("outlined: made in retrospect", "контур — посчитан задним числом"),
    "fco.metric": Text("Forecast of", "Прогноз чего"),
    "fco.read": Text("{d}: 8 of 10 {a}–{b}, median {c}", "{d}: 8 из 10 {a}–{b}, медиана {c}"),
    "fco.read.inside": Text("came {x}, inside", "вышло {x}, внутри"),
    "fco.read.outside": Text("came {x}, outside", "вышло {x}, вне"),
    "fco.read.now": Text("so far {x}", "пока {x}"),
    "fco.read.open": Text("still open", "ещё идёт"),
    "fco.outcome": Text("came", "вышло"),
    "fco.made": Text("made", "посчитан"),
    "fco.made.live": Text("at the open", "на открытии"),
    "fco.made.retro": Text("in retrospect", "задним числом"),
    "fco.low": Text("1 of 10 below", "1 из 10 ниже"),
    "fco.high": Text("9 of 10 below", "9 из 10 ниже"),
    "est": Text(
        "This session is forecast at {a} a year; the last 30 realised {b} ({e})",
        "Прогноз на эту сессию {a} годовых; за 30 сессий вышло {b} ({e})",
    ),
    "est.label": Text("Realised volatility", "Реализованная волатильность"),
    "est.sub": Text("Realised volatility, % a year", "Реализованная волатильность, % годовых"),
    "est.sub.strip": Text(
        "Realised volatility, % a year. "
        "Strip: {n, plural, one {# session} other {# sessions}} among all such windows since {year}.",
        "Реализованная волатильность, % годовых. Полоса: {n, plural, one {# сессия} few {# сессии} many {# сессий} "
        "other {# сессии}} среди всех таких окон с {year} года.",
    ),
    "est.rank": Text("rank", "ранг"),
    "est.cone": Text(
        "Now {a}, median {b}, half {c}–{d}, lowest {e}, highest {f}",
        "Сейчас {a}, медиана {b}, половина {c}–{d}, наименьшая {e}, наибольшая {f}",
    ),
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
        "исходов Vol попали в полосу «80 %», названную через {h, plural, one {# час} few {# часа} many {# часов} "
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
        "сессий попали в p10–p90 окна 30, а не 80 %: 30 сессий мало",
    ),
    "sco.none": Text("no past session has been judged yet", "ни одна прошлая сессия ещё не оценена"),
    "sco.method": Text("How this is measured", "Как это измерено"),
    "cal": Text("What was said, and what came true", "Обещанный шанс и как часто сбывалось"),
    "cal.sub": Text(
        "across: odds given; up: share that came true",
        "по горизонтали — названный шанс, по вертикали — доля сбывшихся",
    ),
    "cal.chart": Text(
        "Points near the diagonal: odds that came true as often as said.",
        "Точки у диагонали: шансы сбывались так часто, как было названо.",
    ),
    "cal.said": Text("said", "назван"),
    "cal.came": Text("came true", "сбылось"),
    "cal.cases": Text("cases", "случаев"),
}

_DATA: Final = {
    "data": Text(
        "Data: everything since {d} but {n, plural, one {# hour} other {# hours}} that the exchange never had",
        "Данные: есть всё с {d}, кроме {n, plural, one {# часа, которого} few {# часов, которых} "
        "many {# часов, которых} other {# часа, которых}} не было у биржи",
    ),
    "data.label": Text("Data", "Данные"),
    "data.gaps": Text("List of gaps", "Список пропусков"),
    "data.whole": Text("Data: everything since {d}, nothing is missing", "Данные: есть всё с {d}, без пропусков"),
    "data.incomplete": Text(
        "{k, plural, one {# incomplete session} other {# incomplete sessions}} (marks) of {n}",
        "{k, plural, one {# неполная сессия} few {# неполные сессии} many {# неполных сессий} "
        "other {# неполной сессии}} (метки) из {n}",
    ),
    "data.candle": Text("newest candle of {t}", "последняя свеча за {t}"),
    "data.fetched": Text("candle of {t} fetched at {u}", "свеча за {t} получена в {u}"),
    "data.aggregated": Text("aggregation on {t}, no error", "агрегация {t}, без ошибок"),
    "data.running": Text("aggregation running since {t}", "агрегация идёт с {t}"),
    "data.failed": Text("aggregation on {t} failed: {message}", "агрегация {t} не удалась: {message}"),
    "data.lost": Text("aggregation of {t} broke off", "агрегация {t} прервалась"),
    "data.fetching": Text("fetching: {a} of {b} hours", "загрузка: {a} из {b} часов"),
    "data.fetch.failed": Text("fetching on {t} failed: {message}", "загрузка {t} не удалась: {message}"),
    "data.fetch.lost": Text("fetching of {t} broke off", "загрузка {t} прервалась"),
    "data.line": Text("{symbol} from {a} to {b}", "{symbol} с {a} по {b}"),
    "data.mark": Text("{d}: {a} of {b} hours", "{d}: часов {a} из {b}"),
    "data.from": Text("from", "с"),
    "data.to": Text("to", "по"),
    "data.hours": Text("hours", "часов"),
}

MODEL: Final[Mapping[str, Text]] = {**_MODEL, **_DATA}
