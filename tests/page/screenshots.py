"""The pictures of the README: the page over simulated candles, light and dark, on a desktop and on a phone.

`python -m tests.page.screenshots docs/pictures` fills a database from a seed, so that the same
numbers come out each time.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from playwright.sync_api import sync_playwright

from exchange_simulator import GeneratedMarket
from tests.api.world import World
from tests.page.stage import DESKTOP, PHONE, Service, Stage, open_browser, staged

NOW: Final = "2026-11-25T21:45:00+00:00"  # 00:45 in Moscow, 13 h 45 min into a session


class Picture(NamedTuple):
    """One picture: its name, the size of the window, and how the viewer likes it."""

    name: str
    size: tuple[int, int]
    language: str
    dark: bool
    whole: bool


PICTURES: Final = (
    Picture("first-screen-light-en", DESKTOP, "en", dark=False, whole=False),
    Picture("first-screen-light-ru", DESKTOP, "ru", dark=False, whole=False),
    Picture("desktop-dark-en", DESKTOP, "en", dark=True, whole=True),
    Picture("desktop-dark-ru", DESKTOP, "ru", dark=True, whole=True),
    Picture("phone-light-en", PHONE, "en", dark=False, whole=False),
    Picture("phone-light-ru", PHONE, "ru", dark=False, whole=False),
)


def draw(folder: Path) -> None:
    """Write every picture into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright:
        world = World([GeneratedMarket("BTCUSDT")], f"sqlite:///{work}/simulated.sqlite3", NOW)
        world.run_jobs()
        world.forecast()
        service, browser = Service(world), open_browser(playwright)
        service.start()
        try:
            for picture in PICTURES:
                with staged(browser, service, size=picture.size, dark=picture.dark) as stage:
                    _draw(stage, picture, folder / f"{picture.name}.png")
        finally:
            browser.close()
            service.stop()
            world.close()


def _draw(stage: Stage, picture: Picture, file: Path) -> None:
    stage.open(f"?language={picture.language}")
    stage.shown()
    page = stage.page
    height = page.evaluate("document.documentElement.scrollHeight")
    for at in range(0, height, 400):  # a panel asks when it comes near
        page.evaluate("at => scrollTo(0, at)", at)
        page.wait_for_timeout(150)
    page.wait_for_load_state("networkidle")
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=file, full_page=picture.whole)


def main() -> None:
    """Draw them."""
    parser = argparse.ArgumentParser(prog="python -m tests.page.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    draw(parser.parse_args().folder)


if __name__ == "__main__":
    main()
