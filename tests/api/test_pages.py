"""The page and Swagger UI: how a browser may keep them, and what it gets after an upgrade."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import brotli
import pytest

from tests.api.test_documentation import Page
from tests.api.world import ROOT, Client

FOR_EVER = "public, max-age=31536000, immutable"
FOLDERS = {"/": ROOT / "api" / "page", "/docs": ROOT / "api" / "static"}
ENTRANCES = {"/": "index.html", "/docs": "docs.html"}


def place(client: Client, entrance: str) -> str:
    """The path of the entrance's files."""
    found = re.search(r'"((?:page|static)/[0-9a-f]{16}/)', client.get(entrance).text)
    assert found
    return f"/{found[1]}"


@pytest.mark.parametrize("entrance", FOLDERS)
def test_every_file_of_the_folder_is_there_for_ever_and_packed_where_that_helps(asked: Client, entrance: str) -> None:
    folder, base = FOLDERS[entrance], place(asked, entrance)
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != ENTRANCES[entrance]]
    assert len(files) > 3
    for file in files:
        path = base + file.relative_to(folder).as_posix()
        answer = asked.get(path, headers={"Accept-Encoding": "br"}, stream=True)
        raw = answer.raw.read(decode_content=False)
        packed = answer.headers.get("content-encoding") == "br"
        assert (brotli.decompress(raw) if packed else raw) == file.read_bytes(), path
        assert packed == (file.suffix not in {".woff2", ".png"} and file.stat().st_size >= 500), path
        assert ("vary" in answer.headers) == (file.suffix not in {".woff2", ".png"}), path
        assert answer.headers["cache-control"] == FOR_EVER
        known = {"Accept-Encoding": "br", "If-None-Match": answer.headers["etag"]}
        assert asked.get(path, headers=known).status_code == 304
        head = asked.head(path, headers={"Accept-Encoding": "br"})
        assert (head.content, int(head.headers["content-length"])) == (b"", len(raw))


@pytest.mark.parametrize("entrance", FOLDERS)
def test_the_entrance_is_asked_for_again_each_time(asked: Client, entrance: str) -> None:
    answer = asked.get(entrance)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "no-cache"
    again = asked.get(entrance, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("entrance", FOLDERS)
def test_whatever_the_entrance_refers_to_is_there(asked: Client, entrance: str) -> None:
    page = Page(asked.get(entrance).text)
    assert page.inline == 0
    assert len(page.assets) >= 3
    for asset in page.assets:
        assert not asset.startswith("/")
        assert asked.get(urljoin(entrance, f"/{asset}")).status_code == 200, asset


def test_a_file_by_the_name_of_another_version_is_not_given_and_not_kept(asked: Client) -> None:
    answer = asked.get("/page/0123456789abcdef/js/main.js")
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
    assert answer.json()["type"] == "urn:btc-volatility:old_page"


@pytest.mark.parametrize("entrance", FOLDERS)
def test_nothing_outside_the_folder_is_served(asked: Client, entrance: str) -> None:
    base = place(asked, entrance)
    for escape in ("..%2fapp.py", "%2e%2e/app.py", "..%2f..%2fpyproject.toml", "/etc/passwd", "", "js", "no.js"):
        answer = asked.get(base + escape)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:btc-volatility:not_found"), escape
