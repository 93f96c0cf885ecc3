"""The cones and the ladder of odds: their numbers are the API's, and a threshold is one thing wherever it stands."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest

from tests.page import rules
from tests.page.charts import answered, choices, held, numbers
from tests.page.conftest import MakeService, MakeStage
from tests.page.stage import DESKTOP, PHONE, Stage
from volatility.presentation.fields import Language
from volatility.presentation.words import WORDS

PANELS = {"volatility": "#cone-vol", "range": "#cone-range"}
ORDER = ("p90", "p75", "p25", "p10", "p50")
PREMIUM = 520
# Left, right, top and bottom of each word over a chart, with its text; and the heights of some percentages.
PLACES = """(chart, values) => [
  [...chart.querySelectorAll(".name, .ask")].map((word) => [word, word.getBoundingClientRect()])
    .map(([word, box]) => [box.left, box.right, box.top, box.bottom, word.innerText]),
  values.map((value) => chart.uplot.valToPos(value, "y") + chart.uplot.over.getBoundingClientRect().top),
]"""


def opened(stage: Stage, query: str = f"?premium={PREMIUM}&threshold=1500") -> Stage:
    stage.open(query)
    for panel in PANELS.values():
        stage.page.wait_for_selector(f"{panel} .handle:visible")
    stage.page.wait_for_selector("#odds tr.shaded")
    stage.settle()
    return stage


def settled(stage: Stage, panel: str) -> None:
    """Wait for the API's own answer."""
    stage.page.wait_for_function(
        "(s) => !document.querySelector(s).textContent.includes('≈')", arg=f"{panel} .over .ask"
    )


def said(stage: Stage, panel: str) -> str:
    return stage.text(f"{panel} .over .ask b")


def written(field: str, value: float, known: dict[str, Any], language: Language) -> str:
    """How a number of these panels is to be written."""
    if field.endswith(".probability"):
        row = rules.at(known, field.rpartition(".")[0])
        passed = ".range." in field and row["threshold"] < known["live"]["range"]
        if passed:
            return WORDS["done"].in_language(language)
        return rules.probability(value, language)
    if field.endswith(".threshold"):
        return rules.dollars(value, language)
    if field.endswith("no_growth"):
        return rules.of100(1 - value, language)
    if re.search(r"quantiles\.p\d+$", field):
        return rules.dollars(value, language)
    if re.search(r"(quantiles_pct\.p75|^live\.(volatility|range)_pct)$", field):
        return rules.percent(value, 2, language)
    return rules.number(value, 2, language)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_number_is_the_apis_and_is_written_by_the_rules(make_stage: MakeStage, language: Language) -> None:
    stage = opened(make_stage(), f"?language={language}&premium={PREMIUM}&threshold=1500")
    known = answered(stage, "live", "cone")
    shown = [row for place in (*PANELS.values(), "#odds") for row in numbers(stage, place)]
    fields = {field for field, _, _ in shown}
    assert {f"cone.hours.{hour}.{metric}_pct.{p}" for hour in range(24) for metric in PANELS for p in ORDER} < fields
    assert len([field for field in fields if field.startswith("live.cone.hours.")]) == 2 * 12
    assert len([field for field in fields if re.search(r"odds\.volatility\.\d+\.threshold$", field)]) == 9
    for field, raw, text in shown:
        value = rules.at(known, field)
        assert float(raw) == value, field
        assert text == written(field, value, known, language), field


@pytest.mark.parametrize("metric", PANELS)
def test_a_cone_draws_the_past_the_fan_and_the_path_that_ends_at_the_live_point(
    make_stage: MakeStage, metric: str
) -> None:
    stage = opened(make_stage())
    known = answered(stage, "live", "cone")
    live, cone, field = known["live"], known["cone"], f"{metric}_pct"
    hours, *columns = held(stage, f"{PANELS[metric]} .chart")
    assert all(a < b for a, b in pairwise(hours) if a is not None and b is not None)
    drawn = [{x: y for x, y in zip(hours, column, strict=True) if y is not None} for column in columns]
    for name, column in zip(ORDER, drawn[:5], strict=True):
        assert column == {0: 0} | {hour["elapsed"]: hour[field][name] for hour in cone["hours"]}
    now = {live["elapsed_hours"]: live[field]}
    for name, column in zip(ORDER, drawn[5:10], strict=True):
        assert column == now | {hour["elapsed"]: hour[field][name] for hour in live["odds"]["fan"]}
    path = {point["elapsed"]: point[field] for point in cone["path"] if point["elapsed"] < live["elapsed_hours"]}
    assert len(path) > 100
    assert drawn[10] == path | now
    assert drawn[11] == drawn[10]


