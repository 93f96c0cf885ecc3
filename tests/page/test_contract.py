"""What every panel gets from the page: asked when it comes near, its failures told in its place, drawn on a change."""

from __future__ import annotations

from playwright.sync_api import Route

from tests.page.conftest import MakeStage
from tests.page.stage import Stage

# A panel that is no part of the page, put beside the others on their way to the browser: it counts how it is used.
_PANEL = """
import { render, slot } from "../dom.js";
import { num } from "../view/number.js";
window.drawn = 0;
PANELS.push({
  id: "coverage",
  reads: ["live", "closed"],
  asks: () => ({ closed: { url: "statistics?days=1" } }),
  view: ({ live, closed }) => ({
    headline: ["Of ", num(closed.count, "closed.count", String(closed.count))],
    sub: [live.symbol],
  }),
  draw(model, element) {
    window.drawn += 1;
    render(model.sub[0], slot(element, "body"));
  },
});
"""


def with_panel(stage: Stage) -> None:
    """Serve the list of panels with the one above."""

    def more(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=response.text() + _PANEL)

    stage.page.route("**/js/panels/index.js", more)


def test_a_panel_asks_when_it_comes_near_the_screen(make_stage: MakeStage) -> None:
    stage = make_stage()
    with_panel(stage)
    stage.open("?premium=500")
    stage.shown()
    stage.settle()
    assert stage.asked("statistics") == 0
    stage.page.locator("#coverage").scroll_into_view_if_needed()
    stage.page.wait_for_selector("#coverage data")
    assert stage.asked("statistics") == 1
    assert stage.text("#coverage h2") == "Of 1"
    assert stage.text("#coverage .sub") == "BTCUSDT"


def test_a_panel_is_drawn_when_its_view_changed_and_not_at_every_poll(make_stage: MakeStage) -> None:
    stage = make_stage()
    with_panel(stage)
    stage.open("?premium=500", standing=False)
    stage.shown()
    stage.page.locator("#coverage").scroll_into_view_if_needed()
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
    height = "document.querySelector('#coverage').getBoundingClientRect().height"
    grey = stage.page.evaluate(height)
    stage.page.locator("#coverage").scroll_into_view_if_needed()
    stage.page.wait_for_selector("#coverage .failed")
    why = "This panel has no answer: the service met an error; its log has more."
    assert stage.text("#coverage .failed p") == why
    assert stage.page.evaluate(height) == grey
    assert stage.page.locator(".failed").count() == 1
    assert "Live" in stage.text("#badges")
    stage.page.unroute_all()
    stage.page.get_by_role("button", name="Try again").click()
    stage.page.wait_for_selector("#coverage data")
    assert stage.page.locator(".failed").count() == 0
    assert stage.text("#coverage .body") == "BTCUSDT"
