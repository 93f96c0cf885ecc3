"""The page at ``/``, Swagger UI at ``/docs``, and the files of both."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.exceptions import HTTPException

from api.encodings import FOR_DOCS, FOR_PAGE, respond
from api.files import Files
from api.headers import DOCS_POLICY, PAGE_POLICY
from api.problems import OldPage

_HERE: Final = Path(__file__).parent
_FOR_EVER: Final = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


def install(app: FastAPI, *, reload: bool) -> None:
    """Serve both; with ``reload`` their files are read again whenever a browser opens them."""
    app.state.page = Files(_HERE / "page", "index.html", "page", FOR_PAGE, reload=reload)
    app.state.docs = Files(_HERE / "static", "docs.html", "static", FOR_DOCS, reload=reload)
    app.include_router(router)


@router.get("/")
async def page(request: Request) -> Response:
    """The page."""
    return await _entrance(request, request.app.state.page, PAGE_POLICY)


@router.get("/docs")
async def docs(request: Request) -> Response:
    """Swagger UI."""
    return await _entrance(request, request.app.state.docs, DOCS_POLICY)


@router.get("/page/{version}/{path:path}")
async def page_file(request: Request, version: str, path: str) -> Response:
    """A file of the page."""
    return await _file(request, request.app.state.page, version, path)


@router.get("/static/{version}/{path:path}")
async def docs_file(request: Request, version: str, path: str) -> Response:
    """A file of Swagger UI."""
    return await _file(request, request.app.state.docs, version, path)


async def _entrance(request: Request, files: Files, policy: str) -> Response:
    answer = await respond(request, files.entrance(), "no-cache", files.encodings)
    answer.headers["Content-Security-Policy"] = policy  # on a 304 too: a browser takes that one's headers over
    return answer


async def _file(request: Request, files: Files, version: str, path: str) -> Response:
    if version != files.version:
        raise OldPage
    body = files.file(path)
    if body is None:
        raise HTTPException(404)
    return await respond(request, body, _FOR_EVER, files.encodings)