@pytest.mark.parametrize("metric", PANELS)
def test_the_dots_are_the_midpoints_and_are_filled_above_the_line(make_stage: MakeStage, metric: str) -> None:
    stage = opened(make_stage())
    panel = PANELS[metric]
    distribution = answered(stage, "live")["live"]["odds"]["distribution"][metric]
    field = stage.page.locator(f"{panel} .ask-field input")
    for threshold in (distribution["midpoints"][3] + 1, distribution["midpoints"][17] + 1, 100_000):
        field.fill(str(round(threshold)))
        field.press("Enter")
        dots = stage.page.eval_on_selector_all(
            f"{panel} .dot",
            "(all) => all.map((d) => [Number(d.dataset.value), d.matches('.above'), d.cy.baseVal.value])",
        )
        assert [value for value, _, _ in dots] == distribution["midpoints"]
        assert [above for _, above, _ in dots] == [value > round(threshold) for value in distribution["midpoints"]]
        line = float(stage.page.locator(f"{panel} .l-ask").get_attribute("y1") or "nan")
        assert all((y < line) == above for _, above, y in dots)
    heights = [y for _, _, y in dots]
    assert np.corrcoef(heights, distribution["midpoints"])[0, 1] == pytest.approx(-1)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("metric", PANELS)
def test_the_ends_of_the_forecast_are_named_at_their_lines_and_no_word_covers_another(
    make_stage: MakeStage, metric: str, size: tuple[int, int]
) -> None:
    stage = opened(make_stage(size=size))
    live = answered(stage, "live")["live"]
    quantiles, floor = live["odds"]["distribution"][metric], live["range"] if metric == "range" else 0
    chart = stage.page.locator(f"{PANELS[metric]} .chart")
    for threshold in (quantiles["quantiles"]["p90"], quantiles["quantiles"]["p10"], quantiles["quantiles"]["p50"]):
        field = stage.page.locator(f"{PANELS[metric]} .ask-field input")
        field.fill(str(round(threshold, -1)))
        field.press("Enter")
        stage.settle()
        named = ["p90"] if quantiles["quantiles"]["p10"] <= floor else ["p90", "p10"]  # below the floor nothing ends
        words, lines = chart.evaluate(PLACES, [quantiles["quantiles_pct"][name] for name in named])
        assert [text.split()[0] for *_, text in words if text.startswith("p")] == named
        for name, line in zip(named, lines, strict=True):
            (middle,) = [(top + bottom) / 2 for _, _, top, bottom, text in words if text.startswith(name)]
            assert abs(middle - line) < 26, (name, threshold)
        for one, other in combinations(words, 2):
            apart = one[1] <= other[0] or other[1] <= one[0]
            over = one[3] <= other[2] + 3 or other[3] <= one[2] + 3
            assert apart or over, (threshold, one, other)


@pytest.mark.parametrize("metric", PANELS)
def test_drag_keys_and_typing_give_the_same_number_which_is_the_apis(make_stage: MakeStage, metric: str) -> None:
    stage = opened(make_stage())
    panel, choice = PANELS[metric], "premium" if metric == "volatility" else "threshold"
    handle, field = stage.page.locator(f"{panel} .handle"), stage.page.locator(f"{panel} .ask-field input")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    stage.page.mouse.move(x, y)
    stage.page.mouse.down()
    stage.page.mouse.move(x, y - 23, steps=4)
    on_the_way = int(field.input_value())
    assert said(stage, panel).startswith("≈ ")
    assert choices(stage)[choice] != str(on_the_way), "it is chosen when it is let go"
    quantiles = answered(stage, "live")["live"]["odds"]["distribution"][metric]["quantiles"]
    shares = [1 - int(name[1:]) / 100 for name in quantiles]
    near = np.interp(on_the_way, list(quantiles.values()), shares)
    assert said(stage, panel) == f"≈ {rules.probability(float(near), 'en')}"
    stage.page.mouse.up()
    settled(stage, panel)
    dragged = (handle.get_attribute("aria-valuenow"), said(stage, panel), choices(stage)[choice])
    assert dragged[0] == dragged[2] == str(on_the_way)

    handle.press("ArrowUp")
    handle.press("ArrowUp")
    handle.press("PageUp")
    settled(stage, panel)
    by_keys = (int(choices(stage)[choice]), said(stage, panel))
    assert by_keys[0] == on_the_way + 120

    field.fill(str(on_the_way))
    field.press("Enter")
    settled(stage, panel)
    assert (handle.get_attribute("aria-valuenow"), said(stage, panel), choices(stage)[choice]) == dragged
    odds = stage.service.get(f"odds?{metric}={on_the_way}")["odds"][metric][0]["probability"]
    assert said(stage, panel) == rules.probability(odds, "en")
    field.fill(str(by_keys[0]))
    field.press("Enter")
    settled(stage, panel)
    assert said(stage, panel) == by_keys[1]


