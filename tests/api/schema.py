"""A small validator of the part of JSON Schema that the OpenAPI document uses; what it does not know is an error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

_NOTES = {"title", "description", "examples", "example", "default", "$defs", "x-unit"}
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


class Mismatch(Exception):
    """A value that breaks its schema."""


def resolve(document: Mapping[str, Any], reference: str) -> Any:
    """What a local reference names."""
    assert reference.startswith("#/"), reference
    found: Any = document
    for part in reference[2:].split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found


def validate(value: Any, schema: Any, document: Mapping[str, Any], at: str = "$") -> None:
    """Check a value against a schema of an OpenAPI document.

    Raises:
        Mismatch: with where and why.
    """
    for word, rule in schema.items():
        if word in _NOTES:
            continue
        check = _CHECKS.get(word)
        assert check is not None, f"{at}: the validator does not know {word}"
        check(value, rule, schema, document, at)


def _require(good: bool, at: str, why: object) -> None:
    if not good:
        raise Mismatch(f"{at}: {why}")


def _type(value: Any, rule: Any, schema: Any, document: Any, at: str) -> None:  # noqa: ARG001 - one shape for all
    allowed = _TYPES[rule]
    good = isinstance(value, allowed) and (bool in allowed or not isinstance(value, bool))
    _require(good, at, f"{value!r} is no {rule}")


def _any_of(value: Any, rule: Any, schema: Any, document: Any, at: str) -> None:  # noqa: ARG001
    reasons = []
    for choice in rule:
        try:
            return validate(value, choice, document, at)
        except Mismatch as mismatch:
            reasons.append(str(mismatch))
    raise Mismatch(f"{at}: none of {reasons}")


def _properties(value: Any, rule: Any, schema: Any, document: Any, at: str) -> None:  # noqa: ARG001
    for name in value.keys() & rule.keys() if isinstance(value, dict) else ():
        validate(value[name], rule[name], document, f"{at}.{name}")


def _additional(value: Any, rule: Any, schema: Any, document: Any, at: str) -> None:
    extra = (value.keys() if isinstance(value, dict) else set()) - schema.get("properties", {}).keys()
    if rule is False:
        _require(not extra, at, f"has {extra}")
    elif rule is not True:
        for name in extra:
            validate(value[name], rule, document, f"{at}.{name}")


def _items(value: Any, rule: Any, schema: Any, document: Any, at: str) -> None:  # noqa: ARG001
    for number, item in enumerate(value):
        validate(item, rule, document, f"{at}[{number}]")


def _format(value: Any, rule: Any, schema: Any, document: Any, at: str) -> None:  # noqa: ARG001
    if rule == "date-time":
        _require(datetime.fromisoformat(value).tzinfo is not None, at, f"{value} has no offset")
    elif rule == "date":
        date.fromisoformat(value)
    else:
        raise AssertionError(f"{at}: the validator does not know the format {rule}")


_CHECKS: dict[str, Any] = {
    "type": _type,
    "anyOf": _any_of,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "format": _format,
    "$ref": lambda value, rule, _s, document, at: validate(value, resolve(document, rule), document, at),
    "required": lambda value, rule, _s, _d, at: _require(
        not isinstance(value, dict) or set(rule) <= value.keys(), at, f"lacks some of {rule}"
    ),
    "enum": lambda value, rule, _s, _d, at: _require(value in rule, at, f"{value} is none of {rule}"),
    "const": lambda value, rule, _s, _d, at: _require(value == rule, at, f"{value} is not {rule}"),
    "minimum": lambda value, rule, _s, _d, at: _require(value >= rule, at, f"{value} < {rule}"),
    "maximum": lambda value, rule, _s, _d, at: _require(value <= rule, at, f"{value} > {rule}"),
    "exclusiveMinimum": lambda value, rule, _s, _d, at: _require(value > rule, at, f"{value} <= {rule}"),
    "maxLength": lambda value, rule, _s, _d, at: _require(len(value) <= rule, at, f"longer than {rule}"),
    "pattern": lambda value, rule, _s, _d, at: _require(bool(re.search(rule, value)), at, f"{value} !~ {rule}"),
}
