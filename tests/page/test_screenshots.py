"""The pictures of the documentation are those that `make screenshots` draws."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.page.screenshots import PICTURES, draw
from tests.page.stage import Service

PICTURED = Path(__file__).parents[2] / "docs" / "pictures"


def size(picture: Path) -> tuple[int, int]:
    """Its width and height, as a PNG's header gives them."""
    header = picture.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(header[16:20]), int.from_bytes(header[20:24])


@pytest.fixture(scope="module")
def drawn(browser: Browser, service: Service, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all of them."""
    folder = tmp_path_factory.mktemp("pictures")
    draw(folder, browser, service)
    return folder


def test_each_is_drawn_and_in_its_size(drawn: Path) -> None:
    assert {file.name: size(file) for file in drawn.iterdir()} == {one.file: one.size for one in PICTURES}


def test_the_documentation_has_them_all_and_no_others() -> None:
    assert {file.name: size(file) for file in PICTURED.iterdir()} == {one.file: one.size for one in PICTURES}


def test_light_and_dark_and_both_languages_differ(drawn: Path) -> None:
    assert len({file.read_bytes() for file in drawn.iterdir()}) == len(PICTURES)
