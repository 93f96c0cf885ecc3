"""The page's modules of words, from the catalogue of words.

`python -m tests.words` writes them into `api/page/js/words`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from volatility.presentation.fields import Language
from volatility.presentation.words import WORDS

_FOLDER: Final = Path(__file__).resolve().parents[1] / "api" / "page" / "js" / "words"
MODULES: Final[Mapping[Language, Path]] = {"en": _FOLDER / "en.js", "ru": _FOLDER / "ru.js"}


def module(language: Language) -> str:
    """A module that exports the words of a language by key."""
    words = {key: text.in_language(language) for key, text in WORDS.items()}
    lines = [
        "// Written by `python -m tests.words` from volatility/presentation/words.",
        f"export default {json.dumps(words, ensure_ascii=False, indent=2)};",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for language, path in MODULES.items():
        path.write_text(module(language), encoding="utf-8")
