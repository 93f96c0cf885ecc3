"""Whether an answer holds the fields of the catalogue, in its order, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from volatility.presentation.fields import ByKey, Field, Group, ListOf, Shape


def strangers(shape: Shape, value: Any, at: str = "$") -> Iterator[str]:
    """Where an answer differs from the catalogue: fields that are not the group's, or null where that is not said."""
    if isinstance(shape, Group):
        if list(value) != list(shape.by_name):
            yield f"{at}: {list(value)} are not the fields of {shape.name}"
            return
        for field in shape.fields:
            yield from _of_field(field, value[field.name], f"{at}.{field.name}")
    elif isinstance(shape, ListOf):
        for place, one in enumerate(value):
            yield from _of_item(shape, one, f"{at}[{place}]")
    elif isinstance(shape, ByKey):
        for key, one in value.items():
            yield from _of_item(shape, one, f"{at}.{key}")


def _of_item(shape: ListOf | ByKey, value: Any, at: str) -> Iterator[str]:
    if value is not None:
        yield from strangers(shape.of, value, at)
    elif not shape.null:
        yield f"{at} is null"


def _of_field(field: Field, value: Any, at: str) -> Iterator[str]:
    if value is not None:
        yield from strangers(field.shape, value, at)
    elif field.null is None:
        yield f"{at} is null"
