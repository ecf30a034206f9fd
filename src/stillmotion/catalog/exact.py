"""Values of the kind that the schema says: in JSON a text is no number, and neither is true or false."""

from __future__ import annotations

from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationInfo, field_validator

_NUMBERS = frozenset({int, float})


class Exact(BaseModel):
    """Fields that take what their schema names and nothing that only looks like it; for JSON, not for forms."""

    @field_validator("*", mode="before")
    @classmethod
    def _of_its_kind(cls, value: object, info: ValidationInfo) -> object:
        kinds = _kinds(cls.model_fields[info.field_name or ""].annotation)
        if bool in kinds and not isinstance(value, bool) and value is not None:
            message = "give true or false, without quotes"
            raise ValueError(message)
        if kinds & _NUMBERS and isinstance(value, str | bool):
            message = "give a number, without quotes"
            raise ValueError(message)
        return value


def _kinds(annotation: Any) -> frozenset[Any]:  # noqa: ANN401 - whatever stands behind the name of a field
    """The kind of a field, or those of which it may be one; of fields that take texts too, none."""
    several = get_args(annotation) or (annotation,)
    kinds = frozenset(get_args(one)[0] if get_origin(one) is Annotated else one for one in several)
    return frozenset() if str in kinds else kinds
