"""The kinds of problems that the API answers with: the word for programs, and what it means to people.

``volatility.domain.errors`` gives each expected failure its kind; the others are the API's own.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from volatility.presentation.fields import Text

PREFIX: Final = "urn:btc-volatility:"


class ProblemKind(NamedTuple):
    """One kind of problem: the HTTP status, a title that never changes, and its meaning."""

    status: int
    title: str
    meaning: Text


PROBLEM_KINDS: Final = {
    "bad_parameter": ProblemKind(
        422,
        "A parameter breaks its rule",
        Text(
            "a parameter is missing, unknown or breaks its rule; `errors` names each",
            "параметр не указан, неизвестен или нарушает правило; все такие перечислены в `errors`",
        ),
    ),
    "unknown_symbol": ProblemKind(
        404,
        "Unknown symbol",
        Text("this service does not keep the symbol; `/symbols` lists those that it keeps",
             "сервис не следит за этим символом; за какими следит, говорит `/symbols`"),
    ),
    "not_found": ProblemKind(404, "Not found", Text("there is nothing under this path", "по этому пути ничего нет")),
    "old_page": ProblemKind(
        404,
        "The page is of another version",
        Text("a file of the page was asked for by the name that another version has for it: load the page again",
             "файл страницы запрошен под именем из другой версии: страницу нужно загрузить заново"),
    ),
    "method_not_allowed": ProblemKind(
        405,
        "Method not allowed",
        Text("the path can only be read: GET or HEAD", "путь можно только читать: GET или HEAD"),
    ),
    "no_data": ProblemKind(
        503,
        "No data yet",
        Text("nothing to answer from is stored yet; `missing` says what has to come first, candles or sessions",
             "отвечать пока не из чего; `missing` говорит, чего нет: свечей или сессий"),
    ),
    "other_definition": ProblemKind(
        503,
        "Sessions by other settings",
        Text("the stored sessions were computed by other settings than the service has: run `btc-volatility aggregate`",
             "сессии в базе посчитаны с другими настройками, чем у сервиса: нужна команда `btc-volatility aggregate`"),
    ),
    "other_schema": ProblemKind(
        503,
        "Database of another version",
        Text("the database has the schema of an older or newer version of the program",
             "схема базы — от более старой или более новой версии программы"),
    ),
    "database_away": ProblemKind(
        503,
        "Database away",
        Text("the database can't be reached or is busy", "база недоступна или занята"),
    ),
    "database_failed": ProblemKind(
        503,
        "Database failed",
        Text("the database refuses: a wrong password, a full disk, a file that is no database",
             "база отказывает: неверный пароль, полный диск, файл — не база"),
    ),
    "wrong_setting": ProblemKind(
        500,
        "Wrong setting",
        Text("a setting turned out to be wrong when it was first used",
             "настройка оказалась неверной, когда понадобилась впервые"),
    ),
    "internal_error": ProblemKind(
        500, "Internal error", Text("something else failed; the log has more", "другая ошибка; подробности в журнале")
    ),
}  # fmt: skip
TYPES: Final = tuple(PREFIX + kind for kind in PROBLEM_KINDS)
