"""States: what the page says of its own age, of the exchange, of the database, and of an answer that fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Route

from exchange_simulator.presets import unavailable
from tests.conftest import own_server
from tests.page.budgets import day_of_polls
from tests.page.conftest import MakeService, MakeStage
from tests.page.stage import Service, Stage
from tests.support_mariadb import MariaDBServer
from volatility.domain.retry import ONCE
from volatility.presentation.words import WORDS
from volatility.storage.database import Database
from volatility.storage.migrate import migrate

REFUSED = "Failed to load resource"
COMMANDS = ["make run", "docker compose up -d", "btc-volatility backfill && btc-volatility aggregate", "make demo"]
COLOURS = """() => {
  const computed = (selector, name) => getComputedStyle(document.querySelector(selector))[name];
  return {
    figure: computed("#moved .figure", "color"),
    pct: computed("#moved .pct", "color"),
    interval: computed("#likely .second", "color"),
    fair: computed("#worth .figure", "color"),
    mark: computed("#lot [data-mark]", "fill"),
    h1: computed("h1", "color"),
  };
}"""
INK2, ORANGES, BLUES = "rgb(75, 84, 96)", {"rgb(173, 70, 0)", "rgb(194, 78, 0)"}, {"rgb(0, 102, 159)"}


class Held:
    """Questions that get no answer yet."""

    def __init__(self) -> None:
        self._routes: list[Route] = []

    def append(self, route: Route) -> None:
        """One more."""
        self._routes.append(route)

    def let_go(self) -> None:
        """Answer them all."""
        for route in self._routes:
            route.continue_()


def badge(stage: Stage) -> str:
    """Its mark and its words."""
    return re.sub(r"\s+", " ", stage.text("#badges .badge")).strip()


def assert_old(stage: Stage) -> None:
    """No ink, no orange, no blue."""
    colours = stage.page.evaluate(COLOURS)
    assert set(colours.values()) == {INK2}, colours


def test_live_numbers_have_their_colours(make_stage: MakeStage) -> None:
    stage = make_stage()
    stage.open()
    stage.shown()
    colours = stage.page.evaluate(COLOURS)
    assert badge(stage) == "● Live · 0 s"
    assert {colours["pct"], colours["mark"]} == ORANGES
    assert {colours["interval"], colours["fair"]} == BLUES
    assert colours["figure"] == colours["h1"] == "rgb(21, 25, 31)"


def test_a_service_that_stops_is_told_of_and_comes_back_by_itself(
    make_service: MakeService, make_stage: MakeStage, real_file: Path
) -> None:
    service = make_service(real_file)
    stage = make_stage(service, moving=True)
    stage.expect(REFUSED)
    stage.open()
    stage.shown()
    stage.pass_time(3)
    vol = stage.text("#moved [data-cell=volatility]")
    service.stop()
    stage.pass_time(20)
    assert badge(stage)[0] in "▲✕"
    assert_old(stage)
    stage.pass_time(5)  # the third poll: 5, 5 and 10 s apart, give or take a fifth
    assert badge(stage) == "✕ No connection"
    assert re.search(
        r"This service has not answered since 23:20\. The numbers below are the last received\. Next try in \d+ s\.",
        stage.text(".band.bad"),
    )
    assert stage.text("#alert") == "This service has not answered since 23:20."
    assert stage.text("#moved [data-cell=volatility]") == vol
    assert_old(stage)
    service.start()
    stage.page.get_by_role("button", name="Try now").click()
    stage.page.wait_for_selector("#badges .ok")
    assert badge(stage).startswith("● Live")
    assert not stage.page.locator(".band.bad").count()
    assert not stage.page.title().startswith("◆✕")


def test_a_tab_that_slept_says_how_old_its_answer_is(
    make_service: MakeService, make_stage: MakeStage, real_file: Path
) -> None:
    service = make_service(real_file)
    stage = make_stage(service, moving=True)
    stage.open("?premium=500")
    stage.shown()
    held = Held()
    stage.page.route("**/live?*", held.append)
    service.world.machine.pass_by(14 * 60)
    stage.page.clock.fast_forward(14 * 60 * 1000)
    stage.page.clock.run_for(1000)
    assert badge(stage) == "▲ Stale · 14 min"
    assert stage.text(".band.warn span") == (
        "This answer is 14 minutes old. The tab slept or the network is away; asking again."
    )
    assert stage.page.title().startswith("◆▲ ")
    assert stage.text("#trust .failing").startswith("Last trade")
    assert_old(stage)
    held.let_go()
    stage.page.wait_for_selector("#badges .ok")


def test_waits_grow_with_failures_and_end_with_success(
    make_service: MakeService, make_stage: MakeStage, real_file: Path
) -> None:
    service = make_service(real_file)
    stage = make_stage(service, moving=True)
    stage.expect(REFUSED)
    stage.open("?premium=500")
    stage.shown()
    service.stop()
    moments = []
    for second in range(1, 160):
        before = stage.asked("live")
        stage.pass_time(1)
        if stage.asked("live") > before:
            moments.append(second)
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert len(gaps) >= 4
    for gap, wait in zip(gaps, (5, 10, 20, 40, 60), strict=False):
        assert 0.8 * wait - 1 <= gap <= 1.2 * wait + 1, gaps
    service.start()
    stage.page.get_by_role("button", name="Try now").click()
    stage.page.wait_for_selector("#badges .ok")
    before = stage.asked("live")
    stage.pass_time(11)
    assert stage.asked("live") - before == 2


def test_retry_after_is_obeyed(make_service: MakeService, make_stage: MakeStage, real_file: Path) -> None:
    stage = make_stage(make_service(real_file), moving=True)
    stage.expect(REFUSED)
    stage.open("?premium=500")
    stage.shown()
    stage.refuse("database_away", "live", Retry_After="30")
    stage.pass_time(6)
    before = stage.asked("live")
    stage.pass_time(28)
    assert stage.asked("live") == before
    stage.pass_time(3)
    assert stage.asked("live") == before + 1


def test_while_the_exchange_is_away_times_are_those_of_the_data(
    make_service: MakeService, make_stage: MakeStage, real_file: Path
) -> None:
    service = make_service(real_file)
    service.world.exchange.order(unavailable())
    stage = make_stage(service)
    stage.open()
    stage.shown()
    assert badge(stage) == "■ Database only · to 23:00"  # the newest stored candle ended then
    assert stage.text("h1").startswith("For 23:00, ")
    assert "Shown are stored candles up to 23:00." in stage.text(".band.warn")
    assert "The exchange has not answered since 23:20." in stage.text(".band.warn")
    assert stage.page.title().startswith("◆▲ ")
    assert_old(stage)


def test_an_empty_database_gives_the_commands_and_becomes_the_page_by_itself(
    make_service: MakeService, make_stage: MakeStage
) -> None:
    service = make_service(HISTORY_START="2023-09-01")
    database = Database(service.world.settings.database_url, ONCE)
    migrate(database)
    database.close()
    stage = make_stage(service, moving=True)
    stage.expect(REFUSED)
    stage.open()
    stage.page.wait_for_selector("#notice code")
    assert badge(stage) == "✕ No data yet"
    assert stage.text("h1") == WORDS["empty.title"].en
    assert stage.page.locator("#notice code").all_inner_texts() == COMMANDS
    assert not stage.page.locator("#numbers").is_visible()
    stage.page.evaluate("window.same = true")
    service.world.run_jobs()
    stage.pass_time(6)
    stage.page.wait_for_selector("#moved data")
    assert stage.page.locator("#numbers").is_visible()
    assert not stage.page.locator("#notice").is_visible()
    assert stage.page.evaluate("window.same"), "it was loaded again"


@pytest.fixture
def server() -> Iterator[MariaDBServer]:
    """A MariaDB of the test's own, with an empty database."""
    with own_server() as server:
        engine = sa.create_engine(server.url(), poolclass=sa.NullPool, connect_args={"ssl_disabled": True})
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE DATABASE away")
        yield server


