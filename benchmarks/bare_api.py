"""The most that any endpoint can serve here: FastAPI, the same bytes, nothing else.

``uvicorn benchmarks.bare_api:app``; ``BARE_ANSWERS`` names the folder with the bytes, ``statistics.json`` and
``today.json``.
"""

import os
from pathlib import Path

from fastapi import FastAPI, Response

_FOLDER = Path(os.environ["BARE_ANSWERS"])
_STATISTICS = (_FOLDER / "statistics.json").read_bytes()
_TODAY = (_FOLDER / "today.json").read_bytes()

app = FastAPI()


@app.get("/statistics")
async def statistics() -> Response:
    """The bytes of /statistics?days=30."""
    return Response(_STATISTICS, media_type="application/json")


@app.get("/today")
async def today() -> Response:
    """The bytes of /today."""
    return Response(_TODAY, media_type="application/json")