def test_the_premium_the_line_the_row_and_the_address_are_one(make_stage: MakeStage) -> None:
    stage = opened(make_stage())
    for premium in (PREMIUM, 777):
        field = stage.page.locator("#cone-vol .ask-field input")
        field.fill(str(premium))
        field.press("Enter")
        stage.page.wait_for_function("(p) => document.querySelector('tr.shaded data')?.value === p", arg=str(premium))
        settled(stage, "#cone-vol")
        assert choices(stage)["premium"] == str(premium)
        assert stage.page.locator("#trust").count() == 1
        assert stage.text("#odds tr.shaded td:nth-of-type(2) data") == said(stage, "#cone-vol")
        assert f"${premium}" in stage.text("#cone-vol .over .ask")
        stage.page.wait_for_function(
            "(p) => document.querySelector('#worth [data-field$=premium]').value === p", arg=str(premium)
        )
    stage.page.reload()
    stage.page.wait_for_selector("#odds tr.shaded")
    assert choices(stage) == {"premium": "777", "threshold": "1500"}
    assert stage.page.locator("#cone-range .ask-field input").input_value() == "1500"
    assert stage.page.locator("#cone-vol .ask-field input").input_value() == "777"


def test_a_first_visit_begins_with_thresholds_of_its_own_and_keeps_them(make_stage: MakeStage) -> None:
    stage = opened(make_stage(), "")
    live = answered(stage, "live")["live"]
    first = choices(stage)
    assert stage.asked("live") == 2, "the first answer says where the thresholds lie, the second knows them"
    assert float(first["premium"]) == round(live["straddle"]["value"]["fair"], -1)
    assert float(first["threshold"]) > live["range"]


def test_the_ladder_is_eight_neighbours_of_a_round_step_and_the_premium(make_stage: MakeStage) -> None:
    stage = opened(make_stage())
    live = answered(stage, "live")["live"]
    rows = stage.page.eval_on_selector_all("#odds tbody th data", "(all) => all.map((d) => Number(d.value))")
    assert rows == sorted(rows)
    steps = set(np.diff([row for row in rows if row != PREMIUM]).tolist())
    assert len(steps) == 1
    step = steps.pop()
    assert step / 10 ** np.floor(np.log10(step)) in {1, 2, 5}
    quantiles = live["odds"]["distribution"]["volatility"]["quantiles"]
    assert rows[0] <= quantiles["p5"] + step
    assert rows[-1] == pytest.approx(quantiles["p99"], abs=3 * step)
    bars = stage.page.eval_on_selector_all(
        "#odds td:nth-of-type(2) rect:nth-child(2)", "(all) => all.map((r) => r.width.baseVal.value)"
    )
    odds = {row["threshold"]: row["probability"] for row in live["odds"]["odds"]["volatility"]}
    assert bars == pytest.approx([40 * odds[row] for row in rows], rel=1e-4)


@pytest.mark.parametrize("metric", PANELS)
def test_arrow_keys_read_hour_by_hour(make_stage: MakeStage, metric: str) -> None:
    stage = opened(make_stage())
    panel = PANELS[metric]
    known = answered(stage, "live", "cone")
    chart = stage.page.locator(f"{panel} .chart")
    chart.focus()
    assert chart.evaluate("(e) => getComputedStyle(e).outlineStyle") == "solid"
    lines = []
    for key in ("ArrowLeft", "ArrowLeft", "End", "Home", "ArrowRight"):
        stage.page.keyboard.press(key)
        lines.append(stage.text(f"{panel} .reading"))
    hours = [12, 11, 24, 1, 2]  # 12 h 20 min have passed
    for hour, line in zip(hours, lines, strict=True):
        past = known["cone"]["hours"][hour - 1][f"{metric}_pct"]
        assert line.startswith(f"{(11 + hour) % 24:02}:00 MSK, {hour} h · ")
        half = f"half {rules.number(past['p25'], 2, 'en')}–{rules.number(past['p75'], 2, 'en')}"
        assert half in line
        assert f"9 of 10 below {rules.percent(past['p90'], 2, 'en')}" in line
        if hour <= 12:
            today = known["live"]["cone"]["hours"][hour - 1][f"{metric}_pct"]
            assert f"today {rules.percent(today, 2, 'en')}" in line
        else:
            assert "today" not in line
            assert "forecast" in line
    assert stage.page.locator(f"{panel} .reading").get_attribute("aria-live") == "polite"
    stage.page.keyboard.press("Escape")
    assert stage.text(f"{panel} .reading") == ""


