"""Folders of files that browsers fetch: the page and Swagger UI.

A folder is read once. All its files lie under one hash over all of them, as in ``page/1f2e…/js/main.js``: whoever has a
file may keep it for ever, and the files of one page always belong together, without a build and with relative imports.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple, Self

from api.bodies import Body
from api.encodings import Encodings, Levels

_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_PLAIN: Final = "text/plain; charset=utf-8"  # licences
# Two or more in a row that lie in one folder, so that what they refer to stays where it is.
_SHEETS: Final = re.compile(
    r'<link rel="stylesheet" href="([a-z/]+)/[\w.-]+">(?:\s*<link rel="stylesheet" href="\1/[\w.-]+">)+'
)
_REFERENCE: Final = re.compile(r'(?<=\s)((?:href|src)=")([^"]+)(?=")')

_PACKED: Final[dict[str, bytes]] = {}  # compressed forms by their ETag, made once however many services a process has


class Tree(NamedTuple):
    """The files of a folder at one moment.

    Attributes:
        version: the hash over all of them.
        entrance: the HTML document that a browser opens, with the places of the files in it.
        files: all others, by their path within the folder.
    """

    version: str
    entrance: Body
    files: Mapping[str, Body]

    @classmethod
    def read(cls, folder: Path, entrance: str, place: str) -> Self:
        """What lies in a folder, hidden files left out.

        In the entrance, ``href`` and ``src`` name files as they lie beside it. They are written to where the files are
        served from: ``js/main.js`` to ``page/1f2e…/js/main.js``. Style sheets of one folder that follow each other are
        served as one, ``css/a.css`` and the next as ``css/a.all.css``: a browser paints nothing before it has them all.
        """
        found = {
            path.relative_to(folder).as_posix(): Body.of(path.read_bytes(), _MEDIA_TYPES.get(path.suffix, _PLAIN))
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }
        digest = hashlib.blake2b(digest_size=8)
        for name, body in found.items():
            digest.update(f"{name} {body.etag}\n".encode())
        version, html = digest.hexdigest(), found.pop(entrance)

        def placed(reference: re.Match[str]) -> str:
            attribute, name = reference.groups()
            return f"{attribute}{place}/{version}/{name}" if name in found else reference[0]

        def joined(sheets: re.Match[str]) -> str:
            names = [name for _, name in _REFERENCE.findall(f" {sheets[0]}")]
            name = f"{names[0].removesuffix('.css')}.all.css"
            found[name] = Body.of(b"\n".join(found[one].content for one in names), _MEDIA_TYPES[".css"])
            return f'<link rel="stylesheet" href="{name}">'

        text = _REFERENCE.sub(placed, _SHEETS.sub(joined, html.content.decode()))
        return cls(version, Body.of(text.encode(), html.media_type), found)


class Files:
    """A folder as it is served.

    Args:
        folder: where it lies.
        entrance: the name of its HTML document.
        place: the path that its files are served under.
        levels: how hard they are compressed, each when it is asked for first.
        reload: whether the folder is read again whenever the entrance is asked for.
    """

    def __init__(self, folder: Path, entrance: str, place: str, levels: Levels, *, reload: bool) -> None:
        self._named, self._reload = (folder, entrance, place), reload
        self._tree = Tree.read(*self._named)
        self.encodings = Encodings(levels, _PACKED)

    @property
    def version(self) -> str:
        """The hash over all files."""
        return self._tree.version

    def entrance(self) -> Body:
        """The HTML document."""
        if self._reload:
            self._tree = Tree.read(*self._named)
        return self._tree.entrance

    def file(self, path: str) -> Body | None:
        """A file, if there is one."""
        return self._tree.files.get(path)
