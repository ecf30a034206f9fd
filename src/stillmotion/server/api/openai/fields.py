"""What a create may say, and what it means for a model."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from stillmotion.catalog.exact import Exact
from stillmotion.catalog.openai_names import LARGE, SMALL, VIDEO, named
from stillmotion.catalog.sora import Prompt  # noqa: TC001 - the type of a field
from stillmotion.diorama.brief import SEED_LIMIT
from stillmotion.errors import ParameterInvalid
from stillmotion.server.api import faults

Fields = TypeVar("Fields", bound=BaseModel)


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _as_size(value: object) -> object:
    return value.replace("*", "x") if isinstance(value, str) else value


def _as_reference(value: object) -> object:
    """Some clients send the address itself, or the object as JSON in a text; an empty text is nothing."""
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    if value.lstrip().startswith("{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):  # the second one for what is nested too deep
            return value
    return {"image_url": value}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reference(_Strict):
    """A picture that is somewhere else."""

    image_url: Annotated[str | None, Field(description="An http(s) address or a data URL.")] = None
    file_id: Annotated[str | None, Field(description="Not yet: send the picture itself or its address.")] = None


class CreateVideo(_Strict):
    """Fields of a create."""

    prompt: Prompt
    model: Annotated[str, Field(description="sora-2, sora-2-pro, or one of their dated names.")] = "sora-2"
    seconds: Annotated[
        Literal["4", "8", "12", "16", "20"], BeforeValidator(_as_text, json_schema_input_type=str | int)
    ] = "4"
    size: Annotated[
        Literal["720x1280", "1280x720", "1024x1792", "1792x1024", "1080x1920", "1920x1080"], BeforeValidator(_as_size)
    ] = "720x1280"
    input_reference: Annotated[
        Reference | None,
        BeforeValidator(_as_reference),
        Field(description="The photo; a picture of another shape is cropped to the size."),
    ] = None
    seed: Annotated[int, Field(ge=0, le=SEED_LIMIT, description="Another number gives another take.")] = 0
    audio: Annotated[bool, Field(description="Whether the film has sound.")] = True


class CreateVideoOf(CreateVideo, Exact):
    """The same as JSON: texts of a form are numbers, those of JSON are not."""


class RemixVideo(_Strict):
    """Fields of a remix."""

    prompt: Prompt


def fitting(kind: type[Fields], values: dict[str, Any]) -> Fields:
    """The values as fields of that kind.

    Raises:
        ParameterInvalid: the first fault, with the name of its field and what it may be.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(step) for step in first["loc"])
        if first["type"] == "extra_forbidden":
            known = ", ".join(kind.model_fields)
            message = f"Unknown parameter: {field[:100]!r}. This server knows {known}."
        elif first["type"] == "missing":
            message = f"Missing required parameter: {field!r}."
        else:
            message = f"Invalid value for {field!r}: {faults.words(first).rstrip('.')}."
        raise ParameterInvalid(message, field=field[:100]) from None


def inputs(asked: CreateVideo, image: str) -> dict[str, Any]:
    """The inputs of the model, in the catalog's words.

    Raises:
        ModelUnknown: there is no such model.
        ParameterInvalid: the model does not make that size.
    """
    if named(asked.model) is VIDEO and asked.size not in SMALL:
        wide = ", ".join(size for size in LARGE if size not in SMALL)
        message = f"Invalid value for 'size': sora-2 makes {', '.join(SMALL)}; sora-2-pro makes {wide} too."
        raise ParameterInvalid(message, field="size")
    values: dict[str, Any] = {"prompt": asked.prompt, "size": asked.size, "duration": int(asked.seconds)}
    return {**values, "image": image, "seed": asked.seed, "audio": asked.audio, "called": asked.model}
