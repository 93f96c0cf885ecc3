"""Whoever uses a keyboard, a screen reader, a zoom or high contrast: axe, contrast, focus, roles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from exchange_simulator import GivenMarket
from tests.api.world import World
from tests.page.conftest import NOW, MakeStage
from tests.page.stage import DESKTOP, PHONE, Service, Stage
from volatility.presentation.fields import Language

SERIOUS = ("serious", "critical")
TABLET = (768, 1024)
PLACES: list[tuple[Language, bool, tuple[int, int]]] = list(
    product(("en", "ru"), (False, True), (DESKTOP, TABLET, PHONE))
)
SEEN_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"  # asks at once
LEAN = {"preload": False, "resultTypes": ["violations"]}  # what has no effect on what is found


def findings(stage: Stage, *, contrast: bool = True, within: str | None = None) -> list[Any]:
    """What axe holds to be serious; contrast takes it four times as long as all else."""
    colours = {"rules": {"color-contrast": {"enabled": contrast}}}
    found = Axe().run(stage.page, context=within, options=LEAN | colours).response["violations"]
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found if one["impact"] in SERIOUS]


def in_every_place(stage: Stage) -> Iterator[tuple[Language, bool, tuple[int, int]]]:
    """The same page in both languages and themes and in three widths."""
    spoken: Language = "en"
    for language, dark, size in PLACES:
        stage.page.set_viewport_size({"width": size[0], "height": size[1]})
        stage.page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        if language != spoken:
            stage.page.keyboard.press("l")
            stage.until(f"document.documentElement.lang === '{language}'")
            spoken = language
        yield language, dark, size


def test_axe_finds_nothing_serious_on_any_panel(make_stage: MakeStage) -> None:
    stage = make_stage()
    stage.open("?premium=500")
    stage.shown()
    stage.all_drawn()
    stage.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    for language, dark, size in in_every_place(stage):
        stage.settle()
        # Colours are the theme's; a phone has bars of its own.
        contrast = language == "en" and size != TABLET
        assert findings(stage, contrast=contrast) == [], (language, dark, size)
        stage.page.keyboard.press("?")
        assert findings(stage, within="#keys") == [], (language, dark, size)
        stage.page.keyboard.press("Escape")
        stage.page.locator("#foot button").first.click()
        assert findings(stage, within="#meanings") == [], (language, dark, size)
        stage.page.keyboard.press("Escape")


def database_only(stage: Stage) -> None:
    """As when the exchange is away."""
    stage.change("live", lambda live: live.update(source="database", stale=True))


def unanswered(stage: Stage) -> None:
    """Nothing comes back."""
    stage.page.route("**/live?*", lambda _: None)


def slept(stage: Stage) -> None:
    """The computer slept; the answer after it does not come."""
    unanswered(stage)
    later = datetime.fromtimestamp(stage.service.world.machine.wall_ms() / 1000 + 180, UTC)
    stage.page.clock.set_fixed_time(later)
    stage.page.evaluate(SEEN_AGAIN)


def cut_off(stage: Stage) -> None:
    """Three polls fail."""
    stage.expect("Failed to load resource")
    stage.page.route("**/live?*", lambda route: route.abort())
    for _ in range(3):
        stage.page.evaluate(SEEN_AGAIN)
        stage.settle()


def with_a_failing_panel(stage: Stage) -> None:
    """One answer fails."""
    stage.refuse("internal_error", "scorecard", status=500)


def without_database(stage: Stage) -> None:
    """It does not answer."""
    stage.refuse("database_away", "live", detail="as it says")


def without_data(stage: Stage) -> None:
    """Nothing is fetched yet."""
    stage.refuse("no_data", "live", detail="as it says")


BEFORE: dict[Callable[[Stage], None], str] = {  # it is opened: what then shows
    database_only: "#bands .warn",
    unanswered: "h1 .block",
    without_database: "#notice button",
    without_data: "#notice code",
    with_a_failing_panel: "#trust .failing",
}
AFTER: dict[Callable[[Stage], None], str] = {slept: "#bands .warn", cut_off: "#bands .bad"}  # it has been shown


@pytest.fixture(scope="module")
def young(real_candles: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with too little history for odds."""
    url = f"sqlite:///{tmp_path_factory.mktemp('young')}/young.sqlite3"
    world = World([GivenMarket("BTCUSDT", real_candles)], url, NOW, HISTORY_START="2023-12-01")
    world.run_jobs()
    service = Service(world)
    service.start()
    yield service
    service.stop()
    world.close()


