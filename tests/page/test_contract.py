"""What every panel gets from the page: asked when it comes near, its failures told in its place, drawn on a change."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route

from tests.page.conftest import MakeStage
from tests.page.stage import DESKTOP, PHONE, Stage

NARROW = (320, 700)
ANSWERS = (
    "cone",
    "history",
    "straddle",
    "distribution",
    "seasonality",
    "volatility",
    "forecast",
    "scorecard",
    "quality",
)
# The panels that show more than the poll's answer.
OWN_ANSWERS = {"cone-vol", "cone-range", "sessions", "straddle", "distribution", "seasonality", "forecasts"}
OWN_ANSWERS |= {"estimators", "scorecard", "calibration", "coverage"}
# A panel that is no part of the page, and its place below all others, both put in on the way to the browser.
# It counts how it is used, and its question is asked by no other.
_PLACE = """<div class="grid">
<section id="counted" class="panel" aria-labelledby="counted-title">
  <div class="head"><div><h2 id="counted-title" data-headline>Counted</h2><p class="sub" data-sub></p></div></div>
  <div class="body" data-body><span class="block"></span></div>
</section>
</div></main>"""
_PANEL = """
import { render, slot } from "../dom.js";
import { num } from "../view/number.js";
window.drawn = 0;
PANELS.push({
  id: "counted",
  reads: ["live", "newest"],
  asks: () => ({ newest: { url: "statistics?days=1" } }),
  view: ({ live, newest }) => ({
    headline: ["Of ", num(newest.count, "newest.count", String(newest.count))],
    sub: [live.symbol],
  }),
  draw(model, element) {
    window.drawn += 1;
    render(model.sub[0], slot(element, "body"));
  },
});
"""


def with_panel(stage: Stage) -> None:
    """Serve the page with the place, and the list of panels with the panel."""

    def placed(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=response.text().replace("</main>", _PLACE))

    def more(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=response.text() + _PANEL)

    stage.page.route(lambda url: urlsplit(url).path == "/", placed)
    stage.page.route("**/js/panels/index.js", more)


def in_sight(stage: Stage) -> None:
    """Scroll to the panel, until it stays there: panels above it grow when they are drawn."""
    stage.page.locator("#counted").scroll_into_view_if_needed()


def test_a_panel_asks_when_it_comes_near_the_screen(make_stage: MakeStage) -> None:
    stage = make_stage()
    with_panel(stage)
    stage.open("?premium=500")
    stage.shown()
    stage.settle()
    assert stage.asked("statistics") == 0
    in_sight(stage)
    stage.page.wait_for_selector("#counted data")
    assert stage.asked("statistics") == 1
    assert stage.text("#counted h2") == "Of 1"
    assert stage.text("#counted .sub") == "BTCUSDT"


def test_a_panel_is_drawn_when_its_view_changed_and_not_at_every_poll(make_stage: MakeStage) -> None:
    stage = make_stage(moving=True)
    with_panel(stage)
    stage.open("?premium=500")
    stage.shown()
    in_sight(stage)
    stage.until("window.drawn > 0")
    before = stage.asked("live")
    stage.page.clock.run_for(20_000)
    stage.settle()
    assert stage.asked("live") > before
    assert stage.page.evaluate("window.drawn") == 1


def test_a_panel_without_its_answer_says_why_keeps_its_height_and_tries_again(make_stage: MakeStage) -> None:
    stage = make_stage()
    with_panel(stage)
    stage.refuse("internal_error", "statistics", status=500)
    stage.open("?premium=500")
    stage.shown()
    stage.page.eval_on_selector("#counted .body", "(body) => { body.style.minHeight = '120px'; }")
    height = "document.querySelector('#counted').getBoundingClientRect().height"
    grey = stage.page.evaluate(height)
    in_sight(stage)
    stage.page.wait_for_selector("#counted .failed")
    why = "This panel has no answer: the service met an error; its log has more."
    assert stage.text("#counted .failed p") == why
    assert stage.page.evaluate(height) == grey
    assert stage.page.locator(".failed").count() == 1
    assert "Live" in stage.text("#badges")
    stage.page.unroute_all()
    stage.page.get_by_role("button", name="Try again").click()
    stage.page.wait_for_selector("#counted data")
    assert stage.page.locator(".failed").count() == 0
    assert stage.text("#counted .body") == "BTCUSDT"


@pytest.mark.parametrize("size", [DESKTOP, PHONE, NARROW], ids=str)
def test_the_reason_of_a_panel_stays_within_it_and_its_button_can_be_pressed(
    make_stage: MakeStage, size: tuple[int, int]
) -> None:
    stage = make_stage(size=size)
    stage.refuse("internal_error", *ANSWERS, status=500)
    stage.open("?language=ru&premium=500")
    stage.page.wait_for_selector("#worth data")
    told = set()
    for identity in stage.page.eval_on_selector_all(".panel", "(all) => all.map((one) => one.id)"):
        panel = stage.page.locator(f"#{identity}")
        panel.evaluate("(one) => one.scrollIntoView({ behavior: 'instant' })")
        stage.settle()
        if not panel.locator(".failed").count():
            continue
        told.add(identity)
        inner, outer = panel.locator(".failed").bounding_box(), panel.bounding_box()
        assert inner
        assert outer
        assert inner["y"] + inner["height"] <= outer["y"] + outer["height"], identity
        panel.locator(".failed button").click(trial=True)
    assert told == OWN_ANSWERS
