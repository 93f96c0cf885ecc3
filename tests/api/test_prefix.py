"""Behind a proxy that takes a prefix off, with and without `--root-path`: no address leads out of the prefix."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import requests

from tests.api.test_documentation import Page
from tests.api.world import Process, World
from tests.support.proxy import stripping_proxy

PREFIX = "/btc"


@pytest.fixture(params=[(), ("--root-path", PREFIX)], ids=["plain", "root-path"], scope="module")
def behind(
    request: pytest.FixtureRequest, unchanged: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """The addresses of the API itself and of the proxy before it."""
    process = Process(unchanged.names, tmp_path_factory.mktemp("served"), *request.param)
    try:
        process.await_start()
        with stripping_proxy(PREFIX, process.url) as proxy:
            yield process.url, proxy
    finally:
        process.kill()


def test_every_address_of_the_documentation_lies_within_the_prefix(behind: tuple[str, str]) -> None:
    _, proxy = behind
    for entrance, led in (("/", "/"), ("/docs", "/docs"), ("/docs/", "/docs")):
        page = requests.get(proxy + PREFIX + entrance, timeout=20)
        assert (page.status_code, page.url) == (200, f"{proxy}{PREFIX}{led}"), entrance
        assets = Page(page.text).assets
        assert len(assets) >= 3
        for asset in assets:
            assert requests.get(urljoin(page.url, asset), timeout=20).status_code == 200, asset


def test_the_page_finds_the_document_and_the_document_the_endpoints(behind: tuple[str, str]) -> None:
    for base in (behind[0], behind[1] + PREFIX):  # without the proxy as well
        assets = Page(requests.get(f"{base}/docs", timeout=20).text).assets
        (name,) = [asset for asset in assets if asset.endswith("/docs.js")]
        script = requests.get(urljoin(f"{base}/docs", name), timeout=20).text
        asked = re.search(r'url: "([^"]+)"', script)
        assert asked
        document = requests.get(urljoin(f"{base}/docs", asked[1]), timeout=20)
        assert document.status_code == 200
        (server,) = document.json()["servers"]
        # As Swagger UI puts them together: relative to the document, without the slash at the end.
        tried = urljoin(document.url, server["url"]).rstrip("/") + "/statistics"
        assert tried == f"{base}/statistics"
        assert requests.get(tried, timeout=20).json()["symbol"] == "BTCUSDT"


@pytest.mark.parametrize("path", ["/statistics/?days=3&symbol=BTCUSDT", "/today/", "/healthz/", "/page/x"])
def test_a_slash_too_many_or_too_few_does_not_lead_out_of_the_prefix(behind: tuple[str, str], path: str) -> None:
    answer = requests.get(behind[1] + PREFIX + path, timeout=20, allow_redirects=False)
    assert answer.status_code == 307
    location = urljoin(behind[1] + PREFIX + path, answer.headers["location"])
    asked, led = urlsplit(path), urlsplit(location)
    bare = asked.path.rstrip("/")
    assert led.path == PREFIX + (bare if asked.path != bare else f"{bare}/")
    assert led.query == asked.query
    assert "://" not in answer.headers["location"]


def test_no_static_page_or_script_names_an_address_from_the_root() -> None:
    api = Path(__file__).parents[2] / "api"
    for file in (*(api / "static").glob("docs.*"), api / "page" / "index.html"):
        assert not re.search(r"""["'(]/[a-z]""", file.read_text(encoding="utf-8")), file.name