def test_a_database_that_goes_away_leaves_old_numbers_and_after_a_reload_none(
    server: MariaDBServer, make_service: MakeService, make_stage: MakeStage
) -> None:
    names = {"HISTORY_START": "2023-09-01", "DATABASE_RETRY_SECONDS": "0"}
    service = make_service(DATABASE_URL=server.url("away"), **names)
    service.world.run_jobs()
    stage = make_stage(service, moving=True)
    stage.expect(REFUSED)
    stage.open("?premium=500")
    stage.page.wait_for_selector("#moved data")
    server.kill()
    stage.pass_time(25, step=5)
    assert badge(stage) == "✕ Database away"
    assert "No new numbers since 23:20: the database does not answer." in stage.text(".band.bad")
    assert stage.page.locator("#moved data").count()
    stage.page.reload()
    stage.page.wait_for_selector("#notice button")
    assert badge(stage) == "✕ Database away"
    assert stage.text("h1") == "This service does not answer."
    assert "can't be reached or is busy" in stage.text("#notice")
    assert re.search(r"Next try in \d+ s\.", stage.text("#notice"))
    assert not stage.page.locator("#numbers").is_visible()
    server.start()
    service.world.machine.pass_by(5)
    stage.page.get_by_role("button", name="Try now").click()
    stage.page.wait_for_selector("#moved data")
    assert badge(stage).startswith("● Live")
    assert not stage.page.locator("#notice").is_visible()


