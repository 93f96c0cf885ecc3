"""The catalogue of words: every sentence that the page and the terminal say, under one key, in English and Russian.

`python -m tests.words` writes it into the page's modules. ``message`` says how placeholders and plurals are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from volatility.presentation.fields import Text
from volatility.presentation.words.first_screen import FIRST_SCREEN
from volatility.presentation.words.meanings import MEANINGS
from volatility.presentation.words.model import MODEL
from volatility.presentation.words.names import NAMES
from volatility.presentation.words.panels import PANELS
from volatility.presentation.words.states import STATES

WORDS: Final[Mapping[str, Text]] = {**FIRST_SCREEN, **STATES, **PANELS, **MODEL, **NAMES, **MEANINGS}  # by key