def assert_nothing_serious(stage: Stage) -> None:
    """In no place. A state has the same colours in every language and width."""
    for language, dark, size in in_every_place(stage):
        contrast = language == "en" and size == DESKTOP
        assert findings(stage, contrast=contrast) == [], (language, dark, size)


@pytest.mark.parametrize("bring", BEFORE, ids=lambda bring: bring.__name__)
def test_axe_finds_nothing_serious_where_a_state_is_there_from_the_start(
    make_stage: MakeStage, bring: Callable[[Stage], None]
) -> None:
    stage = make_stage()
    bring(stage)
    stage.open("?premium=500")
    stage.page.wait_for_selector(BEFORE[bring])
    if bring is with_a_failing_panel:
        stage.all_drawn()
        assert stage.page.locator("[data-failed]").count()
    assert_nothing_serious(stage)


@pytest.mark.parametrize("bring", AFTER, ids=lambda bring: bring.__name__)
def test_axe_finds_nothing_serious_where_a_state_comes_later(
    make_stage: MakeStage, bring: Callable[[Stage], None]
) -> None:
    stage = make_stage()
    stage.open("?premium=500")
    stage.shown()
    bring(stage)
    stage.page.wait_for_selector(AFTER[bring])
    assert_nothing_serious(stage)


def test_axe_finds_nothing_serious_where_history_is_short(make_stage: MakeStage, young: Service) -> None:
    stage = make_stage(young)
    stage.open("?premium=500")
    stage.page.wait_for_selector("#likely .missing")
    assert_nothing_serious(stage)


def test_the_keyboard_reaches_every_control_and_focus_is_seen(make_stage: MakeStage) -> None:
    stage = make_stage()
    stage.page.emulate_media(reduced_motion="reduce")  # else anchors take their time
    stage.open("?premium=500")
    stage.shown()
    stage.all_drawn()
    stage.page.keyboard.press("Tab")
    assert stage.page.evaluate("document.activeElement.className") == "skip"
    assert stage.page.locator(".skip").bounding_box()["y"] >= 0  # type: ignore[index]
    stage.page.keyboard.press("Enter")
    assert stage.page.evaluate("location.hash") == "#numbers"
    stage.page.evaluate("document.activeElement.blur(); history.replaceState(null, '', location.search)")
    reached = []
    for _ in range(200):
        stage.page.keyboard.press("Tab")
        look = stage.page.evaluate(
            """() => {
              const e = document.activeElement, drawn = e.matches("[type=radio], [type=checkbox]");
              const box = (drawn && e.nextElementSibling) || e;
              const header = document.querySelector("header").getBoundingClientRect().bottom;
              const inside = e.closest("header") !== null || e.matches(".skip");
              return [e.name || e.getAttribute("href") || e.id || e.className || e.tagName,
                getComputedStyle(box).outlineStyle, inside || box.getBoundingClientRect().top >= header,
                e.closest("section.panel")?.id];
            }"""
        )
        reached.append(look)
        if [name for name, *_ in reached].count("BODY") == 2:  # from the numbers to the foot, and all once more
            break
    names, panels = {name for name, *_ in reached}, {panel for *_, panel in reached if panel}
    assert {"language-settings", "zone-settings", "theme", "#history", "#data"} <= names
    assert panels == set(stage.page.eval_on_selector_all(".panel", "(all) => all.map((one) => one.id)")) - {"odds"}
    assert [look for look in reached if look[0] != "BODY" and (look[1] == "none" or not look[2])] == []


