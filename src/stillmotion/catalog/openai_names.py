"""The models as programs for OpenAI's video API name them: by a short name and a size, at that API's own prices.

The names are used for compatibility; OpenAI is not involved.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from stillmotion.catalog.records import Example, Model, ModelInput
from stillmotion.catalog.sora import SORA_2, SORA_2_PRO, Image, Prompt, Seconds, Seed
from stillmotion.diorama.brief import STEMS, Brief
from stillmotion.errors import ModelUnknown
from stillmotion.money import Money

if TYPE_CHECKING:
    from collections.abc import Mapping

SMALL = ("720x1280", "1280x720")
LARGE = (*SMALL, "1024x1792", "1792x1024", "1080x1920", "1920x1080")
_SORA_SECOND = Money.of("0.10")
_PRO_SECOND = {720: Money.of("0.30"), 1024: Money.of("0.50"), 1080: Money.of("0.70")}
"""By the shorter side in pixels."""
Called = Annotated[str, Field(description="The name that the caller wrote, which answers repeat.")]
Audible = Annotated[bool, Field(description="Whether the film has sound.")]


class VideoInput(ModelInput):
    """Inputs of sora-2 in the OpenAI dialect."""

    image: Image
    prompt: Prompt
    size: Annotated[Literal["720x1280", "1280x720"], Field(description="Width and height.")] = "720x1280"
    duration: Seconds = 4
    seed: Seed = 0
    audio: Audible = True
    called: Called = "sora-2"


class ProVideoInput(ModelInput):
    """Inputs of sora-2-pro in the OpenAI dialect."""

    image: Image
    prompt: Prompt
    size: Annotated[
        Literal["720x1280", "1280x720", "1024x1792", "1792x1024", "1080x1920", "1920x1080"],
        Field(description="Width and height."),
    ] = "720x1280"
    duration: Seconds = 4
    seed: Seed = 0
    audio: Audible = True
    called: Called = "sora-2-pro"


def size_px(size: str) -> tuple[int, int]:
    """Width and height of a size such as "1280x720"."""
    width, height = size.split("x")
    return int(width), int(height)


def _brief(inputs: VideoInput | ProVideoInput, photo_px: tuple[int, int]) -> Brief:
    """The size is as the caller says; a photo of another shape is cropped to it."""
    del photo_px
    return Brief(
        prompt=inputs.prompt,
        duration_s=inputs.duration,
        size_px=size_px(inputs.size),
        seed=inputs.seed,
        muted=() if inputs.audio else STEMS,
    )


def _pro_price(inputs: ProVideoInput) -> Money:
    return _PRO_SECOND[min(size_px(inputs.size))] * inputs.duration


_EXAMPLE = Example(
    title="A slow dolly over a lake",
    inputs={
        "image": "https://example.com/lake.jpg",
        "prompt": "Slow dolly in over the lake at dawn, birds",
        "size": "1280x720",
        "duration": 8,
    },
)
VIDEO = replace(
    SORA_2,
    input=VideoInput,
    price=lambda inputs: _SORA_SECOND * inputs.duration,
    brief=_brief,
    examples=(_EXAMPLE,),
)
PRO_VIDEO = replace(
    SORA_2_PRO,
    input=ProVideoInput,
    price=_pro_price,
    formula='duration * (size in ["720x1280", "1280x720"] ? 0.3 : size in ["1024x1792", "1792x1024"] ? 0.5 : 0.7)',
    brief=_brief,
    priced_by=("duration", "size"),
    examples=(_EXAMPLE,),
)
NAMES: Mapping[str, Model] = MappingProxyType(
    {
        "sora-2": VIDEO,
        "sora-2-pro": PRO_VIDEO,
        "sora-2-2025-10-06": VIDEO,
        "sora-2-2025-12-08": VIDEO,
        "sora-2-pro-2025-10-06": PRO_VIDEO,
    }
)
"""What callers may write, and what it means here."""


def named(name: str) -> Model:
    """The model of that name.

    Raises:
        ModelUnknown: there is none; the message names those that there are.
    """
    if name not in NAMES:
        message = f"The model {name[:200]!r} does not exist here; choose one of {', '.join(NAMES)}."
        raise ModelUnknown(message)
    return NAMES[name]
