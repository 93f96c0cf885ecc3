"""The ASGI entry point: ``uvicorn api.main:app``. It alone reads the environment."""

from __future__ import annotations

import logging
import sys

from api.app import create_app
from volatility.domain.errors import SettingError
from volatility.domain.redaction import guard
from volatility.settings import Settings

try:
    _settings = Settings.load()
    app = create_app(_settings)
except SettingError as error:
    sys.stderr.write(f"error: {error}\n")
    raise SystemExit(error.exit_code) from None

# uvicorn made its own handlers before it imported this: they are guarded as well.
logging.basicConfig(level=_settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
guard()
