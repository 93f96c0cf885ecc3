"""What every answer tells a browser: to run nothing but our own files, and to tell nobody where it was."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.files import Files

_NOTHING_ELSE: Final = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
    f"{_NOTHING_ELSE}; trusted-types lit-html"
)
# Swagger UI's style sheet holds its arrows and marks as data: URLs; docs.js spares it all else.
DOCS_POLICY: Final = PAGE_POLICY.replace("img-src 'self'", "img-src 'self' data:")
DATA_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
_OF_ALL: Final = {
    "Content-Security-Policy": DATA_POLICY,
    "X-Content-Type-Options": "nosniff",
}
# Of what can be opened in a window of its own, or leads on to somewhere.
OF_DOCUMENTS: Final = _OF_ALL | {
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# Parts of a document, whose headers say what a browser may do with it; a page has some eighty of them, so that headers
# that do nothing would weigh as much as a quarter of its code.
_PARTS: Final = ("text/css", "text/javascript", "font/", "image/png")


class Guarded:
    """Adds these headers to every answer that does not bring its own, and the version of the page to all but its parts.

    A page that was opened before an upgrade sees by that version that it is of another one than the service.
    """

    def __init__(self, app: ASGIApp, page: Files) -> None:
        self._app, self._page = app, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                part = headers.get("Content-Type", "").startswith(_PARTS)
                told = _OF_ALL if part else OF_DOCUMENTS | {"Page-Version": self._page.version}
                for name, value in told.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarded)
