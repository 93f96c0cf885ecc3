"""What the API answers, for its documentation: the models of the catalogue's groups; a test validates every answer."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, create_model
from pydantic import Field as Described

from api.examples import EXAMPLES
from volatility.presentation.catalogue import ANSWERS
from volatility.presentation.fields import Choice, Field, Group, Kind, ListOf, Shape

_KINDS: Final[dict[Kind, Any]] = {
    Kind.NUMBER: float,
    Kind.INTEGER: int,
    Kind.TEXT: str,
    Kind.FLAG: bool,
    Kind.DATE: Annotated[str, Described(pattern=r"^\d{4}-\d\d-\d\d$", json_schema_extra={"format": "date"})],
    Kind.INSTANT: AwareDatetime,
    Kind.ANYTHING: Any,
}


class Model(BaseModel):
    """What all answers share: no field that is not described, no NaN."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


@cache
def model_of(group: Group) -> type[Model]:
    """The model of an answer, or of an object within one."""
    fields: dict[str, Any] = {field.name: (_type(field), _described(group, field)) for field in group.fields}
    return create_model(group.name, __base__=Model, __doc__=group.meaning.en, __module__=__name__, **fields)


def _type(field: Field) -> Any:
    found = _of_shape(field.shape)
    return found if field.null is None else found | None


def _of_shape(shape: Shape) -> Any:
    if isinstance(shape, Kind):
        return _KINDS[shape]
    if isinstance(shape, Choice):
        return Literal[shape.words]
    if isinstance(shape, Group):
        return model_of(shape)
    if isinstance(shape, ListOf):
        inner = _of_shape(shape.of)
        return list[inner | None if shape.null else inner]  # type: ignore[misc]
    of = _of_shape(shape.of)
    return dict[str, of | None if shape.null else of]  # type: ignore[misc]


def _described(group: Group, field: Field) -> Any:
    """Description, unit and example; bounds of what is never null."""
    told: dict[str, Any] = {"description": field.description()}
    if field.unit:
        told["json_schema_extra"] = {"x-unit": field.unit.name.en}
    if isinstance(field.shape, Kind | Choice) and (example := EXAMPLES.of_field(group, field)) is not None:
        told["examples"] = [example]
    if field.null is None:
        told |= {"ge": field.least, "gt": field.above}
    return Described(... if field.required else None, **told)


MODELS: Final = {path: model_of(answer) for path, answer in ANSWERS.items()}  # by path
