"""Real answers, for the documentation: BTCUSDT on 2023-12-30 at 23:20 MSK and the two sessions before, lists shortened.

A field that they lack shows the example of its entry in the catalogue.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from volatility.presentation.catalogue import ANSWERS
from volatility.presentation.fields import ByKey, Field, Group, ListOf, Shape

_FILES: Final = ("examples.json", "analytics_examples.json", "forecast_examples.json")
REAL: Final[Mapping[str, Any]] = {
    f"/{name}": answer
    for file in _FILES
    for name, answer in json.loads((Path(__file__).parent / file).read_text(encoding="utf-8")).items()
}  # by path


class Examples:
    """The first example of every group and field of some answers.

    Args:
        answers: what they are made of, by path.
        real: real answers by path, where there are any.
    """

    def __init__(self, answers: Mapping[str, Group], real: Mapping[str, Any]) -> None:
        self._groups: dict[str, Any] = {}
        self._fields: dict[tuple[str, str], Any] = {}
        self._entries: dict[Field, Any] = {}
        for path, group in answers.items():
            if path in real:
                self._note(group, real[path])

    def of(self, group: Group) -> dict[str, Any]:
        """An object with every field of a group."""
        whole: dict[str, Any] = self._whole(group, self._groups.get(group.name, {}))
        return whole

    def of_field(self, group: Group, field: Field) -> Any:
        """A value of one field; None where all that is known of it is null."""
        if field.example is not None:
            return field.example
        return self._fields.get((group.name, field.name), self._entries.get(field))

    def _note(self, shape: Shape, value: Any) -> None:
        for inner, one in _parts(shape, value):
            self._note(inner, one)
        if isinstance(shape, Group) and value is not None:
            self._groups.setdefault(shape.name, value)
            for field in shape.fields:
                if value.get(field.name) is not None:
                    self._fields.setdefault((shape.name, field.name), value[field.name])
                    self._entries.setdefault(field, value[field.name])

    def _whole(self, shape: Shape, value: Any) -> Any:
        """A value of a shape, with the fields that it lacks."""
        if value is None:
            return None
        if isinstance(shape, ListOf):
            return [self._whole(shape.of, one) for one in value]
        if isinstance(shape, ByKey):
            return {key: self._whole(shape.of, one) for key, one in value.items()}
        if not isinstance(shape, Group):
            return value
        return {
            field.name: self._whole(field.shape, value[field.name])
            if field.name in value
            else self._missing(shape, field)
            for field in shape.fields
        }

    def _missing(self, group: Group, field: Field) -> Any:
        if isinstance(field.shape, Group):
            return self.of(field.shape)
        if isinstance(field.shape, ListOf) and isinstance(field.shape.of, Group):
            return [self.of(field.shape.of)]
        return self.of_field(group, field)


def _parts(shape: Shape, value: Any) -> list[tuple[Shape, Any]]:
    """What is directly within a value, with its shape."""
    if value is None:
        return []
    if isinstance(shape, ListOf):
        return [(shape.of, one) for one in value]
    if isinstance(shape, ByKey):
        return [(shape.of, one) for one in value.values()]
    if isinstance(shape, Group):
        return [(field.shape, value[field.name]) for field in shape.fields if field.name in value]
    return []


EXAMPLES: Final = Examples(ANSWERS, REAL)
