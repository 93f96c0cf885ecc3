"""A browser's page before a service that can be stopped, whose clock is the test's."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import requests
import uvicorn
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from exchange_simulator import GeneratedMarket
from tests.api.world import World, free_port

DESKTOP: Final = (1440, 900)
PHONE: Final = (390, 844)
_FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
# The first is Chromium without all that a window needs: pages open in two thirds of the time.
_NAMES: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")


def open_browser(playwright: Playwright) -> Browser:
    """The browser that CHROMIUM names, or the one on the path."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if not found:
        pytest.fail(f"no browser: install one of {', '.join(_NAMES)}, or name it in CHROMIUM", pytrace=False)
    return playwright.chromium.launch(executable_path=found, args=list(_FLAGS))


class _Dated:
    """Adds `Date` by the machine's clock of the test."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app, self._world = app, world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                now = datetime.fromtimestamp(self._world.machine.wall_ms() / 1000, UTC)
                message["headers"].append((b"date", format_datetime(now, usegmt=True).encode()))
            await send(message)

        await self._app(scope, receive, dated)


class Service:
    """The API of a world behind a real uvicorn, on a port that it keeps when it is started again."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._running: tuple[uvicorn.Server, threading.Thread] | None = None

    def start(self) -> None:
        """Answer."""
        app = _Dated(self.world.app(), self.world)
        config = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=self._port,
            log_level="error",
            timeout_keep_alive=60,
            date_header=False,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server ended at once"
            time.sleep(0.01)
        self._running = server, thread

    def stop(self) -> None:
        """Be gone."""
        if self._running:
            server, thread = self._running
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()
            self._running = None

    def get(self, path: str) -> Any:
        """An answer without the browser."""
        with requests.Session() as session:
            session.trust_env = False
            return session.get(f"{self.url}/{path}", timeout=60).json()


@contextmanager
def simulated_service() -> Iterator[Service]:
    """A warm service over nine simulated years, always the same ones, 13 h 45 min into a session."""
    with tempfile.TemporaryDirectory() as work:
        world = World([GeneratedMarket("BTCUSDT")], f"sqlite:///{work}/simulated.sqlite3", "2026-11-25T21:45:00+00:00")
        world.run_jobs()
        world.forecast()
        service = Service(world)
        service.start()
        try:
            service.get("live?lookback=365")
            yield service
        finally:
            service.stop()
            world.close()


