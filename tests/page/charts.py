"""What a chart on the page holds, and what the page asked for it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from tests.page.stage import Stage

NUMBERS = (
    "(s) => [...document.querySelectorAll(s)].map((d) => [d.dataset.field, d.getAttribute('value'), d.textContent])"
)


def held(stage: Stage, selector: str) -> list[list[float | None]]:
    """The columns of the uPlot in a place."""
    columns: list[list[float | None]] = stage.page.eval_on_selector(selector, "(e) => e.uplot.data.map((c) => [...c])")
    return columns


def numbers(stage: Stage, selector: str) -> list[tuple[str, str, str]]:
    """The numbers under a place: field, raw value, text."""
    return [tuple(row) for row in stage.page.evaluate(NUMBERS, f"{selector} data")]


def answered(stage: Stage, *names: str) -> dict[str, Any]:
    """What the service answers to the last question of each name that the page asked; of all columns there are."""
    last = {urlsplit(url).path.strip("/"): re.sub(r"&column=\w+", "", url) for url in stage.requests}
    return {name: stage.service.get(last[name].removeprefix(f"{stage.service.url}/")) for name in names}


def choices(stage: Stage) -> dict[str, str]:
    """What the address says."""
    query = urlsplit(stage.page.url).query
    return dict(part.split("=", 1) for part in query.split("&") if part)