def test_the_pointer_reads_the_nearest_hour(make_stage: MakeStage) -> None:
    stage = opened(make_stage(size=PHONE))
    chart = stage.page.locator("#cone-vol .chart")
    chart.scroll_into_view_if_needed()
    over = chart.locator(".u-over").bounding_box()
    assert over
    stage.page.mouse.move(over["x"] + over["width"] * 9.8 / 24, over["y"] + 40)
    assert stage.text("#cone-vol .reading").startswith("21:00 MSK, 10 h")
    stage.page.mouse.move(5, 5)
    assert stage.text("#cone-vol .reading") == ""


def ticks(stage: Stage) -> list[str]:
    return stage.page.locator("#cone-vol .tick.x .wide").all_inner_texts()


def test_another_zone_shifts_the_axis_and_not_the_session(make_stage: MakeStage) -> None:
    stage = opened(make_stage(zone="America/New_York"))
    data = held(stage, "#cone-vol .chart")
    assert ticks(stage) == [f"{(11 + hour) % 24:02}:00" for hour in range(0, 25, 3)]
    for zone, shift, name in (("utc", 3, "UTC"), ("local", 8, "EST")):
        stage.page.evaluate("(z) => document.querySelector(`input[value=${z}]`).click()", zone)
        stage.page.wait_for_function(
            "(t) => document.querySelector('#cone-vol .tick.x .wide').textContent === t", arg=f"{11 - shift:02}:00"
        )
        assert ticks(stage) == [f"{(11 - shift + hour) % 24:02}:00" for hour in range(0, 25, 3)]
        assert held(stage, "#cone-vol .chart") == data
        stage.page.locator("#cone-vol .chart").focus()
        stage.page.keyboard.press("ArrowLeft")
        assert stage.text("#cone-vol .reading").startswith(f"{(23 - shift):02}:00 {name}, 12 h")
        stage.page.keyboard.press("Escape")


@pytest.mark.parametrize(
    ("now", "hours", "times"),
    [
        (
            "2023-10-28T20:20:00+00:00",
            25,
            ["11:00", "14:00", "17:00", "20:00", "23:00", "02:00", "04:00", "07:00", "11:00"],
        ),
        (
            "2023-03-25T20:20:00+00:00",
            23,
            ["11:00", "14:00", "17:00", "20:00", "23:00", "03:00", "06:00", "09:00", "11:00"],
        ),
    ],
)
def test_sessions_of_23_and_25_hours_draw_right(
    make_stage: MakeStage, make_service: MakeService, now: str, hours: int, times: list[str]
) -> None:
    service = make_service(now=now, SESSION_TIMEZONE="Europe/Berlin", HISTORY_START="2022-01-01")
    service.world.run_jobs()
    stage = make_stage(service)
    stage.open()
    stage.page.wait_for_selector("#cone-vol .handle:visible")
    assert stage.page.eval_on_selector("#cone-vol .chart", "(e) => e.uplot.scales.x.max") == hours
    assert ticks(stage) == times
    known = answered(stage, "live", "cone")
    assert known["live"]["odds"]["fan"][-1]["elapsed"] == hours
    assert max(held(stage, "#cone-vol .chart")[0]) == hours  # type: ignore[type-var]


def test_a_short_history_leaves_out_the_forecast_alone(make_stage: MakeStage, make_service: MakeService) -> None:
    service = make_service(HISTORY_START="2023-09-01")
    service.world.run_jobs()
    stage = make_stage(service)
    stage.open()
    stage.page.wait_for_selector("#cone-vol .now")
    assert service.get("live")["odds"]["missing_code"] == "short_history"
    data = held(stage, "#cone-vol .chart")
    assert all(value is None for column in data[6:11] for value in column)
    assert len([value for value in data[1] if value is not None]) == 25
    assert stage.page.locator(".dot, .handle:visible, .ask-field").count() == 0
    assert stage.text("#cone-vol h2") == WORDS["cone.vol.label"].en
    assert stage.page.locator("#odds .missing").count() == 1


def test_one_failing_answer_leaves_the_other_panels(make_stage: MakeStage) -> None:
    stage = make_stage()
    stage.expect("Failed to load resource")
    stage.page.route(
        re.compile(r"/cone\?"),
        lambda route: route.fulfill(status=500, json={"type": "urn:btc-volatility:internal_error"}),
    )
    stage.open()
    stage.page.wait_for_selector("#cone-vol .failed button")
    assert stage.page.locator("#cone-range .failed").count() == 1
    stage.page.wait_for_selector("#odds tr.shaded")
    stage.page.unroute(re.compile(r"/cone\?"))
    stage.page.locator("#cone-vol .failed button").click()
    stage.page.wait_for_selector("#cone-vol .handle:visible")
    assert stage.page.locator("#cone-range .failed").count() == 0