def test_single_keys_can_be_switched_off(make_stage: MakeStage) -> None:
    stage = make_stage()
    stage.open("?language=en")
    stage.shown()
    stage.page.keyboard.press("?")
    stage.page.locator("dialog input").uncheck()
    stage.page.keyboard.press("Escape")
    stage.page.keyboard.press("l")
    stage.page.wait_for_timeout(200)
    assert stage.page.evaluate("document.documentElement.lang") == "en"
    stage.page.keyboard.press("?")
    stage.page.locator("dialog input").check()
    stage.page.locator("dialog").get_by_role("button", name="Close").click()
    stage.page.keyboard.press("l")
    stage.until("document.documentElement.lang === 'ru'")


def test_there_is_one_h1_and_a_heading_for_every_section(make_stage: MakeStage) -> None:
    stage = make_stage()
    stage.open()
    stage.shown()
    counts = stage.page.evaluate(
        "['h1', 'header', 'main', 'nav', 'footer'].map((name) => document.querySelectorAll(`body ${name}`).length)"
    )
    assert counts == [1, 1, 1, 1, 1]
    unnamed = stage.page.evaluate(
        "[...document.querySelectorAll('section')].filter((s) => !s.querySelector('h2')"
        " || document.getElementById(s.getAttribute('aria-labelledby')) !== s.querySelector('h2')).map((s) => s.id)"
    )
    assert unnamed == []


def test_a_changed_verdict_is_spoken_and_prices_are_not(make_stage: MakeStage) -> None:
    stage, share = make_stage(moving=True), [0.5]

    def fed(live: dict[str, Any]) -> None:
        live["today"]["percentile_by_elapsed"] |= {"volatility": share[0], "range": 0.5}
        live["price"] += share[0]

    stage.change("live", fed)
    stage.open("?language=en&premium=500")
    stage.shown()
    assert stage.text("#status") == ""
    share[0] = 0.6  # another price, the same words
    stage.page.clock.run_for(6000)
    stage.settle()
    assert stage.text("#status") == ""
    share[0] = 0.95
    stage.page.clock.run_for(6000)
    stage.settle()
    stage.until("document.querySelector('#status').innerText !== ''")
    assert stage.text("#status").startswith("For 23:20, Vol is very large and Range is ordinary: 95 and 50 of 100")
    share[0] = 0.05  # too soon to be spoken
    stage.page.clock.run_for(6000)
    stage.settle()
    assert "very large" in stage.text("#status")
    assert "very small" in stage.text("h1")


# Contrast of the tokens, from computed styles


TEXTS = ("ink", "ink2", "ink3", "today-text", "fc-text")
LINES = ("today", "fc", "ul", "barv", "edge", "focus")
ON = {"ok": "ok-on", "warn": "warn-on", "bad": "bad-on", "sim": "sim-on"}


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_colours_have_the_contrast_that_they_need(make_stage: MakeStage, dark: bool) -> None:
    stage = make_stage(dark=dark)
    stage.open()
    names = [*TEXTS, *LINES, *ON, *ON.values(), "bg", "raise"]
    values = stage.page.evaluate(
        "(names) => names.map((n) => getComputedStyle(document.documentElement).getPropertyValue(`--${n}`).trim())",
        names,
    )
    colours = dict(zip(names, values, strict=True))
    assert all(re.fullmatch("#[0-9a-f]{6}", value) for value in colours.values()), colours
    for name in TEXTS:
        assert contrast(colours[name], colours["bg"]) >= 4.5, name
    for name in LINES:
        assert contrast(colours[name], colours["bg"]) >= 3, name
    for name, on in ON.items():
        assert contrast(colours[name], colours[on]) >= 4.5, name


def test_nothing_moves_where_motion_is_not_wanted_and_no_pixel_is_of_the_other_theme(make_stage: MakeStage) -> None:
    stage = make_stage(dark=True)
    stage.page.emulate_media(reduced_motion="reduce")
    stage.open("?theme=light")
    stage.shown()
    assert stage.page.evaluate("document.getAnimations().length") == 0
    assert stage.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert stage.page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(248, 247, 244)"
    assert stage.page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
