"""The tables of `docs/reference/fields.md` and `docs/reference/fields.ru.md`, from the catalogue of fields.

`python -m tests.fields` writes them into the pages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from api.examples import EXAMPLES
from volatility.domain.metrics import DEFAULT_WINDOWS, SCORE_TABLES
from volatility.presentation.catalogue import ANSWERS, CSV_ALONE, within
from volatility.presentation.catalogue.service import PROBLEM
from volatility.presentation.catalogue.sessions import RUNNING
from volatility.presentation.fields import Choice, Field, Group, Kind, Language, ListOf, Shape
from volatility.presentation.flat import Table
from volatility.presentation.tables import TABLES, score_table, sessions_table

_REFERENCE: Final = Path(__file__).resolve().parents[1] / "docs" / "reference"
PAGES: Final[Mapping[Language, Path]] = {"en": _REFERENCE / "fields.md", "ru": _REFERENCE / "fields.ru.md"}
_PLACE: Final = re.compile(r"(?<=<!-- fields -->\n).*(?=<!-- end of fields -->)", re.DOTALL)
_HEADER: Final[Mapping[Language, str]] = {
    "en": "| field | type | unit | meaning | example |",
    "ru": "| поле | тип | единица | значение | пример |",
}
_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "null": " or null",
        "list": "list of {}",
        "by key": "{} under each key",
        "running": "The fields of [Running](#running), and:",
        "csv": "CSV columns",
        "windows": "CSV columns, those of statistics for each window",
        "table": "CSV columns with `table={}`",
        "errors": "Errors",
    },
    "ru": {
        "null": " или null",
        "list": "список: {}",
        "by key": "по ключам: {}",
        "running": "Поля [Running](#running) и ещё:",
        "csv": "Столбцы CSV",
        "windows": "Столбцы CSV; столбцы статистик — для каждого окна",
        "table": "Столбцы CSV при `table={}`",
        "errors": "Ошибки",
    },
}


def page_part(language: Language, answers: Mapping[str, Group] = ANSWERS) -> str:
    """The tables as Markdown: each answer, and behind it the objects within that no answer before it holds."""
    words, shown = _WORDS[language], set[str]()
    sections = [(f"`{path}`", answer, _csv(path)) for path, answer in answers.items()]
    lines: list[str] = []
    for title, answer, tables in [*sections, (words["errors"], PROBLEM, [])]:
        lines += [f"## {title}", "", _one_line(answer, language), ""]
        lines += _fields(answer, language)
        lines += [line for name, table in tables for line in (_columns(words[name.partition(":")[0]], name, table), "")]
        for group in (*_within(answer, shown), *_csv_alone(answer)):
            lines += [f"### {group.name}", "", _one_line(group, language), "", *_fields(group, language)]
    return "\n".join(lines)


def _one_line(group: Group, language: Language) -> str:
    return group.meaning.in_language(language).replace("\n\n", " ")


def _within(answer: Group, shown: set[str]) -> Iterator[Group]:
    """The objects within an answer that were not shown yet; the running session's fields count as one."""
    if _begins_with_running(answer) and RUNNING.name not in shown:
        shown.add(RUNNING.name)
        yield RUNNING
    for field in answer.fields:
        inner = within(field.shape)
        if inner and inner.name not in shown:
            shown.add(inner.name)
            yield inner
            yield from _within(inner, shown)


def _csv_alone(answer: Group) -> list[Group]:
    """The fields that only the answer's CSV has."""
    return [group for path, group in CSV_ALONE.items() if ANSWERS[path] is answer]


def _begins_with_running(group: Group) -> bool:
    return group is not RUNNING and group.fields[: len(RUNNING.fields)] == RUNNING.fields


def _fields(group: Group, language: Language) -> list[str]:
    """The table of one object."""
    words, fields, lines = _WORDS[language], group.fields, []
    if _begins_with_running(group):
        fields, lines = fields[len(RUNNING.fields) :], [words["running"], ""]
    rows = [_row(group, field, language) for field in fields]
    return [*lines, _HEADER[language], "| --- | --- | --- | --- | --- |", *rows, ""]


def _row(group: Group, field: Field, language: Language) -> str:
    null = _WORDS[language]["null"] if field.null is not None else ""
    example = EXAMPLES.of_field(group, field) if isinstance(field.shape, Kind | Choice) else None
    cells = (
        f"`{field.name}`",
        f"{_type(field.shape, language)}{null}",
        field.unit.name.in_language(language) if field.unit else "",
        field.description(language, with_unit=False),
        "" if example is None else f"`{json.dumps(example, ensure_ascii=False)}`",
    )
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _type(shape: Shape, language: Language) -> str:
    if isinstance(shape, Kind):
        name: Any = shape.value
        return str(name.in_language(language))
    if isinstance(shape, Choice):
        return ", ".join(f"`{word}`" for word in shape.words)
    if isinstance(shape, Group):
        return f"[{shape.name}](#{shape.name.lower()})"
    pattern = _WORDS[language]["list" if isinstance(shape, ListOf) else "by key"]
    null = _WORDS[language]["null"] if shape.null else ""
    return pattern.format(_type(shape.of, language) + null)


def _csv(path: str) -> list[tuple[str, Table]]:
    """The tables of an answer, each with what it is called in the words above."""
    if path == "/statistics":
        return [("windows", sessions_table(DEFAULT_WINDOWS[:1]))]
    if path == "/sessions":
        return [("csv", sessions_table(()))]
    if path == "/scorecard":
        return [(f"table:{name}", score_table(name)) for name in SCORE_TABLES]
    table = TABLES.get(path.removeprefix("/"))
    return [("csv", table)] if table else []


def _columns(title: str, name: str, table: Table) -> str:
    columns = ", ".join(f"`{column}`" for column in table.columns)
    return f"{title.format(name.partition(':')[2])}: {columns}."


def written(text: str, language: Language) -> str:
    """A page with the tables of today."""
    return _PLACE.sub(lambda _: page_part(language), text)


if __name__ == "__main__":
    for language, page in PAGES.items():
        page.write_text(written(page.read_text(encoding="utf-8"), language), encoding="utf-8")