class Stage:
    """A page, and what it asked and complained of.

    Args:
        page: of a browser.
        service: what it is opened from.
        moving: whether its clock, and its timers, move with the test; else it stands still at the world's instant.

    Attributes:
        complaints: what the console said, and requests to others; a test ends with none that it did not ``expect``.
    """

    def __init__(self, page: Page, service: Service, *, moving: bool = False) -> None:
        self.page, self.service, self._moving = page, service, moving
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._expected: list[str] = []
        self._open = 0
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"{error}\n{error.stack}"))
        page.on("request", self._asked)
        page.on("requestfinished", lambda _: self._answered())
        page.on("requestfailed", lambda _: self._answered())

    def _said(self, message: ConsoleMessage) -> None:
        self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        self._open += 1
        self.requests.append(request.url)
        if not request.url.startswith(f"{self.service.url}/"):
            self.complaints.append(f"another host: {request.url}")

    def _answered(self) -> None:
        self._open -= 1

    def expect(self, *beginnings: str) -> None:
        """The console may say these."""
        self._expected += beginnings

    def unexpected(self) -> list[str]:
        """What nobody expected."""
        return [text for text in self.complaints if not text.startswith(tuple(self._expected))]

    def asked(self, path: str) -> int:
        """How often it was asked."""
        return sum(urlsplit(url).path == f"/{path}" for url in self.requests)

    def open(self, query: str = "") -> None:
        """Open the page at the world's instant."""
        now = datetime.fromtimestamp(self.service.world.machine.wall_ms() / 1000, UTC)
        if self._moving:
            self.page.clock.install(time=now - timedelta(seconds=1))
            self.page.clock.pause_at(now)
        else:
            self.page.clock.set_fixed_time(now)
        self.page.goto(f"{self.service.url}/{query}")

    def shown(self) -> None:
        """Wait for numbers."""
        self.page.wait_for_selector("#worth data")
        self.page.wait_for_selector("#trust [data-field^=quality]")
        self.page.wait_for_selector("#trust [data-field^=scorecard]")

    def all_drawn(self) -> None:
        """Bring every panel near the screen, wait until none is grey, and go back to the top."""
        for panel in self.page.locator(".panel").all():
            panel.evaluate("(panel) => panel.scrollIntoView({ behavior: 'instant' })")
            self.settle()
        self.until("!document.querySelector('.panel:not([data-failed]) .block')")
        self.page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
        self.settle()

    def pass_time(self, seconds: int, step: int = 1) -> None:
        """Let time pass for the page, the machine and the exchange, in steps, so that answers come in between."""
        for _ in range(seconds // step):
            self.service.world.machine.pass_by(step)
            self.service.world.exchange.clock.advance(seconds=step)
            self.page.clock.run_for(step * 1000)
            self.settle()

    def settle(self) -> None:
        """Wait until no question is open."""
        deadline = time.monotonic() + 10
        self.page.wait_for_timeout(10)
        while self._open:
            assert time.monotonic() < deadline, "an answer does not come"
            self.page.wait_for_timeout(10)
        self.page.evaluate("0")  # what was to be done at once is done

    def until(self, expression: str) -> None:
        """Wait until it is true of the page, whose own timers may stand still."""
        deadline = time.monotonic() + 10
        while not self.page.evaluate(expression):
            assert time.monotonic() < deadline, expression
            time.sleep(0.05)

    def wait(self, happened: Callable[[], bool]) -> None:
        """Wait until something has happened between the page and the service."""
        deadline = time.monotonic() + 10
        while not happened():
            assert time.monotonic() < deadline
            self.page.wait_for_timeout(20)

    def change(self, path: str, changed: Callable[[dict[str, Any]], None]) -> None:
        """Feed an answer that is changed on its way; errors pass as they are."""

        def fed(route: Route) -> None:
            response = route.fetch()
            if not response.ok:
                route.fulfill(response=response)
                return
            answer = response.json()
            changed(answer)
            route.fulfill(response=response, json=answer)

        self.page.route(lambda url: urlsplit(url).path == f"/{path}", fed)

    def refuse(self, kind: str, *paths: str, status: int = 503, detail: str = "", **headers: str) -> None:
        """Answer with a problem document; the console will tell of it."""
        problem = {"type": f"urn:btc-volatility:{kind}", "status": status, "detail": detail}
        self.expect("Failed to load resource")

        def refused(route: Route) -> None:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            route.fulfill(status=status, headers=named, json=problem)

        self.page.route(lambda url: urlsplit(url).path.strip("/") in paths, refused)

    def forget(self) -> None:
        """Leave no choice of the viewer to the next page."""
        self.page.unroute_all(behavior="ignoreErrors")
        if self.page.url.startswith(self.service.url):
            self.page.evaluate("localStorage.clear()")

    def text(self, selector: str) -> str:
        """What a place says, its spaces as they are."""
        return self.page.locator(selector).first.inner_text()


# By time zone: what pages share whose clocks stand still, so that the browser fetches and compiles the files once.
_SHARED: dict[tuple[Browser, str], BrowserContext] = {}


@contextmanager
def staged(
    browser: Browser,
    service: Service,
    *,
    size: tuple[int, int] = DESKTOP,
    dark: bool = False,
    zone: str = "Europe/Berlin",
    moving: bool = False,
    screenshots: Path | None = None,
) -> Iterator[Stage]:
    """A page that knows nothing of others before it; one with a ``moving`` clock has a browser's context of its own."""
    if moving:
        context = browser.new_context(locale="en-US", timezone_id=zone)
    elif (shared := _SHARED.get((browser, zone))) is not None:
        context = shared
    else:
        context = _SHARED[browser, zone] = browser.new_context(locale="en-US", timezone_id=zone)
    page = context.new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme="dark" if dark else "light")
    stage = Stage(page, service, moving=moving)
    try:
        yield stage
        assert not stage.unexpected(), stage.unexpected()
    finally:
        if screenshots:
            page.screenshot(path=screenshots)
        if moving:
            context.close()
        else:
            stage.forget()
            page.close()
