"""The panels from the straddle to the data: their numbers are the API's, each fails alone, the keyboard reaches all."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.page import rules
from tests.page.conftest import MakeService, MakeStage
from tests.page.stage import PHONE, Service, Stage
from tests.presentation.test_words import LATIN
from volatility.presentation.fields import Language
from volatility.presentation.words import WORDS
from volatility.presentation.words.message import said

PREMIUM = 500
PANELS = (
    "straddle", "windows", "distribution", "seasonality", "forecasts", "estimators", "scorecard", "calibration",
    "coverage",
)  # fmt: skip
# By endpoint: the panels that can't do without it.
NEEDS: Final = {
    "straddle": ["straddle"],
    "distribution": ["distribution"],
    "seasonality": ["seasonality"],
    "forecast": ["forecasts"],
    "volatility": ["estimators"],
    "scorecard": ["scorecard", "calibration"],
    "quality": ["coverage"],
}
DATA = "(p) => [...p.querySelectorAll('data')].map((d) => [d.dataset.field, d.getAttribute('value'), d.textContent])"
OTHERS = "metric=range&including=today&season=share&forecast=realised_volatility&window=7&lookback=90"


def all_shown(stage: Stage, panels: tuple[str, ...] = PANELS) -> None:
    """Bring every panel near the screen and wait for what it asks."""
    stage.page.wait_for_selector("#trust [data-field^=quality]")
    for panel in panels:
        stage.page.locator(f"#{panel}").scroll_into_view_if_needed()
        stage.page.wait_for_selector(f"#{panel} [data-body] :is(data, svg, table, dl), #{panel} .failed")
    stage.page.wait_for_selector("#straddle :is(.drawn, .failed, .missing)")
    stage.settle()


def answers(service: Service, *, others: bool) -> dict[str, Any]:
    days = 90 if others else 365
    strike = service.get("live")["open"]
    asked = {
        "live": f"live?lookback={days}&premium={PREMIUM}&price={strike}",
        "straddle": f"straddle?premium={PREMIUM}",
        "distribution": f"distribution?metric={'range' if others else 'volatility'}&lookback={days}",
        "forecast": "forecast?days=30",
    }
    plain = {name: name for name in ("seasonality", "volatility", "scorecard", "quality")}
    return {name: service.get(path) for name, path in (asked | plain).items()}


def integer(value: float, language: Language) -> str:
    return rules.number(value, 0, language)


def shares(decimals: int) -> Any:
    return lambda value, language: rules.percent(value * 100, decimals, language)


def whole_share(value: float, language: Language) -> str:
    """Whole, and 0 or 100 only where it is exactly none or all."""
    return rules.percent(float(rules.of100(value, "en")), 0, language)


def change(value: float, language: Language) -> str:
    """A gain is less of an error: its sign turns."""
    return ("+" if round(-value * 100) > 0 else "") + rules.percent(-value * 100, 0, language)


def numbers(decimals: int) -> Any:
    return lambda value, language: rules.number(value, decimals, language)


def percents(decimals: int) -> Any:
    return lambda value, language: rules.percent(value, decimals, language)


RULES: Final[tuple[tuple[str, Any], ...]] = (
    (r"straddle\.breakevens\.\w+", rules.figure),
    (r"straddle\.value\.expected_profit", rules.profit),
    (r"straddle\.value\.(call|put)", rules.whole_dollars),  # of a fair value above 100
    (r"final_price\..*\.above", rules.probability),
    (r"(win_rate|percentile|inside|percentile_rank\.\w+\.\d+)", whole_share),
    (r"mean_profit", rules.profit),
    (r"forecast\..*\.p10", numbers(2)),
    (r"(statistics\..*_pct|volatility_pct\.mean|edges\.\d+)", numbers(2)),
    (r"annualised_volatility_pct", percents(1)),
    (r"\.windows\.\d+\.value", numbers(1)),
    (r"crps_gain", change),
    (r"(predicted|observed|variance_share|randomised)", shares(1)),
    (r"(\.n|lookback|counts\.\d+|beyond|sessions|gaps\.\d+\.hours)", integer),
    (r"(quantiles_pct\.\w+|_pct|_pct\.p\d+)", percents(2)),
)


def written(field: str, value: float, language: Language) -> str:
    for pattern, rule in RULES:
        if re.search(f"(?:{pattern})$", field):
            return str(rule(value, language))
    return rules.written(field, value, language)


@pytest.mark.parametrize("others", [False, True], ids=["first", "others"])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_number_is_the_apis_and_is_written_by_the_rules(
    make_stage: MakeStage, service: Service, language: Language, *, others: bool
) -> None:
    stage = make_stage()
    stage.open(f"?language={language}&premium={PREMIUM}&{OTHERS if others else ''}")
    all_shown(stage)
    known = answers(service, others=others)
    counts = {}
    for panel in PANELS:
        shown = stage.page.locator(f"#{panel}").evaluate(DATA)
        counts[panel] = len({field for field, _, _ in shown})
        for field, raw, text in shown:
            value = rules.at(known, field)
            if isinstance(value, str):
                assert raw == value, field
            else:
                assert float(raw) == value, field
                assert text == written(field, value, language), field
    bins, gaps = len(known["distribution"]["counts"]), len(known["quality"]["symbols"][0]["gaps"])
    assert counts == {
        "straddle": 8 + 4 * 3 + 7,  # the running session's; lookback or n, won and mean; weekdays
        "windows": 4 * 3,
        "distribution": 2 * bins + 2 + 5 + 1,
        "seasonality": 7 * 24 + 7,
        "forecasts": 31 * 4 + 30 + (0 if others else 1),
        "estimators": 7 * 6 + 1,  # and the forecast: the other number of the headline is in the table
        "scorecard": 1 + 5,
        "calibration": 20 * 3,
        "coverage": 3 + 2 + 3 * gaps,
    }


@pytest.mark.parametrize("endpoint", NEEDS)
def test_a_panel_whose_answer_fails_says_so_alone_and_comes_back(make_stage: MakeStage, endpoint: str) -> None:
    stage = make_stage()
    stage.expect("Failed to load resource")

    def matches(url: str) -> bool:
        return urlsplit(url).path == f"/{endpoint}"

    problem = {"type": "urn:btc-volatility:internal_error", "status": 500}
    stage.page.route(matches, lambda route: route.fulfill(status=500, json=problem))
    stage.open(f"?premium={PREMIUM}")
    stage.page.wait_for_selector("#worth data")
    for panel in PANELS:
        stage.page.locator(f"#{panel}").scroll_into_view_if_needed()
        stage.page.wait_for_selector(f"#{panel} [data-body] :is(data, svg, table, dl), #{panel} .failed")
    stage.settle()
    failed = [panel for panel in PANELS if stage.page.locator(f"#{panel} .failed").count()]
    assert failed == NEEDS[endpoint]
    why = WORDS["problem.internal_error"].en
    for panel in failed:
        assert said(WORDS["panel.fail"].en, "en", {"why": why}) in stage.text(f"#{panel} .failed")
        assert stage.page.locator(f"#{panel} .body").bounding_box()["height"] >= 30  # type: ignore[index]
    if endpoint == "straddle":  # what is asked can still be changed, and what it is worth now is there
        assert stage.page.locator("#straddle-premium").input_value() == str(PREMIUM)
        assert stage.page.locator("#straddle .rows data").count() == 8
    stage.page.unroute(matches)
    stage.page.locator(f"#{failed[0]} .failed button").click()
    stage.page.wait_for_selector(f"#{failed[0]} .failed", state="detached")
    assert stage.page.locator(".failed").count() == 0


def test_the_premium_is_stepped_typed_and_kept(make_stage: MakeStage, service: Service) -> None:
    stage = make_stage()
    stage.open(f"?premium={PREMIUM}")
    all_shown(stage, ("straddle",))
    premium = stage.page.locator("#straddle-premium")

    def agrees(value: int) -> None:
        stage.page.wait_for_selector(f"#worth [data-field$='straddle.premium'][value='{value}']")
        stage.settle()
        assert parse_qs(urlsplit(stage.page.url).query)["premium"] == [str(value)]
        assert premium.input_value() == rules.number(value, 0, "en")
        asked = service.get(f"straddle?premium={value}")
        shown = stage.page.locator("#straddle [data-field='straddle.records.3.win_rate']").get_attribute("value")
        assert float(str(shown)) == asked["records"][3]["win_rate"]

    premium.focus()
    premium.press("ArrowUp")
    agrees(510)
    stage.page.locator(".stepper button").first.click()
    agrees(500)
    premium.fill("1,234")
    premium.press("Enter")
    agrees(1234)
    stage.page.locator(".stepper button").last.click()
    agrees(1240)
    premium.fill("a lot")
    premium.press("Enter")
    assert premium.input_value() == "1,240"
    strike = stage.page.locator("#straddle-strike")
    strike.fill("42,000")
    strike.press("Enter")
    stage.page.wait_for_selector("#worth [data-field$=strike][value='42000']")
    stage.settle()
    low = stage.page.locator("#straddle [data-field$='breakevens.low']").get_attribute("value")
    assert float(str(low)) == 42_000 - 1240
    strike.fill("")
    strike.press("Enter")
    stage.page.wait_for_selector("#worth [data-field$=strike]:not([value='42000'])")
    assert strike.input_value() == rules.number(service.get("live")["open"], 2, "en")


def test_a_russian_premium_is_read_as_russians_write_it(make_stage: MakeStage) -> None:
    stage = make_stage()
    stage.open(f"?premium={PREMIUM}&language=ru")
    all_shown(stage, ("straddle",))
    stage.page.locator("#straddle-premium").fill("1 234,5")
    stage.page.locator("#straddle-premium").press("Enter")
    stage.page.wait_for_selector("#worth [data-field$='straddle.premium'][value='1234.5']")


def x_of(stage: Stage, selector: str, name: str = "cx") -> float:
    return float(str(stage.page.locator(selector).first.get_attribute(name)).rstrip("%"))


@pytest.mark.parametrize("premium", [50, PREMIUM])  # of 50 every mean and interval lies above 0
def test_records_share_an_axis_around_0_and_weekdays_one_with_the_share_of_all(
    make_stage: MakeStage, service: Service, premium: int
) -> None:
    stage = make_stage()
    stage.open(f"?premium={premium}")
    all_shown(stage, ("straddle",))
    known = service.get(f"straddle?premium={premium}")
    records, days = known["records"], known["by_weekday"]["weekdays"]
    intervals = [record["mean_profit_interval"] for record in records]
    low = min(0, *(interval["low"] for interval in intervals))
    high = max(0, *(interval["high"] for interval in intervals))
    table = "#straddle .record table:nth-of-type({}) tbody tr:nth-child({}) "
    for at, record in enumerate(records):
        dot = x_of(stage, table.format(1, at + 1) + "circle")
        zero = x_of(stage, table.format(1, at + 1) + "svg > svg", "x")
        assert dot == pytest.approx((record["mean_profit"] - low) / (high - low) * 100, abs=0.01)
        assert zero == pytest.approx(-low / (high - low) * 100, abs=0.01)
    low = min(day["win_rate_interval"]["low"] for day in days)
    high = max(day["win_rate_interval"]["high"] for day in days)
    for at, day in enumerate(days):
        row = table.format(2, at + 1)
        assert x_of(stage, f"{row}circle") == pytest.approx((day["win_rate"] - low) / (high - low) * 100, abs=0.01)
        hairline = x_of(stage, f"{row}svg > svg", "x")
        assert hairline == pytest.approx((records[3]["win_rate"] - low) / (high - low) * 100, abs=0.01)
    shaded = stage.page.locator("#straddle tr.shaded th").all_inner_texts()
    assert shaded == [WORDS["weekday.Saturday"].en]  # 30 December 2023


def test_bars_stand_as_high_as_their_sessions_and_are_dark_up_to_today(make_stage: MakeStage, service: Service) -> None:
    stage = make_stage()
    stage.open()
    all_shown(stage, ("distribution",))
    known, live = service.get("distribution?metric=volatility&lookback=365"), service.get("live")
    counts = [*known["counts"], known["beyond"]]
    heights = stage.page.locator("#distribution [data-bar]").evaluate_all("(bars) => bars.map((b) => +b.dataset.bar)")
    assert heights == [pytest.approx(count / max(counts) * 100, abs=0.01) for count in counts]
    width = 100 / len(counts)
    bars = "(bars) => bars.map((bar) => parseFloat(bar.getAttribute('width')))"
    dark = sum(stage.page.locator("#distribution [data-bar] .s-h3").evaluate_all(bars))
    light = sum(stage.page.locator("#distribution [data-bar] .s-barr").evaluate_all(bars))
    assert dark == pytest.approx(live["volatility_pct"] / known["edges"][1] * width, abs=0.5)
    assert dark + light == pytest.approx(100, abs=0.5)


def cell(stage: Stage) -> str:
    return str(stage.page.evaluate("document.activeElement.dataset.at"))


def test_the_heat_map_is_walked_with_the_arrows_and_says_what_it_shows(make_stage: MakeStage, service: Service) -> None:
    stage = make_stage()
    stage.open()
    all_shown(stage, ("seasonality",))
    page, known = stage.page, service.get("seasonality")
    stops = page.locator("#seasonality td[tabindex='0']")
    assert stops.evaluate_all("(cells) => cells.map((c) => c.dataset.at)") == ["5,12"]  # Saturday, the thirteenth hour
    assert page.locator("#seasonality td.running").evaluate_all("(c) => c.map((o) => o.dataset.at)") == ["5,12"]
    page.locator("#seasonality input").first.focus()
    page.keyboard.press("Tab")
    assert cell(stage) == "5,12"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineColor")
    assert outline == "rgb(0, 114, 178)"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert cell(stage) == "4,11"
    value = known["weekdays"][4]["hours"][11]["median_range_pct"]
    words = {"day": "Fri", "t": "22:00", "zone": "MSK", "a": rules.percent(value, 2, "en")}
    assert stage.text("#seasonality .said") == said(WORDS["sea.read"].en, "en", words)
    page.keyboard.press("Home")
    assert cell(stage) == "4,0"
    page.keyboard.press("ArrowLeft")
    assert cell(stage) == "4,0"
    page.keyboard.press("End")
    assert cell(stage) == "4,23"
    assert stops.count() == 1
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    assert cell(stage) == "4,23"
    page.locator("#seasonality td[data-at='0,3']").hover()
    assert stage.text("#seasonality .said").startswith("Mon, 14:00 MSK")


def test_colours_run_in_six_steps_and_the_darkest_is_the_most(make_stage: MakeStage, service: Service) -> None:
    stage = make_stage()
    stage.open("?season=share")
    all_shown(stage, ("seasonality",))
    values = [hour["variance_share"] for day in service.get("seasonality")["weekdays"] for hour in day["hours"]]
    shown = stage.page.locator("#seasonality td.heat").evaluate_all(
        "(c) => c.map((o) => +/heat(\\d)/.exec(o.className)[1])"
    )
    by_value = [step for _, step in sorted(zip(values, shown, strict=True))]
    assert by_value == sorted(by_value)
    assert set(by_value) == set(range(6))
    assert by_value.count(0) >= 3  # 2 of 100 lie below the first border, and 2 above the last
    assert by_value.count(5) >= 3


@pytest.mark.parametrize(
    ("zone", "first", "running"), [("session", "11", "23:00 MSK"), ("utc", "08", "20:00 UTC"), ("local", "09", "21:00")]
)
def test_hours_shift_with_the_zone_and_sessions_do_not(
    make_stage: MakeStage, zone: str, first: str, running: str
) -> None:
    stage = make_stage()
    stage.open(f"?zone={zone}")
    all_shown(stage, ("seasonality", "coverage"))
    head = "#seasonality thead th:nth-child({}) [aria-hidden]"
    assert stage.text(head.format(2)) == first
    stage.page.locator("#seasonality td.running").focus()
    assert cell(stage) == "5,12"
    assert stage.text("#seasonality .said").startswith(f"Sat, {running}")
    assert {"session": "22:00", "utc": "19:00", "local": "20:00"}[zone] in stage.text("#coverage .sub")


def test_a_session_of_25_hours_has_all_its_columns(make_service: MakeService, make_stage: MakeStage) -> None:
    service = make_service(
        None, "2023-10-29T07:30:00+00:00", HISTORY_START="2023-07-01", SESSION_TIMEZONE="Europe/Berlin"
    )
    service.world.run_jobs()
    service.world.forecast()
    live = service.get("live")
    assert live["expected_candles"] == 25
    stage = make_stage(service)
    stage.open()
    all_shown(stage, ("straddle", "windows", "distribution", "seasonality", "forecasts", "coverage"))
    assert WORDS["problem.no_data"].en in stage.text("#forecasts .failed")
    longest = max(len(day["hours"]) for day in service.get("seasonality")["weekdays"])
    assert stage.page.locator("#seasonality thead th").count() == 1 + longest + 1
    assert stage.text("#straddle .missing") == WORDS["str.ask"].en  # too short a history for a fair value
    running = stage.page.locator("#seasonality td.running")
    assert running.get_attribute("data-at") == f"5,{int(live['elapsed_hours'])}"
    running.focus()
    assert stage.text("#seasonality .said").startswith("Sat, 08:00")


def test_forecasts_are_read_with_the_arrows_and_stand_in_a_table(make_stage: MakeStage, service: Service) -> None:
    stage = make_stage()
    stage.open("?forecast=volatility")
    all_shown(stage, ("forecasts",))
    page, known = stage.page, service.get("forecast?days=30")
    chart, said_line = page.locator("#forecasts .chart"), "#forecasts .said"
    page.wait_for_selector("#forecasts .chart canvas")
    chart.focus()
    assert stage.text(said_line).startswith("30 Dec")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    one = known["forecasts"][0]
    assert one["date"] == "2023-12-29"
    band, came = one["volatility_pct"], one["outcome"]["volatility_pct"]
    inside = band["p10"] <= came <= band["p90"]
    assert stage.text(said_line).startswith("29 Dec")
    outcome = WORDS["fco.read.inside" if inside else "fco.read.outside"].en
    assert stage.text(said_line).endswith(said(outcome, "en", {"x": rules.percent(came, 2, "en")}))
    page.keyboard.press("Home")
    assert stage.text(said_line).startswith("30 Nov")
    page.keyboard.press("Escape")
    assert stage.text(said_line).startswith("30 Dec")
    box = chart.bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    assert stage.text(said_line).startswith("30 Nov")
    page.locator("#forecasts summary").click()
    assert page.locator("#forecasts tbody tr").count() == 31


def test_every_control_of_the_panels_is_reached_by_tab_and_works_by_key(make_stage: MakeStage) -> None:
    stage = make_stage()
    stage.open(f"?premium={PREMIUM}")
    all_shown(stage)
    page = stage.page
    wanted = page.evaluate(
        """(panels) => panels.map((id) => [id,
            [...document.querySelectorAll(`#${id} :is(button, input, summary, a, [tabindex="0"])`)]
            .filter((e) => e.checkVisibility() && e.tabIndex >= 0 && !(e.type === 'radio' && !e.checked)).length])""",
        PANELS,
    )
    page.locator("#straddle-premium").focus()
    reached: dict[str, int] = dict.fromkeys(PANELS, 0)
    where = "document.activeElement.closest('.panel')?.id"
    for _ in range(60):
        panel = page.evaluate(where)
        if panel is None:
            break
        reached[panel] += 1
        ring = page.evaluate(
            """() => { const e = document.activeElement; const s = e.type === 'radio' ? e.nextElementSibling : e;
                return getComputedStyle(s).outlineStyle; }"""
        )
        assert ring == "solid", panel
        page.keyboard.press("Tab")
    assert reached == dict(wanted)
    page.locator("#windows .toggle").focus()
    page.keyboard.press("Space")
    assert page.locator("#windows .toggle").get_attribute("aria-pressed") == "true"
    assert stage.text("#windows .sub") == WORDS["win.sub.today"].en
    page.locator("#windows input:checked").focus()
    page.keyboard.press("ArrowRight")
    assert stage.text("#windows h2") == "Windows: Range, %"
    page.locator("#coverage .disclosure").focus()
    page.keyboard.press("Enter")
    assert page.locator("#coverage-gaps").is_visible()
    assert page.locator("#coverage .disclosure").get_attribute("aria-expanded") == "true"


@pytest.mark.parametrize("others", [False, True], ids=["first", "others"])
def test_nothing_latin_stands_in_russian_panels(make_stage: MakeStage, *, others: bool) -> None:
    stage = make_stage(size=PHONE)
    stage.open(f"?language=ru&premium={PREMIUM}&{OTHERS if others else ''}")
    all_shown(stage)
    for panel in PANELS:
        element = stage.page.locator(f"#{panel}")
        text = element.evaluate(
            """(p) => [p, ...p.querySelectorAll('*')].flatMap((e) => [
                ...['aria-label', 'title', 'aria-roledescription'].map((a) => e.getAttribute(a) ?? ''),
                ...[...e.childNodes].filter((n) => n.nodeType === Node.TEXT_NODE).map((n) => n.data)]).join('\\n')"""
        )
        allowed = re.sub(r"BTCUSDT|p25|p50|p75", "", LATIN.sub("", text))
        assert re.findall("[A-Za-z]{2,}", allowed) == [], panel
    wide = stage.page.evaluate("document.documentElement.scrollWidth")
    assert wide == PHONE[0]
