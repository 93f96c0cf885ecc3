"""Sentences for the codes of answers, and the names of metrics, estimators and weekdays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from volatility.domain.metrics import METRICS
from volatility.presentation.catalogue.straddle import DEFINED
from volatility.presentation.fields import Text

# Problem documents: the code behind `urn:btc-volatility:`; and what a request that got no document came to.
_PROBLEMS: Final = {
    "problem.unknown_symbol": Text("this service does not keep that symbol", "такого символа у сервиса нет"),
    "problem.bad_parameter": Text("a parameter breaks its rule", "параметр нарушает своё правило"),
    "problem.no_data": Text("nothing to answer from is stored yet", "в базе ещё нет данных для ответа"),
    "problem.other_definition": Text(
        "the stored sessions have another definition than the settings",
        "сессии в базе посчитаны по другим настройкам",
    ),
    "problem.other_schema": Text(
        "the database has the schema of another version", "схема базы от другой версии программы"
    ),
    "problem.database_away": Text("the database does not answer", "база не отвечает"),
    "problem.database_failed": Text("the database refuses", "база отказывает"),
    "problem.wrong_setting": Text("a setting of the service is wrong", "у сервиса неверная настройка"),
    "problem.not_found": Text("the service has no such answer", "у сервиса нет такого ответа"),
    "problem.method_not_allowed": Text("the service is not asked in this way", "сервис так не спрашивают"),
    "problem.old_page": Text("the page is of an older version: load it again", "страница старой версии: обновите её"),
    "problem.internal_error": Text(
        "the service met an error; its log has more", "в сервисе ошибка, подробности в журнале"
    ),
    "problem.network": Text("the service was not reached", "до сервиса не достучаться"),
    "problem.timeout": Text("the service took too long", "сервис отвечает слишком долго"),
    "problem.other": Text("the service answered {status}", "сервис ответил {status}"),
}
# `missing_code`: why there are no odds.
_MISSING: Final = {
    "missing.no_candle": Text(
        "No odds yet: the session has no candle.", "Шансов пока нет: у сессии нет ни одной свечи."
    ),
    "missing.short_history": Text(
        "No odds: {n, plural, one {# past session has} other {# past sessions have}} all their hours, "
        "and that is too few.",
        "Шансов нет: полных прошлых сессий {n}, этого мало.",
    ),
    "missing.no_scale": Text(
        "No odds: the hours before this one don’t say how volatile the market is.",
        "Шансов нет: по прошедшим часам не видно, насколько волатилен рынок.",
    ),
}
_ESTIMATORS: Final = {
    "estimator.close_to_close": Text("Close to close", "По закрытиям"),
    "estimator.parkinson": Text("Parkinson", "Паркинсона"),
    "estimator.garman_klass": Text("Garman–Klass", "Гармана–Класса"),
    "estimator.rogers_satchell": Text("Rogers–Satchell", "Роджерса–Сатчелла"),
    "estimator.yang_zhang": Text("Yang–Zhang", "Янга–Чжана"),
    "estimator.realised_returns": Text("Hourly returns", "По часовым доходностям"),
    "estimator.realised_garman_klass": Text("Hourly Garman–Klass", "Часовая Гармана–Класса"),
}
_WEEKDAYS: Final = {
    "weekday.Monday": Text("Mon", "Пн"),
    "weekday.Tuesday": Text("Tue", "Вт"),
    "weekday.Wednesday": Text("Wed", "Ср"),
    "weekday.Thursday": Text("Thu", "Чт"),
    "weekday.Friday": Text("Fri", "Пт"),
    "weekday.Saturday": Text("Sat", "Сб"),
    "weekday.Sunday": Text("Sun", "Вс"),
    "weekday.Monday.long": Text("Monday", "понедельник"),
    "weekday.Tuesday.long": Text("Tuesday", "вторник"),
    "weekday.Wednesday.long": Text("Wednesday", "среда"),
    "weekday.Thursday.long": Text("Thursday", "четверг"),
    "weekday.Friday.long": Text("Friday", "пятница"),
    "weekday.Saturday.long": Text("Saturday", "суббота"),
    "weekday.Sunday.long": Text("Sunday", "воскресенье"),
}


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


NAMES: Final[Mapping[str, Text]] = {
    **_PROBLEMS,
    **_MISSING,
    **{f"metric.{metric.name}": Text(metric.title, metric.title) for metric in METRICS},
    **_ESTIMATORS,
    **_WEEKDAYS,
    # What the answer of /straddle explains under `definitions`, by its keys.
    **{f"definition.{field.name}": Text(_sentence(field.en), _sentence(field.ru)) for field in DEFINED},
}
