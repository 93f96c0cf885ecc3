"""The history: its bars and tables are the API's, and any part of it can be shown, read and sorted."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest

from tests.page import rules
from tests.page.charts import answered, choices, held, numbers
from tests.page.conftest import MakeStage
from tests.page.stage import PHONE, Service, Stage
from volatility.presentation.fields import Language

CHART = "#sessions .chart"
SHOWN = "(e) => [Math.ceil(e.uplot.scales.x.min), Math.floor(e.uplot.scales.x.max)]"
WHOLE = {"candles"}
TODAY = 1  # the running session beside the closed ones


def opened(stage: Stage, query: str = "?premium=520&threshold=1500") -> Stage:
    stage.open(query)
    stage.page.locator("#sessions").scroll_into_view_if_needed()
    stage.page.wait_for_selector("#sessions .running", state="attached")
    stage.settle()
    return stage


def shown(stage: Stage) -> tuple[int, int]:
    first, last = stage.page.eval_on_selector(CHART, SHOWN)
    return first, last


def choose(stage: Stage, group: str, value: str) -> None:
    stage.page.locator(f"#sessions input[name=history-{group}]").evaluate_all(
        "(all, value) => all.find((one) => one.value === value).click()", value
    )
    stage.settle()


def written(field: str, value: float, language: Language) -> str:
    if field.rpartition(".")[2] in WHOLE or ".candles." in field:
        return rules.number(value, 0, language)
    return rules.number(value, 2, language)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_number_is_the_apis_and_is_written_by_the_rules(make_stage: MakeStage, language: Language) -> None:
    stage = opened(make_stage(), f"?language={language}&premium=520&threshold=1500")
    known = answered(stage, "live", "history")
    last = known["history"]["count"] - 1
    body, head = numbers(stage, "#sessions .body"), numbers(stage, "#sessions h2")
    for field, raw, text in body:
        value = rules.at(known, field)
        assert float(raw) == pytest.approx(value, rel=1e-13), field  # the page makes percent of the open itself
        assert text == written(field, value, language), field
    names = ("median_pct", "p10_pct", "p90_pct")
    assert len(body) > 200
    assert [field for field, _, _ in head] == [f"history.columns.{name}.{last}" for name in names]
    values = [known["history"]["columns"][name][last] for name in names]
    assert [float(raw) for _, raw, _ in head] == values
    forms = [
        rules.percent(values[0], 2, language),
        rules.number(values[1], 2, language),
        rules.percent(values[2], 2, language),
    ]
    assert [text for _, _, text in head] == forms


@pytest.mark.parametrize(("metric", "window"), [("volatility", 30), ("range", 7)])
def test_the_chart_holds_the_history_and_today_at_its_end(make_stage: MakeStage, metric: str, window: int) -> None:
    stage = opened(make_stage(), f"?metric={metric}&window={window}")
    columns = stage.service.get(f"history?metric={metric}&window={window}")["columns"]
    live = answered(stage, "live")["live"]
    names = ("range_pct", "volatility_pct", "p90_pct", "p10_pct", "median_pct", "open", "high", "low", "close")
    data = held(stage, CHART)
    for name, column in zip(names, data[1:], strict=False):
        today = None if name in {"p90_pct", "p10_pct", "median_pct"} else live[name]
        assert column[-1] == today
        for drawn, value in zip(column[:-1], columns[name], strict=True):
            assert drawn == (value if value is None else pytest.approx(value, rel=1e-13)), name
    assert data[10] == data[5]
    pairs = zip(data[1], data[2], strict=True)
    assert all(vol is not None and span is not None and vol <= span + 1e-9 for span, vol in pairs)
    assert held(stage, "#sessions .overview")[1] == data[1]


def rows(stage: Stage) -> list[list[str]]:
    found: list[list[str]] = stage.page.eval_on_selector_all(
        "#sessions tbody tr:not(.running)", "(all) => all.map((r) => [...r.cells].map((c) => c.textContent.trim()))"
    )
    return found


def downloaded(stage: Stage) -> list[dict[str, str]]:
    link = stage.page.locator("#sessions a[download]").get_attribute("href") or ""
    text = stage.page.evaluate("(url) => fetch(url).then((r) => r.text())", link)
    return list(csv.DictReader(io.StringIO(text)))


def all_rows(stage: Stage) -> list[list[str]]:
    more = stage.page.locator("#sessions .more")
    while more.count():
        more.click()
    return rows(stage)


def as_table(row: dict[str, str]) -> list[str]:
    amounts = [
        row[name] for name in ("open", "high", "low", "close", "volatility", "volatility_pct", "range", "range_pct")
    ]
    return [*(rules.number(float(value), 2, "en") for value in amounts), f"{row['candles']}/{row['expected_candles']}"]


@pytest.mark.parametrize("span", [30, 90, 365])
def test_the_csv_has_the_rows_and_the_numbers_of_the_table(make_stage: MakeStage, span: int) -> None:
    stage = opened(make_stage(), f"?span={span}")
    first, last = shown(stage)
    assert last - first == span
    assert len(rows(stage)) == 30
    file, table = downloaded(stage), all_rows(stage)
    assert len(file) == len(table) == span
    assert [row[1:] for row in table] == [as_table(row) for row in file]


def test_the_csv_of_older_sessions_is_asked_by_their_dates(make_stage: MakeStage) -> None:
    stage = opened(make_stage(), "?span=30")
    last = stage.page.locator("#sessions .brush-handle.last")
    for _ in range(3):
        last.press("ArrowLeft")
    file, table = downloaded(stage), all_rows(stage)
    assert "sessions?from=" in (stage.page.locator("#sessions a[download]").get_attribute("href") or "")
    assert len(file) == len(table) == 28
    assert [row[1:] for row in table] == [as_table(row) for row in reversed(file)]
    assert stage.page.locator("#sessions .running").count() == 0


def test_every_column_sorts_and_says_so(make_stage: MakeStage) -> None:
    stage = opened(make_stage(), "?span=90")
    columns = stage.service.get("history?metric=volatility&window=30")["columns"]
    keys = {
        name: columns[name][-90:] for name in ("open", "high", "low", "close", "volatility_pct", "range_pct", "candles")
    }
    order = ["date", "open", "high", "low", "close", None, "volatility_pct", None, "range_pct", "candles"]
    heads = stage.page.locator("#sessions th[scope=col]")
    assert [heads.nth(at).get_attribute("aria-sort") for at in range(10)] == ["descending"] + ["none"] * 9
    for at, name in enumerate(order):
        for direction in ("descending", "ascending"):
            if at == 0 and direction == "descending":
                continue
            heads.nth(at).locator("button").focus()
            stage.page.keyboard.press("Enter")
            assert [heads.nth(one).get_attribute("aria-sort") for one in range(10)] == [
                direction if one == at else "none" for one in range(10)
            ]
            if name in keys:
                ordered = sorted(keys[name], reverse=direction == "descending")[:30]
                texts = [row[at].partition("/")[0] for row in rows(stage)]
                assert texts == [rules.number(value, 0 if name == "candles" else 2, "en") for value in ordered]
        assert stage.page.locator("#sessions tbody tr").first.get_attribute("class") == "running"


def test_the_brush_the_buttons_and_the_keys_choose_what_is_shown(make_stage: MakeStage) -> None:
    stage = opened(make_stage())
    total = len(held(stage, CHART)[0])
    assert shown(stage) == (total - 91, total - 1)
    choose(stage, "span", "365")
    assert shown(stage) == (total - 366, total - 1)
    assert choices(stage)["span"] == "365"
    choose(stage, "span", "all")
    assert shown(stage) == (0, total - 1)
    first, last = (stage.page.locator(f"#sessions .brush-handle.{end}") for end in ("first", "last"))
    first.press("PageUp")
    first.press("ArrowRight")
    assert shown(stage) == (31, total - 1)
    assert first.get_attribute("aria-valuenow") == "31"
    last.press("ArrowLeft")
    last.press("PageDown")
    assert shown(stage) == (31, total - 32)
    last.press("Home")
    assert shown(stage) == (31, 37), "seven sessions are the least"
    last.press("End")
    first.press("Home")
    assert shown(stage) == (0, total - 1)
    choose(stage, "span", "30")
    stage.page.locator(CHART).focus()
    stage.page.keyboard.press("-")
    assert shown(stage)[1] - shown(stage)[0] + 1 == 47, "31 and a half more"
    stage.page.keyboard.press("+")
    assert shown(stage)[1] - shown(stage)[0] + 1 == 31


def test_the_brush_is_dragged(make_stage: MakeStage) -> None:
    stage = opened(make_stage(), "?span=90")
    total = len(held(stage, CHART)[0])
    over = stage.page.locator("#sessions .overview .u-over").bounding_box()
    assert over

    def drag(selector: str, to: float) -> None:
        box = stage.page.locator(selector).bounding_box()
        assert box
        y = box["y"] + box["height"] / 2
        stage.page.mouse.move(box["x"] + box["width"] / 2, y)
        stage.page.mouse.down()
        stage.page.mouse.move(to, y, steps=4)
        stage.page.mouse.up()

    drag("#sessions .brush-handle.first", over["x"] + over["width"] / 2)
    assert shown(stage)[0] == pytest.approx((total - 1) / 2, abs=2)
    assert shown(stage)[1] == total - 1
    size = shown(stage)[1] - shown(stage)[0]
    drag("#sessions .brush", over["x"] + over["width"] * 0.4)
    assert shown(stage)[1] - shown(stage)[0] == size
    assert shown(stage)[1] < total - 1


def test_arrow_keys_read_session_by_session(make_stage: MakeStage, service: Service) -> None:
    stage = opened(make_stage())
    columns = service.get("history?metric=volatility&window=30")["columns"]
    stage.page.locator(CHART).focus()
    lines = []
    for key in ("ArrowLeft", "ArrowLeft", "ArrowLeft", "Home"):
        stage.page.keyboard.press(key)
        lines.append(stage.text("#sessions .reading"))
    assert lines[0].startswith("30 Dec now · Vol ")
    for line, at in zip(lines[1:], (-1, -2, -90), strict=True):
        day = int(columns["date"][at][-2:])
        assert re.match(rf"{day} \w{{3}} · Vol ", line)
        for name in ("volatility_pct", "range_pct"):
            assert f" {rules.percent(columns[name][at], 2, 'en')} · " in line
        for name in ("open", "high", "low", "close", "mean_pct", "median_pct", "p10_pct"):
            assert rules.number(columns[name][at], 2, "en") in line, name


def test_an_incomplete_session_is_hatched_and_said(make_stage: MakeStage) -> None:
    stage = make_stage()

    def incomplete(answer: dict[str, Any]) -> None:
        answer["columns"]["complete"][-1] = False
        answer["columns"]["candles"][-1] = 20

    stage.change("history", incomplete)
    opened(stage, "?span=30")
    assert rows(stage)[0][-1] == "20/24"
    stage.page.locator(CHART).focus()
    stage.page.keyboard.press("ArrowLeft")
    stage.page.keyboard.press("ArrowLeft")
    assert "incomplete" in stage.text("#sessions .reading")


PIXELS = """(colour) => [...document.querySelectorAll('.chart canvas, .overview canvas')].map((canvas) => {
    const probe = document.createElement('canvas').getContext('2d');
    probe.fillStyle = colour; probe.fillRect(0, 0, 1, 1);
    const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let found = 0;
    for (let at = 0; at < data.length; at += 4)
        if (data[at] === r && data[at + 1] === g && data[at + 2] === b && data[at + 3] === 255) found += 1;
    return found;
})"""


@pytest.mark.parametrize("dark", [False, True])
def test_canvases_take_the_colours_of_the_theme_at_once(make_stage: MakeStage, *, dark: bool) -> None:
    stage = opened(make_stage(dark=dark))
    stage.all_drawn()
    stage.expect("Canvas2D: Multiple readback")  # the test's own
    grounds = ("#f8f7f4", "#101419")
    for _ in range(2):
        stage.page.wait_for_function("() => !document.querySelector('.chart .over:empty')")
        counts = {ground: stage.page.evaluate(PIXELS, ground) for ground in grounds}
        assert len(counts[grounds[not dark]]) == 5
        assert set(counts[grounds[not dark]]) == {0}
        assert all(count > 0 for count in counts[grounds[dark]][:3]), "halos are drawn in the ground's colour"
        dark = not dark
        stage.page.evaluate("(t) => { document.documentElement.dataset.theme = t }", "dark" if dark else "light")
        stage.page.wait_for_timeout(300)
    assert stage.page.evaluate("document.getAnimations().length") == 0


@pytest.mark.parametrize("language", ["en", "ru"])
def test_nothing_is_wider_than_a_phone(make_stage: MakeStage, language: Language) -> None:
    for size in ((320, 640), PHONE, (768, 1024), (1024, 768)):
        stage = opened(make_stage(size=size), f"?language={language}")
        assert stage.page.evaluate("document.documentElement.scrollWidth") <= size[0], size