def test_a_service_that_refuses_for_another_reason_says_which(make_stage: MakeStage) -> None:
    stage = make_stage()
    stage.refuse("other_definition", "live", detail="SESSION_START is 09:00, the sessions were formed with 11:00")
    stage.open()
    stage.page.wait_for_selector("#notice button")
    assert badge(stage) == "✕ No answer"
    assert "“SESSION_START is 09:00, the sessions were formed with 11:00”" in stage.text("#notice")


def test_until_the_first_answer_grey_blocks_keep_the_places(make_stage: MakeStage) -> None:
    stage = make_stage(moving=True)
    held = Held()
    stage.page.route("**/live?*", held.append)
    stage.open("?premium=500")
    stage.page.wait_for_selector("#settings input", state="attached")  # the modules are there
    stage.page.clock.run_for(1000)
    assert badge(stage) == "● Loading"
    assert stage.page.locator("h1 .block").is_visible()
    assert stage.text("#moved-title") == "How far has it moved?"
    places = stage.page.evaluate("[...document.querySelectorAll('h2')].map((e) => e.getBoundingClientRect().y)")
    stage.page.clock.run_for(4000)
    assert badge(stage) == "● Still loading"
    held.let_go()
    stage.page.wait_for_selector("#worth data")
    shifted = stage.page.evaluate("[...document.querySelectorAll('h2')].map((e) => e.getBoundingClientRect().y)")
    band = 46  # that of simulated candles, which a first visit does not know of
    assert [b - a for a, b in zip(places, shifted, strict=True)] == pytest.approx([band] * len(places), abs=1)


@pytest.mark.parametrize("endpoint", ["quality", "scorecard"])
def test_an_answer_that_fails_is_told_in_its_place_and_the_rest_lives(make_stage: MakeStage, endpoint: str) -> None:
    stage = make_stage()
    stage.expect(REFUSED)
    stage.refuse("internal_error", endpoint, status=500)
    stage.open()
    stage.page.wait_for_selector("#trust .failing")
    assert "no answer" in stage.text("#trust")
    other = {"quality": "scorecard", "scorecard": "quality"}[endpoint]
    stage.page.wait_for_selector(f"#trust [data-field^={other}]")
    assert stage.page.locator("#worth data").count()
    assert badge(stage).startswith("● Live")


@pytest.mark.parametrize("state", ["live", "away", "empty", "off"])
def test_simulated_candles_are_told_of_in_every_state(
    make_service: MakeService, make_stage: MakeStage, real_file: Path, state: str
) -> None:
    kinds = {"away": "database_away", "empty": "no_data"}
    stage = make_stage(make_service(real_file), moving=True)
    stage.expect(REFUSED)
    stage.open()
    stage.shown()
    if state == "off":
        stage.page.route("**/live?*", lambda route: route.abort())
        stage.pass_time(60)
    elif state != "live":
        stage.refuse(kinds[state], "live")
        stage.page.reload()
        stage.page.wait_for_selector("#notice :first-child")
    assert "Simulated" in stage.text("#badges .sim")
    assert stage.text(".band.sim").endswith("No number on this page is real.")
    assert stage.page.title().startswith("◆")


def test_a_hidden_tab_asks_nothing_and_asks_at_once_when_it_is_seen(
    make_service: MakeService, make_stage: MakeStage, real_file: Path
) -> None:
    stage = make_stage(make_service(real_file), moving=True)
    stage.open("?premium=500")
    stage.shown()
    hide = "(hidden) => { Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });"
    hide += " document.dispatchEvent(new Event('visibilitychange')); }"
    stage.page.evaluate(hide, arg=True)
    before = len(stage.requests)
    stage.page.clock.run_for(60_000)
    assert len(stage.requests) == before
    stage.page.evaluate(hide, arg=False)
    stage.page.clock.run_for(100)
    assert stage.requests[before:][0].split("?")[0].endswith("/live")


def test_an_hour_of_polls_leaves_nothing_behind(browser: Browser, service: Service) -> None:
    """`python -m tests.page.budgets --polls` waits for a day of them."""
    found = list(day_of_polls(browser, service, most=800))
    assert [one.line() for one in found if one.value > one.most] == []
    assert len(found) == 4


# The session's end, in Moscow at 11:00


