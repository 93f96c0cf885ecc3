"""The browser tests, run by `make test-browser` only: they need Chromium and Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from exchange_simulator import GivenMarket
from tests.api.world import World
from tests.support.made_once import made_once

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.page.stage import Service, Stage

if not os.environ.get("BROWSER_TEST"):
    collect_ignore_glob = ["test_*.py"]

NOW = "2023-12-30T20:20:00+00:00"  # 23:20 in Moscow, 12 h 20 min into a session
SINCE = "2022-06-01"
MakeStage = Callable[..., "Stage"]
MakeService = Callable[..., "Service"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - installed for these tests alone

    from tests.page.stage import open_browser  # noqa: PLC0415

    with sync_playwright() as playwright:
        browser = open_browser(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def real_file(real_candles: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file of 577 real sessions, filled by the jobs, with forecasts and scores."""

    def make(file: Path) -> None:
        if kept := os.environ.get("BROWSER_TEST_DATABASE"):  # from an earlier run: filling takes a minute
            shutil.copy(kept, file)
            return
        with closing(
            World([GivenMarket("BTCUSDT", real_candles)], f"sqlite:///{file}", NOW, HISTORY_START=SINCE)
        ) as world:
            world.run_jobs()
            world.forecast()

    return made_once(tmp_path_factory, "page.sqlite3", make)


@pytest.fixture(scope="session")
def service(real_candles: Path, real_file: Path) -> Iterator[Service]:
    """A service for all tests that only look."""
    from tests.page.stage import Service  # noqa: PLC0415

    world = World([GivenMarket("BTCUSDT", real_candles)], f"sqlite:///{real_file}", NOW, HISTORY_START=SINCE)
    service = Service(world)
    service.start()
    service.get("live?lookback=365")  # warm
    yield service
    service.stop()
    world.close()


@pytest.fixture
def make_service(real_candles: Path, tmp_path: Path) -> Iterator[MakeService]:
    """Services of the test's own, over a copy of a file or over nothing."""
    from tests.page.stage import Service  # noqa: PLC0415

    made: list[Service] = []

    def make(file: Path | None = None, now: str = NOW, **settings: str) -> Service:
        own = tmp_path / f"{len(made)}.sqlite3"
        if file:
            shutil.copy(file, own)
        names = {"HISTORY_START": SINCE, **settings}
        made.append(Service(World([GivenMarket("BTCUSDT", real_candles)], f"sqlite:///{own}", now, **names)))
        made[-1].start()
        return made[-1]

    yield make
    for one in made:
        one.stop()
        one.world.close()


@pytest.fixture
def make_stage(browser: Browser, service: Service) -> Iterator[MakeStage]:
    """Pages, each before the service for all or one of its own; none may complain in the end."""
    from tests.page.stage import staged  # noqa: PLC0415

    with ExitStack() as stack:

        def make(of: Service | None = None, **options: Any) -> Stage:
            return stack.enter_context(staged(browser, of or service, **options))

        yield make
