"""Folders of files as a browser gets them: one hash over all, references that follow it, media types."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.encodings import FOR_PAGE
from api.files import Files, Tree

HTML = """<!doctype html>
<link rel="stylesheet" href="css/a.css"><link rel="preload" href="live" as="fetch">
<a href="docs" data-href="js/main.js">js/main.js</a><script type="module" src="js/main.js"></script>
<img alt="href=" src="https://elsewhere.example/js/main.js">
"""
FILES = {
    "index.html": HTML,
    "css/a.css": "@font-face { src: url(../vendor/f.woff2) }",
    "js/main.js": 'import "./view/x.js";',
    "js/view/x.js": "export {};",
    "vendor/f.woff2": "wOF2",
    "vendor/LICENSE": "as is",
    ".hidden": "",
    "js/.main.js.swp": "",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def read(folder: Path) -> Tree:
    return Tree.read(folder, "index.html", "page")


def test_references_to_files_beside_the_entrance_lead_to_their_place_and_no_others_change(folder: Path) -> None:
    tree = read(folder)
    place = f"page/{tree.version}"
    expected = HTML.replace('"css/a.css"', f'"{place}/css/a.css"').replace(' src="js/', f' src="{place}/js/')
    assert tree.entrance.content.decode() == expected
    assert tree.entrance.media_type == "text/html; charset=utf-8"


def test_all_other_files_are_served_as_they_are_but_hidden_ones(folder: Path) -> None:
    files = read(folder).files
    shown = FILES.keys() - {"index.html", ".hidden", "js/.main.js.swp"}
    assert {name: body.content.decode() for name, body in files.items()} == {name: FILES[name] for name in shown}
    assert {name: body.media_type.split(";")[0] for name, body in files.items()} == {
        "css/a.css": "text/css",
        "js/main.js": "text/javascript",
        "js/view/x.js": "text/javascript",
        "vendor/f.woff2": "font/woff2",
        "vendor/LICENSE": "text/plain",
    }


def test_style_sheets_of_one_folder_in_a_row_are_served_as_one_in_their_order(folder: Path) -> None:
    sheets = ("css/a.css", "css/b.css", "vendor/x.css", "css/b.css")
    texts = {"css/b.css": "b { }", "vendor/x.css": "x { }"}
    for name, text in texts.items():
        (folder / name).write_text(text)
    links = [f'<link rel="stylesheet" href="{name}">' for name in sheets]
    alone = '<link rel="stylesheet" href="css/b.css" media="print">'
    (folder / "index.html").write_text("\n  ".join([*links, alone]))
    tree = read(folder)
    place = f"page/{tree.version}"
    shown = [
        f'<link rel="stylesheet" href="{place}/{name}">' for name in ("css/a.all.css", "vendor/x.css", "css/b.css")
    ]
    printed = f'<link rel="stylesheet" href="{place}/css/b.css" media="print">'
    assert tree.entrance.content.decode() == "\n  ".join([*shown, printed])
    assert tree.files["css/a.all.css"].content.decode() == f"{FILES['css/a.css']}\nb {{ }}"
    assert tree.files["css/a.all.css"].media_type == "text/css; charset=utf-8"
    (folder / "index.html").write_text("\n".join(links[1::-1]))
    assert read(folder).files["css/b.all.css"].content.decode() == f"b {{ }}\n{FILES['css/a.css']}"


def test_the_version_is_another_one_after_any_change_and_the_same_without(folder: Path) -> None:
    versions = {read(folder).version, read(folder).version}
    assert len(versions) == 1
    for change in (
        lambda: (folder / "js/view/x.js").write_text("export { };"),
        lambda: (folder / "index.html").write_text(HTML + "\n"),
        lambda: (folder / "css/a.css").rename(folder / "css/b.css"),
        (folder / "vendor/LICENSE").unlink,
    ):
        change()
        versions.add(read(folder).version)
    assert len(versions) == 5


def test_a_change_is_seen_at_once_where_that_is_wanted_and_after_a_restart_elsewhere(folder: Path) -> None:
    watched, fixed = (Files(folder, "index.html", "page", FOR_PAGE, reload=reload) for reload in (True, False))
    before = watched.version
    assert fixed.version == before
    (folder / "js/main.js").write_text("changed")
    for files, content, version in ((watched, b"changed", read(folder).version), (fixed, b'import "./v', before)):
        assert version.encode() in files.entrance().content
        body = files.file("js/main.js")
        assert body
        assert body.content.startswith(content)
        assert files.version == version
    assert watched.version != before


def test_what_is_not_there_is_none(folder: Path) -> None:
    files = Files(folder, "index.html", "page", FOR_PAGE, reload=False)
    for path in ("", "index.html", "js", "js/", "../index.html", "js/../js/main.js", "/js/main.js", ".hidden"):
        assert files.file(path) is None, path