def test_at_the_end_it_says_expired_until_the_first_candle_comes(
    make_service: MakeService, make_stage: MakeStage, real_file: Path
) -> None:
    service = make_service(real_file, now="2023-12-31T07:55:30+00:00")
    stage = make_stage(service, moving=True)
    stage.open("?premium=500")
    stage.page.wait_for_selector("#left b")
    assert stage.text("#left") == "4 min 30 s to expiry"
    stage.pass_time(10)
    assert stage.text("#left") == "4 min 20 s to expiry"
    stage.pass_time(261, step=29)
    stage.until("document.querySelector('#left').innerText.startsWith('expired')")


def test_closed_sessions_are_asked_again_when_the_session_changes_and_once_the_jobs_have_run(
    make_service: MakeService, make_stage: MakeStage, real_file: Path
) -> None:
    service = make_service(real_file, now="2023-12-31T07:58:00+00:00")
    stage = make_stage(service, moving=True)
    stage.open("?premium=500")
    stage.shown()
    stage.pass_time(110, step=5)
    assert stage.asked("scorecard") == 1
    stage.pass_time(60, step=5)  # 11:00:50
    assert stage.text("#session").startswith("Session 31 Dec 11:00")
    assert "min to expiry" in stage.text("#left")
    assert stage.asked("scorecard") == 2
    stage.pass_time(290, step=10)  # 11:05:40
    assert stage.asked("scorecard") == 2
    stage.pass_time(40, step=10)
    assert stage.asked("scorecard") == 3
    stage.pass_time(620, step=20)
    assert stage.asked("scorecard") == 4  # ten minutes later


# Requests, policy, console


def test_every_control_works_and_nobody_else_is_asked(make_stage: MakeStage, service: Service) -> None:
    stage = make_stage()
    with stage.page.expect_response(lambda response: response.url == f"{service.url}/") as answered:
        stage.open()
    policy = answered.value.headers["content-security-policy"]
    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types lit-html"
    )
    stage.shown()
    for value in ("utc", "local", "session", "ru", "en"):
        stage.page.locator(f"#settings input[value={value}]").check(force=True)
    themes = []
    for _ in range(3):
        stage.page.locator("#settings .theme").click()
        themes.append(stage.page.evaluate("document.documentElement.dataset.theme ?? 'auto'"))
    assert themes == ["light", "dark", "auto"]
    for key in "mwtlz12345":  # "l" makes it Russian
        stage.page.keyboard.press(key)
    stage.page.keyboard.press("?")
    assert stage.page.locator("#keys").is_visible()
    stage.page.keyboard.press("Escape")
    assert not stage.page.locator("dialog[open]").count()
    for opener in ("#foot button >> nth=0", "#scorecard .method button"):
        stage.page.locator(opener).click()
        shown = stage.page.locator("#meanings dt").all_inner_texts()
        assert shown == [WORDS[f"meanings.{number}.term"].ru for number in range(1, len(shown) + 1)]
        assert f"meanings.{len(shown) + 1}.term" not in WORDS
        stage.page.get_by_role("button", name="Закрыть").click()
        assert not stage.page.locator("dialog[open]").count()


def test_a_service_of_another_version_gives_its_own_page_once(make_stage: MakeStage) -> None:
    stage = make_stage()

    def of_another(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, headers={**response.headers, "page-version": "another"})

    stage.page.route("**/live?*", of_another)
    stage.open("?premium=500&threshold=1500")

    def loaded() -> int:
        return stage.requests.count(f"{stage.service.url}/?premium=500&threshold=1500")

    stage.wait(lambda: loaded() == 2)
    stage.shown()
    stage.page.wait_for_timeout(6000)  # another poll says the same
    assert loaded() == 2


def test_choices_are_in_the_address_and_stay_after_a_reload(make_stage: MakeStage) -> None:
    stage = make_stage()
    stage.open("?premium=640&lookback=90&zone=utc&language=ru&theme=dark&window=8&metric=nonsense&mine=1")
    stage.page.wait_for_selector("#worth data")
    stage.page.keyboard.press("w")
    assert any("live?lookback=90&premium=640" in url for url in stage.requests)
    asked = stage.page.url.partition("?")[2].split("&")
    assert {"premium=640", "lookback=90", "zone=utc", "language=ru", "theme=dark", "window=5", "mine=1"} <= set(asked)
    assert not [pair for pair in asked if pair.startswith("metric")]
    stage.page.reload()
    stage.page.wait_for_selector("#worth data")
    assert stage.page.evaluate("[document.documentElement.lang, document.documentElement.dataset.theme]") == [
        "ru",
        "dark",
    ]
    premium: Any = stage.page.locator("[data-field='live.straddle.premium']").get_attribute("value")
    assert float(premium) == 640
