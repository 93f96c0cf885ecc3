"""The pictures of the first screen: light and dark, on a desktop and on a phone, in English and Russian.

`python -m tests.page.screenshots docs/pictures` fills a database from a seed: the same numbers come out each time.
"""

from __future__ import annotations

import argparse
from itertools import product, starmap
from pathlib import Path
from typing import Final, NamedTuple

from playwright.sync_api import Browser, sync_playwright

from tests.page.stage import DESKTOP, PHONE, Service, open_browser, simulated_service, staged


class Picture(NamedTuple):
    """One picture: the size of the window, and how the viewer likes it."""

    size: tuple[int, int]
    dark: bool
    language: str

    @property
    def file(self) -> str:
        """Its name."""
        place = "first-screen" if self.size == DESKTOP else "phone"
        return f"{place}-{'dark' if self.dark else 'light'}-{self.language}.png"


PICTURES: Final = tuple(starmap(Picture, product((DESKTOP, PHONE), (False, True), ("en", "ru"))))


def draw(folder: Path, browser: Browser, service: Service) -> None:
    """Write every picture into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        with staged(browser, service, size=picture.size, dark=picture.dark) as stage:
            stage.open(f"?language={picture.language}")
            stage.shown()
            stage.page.wait_for_load_state("networkidle")
            stage.page.screenshot(path=folder / picture.file)


def main() -> None:
    """Draw them over nine simulated years."""
    parser = argparse.ArgumentParser(prog="python -m tests.page.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    folder = parser.parse_args().folder
    with simulated_service() as service, sync_playwright() as playwright:
        browser = open_browser(playwright)
        draw(folder, browser, service)
        browser.close()


if __name__ == "__main__":
    main()
